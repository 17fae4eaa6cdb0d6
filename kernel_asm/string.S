/*
 * memcpy memmove memset memcmp, System V ABI: what compilers call even where nobody wrote a call.
 *
 * A size that is no multiple of 8 is done by one last access that overlaps the one before it, not byte by byte.
 * rep movsq and rep stosq count as one instruction for 8 bytes in QEMU, and run at full width on CPUs with fast strings
 * (Intel Optimization Reference Manual, 3.7.6). They are slow with DF set, so the copy from the end is a loop.
 */
#include "asm.h"

	.text
/* void *memmove(void *dst, const void *src, size_t n): right for any overlap. */
FUNC memmove
	movq	%rdi, %rax
	subq	%rsi, %rax
	cmpq	%rdx, %rax
	jb	memmove_backward	/* src <= dst < src + n: the copy forward would read what it has written */
	/* Fall through: forward is right also when dst < src, as memcpy reads its tail before it writes. */
ENDFUNC memmove

/* void *memcpy(void *dst, const void *src, size_t n) */
FUNC memcpy
	PROLOGUE
	movq	%rdi, %rax
	movq	%rdx, %rcx
	cmpq	$8, %rdx
	jb	1f
	movq	-8(%rsi, %rdx), %r8
	leaq	-8(%rdi, %rdx), %r9
	decq	%rcx
	shrq	$3, %rcx
	rep movsq
	movq	%r8, (%r9)
	leave
	ret
1:	cmpl	$4, %edx
	jb	2f
	movl	(%rsi), %ecx
	movl	-4(%rsi, %rdx), %r8d
	movl	%ecx, (%rdi)
	movl	%r8d, -4(%rdi, %rdx)
	leave
	ret
2:	testl	%edx, %edx
	jz	3f
	movzbl	(%rsi), %ecx
	movzbl	-1(%rsi, %rdx), %r8d
	movl	%edx, %r10d
	shrl	%r10d
	movzbl	(%rsi, %r10), %r9d
	movb	%cl, (%rdi)
	movb	%r9b, (%rdi, %r10)
	movb	%r8b, -1(%rdi, %rdx)
3:	leave
	ret
ENDFUNC memcpy

/* memmove for src <= dst < src + n. */
	.balign	16
memmove_backward:
	PROLOGUE
	movq	%rdi, %rax
	cmpq	$8, %rdx
	jb	2f
	movq	(%rsi), %r8
1:	movq	-8(%rsi, %rdx), %rcx
	movq	%rcx, -8(%rdi, %rdx)
	subq	$8, %rdx
	cmpq	$8, %rdx
	ja	1b
	movq	%r8, (%rdi)
	leave
	ret
2:	testl	%edx, %edx
	jz	3f
	movb	-1(%rsi, %rdx), %cl
	movb	%cl, -1(%rdi, %rdx)
	decl	%edx
	jmp	2b
3:	leave
	ret
	.size	memmove_backward, . - memmove_backward

/* void *memset(void *dst, int c, size_t n) */
FUNC memset
	PROLOGUE
	movq	%rdi, %r8
	movzbl	%sil, %eax
	movabsq	$0x0101010101010101, %rcx
	imulq	%rcx, %rax
	cmpq	$8, %rdx
	jb	1f
	movq	%rax, -8(%rdi, %rdx)
	leaq	-1(%rdx), %rcx
	shrq	$3, %rcx
	rep stosq
	jmp	3f
1:	cmpl	$4, %edx
	jb	2f
	movl	%eax, (%rdi)
	movl	%eax, -4(%rdi, %rdx)
	jmp	3f
2:	testl	%edx, %edx
	jz	3f
	movb	%al, (%rdi)
	movb	%al, -1(%rdi, %rdx)
	shrl	%edx
	movb	%al, (%rdi, %rdx)
3:	movq	%r8, %rax
	leave
	ret
ENDFUNC memset

/* int memcmp(const void *a, const void *b, size_t n): the sign of the first difference of bytes, as unsigned. */
FUNC memcmp
	PROLOGUE
	xorl	%eax, %eax
1:	cmpq	$8, %rdx
	jb	2f
	movq	(%rdi), %rcx
	movq	(%rsi), %r8
	addq	$8, %rdi
	addq	$8, %rsi
	subq	$8, %rdx
	cmpq	%r8, %rcx
	je	1b
	bswapq	%rcx			/* the first byte in memory decides: make it the highest */
	bswapq	%r8
	cmpq	%r8, %rcx
	jmp	4f
2:	testl	%edx, %edx
	jz	5f
3:	movzbl	(%rdi), %ecx
	cmpb	(%rsi), %cl
	jne	4f
	incq	%rdi
	incq	%rsi
	decl	%edx
	jnz	3b
	leave
	ret
4:	sbbl	%eax, %eax		/* -1 below, else 0 */
	orl	$1, %eax
5:	leave
	ret
ENDFUNC memcmp
