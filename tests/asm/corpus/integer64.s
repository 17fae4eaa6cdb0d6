 .text
 mov $1,(%rax)
 add $1,(%rax)
 cmp $1,(%rax)
 inc (%rax)
 push (%rax)
 push $1
 shl $1,(%rax)
 shl (%rax)
 bt $1,(%rax)
 test $1,(%rax)
 mov $0x80000000,%rax
 mov $0x8000000000000000,%rax
 mov $-1,%rax
 mov $0x12345678a,%rax
 add $0xffffffffffffffff,%rax
 cmpb $0xff,%al
 mov $0x1ff,%al
 mov $0xfffe,%ax
 add $0xfffe,%ax
 add $0xfffffffe,%eax
 add $128,%eax
 add $-128,%eax
 sub $-128,%rax
 imul $5,%eax
 imul $500,%eax,%ebx
 push $0x80
 pushw $5
 pushq $0x12345678
 ret $8
 retq
 lretq
 lret
 iret
 iretq
 sysret
 sysretq
 sysretl
 sysexit
 enter $8,$0
 leave
 leaveq
 call *%rax
 jmp *(%rax)
 ljmp *(%rax)
 ljmpl *(%rax)
 lcall *(%rax)
 lgdt (%rax)
 lidt 8(%rip)
 ltr %ax
 str %ax
 str %eax
 sldt %rax
 lldt %ax
 smsw %ax
 smsw %eax
 lmsw %ax
 mov %ds,%ax
 mov %ds,%eax
 mov %ds,%rax
 mov %ds,(%rax)
 mov %ax,%ds
 mov %eax,%ds
 mov %rax,%ds
 mov (%rax),%ds
 movw %ax,%ds
 movl %eax,%ds
 mov %cr0,%rax
 mov %rax,%cr8
 mov %db7,%rax
 mov %dr7,%rax
 push %fs
 pop %gs
 pushfq
 popf
 in $5,%al
 in (%dx),%eax
 in %dx,%ax
 inb $4
 inb (%dx)
 inl %dx
 out %al,$5
 outb $5
 rep stosb
 rep; stosq
 rep movsq
 stos %al,%es:(%rdi)
 stosb %al,(%rdi)
 movsb (%rsi),(%rdi)
 lodsb (%rsi),%al
 lods %gs:(%rsi),%al
 cmpsb
 scasb
 insb
 insb (%dx),%es:(%rdi)
 outsb
 outsl (%rsi),(%dx)
 xlat
 xlatb
 xlat (%rbx)
 movabs $5,%rax
 movabs $foo,%rax
 movabs 0x1234567890,%rax
 movabs %al,foo
 movq $foo,%rax
 movzb %al,%eax
 movzbl (%rax),%eax
 movzx %al,%eax
 movzx %ax,%eax
 movzw %ax,%eax
 movzwq %ax,%rax
 movsx %al,%rax
 movslq %eax,%rax
 movsxd %eax,%rax
 movsbl %al,%eax
 movsx (%rax),%eax
 movzx (%rax),%eax
 movzb (%rax),%eax
 cbtw
 cwtl
 cltq
 cwtd
 cltd
 cqto
 cbw
 cwde
 cdqe
 cwd
 cdq
 cqo
 xchg %rax,%rax
 xchg %eax,%eax
 xchg %ax,%ax
 xchg %rax,%rbx
 xchg %rbx,%rax
 xchg %ebx,%ecx
 xchg %ebx,(%rax)
 xchg (%rax),%ebx
 test (%rax),%ebx
 test %ebx,(%rax)
 test %eax,%ebx
 int $3
 int3
 int $0x80
 nop
 nopw (%rax)
 nopl 0(%rax,%rax)
 pause
 fxsave (%rax)
 fxsave64 (%rax)
 fxsaveq (%rax)
 invlpg (%rax)
 invpcid (%rax),%rcx
 swapgs
 rdmsr
 wrmsr
 rdfsbase %rax
 wrgsbase %eax
 bswap %eax
 bswap %rax
 cmpxchg %eax,(%rdx)
 cmpxchg8b (%rax)
 cmpxchg16b (%rax)
 lock cmpxchg16b (%rax)
 lock; incl (%rax)
 setz %al
 sete (%rax)
 seteb (%rax)
 cmove %rax,%rbx
 cmovel %eax,%ebx
 cmovzq (%rax),%rbx
 jecxz .
 jrcxz .
 loop .
 loopne .
 endbr64
 bnd ret
 notrack jmp *%rax
 repz ret
 rep ret
 hlt
 cli
 ud2
 ud2a
 ud1 %eax,%ebx
 clflush (%rax)
 prefetcht0 (%rax)
 lfence
 movnti %eax,(%rax)
 crc32b %al,%eax
 crc32 %al,%eax
 popcnt %eax,%eax
 lzcnt %eax,%eax
 adcx %eax,%ebx
 movbe (%rax),%eax
 rdrand %eax
 rdtscp
 xgetbv
 xsave (%rax)
 xsave64 (%rax)
 xsaveopt64 (%rax)
 xrstor (%rax)
 verr %ax
 lar %ax,%eax
 lsl %ax,%rax
 lss (%rax),%eax
 shld $5,%eax,%ebx
 shld %cl,%eax,%ebx
 shld %eax,%ebx
 shl %cl,%eax
 shl %eax
 sal $5,%eax
 shl $1,%eax
 movq %rax,%xmm0
 movd %eax,%xmm0
 movq %xmm0,%rax
 movq (%rax),%xmm0
 cvtsi2sd %eax,%xmm0
 cvtsi2sdl (%rax),%xmm0
 cvtsi2sd (%rax),%xmm0
 mov %gs:0,%rax
 mov %gs:(%rax),%rbx
 mov %ss:(%rsp),%rax
 mov %ds:(%rsp),%rax
 mov %ds:(%rax),%rax
 gs mov (%rax),%rax
 mov foo,%eax
 mov foo,%rax
 mov 0x12345678,%rax
 mov %al,foo
 xbegin .
 xabort $4
 monitor
 mwait
 vmcall
 wbinvd
 ltrw %ax
 rex.w nop
 rex64 nop
 data16 nop
