# From a PVH loader (QEMU's -kernel) to 64-bit code: pages that map the first GiB onto itself, long mode, a stack.

    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 8, 18              # XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad _start

    .text
    .code32
    .globl _start
    .type _start, @function
_start:                         # paging off, %ebx = physical address of hvm_start_info
    movl $stack_end, %esp
    movl $pdpt + 3, pml4        # present, writable
    movl $directory + 3, pdpt
    movl $0x83, %eax            # present, writable, 2 MiB
    xorl %ecx, %ecx
1:  movl %eax, directory(, %ecx, 8)
    addl $0x200000, %eax
    incl %ecx
    cmpl $512, %ecx
    jne 1b

    movl $pml4, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $0x620, %eax            # PAE; SSE, which compilers use unless told not to
    movl %eax, %cr4
    movl $0xc0000080, %ecx      # EFER
    rdmsr
    orl $0x100, %eax            # LME
    wrmsr
    movl %cr0, %eax
    orl $0x80000000, %eax       # PG
    movl %eax, %cr0
    lgdt gdt_pointer
    ljmp $8, $start64
    .size _start, . - _start

    .code64
    .type start64, @function
start64:
    xorl %eax, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %ebx, %edi
    call kernel_main            # never returns
    ud2
    .size start64, . - start64

    .section .rodata
    .balign 8
gdt:
    .quad 0
    .quad 0x00209a0000000000    # 64-bit code
gdt_pointer:
    .word . - gdt - 1
    .long gdt

    .bss
    .balign 4096
pml4:
    .skip 4096
pdpt:
    .skip 4096
directory:
    .skip 4096
    .skip 16384
stack_end:
