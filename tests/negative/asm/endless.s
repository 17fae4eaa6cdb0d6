        .macro  again
        again
        .endm
        again
        .rept   0x7fffffff
        nop
        .endr
