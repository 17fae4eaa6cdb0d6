/* The boot sector: the BIOS loads it to 0x7c00, from the first sector of a disk or as the boot image of a CD, and it
   loads the second stage. DL is the drive. The medium is the same in both cases, only its sectors are not. */

#include "loader.h"
#include "bios.h"

#define HERE(label) ((label) - start + BOOT_ADDRESS)

    .text
    .code16
start:
    jmp begin
    .org 0x5a                           /* some BIOSes write what a FAT file system has in these bytes */
begin:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $BOOT_ADDRESS, %sp
    ljmp $0, $HERE(normal)              /* some BIOSes start at 0x07c0:0x0000 */
normal:
    sti
    cld
    movb %dl, DRIVE

    movb $0x41, %ah                     /* INT 13h extensions: are there any? */
    movw $0x55aa, %bx
    int $0x13
    movw $HERE(no_extensions), %si
    jc fail
    cmpw $0xaa55, %bx
    jne fail
    movb $0x48, %ah                     /* drive parameters */
    movb DRIVE, %dl
    movw $PARAMETERS, %si
    movw $PARAMETERS_BYTES, (%si)
    int $0x13
    movw $HERE(bad_sector), %si
    jc fail
    movw PARAMETERS + PARAMETERS_SECTOR, %ax
    xorw %cx, %cx                       /* 512-byte units in a sector, as a shift */
    cmpw $512, %ax
    je sector_known
    movb $2, %cl
    cmpw $2048, %ax
    jne fail
sector_known:
    movb %cl, SECTOR_SHIFT

    movw $PACKET, %si                   /* the packet of an extended read */
    movw $PACKET_BYTES, (%si)
    movw HERE(stage_units), %ax
    shrw %cl, %ax
    movw %ax, PACKET_COUNT(%si)
    movw $STAGE_ADDRESS, PACKET_OFFSET(%si)
    movw $0, PACKET_SEGMENT(%si)
    movl HERE(stage_start), %eax
    shrl %cl, %eax
    movl %eax, PACKET_BLOCK(%si)
    movl $0, PACKET_BLOCK + 4(%si)
    movb $0x42, %ah
    movb DRIVE, %dl
    int $0x13
    movw $HERE(bad_read), %si
    jc fail
    movw $HERE(bad_stage), %si
    cmpl $STAGE_MAGIC, STAGE_ADDRESS + STAGE_MAGIC_AT
    jne fail
    ljmp $0, $STAGE_ADDRESS

/* fail: print the string at SI on the screen and on COM1, and stop. */
fail:
    movw %si, %di
    movw $HERE(prefix), %si
    call print
    movw %di, %si
    call print
    movb $EXIT_LOADER, %al
    outb %al, $EXIT_PORT
stop:
    cli
    hlt
    jmp stop

print:
    lodsb
    testb %al, %al
    jz printed
    movw $COM1, %dx
    outb %al, %dx
    movb $0x0e, %ah                     /* teletype output */
    movw $7, %bx
    int $0x10
    movw $(COM1 + 5), %dx
    movw $0xffff, %cx
print_wait:
    inb %dx, %al
    testb $0x40, %al                    /* LSR.TEMT */
    loopz print_wait
    jmp print
printed:
    ret

prefix:
    .asciz "\r\nexotool: "
no_extensions:
    .asciz "no INT 13h extensions\r\n"
bad_sector:
    .asciz "bad sector size\r\n"
bad_read:
    .asciz "the loader cannot be read\r\n"
bad_stage:
    .asciz "the loader is damaged\r\n"

    .org BOOT_STAGE_START               /* where the second stage is, in units of 512 bytes; filled in */
stage_start:
    .long 0
stage_units:
    .word 0
    .org 0x1fe
    .word 0xaa55
