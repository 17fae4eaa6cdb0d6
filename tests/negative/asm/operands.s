        movl    (%eax,%rbx), %ecx
        movl    (%rax,%rsp), %ecx
        movl    (%rax,%rbx,3), %ecx
        movl    %xax, %eax
        movl    $1, $2
        movl    $1
        movl    $1, (%rax
        movl    %eax %ebx
        shll    %ecx, %eax
        movb    %ah, %r8b
        leaq    %rax, %rbx
        jne     *%rax
        call    $5
        movl    $1, *%eax
        mov     %rax, %cs
