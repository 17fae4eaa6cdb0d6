/*
 * How a panic on one CPU stops the others: by NMI, which comes through whatever they do, as they may hold any lock. Nothing
 * here relies on what may be broken: no lock, no clock, no check that could panic.
 */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

#define LAPIC_ICR_LOW	0x300
#define LAPIC_ICR_HIGH	0x310
#define ICR_NMI		0x4400
#define ICR_PENDING	0x1000
#define POLLS		1000000

	.text
/* u32 cpu_number(): the number of this CPU plus 1, also before it has data of its own. */
FUNC cpu_number
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	movl	$1, %eax
	testl	%edx, %edx
	jns	1f
	movl	%gs:CPU_INDEX, %eax
	incl	%eax
1:	ret
ENDFUNC cpu_number

/* void stop_others(): returns when they have stopped, or do not within a bounded time. */
FUNC stop_others
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	/* If only one CPU is online, there need be no APIC yet, nor GS. */
	call	others_online
	testl	%eax, %eax
	jz	5f
	leaq	cpus(%rip), %rbx
1:	cmpl	$0, CPU_ONLINE(%rbx)
	je	2f
	cmpq	%gs:CPU_SELF, %rbx
	je	2f
	call	send_nmi
2:	addq	$CPU_SIZE, %rbx
	leaq	cpus + CPUS * CPU_SIZE(%rip), %rax
	cmpq	%rax, %rbx
	jb	1b

	movl	$POLLS, %r12d
3:	leaq	cpus(%rip), %rbx
4:	movl	CPU_ONLINE(%rbx), %eax
	cmpq	%gs:CPU_SELF, %rbx
	je	6f
	cmpl	%eax, CPU_STOPPED(%rbx)
	jae	6f
	pause
	decl	%r12d
	jnz	3b
	jmp	5f
6:	addq	$CPU_SIZE, %rbx
	leaq	cpus + CPUS * CPU_SIZE(%rip), %rax
	cmpq	%rax, %rbx
	jb	4b
5:	popq	%r12
	popq	%rbx
	leave
	ret
ENDFUNC stop_others

/* RBX = struct Cpu: send it an NMI. Clobbers RAX, RCX, RDX. */
	.balign	16
send_nmi:
	movl	$MSR_APIC_BASE, %ecx
	rdmsr
	testl	$APIC_BASE_EXTD, %eax
	jz	1f
	movl	$MSR_X2APIC_ICR, %ecx
	movl	$ICR_NMI, %eax
	movl	CPU_APIC_ID(%rbx), %edx
	wrmsr
	ret
1:	movl	CPU_APIC_ID(%rbx), %eax
	shll	$24, %eax
	movl	%eax, LAPIC_VA + LAPIC_ICR_HIGH
	movl	$ICR_NMI, LAPIC_VA + LAPIC_ICR_LOW
	movl	$POLLS, %ecx
2:	testl	$ICR_PENDING, LAPIC_VA + LAPIC_ICR_LOW
	jz	3f
	pause
	loop	2b
3:	ret
	.size	send_nmi, . - send_nmi

/* u32 others_online(): how many CPUs are online besides one. */
FUNC others_online
	leaq	cpus(%rip), %rdx
	leaq	cpus + CPUS * CPU_SIZE(%rip), %rcx
	xorl	%eax, %eax
1:	addl	CPU_ONLINE(%rdx), %eax
	addq	$CPU_SIZE, %rdx
	cmpq	%rcx, %rdx
	jb	1b
	subl	$1, %eax
	adcl	$0, %eax		/* none is yet, in the boot */
	ret
ENDFUNC others_online

/* void stop_for_panic(const struct trapframe *frame): an NMI has told this CPU that another one panics. */
FUNC stop_for_panic
	movq	TF_RIP(%rdi), %rax
	movq	%rax, %gs:CPU_STOP_RIP
	movq	TF_RBP(%rdi), %rax
	movq	%rax, %gs:CPU_STOP_RBP
	jmp	stop_here
ENDFUNC stop_for_panic

FUNC stop_here
	movl	$1, %gs:CPU_STOPPED
	jmp	halt
ENDFUNC stop_here

/* void panic_where(): say which CPU it is, if there are others, and end the line. */
FUNC panic_where
	PROLOGUE
	call	others_online
	testl	%eax, %eax
	jz	1f
	PRINT	" (cpu "
	movl	%gs:CPU_INDEX, %edi
	call	put_dec
	movl	$')', %edi
	call	putc
1:	movl	$'\n', %edi
	call	putc
	leave
	ret
ENDFUNC panic_where

/* void panic_others(): say where the other CPUs were. */
FUNC panic_others
	PROLOGUE
	pushq	%rbx
	subq	$8, %rsp
	call	others_online
	testl	%eax, %eax
	jz	4f
	leaq	cpus(%rip), %rbx
1:	cmpl	$0, CPU_ONLINE(%rbx)
	je	3f
	cmpq	%gs:CPU_SELF, %rbx
	je	3f
	PRINT	"cpu "
	movl	CPU_INDEX(%rbx), %edi
	call	put_dec
	cmpl	$0, CPU_STOPPED(%rbx)
	jne	2f
	PRINT	" did not stop\n"
	jmp	3f
2:	PRINT	" was at\n"
	movq	CPU_STOP_RBP(%rbx), %rdi
	movq	CPU_STOP_RIP(%rbx), %rsi
	call	backtrace
3:	addq	$CPU_SIZE, %rbx
	leaq	cpus + CPUS * CPU_SIZE(%rip), %rax
	cmpq	%rax, %rbx
	jb	1b
4:	movq	-8(%rbp), %rbx
	leave
	ret
ENDFUNC panic_others
