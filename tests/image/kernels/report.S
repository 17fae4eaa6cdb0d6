/* Says what it was started with: processor state, start info and what that points to, as bytes in hexadecimal. The
   start info is Xen's hvm_start_info, version 1. Then it proves success. */
#include "guest.h"

#define SHOWN 8192                      /* bytes of a module */

    .section .bss
    .balign 4096
cleared:
    .skip BSS
cleared_end:

    .section .rodata
cr0_text:       .asciz "cr0 "
cr4_text:       .asciz "cr4 "
efer_text:      .asciz "efer "
flags_text:     .asciz "flags "
selectors_text: .asciz "selectors "
bss_text:       .asciz "bss "
rodata_text:    .asciz "rodata "
info_text:      .asciz "info "
modules_text:   .asciz "modules "
module_text:    .asciz "module "
sum_text:       .asciz "sum "
map_text:       .asciz "map "
command_text:   .asciz "command "
rsdp_text:      .asciz "rsdp "
    .balign 16
pattern:
    .long 0x01234567, 0x89abcdef

    .text
    .type main, @function
main:
    pushfl
    movl $PHYS(flags_text), %esi
    popl %eax
    call word_line

    movl $PHYS(cr0_text), %esi
    movl %cr0, %eax
    call word_line
    movl $PHYS(cr4_text), %esi
    movl %cr4, %eax
    call word_line
    movl $0xc0000080, %ecx
    rdmsr
    movl $PHYS(efer_text), %esi
    call word_line
    movw %cs, %ax
    shll $16, %eax
    movw %ds, %ax
    movl $PHYS(selectors_text), %esi
    call word_line

    movl $PHYS(cleared), %esi           /* every word of .bss or'ed */
    movl $(BSS / 4), %ecx
    xorl %edx, %edx
or_word:
    lodsl
    orl %eax, %edx
    decl %ecx
    jnz or_word
    movl %edx, %eax
    movl $PHYS(bss_text), %esi
    call word_line

    movl $PHYS(rodata_text), %esi
    movl $PHYS(pattern), %edi
    movl $8, %ecx
    call bytes_line
    movl $PHYS(info_text), %esi
    movl %ebx, %edi
    movl $56, %ecx
    call bytes_line
    movl $PHYS(map_text), %esi
    movl 40(%ebx), %edi                 /* memmap_paddr */
    imull $24, 48(%ebx), %ecx           /* memmap_entries */
    call bytes_line
    movl $PHYS(command_text), %esi
    movl 24(%ebx), %edi                 /* cmdline_paddr */
    movl %edi, %ecx
length:
    incl %ecx
    cmpb $0, -1(%ecx)
    jne length
    subl %edi, %ecx
    call bytes_line
    movl $PHYS(rsdp_text), %esi
    movl 32(%ebx), %edi                 /* rsdp_paddr */
    movl $20, %ecx
    call bytes_line
    movl $PHYS(modules_text), %esi
    movl 16(%ebx), %edi                 /* modlist_paddr */
    movl 12(%ebx), %ecx                 /* nr_modules */
    shll $5, %ecx
    call bytes_line
    movl 16(%ebx), %ebp
    movl 12(%ebx), %edx
    testl %edx, %edx
    jz no_modules
module:
    pushl %edx
    movl $PHYS(module_text), %esi
    movl (%ebp), %edi
    movl 8(%ebp), %ecx
    cmpl $SHOWN, %ecx
    jbe module_short
    movl $SHOWN, %ecx
module_short:
    call bytes_line
    movl (%ebp), %esi                   /* the sum of all its bytes */
    movl 8(%ebp), %ecx
    xorl %eax, %eax
    xorl %edx, %edx
    jecxz module_summed
module_byte:
    lodsb
    addl %eax, %edx
    decl %ecx
    jnz module_byte
module_summed:
    movl %edx, %eax
    movl $PHYS(sum_text), %esi
    call word_line
    popl %edx
    addl $32, %ebp
    decl %edx
    jnz module
no_modules:
    call puts_ok
    movl $EXIT_SUCCESS, %eax
    outl %eax, $EXIT_PORT
    ret

/* word_line: the name at ESI, then EAX. */
word_line:
    pushl %eax
    movl %esp, %edi
    movl $4, %ecx
    call bytes_line
    popl %eax
    ret

/* bytes_line: the name at ESI, then ECX bytes from EDI. */
bytes_line:
    call puts
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
    jmp putc
