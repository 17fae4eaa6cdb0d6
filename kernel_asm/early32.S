/* The serial line for 32-bit code: enough to say why the boot ends before the kernel proper runs. */
#include "asm.h"
#include "boot.h"
#include "mmu.h"
#include "uart.h"

	.section .text.boot, "ax"
	.code32
/* Clobbers EAX, EDX. */
FUNC uart_init32
	UART_SETUP
	ret
ENDFUNC uart_init32

/* Print the text at physical address ESI. A UART that never gets ready, or is not there, costs a bounded wait. */
	.balign	16
puts32:
	lodsb
	testb	%al, %al
	jz	3f
	movb	%al, %bl
	movl	$UART_POLLS, %ecx
	movw	$UART_LSR, %dx
1:	inb	%dx, %al
	testb	$LSR_THRE, %al
	jnz	2f
	loop	1b
2:	movb	%bl, %al
	movw	$UART_DATA, %dx
	outb	%al, %dx
	jmp	puts32
3:	ret

/* Print `panic: `, the text at physical address ESI and a newline, report a panic to the emulator, and stop. */
FUNC die32
	movl	%esi, %ebp
	movl	$PHYS(die32_prefix), %esi
	call	puts32
	movl	%ebp, %esi
	call	puts32
	movl	$PHYS(die32_newline), %esi
	call	puts32
	movb	$EXIT_PANIC, %al
	outb	%al, $EXIT_PORT
1:	cli
	hlt
	jmp	1b
ENDFUNC die32

	.section .rodata
die32_prefix:
	.asciz	"panic: "
die32_newline:
	.asciz	"\r\n"
