/* The registers of SYSCALL and SYSRET: Intel SDM vol. 2B; AMD APM vol. 2, 6.1.1. What happens at LSTAR: syscall_entry.S. */
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
