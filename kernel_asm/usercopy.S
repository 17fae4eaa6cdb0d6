/*
 * Copies between the kernel and ring 3. SMAP is lifted for the copy alone; a fault in it is caught (EXCEPTION), whoever
 * owns the page by then.
 */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

	.macro	ALLOW_USER instruction
	cmpb	$0, cpu_has_smap(%rip)
	je	.Lno_smap\@
	\instruction
.Lno_smap\@:
	.endm

	.text
/* bool copy_in(void *to, const user void *from, u64 size) */
FUNC copy_in
	movq	%rsi, %rax
	jmp	copy_user
ENDFUNC copy_in

/* bool copy_out(user void *to, const void *from, u64 size) */
FUNC copy_out
	movq	%rdi, %rax
ENDFUNC copy_out
	/* Fall through. RAX = the address of the two that ring 3 chose. */

	.balign	16
	.type	copy_user, @function
copy_user:
	PROLOGUE
	movabsq	$USERTOP - PGSIZE, %rcx
	subq	%rax, %rcx
	jb	3f
	cmpq	%rdx, %rcx
	jb	3f
	movq	%rdx, %rcx
	andl	$7, %edx
	shrq	$3, %rcx
	ALLOW_USER stac
1:	rep movsq
	movl	%edx, %ecx
2:	rep movsb
	ALLOW_USER clac
	movl	$1, %eax
	leave
	ret
	/* bool copy_out_upcall(user void *to, const struct trapframe *frame, u64 info, u64 type): struct Upcall */
	.globl	copy_out_upcall
	.type	copy_out_upcall, @function
	.balign	16
copy_out_upcall:
	PROLOGUE
	movabsq	$USERTOP - PGSIZE - TF_SIZE - 16, %rax
	cmpq	%rax, %rdi
	ja	3f
	movq	%rcx, %r8
	movl	$TF_SIZE / 8, %ecx
	ALLOW_USER stac
4:	rep movsq
5:	movq	%rdx, (%rdi)
6:	movq	%r8, 8(%rdi)
	ALLOW_USER clac
	movl	$1, %eax
	leave
	ret
	.size	copy_out_upcall, . - copy_out_upcall
	EXCEPTION 4b, copy_user_faulted
	EXCEPTION 5b, copy_user_faulted
	EXCEPTION 6b, copy_user_faulted

	/* Where both go on after a fault. */
copy_user_faulted:
	ALLOW_USER clac
3:	xorl	%eax, %eax
	leave
	ret
	EXCEPTION 1b, copy_user_faulted
	EXCEPTION 2b, copy_user_faulted
	.size	copy_user, . - copy_user
