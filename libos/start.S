/* Where the kernel enters a program: its first instruction, upcalls, transfers and door calls. */
#include "calls.h"
#include "user.h"

	.text
/* RDI = the page that tells the program what it has. RSP = end of a stack. */
FUNC _start
	xorl	%ebp, %ebp
	andq	$-16, %rsp
	call	program_start
	movl	%eax, %edi
	movl	$SYS_EXIT, %eax
	syscall
	ud2
ENDFUNC _start

/*
 * RDI = type, RSI = struct Upcall on this stack, RSP as after a call. Everything else is as the interrupted code left
 * it, and comes back from the frame.
 */
FUNC upcall_entry
	pushq	%rsi
	xorl	%ebp, %ebp
	call	upcall_arrived
	popq	%rdi
	movl	$SYS_UPCALL_RETURN, %eax
	syscall
	ud2
ENDFUNC upcall_entry

/* RDI = caller, or 0 and RSI the bits of a notification; words in RSI RDX R10 R8 R9 R12. struct Transfer is these. */
FUNC pct_entry
	pushq	%r12
	pushq	%r12
	pushq	%r9
	pushq	%r8
	pushq	%r10
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	movq	%rsp, %rdi
	xorl	%ebp, %ebp
	call	transfer_arrived
	addq	$64, %rsp
1:	movl	$SYS_WAIT, %eax
	syscall
	movq	%rax, %rdi
	call	notification_arrived
	jmp	1b
ENDFUNC pct_entry

/* RDI = cookie, R12 = caller, words in RSI RDX R10 R8 R9. struct DoorCall is these; the handler puts the answer there. */
FUNC door_entry
	pushq	%r12
	pushq	%r12
	pushq	%rdi
	pushq	%r9
	pushq	%r8
	pushq	%r10
	pushq	%rdx
	pushq	%rsi
	movq	%rsp, %rdi
	xorl	%ebp, %ebp
	call	door_call_arrived
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%r10
	popq	%r8
	movl	$SYS_DOOR_RETURN, %eax
	syscall
	ud2
ENDFUNC door_entry
