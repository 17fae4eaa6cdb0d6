/* Runs the calls of the differential suite one by one, and prints what each gives: words in hexadecimal, or T and the
   reason of a trap. A trap ends its call only: the stack is put back, and the next call runs. */
#include "long_mode.h"

    .section .bss
    .balign 16
big_stack:
    .skip 0x20000
big_stack_top:
next_call:
    .skip 8

    .text
    .type main64, @function
main64:
    movabsq $big_stack_top, %rsp
    xorl %ebp, %ebp
    movabsq $next_call, %rax
    movq (%rax), %rdi
    incq (%rax)
    call run_call
    pushq %rax
    movb $10, %al
    call put
    popq %rax
    testb %al, %al
    jnz main64
    movl $EXIT_SUCCESS, %eax
    outl %eax, $EXIT_PORT
    hlt
    .size main64, . - main64

/* result(u64): print a word and a blank. */
    .globl result
    .type result, @function
result:
    pushq %rbx
    movq %rdi, %rbx
    movl $16, %ecx
digit:
    rolq $4, %rbx
    movl %ebx, %eax
    andl $15, %eax
    addl $0x30, %eax
    cmpl $0x3a, %eax
    jb short_digit
    addl $0x27, %eax
short_digit:
    call put
    decl %ecx
    jnz digit
    movb $0x20, %al
    call put
    popq %rbx
    ret
    .size result, . - result

/* trapped(u64): print T and the reason, and go on with the next call. */
    .globl trapped
    .type trapped, @function
trapped:
    movb $0x54, %al
    call put
    call result
    movb $10, %al
    call put
    jmp main64
    .size trapped, . - trapped

/* put: print AL. */
    .type put, @function
put:
    movb %al, %ah
    movw $(COM1 + 5), %dx
put_wait:
    inb %dx, %al
    testb $0x20, %al            /* LSR.THRE */
    jz put_wait
    movb %ah, %al
    movw $COM1, %dx
    outb %al, %dx
    ret
    .size put, . - put
