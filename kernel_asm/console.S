/*
 * The console: a 16550 at COM1, polled. Every wait is bounded, and a machine without the UART just prints nothing,
 * so printing can never hang the kernel; not even in a panic, and not with interrupts off.
 */
#include "asm.h"
#include "uart.h"

	.text
/* Looks for the UART by its scratch register and by its loopback, then sets it to 115200 8N1. */
FUNC console_init
	PROLOGUE
	/* Reads of a port where nothing is give 0xff; two values, so that a stuck bus cannot pass. */
	PORT_OUT UART_SCR, 0x5a
	inb	%dx, %al
	cmpb	$0x5a, %al
	jne	3f
	PORT_OUT UART_SCR, 0xa5
	inb	%dx, %al
	cmpb	$0xa5, %al
	jne	3f

	UART_SETUP
	PORT_OUT UART_MCR, MCR_LOOP
	PORT_OUT UART_DATA, 0xae
	movl	$UART_POLLS, %ecx
	movw	$UART_LSR, %dx
1:	inb	%dx, %al
	testb	$LSR_DR, %al
	jnz	2f
	decl	%ecx
	jnz	1b
	jmp	3f
2:	movw	$UART_DATA, %dx
	inb	%dx, %al
	cmpb	$0xae, %al
	jne	3f
	movb	$1, console_present(%rip)
3:	UART_SETUP			/* leaves loopback */
	leave
	ret
ENDFUNC console_init

/* void putc(char c): a newline goes out as CR LF. */
FUNC putc
	cmpb	$'\n', %dil
	jne	putc_raw
	pushq	%rdi
	movl	$'\r', %edi
	call	putc_raw
	popq	%rdi
	/* Fall through. */
ENDFUNC putc

	.type	putc_raw, @function
putc_raw:
	cmpb	$0, console_present(%rip)
	je	3f
	movl	$UART_POLLS, %ecx
	movw	$UART_LSR, %dx
1:	inb	%dx, %al
	testb	$LSR_THRE, %al
	jnz	2f
	pause
	decl	%ecx
	jnz	1b
	/* It takes nothing any more. Give up for good: to wait for each character would be a hang after all. */
	movb	$0, console_present(%rip)
	ret
2:	movl	%edi, %eax
	movw	$UART_DATA, %dx
	outb	%al, %dx
3:	ret
	.size	putc_raw, . - putc_raw

/* void console_flush(): wait until the last character has left the UART. */
FUNC console_flush
	cmpb	$0, console_present(%rip)
	je	2f
	movl	$UART_POLLS, %ecx
	movw	$UART_LSR, %dx
1:	inb	%dx, %al
	testb	$LSR_TEMT, %al
	jnz	2f
	pause
	decl	%ecx
	jnz	1b
2:	ret
ENDFUNC console_flush

/* void puts(const char *text): without a newline of its own. */
FUNC puts
	PROLOGUE
	pushq	%rbx
	subq	$8, %rsp
	movq	%rdi, %rbx
1:	movzbl	(%rbx), %edi
	testl	%edi, %edi
	jz	2f
	call	putc
	incq	%rbx
	jmp	1b
2:	movq	-8(%rbp), %rbx
	leave
	ret
ENDFUNC puts

/* void put_text(const char *text, u64 length) */
FUNC put_text
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	movq	%rdi, %rbx
	leaq	(%rdi, %rsi), %r12
1:	cmpq	%r12, %rbx
	jae	2f
	movzbl	(%rbx), %edi
	call	putc
	incq	%rbx
	jmp	1b
2:	popq	%r12
	popq	%rbx
	leave
	ret
ENDFUNC put_text

/* void put_hex(u64 value): 0x and 16 digits. */
FUNC put_hex
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	movq	%rdi, %rbx
	movl	$'0', %edi
	call	putc
	movl	$'x', %edi
	call	putc
	movl	$16, %r12d
1:	rolq	$4, %rbx
	movl	%ebx, %edi
	andl	$15, %edi
	addl	$'0', %edi
	cmpl	$'9', %edi
	jbe	2f
	addl	$'a' - '9' - 1, %edi
2:	call	putc
	decl	%r12d
	jnz	1b
	popq	%r12
	popq	%rbx
	leave
	ret
ENDFUNC put_hex

/* void put_dec(u64 value) */
FUNC put_dec
	PROLOGUE
	subq	$32, %rsp		/* 20 digits at most, and a NUL */
	movq	%rdi, %rax
	leaq	-1(%rbp), %rdi
	movb	$0, (%rdi)
	movl	$10, %ecx
1:	xorl	%edx, %edx
	divq	%rcx
	addl	$'0', %edx
	decq	%rdi
	movb	%dl, (%rdi)
	testq	%rax, %rax
	jnz	1b
	call	puts
	leave
	ret
ENDFUNC put_dec

	.data
OBJECT console_present, 1, 1
	.byte	0
