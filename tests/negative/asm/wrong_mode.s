        .code32
        movq    %rax, %rbx
        mov     %r8d, %eax
        swapgs
        .code64
        ljmp    $8, $start
        push    %es
        aaa
        .code16
        mov     (%rax), %al
        movsxd  %eax, %ebx
start:
