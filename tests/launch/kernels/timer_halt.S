/* Prints a line, halts until the PIT has ticked five times at 1 kHz, prints another line and succeeds. */
#include "guest.h"

    .section .bss
    .balign 8
idt:
    .skip 8 * 0x21
ticks:
    .skip 4

    .section .rodata
first:
    .asciz "timer: begins\n"
second:
    .asciz "timer: five ticks\n"
    .balign 4
    .word 0
idt_pointer:
    .word 8 * 0x21 - 1
    .long PHYS(idt)

    .text
    .type main, @function
main:
    movl $PHYS(first), %esi
    call puts
    movl $PHYS(tick), %eax
    movw %ax, PHYS(idt) + 0x100
    movw %cs, PHYS(idt) + 0x102
    movw $0x8e00, PHYS(idt) + 0x104
    shrl $16, %eax
    movw %ax, PHYS(idt) + 0x106
    lidt PHYS(idt_pointer)
    movb $0x11, %al             /* both 8259s: ICW1 to ICW4, vectors from 0x20, only IRQ 0 open */
    outb %al, $0x20
    movb $0x20, %al
    outb %al, $0x21
    movb $4, %al
    outb %al, $0x21
    movb $1, %al
    outb %al, $0x21
    movb $0xfe, %al
    outb %al, $0x21
    movl $0x700, 0xfee00350     /* LVT LINT0: qboot leaves it masked */
    movb $0x34, %al             /* PIT channel 0: mode 2, 1193182 Hz divided by 1193 */
    outb %al, $0x43
    movb $0xa9, %al
    outb %al, $0x40
    movb $0x04, %al
    outb %al, $0x40
    sti
wait_for_ticks:
    hlt
    cmpl $5, PHYS(ticks)
    jb wait_for_ticks
    cli
    movl $PHYS(second), %esi
    call puts
    call puts_ok
    movl $EXIT_SUCCESS, %eax
    outl %eax, $EXIT_PORT
    ret

    .type tick, @function
tick:
    incl PHYS(ticks)
    pushl %eax
    movb $0x20, %al
    outb %al, $0x20
    popl %eax
    iret
