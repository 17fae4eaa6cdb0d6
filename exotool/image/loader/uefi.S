/* The UEFI application \EFI\BOOT\BOOTX64.EFI: the payload is a section of it. In 64-bit mode, under the firmware's page
   tables, which map all memory to itself (UEFI 2.10, 2.3.4; calls: RCX, RDX, R8, R9, then the stack above 32 bytes):

   1. find ACPI's RSDP in the configuration table,
   2. allocate below 4 GiB, and copy the payload there,
   3. get the memory map, and leave boot services,
   4. turn the map into that of a PVH kernel,
   5. enter the hand-over code, in compatibility mode; it switches paging off.

   Registers throughout: RBX is the image handle, R12 the system table, R13 boot services, R14 the payload's copy, R15
   its size, RBP the frame of variables. */

#include "loader.h"

#define SYSTEM_CON_OUT 64
#define SYSTEM_BOOT_SERVICES 96
#define SYSTEM_TABLE_COUNT 104
#define SYSTEM_TABLES 112
#define CON_OUT_OUTPUT_STRING 8
#define BOOT_ALLOCATE_PAGES 40
#define BOOT_GET_MEMORY_MAP 56
#define BOOT_EXIT 232

#define CONFIGURATION_BYTES 24          /* a GUID and a pointer */
#define ALLOCATE_MAX_ADDRESS 1
#define EFI_LOADER_CODE 1
#define EFI_LOAD_ERROR 0x8000000000000001
#define EFI_INVALID_PARAMETER 0x8000000000000002

#define DESCRIPTOR_TYPE 0
#define DESCRIPTOR_ADDRESS 8
#define DESCRIPTOR_PAGES 24

#define PAGE_SHIFT 12
#define EFI_MAP_BYTES 0x20000
#define HIGHEST 0xffffefff              /* the last byte that is allocated */
#define WORKSPACE_BYTES (EFI_MAP_BYTES + 0x2000)        /* the firmware's map, and ours of MAP_BYTES * MAP_MAX */
#define EXIT_TRIES 8

#define CR4_PAE_LA57 0x1020

/* Variables, from RBP. */
#define RSDP 0
#define MEMORY 8
#define MAP_SIZE_VARIABLE 16
#define MAP_KEY 24
#define DESCRIPTOR_SIZE 32
#define DESCRIPTOR_VERSION 40
#define GDT_POINTER 48
#define FAR_POINTER 64
#define FRAME_BYTES 80
#define CALL_BYTES 48                   /* 32 bytes that belong to the function called, and a fifth argument */

    .text
    .code64
start:
    jmp begin
    .balign 8
payload:
    .quad 0                             /* how far the payload is from `start`; filled in */

begin:
    pushq %rbx
    pushq %rbp
    pushq %rsi
    pushq %rdi
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    subq $(CALL_BYTES + FRAME_BYTES + 8), %rsp          /* a multiple of 16 at each call */
    leaq CALL_BYTES(%rsp), %rbp
    cld
    movq %rcx, %rbx
    movq %rdx, %r12
    movq SYSTEM_BOOT_SERVICES(%r12), %r13

    /* 1. The table of ACPI 2.0 wins over that of ACPI 1.0. */
    movq $0, RSDP(%rbp)
    movq SYSTEM_TABLE_COUNT(%r12), %rcx
    movq SYSTEM_TABLES(%r12), %rsi
    testq %rcx, %rcx
    jz tables_end
next_table:
    movq (%rsi), %rax
    movq 8(%rsi), %rdx
    movq 16(%rsi), %rdi
    cmpq acpi20(%rip), %rax
    jne not_acpi20
    cmpq acpi20 + 8(%rip), %rdx
    jne not_acpi20
    movq %rdi, RSDP(%rbp)
    jmp tables_end
not_acpi20:
    cmpq acpi10(%rip), %rax
    jne not_acpi10
    cmpq acpi10 + 8(%rip), %rdx
    jne not_acpi10
    movq %rdi, RSDP(%rbp)
not_acpi10:
    addq $CONFIGURATION_BYTES, %rsi
    decq %rcx
    jnz next_table
tables_end:

    /* 2. */
    leaq start(%rip), %rsi
    addq payload(%rip), %rsi
    movl HEADER_SIZE(%rsi), %r15d
    movl $HIGHEST, %eax
    movq %rax, MEMORY(%rbp)
    movl $ALLOCATE_MAX_ADDRESS, %ecx
    movl $EFI_LOADER_CODE, %edx         /* the hand-over code is executed there */
    leaq WORKSPACE_BYTES(%r15), %r8
    shrq $PAGE_SHIFT, %r8
    leaq MEMORY(%rbp), %r9
    call *BOOT_ALLOCATE_PAGES(%r13)
    leaq no_memory(%rip), %rdx
    testq %rax, %rax
    jnz fail
    movq MEMORY(%rbp), %r14
    leaq start(%rip), %rsi
    addq payload(%rip), %rsi
    movq %r14, %rdi
    movq %r15, %rcx
    shrq $3, %rcx
    rep movsq

    /* 3. Leaving fails when the map has changed since it was got; then only these two may be called again. */
    movl $EXIT_TRIES, %esi
leave_try:
    movq $EFI_MAP_BYTES, MAP_SIZE_VARIABLE(%rbp)
    leaq MAP_SIZE_VARIABLE(%rbp), %rcx
    leaq (%r14, %r15), %rdx
    leaq MAP_KEY(%rbp), %r8
    leaq DESCRIPTOR_SIZE(%rbp), %r9
    leaq DESCRIPTOR_VERSION(%rbp), %rax
    movq %rax, 32(%rsp)
    call *BOOT_GET_MEMORY_MAP(%r13)
    leaq no_map(%rip), %rdx
    testq %rax, %rax
    jnz fail
    movq %rbx, %rcx
    movq MAP_KEY(%rbp), %rdx
    call *BOOT_EXIT(%r13)
    testq %rax, %rax
    jz left
    decl %esi
    jnz leave_try
    leaq no_exit(%rip), %rdx
    jmp fail
left:
    cli

    /* 4. Neighbours of one type become one entry: firmware hands out memory in many small pieces. */
    leaq (%r14, %r15), %rsi             /* the next descriptor */
    movq MAP_SIZE_VARIABLE(%rbp), %r8
    addq %rsi, %r8                      /* their end */
    leaq EFI_MAP_BYTES(%r14, %r15), %rdi
    leaq -MAP_BYTES(%rdi), %r9          /* the last entry written: none */
    xorl %ecx, %ecx                     /* entries */
    leaq types(%rip), %r10
next_descriptor:
    cmpq %r8, %rsi
    jae descriptors_end
    movl DESCRIPTOR_TYPE(%rsi), %eax
    movl $MAP_RESERVED_TYPE, %edx
    cmpl $(types_end - types), %eax
    jae type_known
    movzbl (%r10, %rax), %edx
type_known:
    movq DESCRIPTOR_ADDRESS(%rsi), %rax
    movq DESCRIPTOR_PAGES(%rsi), %r11
    shlq $PAGE_SHIFT, %r11
    addq DESCRIPTOR_SIZE(%rbp), %rsi
    testl %ecx, %ecx
    jz new_entry
    cmpl MAP_TYPE(%r9), %edx
    jne new_entry
    pushq %rax
    subq MAP_SIZE(%r9), %rax
    cmpq MAP_ADDRESS(%r9), %rax
    popq %rax
    jne new_entry
    addq %r11, MAP_SIZE(%r9)
    jmp next_descriptor
new_entry:
    cmpl $MAP_MAX, %ecx
    jae descriptors_end
    incl %ecx
    addq $MAP_BYTES, %r9
    movq %rax, MAP_ADDRESS(%r9)
    movq %r11, MAP_SIZE(%r9)
    movl %edx, MAP_TYPE(%r9)
    movl $0, MAP_RESERVED(%r9)
    jmp next_descriptor
descriptors_end:

    /* 5. */
    movq RSDP(%rbp), %rdx
    movl %edi, %esi                     /* the map */
    movq %rdx, %rdi
    shrq $32, %rdi
    movl %r14d, %ebx
    movl HEADER_CODE(%r14), %eax
    addl %r14d, %eax
    movl %eax, FAR_POINTER(%rbp)
    movw $SELECTOR_CODE32, FAR_POINTER + 4(%rbp)
    movl HEADER_GDT(%r14), %eax
    addq %r14, %rax
    movw $(3 * 8 - 1), GDT_POINTER(%rbp)
    movq %rax, GDT_POINTER + 2(%rbp)
    lgdt GDT_POINTER(%rbp)
    movl $SELECTOR_DATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    movq %cr4, %rax                     /* CR4.PCIDE and CR4.CET must go before paging does */
    andl $CR4_PAE_LA57, %eax
    movq %rax, %cr4
    xorl %eax, %eax                     /* no HANDOVER_TEXT */
    ljmpl *FAR_POINTER(%rbp)

/* fail: print the UTF-16 string at RDX on the console, and leave with an error. */
fail:
    movq %rdx, %rsi
    movq SYSTEM_CON_OUT(%r12), %rcx
    leaq prefix(%rip), %rdx
    call *CON_OUT_OUTPUT_STRING(%rcx)
    movq SYSTEM_CON_OUT(%r12), %rcx
    movq %rsi, %rdx
    call *CON_OUT_OUTPUT_STRING(%rcx)
    movl $EXIT_LOADER, %eax
    outl %eax, $EXIT_PORT
    movabsq $EFI_LOAD_ERROR, %rax
    addq $(CALL_BYTES + FRAME_BYTES + 8), %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rdi
    popq %rsi
    popq %rbp
    popq %rbx
    ret

    .balign 8
acpi20:                                 /* 8868e871-e4f1-11d3-bc22-0080c73c8881 */
    .long 0x8868e871
    .word 0xe4f1, 0x11d3
    .byte 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81
acpi10:                                 /* eb9d2d30-2d88-11d3-9a16-0090273fc14d */
    .long 0xeb9d2d30
    .word 0x2d88, 0x11d3
    .byte 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d

/* EFI_MEMORY_TYPE (UEFI 2.10, 7.2.1) to the type in a PVH memory map, which is that of E820. */
types:
    .byte 2                             /* EfiReservedMemoryType */
    .byte 1                             /* EfiLoaderCode */
    .byte 1                             /* EfiLoaderData */
    .byte 1                             /* EfiBootServicesCode */
    .byte 1                             /* EfiBootServicesData */
    .byte 2                             /* EfiRuntimeServicesCode */
    .byte 2                             /* EfiRuntimeServicesData */
    .byte 1                             /* EfiConventionalMemory */
    .byte 5                             /* EfiUnusableMemory */
    .byte 3                             /* EfiACPIReclaimMemory */
    .byte 4                             /* EfiACPIMemoryNVS */
    .byte 2                             /* EfiMemoryMappedIO */
    .byte 2                             /* EfiMemoryMappedIOPortSpace */
    .byte 2                             /* EfiPalCode */
    .byte 7                             /* EfiPersistentMemory */
types_end:

    .balign 2
prefix:
    .string16 "\r\nexotool: "
no_memory:
    .string16 "there is not enough memory below 4 GiB for the kernel's image\r\n"
no_map:
    .string16 "the firmware does not give its memory map\r\n"
no_exit:
    .string16 "the firmware does not let go of boot services\r\n"
