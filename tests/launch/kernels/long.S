/* Prints 80 KiB, more than a pipe takes, and ends with success. */
#include "guest.h"

    .type main, @function
main:
    movl $0x14000, %ecx
again:
    movb $0x41, %al
    call putc
    decl %ecx
    jnz again
    movb $10, %al
    call putc
    call puts_ok
    movl $EXIT_SUCCESS, %eax
    outl %eax, $EXIT_PORT
    ret
