# What kernels write: headers, tables of other sections, symbols of the high half.
        .set    KBASE, 0xffffffff80000000
        .section .multiboot2, "a", @progbits
        .balign 8
header: .long   0xe85250d6, 0, header_end - header, -(0xe85250d6 + 0 + (header_end - header))
        .short  0, 0
        .long   8
header_end:
        .section .boot, "ax"
        .code32
        .globl  _start
_start: movl    %eax, magic - KBASE
        movl    $(table - KBASE), %edi
        movl    $(table - KBASE) + 3, (%edi)
        lgdt    gdtr - KBASE
        ljmp    $8, $higher - KBASE
        .code64
higher: lea     stack_end(%rip), %rsp
        lock;   incl (%rdi)
        .pushsection .smp_locks, "a"
        .balign 4
        .long   671f - .
        .popsection
671:    lock;   incl (%rdi)
1:      movq    (%rsi), %rax
2:      ret
        .pushsection __ex_table, "a"
        .long   1b - ., 2b - ., 3
        .popsection
140:    call    *%rax
141:    .skip   -(((144f - 143f) - (141b - 140b)) > 0) * ((144f - 143f) - (141b - 140b)), 0x90
142:    .pushsection .altinstr_replacement, "ax"
143:    lfence; call *%rax
144:    .popsection
        .set    early, work + 1
        .type   work, @function
work:   nop
        ret
        .size   work, . - work
        .set    late, work + 1
        .set    same, work
        .set    typed, work + 1
        .type   later, @object
        .set    later, late - 1
        .lcomm  stack, 64
        .set    stack_end, stack + 64
        movl    $[2 + 3] * 4, %eax
        .section .debug_frame_test, "a"
        .cfi_sections .eh_frame, .debug_frame
        .text
        .cfi_startproc
        .cfi_window_save
        nop
        .cfi_endproc
        .data
        .balign 4096
table:  .quad   table - KBASE + 3
        .fill   3, 8, 0
        .quad   (1 << 43) | (1 << 44) | (1 << 47) | (1 << 53)
magic:  .long   0, -0xffffffff + (magic - table) - (magic - table)
gdtr:   .word   gdtr - table - 1
        .long   table - KBASE
