/*
 * The way into long mode: temporary page tables, then the switch and the jump to the higher half.
 *
 * The temporary tables map the first GiB twice, at 0 and at KERNBASE, by the same page directory of 2 MiB pages.
 * The low half of that is needed for the few instructions between CR0.PG and the jump; kvminit drops it.
 */
#include "asm.h"
#include "mmu.h"
#include "x86.h"

	.section .text.boot, "ax"
	.code32
/* The tables are in .bss: zero but for what is written here. Clobbers EAX, ECX, EDI. */
FUNC make_boot_tables
	movl	$PHYS(boot_pdpt_low) + PTE_P + PTE_W, PHYS(boot_pml4)
	movl	$PHYS(boot_pdpt_high) + PTE_P + PTE_W, PHYS(boot_pml4) + 511 * 8
	movl	$PHYS(boot_pd) + PTE_P + PTE_W, PHYS(boot_pdpt_low)
	movl	$PHYS(boot_pd) + PTE_P + PTE_W, PHYS(boot_pdpt_high) + 510 * 8
	movl	$PHYS(boot_pd), %edi
	movl	$PTE_P + PTE_W + PTE_PS, %eax
	movl	$512, %ecx
1:	movl	%eax, (%edi)
	addl	$0x200000, %eax
	addl	$8, %edi
	loop	1b
	ret
ENDFUNC make_boot_tables

/* Ask whether the CPU has no-execute pages, and keep the answer. Clobbers EAX, EBX, ECX, EDX. */
FUNC find_nx
	movl	$0x80000001, %eax
	cpuid
	testl	$CPUIDX_EDX_NX, %edx
	jz	1f
	movl	$PTE_NX >> 32, PHYS(nx_mask) + 4
1:	ret
ENDFUNC find_nx

/*
 * Go to the 64-bit code whose physical address is EDI, at its address in the higher half. The order is that of Intel SDM
 * vol. 3A, 9.8.5: CR4.PAE, CR3, EFER.LME, then CR0.PG, then a far jump.
 */
FUNC enter_long_mode
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	$PHYS(boot_pml4), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	cmpl	$0, PHYS(nx_mask) + 4
	je	1f			/* NXE is reserved then */
	orl	$EFER_NXE, %eax
1:	wrmsr
	/*
	 * WP: ring 0 obeys read-only pages too. NE: x87 errors as #MF. TS: nobody saves FPU state yet, so the first FPU
	 * or SSE instruction anywhere must trap (#NM) instead of leaking registers between environments.
	 */
	movl	$CR0_PE + CR0_MP + CR0_TS + CR0_ET + CR0_NE + CR0_WP + CR0_PG, %eax
	movl	%eax, %cr0
	lgdt	PHYS(boot_gdt_pointer)
	ljmpl	$SEL_KCODE, $PHYS(low64)
ENDFUNC enter_long_mode

	.code64
	.balign	16
low64:
	movl	%edi, %edi
	leaq	KERNBASE(%rdi), %rax
	jmp	*%rax

/* Used until gdt_init: 64-bit code and data, DPL 0. The accessed bits are set, so that the CPU need not write them. */
	.section .rodata
	.balign	8
boot_gdt:
	.quad	0
	.quad	0x00209b0000000000
	.quad	0x0000930000000000
boot_gdt_pointer:
	.word	boot_gdt_pointer - boot_gdt - 1
	.long	PHYS(boot_gdt)

	.bss
/* u64 nx_mask: the bit of an entry that makes a page not executable; 0 on a CPU that knows none. */
OBJECT nx_mask, 8
	.skip	8
	.balign	PGSIZE
boot_pml4:
	.skip	PGSIZE
boot_pdpt_low:
	.skip	PGSIZE
boot_pdpt_high:
	.skip	PGSIZE
boot_pd:
	.skip	PGSIZE
