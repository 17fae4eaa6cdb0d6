/* What the small kernels of these tests share: the PVH note, the serial line and the exit port.

   A kernel includes this first and then defines `main`, which runs in 32-bit protected mode without paging, at the
   physical address of its code (Xen's PVH start state; EBX points to hvm_start_info). */

#define KERNBASE 0xffffffff80000000
#define PHYS(symbol) ((symbol) - KERNBASE)

#define COM1 0x3f8
#define EXIT_PORT 0xf4
#define EXIT_SUCCESS 0x10
#define EXIT_TESTS_FAILED 0x11
#define EXIT_PANIC 0x12

    .section .note.Xen, "a", @note
    .balign 4
    .long 4                     /* n_namesz */
    .long 8                     /* n_descsz */
    .long 18                    /* n_type: XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz "Xen"
    .quad PHYS(_start)

    .section .bss
    .balign 16
stack:
    .skip 4096
stack_top:

    .text
    .code32
    .globl _start
    .type _start, @function
_start:
    movl $PHYS(stack_top), %esp
    call main
stop:
    cli
    hlt
    jmp stop

/* puts: print the string at ESI. */
    .type puts, @function
puts:
    lodsb
    testb %al, %al
    jz puts_done
    call putc
    jmp puts
puts_done:
    ret

/* putc: print AL, and wait until it has left the UART: QEMU drops what is still in there when it exits. */
    .type putc, @function
putc:
    movw $COM1, %dx
    outb %al, %dx
    movw $(COM1 + 5), %dx
putc_wait:
    inb %dx, %al
    testb $0x40, %al            /* LSR.TEMT */
    jz putc_wait
    ret

/* puts_ok: print the line that proves success, with the nonce from `exotool.nonce=` at the command line's start. */
    .type puts_ok, @function
puts_ok:
    movl $PHYS(ok_text), %esi
    call puts
    movl 24(%ebx), %esi         /* hvm_start_info.cmdline_paddr */
    addl $14, %esi              /* strlen("exotool.nonce=") */
puts_ok_next:
    lodsb
    cmpb $0x20, %al
    jbe puts_ok_end
    call putc
    jmp puts_ok_next
puts_ok_end:
    movb $10, %al
    jmp putc

    .section .rodata
ok_text:
    .asciz "exotool: ok "

    .text
