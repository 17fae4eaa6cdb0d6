/* The last step of every way to boot: the payload lies in memory, and the kernel starts.

   This code is part of the payload and runs wherever that was loaded, below 4 GiB. In:
     CS    a flat 32-bit segment; DS, ES, SS: flat data; interrupts are off
           paging is off, or maps what is used here to itself (long mode's compatibility mode)
     EAX   flags (HANDOVER_TEXT)
     EBX   the payload
     ECX   entries of the memory map, at most MAP_MAX
     ESI   the memory map
     EDX   address of the ACPI RSDP, bits 0 to 31, or 0;  EDI: bits 32 to 63

   1. Paging and long mode are switched off, and the memory map is copied out of the way.
   2. Every segment of the kernel must lie in RAM.
   3. The payload moves to the highest place in RAM below 4 GiB that no segment covers: where a loader could put it, it
      may be in the kernel's way; modules stay inside the payload.
   4. The start info, with memory map and command line, goes to the highest free place below 640 KiB.
   5. Segments are copied, and their rest is cleared.
   6. The kernel starts at its 32-bit entry point, with the start info at EBX: by PVH (Xen, docs/misc/pvh.pandoc), or by
      Multiboot 2 (specification 2.0, section 3.3), whose machine state is the same but for EAX. */

#include "loader.h"

#define START_INFO_MAGIC 0x336ec578
#define START_INFO_BYTES 56
#define MODULE_ENTRY_BYTES 32           /* of PVH; a Multiboot 2 tag has 24 */
#define FIXED_BYTES 256                 /* for all else in the start info */
#define MULTIBOOT2_MAGIC 0x36d76289
#define CR0_PE_ET 0x11
#define EFER 0xc0000080
#define LOW_START 0x1000
#define LOW_END 0xa0000
#define HIGH_START 0x100000
#define HIGH_END 0xfffff000

/* A variable's operand; EBP has the address of `handover`. */
#define AT(label) ((label) - handover)(%ebp)

    .text
    .code32
    .globl handover
    .type handover, @function
handover:
    cld
    movl %ebx, %ebp
    addl HEADER_CODE(%ebx), %ebp
    movl %eax, AT(flags)
    movl %ecx, AT(map_entries)
    movl %edx, AT(rsdp)
    movl %edi, AT(rsdp + 4)
    leal AT(stack_top), %esp

    /* 1. */
    movl %cr0, %eax
    testl %eax, %eax                    /* CR0.PG is bit 31 */
    jns paging_is_off
    andl $0x7fffffff, %eax
    movl %eax, %cr0
    movl $EFER, %ecx                    /* LME, and what firmware has switched on besides, such as NXE */
    xorl %eax, %eax
    xorl %edx, %edx
    wrmsr
paging_is_off:
    movl $CR0_PE_ET, %eax
    movl %eax, %cr0
    xorl %eax, %eax
    movl %eax, %cr4
    leal AT(map), %edi
    imull $(MAP_BYTES / 4), AT(map_entries), %ecx
    rep movsl

    /* 2. */
    movl %ebx, %edi
    addl HEADER_SEGMENTS(%ebx), %edi
    movl HEADER_SEGMENT_COUNT(%ebx), %ecx
check_segment:
    movl SEGMENT_ADDRESS(%edi), %eax
    movl %eax, %edx
    addl SEGMENT_MEMORY_SIZE(%edi), %edx
    call check_ram
    jc fail_segment
    addl $SEGMENT_BYTES, %edi
    decl %ecx
    jnz check_segment

    /* 3. The free entry of the segment table keeps the payload's own place from being chosen. */
    movl %ebx, SEGMENT_ADDRESS(%edi)
    movl HEADER_SIZE(%ebx), %eax
    movl %eax, SEGMENT_MEMORY_SIZE(%edi)
    incl HEADER_SEGMENT_COUNT(%ebx)
    movl $HIGH_START, %ecx
    movl $HIGH_END, %edx
    call choose
    movl $(no_room - handover), %esi
    jc fail_at
    decl HEADER_SEGMENT_COUNT(%ebx)
    movl %eax, %edi
    movl %ebx, %esi
    movl HEADER_SIZE(%ebx), %ecx
    shrl $2, %ecx
    movl %eax, %ebx
    rep movsl
    movl %ebx, %ebp
    addl HEADER_CODE(%ebx), %ebp
    leal AT(stack_top), %esp

    /* The kernel finds the GDT that it has under every PVH loader: 8 is code, 16 is data. */
    movl %ebx, %eax
    addl HEADER_GDT(%ebx), %eax
    movl %eax, AT(gdt_pointer + 2)
    lgdt AT(gdt_pointer)
    leal AT(moved), %eax
    pushl $SELECTOR_CODE32
    pushl %eax
    lret
moved:
    movl $SELECTOR_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movl %eax, %fs
    movl %eax, %gs

    /* 4. */
    imull $MAP_BYTES, AT(map_entries), %eax
    imull $MODULE_ENTRY_BYTES, HEADER_MODULE_COUNT(%ebx), %ecx
    leal FIXED_BYTES(%eax, %ecx), %eax
    addl HEADER_COMMAND_LINE_SIZE(%ebx), %eax
    addl $0xfff, %eax
    andl $0xfffff000, %eax
    movl $LOW_START, %ecx
    movl $LOW_END, %edx
    call choose
    movl $(no_low_room - handover), %esi
    jc fail_at
    movl %eax, AT(start_info)
    movl %eax, %edi
    cmpl $PROTOCOL_MULTIBOOT2, HEADER_PROTOCOL(%ebx)
    je multiboot2
    call pvh_info
    jmp informed
multiboot2:
    call multiboot2_info
informed:

    /* 5. */
    movl %ebx, %edx
    addl HEADER_SEGMENTS(%ebx), %edx
    movl HEADER_SEGMENT_COUNT(%ebx), %ebp
load_segment:
    movl SEGMENT_OFFSET(%edx), %esi
    addl %ebx, %esi
    movl SEGMENT_ADDRESS(%edx), %edi
    movl SEGMENT_FILE_SIZE(%edx), %ecx
    shrl $2, %ecx
    rep movsl
    movl SEGMENT_FILE_SIZE(%edx), %ecx
    andl $3, %ecx
    rep movsb
    movl SEGMENT_MEMORY_SIZE(%edx), %ecx
    subl SEGMENT_FILE_SIZE(%edx), %ecx
    movl %ecx, %esi
    xorl %eax, %eax
    shrl $2, %ecx
    rep stosl
    movl %esi, %ecx
    andl $3, %ecx
    rep stosb
    addl $SEGMENT_BYTES, %edx
    decl %ebp
    jnz load_segment

    /* 6. */
    movl %ebx, %ebp
    addl HEADER_CODE(%ebx), %ebp
    movl HEADER_ENTRY(%ebx), %ecx
    xorl %eax, %eax
    cmpl $PROTOCOL_MULTIBOOT2, HEADER_PROTOCOL(%ebx)
    jne start
    movl $MULTIBOOT2_MAGIC, %eax
start:
    movl AT(start_info), %ebx
    xorl %edx, %edx
    xorl %esi, %esi
    xorl %edi, %edi
    xorl %ebp, %ebp
    jmp *%ecx

/* pvh_info: hvm_start_info at EDI, and what belongs to it (Xen, xen/include/public/arch-x86/hvm/start_info.h). All bits
   32 to 63 of addresses are 0. Changes all but EBX, EBP and ESP. */
    .type pvh_info, @function
pvh_info:
    xorl %eax, %eax
    movl $(START_INFO_BYTES / 4), %ecx
    rep stosl
    movl AT(start_info), %edx
    movl $START_INFO_MAGIC, (%edx)
    movl $1, 4(%edx)                    /* version */
    movl HEADER_MODULE_COUNT(%ebx), %ecx
    movl %ecx, 12(%edx)                 /* nr_modules */
    movl AT(rsdp), %eax
    movl %eax, 32(%edx)                 /* rsdp_paddr */
    movl AT(rsdp + 4), %eax
    movl %eax, 36(%edx)
    testl %ecx, %ecx
    jz no_modules
    movl %edi, 16(%edx)                 /* modlist_paddr */
    movl %ebx, %esi
    addl HEADER_MODULES(%ebx), %esi
next_module:
    movl MODULE_OFFSET(%esi), %eax
    addl %ebx, %eax
    stosl                               /* paddr */
    xorl %eax, %eax
    stosl
    movl MODULE_SIZE(%esi), %eax
    stosl                               /* size */
    xorl %eax, %eax
    stosl
    stosl                               /* cmdline_paddr: none */
    stosl
    stosl                               /* reserved */
    stosl
    addl $MODULE_BYTES, %esi
    decl %ecx
    jnz next_module
no_modules:
    movl %edi, 40(%edx)                 /* memmap_paddr */
    movl AT(map_entries), %ecx
    movl %ecx, 48(%edx)                 /* memmap_entries */
    imull $(MAP_BYTES / 4), %ecx, %ecx
    leal AT(map), %esi
    rep movsl
    movl %edi, 24(%edx)                 /* cmdline_paddr */
    movl %ebx, %esi
    addl HEADER_COMMAND_LINE(%ebx), %esi
    movl HEADER_COMMAND_LINE_SIZE(%ebx), %ecx
    rep movsb
    ret

/* multiboot2_info: the boot information of Multiboot 2 at EDI (specification 2.0, section 3.6): tags at multiples of 8.
   Changes all but EBX, EBP and ESP. */
    .type multiboot2_info, @function
multiboot2_info:
    addl $8, %edi                       /* total_size, which is filled in last, and a reserved word */

    movl $1, %eax                       /* the command line */
    movl HEADER_COMMAND_LINE_SIZE(%ebx), %ecx
    movl %ebx, %esi
    addl HEADER_COMMAND_LINE(%ebx), %esi
    call put_tag
    movl $2, %eax                       /* the loader's name */
    leal AT(name), %esi
    movl $(name_end - name), %ecx
    call put_tag

    movl HEADER_MODULE_COUNT(%ebx), %ecx
    movl %ebx, %esi
    addl HEADER_MODULES(%ebx), %esi
    jecxz tag_modules_end
tag_module:
    movl $3, %eax
    stosl
    movl $17, %eax
    stosl
    movl MODULE_OFFSET(%esi), %eax
    addl %ebx, %eax
    stosl                               /* mod_start */
    addl MODULE_SIZE(%esi), %eax
    stosl                               /* mod_end */
    xorl %eax, %eax
    stosl                               /* an empty string, and what fills the tag up */
    stosl
    addl $MODULE_BYTES, %esi
    decl %ecx
    jnz tag_module
tag_modules_end:

    /* Basic memory information: KiB of RAM from 0, and from 1 MiB, each up to the first hole. */
    movl $4, (%edi)
    movl $16, 4(%edi)
    movl $0, 8(%edi)
    movl $0, 12(%edi)
    leal AT(map), %esi
    movl AT(map_entries), %ecx
basic_entry:
    cmpl $MAP_RAM, MAP_TYPE(%esi)
    jne basic_next
    cmpl $0, MAP_ADDRESS + 4(%esi)
    jne basic_next
    movl MAP_SIZE(%esi), %eax
    shrl $10, %eax
    cmpl $0, MAP_ADDRESS(%esi)
    jne basic_upper
    movl %eax, 8(%edi)                  /* mem_lower */
basic_upper:
    cmpl $0x100000, MAP_ADDRESS(%esi)
    jne basic_next
    movl %eax, 12(%edi)                 /* mem_upper */
basic_next:
    addl $MAP_BYTES, %esi
    decl %ecx
    jnz basic_entry
    addl $16, %edi

    movl $6, %eax                       /* the memory map: the same entries */
    stosl
    imull $MAP_BYTES, AT(map_entries), %eax
    addl $16, %eax
    stosl
    movl $MAP_BYTES, %eax
    stosl
    xorl %eax, %eax
    stosl
    leal AT(map), %esi
    imull $(MAP_BYTES / 4), AT(map_entries), %ecx
    rep movsl

    cmpl $0, AT(rsdp + 4)               /* a copy of the RSDP; one above 4 GiB cannot be read here */
    jne tag_end
    movl AT(rsdp), %esi
    testl %esi, %esi
    jz tag_end
    movl $14, %eax                      /* of ACPI 1.0: 20 bytes */
    movl $20, %ecx
    cmpb $2, 15(%esi)                   /* its revision */
    jb put_rsdp
    movl $15, %eax
    movl $36, %ecx
put_rsdp:
    call put_tag

tag_end:
    xorl %eax, %eax
    stosl
    movl $8, %eax
    stosl
    movl AT(start_info), %edx
    subl %edx, %edi
    movl %edi, (%edx)                   /* total_size */
    movl $0, 4(%edx)
    ret

/* put_tag: a tag of type EAX with ECX bytes from ESI at EDI, which goes to the next multiple of 8. */
    .type put_tag, @function
put_tag:
    stosl
    leal 8(%ecx), %eax
    stosl
    rep movsb
    xorl %eax, %eax
put_padding:
    testl $7, %edi
    jz put_done
    stosb
    jmp put_padding
put_done:
    ret

/* check_ram: CF=1 if one byte of EAX..EDX is not RAM. Changes EAX and ESI; entries need not be in order. */
    .type check_ram, @function
check_ram:
    pushl %ecx
    pushl %ebx
check_ram_again:
    cmpl %edx, %eax
    jae check_ram_done                  /* CF=0 */
    movl AT(map_entries), %ecx
    leal AT(map), %esi
check_ram_entry:
    cmpl $MAP_RAM, MAP_TYPE(%esi)
    jne check_ram_next
    cmpl $0, MAP_ADDRESS + 4(%esi)
    jne check_ram_next
    movl %eax, %ebx
    subl MAP_ADDRESS(%esi), %ebx        /* how far EAX is inside the entry */
    jb check_ram_next
    cmpl $0, MAP_SIZE + 4(%esi)
    jne check_ram_done                  /* an entry of 4 GiB or more has all the rest; CF=0 */
    cmpl MAP_SIZE(%esi), %ebx
    jae check_ram_next
    negl %ebx
    addl MAP_SIZE(%esi), %ebx
    addl %ebx, %eax                     /* go on at the entry's end */
    jnc check_ram_again
    clc                                 /* which is 4 GiB */
    jmp check_ram_done
check_ram_next:
    addl $MAP_BYTES, %esi
    decl %ecx
    jnz check_ram_entry
    stc
check_ram_done:
    popl %ebx
    popl %ecx
    ret

/* choose: the highest page-aligned place for EAX bytes in RAM, not below ECX nor beyond EDX, that no segment covers.
   Out: the place in EAX, or CF=1. Changes all but EBX, EBP and ESP. */
    .type choose, @function
choose:
    pushl %ebx
    movl %eax, AT(wanted)
    movl %ecx, AT(lowest)
    movl %edx, AT(limit)
    movl HEADER_SEGMENT_COUNT(%ebx), %eax
    movl %eax, AT(segments)
    addl HEADER_SEGMENTS(%ebx), %ebx
    movl %ebx, AT(table)
    movl $0, AT(best)
    leal AT(map), %esi
    movl AT(map_entries), %ecx
choose_entry:
    cmpl $MAP_RAM, MAP_TYPE(%esi)
    jne choose_next
    cmpl $0, MAP_ADDRESS + 4(%esi)
    jne choose_next
    cmpl $0, MAP_SIZE + 4(%esi)
    jne choose_limit
    movl MAP_ADDRESS(%esi), %edx
    addl MAP_SIZE(%esi), %edx
    jc choose_limit
    cmpl AT(limit), %edx
    jbe choose_end
choose_limit:
    movl AT(limit), %edx
choose_end:
    andl $0xfffff000, %edx
choose_below:                           /* try the place that ends at EDX; no earlier end can be higher */
    movl %edx, %eax
    subl AT(wanted), %eax
    jb choose_next
    cmpl AT(lowest), %eax
    jb choose_next
    cmpl MAP_ADDRESS(%esi), %eax
    jb choose_next
    cmpl AT(best), %eax
    jbe choose_next
    pushl %ecx
    movl AT(table), %edi
    movl AT(segments), %ecx
choose_segment:
    movl SEGMENT_ADDRESS(%edi), %ebx
    cmpl %edx, %ebx
    jae choose_free
    addl SEGMENT_MEMORY_SIZE(%edi), %ebx
    cmpl %eax, %ebx
    jbe choose_free
    popl %ecx
    movl SEGMENT_ADDRESS(%edi), %edx
    jmp choose_end
choose_free:
    addl $SEGMENT_BYTES, %edi
    decl %ecx
    jnz choose_segment
    popl %ecx
    movl %eax, AT(best)
choose_next:
    addl $MAP_BYTES, %esi
    decl %ecx
    jnz choose_entry
    popl %ebx
    movl AT(best), %eax
    cmpl $1, %eax                       /* CF=1 if it is 0 */
    ret

fail_segment:
    leal AT(not_ram_address), %edi
    call hex
    movl $(not_ram - handover), %esi
fail_at:
    addl %ebp, %esi
    movl AT(flags), %ebx
    jmp fail

#include "message.h"

not_ram:
    .ascii "the kernel is to be loaded to 0x"
not_ram_address:
    .asciz "00000000, which is no RAM or which the firmware keeps"
no_room:
    .asciz "there is not enough memory below 4 GiB for the kernel and two copies of its image and modules"
no_low_room:
    .asciz "there is not enough memory below 640 KiB for the start info"

name:
    .asciz "exotool"
name_end:

    .balign 8
    .globl gdt
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff            /* SELECTOR_CODE32: flat, accessed */
    .quad 0x00cf93000000ffff            /* SELECTOR_DATA */
gdt_pointer:
    .word gdt_pointer - gdt - 1
    .long 0

    .balign 8
rsdp:
    .quad 0
flags:
    .long 0
start_info:
    .long 0
wanted:
    .long 0
lowest:
    .long 0
limit:
    .long 0
table:
    .long 0
segments:
    .long 0
best:
    .long 0
map_entries:
    .long 0
    .balign 16
map:
    .skip MAP_MAX * MAP_BYTES
    .skip 512
stack_top:
