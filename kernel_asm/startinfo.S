/*
 * Copies what the loader tells the kernel, before any memory is reused: the start info, the command line, the memory
 * map and the module list may lie anywhere below 4 GiB, for instance in low memory or in a firmware's scratch area.
 * Each copy is bounded; what did not fit is counted by comparing boot_start_info's counts with the copied ones.
 */
#include "asm.h"
#include "boot.h"
#include "mmu.h"

	.section .text.boot, "ax"
	.code32
/* EBX = hvm_start_info. Does not return when it is none. Clobbers all but EBX, ESP. */
FUNC copy_start_info
	movl	$PHYS(no_start_info), %esi
	cmpl	$HVM_START_MAGIC, SI_MAGIC(%ebx)
	jne	die32

	movl	%ebx, %esi
	movl	$PHYS(boot_start_info), %edi
	movl	$SI_SIZE_V0, %ecx
	cmpl	$0, SI_VERSION(%ebx)
	je	1f
	movl	$SI_SIZE, %ecx
1:	rep movsb

	/* From here on the copy is read: a version 0 block ends before the memory map, and the copy has zeros there. */
	movl	$PHYS(boot_start_info), %ebp
	movl	SI_CMDLINE(%ebp), %esi
	movl	SI_CMDLINE + 4(%ebp), %eax
	movl	$PHYS(boot_cmdline), %edi
	call	copy_cmdline

	movl	SI_MEMMAP(%ebp), %esi
	movl	SI_MEMMAP + 4(%ebp), %eax
	movl	SI_MEMMAP_ENTRIES(%ebp), %ecx
	movl	$PHYS(boot_memmap), %edi
	movl	$MEMMAP_MAX, %edx
	movl	$MEMMAP_ENTRY_SIZE, %ebx
	call	copy_table
	movl	%ecx, PHYS(boot_memmap_count)

	movl	SI_MODLIST(%ebp), %esi
	movl	SI_MODLIST + 4(%ebp), %eax
	movl	SI_NR_MODULES(%ebp), %ecx
	movl	$PHYS(boot_modlist), %edi
	movl	$MODLIST_MAX, %edx
	movl	$MODLIST_ENTRY_SIZE, %ebx
	call	copy_table
	movl	%ecx, PHYS(boot_modlist_count)
	ret
ENDFUNC copy_start_info

/* Copy the text at EAX:ESI, at most CMDLINE_MAX - 1 bytes, to EDI. The NUL behind it is that of the cleared .bss. */
	.balign	16
copy_cmdline:
	testl	%eax, %eax
	jnz	beyond_4g
	testl	%esi, %esi
	jz	2f
	movl	$CMDLINE_MAX - 1, %ecx
1:	lodsb
	testb	%al, %al
	jz	2f
	stosb
	loop	1b
	cmpb	$0, (%esi)
	je	2f
	incl	PHYS(boot_cmdline_cut)
2:	ret

/* Copy ECX entries of EBX bytes at EAX:ESI, at most EDX of them, to EDI. Returns the number copied in ECX. */
	.balign	16
copy_table:
	testl	%eax, %eax
	jnz	beyond_4g
	testl	%esi, %esi
	jnz	1f
	xorl	%ecx, %ecx
1:	cmpl	%edx, %ecx
	jbe	2f
	movl	%edx, %ecx
2:	pushl	%ecx
	imull	%ebx, %ecx
	rep movsb
	popl	%ecx
	ret

beyond_4g:
	movl	$PHYS(start_info_beyond_4g), %esi
	jmp	die32

	.section .rodata
no_start_info:
	.asciz	"no PVH start info: EBX does not point to the magic number 0x336ec578"
start_info_beyond_4g:
	.asciz	"the PVH start info has a table above 4 GiB, where 32-bit code cannot read it"

	.bss
OBJECT boot_start_info, SI_SIZE
	.skip	SI_SIZE
OBJECT boot_memmap_count, 4
	.skip	4
OBJECT boot_modlist_count, 4
	.skip	4
OBJECT boot_cmdline_cut, 4
	.skip	4
OBJECT boot_cmdline, CMDLINE_MAX
	.skip	CMDLINE_MAX
OBJECT boot_memmap, MEMMAP_SIZE
	.skip	MEMMAP_SIZE
OBJECT boot_modlist, MODLIST_SIZE
	.skip	MODLIST_SIZE
