/* Prints a line and loops for ever. */
#include "guest.h"

    .section .rodata
hello:
    .asciz "hello\n"

    .text
    .type main, @function
main:
    movl $PHYS(hello), %esi
    call puts
spin:
    jmp spin
