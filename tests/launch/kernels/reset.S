/* Resets the machine through the keyboard controller. */
#include "guest.h"

    .type main, @function
main:
    movb $0xfe, %al             /* pulse output line 0: RESET# */
    outb %al, $0x64
    ret
