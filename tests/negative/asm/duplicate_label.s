trap:   nop
        nop
trap:   nop
        .set    trap, 5
1:      jmp     2b
        jmp     3f
