 .code16
start:
 cli
 xorw %ax,%ax
 mov %ax,%ds
 mov %eax,%ds
 mov %ds,%ax
 mov %ds,%eax
 movw %ax,%es
 mov $0x7c00,%sp
 mov $foo,%si
 movl $foo,%esi
 mov foo,%ax
 mov foo,%eax
 mov foo,%cx
 mov %al,foo
 movb $1,foo
 movw $foo,foo+2
 mov (%bx),%ax
 mov (%bx,%si),%ax
 mov (%bx,%di),%ax
 mov (%bp,%si),%ax
 mov (%si),%al
 mov (%di),%al
 mov 4(%bp),%ax
 mov (%bp),%ax
 mov 0x1234(%bx),%ax
 mov foo(%bx),%ax
 mov foo(%si),%eax
 mov -2(%bp),%ax
 mov 0x1234,%ax
 mov 0x1234,%cx
 mov %es:(%di),%ax
 mov %ds:(%bp),%ax
 mov %fs:4,%eax
 mov %gs:foo,%ax
 mov (%eax),%ax
 mov 4(%esp),%eax
 mov foo(%eax),%eax
 mov (%eax,%ebx,4),%eax
 mov (,%eax,4),%eax
 mov foo(,%eax,4),%eax
 add $5,%ax
 add $0x1234,%ax
 add $5,%eax
 add $0x12345678,%eax
 add $foo,%ax
 cmp $0xaa55,%ax
 cmpw $0x55aa,0x1fe
 orb $2,%al
 orl $1,%eax
 inc %ax
 inc %eax
 dec %cx
 push %ax
 push %eax
 pushw $5
 pushl $5
 push $5
 push $0x1234
 push $foo
 pushl $foo
 push %es
 pushl %ds
 pop %ds
 pop %eax
 pusha
 pushal
 popa
 popal
 pushf
 pushfl
 popf
 popfl
 call foo
 call bar
 callw bar
 calll bar
 call *%ax
 call *%eax
 call *(%bx)
 calll *(%bx)
 jmp foo
 jmp start
 jz bar
 jnz start
 jmp *%ax
 jmp *(%bx)
 jmp *foo
 ljmp $0,$foo
 ljmp $8,$0x1234
 ljmpl $8,$foo
 ljmpw $8,$foo
 ljmp $0xf000,$0xfff0
 lcall $8,$foo
 lcalll $8,$foo
 ljmp *(%bx)
 ljmpl *foo
 ljmpw *foo
 data32 ljmp $8,$foo
 loop .
 loopl .
 jcxz .
 jecxz .
 ret
 retl
 ret $2
 lret
 lretl
 iret
 iretl
 leave
 leavel
 enter $4,$0
 int $0x10
 int $0x13
 int3
 lgdt foo
 lgdtl foo
 lgdtw foo
 data32 lgdt foo
 lidt foo
 lidtl (%bx)
 sgdt (%bx)
 lmsw %ax
 smsw %ax
 smsw %eax
 sldt %ax
 sldt %eax
 str %ax
 ltr %ax
 lldt %ax
 mov %cr0,%eax
 mov %eax,%cr0
 mov %cr3,%ecx
 mov %edx,%cr4
 mov %eax,%dr7
 in $0x64,%al
 in $0x92,%al
 in (%dx),%ax
 in (%dx),%eax
 out %al,$0x64
 out %eax,(%dx)
 inb $0x60
 outb $0x60
 insb
 insw
 insl
 rep insw
 outsb
 movsb
 movsw
 movsl
 rep movsw
 rep movsl
 rep; movsl
 rep stosw
 lodsb
 lodsw
 lodsl
 stosl
 lods %es:(%si),%al
 cmpsb
 repe cmpsb
 scasb
 xlat
 cbw
 cwd
 cwde
 cdq
 cbtw
 shl $4,%ax
 shl $4,%eax
 shr %cx
 rol $16,%eax
 mul %bx
 mull %ebx
 div %cx
 imul $3,%ax,%bx
 lea 4(%bp),%ax
 lea foo,%si
 lea foo,%esi
 lea (%bx,%si),%di
 lea (%eax,%eax),%ecx
 movzbl %al,%eax
 movzbw %al,%ax
 movzwl %ax,%eax
 movsbw (%si),%ax
 setz %al
 test $1,%al
 test %ax,%ax
 testl $1,%eax
 xchg %ax,%bx
 xchg %ax,%ax
 xchg %bx,%bx
 xchg %eax,%eax
 lds (%bx),%si
 les (%bx),%di
 lss (%bx),%sp
 lss (%bx),%esp
 lfs foo,%bx
 bsf %ax,%bx
 bt $5,%ax
 bswap %eax
 cpuid
 rdmsr
 wrmsr
 wbinvd
 hlt
 nop
 pause
 ud2
 aam
 aad
 daa
 sti
 std
 movl $0x12345678,(%bx)
 movl $foo,%eax
 .word foo, bar, . - start
 .byte foo
foo:
 .long foo
 mov $(foo-start),%cx
 mov $(end-start),%cx
 movl $(end-start),%ecx
 .code32
 mov foo,%eax
 jmp start
end:
