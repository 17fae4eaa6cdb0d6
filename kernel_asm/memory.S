/* What the kernel's memory management asks of the machine. */
#include "asm.h"
#include "mmu.h"
#include "x86.h"

	.text
/* void clear_page(u64 *page) */
FUNC clear_page
	xorl	%eax, %eax
	movl	$PGSIZE / 8, %ecx
	rep stosq
	ret
ENDFUNC clear_page

/* u64 kernel_pml4_pa() */
FUNC kernel_pml4_pa
	movq	$kernel_pml4 - KERNBASE, %rax
	ret
ENDFUNC kernel_pml4_pa

/* u32 has_gib_pages(): AMD APM vol. 3, CPUID Fn8000_0001_EDX. */
FUNC has_gib_pages
	pushq	%rbx
	movl	$0x80000001, %eax
	cpuid
	movl	%edx, %eax
	andl	$CPUIDX_EDX_PAGE1GB, %eax
	popq	%rbx
	ret
ENDFUNC has_gib_pages
