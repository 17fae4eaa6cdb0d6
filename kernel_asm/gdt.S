/* GDT, TSS and per-CPU data. */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

	.text
/* void gdt_init(u32 index): give this CPU the GDT, the TSS and the data of that number, and make %gs reach the data. */
FUNC gdt_init
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	subq	$24, %rsp
	movl	%edi, %ebx

	leaq	tsses(%rip), %r12
	imulq	$TSS_SPACE, %rbx, %rax
	addq	%rax, %r12
	leaq	cpu_stacks(%rip), %rdx
	imulq	$CPU_STACKS, %rbx, %rax
	addq	%rax, %rdx
	leaq	KSTACK_TOP(%rdx), %r13
	movq	%r13, TSS_RSP0(%r12)
	leaq	IST_TOP(1)(%rdx), %rax
	movq	%rax, TSS_IST1(%r12)
	leaq	IST_TOP(2)(%rdx), %rax
	movq	%rax, TSS_IST2(%r12)
	leaq	IST_TOP(3)(%rdx), %rax
	movq	%rax, TSS_IST3(%r12)
	leaq	IST_TOP(4)(%rdx), %rax
	movq	%rax, TSS_IST4(%r12)
	/* All ones: ring 3 may touch no port, until it has bound some. */
	movw	$TSS_BITMAP, TSS_IOMAP(%r12)
	leaq	TSS_BITMAP(%r12), %rdi
	movl	$TSS_BITMAP_SIZE + 1, %ecx
	movl	$0xff, %eax
	rep stosb

	leaq	gdts(%rip), %rdi
	imulq	$GDT_SIZE, %rbx, %rax
	addq	%rax, %rdi
	movq	%rdi, %rdx
	leaq	gdt_of_all(%rip), %rsi
	movl	$GDT_SIZE / 8, %ecx
	rep movsq
	/* The base of the TSS is cut into four pieces: Intel SDM vol. 3A, 8.2.3, figure 8-4. */
	movq	%r12, %rax
	movw	%ax, SEL_TSS + 2(%rdx)
	shrq	$16, %rax
	movb	%al, SEL_TSS + 4(%rdx)
	movb	%ah, SEL_TSS + 7(%rdx)
	shrq	$16, %rax
	movl	%eax, SEL_TSS + 8(%rdx)
	movw	$GDT_SIZE - 1, (%rsp)
	movq	%rdx, 2(%rsp)
	lgdt	(%rsp)
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

	leaq	cpus(%rip), %rdx
	imulq	$CPU_SIZE, %rbx, %rax
	addq	%rax, %rdx
	movq	%rdx, CPU_SELF(%rdx)
	movq	%r13, CPU_KSTACK(%rdx)
	movq	%r12, CPU_TSS(%rdx)
	movl	%ebx, CPU_INDEX(%rdx)
	leal	1(%rbx), %eax
	movl	%eax, CPU_NUMBER(%rdx)
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
	addq	$24, %rsp
	popq	%r13
	popq	%r12
	popq	%rbx
	leave
	ret
ENDFUNC gdt_init

/* set_kstack(top): what this CPU runs next enters the kernel on the stack that ends at RDI (16-byte aligned). */
FUNC set_kstack
	movq	%gs:CPU_TSS, %rax
	movq	%rdi, %gs:CPU_KSTACK
	movq	%rdi, TSS_RSP0(%rax)
	ret
ENDFUNC set_kstack

/* Accessed bits are set. Each CPU has a copy: a TSS is busy once it is loaded. */
	.section .rodata
	.balign	8
gdt_of_all:
	.quad	0
	.quad	0x00209b0000000000	/* SEL_KCODE: 64-bit code, DPL 0 */
	.quad	0x0000930000000000	/* SEL_KDATA: data, DPL 0 */
	.quad	0			/* SEL_UCODE32: none, see mmu.h */
	.quad	0x0000f30000000000	/* SEL_UDATA: data, DPL 3 */
	.quad	0x0020fb0000000000	/* SEL_UCODE: 64-bit code, DPL 3 */
	.quad	0x0000890000000000 + TSS_LIMIT	/* SEL_TSS: available 64-bit TSS */
	.quad	0

	.bss
OBJECT gdts, CPUS*GDT_SIZE, 64
	.skip	CPUS * GDT_SIZE
OBJECT tsses, CPUS*TSS_SPACE, 128
	.skip	CPUS * TSS_SPACE
OBJECT cpus, CPUS*CPU_SIZE, 256
	.skip	CPUS * CPU_SIZE
