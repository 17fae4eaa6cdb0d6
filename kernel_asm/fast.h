/* What the fast ways of pct.S and door.S have in common. After env.h, mmu.h, trap.h and x86.h. */

/*
 * The capability that the id in RDI names in the table of the environment in RBX: RCX. It must be of a type, of the
 * environment's zone and have the right CALL, or it goes on at `other`. Whether its object still lives is for the
 * caller to see. Clobbers RAX, R11. (cap_check in kernel/caps.py)
 */
	.macro	FIND_CAP type, other
	movl	ENV_INDEX(%rbx), %ecx
	imulq	$CAPTABLE_SIZE, %rcx, %rcx
	addq	table_base(%rip), %rcx
	movl	%edi, %eax
	movl	%edi, %r11d
	shrl	$6, %eax
	cmpl	CAPTABLE_FRAMES(%rcx), %eax
	jae	\other
	movq	CAPTABLE_DIRECTORY(%rcx), %rcx
	movq	(%rcx, %rax, 8), %rcx
	andl	$63, %r11d
	shll	$6, %r11d
	addq	%r11, %rcx
	movq	%rdi, %rax
	shrq	$32, %rax
	cmpl	%eax, CAP_GENERATION(%rcx)
	jne	\other
	cmpb	$\type, CAP_TYPE(%rcx)
	jne	\other
	testb	$RIGHT_CALL, CAP_RIGHTS(%rcx)
	jz	\other
	movl	CAP_ZONE(%rcx), %eax
	cmpl	%eax, ENV_ZONE(%rbx)
	jne	\other
	.endm

/* Go on at `other` unless nobody wants anything of RBX and RBP, RBP is not held, and neither has ports. Clobbers RAX. */
	.macro	NOTHING_DUE other
	movl	ENV_STOPS(%rbp), %eax
	orl	ENV_ATTENTION(%rbp), %eax
	orl	ENV_ATTENTION(%rbx), %eax
	orl	ENV_PORT_COUNT(%rbx), %eax
	orl	ENV_PORT_COUNT(%rbp), %eax
	jnz	\other
	.endm

/* This CPU runs RBP instead of RBX, whose state the caller has changed. Clobbers RAX, RCX. (unload, activate: sched.py) */
	.macro	CHANGE_ENV
	movl	ENV_CPU(%rbx), %eax
	movl	$NO_CPU, ENV_CPU(%rbx)
	movl	%eax, ENV_CPU(%rbp)
	movl	$NO_ENV, ENV_DONEE(%rbp)
	movl	$STATE_RUNNING, ENV_STATE(%rbp)
	movq	%rbp, %gs:CPU_ENV
	movq	ENV_KSTACK(%rbp), %rcx
	movq	%rcx, %gs:CPU_KSTACK
	movq	%gs:CPU_TSS, %rax
	movq	%rcx, TSS_RSP0(%rax)
	movq	ENV_CR3(%rbp), %rcx
	movq	%rcx, %cr3
	.endm
