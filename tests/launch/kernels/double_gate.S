/* An IDT whose page-fault gate has a data selector: the fault cannot be delivered. */
#include "long_mode.h"

    .section .bss
    .balign 16
idt:
    .skip 16 * 32

    .section .rodata
    .balign 8
idt_pointer:
    .word 16 * 32 - 1
    .quad idt

    .text
    .type main64, @function
main64:
    movabsq $idt + 14 * 16, %rdi
    movabsq $handler, %rax
    movw %ax, (%rdi)
    movw $0x10, 2(%rdi)
    movw $0x8e00, 4(%rdi)
    shrq $16, %rax
    movw %ax, 6(%rdi)
    shrq $16, %rax
    movl %eax, 8(%rdi)
    movabsq $idt_pointer, %rax
    lidt (%rax)
    movq 16, %rax
    movabsq $0x7fffffff0000, %rax
    jmp *%rax

    .type handler, @function
handler:
    hlt
