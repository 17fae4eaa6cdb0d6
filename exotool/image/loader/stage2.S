/* The second stage of the BIOS loader, at STAGE_ADDRESS: A20, the memory map, protected mode; then the payload is read
   to 1 MiB, through a buffer that the BIOS can reach, and the kernel is handed over to. */

#include "loader.h"
#include "bios.h"

#define HERE(label) ((label) - start + STAGE_ADDRESS)

#define BUFFER 0x10000
#define CHUNK_UNITS 64                  /* 32 KiB at a time, in units of 512 bytes */
#define PAYLOAD_ADDRESS 0x100000
#define READ_TRIES 3
#define SMAP 0x534d4150

#define SELECTOR_CODE16 0x18
#define SELECTOR_DATA16 0x20
#define CR0_PE 1

    .text
    .code16
start:
    jmp begin
    .org STAGE_MAGIC_AT
    .long STAGE_MAGIC
    .org STAGE_PAYLOAD_START
payload_start:
    .long 0
    .org STAGE_PAYLOAD_SIZE
payload_size:
    .long 0

begin:
    /* With address line 20 off every odd MiB is the even one below it. */
    call a20_test
    jne a20_is_on
    movw $0x2401, %ax                   /* BIOS: enable it */
    int $0x15
    call a20_test
    jne a20_is_on
    inb $0x92, %al                      /* system control port A; bit 0 would reset the machine */
    orb $2, %al
    andb $0xfe, %al
    outb %al, $0x92
    call a20_test
    jne a20_is_on
    call keyboard_ready
    movb $0xd1, %al                     /* 8042: write its output port */
    outb %al, $0x64
    call keyboard_ready
    movb $0xdf, %al                     /* bit 1 is A20; bit 0 would reset the machine */
    outb %al, $0x60
    call keyboard_ready
    call a20_test
    movl $HERE(no_a20), %esi
    je fail16
a20_is_on:

    movl $MAP, %edi                     /* INT 15h, E820: a call gives an entry, EBX goes from one to the next */
    xorl %ebx, %ebx
next_entry:
    movl $0xe820, %eax
    movl $SMAP, %edx
    movl $MAP_BYTES, %ecx
    movl $1, MAP_RESERVED(%di)          /* stays if the BIOS gives 20 bytes; bit 0 of ACPI's attributes: it is valid */
    int $0x15
    jc entries_end
    cmpl $SMAP, %eax
    jne entries_end
    testb $1, MAP_RESERVED(%di)
    jz skip_entry
    movl $0, MAP_RESERVED(%di)
    movl MAP_SIZE(%di), %eax
    orl MAP_SIZE + 4(%di), %eax
    jz skip_entry
    addw $MAP_BYTES, %di
skip_entry:
    testl %ebx, %ebx
    jz entries_end
    cmpw $(MAP + MAP_MAX * MAP_BYTES), %di
    jb next_entry
entries_end:
    movl $HERE(no_map), %esi
    cmpw $MAP, %di
    je fail16

    call enter32
    .code32
    subl $MAP, %edi
    movl %edi, %eax
    xorl %edx, %edx
    movl $MAP_BYTES, %ecx
    divl %ecx
    movl %eax, HERE(map_entries)

    /* There must be RAM for the payload at 1 MiB. */
    movl $MAP, %esi
    movl %eax, %ecx
    movl $(PAYLOAD_ADDRESS), %ebx
find_ram:
    cmpl $MAP_RAM, MAP_TYPE(%esi)
    jne find_next
    cmpl $0, MAP_ADDRESS + 4(%esi)
    jne find_next
    movl %ebx, %eax
    subl MAP_ADDRESS(%esi), %eax        /* of the entry, what lies below 1 MiB */
    jb find_next
    cmpl $0, MAP_SIZE + 4(%esi)
    jne find_done
    movl MAP_SIZE(%esi), %edx
    subl %eax, %edx
    jbe find_next
    cmpl HERE(payload_size), %edx
    jae find_done
find_next:
    addl $MAP_BYTES, %esi
    decl %ecx
    jnz find_ram
    movl $HERE(no_memory), %esi
    jmp fail32
find_done:

    /* Read the payload. The medium holds it up to the end of its last sector. */
    movl HERE(payload_size), %ebp
    shrl $9, %ebp                       /* units to go */
    movl HERE(payload_start), %edx
    movl $PAYLOAD_ADDRESS, %edi
read_chunk:
    movl $CHUNK_UNITS, %eax
    cmpl %eax, %ebp
    jae read_full
    movl %ebp, %eax
read_full:
    call read
    movl $BUFFER, %esi
    movl %eax, %ecx
    shll $(9 - 2), %ecx
    rep movsl
    addl %eax, %edx
    subl %eax, %ebp
    jnz read_chunk

    movl $PAYLOAD_ADDRESS, %esi
    cmpl $PAYLOAD_MAGIC, HEADER_MAGIC(%esi)
    jne damaged
    movl HERE(payload_size), %ecx
    cmpl %ecx, HEADER_SIZE(%esi)
    jne damaged
    shrl $2, %ecx
    xorl %edx, %edx
sum_word:
    lodsl
    addl %eax, %edx
    decl %ecx
    jnz sum_word
    testl %edx, %edx
    jnz damaged

    call find_rsdp
    movl %eax, %edx
    xorl %edi, %edi
    movl $MAP, %esi
    movl HERE(map_entries), %ecx
    movl $PAYLOAD_ADDRESS, %ebx
    movl %ebx, %ebp
    addl HEADER_CODE(%ebx), %ebp
    call has_text
    jmp *%ebp

damaged:
    movl $HERE(damaged_text), %esi
fail32:
    call has_text
    movl %eax, %ebx
    jmp fail

/* has_text: EAX=HANDOVER_TEXT if the screen shows color text, else 0. */
    .type has_text, @function
has_text:
    xorl %eax, %eax
    cmpb $3, 0x449                      /* BIOS data area: the video mode */
    ja has_text_done
    movb $HANDOVER_TEXT, %al
has_text_done:
    ret

/* read: EAX units from unit EDX to BUFFER; both are whole sectors of a CD too. Changes no register. */
    .type read, @function
read:
    pushal
    movb SECTOR_SHIFT, %cl
    shrl %cl, %eax
    shrl %cl, %edx
    movl $PACKET_BYTES, PACKET
    movw %ax, PACKET + PACKET_COUNT
    movw $0, PACKET + PACKET_OFFSET
    movw $(BUFFER >> 4), PACKET + PACKET_SEGMENT
    movl %edx, PACKET + PACKET_BLOCK
    movl $0, PACKET + PACKET_BLOCK + 4
    call enter16
    .code16
    movw $READ_TRIES, %bp
read_try:
    movb $0x42, %ah
    movb DRIVE, %dl
    movw $PACKET, %si
    int $0x13
    jnc read_done
    xorw %ax, %ax                       /* reset the drive */
    movb DRIVE, %dl
    int $0x13
    decw %bp
    jnz read_try
    movl $HERE(bad_read), %esi
    jmp fail16
read_done:
    call enter32
    .code32
    popal
    ret

/* find_rsdp: the ACPI RSDP in the first KiB of the extended BIOS data area or below 1 MiB (ACPI 6.5, 5.2.5.1).
   Out: EAX, 0 if there is none. */
    .type find_rsdp, @function
find_rsdp:
    movzwl 0x40e, %esi                  /* BIOS data area: segment of the extended one */
    shll $4, %esi
    leal 0x400(%esi), %edx
    cmpl $0x80000, %esi
    jb rsdp_of_rom
    cmpl $0xa0000, %edx
    ja rsdp_of_rom
    call find_rsdp_in
    jnz rsdp_found
rsdp_of_rom:
    movl $0xe0000, %esi
    movl $0x100000, %edx
    call find_rsdp_in
rsdp_found:
    ret

find_rsdp_in:                           /* ESI..EDX; out: EAX and ZF */
    cmpl $0x20445352, (%esi)            /* "RSD " */
    jne rsdp_next
    cmpl $0x20525450, 4(%esi)           /* "PTR " */
    jne rsdp_next
    xorl %ecx, %ecx
    xorl %eax, %eax
rsdp_sum:
    addb (%esi, %ecx), %al
    incl %ecx
    cmpl $20, %ecx
    jb rsdp_sum
    testb %al, %al
    jnz rsdp_next
    movl %esi, %eax
    testl %eax, %eax
    ret
rsdp_next:
    addl $16, %esi
    cmpl %edx, %esi
    jb find_rsdp_in
    xorl %eax, %eax
    ret

    .code16
/* fail16: as fail32, from real mode. */
fail16:
    call enter32
    .code32
    jmp fail32
    .code16

/* a20_test: ZF=1 if what is written at 1 MiB + 0x500 shows up at 0x500. */
a20_test:
    movw $0xffff, %ax
    movw %ax, %fs
    movw 0x500, %ax
    notw %ax
    movw %ax, %fs:0x510
    cmpw 0x500, %ax
    ret

keyboard_ready:                         /* until the 8042 takes a command, if there is one */
    movw $0xffff, %cx
keyboard_wait:
    inb $0x64, %al
    testb $2, %al
    loopnz keyboard_wait
    ret

/* enter32: return in protected mode, interrupts off. Called in real mode; keeps all general registers. */
enter32:
    cli
    popw HERE(return)
    pushl %eax
    lgdtl HERE(gdt_pointer)
    movl %cr0, %eax
    orb $CR0_PE, %al
    movl %eax, %cr0
    ljmpl $SELECTOR_CODE32, $HERE(in32)
    .code32
in32:
    movl $SELECTOR_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movzwl %sp, %esp
    popl %eax
    pushl HERE(return)
    ret

/* enter16: return in real mode, interrupts on. Called in protected mode; keeps all general registers. */
enter16:
    popl HERE(return)
    pushl %eax
    ljmpl $SELECTOR_CODE16, $HERE(in16)
    .code16
in16:
    movw $SELECTOR_DATA16, %ax          /* with limits of 64 KiB, which real mode keeps */
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movl %cr0, %eax
    andb $~CR0_PE, %al
    movl %eax, %cr0
    ljmp $0, $HERE(real)
real:
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    popl %eax
    sti
    pushw HERE(return)
    ret

    .code32
#include "message.h"

no_a20:
    .asciz "address line 20 cannot be enabled"
no_map:
    .asciz "the BIOS has no memory map (INT 15h, E820)"
no_memory:
    .asciz "there is not enough memory at 1 MiB for the kernel's image"
bad_read:
    .asciz "the kernel's image cannot be read"
damaged_text:
    .asciz "the kernel's image is damaged on the medium"

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff            /* SELECTOR_CODE32 */
    .quad 0x00cf93000000ffff            /* SELECTOR_DATA */
    .quad 0x00009b000000ffff            /* SELECTOR_CODE16 */
    .quad 0x000093000000ffff            /* SELECTOR_DATA16 */
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long HERE(gdt)
return:
    .long 0
map_entries:
    .long 0
