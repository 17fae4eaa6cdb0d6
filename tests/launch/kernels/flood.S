/* Prints the letter A for ever, without a newline. */
#include "guest.h"

    .type main, @function
main:
    movw $COM1, %dx
    movb $0x41, %al
again:
    outb %al, %dx
    jmp again
