/* Write a constant to a constant port; the same in 32-bit and in 64-bit mode. Clobbers AL, DX. */
	.macro	PORT_OUT port, value
	movw	$\port, %dx
	movb	$\value, %al
	outb	%al, %dx
	.endm
