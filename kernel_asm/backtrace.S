/* Who called whom: the chain of frame pointers, as addresses that `exotool run` shows as functions. */
#include "asm.h"
#include "mmu.h"

#define BACKTRACE_MAX	32

	.text
/*
 * void backtrace(u64 rbp, u64 rip): print RIP and then the chain of return addresses. Memory may be in any state, so
 * nothing is believed: RBP must be aligned and in this image's data or an environment's kernel stack, reading there must
 * not fault (guard pages!), a return address must be in the kernel's text, and the number of lines is bounded.
 */
FUNC backtrace
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	subq	$8, %rsp
	movq	%rdi, %rbx
	movq	%rsi, %r12
	xorl	%r13d, %r13d
1:	PRINT	"  #"
	movl	%r13d, %edi
	call	put_dec
	movl	$' ', %edi
	call	putc
	movq	%r12, %rdi
	call	put_hex
	movl	$'\n', %edi
	call	putc
	incl	%r13d
	cmpl	$BACKTRACE_MAX, %r13d
	jae	2f

	testb	$7, %bl
	jnz	2f
	movabsq	$KSTACKS, %rax
	negq	%rax
	addq	%rbx, %rax
	cmpq	$(ENVS << KSTACK_SLOT_SHIFT) - 16, %rax
	jbe	3f
	leaq	__data_start(%rip), %rax
	cmpq	%rax, %rbx
	jb	2f
	leaq	__bss_end - 16(%rip), %rax
	cmpq	%rax, %rbx
	ja	2f
3:	leaq	8(%rbx), %rdi
	call	probe_read
	testq	%rax, %rax
	jnz	2f
	movq	%rdx, %r12
	movq	%rbx, %rdi
	call	probe_read
	testq	%rax, %rax
	jnz	2f
	movq	%rdx, %rbx
	leaq	__text_start(%rip), %rax
	cmpq	%rax, %r12
	jb	2f
	leaq	__text_end(%rip), %rax
	cmpq	%rax, %r12
	jb	1b
2:	addq	$8, %rsp
	popq	%r13
	popq	%r12
	popq	%rbx
	leave
	ret
ENDFUNC backtrace
