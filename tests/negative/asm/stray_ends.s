        .endif
        .else
        .endm
        .endr
        .popsection
        .rept   2
        nop
