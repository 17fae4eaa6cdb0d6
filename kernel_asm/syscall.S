/*
 * SYSCALL and SYSRET: Intel SDM vol. 2B; AMD APM vol. 2, 6.1.1.
 *
 * SYSCALL puts RIP into RCX and RFLAGS into R11 and clears the flags of SFMASK; it does not touch RSP or GS_BASE.
 * Registers as in the System V convention for kernels: number in RAX, arguments in RDI RSI RDX R10 R8 R9, result in
 * RAX; RCX and R11 are lost.
 */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

	.text
FUNC syscall_init
	PROLOGUE
	pushq	%rbx
	subq	$8, %rsp
	movl	$0x80000001, %eax
	cpuid
	testl	$CPUIDX_EDX_SYSCALL, %edx
	jnz	1f
	PANIC	"this CPU lacks SYSCALL"
1:	movl	$MSR_STAR, %ecx
	xorl	%eax, %eax
	movl	$((SEL_UCODE32 | RPL_USER) << 16) | SEL_KCODE, %edx
	wrmsr
	movl	$MSR_LSTAR, %ecx
	leaq	syscall_entry(%rip), %rdx
	movl	%edx, %eax
	shrq	$32, %rdx
	wrmsr
	/*
	 * IF: no interrupt before the stack is the kernel's. TF: no single step into ring 0. AC: SMAP stays on. DF: the
	 * ABI wants it clear. NT: a later iretq would be #GP. The rest, so that no user flag reaches the kernel.
	 */
	movl	$MSR_SFMASK, %ecx
	movl	$FL_USER_SETTABLE, %eax
	xorl	%edx, %edx
	wrmsr
	/* The other fast ways in are shut: SYSENTER with a null CS is #GP, and CSTAR needs a 32-bit code segment. */
	movl	$MSR_SYSENTER_CS, %ecx
	xorl	%eax, %eax
	wrmsr
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_SCE, %eax
	wrmsr
	movq	-8(%rbp), %rbx
	leave
	ret
ENDFUNC syscall_init

FUNC syscall_entry
	swapgs
	movq	%rsp, %gs:CPU_USER_RSP
	movq	%gs:CPU_KSTACK, %rsp
	pushq	$USER_SS
	pushq	%gs:CPU_USER_RSP
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	pushq	$0
	pushq	$T_SYSCALL
	PUSH_REGS
	movq	%rsp, %rdi
	xorl	%ebp, %ebp		/* a backtrace ends here, not in the user's RBP */
	call	syscall

	/*
	 * SYSRET or iretq? SYSRET takes RIP from RCX and RFLAGS from R11; CS and SS are fixed. It must not be used when
	 *  - RIP is not canonical, as after a SYSCALL in the last two bytes of the lower half: Intel's SYSRET then
	 *    raises #GP in ring 0 with RSP and GS_BASE the user's (SDM vol. 2B, SYSRET). iretq does so on the kernel
	 *    stack, and alltraps copes;
	 *  - RF is wanted: SYSRET clears it;
	 *  - TF is set: SYSRET traps at once, before ring 3 has executed anything, and a debugger steps on the spot;
	 *  - the kernel changed CS or SS in the frame.
	 */
	cli
	movq	TF_RIP(%rsp), %rcx
	movq	TF_RFLAGS(%rsp), %r11
	movq	%rcx, %rax
	shrq	$47, %rax
	jnz	trapret
	testl	$FL_RF | FL_TF, %r11d
	jnz	trapret
	cmpq	$USER_CS, TF_CS(%rsp)
	jne	trapret
	cmpq	$USER_SS, TF_SS(%rsp)
	jne	trapret

	popq	%rax
	popq	%rbx
	addq	$8, %rsp		/* RCX is the return address */
	popq	%rdx
	popq	%rbp
	popq	%rsi
	popq	%rdi
	popq	%r8
	popq	%r9
	popq	%r10
	addq	$8, %rsp		/* R11 is RFLAGS */
	popq	%r12
	popq	%r13
	popq	%r14
	popq	%r15
	/* From here to SYSRET, RSP and then GS_BASE are the user's: only IST traps can come, and they can cope. */
	movq	TF_RSP - TF_TRAPNO(%rsp), %rsp
	swapgs
	sysretq
ENDFUNC syscall_entry
