# arch: i386
        .section .multiboot
        .long   0x1badb002, 3, -(0x1badb002 + 3)
        .text
_start: movl    $stack_top, %esp
1:      addl    $_GLOBAL_OFFSET_TABLE_+[. - 1b], %ebx
        jmp     $8, $flush
flush:  ljmp    $8, $flush
        ljmp    *vector
        lcall   $16, $0
        movl    %gs:value@NTPOFF, %eax
        leal    value@TLSGD(,%ebx,1), %eax
        movb    vector+1, %al
        mov     vector(,%ecx,4), %edx
        str     %ax
        hlt
        jmp     1b
vector: .long   flush, . - flush
        .bss
        .skip   64
stack_top:
