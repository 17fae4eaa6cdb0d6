# arch: i386
# The line table in version 3.
        .section .debug_info, "", @progbits
        .byte   0
        .text
        .file   1 "lines.c"
        .file   2 "include/a.h"
        .file   3 "include/b.h"
        .loc    1 3
        nop
        .loc    2 10000 3
        nop
        .loc    3 10
        .skip   270, 0x90
        nop
        .loc    3 12 1
        .skip   17, 0x90
        .loc    3 30 1
        .skip   260, 0x90
        .loc    3 31 1
        nop
