        movl    $(1 + 2, %eax
        .long   1 +
        .long   09
        .long   0ffh
        .long   5 / 0
        .if     start
        .endif
start:
