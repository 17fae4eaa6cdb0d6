/* Breaks with an interrupt descriptor table that is too short to have a gate for it, in 32-bit code. */
#include "guest.h"

    .section .rodata
    .balign 4
idt_pointer:
    .word 7                     /* one gate */
    .long PHYS(idt_pointer)

    .text
    .type main, @function
main:
    lidt PHYS(idt_pointer)
    ud2
    ret
    .size main, . - main
