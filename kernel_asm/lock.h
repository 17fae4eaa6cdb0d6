/* The big lock (kernel/biglock.py), taken and given back where it must be cheap. After env.h and trap.h. */

/* Take it. Clobbers what a function may. */
	.macro	BIG_LOCK
	movl	%gs:CPU_NUMBER, %edi
	xchgl	%edi, big_lock(%rip)
	testl	%edi, %edi
	jz	.Ltaken\@
	call	big_lock_acquire
.Ltaken\@:
	.endm

/*
 * Before ring 3: do what is due for the environment (leave_kernel(frame), RDI = frame), which is almost always nothing,
 * and give the lock back. Clobbers what a function may.
 */
	.macro	BIG_UNLOCK
	movq	%gs:CPU_ENV, %rax
	testq	%rax, %rax
	jz	.Lfree\@
	movl	ENV_ATTENTION(%rax), %eax
	orl	kernel_work(%rip), %eax
	jz	.Lfree\@
	call	leave_kernel
.Lfree\@:
	movl	$0, big_lock(%rip)
	.endm
