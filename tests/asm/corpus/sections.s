 .section .text.boot,"ax"
 nop
 .section .rodata
 .asciz "x"
 .section .rodata.str1.1,"aMS",@progbits,1
s1: .asciz "hello"
 .section .init_array
 .quad f
 .section .note.Xen,"a",@note
 .balign 4
 .long 4, 4, 18
 .asciz "Xen"
 .long f
 .section .multiboot
 .long 0x1badb002
 .section .bss.page,"aw",@nobits
 .balign 4096
stack: .skip 8192
stack_top:
 .section .tbss,"awT",@nobits
t: .zero 8
 .section .note.GNU-stack,"",@progbits
 .pushsection .ex_table,"a"
 .quad f, s1
 .previous
 nop
 .popsection
 .text
f: nop
 .pushsection .data
v: .quad f
 .pushsection .rodata
 .byte 1
 .popsection
 .byte 2
 .popsection
 nop
 .text 1
 .byte 0x11
 .text 0
 .byte 0x22
 .subsection 1
 .byte 0x33
 .data 2
 .byte 0x44
 .data
 .byte 0x55
 .previous
 .byte 0x66
 .bss
 .lcomm lc, 64
 .local loc
 .comm loc, 32, 16
 .comm com, 8
b: .skip 16
 .section ".quoted","aw"
 .long b
 .section .discard,"e"
 .byte 1
 .section .weird,"0x3"
 .byte 1
 .section .ordered,"ao",@progbits,.text
 .byte 2
