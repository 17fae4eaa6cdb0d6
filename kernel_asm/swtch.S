/*
 * void swtch(struct context **old, struct context *new);
 *
 * Save the current context on the current stack and its address in *old, then switch to the stack of new and pop
 * what was saved there. Only the registers that the System V ABI lets a callee keep are part of a context; the
 * caller expects to lose the others. RIP/EIP is the return address that the call to swtch pushed.
 *
 * struct context, upwards: r15 r14 r13 r12 rbx rbp rip on x86_64; edi esi ebx ebp eip on i386.
 */
#include "asm.h"

	.text
#ifdef __i386__
	.code32
FUNC swtch
	movl	4(%esp), %eax
	movl	8(%esp), %edx
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	movl	%esp, (%eax)
	movl	%edx, %esp
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
ENDFUNC swtch
#else
FUNC swtch
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
ENDFUNC swtch
#endif
