/*
 * The two 8259 interrupt controllers of PC machines: moved off the CPU's exception vectors, then masked. The kernel
 * takes interrupts from the local APIC only; a spurious one of the 8259s would come as vector T_PIC + 7 or + 15. On
 * machines without them the writes go nowhere.
 */
#include "asm.h"
#include "port.h"
#include "trap.h"

#define PIC1_COMMAND	0x20
#define PIC1_DATA	0x21
#define PIC2_COMMAND	0xa0
#define PIC2_DATA	0xa1
#define ICW1_INIT	0x11	/* edge-triggered, cascaded, ICW4 follows */
#define ICW4_8086	0x01

	.text
FUNC pic_disable
	PORT_OUT PIC1_COMMAND, ICW1_INIT
	PORT_OUT PIC2_COMMAND, ICW1_INIT
	PORT_OUT PIC1_DATA, T_PIC
	PORT_OUT PIC2_DATA, (T_PIC + 8)
	PORT_OUT PIC1_DATA, 0x04		/* the second one is at line 2 */
	PORT_OUT PIC2_DATA, 0x02
	PORT_OUT PIC1_DATA, ICW4_8086
	PORT_OUT PIC2_DATA, ICW4_8086
	PORT_OUT PIC1_DATA, 0xff
	PORT_OUT PIC2_DATA, 0xff
	ret
ENDFUNC pic_disable
