        .skip   0x7fffffff
        .bss
        .skip   0x7fffffffffff
        .text
        .org    0x7fffffff
        .balign 3
        .p2align 99
