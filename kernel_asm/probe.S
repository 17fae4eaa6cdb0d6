/*
 * Memory accesses that may fault. Each returns in RAX 0, or FAULT(vector, error code) with CR2 in RDX.
 * A kernel that reads through pointers that it cannot trust reads like this.
 */
#include "asm.h"

	.text
/* probe_read(const u64 *address): RDX is the value that was read. */
FUNC probe_read
	xorl	%eax, %eax
1:	movq	(%rdi), %rdx
2:	ret
	EXCEPTION 1b, 2b
ENDFUNC probe_read

/* probe_write(u8 *address, u8 value) */
FUNC probe_write
	xorl	%eax, %eax
1:	movb	%sil, (%rdi)
2:	ret
	EXCEPTION 1b, 2b
ENDFUNC probe_write
