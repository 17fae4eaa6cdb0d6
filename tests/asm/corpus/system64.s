 lgdt gdt_descr(%rip)
 lgdt gdt_descr
 lidt (%rsp)
 sgdt 8(%rsp)
 sidt -10(%rbp)
 lgdtq (%rax)
 ltr %ax
 ltr (%rax)
 lldt %di
 lldt 4(%rax)
 sldt %ax
 sldt %eax
 sldt (%rax)
 str %r8w
 str %r9
 str (%rax)
 smsw %ax
 smsw %eax
 smsw %rax
 smsw (%rax)
 lmsw %cx
 lmsw (%rcx)
 verr %ax
 verw %cx
 verw (%rsp)
 verw mds(%rip)
 lar %ax,%eax
 lar %ax,%rax
 lar %ax,%bx
 lar (%rax),%ecx
 lsl %ax,%eax
 lsl %eax,%eax
 lsl %rax,%rax
 lsl (%rax),%r8
 mov %cr0,%rax
 mov %rax,%cr0
 mov %cr2,%rdi
 mov %cr3,%rax
 mov %rax,%cr3
 movq %rax,%cr4
 mov %cr8,%rax
 mov %r8,%cr8
 mov %dr0,%rax
 mov %rax,%dr6
 mov %ax,%ss
 mov %eax,%fs
 mov %r9d,%gs
 mov %gs,%eax
 mov %fs,%r10d
 mov %ss,%r8w
 mov %ds,8(%rsp)
 mov 8(%rsp),%es
 movw %es,(%rdi)
 push %fs
 push %gs
 pop %fs
 pop %gs
 pushw %fs
 pushq %gs
 rdfsbase %rax
 rdgsbase %ecx
 wrfsbase %r8
 wrgsbase %rdi
 rdmsr
 wrmsr
 rdpmc
 rdtsc
 rdtscp
 cpuid
 xgetbv
 xsetbv
 clac
 stac
 cli
 sti
 cld
 std
 hlt
 swapgs
 syscall
 sysretq
 sysretl
 sysenter
 sysexitq
 sysexitl
 iretq
 iretl
 iretw
 lretq
 lretl
 lretw
 lretq $8
 ret
 ret $16
 retw
 clts
 invd
 wbinvd
 wbnoinvd
 invlpg (%rdi)
 invlpg foo
 invlpg %gs:8(%rax)
 invpcid (%rsp),%rax
 invept (%rax),%rdx
 invvpid 16(%rax),%r9
 vmxon 8(%rsp)
 vmxoff
 vmclear (%rax)
 vmptrld (%rax)
 vmptrst (%rax)
 vmread %rax,%rbx
 vmread %rax,(%rbx)
 vmwrite %rax,%rbx
 vmwrite (%rax),%rbx
 vmlaunch
 vmresume
 vmcall
 vmmcall
 vmrun
 vmload
 vmsave
 stgi
 clgi
 monitor
 mwait
 monitor %rax,%ecx,%edx
 mwait %eax,%ecx
 pause
 endbr64
 endbr32
 rdrand %eax
 rdrand %rax
 rdseed %r8
 rdseed %cx
 rdpid %rax
 rdpkru
 wrpkru
 serialize
 clflush (%rax)
 clflushopt (%rax)
 clwb 8(%rax)
 cldemote (%rax)
 prefetcht0 (%rax)
 prefetcht1 (%rax)
 prefetcht2 (%rax)
 prefetchnta (%rax)
 prefetchw (%rax)
 lfence
 mfence
 sfence
 cmpxchg8b (%rax)
 lock cmpxchg8b (%rax)
 lock cmpxchg16b (%rax)
 lock xadd %eax,(%rdx)
 lock addq $1,%gs:8
 lock; decl counter(%rip)
 xacquire lock incl (%rax)
 xrelease lock decl (%rax)
 ud0 (%rax),%eax
 ud1 %rax,%rbx
 ud2
 ud2b %eax,%ebx
 int $0x80
 int $3
 int $0xff
 int3
 int1
 nopw 0(%rax,%rax,1)
 nopl (%rax)
 nopq (%rax)
 nop %eax
 nopw %cs:0x12345678(%rax)
 in $0x20,%al
 in $0x20,%eax
 inw (%dx),%ax
 inl (%dx)
 inb %dx,%al
 out %al,$0xa0
 outl %eax,(%dx)
 outw (%dx)
 outb %al,%dx
 rep insb
 rep insl (%dx),(%rdi)
 rep outsw
 rep outsb (%rsi),(%dx)
 pushfq
 popfq
 pushfw
 enter $0x20,$1
 leave
 leavew
 xlatb
 fxsaveq (%rax)
 xrstorq (%rax)
 rex64 ljmp *(%rax)
 ljmp *8(%rsp)
 ljmpl *8(%rsp)
 ljmpw *8(%rsp)
 lcall *foo(%rip)
 lss (%rsp),%esp
 lfs (%rax),%ecx
 lgs foo,%r8d
 rsm
 getsec
 setssbsy
 incsspq %rax
 rdsspd %eax
 wrssq %rax,(%rbx)
 wrussd %eax,(%rbx)
 rstorssp (%rax)
 clrssbsy (%rax)
 saveprevssp
 xbegin foo
 xabort $1
 xend
 xtest
 movdiri %rax,(%rbx)
 ptwrite %eax
 ptwriteq (%rax)
 bnd jmp foo
 bnd call *%rax
 notrack call *%rax
 notrack jmp *foo(,%rax,8)
 repz; ret
 cs nop
 ds; nop
 addr32 mov (%eax),%rbx
 mov (%eax),%rbx
 mov foo(%eip),%rax
 lea (%eax,%ebx,2),%rcx
 lodsb
 lodsq
 lods (%rsi),%rax
 stosw
 movsq
 movsl %fs:(%rsi),%es:(%rdi)
 movsb (%esi),(%edi)
 scasq
 cmpsw
 repne scasb
 repe cmpsb
 data16 leaq foo@tlsgd(%rip), %rdi
 data16; data16; rex64; call foo
 addr32 jmp *foo
 addr32 rep movsb
 addr32 lea (%eax), %rbx
 rex64 fxsave (%rax)
 rex.w mov %eax, %ebx
