/* Halts with interrupts off. */
#include "guest.h"

    .type main, @function
main:
    cli
    hlt
    jmp main
