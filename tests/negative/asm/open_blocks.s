        .if     1
        .macro  never
        nop
