/* Prints a prompt, echoes what is typed, and ends with success at a `q`. */
#include "guest.h"

    .section .rodata
prompt:
    .asciz "echo> "

    .text
    .type main, @function
main:
    movl $PHYS(prompt), %esi
    call puts
read:
    movw $(COM1 + 5), %dx
    inb %dx, %al
    testb $1, %al               /* LSR.DR */
    jz read
    movw $COM1, %dx
    inb %dx, %al
    cmpb $0x71, %al             /* q */
    je leave
    call putc
    jmp read
leave:
    movb $10, %al
    call putc
    call puts_ok
    movl $EXIT_SUCCESS, %eax
    outl %eax, $EXIT_PORT
    ret
