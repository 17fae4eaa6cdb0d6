 .macro m a b c
 .ascii "[\a|\b|\c]"
 .endm
 .data
 m 1 2 3
 m a + b, c
 m (1 2) 3
 m (1,2) 3
 m "x y" z
 m c=5, a=4
 m 1,,2
 m %rax %rbx
 m $5, -8(%rax), *foo
 m 1 -2 +3
 m a=b c=d
 m a == b
 .macro v a, b:vararg
 .ascii "{\a|\b}"
 .endm
 v 1, 2, 3
 v 1 2, 3
 .irp x, 1, 2 3,"4 5"
 .ascii "<\x>"
 .endr
 .irpc x, ab c
 .ascii "<\x>"
 .endr
 .irp x
 .ascii "e\x"
 .endr
 .macro n a=7, b
 .ascii "(\a\()x,\b\@)"
 .endm
 n
 n 1
 n , 2
 .altmacro
 .macro al x, y
 LOCAL foo
 .ascii "x&y \x foo y"
 .endm
 al 1, %(2+3)
 al <a b>, c
 al 1, <x!>y>
 .rept 2
 al %5 , %3
 .endr
 .noaltmacro
 .comm c1,4
 .comm c2,100
 .comm c3,8,16
 .lcomm l1,4
 .lcomm l2,100
 .lcomm l3,8
 .globl unused
 .weak unusedw
 .extern ext1
 .type ty,@function
 .hidden hid
 .section .a,"ax"
 .balign 16
 nop
 .bss
 .balign 8
 .byte 0
 .section .fill,"a"
 .fill 2,4,0x12345678
 .fill 2,8,0x123456789a
 .fill 3,2,-1
 .fill 2
 .byte 300, -5, 256, -129
 .org 0x40
 .org 0x50, 0x11
 .zero 3
 .skip 4,7
 .space 2
 .asciz "a\x41\101\n\e", "b"
 .string "q"
 .octa 0x112233445566778899aabbccddeeff00, 5, -1
 .float 1.5
 .double 2.5
 .uleb128 300
 .sleb128 -300
 .quad 0x123456789abcdef01
 .ident "one"
 .ident "two"



