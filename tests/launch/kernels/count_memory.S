/* Counts in memory with registers that never change, long enough to look like a hang, then succeeds. */
#include "guest.h"

    .section .bss
    .balign 4
counter:
    .skip 4

    .text
    .type main, @function
main:
    movl $0x18000000, PHYS(counter)
count:
    decl PHYS(counter)
    jnz count
    call puts_ok
    movl $EXIT_SUCCESS, %eax
    outl %eax, $EXIT_PORT
    ret
