/* Started by Multiboot 2: prints the boot information as bytes, then each module, then proves success. */

#define HEADER_LENGTH (header_end - header)

    .section .text
    .balign 8
header:
    .long 0xe85250d6, 0, HEADER_LENGTH, -(0xe85250d6 + HEADER_LENGTH)
    .balign 8
    .word 1, 0                          /* information request: memory map, modules */
    .long 16
    .long 6, 3
#ifdef REQUIRED
    .balign 8
    .word REQUIRED, 0
    .long 8
#endif
    .balign 8
    .word 5, 1                          /* a framebuffer, optional */
    .long 20
    .long 0, 0, 0
    .balign 8
    .word 3, 0                          /* entry address */
    .long 12
    .long ENTRY
#ifndef UNFINISHED
    .balign 8
    .word 0, 0
    .long 8
#endif
header_end:

    .balign 16
    .code32
    .globl _start
_start:
    cmpl $0x36d76289, %eax
    jne stop
    movl (%ebx), %ecx                   /* total_size */
    movl %ebx, %edi
    call bytes_line
    leal 8(%ebx), %ebp
tag:
    cmpl $3, (%ebp)
    jne tag_next
    movl 8(%ebp), %edi
    movl 12(%ebp), %ecx
    subl %edi, %ecx
    call bytes_line
tag_next:
    movl 4(%ebp), %eax
    addl $7, %eax
    andl $~7, %eax
    addl %eax, %ebp
    cmpl $0, (%ebp)
    jne tag
    movl $0x10, %eax
    outl %eax, $0xf4
stop:
    cli
    hlt
    jmp stop

bytes_line:
    jecxz bytes_end
byte:
    movb (%edi), %al
    shrb $4, %al
    call digit
    movb (%edi), %al
    andb $15, %al
    call digit
    incl %edi
    decl %ecx
    jnz byte
bytes_end:
    movb $10, %al
    jmp putc
digit:
    addb $0x30, %al
    cmpb $0x39, %al
    jbe putc
    addb $0x27, %al
putc:
    movw $0x3f8, %dx
    outb %al, %dx
    movw $0x3fd, %dx
putc_wait:
    inb %dx, %al
    testb $0x40, %al
    jz putc_wait
    ret
