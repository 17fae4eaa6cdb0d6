        .intel_syntax noprefix
        mov     [rax], 5
        mov     eax, 0ffh
        mov     eax, [rax
        mov     eax, [rax+rbx+rcx]
        mov     eax, [rax-rbx]
        add     eax, rbx
