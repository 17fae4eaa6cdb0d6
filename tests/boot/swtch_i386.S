/*
 * A 32-bit kernel around the i386 form of kernel_asm/swtch.S: 1,000 round trips between two stacks, with callee-saved
 * registers compared on both sides. Assembled with __i386__ defined; linked at its physical address, so symbols are
 * addresses.
 */
#include "swtch.S"

#define ROUND_TRIPS	1000
#define SI_CMDLINE	24
#define NONCE_OFFSET	14	/* behind `exotool.nonce=`, which exotool puts first */

	.macro	COUNT_DIFFERENCE value, register
	movl	$\value, %eax
	addl	%ecx, %eax
	cmpl	%eax, \register
	je	.Lequal\@
	incl	errors
.Lequal\@:
	.endm

	/* EBX EBP ESI EDI = value + ECX in byte 0 ... 3. */
	.macro	LOAD_REGISTERS value
	leal	\value + 0x00000(%ecx), %ebx
	leal	\value + 0x10000(%ecx), %ebp
	leal	\value + 0x20000(%ecx), %esi
	leal	\value + 0x30000(%ecx), %edi
	.endm

	.macro	COMPARE_REGISTERS value
	COUNT_DIFFERENCE (\value + 0x00000), %ebx
	COUNT_DIFFERENCE (\value + 0x10000), %ebp
	COUNT_DIFFERENCE (\value + 0x20000), %esi
	COUNT_DIFFERENCE (\value + 0x30000), %edi
	.endm

	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 8, 18
	.asciz	"Xen"
	.quad	start

	.text
	.code32
	.globl	start
start:
	cld
	movl	$main_stack_top, %esp
	movl	SI_CMDLINE(%ebx), %eax
	addl	$NONCE_OFFSET, %eax
	movl	%eax, nonce
	movl	$other_context_start, other_context

1:	movl	main_rounds, %ecx
	LOAD_REGISTERS 0x11000000
	pushl	other_context
	pushl	$main_context
	call	swtch
	addl	$8, %esp
	movl	main_rounds, %ecx
	COMPARE_REGISTERS 0x11000000
	cmpl	$main_stack_top, %esp
	je	2f
	incl	errors
2:	incl	main_rounds
	cmpl	$ROUND_TRIPS, main_rounds
	jb	1b

	movb	$0x11, %bl
	cmpl	$0, errors
	jne	3f
	cmpl	$ROUND_TRIPS, other_rounds
	jne	3f
	xorl	%eax, %eax
	movl	$ok, %esi
	call	print
	movb	$' ', %ah
	movl	nonce, %esi
	call	print
	movb	$0, %ah
	movl	$newline, %esi
	call	print
	movb	$0x10, %bl
3:	movb	%bl, %al
	outb	%al, $0xf4
4:	cli
	hlt
	jmp	4b

other_side:
	incl	other_rounds
	movl	other_rounds, %ecx
	LOAD_REGISTERS 0x22000000
	pushl	main_context
	pushl	$other_context
	call	swtch
	addl	$8, %esp
	movl	other_rounds, %ecx
	COMPARE_REGISTERS 0x22000000
	jmp	other_side

/* The text at ESI, up to a character that is not above AH. */
print:
	lodsb
	cmpb	%ah, %al
	jbe	2f
	movb	%al, %cl
	movw	$0x3fd, %dx
1:	inb	%dx, %al
	testb	$0x20, %al
	jz	1b
	movb	%cl, %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	jmp	print
2:	ret

	.section .rodata
ok:
	.asciz	"exotool: ok "
newline:
	.asciz	"\n"

	.data
	.balign	16
	.skip	4096
/* edi esi ebx ebp eip of a context that has never run. */
other_context_start:
	.long	0, 0, 0, 0, other_side

	.bss
	.balign	4
main_context:
	.skip	4
other_context:
	.skip	4
main_rounds:
	.skip	4
other_rounds:
	.skip	4
errors:
	.skip	4
nonce:
	.skip	4
	.balign	16
	.skip	4096
main_stack_top:
