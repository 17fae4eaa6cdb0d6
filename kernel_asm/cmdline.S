/* The kernel's command line: words between blanks, some of them name=value. */
#include "asm.h"
#include "boot.h"

	.text
/* (const char *value, u64 length) cmdline_value(const char *name): the first `name=value`; RAX = 0 if there is none. */
FUNC cmdline_value
	leaq	boot_cmdline(%rip), %rax
1:	/* RAX is at the start of a word. */
	movq	%rdi, %rsi
2:	movb	(%rax), %cl
	cmpb	$0, (%rsi)
	je	4f
	cmpb	(%rsi), %cl
	jne	3f
	incq	%rax
	incq	%rsi
	jmp	2b
3:	/* Not this word: skip to the next. */
	movb	(%rax), %cl
	testb	%cl, %cl
	jz	7f
	incq	%rax
	cmpb	$' ', %cl
	jne	3b
	jmp	1b
4:	cmpb	$'=', %cl
	jne	3b
	incq	%rax
	xorl	%edx, %edx
5:	movb	(%rax, %rdx), %cl
	testb	%cl, %cl
	jz	6f
	cmpb	$' ', %cl
	je	6f
	incq	%rdx
	jmp	5b
6:	ret
7:	xorl	%eax, %eax
	ret
ENDFUNC cmdline_value

/* bool text_equal(const char *text, u64 length, const char *word): is the text just this word? */
FUNC text_equal
	xorl	%eax, %eax
1:	movb	(%rdx), %cl
	testq	%rsi, %rsi
	jz	2f
	cmpb	(%rdi), %cl
	jne	3f
	testb	%cl, %cl
	jz	3f
	incq	%rdi
	incq	%rdx
	decq	%rsi
	jmp	1b
2:	testb	%cl, %cl
	sete	%al
3:	ret
ENDFUNC text_equal
