/* 16550 UART at COM1: PC16550D data sheet, section 8. The code here is the same in 32-bit and in 64-bit mode. */
#include "port.h"

#define COM1		0x3f8
#define UART_DATA	(COM1 + 0)	/* divisor, low byte, while LCR_DLAB is set */
#define UART_IER	(COM1 + 1)	/* divisor, high byte, while LCR_DLAB is set */
#define UART_FCR	(COM1 + 2)
#define UART_LCR	(COM1 + 3)
#define UART_MCR	(COM1 + 4)
#define UART_LSR	(COM1 + 5)
#define UART_SCR	(COM1 + 7)

#define LCR_8N1		0x03
#define LCR_DLAB	0x80
#define FCR_ENABLE	0x07	/* FIFOs on and emptied */
#define MCR_DTR_RTS	0x03
#define MCR_LOOP	0x10
#define LSR_DR		0x01
#define LSR_THRE	0x20
#define LSR_TEMT	0x40

/* 115200 Bd is divisor 1; one character takes 87 us, so this many polls of a port (~1 us each) is ample. */
#define UART_DIVISOR	1
#define UART_POLLS	100000

/* 115200 8N1, FIFOs on, no interrupts: the console polls. Clobbers AL, DX. */
	.macro	UART_SETUP
	PORT_OUT	UART_IER, 0
	PORT_OUT	UART_LCR, LCR_DLAB
	PORT_OUT	UART_DATA, UART_DIVISOR
	PORT_OUT	UART_IER, 0
	PORT_OUT	UART_LCR, LCR_8N1
	PORT_OUT	UART_FCR, FCR_ENABLE
	PORT_OUT	UART_MCR, MCR_DTR_RTS
	.endm
