# arch: i386
 .code32
 mov %eax,%ebx
 mov foo,%eax
 mov foo,%ecx
 mov %eax,foo
 mov %al,foo
 mov $foo,%eax
 mov foo(%ebx),%eax
 mov foo+4(,%ebx,4),%eax
 mov 0x12345678,%eax
 mov 0xfee00020,%eax
 mov 0xfee00020,%ecx
 mov %eax,0xfee00020
 movl $1,0xfee000b0
 mov -4(%ebp),%eax
 mov 0xfffffff0(%ebx),%eax
 mov 0x80(%ebx),%eax
 mov (%bx),%eax
 mov (%bx,%si),%eax
 mov 4(%bp),%ax
 mov %ds:(%ebp),%eax
 mov %ss:(%ebp),%eax
 mov %ss:(%ebx),%eax
 mov %gs:0x14,%eax
 mov %gs:foo,%eax
 movl $foo,%gs:4(%eax)
 push %es
 push %cs
 push %ss
 push %ds
 push %fs
 pop %gs
 pop %ds
 pop %es
 pop %ss
 pushw %ds
 push %eax
 push %ax
 push $5
 pushw $5
 pushl $0x1234
 push $foo
 pushl foo
 push (%eax)
 pop %eax
 popl (%eax)
 pushf
 pushfl
 pushfw
 popf
 popfw
 pusha
 pushal
 pushaw
 popa
 popal
 leave
 leavew
 enter $16,$0
 ret
 retw
 ret $4
 lret
 lretw
 lret $4
 iret
 iretl
 iretw
 call foo
 call *%eax
 call *foo
 call *(%eax)
 jmp *%eax
 jmp *foo(,%eax,4)
 ljmp $8,$foo
 ljmp $8,$0x12345678
 ljmpl $8,$foo
 ljmpw $8,$foo
 lcall $8,$foo
 lcall $foo,$bar
 ljmp *foo
 ljmpl *foo
 ljmpw *foo
 lcall *(%eax)
 jmp ext
 jc ext
 jecxz .
 jcxz .
 loop .
 loopl .
 loopw .
 lgdt foo
 lgdtl foo
 lgdtw foo
 lidt (%eax)
 sgdt 4(%esp)
 sidt foo
 ltr %ax
 str %ax
 str %eax
 str (%eax)
 lldt %ax
 sldt %ax
 sldt %eax
 lmsw %ax
 smsw %ax
 smsw (%ebx)
 mov %cr0,%eax
 mov %eax,%cr0
 mov %cr4,%ecx
 mov %eax,%dr7
 mov %ax,%ds
 mov %eax,%es
 movw %ax,%ss
 movl %eax,%fs
 mov %ds,%eax
 mov %ds,%ax
 mov %ds,(%eax)
 mov (%eax),%ds
 inc %eax
 inc %ax
 dec %esi
 incl (%eax)
 xchg %eax,%eax
 xchg %eax,%ebx
 xchg %ax,%bx
 lds (%eax),%esi
 les (%eax),%edi
 lss foo,%esp
 lfs (%eax),%bx
 in $0x20,%al
 in (%dx),%ax
 out %al,$0x21
 out %eax,(%dx)
 insb
 insl
 outsw
 movsb
 movsl
 rep movsl
 repne scasb
 stosw
 lodsl
 lodsb %es:(%esi)
 cmpsl
 xlat
 aam
 aad
 aaa
 daa
 into
 bswap %ecx
 cmpxchg %ecx,(%edx)
 cmpxchg8b (%esi)
 rdmsr
 wrmsr
 cpuid
 sysenter
 sysexit
 syscall
 sysret
 invlpg (%eax)
 fxsave (%eax)
 fninit
 fldcw (%eax)
 clts
 hlt
 ud2
 addl $foo-.,%eax
 add $foo,%eax
 addb $5,%cl
 cmpl $0x80000001,foo
 test $0x10000,%eax
 test $1,%cl
 testb $0x20,foo
 or $0x80000001,%eax
 or $0x20,%eax
 and $~1,%eax
 and $0xfffffff8,%esp
 orb $1,(%eax)
 bts $31,%eax
 btl $29,%edx
 shl $12,%eax
 shr %eax
 sar %cl,%edx
 rol $8,%ax
 imul $12,%eax,%eax
 imul %ecx
 mul %ebx
 div %ecx
 lea foo,%eax
 lea 4(%esp),%ebx
 lea (%eax,%eax,4),%eax
 movzbl (%eax),%ecx
 movzwl %ax,%eax
 movsbl foo,%eax
 movsx %al,%cx
 setne %al
 cmovz %eax,%ebx
 rdtsc
 pause
 lock incl foo
 lock; orl $1,(%eax)
 addr16 movl (%bx),%eax
 data16 nop
 nopw (%eax)
 nopl 0(%eax,%eax)
 movaps %xmm0,(%eax)
 endbr32
 verr %ax
 lar %ax,%eax
 lsl %eax,%eax
 arpl_skip = 0
 int $0x30
 movw $0x10,%ax
 movb $foo,%al
 movw $foo,%ax
 .byte foo
 .word foo, foo - .
 .long foo, foo - ., . - foo2
foo2:
 .globl g
 .type g,@function
g: call g
 jmp g
 call l
l: call ext@PLT
 mov $l,%eax
 .balign 16
 jmp l
 .balign 32
 .section .x,"ax"
 call l
 jmp l
 .data
 .long l, g, l - ., ext
 .byte ext
 .section .init_array
 .long l
