        lock    movl $1, (%rax)
        lock    incl %eax
        rep     addl %eax, %ebx
        data16  data16 nop
        bnd     nop
        data16  movl %eax, %ebx
        rex64   movl $5, %eax
        rex.b   movl %eax, %ebx
        .code16
        addr32  movl table, %eax
        .code32
        addr16  movl table, %eax
