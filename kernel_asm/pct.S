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
#include "fast.h"

	.text
FUNC pct_fast
	pushq	%rcx
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r13
	xorl	%eax, %eax
	movl	%gs:CPU_NUMBER, %ecx
	lock cmpxchgl %ecx, big_lock(%rip)
	jne	9f
	testl	$FL_TF, %r11d
	jnz	8f
	movq	%gs:CPU_ENV, %rbx

	FIND_CAP CAP_TYPE_ENV, 8f
	movq	CAP_BASE(%rcx), %rbp
	movl	CAP_EPOCH(%rcx), %eax
	imulq	$ENV_SIZE, %rbp, %rbp
	addq	env_base(%rip), %rbp
	cmpl	%eax, ENV_EPOCH(%rbp)
	jne	8f

	/* The callee waits and is not held; nobody wants anything of either; the caller has taken its notifications. */
	cmpl	$STATE_WAITING, ENV_STATE(%rbp)
	jne	8f
	NOTHING_DUE 8f
	cmpl	$0, ENV_SERVING(%rbx)
	jne	8f
	cmpq	$0, ENV_NOTIFIED(%rbx)
	jne	8f
	movl	ENV_QUEUE_HEAD(%rbx), %eax
	incl	%eax			/* NO_ENV: nobody stands at its doors */
	jnz	8f
	movq	ENV_PCT_ENTRY(%rbp), %r13
	testq	%r13, %r13
	jz	8f

	/* From here on it happens. */
	movl	$STATE_WAITING, ENV_STATE(%rbx)
	movl	$1, ENV_RESTARTS(%rbx)
	movl	ENV_INDEX(%rbp), %eax
	movl	%eax, ENV_DONEE(%rbx)
	movl	$0, ENV_UPCALL_DEPTH(%rbp)
	CHANGE_ENV
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
