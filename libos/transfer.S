/* The system calls that carry more words than a function has registers for; and what only an instruction can tell. */
#include "calls.h"
#include "user.h"

	.text
/* i64 exo_pct(u64 env, PctWords *words) */
FUNC exo_pct
	pushq	%r12
	movq	8(%rsi), %rdx
	movq	16(%rsi), %r10
	movq	24(%rsi), %r8
	movq	32(%rsi), %r9
	movq	40(%rsi), %r12
	movq	(%rsi), %rsi
	movl	$SYS_PCT, %eax
	syscall
	popq	%r12
	ret
ENDFUNC exo_pct

/* i64 exo_door_call(u64 door, DoorWords *words): the answer takes the place of the words. */
FUNC exo_door_call
	pushq	%rbx
	movq	%rsi, %rbx
	movq	(%rbx), %rsi
	movq	8(%rbx), %rdx
	movq	16(%rbx), %r10
	movq	24(%rbx), %r8
	movq	32(%rbx), %r9
	movl	$SYS_DOOR_CALL, %eax
	syscall
	movq	%rsi, (%rbx)
	movq	%rdx, 8(%rbx)
	movq	%r10, 16(%rbx)
	movq	%r8, 24(%rbx)
	movq	%r9, 32(%rbx)
	popq	%rbx
	ret
ENDFUNC exo_door_call

/* i64 exo_any(u64 number, AnyArguments *arguments): any system call, as it stands. */
FUNC exo_any
	movq	%rdi, %rax
	movq	%rsi, %rcx
	movq	(%rcx), %rdi
	movq	8(%rcx), %rsi
	movq	16(%rcx), %rdx
	movq	24(%rcx), %r10
	movq	32(%rcx), %r8
	movq	40(%rcx), %r9
	syscall
	ret
ENDFUNC exo_any

/* u64 read_tsc(void) */
FUNC read_tsc
	lfence
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	ret
ENDFUNC read_tsc

/* void spin_pause(void) */
FUNC spin_pause
	pause
	ret
ENDFUNC spin_pause
