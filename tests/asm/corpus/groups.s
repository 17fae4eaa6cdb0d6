# Section groups, sections told apart by number, weak references, relocations on demand, structures.
        .section .text.one, "axG", @progbits, one, comdat
        .weak   one
one:    call    two
        ret
        .section .rodata.one, "aG", @progbits, one, comdat
        .quad   one
        .section .text.two, "axG", @progbits, two, comdat
        .globl  two
two:    lea     one(%rip), %rax
        .pushsection .data.two, "aw?", @progbits
        .long   2
        .popsection
        ret
        .section .meta, "G", @progbits, not_comdat
        .long   1
        .section .note.twice, "a", @progbits, unique, 1
        .long   1
        .text
        .weakref alias, target
        .weakref other, used
        call    alias
        call    other
        call    used
        .quad   alias + 4
here:   nop
        .reloc  ., R_X86_64_NONE, one
        nop
        .reloc  here, R_X86_64_PC32, two + 4
        .quad   0, 0
        .reloc  4, BFD_RELOC_NONE, here
        .struct 8
first:  .skip   4
        .align  8
second: .space  16
third:
        .struct 0
fourth: .skip   1
fifth:
        .text
        movl    $second, %eax
        movq    third(%rdi), %rax
        .long   first, fourth, fifth
        .string16 "ab", "c"
        .string32 "d"
        .slong  -5
        .nops   1
        .nops   9
        .nops   23
        .nops   14, 4
        .code32
        .nops   12, 5
        .code16gcc
        call    one
        ret
        push    $1
        pushw   $1
        push    %ds
        push    %eax
        push    %ax
        pop     (%bx)
        pusha
        popf
        leave
        lret
        enter   $8, $0
        jmp     one
        movl    4(%esp), %eax
        .code64
        .type   resolver, @gnu_indirect_function
resolver:
        call    resolver
        jmp     resolver
        .quad   resolver
        .size   resolver, .-resolver
        .set    resolver_alias, resolver
        .type   single, @gnu_unique_object
        .data
single: .long   1
