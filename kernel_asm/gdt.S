/* GDT, TSS and per-CPU data of the boot CPU. */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

	.text
/* Loads the GDT and the TSS, and makes %gs reach cpu0. */
FUNC gdt_init
	PROLOGUE
	/* The base of the TSS is cut into four pieces: Intel SDM vol. 3A, 8.2.3, figure 8-4. */
	leaq	tss(%rip), %rax
	leaq	gdt + SEL_TSS(%rip), %rcx
	movw	%ax, 2(%rcx)
	shrq	$16, %rax
	movb	%al, 4(%rcx)
	movb	%ah, 7(%rcx)
	shrq	$16, %rax
	movl	%eax, 8(%rcx)

	leaq	tss(%rip), %rcx
	leaq	kstack_top(%rip), %rax
	movq	%rax, TSS_RSP0(%rcx)
	leaq	df_stack_top(%rip), %rax
	movq	%rax, TSS_IST1(%rcx)
	leaq	nmi_stack_top(%rip), %rax
	movq	%rax, TSS_IST2(%rcx)
	leaq	mc_stack_top(%rip), %rax
	movq	%rax, TSS_IST3(%rcx)
	leaq	db_stack_top(%rip), %rax
	movq	%rax, TSS_IST4(%rcx)
	/* All ones: ring 3 may touch no port, until it has bound some. */
	movw	$TSS_BITMAP, TSS_IOMAP(%rcx)
	leaq	TSS_BITMAP(%rcx), %rdi
	movl	$0xff, %esi
	movl	$TSS_SIZE - TSS_BITMAP, %edx
	call	memset

	lgdt	gdt_pointer(%rip)
	pushq	$SEL_KCODE
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	movl	$SEL_KDATA, %eax
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs		/* before the MSRs: Intel clears the base with it, AMD leaves it */
	movl	$SEL_TSS, %eax
	ltr	%ax

	leaq	cpu0(%rip), %rdx
	movq	%rdx, CPU_SELF(%rdx)
	leaq	kstack_top(%rip), %rax
	movq	%rax, CPU_KSTACK(%rdx)
	leaq	tss(%rip), %rax
	movq	%rax, CPU_TSS(%rdx)
	movl	$MSR_GS_BASE, %ecx
	movl	%edx, %eax
	shrq	$32, %rdx
	wrmsr
	movl	$MSR_FS_BASE, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
	/* What swapgs will give to ring 3. Never an address of the upper half: paranoid_traps relies on it. */
	movl	$MSR_KERNEL_GS_BASE, %ecx
	wrmsr
	leave
	ret
ENDFUNC gdt_init

/* set_kstack(top): what this CPU runs next enters the kernel on the stack that ends at RDI (16-byte aligned). */
FUNC set_kstack
	movq	%rdi, %gs:CPU_KSTACK
	movq	%rdi, tss + TSS_RSP0(%rip)
	ret
ENDFUNC set_kstack

/* Accessed bits are set. Writable all the same: ltr marks the TSS busy. */
	.data
OBJECT gdt, GDT_SIZE, 16
	.quad	0
	.quad	0x00209b0000000000	/* SEL_KCODE: 64-bit code, DPL 0 */
	.quad	0x0000930000000000	/* SEL_KDATA: data, DPL 0 */
	.quad	0			/* SEL_UCODE32: none, see mmu.h */
	.quad	0x0000f30000000000	/* SEL_UDATA: data, DPL 3 */
	.quad	0x0020fb0000000000	/* SEL_UCODE: 64-bit code, DPL 3 */
	.quad	0x0000890000000000 + TSS_SIZE - 1	/* SEL_TSS: available 64-bit TSS */
	.quad	0

	.section .rodata
	.balign	8
gdt_pointer:
	.word	GDT_SIZE - 1
	.quad	gdt

	.bss
/* Aligned so that it does not cross a page: the CPU may read it by physical address (SDM vol. 3A, 8.2.1). */
OBJECT tss, TSS_SIZE, 128
	.skip	TSS_SIZE
OBJECT cpu0, CPU_SIZE, 64
	.skip	CPU_SIZE
