/* Tries to take a lock that it holds: the exchange writes what was there already. */
#include "guest.h"

    .section .bss
    .balign 4
lock_word:
    .skip 4

    .text
    .type main, @function
main:
    movl $1, PHYS(lock_word)
acquire:
    movl $1, %eax
    xchgl %eax, PHYS(lock_word)
    testl %eax, %eax
    jnz acquire
    ret
