/*
 * Kernel stacks, each above a page that kvminit unmaps: an overflow is a page fault that cannot push its frame, hence
 * a double fault on a stack of its own, instead of silent damage. The table tells kvminit and the panic which they are.
 * Those of environments are mapped by kernel/vm.py, between pages that nothing is mapped at.
 */
#include "asm.h"
#include "mmu.h"
#include "trap.h"

	.macro	TITLE name, text
	.section .rodata
\name:
	.asciz	"\text"
	.endm

	TITLE	kstack_title, "kernel stack"
	TITLE	other_title, "second kernel stack"
	TITLE	df_title, "double-fault stack"
	TITLE	nmi_title, "NMI stack"
	TITLE	mc_title, "machine-check stack"
	TITLE	db_title, "debug stack"

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
	.section .rodata.guards, "a"
	.balign	8
	.quad	\name\()_guard, \title
	.endm

/* The stacks of CPU n begin at cpu_stacks + n * CPU_STACKS; those of the boot CPU are known by name. */
	.macro	STACKS_OF_CPU suffix
	STACK	kstack\suffix, KSTACK_SIZE, kstack_title
	STACK	df_stack\suffix, IST_SIZE, df_title
	STACK	nmi_stack\suffix, IST_SIZE, nmi_title
	STACK	mc_stack\suffix, IST_SIZE, mc_title
	STACK	db_stack\suffix, IST_SIZE, db_title
	.endm

	.section .rodata.guards, "a"
	.balign	8
	.globl	guards
guards:
	.section .bss.stacks, "aw", @nobits
	.balign	PGSIZE
	.globl	cpu_stacks
cpu_stacks:
	STACKS_OF_CPU
	.irp	cpu, 1, 2, 3, 4, 5, 6, 7
	STACKS_OF_CPU \cpu
	.endr
	STACK	other_stack, KSTACK_SIZE, other_title
	.section .rodata.guards, "a"
	.quad	0
