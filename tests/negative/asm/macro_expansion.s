        .macro  load register
        movq    $1, %\register
        .endm
        .macro  both a, b
        load    \a
        load    \b
        .endm
        both    rax, rxx
        .irp    r, eax, bx
        load    \r
        .endr
