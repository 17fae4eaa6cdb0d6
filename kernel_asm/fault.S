/*
 * Failures on demand, so that what happens then can be tested: exov6.fault=NAME on the command line. Each ends in the
 * outcome that its name promises (docs/kernel-asm.md has the table).
 */
#include "asm.h"
#include "boot.h"

	.text
/* Returns only if no fault was asked for. */
FUNC deliberate_fault
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	subq	$8, %rsp
	STRING	"exov6.fault", %rdi
	call	cmdline_value
	testq	%rax, %rax
	jz	2f
	movq	%rax, %r12
	movq	%rdx, %r13
	leaq	faults(%rip), %rbx
1:	movq	0(%rbx), %rdx
	testq	%rdx, %rdx
	jz	3f
	movq	%r12, %rdi
	movq	%r13, %rsi
	call	text_equal
	addq	$16, %rbx
	testl	%eax, %eax
	jz	1b
	call	*-8(%rbx)
	PANIC	"the deliberate fault had no effect"
2:	addq	$8, %rsp
	popq	%r13
	popq	%r12
	popq	%rbx
	leave
	ret
3:	PRINT	"FAIL: unknown exov6.fault\n"
	movl	$EXIT_FAILED, %edi
	call	machine_exit
ENDFUNC deliberate_fault

/* A panic three calls deep, for the backtrace. */
FUNC fault_panic
	PROLOGUE
	call	fault_panic_middle
	leave
	ret
ENDFUNC fault_panic

FUNC fault_panic_middle
	PROLOGUE
	call	fault_panic_inner
	leave
	ret
ENDFUNC fault_panic_middle

FUNC fault_panic_inner
	PROLOGUE
	PANIC	"exov6.fault=panic"
ENDFUNC fault_panic_inner

/* With an empty IDT no exception can be delivered, not even the double fault that comes of that: the CPU shuts down. */
FUNC fault_triple
	PROLOGUE
	lidt	empty_idt(%rip)
	ud2
ENDFUNC fault_triple

/* Interrupts off and halted: nothing can wake the CPU. */
FUNC fault_hang
	PROLOGUE
1:	cli
	hlt
	jmp	1b
ENDFUNC fault_hang

FUNC fault_spin
	PROLOGUE
1:	pause
	jmp	1b
ENDFUNC fault_spin

FUNC fault_ud
	PROLOGUE
	ud2
ENDFUNC fault_ud

/* A page fault whose frame cannot be pushed, as RSP points to nothing. */
FUNC fault_df
	PROLOGUE
	movl	$0x1000, %esp
	pushq	%rax
ENDFUNC fault_df

FUNC fault_stack_overflow
	PROLOGUE
	call	fault_stack_overflow
	leave
	ret
ENDFUNC fault_stack_overflow

/* A reset without a fault: the keyboard controller pulses the CPU's reset line. */
FUNC fault_reset
	PROLOGUE
	movb	$0xfe, %al
	outb	%al, $0x64
1:	pause
	jmp	1b
ENDFUNC fault_reset

/* Ends as a run of failed tests would. */
FUNC fault_fail
	PROLOGUE
	PRINT	"FAIL: exov6.fault=fail\n"
	movl	$EXIT_FAILED, %edi
	call	machine_exit
ENDFUNC fault_fail

	.macro	FAULT_NAME name, function
	.pushsection .rodata
.Lfault\@:
	.asciz	"\name"
	.popsection
	.quad	.Lfault\@, \function
	.endm

	.section .rodata.faults, "a"
	.balign	8
faults:
	FAULT_NAME "panic", fault_panic
	FAULT_NAME "triple", fault_triple
	FAULT_NAME "hang", fault_hang
	FAULT_NAME "spin", fault_spin
	FAULT_NAME "ud", fault_ud
	FAULT_NAME "df", fault_df
	FAULT_NAME "stack-overflow", fault_stack_overflow
	FAULT_NAME "reset", fault_reset
	FAULT_NAME "fail", fault_fail
	FAULT_NAME "bounds", fault_bounds
	FAULT_NAME "other-panic", fault_other_panic
	FAULT_NAME "other-overflow", fault_other_overflow
	.quad	0

	.section .rodata
	.balign	8
empty_idt:
	.word	0
	.quad	0
