/* Prints every byte value, then ends with success. */
#include "guest.h"

    .type main, @function
main:
    xorl %ecx, %ecx
next:
    movb %cl, %al
    call putc
    incl %ecx
    cmpl $256, %ecx
    jne next
    movb $10, %al
    call putc
    call puts_ok
    movl $EXIT_SUCCESS, %eax
    outl %eax, $EXIT_PORT
    ret
