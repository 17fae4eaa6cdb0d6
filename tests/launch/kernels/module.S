/* Prints each of its modules, which are text, then a line with the nonce. */
#include "guest.h"

    .type main, @function
main:
    movl 12(%ebx), %ebp         /* hvm_start_info.nr_modules */
    movl 16(%ebx), %edi         /* hvm_start_info.modlist_paddr */
next_module:
    testl %ebp, %ebp
    jz proof
    movl (%edi), %esi           /* hvm_modlist_entry.paddr */
    movl 8(%edi), %ecx          /* hvm_modlist_entry.size */
next_byte:
    testl %ecx, %ecx
    jz end_of_module
    lodsb
    call putc
    decl %ecx
    jmp next_byte
end_of_module:
    addl $32, %edi
    decl %ebp
    jmp next_module
proof:
    movb $10, %al
    call putc
    call puts_ok
    movl $EXIT_SUCCESS, %eax
    outl %eax, $EXIT_PORT
    ret
