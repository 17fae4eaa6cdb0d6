/*
 * The first code in the higher half, on the boot CPU, interrupts off: brings up what the kernel stands on, then
 * calls kmain. The order matters: from gdt_init on %gs works, from idt_init on a fault is a panic with a backtrace
 * instead of a reset, and kvminit drops the identity mapping.
 */
#include "asm.h"
#include "mmu.h"
#include "x86.h"

	.text
FUNC start64
	movq	$kstack_top, %rsp
	xorl	%ebp, %ebp		/* the end of every backtrace */
	pushq	%rbp
	pushq	%rbp
	call	console_init
	xorl	%edi, %edi
	call	gdt_init
	call	idt_init
	call	kvminit
	call	cpu_init
	call	syscall_init
	call	pic_disable
	call	kmain
	PANIC	"kmain returned"
ENDFUNC start64

/* Turns on what the CPU has and ring 0 wants; none of it can be left to whoever loaded the kernel. */
FUNC cpu_init
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	movl	$CR4_PAE, %r12d
	movl	$1, %eax
	cpuid
	/* Without CR4.MCE a machine check is a shutdown and says nothing (SDM vol. 3B, 15.3). */
	testl	$CPUID1_EDX_MCE, %edx
	jz	1f
	orl	$CR4_MCE, %r12d
1:	testl	$CPUID1_EDX_PGE, %edx
	jz	2f
	orl	$CR4_PGE, %r12d
2:	xorl	%eax, %eax
	cpuid
	cmpl	$7, %eax
	jb	5f
	movl	$7, %eax
	xorl	%ecx, %ecx
	cpuid
	testl	$CPUID7_EBX_SMEP, %ebx
	jz	3f
	orl	$CR4_SMEP, %r12d
3:	testl	$CPUID7_EBX_SMAP, %ebx
	jz	4f
	orl	$CR4_SMAP, %r12d
	movb	$1, cpu_has_smap(%rip)
4:	testl	$CPUID7_ECX_UMIP, %ecx
	jz	5f
	orl	$CR4_UMIP, %r12d
5:	movq	%r12, %cr4
	/* SMAP is off while RFLAGS.AC is set, and nothing promised that it is clear. */
	pushq	$FL_RESERVED1
	popfq
	popq	%r12
	popq	%rbx
	leave
	ret
ENDFUNC cpu_init

	.data
OBJECT cpu_has_smap, 1, 1
	.byte	0
