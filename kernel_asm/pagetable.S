/*
 * The kernel's page tables: 4 KiB pages, each part of the image with no more rights than it needs, no page both
 * writable and executable, guard pages unmapped, and nothing else: no identity mapping, no map of all memory.
 */
#include "asm.h"
#include "mmu.h"
#include "x86.h"

#define PT_POOL_PAGES	24

	.text
/* Builds kernel_pml4 and switches to it. */
FUNC kvminit
	PROLOGUE
	pushq	%rbx
	subq	$8, %rsp
	leaq	kmap(%rip), %rbx
1:	movq	0(%rbx), %rsi
	testq	%rsi, %rsi
	jz	2f
	movq	8(%rbx), %r8
	movq	16(%rbx), %rcx
	leaq	kernel_pml4(%rip), %rdi
	movq	%rsi, %rdx
	subq	$KERNBASE, %rdx
	call	map_range
	addq	$24, %rbx
	jmp	1b
2:	leaq	guards(%rip), %rbx
3:	movq	(%rbx), %rsi
	testq	%rsi, %rsi
	jz	4f
	leaq	kernel_pml4(%rip), %rdi
	call	unmap_page
	addq	$16, %rbx
	jmp	3b
4:	leaq	kernel_pml4(%rip), %rax
	subq	$KERNBASE, %rax
	movq	%rax, %cr3
	movq	-8(%rbp), %rbx
	leave
	ret
ENDFUNC kvminit

/* map_range(pml4, va, pa, flags, end): map [va, end) in pages to pa and up. The linker aligns all parts to pages. */
FUNC map_range
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	subq	$8, %rsp
	movq	%rdi, %rbx
	movq	%rsi, %r12
	movq	%rdx, %r13
	movq	%rcx, %r14
	movq	%r8, %r15
1:	cmpq	%r15, %r12
	jae	2f
	movq	%rbx, %rdi
	movq	%r12, %rsi
	movq	%r13, %rdx
	movq	%r14, %rcx
	call	map_page
	addq	$PGSIZE, %r12
	addq	$PGSIZE, %r13
	jmp	1b
2:	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	leave
	ret
ENDFUNC map_range

/*
 * map_page(pml4, va, pa, flags): map one page that is not mapped yet. Tables on the way allow all; the last entry
 * decides. They are user tables only on the way to a user page (Intel SDM vol. 3A, 4.6: U and W are and-ed).
 */
FUNC map_page
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	movq	%rsi, %rbx
	movq	%rdx, %r12
	movabsq	$~PTE_NX, %r13
	orq	nx_mask(%rip), %r13	/* without NX the bit is reserved */
	andq	%rcx, %r13
	movl	$39, %r14d
1:	call	walk_step
	cmpl	$PGSHIFT, %r14d
	je	3f
	testb	$PTE_P, (%rdi)
	jnz	2f
	movq	pt_pool_next(%rip), %rax
	leaq	pt_pool_end(%rip), %rdx
	cmpq	%rdx, %rax
	jae	4f
	addq	$PGSIZE, pt_pool_next(%rip)
	subq	$KERNBASE, %rax
	orq	$PTE_P | PTE_W, %rax
	movq	%rax, (%rdi)
2:	movq	%r13, %rax
	andl	$PTE_U, %eax
	orq	%rax, (%rdi)
	call	walk_down
	jmp	1b
3:	testb	$PTE_P, (%rdi)
	jnz	5f
	orq	%r12, %r13
	movq	%r13, (%rdi)
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	leave
	ret
4:	PANIC	"map_page: out of page tables"
5:	PANIC	"map_page: page is mapped already"
ENDFUNC map_page

/* u64 *walk(u64 *pml4, u64 va): the entry of the last level, or 0 if a table on the way is missing. */
FUNC walk
	PROLOGUE
	pushq	%rbx
	pushq	%r14
	movq	%rsi, %rbx
	movl	$39, %r14d
1:	call	walk_step
	cmpl	$PGSHIFT, %r14d
	je	3f
	testb	$PTE_P, (%rdi)
	jz	2f
	call	walk_down
	jmp	1b
2:	xorl	%edi, %edi
3:	movq	%rdi, %rax
	popq	%r14
	popq	%rbx
	leave
	ret
ENDFUNC walk

/* unmap_page(pml4, va): take a page's mapping away, here and in this CPU's TLB. Nothing happens if it has none. */
FUNC unmap_page
	PROLOGUE
	pushq	%rsi
	subq	$8, %rsp
	call	walk
	testq	%rax, %rax
	jz	1f
	movq	$0, (%rax)
	movq	-8(%rbp), %rdi
	call	invlpg
1:	leave
	ret
ENDFUNC unmap_page

/* u64 no_execute(): the bit for pages without the right to execute; 0 on a CPU that knows none. */
FUNC no_execute
	movq	nx_mask(%rip), %rax
	ret
ENDFUNC no_execute

/* RDI = table, RBX = virtual address, R14 = shift of this level: RDI becomes the entry. Clobbers RAX, RCX. */
	.balign	16
walk_step:
	movq	%rbx, %rax
	movl	%r14d, %ecx
	shrq	%cl, %rax
	andl	$511, %eax
	leaq	(%rdi, %rax, 8), %rdi
	ret
	.size	walk_step, . - walk_step

/*
 * RDI = entry: RDI becomes the table that it points to, R14 the shift of the level below. Clobbers RAX, RDX. A table is in
 * the image, or in RAM that vm_init (kernel/vm.py) has mapped.
 */
	.balign	16
walk_down:
	movq	(%rdi), %rdi
	movabsq	$PTE_ADDRESS, %rax
	andq	%rax, %rdi
	movq	$KERNBASE, %rdx
	cmpq	$__bss_end - KERNBASE, %rdi
	jb	1f
	movabsq	$PHYSBASE, %rdx
1:	addq	%rdx, %rdi
	subl	$9, %r14d
	ret
	.size	walk_down, . - walk_down

/* Start, end and rights of what is mapped; the physical address is the virtual one minus KERNBASE. */
	.section .rodata
	.balign	8
kmap:
	.quad	__text_start, __text_end, PTE_P | PTE_G
	.quad	__rodata_start, __rodata_end, PTE_P | PTE_G | PTE_NX
	.quad	__data_start, __data_end, PTE_P | PTE_W | PTE_G | PTE_NX
	.quad	__bss_start, __bss_end, PTE_P | PTE_W | PTE_G | PTE_NX
	.quad	0

	.data
	.balign	8
pt_pool_next:
	.quad	pt_pool

	.bss
OBJECT kernel_pml4, PGSIZE, PGSIZE
	.skip	PGSIZE
pt_pool:
	.skip	PT_POOL_PAGES * PGSIZE
pt_pool_end:
