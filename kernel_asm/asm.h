/* What every source file starts with: how functions, strings and tables are written down. */

/* A global function. Ends with ENDFUNC, so that st_size is right and a tool can say `name+offset`. */
	.macro	FUNC name
	.globl	\name
	.type	\name, @function
	.balign	16
\name:
	.endm

	.macro	ENDFUNC name
	.size	\name, . - \name
	.endm

/* A global object in the current section, `size` bytes, aligned to `align`. */
	.macro	OBJECT name, size, align=8
	.globl	\name
	.type	\name, @object
	.size	\name, \size
	.balign	\align
\name:
	.endm

/*
 * Every function that may fault or that calls another one keeps a frame pointer: the backtrace of a panic walks the
 * chain of saved RBP. Such a function ends with `leave; ret`.
 */
	.macro	PROLOGUE
	pushq	%rbp
	movq	%rsp, %rbp
	.endm

/* Load the address of a string constant. */
	.macro	STRING text, register
	.pushsection .rodata
.Lstring\@:
	.asciz	"\text"
	.popsection
	leaq	.Lstring\@(%rip), \register
	.endm

	.macro	PRINT text
	STRING	"\text", %rdi
	call	puts
	.endm

/* A fault at `from` goes on at `to` (see trap in dispatch.S for what the registers hold then). */
	.macro	EXCEPTION from, to
	.pushsection .ex_table, "a"
	.balign	8
	.quad	\from, \to
	.popsection
	.endm

/* Ends the kernel. The trap after the call is never reached: it keeps the return address inside this function. */
	.macro	PANIC text
	STRING	"\text", %rdi
	call	panic
	ud2
	.endm
