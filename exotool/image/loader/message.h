/* 32-bit code that tells of an error and stops; for inclusion. Needs a stack and flat segments. */

/* fail: print "exotool: " and the string at ESI on COM1, and on the screen if BL is not 0; then stop. Never returns. */
    .type fail, @function
fail:
    pushl %esi
    movb $0x80, %al                     /* 115200 8N1: LCR.DLAB, divisor 1, 8 data bits */
    movw $(COM1 + 3), %dx
    outb %al, %dx
    movw $COM1, %dx
    movb $1, %al
    outb %al, %dx
    movw $(COM1 + 1), %dx
    xorl %eax, %eax
    outb %al, %dx
    movw $(COM1 + 3), %dx
    movb $3, %al
    outb %al, %dx
    movl $VGA_TEXT, %edi
    call fail_here
    .asciz "\r\nexotool: "
fail_here:
    popl %esi
    call print
    popl %esi
    call print
    call fail_end
    .asciz "\r\n"
fail_end:
    popl %esi
    call print
    movl $EXIT_LOADER, %eax
    movl $EXIT_PORT, %edx
    outl %eax, %dx
fail_stop:
    cli
    hlt
    jmp fail_stop

/* print: the string at ESI, on the screen at EDI if BL is not 0. */
    .type print, @function
print:
    lodsb
    testb %al, %al
    jz print_done
    movw $COM1, %dx
    outb %al, %dx
    movl $0x10000, %ecx                 /* where there is no UART, its registers read as anything */
    movb %al, %ah
    movw $(COM1 + 5), %dx
print_wait:
    inb %dx, %al
    testb $0x40, %al                    /* LSR.TEMT: QEMU drops what is still in the UART when it exits */
    jnz print_sent
    decl %ecx
    jnz print_wait
print_sent:
    testb %bl, %bl
    jz print
    cmpb $0x20, %ah
    jb print
    movb %ah, %al
    movb $0x4f, %ah                     /* white on red */
    stosw
    jmp print
print_done:
    ret

/* hex: write EAX as eight digits at EDI. */
    .type hex, @function
hex:
    movl $8, %ecx
hex_next:
    roll $4, %eax
    movl %eax, %edx
    andl $15, %edx
    addb $0x30, %dl
    cmpb $0x39, %dl
    jbe hex_digit
    addb $0x27, %dl                     /* from '9' + 1 to 'a' */
hex_digit:
    movb %dl, (%edi)
    incl %edi
    decl %ecx
    jnz hex_next
    ret
