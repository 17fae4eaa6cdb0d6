 .text
 .globl g
 .weak w
l: nop
g: nop
w: nop
 call l
 call g
 call w
 jmp g
 jmp l
 jmp w
 lea g(%rip),%rax
 lea l(%rip),%rax
 lea w(%rip),%rax
 call o
 call fo
 jmp o
 jmp fo
 jz fo
 jz 0x1000
 jmp 0x1000
 call 0x1000
 lea o(%rip),%rax
 lea fo(%rip),%rax
 call h
 jmp h
 mov $o,%rax
 .quad l, g, o, fo, .-l, o-fo
 .long g-l, w-l
 .set x, l+1
 .globl y
 .set y, l+2
 .set z, ext+4
 .globl zz
 .set zz, ext+4
 call x
 call y
 call z
 call zz
 jmp x
 jmp y
 jmp z
 jmp zz
 .long x,y,z,zz
 .section .other,"ax"
 nop
fo: nop
o: nop
 .data
 .hidden h
