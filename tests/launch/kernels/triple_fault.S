/* Writes to an unmapped page with no interrupt descriptor table: page fault, double fault, triple fault. */
#include "long_mode.h"

    .type main64, @function
main64:
    call poke
    ret
    .size main64, . - main64

    .type poke, @function
poke:
    movabsq $0xdeadbeef000, %rax
    movq $1, (%rax)
    ret
    .size poke, . - poke
