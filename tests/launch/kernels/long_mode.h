/* From the PVH start state to long mode in the higher half: 2 MiB pages map the first GiB at 0 and at KERNBASE.

   A kernel includes this and then defines `main64`, which runs in 64-bit mode at its virtual address, with a stack. */

#include "guest.h"

    .section .bss
    .balign 4096
pml4:
    .skip 4096
pdpt:
    .skip 4096
pd:
    .skip 4096

    .section .rodata
    .balign 8
gdt:
    .quad 0
    .quad 0x00af9a000000ffff    /* 64-bit code */
    .quad 0x00cf92000000ffff    /* data */
gdt_pointer:
    .word 23
    .quad PHYS(gdt)

    .text
    .type main, @function
main:
    movl $(PHYS(pdpt) + 3), %eax
    movl %eax, PHYS(pml4)
    movl %eax, PHYS(pml4) + 511 * 8
    movl $(PHYS(pd) + 3), %eax
    movl %eax, PHYS(pdpt)
    movl %eax, PHYS(pdpt) + 510 * 8
    movl $PHYS(pd), %edi
    movl $0x83, %eax            /* present, writable, 2 MiB */
    movl $512, %ecx
map:
    movl %eax, (%edi)
    addl $0x200000, %eax
    addl $8, %edi
    decl %ecx
    jnz map

    movl %cr4, %eax
    orl $0x20, %eax             /* CR4.PAE */
    movl %eax, %cr4
    movl $PHYS(pml4), %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx      /* EFER */
    rdmsr
    orl $0x100, %eax            /* EFER.LME */
    wrmsr
    movl %cr0, %eax
    orl $0x80000000, %eax       /* CR0.PG */
    movl %eax, %cr0
    lgdt PHYS(gdt_pointer)
    ljmpl $8, $PHYS(enter64)

    .code64
enter64:
    movl $0x10, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movabsq $higher_half, %rax
    jmp *%rax
higher_half:
    movabsq $stack_top, %rsp
    xorl %ebp, %ebp
    call main64
halt64:
    cli
    hlt
    jmp halt64
