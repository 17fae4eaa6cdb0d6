        movl    %rax, %ebx
        addw    %ax, %ecx
        movb    $1, %esi
        pushl   %eax
        movzwl  %al, %eax
        incq
        testb   $1
