/* Writes a value without a meaning. */
#include "guest.h"

    .type main, @function
main:
    movl $42, %eax
    outl %eax, $EXIT_PORT
    ret
