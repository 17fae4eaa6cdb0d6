/*
 * Measured by the time stamp counter, which under `-icount shift=0` counts the instructions that were executed, exactly.
 * Each result is what lies between two readings; main.py subtracts what two readings with nothing between them give.
 */
#include "asm.h"
#include "calls.h"

/* The time stamp counter in `register`. Clobbers RAX and RDX. */
	.macro	STAMP register
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, \register
	.endm

	.text
/* u64 bench_nothing(void) */
FUNC bench_nothing
	STAMP	%rsi
	STAMP	%rdi
	movq	%rdi, %rax
	subq	%rsi, %rax
	ret
ENDFUNC bench_nothing

/* u64 bench_call(u64 number, AnyArguments *arguments): a system call. */
FUNC bench_call
	pushq	%rbx
	pushq	%rbp
	movq	%rdi, %rbp
	movq	%rsi, %rcx
	movq	(%rcx), %rdi
	movq	8(%rcx), %rsi
	movq	24(%rcx), %r10
	movq	32(%rcx), %r8
	movq	40(%rcx), %r9
	STAMP	%rbx
	movq	16(%rcx), %rdx
	movq	%rbp, %rax
	syscall
	movq	%rax, bench_result(%rip)
	STAMP	%rdi
	movq	%rdi, %rax
	subq	%rbx, %rax
	subq	$3, %rax		/* the three that belong to the measurement */
	popq	%rbp
	popq	%rbx
	ret
ENDFUNC bench_call

/* u64 bench_fault(u64 address): a read that faults, its upcall, and the way back. */
FUNC bench_fault
	STAMP	%rsi
	movq	(%rdi), %rcx		/* three bytes */
	STAMP	%rdi
	movq	%rdi, %rax
	subq	%rsi, %rax
	ret
ENDFUNC bench_fault

/* Where the upcall goes: RIP of the frame is made that of the next instruction, and the frame gone on with. */
FUNC bench_upcall
	addq	$3, 136(%rsi)
	movq	%rsi, %rdi
	movl	$SYS_UPCALL_RETURN, %eax
	syscall
	ud2
ENDFUNC bench_upcall

/* u64 bench_pct(u64 env): to an environment that is in echo_entry, and back. The time of its entry: bench_there. */
FUNC bench_pct
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, bench_rsp(%rip)
	STAMP	%rcx
	movq	%rcx, bench_before(%rip)
	movl	$SYS_PCT, %eax
	syscall
	ud2
ENDFUNC bench_pct

/* Where it comes back: w0 in RSI is when the other one was entered. */
FUNC bench_back
	STAMP	%rcx
	movq	%rsi, bench_there(%rip)
	movq	bench_rsp(%rip), %rsp
	movq	%rcx, %rax
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	subq	bench_before(%rip), %rax
	ret
ENDFUNC bench_back

/* The other side of bench_pct: tells when it was entered, and goes back. */
FUNC echo_entry
	STAMP	%rsi
	movq	echo_target(%rip), %rdi
	movl	$SYS_PCT, %eax
	syscall
	ud2
ENDFUNC echo_entry

/* The server of a door: five words back as they came. */
FUNC echo_door
	movq	%rsi, %rdi
	movl	$SYS_DOOR_RETURN, %eax
	syscall
	ud2
ENDFUNC echo_door

	.data
	.balign	8
	.globl	bench_result, bench_before, bench_there, echo_target
bench_result:
	.quad	0
bench_before:
	.quad	0
bench_there:
	.quad	0
bench_rsp:
	.quad	0
echo_target:
	.quad	0
