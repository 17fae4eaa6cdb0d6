/* Writes the success value, but does not print the line that proves it. */
#include "guest.h"

    .type main, @function
main:
    movl $EXIT_SUCCESS, %eax
    outl %eax, $EXIT_PORT
    ret
