/* Panics four calls deep and prints a backtrace of addresses, following the frame pointers. */
#include "long_mode.h"

    .section .rodata
reason:
    .asciz "panic: the fourth level was reached\n"

    .text
    .type main64, @function
main64:
    call level1
    hlt
    .size main64, . - main64

    .type level1, @function
level1:
    pushq %rbp
    movq %rsp, %rbp
    call level2
    popq %rbp
    ret
    .size level1, . - level1

    .type level2, @function
level2:
    pushq %rbp
    movq %rsp, %rbp
    call panic                  /* does not return: the return address is behind level2 */
    .size level2, . - level2

    .type panic, @function
panic:
    pushq %rbp
    movq %rsp, %rbp
    movabsq $reason, %rsi
    call puts64
    leaq panic(%rip), %r12
    movq %rbp, %rbx
    movl $0x30, %r13d           /* '0' */
next_frame:
    call print_frame
    testq %rbx, %rbx
    jz exit
    movq 8(%rbx), %r12
    movq (%rbx), %rbx
    jmp next_frame
exit:
    movl $EXIT_PANIC, %eax
    outl %eax, $EXIT_PORT
    hlt
    .size panic, . - panic

/* print_frame: print the frame with number R13 and address R12, and count R13 up. */
    .type print_frame, @function
print_frame:
    movb $0x20, %al
    call putc64
    call putc64
    movb $0x23, %al             /* '#' */
    call putc64
    movl %r13d, %eax
    call putc64
    incl %r13d
    movb $0x20, %al
    call putc64
    movb $0x30, %al
    call putc64
    movb $0x78, %al             /* 'x' */
    call putc64
    movl $60, %ecx
digit:
    movq %r12, %rax
    shrq %cl, %rax
    andl $15, %eax
    addl $0x30, %eax
    cmpl $0x3a, %eax
    jb digit_done
    addl $0x27, %eax
digit_done:
    call putc64
    subl $4, %ecx
    jns digit
    movb $10, %al
    jmp putc64

    .type puts64, @function
puts64:
    lodsb
    testb %al, %al
    jz puts64_done
    call putc64
    jmp puts64
puts64_done:
    ret

/* putc64: print AL and keep it. */
    .type putc64, @function
putc64:
    movw $COM1, %dx
    outb %al, %dx
    movb %al, %r8b
    movw $(COM1 + 5), %dx
putc64_wait:
    inb %dx, %al
    testb $0x40, %al            /* LSR.TEMT */
    jz putc64_wait
    movb %r8b, %al
    ret
