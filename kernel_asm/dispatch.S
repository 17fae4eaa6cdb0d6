/*
 * Where a trap goes: to the handler of its vector, to the place that EXCEPTION named for it, to the environment that made
 * it (kernel/trap.py), or to a panic.
 */
#include "asm.h"
#include "env.h"
#include "mmu.h"
#include "trap.h"
#include "lock.h"

	.text
/* void trap(struct trapframe *frame): called by trap.S with interrupts off. */
FUNC trap
	PROLOGUE
	pushq	%rbx
	subq	$8, %rsp
	movq	%rdi, %rbx
	movq	TF_TRAPNO(%rdi), %rax
	cmpq	$T_NMI, %rax
	jne	1f
	cmpl	$0, panicking(%rip)
	jne	stop_for_panic
1:	leaq	trap_handlers(%rip), %rcx
	movq	(%rcx, %rax, 8), %rax
	testq	%rax, %rax
	jz	1f
	call	*%rax
	jmp	2f
1:	testb	$RPL_USER, TF_CS(%rbx)
	jz	3f
	BIG_LOCK
	movq	%rbx, %rdi
	movq	%cr2, %rsi
	movq	%gs:CPU_ENV, %rdx
	call	user_trap
	movq	%rbx, %rdi
	BIG_UNLOCK
	jmp	2f
3:	call	fixup_exception
	testl	%eax, %eax
	jnz	2f
	movq	%rbx, %rdi
	call	panic_trap
	ud2
2:	movq	-8(%rbp), %rbx
	leave
	ret
ENDFUNC trap

/*
 * bool fixup_exception(struct trapframe *frame): if kernel code that an EXCEPTION covers faulted, make it go on at the
 * given place, with RAX = FAULT(vector, error code) and RDX = CR2, and return 1; else 0.
 */
FUNC fixup_exception
	xorl	%eax, %eax
	testb	$RPL_USER, TF_CS(%rdi)
	jnz	3f
	movq	TF_RIP(%rdi), %rdx
	leaq	__ex_table_start(%rip), %rsi
	leaq	__ex_table_end(%rip), %r8
1:	cmpq	%r8, %rsi
	jae	3f
	cmpq	%rdx, (%rsi)
	je	2f
	addq	$16, %rsi
	jmp	1b
2:	movq	8(%rsi), %rax
	movq	%rax, TF_RIP(%rdi)
	movabsq	$FAULTED, %rax
	movq	TF_TRAPNO(%rdi), %rdx
	shlq	$32, %rdx
	orq	%rdx, %rax
	orq	TF_ERR(%rdi), %rax
	movq	%rax, TF_RAX(%rdi)
	movq	%cr2, %rdx
	movq	%rdx, TF_RDX(%rdi)
	movl	$1, %eax
3:	ret
ENDFUNC fixup_exception

/* void set_trap_handler(u8 vector, void (*handler)(struct trapframe *)): 0 takes it away. */
FUNC set_trap_handler
	movzbl	%dil, %edi
	leaq	trap_handlers(%rip), %rax
	movq	%rsi, (%rax, %rdi, 8)
	ret
ENDFUNC set_trap_handler

	.bss
OBJECT trap_handlers, HANDLERS_SIZE
	.skip	HANDLERS_SIZE
