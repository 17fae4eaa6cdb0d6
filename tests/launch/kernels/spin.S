/* Loops for ever, in 64-bit code. */
#include "long_mode.h"

    .type main64, @function
main64:
    call spin_here
    ret
    .size main64, . - main64

    .type spin_here, @function
spin_here:
    jmp spin_here
    .size spin_here, . - spin_here
