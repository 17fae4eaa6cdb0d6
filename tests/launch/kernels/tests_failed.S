/* Writes the value that says that tests failed, after the line that proves success. */
#include "guest.h"

    .type main, @function
main:
    call puts_ok
    movl $EXIT_TESTS_FAILED, %eax
    outl %eax, $EXIT_PORT
    ret
