/* Writes 0, which QEMU turns into the status of its own errors. */
#include "guest.h"

    .type main, @function
main:
    xorl %eax, %eax
    outl %eax, $EXIT_PORT
    ret
