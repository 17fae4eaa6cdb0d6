/*
 * Kernel stacks, each above a page that kvminit unmaps: an overflow is a page fault that cannot push its frame, hence
 * a double fault on a stack of its own, instead of silent damage. The table tells kvminit and the panic which they are.
 */
#include "asm.h"
#include "mmu.h"

	.macro	STACK name, size, title
	.section .bss.stacks, "aw", @nobits
	.balign	PGSIZE
	.globl	\name\()_guard
\name\()_guard:
	.skip	PGSIZE
	.globl	\name
\name:
	.skip	\size
	.globl	\name\()_top
\name\()_top:
	.section .rodata
\name\()_title:
	.asciz	"\title"
	.section .rodata.guards, "a"
	.balign	8
	.quad	\name\()_guard, \name\()_title
	.endm

	.section .rodata.guards, "a"
	.balign	8
	.globl	guards
guards:
	STACK	kstack, KSTACK_SIZE, "kernel stack"
	STACK	other_stack, KSTACK_SIZE, "second kernel stack"
	STACK	df_stack, IST_SIZE, "double-fault stack"
	STACK	nmi_stack, IST_SIZE, "NMI stack"
	STACK	mc_stack, IST_SIZE, "machine-check stack"
	STACK	db_stack, IST_SIZE, "debug stack"
	.section .rodata.guards, "a"
	.quad	0
