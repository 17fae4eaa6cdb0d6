/*
 * The PVH entry: where a virtual machine monitor starts the kernel, found through an ELF note.
 *
 * The state that the protocol promises (Xen, docs/misc/pvh.pandoc): 32-bit protected mode, flat segments, paging and
 * interrupts off, EBX = physical address of hvm_start_info. Nothing else counts: EAX differs between firmwares, there
 * is no stack, the loader's GDT may be in memory that is reused, and .bss need not be zero.
 *
 * The image is linked at KERNBASE + physical address, and this code runs at the physical one: it names every
 * address as PHYS(symbol). It is all in .text.boot, and dead once the 64-bit kernel has dropped the identity mapping.
 */
#include "asm.h"
#include "boot.h"
#include "mmu.h"

	.section .note.Xen, "a", @note
	.balign	4
	.long	4			/* n_namesz */
	.long	8			/* n_descsz */
	.long	XEN_ELFNOTE_PHYS32_ENTRY
	.asciz	"Xen"
	.quad	PHYS(pvh_start)

	.section .text.boot, "ax"
	.code32
FUNC pvh_start
	cli
	cld
	/* Before the stack and before the copy of the start info: both live in .bss. EBX is kept throughout. */
	movl	$PHYS(__bss_start), %edi
	movl	$PHYS(__bss_end), %ecx
	subl	%edi, %ecx
	addl	$3, %ecx		/* the last page is .bss to its end */
	shrl	$2, %ecx
	xorl	%eax, %eax
	rep stosl
	movl	$PHYS(kstack_top), %esp

	call	uart_init32
	call	copy_start_info
	call	check_cpu
	call	find_nx
	call	make_boot_tables
	movl	$PHYS(start64), %edi
	jmp	enter_long_mode
ENDFUNC pvh_start
