/*
 * Stops the boot with the name of what is missing if the CPU lacks something that the kernel cannot do without.
 * SYSCALL is not here: Intel CPUs report it only in 64-bit mode (SDM vol. 2A, CPUID, leaf 0x80000001), see syscall.S.
 */
#include "asm.h"
#include "mmu.h"
#include "x86.h"


	.section .text.boot, "ax"
	.code32
/* Does not return when something is missing. Clobbers all but ESP. */
FUNC check_cpu
	/* CPUID exists if EFLAGS.ID can be changed: SDM vol. 1, 20.1.2. */
	pushfl
	popl	%eax
	movl	%eax, %ecx
	xorl	$FL_ID, %eax
	pushl	%eax
	popfl
	pushfl
	popl	%eax
	pushl	%ecx
	popfl
	movl	$PHYS(lacks_cpuid), %esi
	xorl	%ecx, %eax
	testl	$FL_ID, %eax
	jz	die32

	movl	$PHYS(needed_features), %ebp
1:	movl	0(%ebp), %eax
	testl	%eax, %eax
	jz	3f
	/* A leaf above the highest one of its range returns junk: ask for the highest first. */
	movl	%eax, %edi
	andl	$0x80000000, %eax
	cpuid
	xorl	%edx, %edx
	cmpl	%edi, %eax
	jb	2f
	movl	%edi, %eax
	cpuid
2:	movl	8(%ebp), %esi
	testl	4(%ebp), %edx
	jz	die32
	addl	$12, %ebp
	jmp	1b
3:	ret
ENDFUNC check_cpu

/*
 * Leaf, bit of EDX, message; the first one that is missing is told. The TSC bounds waits, and the local APIC's timer is
 * the only clock that all machines have.
 */
	.section .rodata
	.balign	4
needed_features:
	.long	0x80000001, CPUIDX_EDX_LM, PHYS(lacks_lm)
	.long	1, CPUID1_EDX_TSC, PHYS(lacks_tsc)
	.long	1, CPUID1_EDX_MSR, PHYS(lacks_msr)
	.long	1, CPUID1_EDX_PAE, PHYS(lacks_pae)
	.long	1, CPUID1_EDX_APIC, PHYS(lacks_apic)
	.long	0

lacks_cpuid:
	.asciz	"this CPU lacks CPUID"
lacks_tsc:
	.asciz	"this CPU lacks TSC (time-stamp counter)"
lacks_msr:
	.asciz	"this CPU lacks MSR (model-specific registers)"
lacks_pae:
	.asciz	"this CPU lacks PAE (physical address extension)"
lacks_apic:
	.asciz	"this CPU lacks APIC (local interrupt controller)"
lacks_lm:
	.asciz	"this CPU lacks LM (64-bit long mode)"
