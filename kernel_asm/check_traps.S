/* Checks of the trap path: a breakpoint that must leave no trace, and page faults with their exact reports. */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

/* The registers of the trap frame in its order get PATTERN, PATTERN + 1, ... */
#define PATTERN	0x5afe0100

	.text
/* const char *check_breakpoint(bool spoil): spoilt, the handler changes R13 in the frame. */
FUNC check_breakpoint
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	movl	%edi, breakpoint_spoil(%rip)
	movl	$T_BRKPT, %edi
	leaq	on_breakpoint(%rip), %rsi
	call	set_trap_handler

	pushq	%rbp
	.set	register_index, 0
	.irp	register, rax, rbx, rcx, rdx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	movq	$PATTERN + register_index, %\register
	.set	register_index, register_index + 1
	.endr
	stc
	int3
breakpoint_return:
	PUSH_REGS
	setc	%r9b			/* saved already */
	xorl	%ecx, %ecx
	xorl	%r8d, %r8d
1:	movl	$PATTERN, %eax
	addl	%ecx, %eax
	cmpq	%rax, (%rsp, %rcx, 8)
	setne	%dl
	orb	%dl, %r8b
	incl	%ecx
	cmpl	$15, %ecx
	jb	1b
	addq	$15 * 8, %rsp
	popq	%rbp

	STRING	"the handler did not run exactly once", %rax
	cmpl	$1, breakpoint_count(%rip)
	jne	2f
	STRING	"the frame's RIP is not the instruction after int3", %rax
	leaq	breakpoint_return(%rip), %rdx
	cmpq	%rdx, breakpoint_rip(%rip)
	jne	2f
	STRING	"a register changed", %rax
	testb	%r8b, %r8b
	jnz	2f
	STRING	"the carry flag was lost", %rax
	testb	%r9b, %r9b
	jz	2f
	xorl	%eax, %eax
2:	movq	-8(%rbp), %rbx
	movq	-16(%rbp), %r12
	movq	-24(%rbp), %r13
	movq	-32(%rbp), %r14
	movq	-40(%rbp), %r15
	leave
	ret
ENDFUNC check_breakpoint

	.balign	16
on_breakpoint:
	incl	breakpoint_count(%rip)
	movq	TF_RIP(%rdi), %rax
	movq	%rax, breakpoint_rip(%rip)
	movl	breakpoint_spoil(%rip), %eax
	addq	%rax, TF_R13(%rdi)
	ret
	.size	on_breakpoint, . - on_breakpoint

	.macro	EXPECT_FAULT error, message
	STRING	"\message", %rcx
	movabsq	$FAULT(T_PGFLT, \error), %rsi
	cmpq	%rsi, %rax
	jne	9f
	cmpq	%rbx, %rdx
	jne	9f
	.endm

/* const char *check_pagefault(bool spoil): spoilt, the guard page is expected one page lower. CR2 must be RBX. */
FUNC check_pagefault
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	movl	%edi, %r12d

	leaq	kstack_guard + 8(%rip), %rbx
	movq	%rbx, %rdi
	call	probe_write
	shlq	$PGSHIFT, %r12
	subq	%r12, %rbx
	EXPECT_FAULT PF_W, "a write to a guard page did not give error code 2 and its address"

	/* The byte that is there: a write that is not stopped does no harm. */
	leaq	check_pagefault(%rip), %rbx
	movq	%rbx, %rdi
	movzbl	(%rbx), %esi
	call	probe_write
	EXPECT_FAULT (PF_P | PF_W), "a write to the kernel's text did not give error code 3 and its address"

	leaq	checks_rodata(%rip), %rbx
	movq	%rbx, %rdi
	movzbl	(%rbx), %esi
	call	probe_write
	EXPECT_FAULT (PF_P | PF_W), "a write to read-only data did not give error code 3 and its address"

	cmpq	$0, nx_mask(%rip)
	je	1f
	leaq	noexec_data(%rip), %rbx
	xorl	%eax, %eax
	jmp	*%rbx
back_from_data:
	EXPECT_FAULT (PF_P | PF_I), "executing data did not give error code 0x11 and its address"

1:	leaq	start64(%rip), %rbx
	subq	$KERNBASE, %rbx
	movq	%rbx, %rdi
	call	probe_read
	EXPECT_FAULT 0, "the identity mapping of the boot is still there"

	xorl	%ecx, %ecx
9:	movq	%rcx, %rax
	popq	%r12
	popq	%rbx
	leave
	ret
ENDFUNC check_pagefault
	EXCEPTION noexec_data, back_from_data

	.section .rodata
checks_rodata:
	.byte	0

/* Code that must never run: it would come back as if nothing had happened, with RAX = 0. */
	.data
	.balign	16
noexec_data:
	jmp	back_from_data

	.bss
	.balign	8
breakpoint_rip:
	.skip	8
breakpoint_count:
	.skip	4
breakpoint_spoil:
	.skip	4
