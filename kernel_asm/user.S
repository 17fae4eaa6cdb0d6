/*
 * A program for ring 3: it makes system calls, and commits every fault that check_user.S expects, in that order.
 * It is in the kernel's read-only data and mapped a second time, for ring 3, readable and executable: no page is ever
 * writable in one place and executable in another. It is not linked to where it runs, so it names addresses only
 * relative to itself.
 */
#include "asm.h"
#include "mmu.h"
#include "user.h"
#include "x86.h"

	.macro	USER_FAIL_UNLESS condition, message
	j\condition .Lgood\@
	movl	$\message, %edi
	movl	$USER_FAILED, %eax
	syscall
.Lgood\@:
	.endm

/* A name for this place as ring 3 sees it: an absolute symbol. */
	.macro	ADDRESS name
	.globl	\name
	.set	\name, . - user_text + USER_TEXT
	.endm

	.section .rodata.user, "a"
	.balign	PGSIZE, 0xcc
	.globl	user_text
user_text:
	/* For the check of SMEP, from ring 0: straight back. */
	jmp	*%r11

	ADDRESS	user_start
	.set	number, 1
	.irp	register, rdi, rsi, rdx, r10, r8, r9
	movabsq	$ARGUMENT + number, %\register
	.set	number, number + 1
	.endr
	.set	number, 1
	.irp	register, rbx, rbp, r12, r13, r14, r15
	movabsq	$KEPT + number, %\register
	.set	number, number + 1
	.endr
	pushq	$FL_RESERVED1 + FL_IF + USER_FLAGS
	popfq
	movl	$USER_ARGUMENTS, %eax
	syscall
1:	pushfq
	popq	%r11			/* lost by SYSCALL anyway */
	pushq	%rax
	leaq	1b(%rip), %rax
	cmpq	%rax, %rcx
	popq	%rax
	USER_FAIL_UNLESS e, FAILED_SYSRET
	movabsq	$RESULT, %rcx
	cmpq	%rcx, %rax
	USER_FAIL_UNLESS e, FAILED_RESULT
	.set	number, 1
	.irp	register, rdi, rsi, rdx, r10, r8, r9
	movabsq	$ARGUMENT + number, %rcx
	cmpq	%rcx, %\register
	USER_FAIL_UNLESS e, FAILED_KEPT
	.set	number, number + 1
	.endr
	.set	number, 1
	.irp	register, rbx, rbp, r12, r13, r14, r15
	movabsq	$KEPT + number, %rcx
	cmpq	%rcx, %\register
	USER_FAIL_UNLESS e, FAILED_KEPT
	.set	number, number + 1
	.endr
	cmpq	$USER_STACK_TOP, %rsp
	USER_FAIL_UNLESS e, FAILED_KEPT
	andl	$USER_FLAGS + FL_IF, %r11d
	cmpl	$USER_FLAGS + FL_IF, %r11d
	USER_FAIL_UNLESS e, FAILED_FLAGS

	/* A trap that ring 3 may make, an instruction that it may not execute, memory that it may not read. */
	xorl	%ecx, %ecx
	pushq	$FL_RESERVED1 + FL_IF + USER_FLAGS
	popfq
	int3
	ADDRESS	user_after_int3
	pushq	$FL_RESERVED1 + FL_IF
	popfq
	ADDRESS	user_cli
	cli
	ADDRESS	user_after_cli
	movq	$start64, %rax
	ADDRESS	user_read
	movq	(%rax), %rax
	ADDRESS	user_after_read

	/* A single-stepped SYSCALL: no #DB in the kernel, none for the SYSCALL, one after the nop. */
	movl	$USER_NOTHING, %eax
	pushq	$FL_RESERVED1 + FL_IF + FL_TF
	popfq
	syscall
	nop
	ADDRESS	user_stepped

	/* A return that iretq refuses. */
	movl	$USER_BAD_CS, %eax
	syscall
	ADDRESS	user_after_bad_cs

	/* A SYSCALL whose return address is not canonical. */
	movl	$USER_NOTHING, %eax
	movabsq	$USERTOP - 2, %rcx
	jmp	*%rcx

	/* The last page of the lower half ends with a SYSCALL. */
	.balign	PGSIZE, 0xcc
	.globl	user_last_page
user_last_page:
	.fill	PGSIZE - 2, 1, 0xcc
	syscall
