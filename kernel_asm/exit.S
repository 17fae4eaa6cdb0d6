/* The end of a run: a value for QEMU's isa-debug-exit. Where nothing listens, the CPU stops. */
#include "asm.h"
#include "boot.h"

	.text
/* void machine_exit(u8 value): EXIT_SUCCESS, EXIT_FAILED or EXIT_PANIC. Does not return. */
FUNC machine_exit
	PROLOGUE
	pushq	%rdi
	subq	$8, %rsp
	call	console_flush		/* the emulator ends at once, whatever the UART still holds */
	movl	-8(%rbp), %eax
	outb	%al, $EXIT_PORT
	call	halt
ENDFUNC machine_exit
