/*
 * Door calls and their answers, the fast path: when the server waits, and when nobody stands in its queue. Both start in
 * syscall_entry.S with a frame and the big lock, change nothing before their last check, and go the slow way
 * (kernel/door.py) where one fails: to syscall_call, which calls it.
 *
 * The caller's registers stay in its frame, and its kernel stack ends there: whoever lets it go on otherwise than by an
 * answer finds a context that returns to ring 3 at once.
 */
#include "asm.h"
#include "env.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"
#include "fast.h"

#define CONTEXT_RBP	40
#define CONTEXT_RIP	48
#define CONTEXT_SIZE	56

	.text
/* RSP = the caller's frame, RCX = the caller. */
FUNC door_call_fast
	movq	%rcx, %rbx
	movq	TF_RDI(%rsp), %rdi
	FIND_CAP CAP_TYPE_DOOR, syscall_call
	movq	CAP_BASE(%rcx), %rdx
	movl	CAP_EPOCH(%rcx), %eax
	movq	door_epoch_base(%rip), %rsi
	cmpl	(%rsi, %rdx, 4), %eax
	jne	syscall_call
	imulq	$DOOR_SIZE, %rdx, %rsi
	addq	door_base(%rip), %rsi
	movl	DOOR_OWNER(%rsi), %r8d
	imulq	$ENV_SIZE, %r8, %rbp
	addq	env_base(%rip), %rbp
	cmpl	$STATE_WAITING, ENV_STATE(%rbp)
	jne	syscall_call
	NOTHING_DUE syscall_call

	movl	$STATE_CALLING, ENV_STATE(%rbx)
	movl	%r8d, ENV_DONEE(%rbx)
	movl	%edx, ENV_DOOR(%rbx)
	movq	$0, TF_RAX(%rsp)
	leaq	-CONTEXT_SIZE(%rsp), %rax
	movq	%rax, ENV_CONTEXT(%rbx)
	movq	$0, CONTEXT_RBP(%rax)
	movq	$env_first_return, CONTEXT_RIP(%rax)
	movl	ENV_INDEX(%rbx), %r12d
	movl	%r12d, ENV_CALLER(%rbp)
	movl	%edx, ENV_SERVES(%rbp)
	movl	$1, ENV_SERVING(%rbp)
	movl	$0, ENV_UPCALL_DEPTH(%rbp)
	CHANGE_ENV

	shlq	$32, %r12
	movl	ENV_EPOCH(%rbx), %eax
	orq	%rax, %r12
	movq	DOOR_COOKIE(%rsi), %rdi
	movq	DOOR_ENTRY(%rsi), %rcx
	movq	TF_RSI(%rsp), %rsi
	movq	TF_RDX(%rsp), %rdx
	movq	TF_R10(%rsp), %r10
	movq	TF_R8(%rsp), %r8
	movq	TF_R9(%rsp), %r9
	movl	$FL_RESERVED1 | FL_IF, %r11d
	movq	ENV_PCT_STACK(%rbp), %rsp
	movl	$0, big_lock(%rip)
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ebp, %ebp
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	swapgs
	sysretq
ENDFUNC door_call_fast

/* RSP = the server's frame, RCX = the server. */
FUNC door_return_fast
	movq	%rcx, %rbx
	cmpl	$0, ENV_SERVING(%rbx)
	je	syscall_call
	movl	ENV_CALLER(%rbx), %ecx
	cmpl	$NO_ENV, %ecx
	je	syscall_call
	cmpl	$NO_ENV, ENV_QUEUE_HEAD(%rbx)
	jne	syscall_call
	cmpq	$0, ENV_NOTIFIED(%rbx)
	jne	syscall_call
	imulq	$ENV_SIZE, %rcx, %rbp
	addq	env_base(%rip), %rbp
	NOTHING_DUE syscall_call
	movq	ENV_KSTACK(%rbp), %rdi
	testl	$FL_RF | FL_TF, TF_RFLAGS - TF_SIZE(%rdi)
	jnz	syscall_call

	movl	$STATE_WAITING, ENV_STATE(%rbx)
	movl	$1, ENV_RESTARTS(%rbx)
	movl	$0, ENV_SERVING(%rbx)
	movl	$NO_ENV, ENV_CALLER(%rbx)
	CHANGE_ENV

	/* The answer from the server's frame, all else from the caller's. */
	movq	TF_RDI(%rsp), %rsi
	movq	TF_RSI(%rsp), %rdx
	movq	TF_RDX(%rsp), %r10
	movq	TF_R10(%rsp), %r8
	movq	TF_R8(%rsp), %r9
	movq	TF_RBX - TF_SIZE(%rdi), %rbx
	movq	TF_RBP - TF_SIZE(%rdi), %rbp
	movq	TF_R12 - TF_SIZE(%rdi), %r12
	movq	TF_R13 - TF_SIZE(%rdi), %r13
	movq	TF_R14 - TF_SIZE(%rdi), %r14
	movq	TF_R15 - TF_SIZE(%rdi), %r15
	movq	TF_RIP - TF_SIZE(%rdi), %rcx
	movq	TF_RFLAGS - TF_SIZE(%rdi), %r11
	movq	TF_RSP - TF_SIZE(%rdi), %rsp
	movl	$0, big_lock(%rip)
	xorl	%eax, %eax
	xorl	%edi, %edi
	swapgs
	sysretq
ENDFUNC door_return_fast
