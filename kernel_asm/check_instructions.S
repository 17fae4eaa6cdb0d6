/* Check of the instructions as functions (cpu.S): each is called, and what it did is looked at in another way. */
#include "asm.h"
#include "mmu.h"
#include "x86.h"

#define TEST_VA		(DEVBASE+0x200000)	/* behind what kernel/vm.py maps */
#define TEST_CR2	0x123456789000
#define TEST_MSR	0x3456789abcde

	.text
/* const char *check_instructions(bool spoil): spoilt, the page that is looked at never changes. */
FUNC check_instructions
	PROLOGUE
	call	check_tlb
	testq	%rax, %rax
	jnz	1f
	call	check_registers
	testq	%rax, %rax
	jnz	1f
	call	check_flags
	testq	%rax, %rax
	jnz	1f
	call	check_cpuid
1:	leave
	ret
ENDFUNC check_instructions

/* Flip the page between page_one and page_two in its entry at RBX; R13 has the bits in which the two differ. */
	.macro	FLIP
	xorq	%r13, (%rbx)
	.endm

	.macro	EXPECT_PAGE number, message
	STRING	"\message", %rax
	cmpq	$\number, TEST_VA
	jne	9f
	.endm

/* EDI = spoil. After each kind of flush the page must be the new one, global or not. */
	.balign	16
check_tlb:
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	subq	$8, %rsp
	leaq	page_one(%rip), %rdx
	leaq	page_two(%rip), %r13
	movq	$1, (%rdx)
	movq	$2, (%r13)
	xorq	%rdx, %r13
	testl	%edi, %edi
	jz	1f
	xorl	%r13d, %r13d
1:	leaq	kernel_pml4(%rip), %rdi
	movq	$TEST_VA, %rsi
	subq	$KERNBASE, %rdx
	movabsq	$PTE_P | PTE_W | PTE_G | PTE_NX, %rcx
	call	map_page
	leaq	kernel_pml4(%rip), %rdi
	movq	$TEST_VA, %rsi
	call	walk
	movq	%rax, %rbx
	EXPECT_PAGE 1, "map_page did not map the page"

	FLIP
	movq	$TEST_VA, %rdi
	call	invlpg
	EXPECT_PAGE 2, "invlpg left an old mapping"

	call	read_cr4
	movq	%rax, %r12
	FLIP
	call	tlb_flush_global
	EXPECT_PAGE 1, "tlb_flush_global left an old mapping"
	movq	%cr4, %rdx
	STRING	"tlb_flush_global changed CR4", %rax
	cmpq	%r12, %rdx
	jne	9f

	andq	$~PTE_G, (%rbx)
	call	tlb_flush_global
	EXPECT_PAGE 1, "the page is lost"
	FLIP
	call	tlb_flush
	EXPECT_PAGE 2, "tlb_flush left an old mapping"

	leaq	kernel_pml4(%rip), %rdi
	movq	$TEST_VA, %rsi
	call	unmap_page
	movq	$TEST_VA, %rdi
	call	probe_read
	movq	%rax, %rdx
	STRING	"unmap_page left a mapping", %rax
	testq	%rdx, %rdx
	jns	9f
	xorl	%eax, %eax
9:	movq	-8(%rbp), %rbx
	movq	-16(%rbp), %r12
	movq	-24(%rbp), %r13
	leave
	ret
	.size	check_tlb, . - check_tlb

	.balign	16
check_registers:
	PROLOGUE
	.irp	number, 0, 3, 4
	call	read_cr\number
	movq	%rax, %rdi
	call	write_cr\number
	.endr
	movabsq	$TEST_CR2, %rdi
	call	write_cr2
	call	read_cr2
	movabsq	$TEST_CR2, %rdx
	cmpq	%rdx, %rax
	STRING	"CR2 is not what was written", %rax
	jne	9f
	movl	$MSR_KERNEL_GS_BASE, %edi
	movabsq	$TEST_MSR, %rsi
	call	wrmsr
	movl	$MSR_KERNEL_GS_BASE, %ecx
	rdmsr
	STRING	"an MSR is not what was written", %rdi
	cmpl	$TEST_MSR >> 32, %edx
	jne	8f
	cmpl	$TEST_MSR & 0xffffffff, %eax
	jne	8f
	movl	$MSR_KERNEL_GS_BASE, %edi
	call	rdmsr
	STRING	"an MSR is not read as it is", %rdi
	movabsq	$TEST_MSR, %rdx
	cmpq	%rdx, %rax
	jne	8f
	movl	$MSR_KERNEL_GS_BASE, %edi
	xorl	%esi, %esi
	call	wrmsr
	xorl	%edi, %edi
8:	movq	%rdi, %rax
9:	leave
	ret
	.size	check_registers, . - check_registers

	.macro	EXPECT_IF condition, message
	STRING	"\message", %rax
	pushfq
	popq	%rdx
	testl	$FL_IF, %edx
	j\condition 9f
	.endm

/* No interrupt source is on yet, so IF may be. */
	.balign	16
check_flags:
	PROLOGUE
	pushq	%rbx
	subq	$8, %rsp
	call	sti
	EXPECT_IF z, "sti did not set IF"
	call	irq_save
	movq	%rax, %rbx
	EXPECT_IF nz, "irq_save did not clear IF"
	movq	%rbx, %rdi
	call	irq_restore
	EXPECT_IF z, "irq_restore did not set IF again"
	call	cli
	EXPECT_IF nz, "cli did not clear IF"
	call	irq_save
	movq	%rax, %rdi
	call	irq_restore
	EXPECT_IF nz, "irq_restore set IF although it was clear"
	call	read_rflags
	leaq	FL_IF(%rax), %rdi
	call	write_rflags
	EXPECT_IF z, "write_rflags did not set IF"
	cli
	xorl	%eax, %eax
9:	cli
	movq	-8(%rbp), %rbx
	leave
	ret
	.size	check_flags, . - check_flags

	.balign	16
check_cpuid:
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	subq	$16, %rsp
	xorl	%edi, %edi
	xorl	%esi, %esi
	movq	%rsp, %rdx
	call	cpuid
	xorl	%eax, %eax
	xorl	%ecx, %ecx
	cpuid
	STRING	"cpuid did not give the registers in order", %r12
	cmpl	%eax, 0(%rsp)
	jne	1f
	cmpl	%ebx, 4(%rsp)
	jne	1f
	cmpl	%ecx, 8(%rsp)
	jne	1f
	cmpl	%edx, 12(%rsp)
	jne	1f
	STRING	"the time-stamp counter ran backwards", %r12
	call	rdtsc
	movq	%rax, %rbx
	call	rdtsc
	cmpq	%rbx, %rax
	jb	1f
	xorl	%r12d, %r12d
1:	movq	%r12, %rax
	addq	$16, %rsp
	popq	%r12
	popq	%rbx
	leave
	ret
	.size	check_cpuid, . - check_cpuid

	.bss
	.balign	PGSIZE
page_one:
	.skip	PGSIZE
page_two:
	.skip	PGSIZE
