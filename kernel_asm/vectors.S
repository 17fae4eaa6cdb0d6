/*
 * The 256 entry points of the IDT, and the IDT itself.
 *
 * A stub makes all frames alike: it pushes a 0 where the CPU pushes no error code, then its vector.
 */
#include "asm.h"
#include "mmu.h"
#include "trap.h"

	.text
	.globl	vectors
	.type	vectors, @function
	.balign	VECTOR_SIZE
vectors:
	.set	vector, 0
	.rept	NVECTORS
	.balign	VECTOR_SIZE
	.if	!PUSHES_ERROR_CODE(vector)
	pushq	$0
	.endif
	pushq	$vector
	.if	vector == T_DEBUG || vector == T_NMI || vector == T_DBLFLT || vector == T_MCHK
	jmp	paranoid_traps
	.else
	jmp	alltraps
	.endif
	.set	vector, vector + 1
	.endr
	.size	vectors, . - vectors

/* Fills the IDT with interrupt gates (Intel SDM vol. 3A, 6.14.1), so every handler starts with interrupts off. */
FUNC idt_init
	PROLOGUE
	leaq	vectors(%rip), %rax
	leaq	idt(%rip), %rdi
	movl	$NVECTORS, %ecx
1:	movw	%ax, 0(%rdi)
	movw	$SEL_KCODE, 2(%rdi)
	movw	$GATE_INTERRUPT, 4(%rdi)
	movq	%rax, %rdx
	shrq	$16, %rdx
	movw	%dx, 6(%rdi)
	shrq	$16, %rdx
	movl	%edx, 8(%rdi)
	movl	$0, 12(%rdi)
	addq	$VECTOR_SIZE, %rax
	addq	$GATE_SIZE, %rdi
	decl	%ecx
	jnz	1b

	/* Ring 3 may execute int3 and into; an int n of any other vector is #GP. */
	movw	$GATE_INTERRUPT_USER, idt + T_BRKPT * GATE_SIZE + 4(%rip)
	movw	$GATE_INTERRUPT_USER, idt + T_OFLOW * GATE_SIZE + 4(%rip)
	movb	$1, idt + T_DBLFLT * GATE_SIZE + 4(%rip)
	movb	$2, idt + T_NMI * GATE_SIZE + 4(%rip)
	movb	$3, idt + T_MCHK * GATE_SIZE + 4(%rip)
	movb	$4, idt + T_DEBUG * GATE_SIZE + 4(%rip)
	lidt	idt_pointer(%rip)
	leave
	ret
ENDFUNC idt_init

/* void idt_load(): make this CPU use the IDT, which is that of all. */
FUNC idt_load
	lidt	idt_pointer(%rip)
	ret
ENDFUNC idt_load

	.section .rodata
	.balign	8
idt_pointer:
	.word	IDT_SIZE - 1
	.quad	idt

	.bss
OBJECT idt, IDT_SIZE, 64
	.skip	IDT_SIZE
