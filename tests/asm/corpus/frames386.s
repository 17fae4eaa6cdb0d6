# arch: i386
# Unwind tables: CIEs shared and not, steps over relaxed branches, states, escapes, personalities.
        .text
        .cfi_sections .eh_frame, .debug_frame
f:      .cfi_startproc
        pushl   %ebp
        .cfi_def_cfa_offset 16
        .cfi_offset %ebp, -16
        movl    %esp, %ebp
        .cfi_def_cfa_register ebp
        jmp     far
        .skip   100, 0x90
        .cfi_remember_state
        .cfi_escape 0x0f, 3, 0x77, -8, 6
        .skip   200, 0x90
        .cfi_restore_state
        popl    %ebp
        .cfi_restore 6
        .cfi_def_cfa 7, 8
        ret
        .cfi_endproc
        .cfi_startproc simple
        .cfi_def_cfa esp, 16
        .cfi_signal_frame
        nop
        .cfi_adjust_cfa_offset 8
        .cfi_rel_offset %ecx, 0
        .cfi_undefined eip
        .cfi_same_value %ebx
        .cfi_register %ecx, %edx
        .cfi_val_offset %eax, -24
        .cfi_val_offset %xmm0, 24
        .cfi_offset %ecx, 8
        .cfi_offset 70, -32
        .cfi_restore 70
        .cfi_def_cfa_offset -16
        .cfi_return_column 17
        nop
        .cfi_endproc
g:      .cfi_startproc
        .cfi_personality 0x9b, DW.ref.handler
        .cfi_lsda 0x1b, .Llsda
        pushl   %ebx
        .cfi_adjust_cfa_offset 8
        .skip   70000, 0x90
        .cfi_adjust_cfa_offset -8
        .cfi_endproc
        .cfi_startproc
        .cfi_personality 0x3, handler
        .p2align 4
        .cfi_def_cfa_offset 16
        nop
        .cfi_endproc
        .section .fixup, "ax"
far:    .cfi_startproc
        nop
        .pushsection .more, "ax"
        .cfi_startproc
        .cfi_escape 1, 2
        nop
        .cfi_endproc
        .popsection
        .cfi_def_cfa_offset 24
        ret
        .cfi_endproc
        .code32
        .cfi_startproc
        pushl   %ebp
        .cfi_offset %ebp, -16
        .cfi_endproc
        .section .gcc_except_table, "a"
.Llsda: .byte   0xff
