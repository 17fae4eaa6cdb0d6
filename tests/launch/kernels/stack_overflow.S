/* Pushes until the stack runs into the page below it, which is not mapped, with no IDT. */
#include "long_mode.h"

    .section .bss
    .balign 0x200000
guard:
    .skip 0x200000
small_stack:
    .skip 4096
    .balign 0x200000

    .text
    .type main64, @function
main64:
    movl $PHYS(guard), %eax     /* take its 2 MiB page out of the map */
    shrl $21, %eax
    movabsq $pd, %rcx
    movq $0, (%rcx, %rax, 8)
    movq %cr3, %rax
    movq %rax, %cr3
    movabsq $small_stack + 64, %rsp
    call recurse
    .size main64, . - main64

    .type recurse, @function
recurse:
    call recurse
    .size recurse, . - recurse
