/* Panics as many kernels do: prints a line and halts. */
#include "guest.h"

    .section .rodata
text:
    .asciz "panic: no init process\n"

    .text
    .type main, @function
main:
    movl $PHYS(text), %esi
    call puts
    ret                         /* to `stop`: CLI, HLT */
