/*
 * What only instructions can do: accesses that fault on purpose, registers as a whole, control transfer as a call.
 *
 * A fault between probe_start and probe_end goes on at probe_recover, once a handler says so (probe.py).
 */
#include "calls.h"
#include "user.h"

	.text
	.globl	probe_start, probe_end
probe_start:
/* u64 probe_read(u64 address): the word there. */
FUNC probe_read
	movq	(%rdi), %rax
	ret
ENDFUNC probe_read

/* u64 probe_write(u64 address, u64 value) */
FUNC probe_write
	movq	%rsi, (%rdi)
	xorl	%eax, %eax
	ret
ENDFUNC probe_write

FUNC probe_undefined
	ud2
	ret
ENDFUNC probe_undefined

FUNC probe_breakpoint
	int3
	xorl	%eax, %eax
	ret
ENDFUNC probe_breakpoint

FUNC probe_divide
	xorl	%edx, %edx
	xorl	%ecx, %ecx
	movl	$1, %eax
	divl	%ecx
	ret
ENDFUNC probe_divide

FUNC probe_cli
	cli
	xorl	%eax, %eax
	ret
ENDFUNC probe_cli

FUNC probe_hlt
	hlt
	xorl	%eax, %eax
	ret
ENDFUNC probe_hlt

FUNC probe_cr3
	movq	%cr3, %rax
	ret
ENDFUNC probe_cr3

FUNC probe_msr
	movl	$0xc0000080, %ecx
	rdmsr
	ret
ENDFUNC probe_msr

/* u64 probe_in(u64 port): the byte there. */
FUNC probe_in
	movl	%edi, %edx
	xorl	%eax, %eax
	inb	%dx, %al
	ret
ENDFUNC probe_in

/* u64 probe_out(u64 port, u64 byte) */
FUNC probe_out
	movl	%edi, %edx
	movl	%esi, %eax
	outb	%al, %dx
	xorl	%eax, %eax
	ret
ENDFUNC probe_out

FUNC probe_step
	pushfq
	orq	$0x100, (%rsp)
	popfq
	nop
	xorl	%eax, %eax
	ret
ENDFUNC probe_step

/* u64 probe_ring(void): read and write the kernel's gate from ring 3 by a far return to ring 0. */
FUNC probe_ring0
	pushq	$0x08
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	xorl	%eax, %eax
	ret
ENDFUNC probe_ring0
probe_end:

/* Here RSP is that of the fault. What was pushed is found by the frame of probe_call. */
	.globl	probe_recover
probe_recover:
	movq	probe_rsp(%rip), %rsp
	popq	probe_rsp(%rip)
	popq	%rbp
	movq	$-1, %rax
	ret

/* u64 probe_call(u64 function, u64 a, u64 b): call a probe, -1 if it faults. They nest: a handler may call one. */
FUNC probe_call
	pushq	%rbp
	pushq	probe_rsp(%rip)
	movq	%rsp, probe_rsp(%rip)
	movq	%rdi, %rax
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	call	*%rax
	popq	probe_rsp(%rip)
	popq	%rbp
	ret
ENDFUNC probe_call

/* Exit with CS << 16 | the flags IF and IOPL as the status. */
FUNC in_which_ring
	movl	%cs, %edi
	shll	$16, %edi
	pushfq
	popq	%rax
	andl	$0x3200, %eax
	orl	%eax, %edi
	movl	$SYS_EXIT, %eax
	syscall
	ud2
ENDFUNC in_which_ring

/* u64 has_nx(void) */
FUNC has_nx
	pushq	%rbx
	movl	$0x80000001, %eax
	cpuid
	movl	%edx, %eax
	shrl	$20, %eax
	andl	$1, %eax
	popq	%rbx
	ret
ENDFUNC has_nx

/* u64 touch_with_registers(u64 address): fill all registers, read the word, return 0 if all are as they were. */
FUNC touch_with_registers
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, probe_rsp(%rip)
	.set	number, 1
	.irp	register, rax, rbx, rcx, rdx, rbp, rsi, r8, r9, r10, r11, r12, r13, r14, r15
	movq	$0x11110000 + number, %\register
	.set	number, number + 1
	.endr
	stc
	std
	cmpb	$0, (%rdi)
	cld
	.set	number, 1
	.irp	register, rax, rbx, rcx, rdx, rbp, rsi, r8, r9, r10, r11, r12, r13, r14, r15
	cmpq	$0x11110000 + number, %\register
	jne	1f
	.set	number, number + 1
	.endr
	cmpq	probe_rsp(%rip), %rsp
	jne	1f
	xorl	%eax, %eax
	jmp	2f
1:	movq	probe_rsp(%rip), %rsp
	movl	$1, %eax
2:	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
ENDFUNC touch_with_registers

/* u64 call_keeps_registers(u64 number, u64 a): make a call; 0 if RBX RBP RSP R12 to R15 and the flags are as before. */
FUNC call_keeps_registers
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, probe_rsp(%rip)
	movq	%rdi, %rax
	movq	%rsi, %rdi
	xorl	%esi, %esi
	xorl	%edx, %edx
	xorl	%r10d, %r10d
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	.set	number, 1
	.irp	register, rbx, rbp, r12, r13, r14, r15
	movq	$0x22220000 + number, %\register
	.set	number, number + 1
	.endr
	stc
	std
	syscall
	pushfq
	popq	%rcx
	cld
	andl	$0x401, %ecx
	cmpl	$0x401, %ecx
	jne	1f
	.set	number, 1
	.irp	register, rbx, rbp, r12, r13, r14, r15
	cmpq	$0x22220000 + number, %\register
	jne	1f
	.set	number, number + 1
	.endr
	cmpq	probe_rsp(%rip), %rsp
	jne	1f
	xorl	%eax, %eax
	jmp	2f
1:	movq	probe_rsp(%rip), %rsp
	movl	$1, %eax
2:	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
ENDFUNC call_keeps_registers

/*
 * i64 pct_call(u64 env, PctWords *words): a control transfer there, and back by one from there to pct_back. Returns 0
 * and the words that came, or an error. pct_set must have named pct_back, with any stack.
 */
FUNC pct_call
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	pushq	%rsi
	movq	%rsp, pct_rsp(%rip)
	movq	8(%rsi), %rdx
	movq	16(%rsi), %r10
	movq	24(%rsi), %r8
	movq	32(%rsi), %r9
	movq	40(%rsi), %r12
	movq	(%rsi), %rsi
	movl	$SYS_PCT, %eax
	syscall
	popq	%rsi
	jmp	1f
	.globl	pct_back
pct_back:
	movq	%rdi, pct_caller(%rip)
	movq	pct_rsp(%rip), %rsp
	popq	%rdi
	movq	%rsi, (%rdi)
	movq	%rdx, 8(%rdi)
	movq	%r10, 16(%rdi)
	movq	%r8, 24(%rdi)
	movq	%r9, 32(%rdi)
	movq	%r12, 40(%rdi)
	xorl	%eax, %eax
1:	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret
ENDFUNC pct_call

	.bss
	.balign	8
probe_rsp:
	.skip	8
pct_rsp:
	.skip	8
	.globl	pct_caller
pct_caller:
	.skip	8
