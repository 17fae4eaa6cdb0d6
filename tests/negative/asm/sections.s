        .section .text, "aw"
        .section .group, "aG", @progbits, name, comdat
        .section .odd, "ay"
        .section .merge, "aM", @progbits
        .bss
        .long   1
        nop
        .section .zero, "aw", @nobits
        .asciz  "x"
        .section .follow, "ao", @progbits, .missing
