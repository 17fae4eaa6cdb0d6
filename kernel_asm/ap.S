/*
 * Where the other CPUs start: in real mode, at the page whose number the startup IPI tells (Intel SDM vol. 3A, 9.4.4).
 *
 * ap_start is copied to AP_START, below 1 MiB; all behind its far jump is in its place. Which CPU it is, a CPU finds out
 * by its APIC id: so those that start late, or together, cannot take each other's stack.
 */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

#define SEL_CODE32	0x08
#define SEL_DATA32	0x10

	.section .rodata.ap, "a"
	.code16
	.globl	ap_start
ap_start:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	ap_gdt_pointer - ap_start
	movl	%cr0, %eax
	orl	$CR0_PE, %eax
	movl	%eax, %cr0
	ljmpl	$SEL_CODE32, $PHYS(ap_start32)
	.balign	4
ap_gdt_pointer:
	.word	ap_gdt_end - ap_gdt - 1
	.long	PHYS(ap_gdt)
	.globl	ap_start_end
ap_start_end:

	.balign	8
ap_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* SEL_CODE32 */
	.quad	0x00cf93000000ffff	/* SEL_DATA32 */
ap_gdt_end:

	.section .text.boot, "ax"
	.code32
FUNC ap_start32
	movl	$SEL_DATA32, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$PHYS(ap_start64), %edi
	jmp	enter_long_mode
ENDFUNC ap_start32

	.text
	.code64
FUNC ap_start64
	movq	$kernel_pml4 - KERNBASE, %rax
	movq	%rax, %cr3
	/* What initial_apic_id does, as there is no stack yet. */
	xorl	%eax, %eax
	cpuid
	cmpl	$0xb, %eax
	jb	1f
	movl	$0xb, %eax
	xorl	%ecx, %ecx
	cpuid
	movl	%edx, %esi
	testl	%ebx, %ebx
	jnz	2f
1:	movl	$1, %eax
	cpuid
	movl	%ebx, %esi
	shrl	$24, %esi
2:	leaq	cpus(%rip), %r8
	xorl	%edi, %edi
3:	cmpl	%esi, CPU_APIC_ID(%r8)
	jne	4f
	movl	$CLAIM_AWAITED, %eax
	movl	$CLAIM_OVER, %edx
	lock cmpxchgl %edx, CPU_CLAIMED(%r8)
	je	5f
4:	addq	$CPU_SIZE, %r8
	incl	%edi
	cmpl	$CPUS, %edi
	jb	3b
	/* Nobody waits for this CPU any more, or ever did. */
	jmp	halt

5:	leaq	cpu_stacks + KSTACK_TOP(%rip), %rdx
	imulq	$CPU_STACKS, %rdi, %rax
	leaq	(%rdx, %rax), %rsp
	xorl	%ebp, %ebp		/* the end of every backtrace */
	pushq	%rbp
	pushq	%rbp
	call	gdt_init
	call	idt_load
	call	cpu_init
	call	syscall_init
	call	smp_started
	PANIC	"smp_started returned"
ENDFUNC ap_start64
