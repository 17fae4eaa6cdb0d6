/* memcpy and memset, which compiled code calls, too. No vector registers, as in all that is compiled here. */
#include "user.h"

	.text
/* void *memcpy(void *to, const void *from, size_t size) */
FUNC memcpy
	movq	%rdi, %rax
	movq	%rdx, %rcx
	rep movsb
	ret
ENDFUNC memcpy

/* void *memmove(void *to, const void *from, size_t size) */
FUNC memmove
	movq	%rdi, %rax
	movq	%rdx, %rcx
	cmpq	%rsi, %rdi
	jbe	1f
	leaq	-1(%rsi, %rdx), %rsi
	leaq	-1(%rdi, %rdx), %rdi
	std
	rep movsb
	cld
	ret
1:	rep movsb
	ret
ENDFUNC memmove

/* void *memset(void *to, int byte, size_t size) */
FUNC memset
	movq	%rdi, %r8
	movl	%esi, %eax
	movq	%rdx, %rcx
	rep stosb
	movq	%r8, %rax
	ret
ENDFUNC memset

/* int memcmp(const void *a, const void *b, size_t size) */
FUNC memcmp
	movq	%rdx, %rcx
	xorl	%eax, %eax
	repe cmpsb
	je	1f
	movzbl	-1(%rdi), %eax
	movzbl	-1(%rsi), %ecx
	subl	%ecx, %eax
1:	ret
ENDFUNC memcmp
