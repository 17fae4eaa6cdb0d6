/* Panics as another kernel does: words of its own, bare addresses, and then a loop with interrupts off. */
#include "guest.h"

    .section .rodata
words:
    .asciz "Oops: out of frames\n at "
tail:
    .asciz "\n"
digits:
    .asciz "0123456789abcdef"

    .text
    .type main, @function
main:
    call complain
    ret

    .type complain, @function
complain:
    movl $PHYS(words), %esi
    call puts
    movl (%esp), %edi           /* the return address, in hexadecimal */
    movl $8, %ecx
digit:
    roll $4, %edi
    movl %edi, %eax
    andl $15, %eax
    movb PHYS(digits)(%eax), %al
    call putc
    decl %ecx
    jnz digit
    movl $PHYS(tail), %esi
    call puts
forever:
    jmp forever
