        addq    $0x80000000, %rax
        shll    $256, %eax
        movl    0x80000000(%rax), %ecx
        movl    0xfee00020, %ecx
        outb    %al, $256
        int     $0x100
        ret     $0x10000
