/*
 * The way back from an upcall, exo_upcall_return(registers), the fast path: no lock is needed, as it changes nothing but
 * the registers of the environment that runs here, and how deep it is. What is not as usual goes the slow way.
 */
#include "asm.h"
#include "calls.h"
#include "env.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

/* What ring 3 may choose of RFLAGS: as FL_USER in kernel/trapframe.py. */
#define FL_USER		(FL_USER_SETTABLE & ~(FL_IF | FL_NT | 0x3000))

	.text
/* RSP = top of the kernel stack, RCX and R11 as SYSCALL has left them, RDI = the registers to go on with. */
FUNC upcall_return_fast
	movq	%gs:CPU_ENV, %rbx
	cmpl	$0, ENV_ATTENTION(%rbx)
	jne	3f
	cmpl	$0, ENV_UPCALL_DEPTH(%rbx)
	je	3f
	movabsq	$USERTOP - PGSIZE - TF_SIZE, %rax
	cmpq	%rax, %rdi
	ja	3f
	subq	$TF_SIZE, %rsp
	movq	%rcx, %r9
	movq	%rdi, %r10
	movq	%rdi, %rsi
	movq	%rsp, %rdi
	movl	$TF_SIZE / 8, %ecx
	cmpb	$0, cpu_has_smap(%rip)
	je	1f
	stac
5:	rep movsq
	clac
	jmp	2f
1:	rep movsq
2:	decl	ENV_UPCALL_DEPTH(%rbx)
	movq	$USER_CS, TF_CS(%rsp)
	movq	$USER_SS, TF_SS(%rsp)
	movq	TF_RFLAGS(%rsp), %rax
	andl	$FL_USER, %eax
	orl	$FL_RESERVED1 | FL_IF, %eax
	movq	%rax, TF_RFLAGS(%rsp)
	jmp	trapret
6:	clac
4:	movq	%gs:CPU_KSTACK, %rsp
	movq	%r9, %rcx
	movq	%r10, %rdi
3:	movl	$SYS_UPCALL_RETURN, %eax
	jmp	syscall_frame
	EXCEPTION 5b, 6b
	EXCEPTION 1b, 4b
ENDFUNC upcall_return_fast
