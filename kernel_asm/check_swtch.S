/* Check of swtch: two stacks hand the CPU to each other, and each finds its callee-saved registers as it left them. */
#include "asm.h"
#include "mmu.h"

#define ROUND_TRIPS	1000
#define MAIN_PATTERN	0x11110000
#define OTHER_PATTERN	0x22220000

/* RBX RBP R12-R15 = pattern + RAX * 8 + 0 ... 5: other values in each round. */
	.macro	LOAD_CALLEE_SAVED pattern
	leaq	\pattern + 0(, %rax, 8), %rbx
	leaq	\pattern + 1(, %rax, 8), %rbp
	leaq	\pattern + 2(, %rax, 8), %r12
	leaq	\pattern + 3(, %rax, 8), %r13
	leaq	\pattern + 4(, %rax, 8), %r14
	leaq	\pattern + 5(, %rax, 8), %r15
	.endm

/* Count in \errors what differs from that. */
	.macro	COMPARE_CALLEE_SAVED pattern, errors
	.set	register_index, 0
	.irp	register, rbx, rbp, r12, r13, r14, r15
	leaq	\pattern + register_index(, %rax, 8), %rcx
	cmpq	%rcx, %\register
	setne	%dl
	orb	%dl, \errors(%rip)
	.set	register_index, register_index + 1
	.endr
	.endm

	.text
/* const char *check_swtch(bool spoil): spoilt, the other side changes R13 in the context that main left. */
FUNC check_swtch
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	movl	%edi, swtch_spoil(%rip)
	movq	%rsp, main_rsp(%rip)

	/* A context that has never run: seven words, the last one its RIP. Above it, RSP is as after a call. */
	leaq	other_stack_top - 8 - 7 * 8(%rip), %rax
	leaq	other_side(%rip), %rcx
	movq	%rcx, 6 * 8(%rax)
	movq	%rax, other_context(%rip)

1:	movq	main_rounds(%rip), %rax
	LOAD_CALLEE_SAVED MAIN_PATTERN
	leaq	main_context(%rip), %rdi
	movq	other_context(%rip), %rsi
	call	swtch
	movq	main_rounds(%rip), %rax
	COMPARE_CALLEE_SAVED MAIN_PATTERN, main_errors
	cmpq	main_rsp(%rip), %rsp
	setne	%dl
	orb	%dl, main_errors(%rip)
	incq	%rax
	movq	%rax, main_rounds(%rip)
	cmpq	$ROUND_TRIPS, %rax
	jb	1b

	STRING	"a callee-saved register or RSP changed on the first stack", %rax
	cmpb	$0, main_errors(%rip)
	jne	2f
	STRING	"a callee-saved register changed on the second stack", %rax
	cmpb	$0, other_errors(%rip)
	jne	2f
	STRING	"the second stack was not entered 1000 times", %rax
	cmpq	$ROUND_TRIPS, other_rounds(%rip)
	jne	2f
	xorl	%eax, %eax
2:	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
ENDFUNC check_swtch

	.balign	16
other_side:
	incq	other_rounds(%rip)
	movl	swtch_spoil(%rip), %ecx
	movq	main_context(%rip), %rdx
	addq	%rcx, 2 * 8(%rdx)
	movq	other_rounds(%rip), %rax
	LOAD_CALLEE_SAVED OTHER_PATTERN
	leaq	other_context(%rip), %rdi
	movq	main_context(%rip), %rsi
	call	swtch
	movq	other_rounds(%rip), %rax
	COMPARE_CALLEE_SAVED OTHER_PATTERN, other_errors
	jmp	other_side
	.size	other_side, . - other_side

	.bss
	.balign	8
main_context:
	.skip	8
other_context:
	.skip	8
main_rsp:
	.skip	8
main_rounds:
	.skip	8
other_rounds:
	.skip	8
swtch_spoil:
	.skip	4
main_errors:
	.skip	1
other_errors:
	.skip	1
