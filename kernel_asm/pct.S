/*
 * Protected control transfer, the fast path: exo_pct(callee, w0..w5) when nothing is in the way. It checks all that the
 * slow path checks (sys_pct in kernel/sys_ipc.py), changes nothing before the last check, and where one fails goes the
 * slow way, which finds out again and says why. No register of the caller is kept: it goes on at its entry.
 *
 * In: RDI = id of the callee's capability; w0 to w5 in RSI RDX R10 R8 R9 R12; RCX, R11 of the SYSCALL.
 * Out, in the callee: RDI = who calls (index << 32 | epoch), the words; all else 0.
 */
#include "asm.h"
#include "calls.h"
#include "env.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

	.text
FUNC pct_fast
	pushq	%rcx
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r13
	movl	$1, %ecx
	xchgl	%ecx, big_lock(%rip)
	testl	%ecx, %ecx
	jnz	9f
	testl	$FL_TF, %r11d
	jnz	8f
	movq	%gs:CPU_ENV, %rbx

	/* The capability: tables[index].directory[slot / 64] + slot % 64 * 64. */
	movl	ENV_INDEX(%rbx), %ecx
	imulq	$CAPTABLE_SIZE, %rcx, %rcx
	addq	table_base(%rip), %rcx
	movl	%edi, %eax
	movl	%edi, %r11d
	shrl	$6, %eax
	cmpl	CAPTABLE_FRAMES(%rcx), %eax
	jae	8f
	movq	CAPTABLE_DIRECTORY(%rcx), %rcx
	movq	(%rcx, %rax, 8), %rcx
	andl	$63, %r11d
	shll	$6, %r11d
	addq	%r11, %rcx
	movq	%rdi, %rax
	shrq	$32, %rax
	cmpl	%eax, CAP_GENERATION(%rcx)
	jne	8f
	cmpb	$CAP_TYPE_ENV, CAP_TYPE(%rcx)
	jne	8f
	testb	$RIGHT_CALL, CAP_RIGHTS(%rcx)
	jz	8f
	movl	CAP_ZONE(%rcx), %eax
	cmpl	%eax, ENV_ZONE(%rbx)
	jne	8f
	movq	CAP_BASE(%rcx), %rbp
	movl	CAP_EPOCH(%rcx), %eax
	imulq	$ENV_SIZE, %rbp, %rbp
	addq	env_base(%rip), %rbp
	cmpl	%eax, ENV_EPOCH(%rbp)
	jne	8f

	/* The callee waits and is not held; nobody wants anything of either; the caller has taken its notifications. */
	cmpl	$STATE_WAITING, ENV_STATE(%rbp)
	jne	8f
	movl	ENV_STOPS(%rbp), %eax
	orl	ENV_ATTENTION(%rbp), %eax
	orl	ENV_ATTENTION(%rbx), %eax
	orl	ENV_SERVING(%rbx), %eax
	jnz	8f
	cmpq	$0, ENV_NOTIFIED(%rbx)
	jne	8f
	movl	ENV_PORT_COUNT(%rbx), %eax
	orl	ENV_PORT_COUNT(%rbp), %eax
	jnz	8f
	movl	ENV_QUEUE_HEAD(%rbx), %eax
	incl	%eax			/* NO_ENV: nobody stands at its doors */
	jnz	8f
	movq	ENV_PCT_ENTRY(%rbp), %r13
	testq	%r13, %r13
	jz	8f

	/* From here on it happens. */
	movl	$STATE_WAITING, ENV_STATE(%rbx)
	movl	$1, ENV_RESTARTS(%rbx)
	movl	ENV_CPU(%rbx), %eax
	movl	$NO_CPU, ENV_CPU(%rbx)
	movl	%eax, ENV_CPU(%rbp)
	movl	ENV_INDEX(%rbp), %eax
	movl	%eax, ENV_DONEE(%rbx)
	movl	$NO_ENV, ENV_DONEE(%rbp)
	movl	$0, ENV_UPCALL_DEPTH(%rbp)
	movl	$STATE_RUNNING, ENV_STATE(%rbp)
	movq	%rbp, %gs:CPU_ENV
	movq	ENV_KSTACK(%rbp), %rcx
	movq	%rcx, %gs:CPU_KSTACK
	movq	%gs:CPU_TSS, %rax
	movq	%rcx, TSS_RSP0(%rax)
	movq	ENV_CR3(%rbp), %rcx
	movq	%rcx, %cr3
	movl	ENV_INDEX(%rbx), %edi
	shlq	$32, %rdi
	movl	ENV_EPOCH(%rbx), %eax
	orq	%rax, %rdi
	movq	%r13, %rcx
	movl	$FL_RESERVED1 | FL_IF, %r11d
	movq	ENV_PCT_STACK(%rbp), %rsp
	movl	$0, big_lock(%rip)
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	swapgs
	sysretq

8:	movl	$0, big_lock(%rip)
9:	popq	%r13
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%rcx
	movl	$SYS_PCT, %eax
	jmp	syscall_frame
ENDFUNC pct_fast

/* Where Kernel Python has its arrays of struct Env and struct CapTable: set by env_init. */
	.bss
OBJECT env_base, 8
	.skip	8
OBJECT table_base, 8
	.skip	8
