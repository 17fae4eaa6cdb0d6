/*
 * Traps in and out. Each entry builds a struct trapframe (trap.h) and calls trap(frame) with interrupts off.
 *
 * GS_BASE is the struct Cpu in ring 0 and the user's in ring 3, and swapgs is its only change. The saved CS tells which one
 * is in force, but for a few instructions: between SYSCALL and its swapgs, and between swapgs and SYSRET or iretq. Only
 * NMI, #MC, #DB and #DF can strike there; they come to paranoid_traps, on stacks of their own (IST).
 */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

/* SMAP is off while RFLAGS.AC is set, and a trap does not clear AC. clac is #UD on CPUs without SMAP. */
	.macro	CLEAR_AC
	cmpb	$0, cpu_has_smap(%rip)
	je	.Lno_smap\@
	clac
.Lno_smap\@:
	.endm

/*
 * Call trap(frame) for the frame at RSP. What is pushed between looks like the frame of a function that the
 * interrupted code had called: a backtrace goes on with the interrupted function, instead of its caller.
 */
	.macro	CALL_TRAP
	movq	%rsp, %rdi
	pushq	TF_RIP(%rdi)
	pushq	%rbp
	movq	%rsp, %rbp
	call	trap
	leaq	16(%rbp), %rsp
	.endm

	.text
FUNC alltraps
	PUSH_REGS
	cld
	CLEAR_AC
	testb	$RPL_USER, TF_CS(%rsp)
	jz	2f
	swapgs
1:	CALL_TRAP
	jmp	trapret
2:	leaq	iret_to_user(%rip), %rax
	cmpq	%rax, TF_RIP(%rsp)
	jne	1b

	/*
	 * The iretq to ring 3 itself faulted, for instance on a RIP that is not canonical: the CPU is still in ring 0,
	 * but GS_BASE is the user's already. Make of it what it is, a fault of the user's: the frame that iretq read,
	 * with this trap's vector, error code and registers. It goes to the top of the kernel stack, where frames from
	 * ring 3 stand. The lower part moves up by less than its length, so copy from the end.
	 */
	swapgs
	movq	TF_RSP(%rsp), %rsi
	movq	%gs:CPU_KSTACK, %rdi
	addq	$TF_SIZE - TF_RIP - 8, %rsi
	subq	$8, %rdi
	movl	$(TF_SIZE - TF_RIP) / 8, %ecx
	std
	rep movsq
	leaq	TF_RIP - 8(%rsp), %rsi
	movl	$TF_RIP / 8, %ecx
	rep movsq
	cld
	leaq	8(%rdi), %rsp
	jmp	1b
ENDFUNC alltraps

/*
 * Return to the frame at RSP. Also how a new environment first gets to ring 3: swtch to a context whose RIP is here.
 * A frame for ring 3 must end at the top of the kernel stack.
 */
FUNC trapret
	testb	$RPL_USER, TF_CS(%rsp)
	jz	1f
	cli				/* an interrupt after swapgs would come from ring 0 with the user's GS_BASE */
	POP_REGS
	addq	$TF_RIP - TF_TRAPNO, %rsp
	swapgs
	.globl	iret_to_user
iret_to_user:
	iretq
1:	POP_REGS
	addq	$TF_RIP - TF_TRAPNO, %rsp
	iretq
ENDFUNC trapret

/*
 * From ring 3, NMI, #MC and #DB are ordinary traps: they move to the kernel stack, which is empty then, so that their
 * handlers may do all that others may, and so that an iretq that unblocks NMIs cannot let the next one overwrite this
 * frame. #DF stays where it is: that stack may be what it is about.
 *
 * From ring 0, GS_BASE itself tells whose it is: kernel addresses have bit 63 set, and ring 3 cannot set that bit, as
 * CR4.FSGSBASE is off and the kernel gives no other way. Such a handler must neither fault (iretq would unblock NMIs
 * while the stack is in use) nor switch stacks. CR2 is kept for the page-fault handler that it may have interrupted.
 */
FUNC paranoid_traps
	PUSH_REGS
	cld
	CLEAR_AC
	cmpb	$T_DBLFLT, TF_TRAPNO(%rsp)
	je	1f
	testb	$RPL_USER, TF_CS(%rsp)
	jnz	4f
1:	movl	$MSR_GS_BASE, %ecx
	rdmsr
	xorl	%ebx, %ebx
	testl	%edx, %edx
	js	2f
	swapgs
	incl	%ebx
2:	movq	%cr2, %r12
	CALL_TRAP
	movq	%r12, %cr2
	testl	%ebx, %ebx
	jz	3f
	swapgs
3:	POP_REGS
	addq	$TF_RIP - TF_TRAPNO, %rsp
	iretq

4:	swapgs
	movq	%rsp, %rsi
	movq	%gs:CPU_KSTACK, %rdi
	subq	$TF_SIZE, %rdi
	movq	%rdi, %rax
	movl	$TF_SIZE / 8, %ecx
	rep movsq
	movq	%rax, %rsp
	CALL_TRAP
	jmp	trapret
ENDFUNC paranoid_traps
