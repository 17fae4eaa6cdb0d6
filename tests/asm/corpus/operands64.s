 .set CONST, 0x40
 .set NEG, -8
 .equ BIG, 0x123456789abcdef0
 PAGE = 1 << 12
 r = 5
 mov CONST(%rax),%rbx
 mov NEG(%rbp),%eax
 mov PAGE(%rax),%al
 mov $CONST,%eax
 mov $BIG,%rax
 mov $PAGE-1,%rcx
 add $NEG,%rsp
 add $CONST+CONST,%eax
 sub $r*8,%rsp
 mov $forward,%eax
 mov $forward,%rax
 add $forward,%eax
 add $forward,%al
 mov forward(%rax),%eax
 shl $forward,%eax
 .set forward, 7
 mov $forward,%eax
 mov sym(%rip),%rax
 mov sym+8(%rip),%rax
 mov sym-4(%rip),%rax
 movl $1,sym(%rip)
 movb $1,sym(%rip)
 movw $0x1234,sym+2(%rip)
 movq $sym,sym2(%rip)
 cmpb $0,sym(%rip)
 addq $0x12345,sym(%rip)
 shll $3,sym(%rip)
 imul $1000,sym(%rip),%eax
 pinsrd $1,sym(%rip),%xmm0
 mov local(%rip),%eax
 lea local+1(%rip),%rsi
 mov 8(%rip),%rax
 mov sym,%rax
 mov sym+0x10,%ecx
 mov %rax,sym
 mov $sym,%rax
 mov $sym+4,%eax
 movabs $sym,%rax
 movabs $sym-5,%r9
 movabs sym,%rax
 movabs %eax,sym
 movabs 0x1122334455667788,%al
 push $sym
 pushq sym(%rip)
 push sym(,%rax,8)
 lea sym,%rax
 lea sym,%eax
 lea sym(%rax),%ecx
 lea sym(%eax),%ecx
 mov sym(%rax,%rbx,8),%rcx
 mov sym(,%rbx,8),%rcx
 mov sym-local(%rax),%ecx
 mov $sym-.,%eax
 mov $local-start,%eax
 mov $end-start,%eax
 add $local-start,%eax
 add $end-start,%eax
 mov (end-start)(%rax),%eax
 mov (local-start)(%rax),%eax
 cmpq $sym,%rax
 cmpl $sym,%eax
 testl $sym,%ebx
 andq $-16,%rsp
 andq $0xfffffffffffffff0,%rsp
 andl $0xfffffff0,%eax
 orw $0x8000,%ax
 orb $0x80,%al
 orb $-1,%al
 mov $-0x80000000,%rax
 mov $0xffffffff,%eax
 mov $0xffffffff80000000,%rax
 movq $-1,(%rax)
 movq $0x7fffffff,(%rax)
 movl $0xffffffff,(%rax)
 movw $0xffff,(%rax)
 push $-1
 push $127
 push $128
 push $-129
 pushq $0x7fffffff
 mov -128(%rax),%eax
 mov 127(%rax),%eax
 mov 128(%rax),%eax
 mov 0x7fffffff(%rax),%eax
 mov -0x80000000(%rax),%eax
 mov 0xffffffff80000000(%rax),%eax
 mov 0xffffffff80000000,%eax
 mov 0x10,%eax
 mov 0(%rax),%eax
 mov 0(%rbp),%eax
 mov (%rbp),%eax
 mov (%r13),%eax
 mov (%rsp),%eax
 mov (%r12),%eax
 mov (%rax,%rax),%eax
 mov (%rbp,%rax),%eax
 mov (%r13,%r14,2),%r15
 mov (,%rax),%eax
 mov (,%rax,1),%eax
 mov 8(,%r12,8),%eax
 mov %fs:0,%rax
 mov %fs:0x28,%rax
 mov %gs:sym,%rax
 mov %gs:sym(%rip),%rax
 mov %gs:sym+8(%rip),%eax
 movq $1,%gs:sym(%rip)
 mov %gs:(%rax,%rbx,2),%cl
 mov %es:(%rdi),%eax
 mov %cs:(%rip),%eax
 mov %ss:8(%rbp),%eax
 mov %ds:8(%rbp),%eax
 movl %eax,%gs:8
 addl $1,%gs:8
 xchg %rax,%gs:0x10
 push %gs:0x18
 call *%gs:0x20
 jmp *sym(%rip)
 jmp *sym
 jmp *sym(,%rax,8)
 call *sym+8(%rip)
 call sym@PLT
 jmp sym@PLT
 jz sym@PLT
 call sym+4
 jmp sym-4
 mov sym@GOTPCREL(%rip),%rax
 movl sym@GOTPCREL(%rip),%eax
 call *sym@GOTPCREL(%rip)
 jmp *sym@GOTPCREL(%rip)
 add sym@GOTPCREL(%rip),%rax
 cmp sym@GOTPCREL(%rip),%rax
 test %rax,sym@GOTPCREL(%rip)
 push sym@GOTPCREL(%rip)
 lea sym@GOTPCREL(%rip),%rax
 movl $5,sym@GOTPCREL(%rip)
 mov sym@GOTTPOFF(%rip),%rax
 mov %fs:tls@TPOFF,%eax
 lea tls@TPOFF(%rax),%rbx
 lea tls@TLSGD(%rip),%rdi
 .quad sym@GOT, sym@PLTOFF
 .quad tls@TPOFF, tls@DTPOFF
 .long tls@DTPOFF, sym@GOTPCREL, sym@PLT
 .long sym@SIZE
 .quad sym, sym+8, sym-., .-sym3, sym - start
 .long sym, sym-., local-start, end-., sym - . + 8
 .word sym, sym-.
 .byte sym, sym-.
 .quad .
 .long ., . - start, .-start
start:
 nop
local:
 jmp end
 .skip 200
end:
sym3:
1: jmp 1b
 jmp 1f
 jmp 2f
1: loop 1b
2: jrcxz 1b
 jmp .
 jmp .+2
 jmp .-1
 jnz . + 4
 call .
 call 1b
 lea 1b(%rip),%rax
 movabs $1b,%rax
 sal %eax
 sub $4, %rsp; mov %eax, (%rsp)
label1: label2: nop; label3: nop
 movl $('a'), %eax
 movb $'b, %al
 movb $'\n', %al
 mov $1 + 2 * 3 - (4 | 8) ^ 2, %eax
 mov $-1 >> 60, %eax
 mov $1 << 3 + 1, %eax
 mov $!5, %eax
 mov $~5, %eax
 mov $10 % 3, %eax
 mov $-7 / 2, %eax
 mov $0x10 - 010 + 0b11, %eax
 mov $(1 < 2), %eax
 mov $(1 > 2) || 1, %eax
