/* Check of the clock: ten interrupts must come within a bounded time, on every machine. */
#include "asm.h"
#include "trap.h"

#define TICKS		10
#define TIMER_COUNT	100000		/* 0.1 ms at QEMU's 1 GHz; a few ms on slow buses */
/* Give up only after both: some seconds on any CPU, and enough turns that the CPU was really running meanwhile. */
#define TSC_LIMIT	0x200000000
#define TURNS_LIMIT	100000

	.text
/* const char *check_timer(bool spoil): spoilt, the timer is never started. */
FUNC check_timer
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	subq	$8, %rsp
	movl	%edi, %r13d
	movl	$T_TIMER, %edi
	leaq	on_timer(%rip), %rsi
	call	set_trap_handler
	testl	%r13d, %r13d
	jnz	1f
	movl	$TIMER_COUNT, %edi
	call	lapic_timer_start
1:	call	rdtsc
	movq	%rax, %rbx
	movabsq	$TSC_LIMIT, %rcx
	addq	%rcx, %rbx
	xorl	%r12d, %r12d
	sti
2:	cmpl	$TICKS, ticks(%rip)
	jae	3f
	pause
	incl	%r12d
	cmpl	$TURNS_LIMIT, %r12d
	jb	2b
	call	rdtsc
	cmpq	%rbx, %rax
	jb	2b
3:	cli
	call	lapic_timer_stop
	STRING	"fewer than ten interrupts came", %rax
	cmpl	$TICKS, ticks(%rip)
	jb	4f
	xorl	%eax, %eax
4:	movq	-8(%rbp), %rbx
	movq	-16(%rbp), %r12
	movq	-24(%rbp), %r13
	leave
	ret
ENDFUNC check_timer

	.balign	16
on_timer:
	incl	ticks(%rip)
	jmp	lapic_eoi
	.size	on_timer, . - on_timer

	.bss
	.balign	4
ticks:
	.skip	4
