        .macro  entry number:req, kind=0
        .quad   \number
        .byte   \kind
        .endm
        entry
        entry   1, 2, 3
        entry   1, kind=2, color=3
        .macro  entry
        .endm
