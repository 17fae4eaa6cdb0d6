/* What the assembly of user programs shares. */

	.macro	FUNC name
	.globl	\name
	.type	\name, @function
	.balign	16
\name:
	.endm

	.macro	ENDFUNC name
	.size	\name, . - \name
	.endm

/* A function that makes a system call. The fourth argument of a function is in RCX, that of SYSCALL in R10. */
	.macro	STUB name, number
	FUNC	\name
	movl	$\number, %eax
	movq	%rcx, %r10
	syscall
	ret
	ENDFUNC	\name
	.endm
