        lock    movl $1, (%rax)
        lock    incl %eax
        rep     addl %eax, %ebx
        data16  data16 nop
        bnd     nop
