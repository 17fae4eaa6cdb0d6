        .org    0x200
        .word   0xaa55
        .org    0x100
        .org    other
        .section .x
other:
