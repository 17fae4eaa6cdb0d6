# The line table of compilers, with views, in version 5; other debug sections keep GNU as from adding its own.
        .section .debug_info, "", @progbits
        .long   .Lline
        .section .debug_line, "", @progbits
.Lline:
        .text
        .file   "lines.c"
        .file   0 "/kernel" "src/lines.c" md5 0x000102030405060708090a0b0c0d0e0f
        .file   1 "src/lines.c" md5 0x000102030405060708090a0b0c0d0e0f
        .file   2 "/usr/include" "x.h" md5 0xffffffffffffffffffffffffffffffff
f:      .loc    1 3 0 view -0
        nop
        .loc    1 0 0
        nop
        .loc    1 4 5 discriminator 3 view .LVU1
        .loc    1 5 5 prologue_end view .LVU2
        .p2align 4
        .loc    1 6 view .LVU3
        .p2align 2
        .loc    1 7 view .LVU4
        .loc    2 500 1 is_stmt 0 view .LVU5
        jmp     g
        .loc    1 1 1 isa 2
        call    x
        .skip   300
        .loc    1 7 epilogue_begin basic_block
        nop
        .loc    1 8 view -0
        .loc    1 9 view -0
        .loc    1 10 view .LVU6
        .skip   17
        nop
        .loc    1 11
        .loc    1 12 3
        .loc    1 13 3
        .section .x, "ax"
        .loc    1 9 17 discriminator 200
        nop
g:      .subsection 2
        .loc    1 1100
        nop
        .previous
        .loc    1 12
        jmp     f
        .skip   17
        .loc    1 13 2 view 0
        lock
        incl    (%rax)
        .section .debug_loclists, "", @progbits
        .uleb128 .LVU1
        .uleb128 .LVU2
        .uleb128 .LVU3
        .uleb128 .LVU4
        .uleb128 .LVU5
        .uleb128 .LVU6
        .uleb128 g - .x0
        .sleb128 .x0 - g, g - .x0
        .section .x
        .subsection 1
        jmp     undefined
.x0:
