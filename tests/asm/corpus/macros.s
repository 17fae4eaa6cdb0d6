 .macro vector n, err=0
 .balign 8
vec\n:
 .if \err
 nop
 .else
 pushq $0
 .endif
 pushq $\n
 jmp common
 .endm
 .macro isr n:req, name:vararg
 .ifnb \name
 .ascii "\name"
 .else
 .ascii "none"
 .endif
 .endm
 .altmacro
 .macro gen from, to
 .if \from <= \to
 .if \from == 8 || (\from >= 10 && \from <= 14)
 vector %\from, 1
 .else
 vector %\from
 .endif
 gen %(\from + 1), \to
 .endif
 .endm
 gen 0, 20
 .noaltmacro
 .set i, 32
 .altmacro
 .rept 40
 vector %i
 .set i, i+1
 .endr
 .noaltmacro
common:
 isr 1
 isr 2, a, b, c
 .irp r, rax, rbx, rcx
 push %\r
 .endr
 .irp r, "8(%rax)", (%rbx)
 mov \r, %rcx
 .endr
 .irpc c, 0123
 .byte 0x\c
 .endr
 .macro save regs:vararg
 .irp r, \regs
 push %\r
 .endr
 .endm
 save rax, rbx
 .macro outer x
 .macro inner\x y
 .byte \x, \y
 .endm
 .endm
 outer 5
 inner5 6
 .purgem inner5
 .macro early a
 .byte 1
 .if \a
 .exitm
 .endif
 .byte 2
 .endm
 early 0
 early 1
 .macro loc
 jmp 1f\@
1f\@: nop
.Lx\@: .long .Lx\@
 .endm
 .macro loc2
.Ly\@:
 jmp .Ly\@
 .long .Ly\@
 .endm
 loc2
 loc2
 .macro mem op, dst=rax, off=8
 \op \off(%rsp), %\dst
 .endm
 mem mov
 mem mov rbx
 mem add, off=16
 mem op=sub dst=rcx
 .macro concat a, b
\a\()_\b\():
 .quad \a\()_\b
 .endm
 concat foo, bar
 .macro cond op, a, b
 .ifc \a,\b
 .ascii "same"
 .else
 .ascii "diff"
 .endif
 .ifnc "\op","x"
 .ascii "notx"
 .endif
 .endm
 cond x, 1, 1
 cond y, 1, 2
 .macro mov op, b
 .byte 0x77
 .endm
 mov %eax, %ebx
 .purgem mov
 mov %eax, %ebx
 .ifdef vec1
 .byte 1
 .endif
 .ifndef nosuch
 .byte 2
 .elseif 1
 .byte 3
 .else
 .byte 4
 .endif
 .ifeq 0
 .byte 5
 .endif
 .ifgt 1
 .byte 6
 .endif
 .ifge 0
 .byte 7
 .endif
 .iflt 0
 .byte 8
 .endif
 .if 0
 .if 1
 .byte 9
 .else
 .byte 10
 .endif
 .elseif 0
 .byte 11
 .elseif 2 > 1
 .byte 12
 .else
 .byte 13
 .endif
 .ifb
 .byte 14
 .endif
 .ifeqs "a","a"
 .byte 15
 .endif
 .rept 2
 .rept 2
 .byte 0xaa
 .endr
 .byte 0xbb
 .endr
 .rept 0
 .error "no"
 .endr
 .if 2 - 1 == 1
 .byte 1
 .endif
lab: .skip 4
lab2:
 .if lab2 - lab == 4
 .byte 0xee
 .endif
 .print "hello"
 .macro strs s:vararg
 .ascii \s
 .endm
 strs "a", "b,c"
 reg = %rdi
 mov reg, %rax
 .set reg2, %rsi
 mov 8(reg2), %rbx
