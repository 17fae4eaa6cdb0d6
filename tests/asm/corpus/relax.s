 .text
a: jmp b
 .skip 127
b: jmp c
 .skip 128
c: jz a
 jnz d
 .skip 120
 .balign 16
d: jmp e
 .skip 100
 .balign 32
 jmp d
 .skip 20
e: .irp n,1,2,3,4,5,6,7,8
 jc f\n
 .skip 15
 .endr
 .irp n,1,2,3,4,5,6,7,8
f\n: jmp e
 .skip 14
 .endr
 .globl g
g: jmp g
 jz g
 call g
 .weak w
w: jmp w
 jz w
 jmp other
 jz other
 .section .text.other,"ax"
other: jmp a
 .balign 8
 jmp other
 .p2align 4,,7
 nop
 .p2align 4,,15
 nop
 .balign 16,0x90
 nop
 .balign 16,0xcc
 nop
 .balign 8,,3
 nop
 .align 32
 .balign 1
 .p2align 0
 nop
 .data
 .byte 1
 .balign 8
 .byte 2
 .balign 16,0xff
 .word 1
 .balignw 8,0x1234
 .long 3
 .balignl 16,0x12345678
 .p2align 5
 .long b-a, c-b, d-a, e-d
 .org 0x80
 .byte 9
 . = 0x90
 .byte 8
.data2:
 . = . + 16
 .byte 7
 .skip 0xb0 - (. - .data2), 0x5a
.data3:
 .size a, b-a
 .size g, .-g2
g2:
 .fill (e-d)/16, 1, 7
 .uleb128 e-a, 5
 .sleb128 a-e
