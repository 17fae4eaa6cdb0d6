        .long   start * 2
        .long   start + start
        .long   start - elsewhere
        .long   start@NOSUCH
        .quad   external - other
        .skip   start
        .set    loop1, loop2 + 1
        .set    loop2, loop1 + 1
start:  .long   loop1
        .byte   far_away - here
here:   loop    far_away
        .skip   300
        .byte   300 - (far_away - far_away)
far_away:
        .skip   here - far_away
        .bss
        nop
        .section .other
elsewhere:
        .long   1 - start
