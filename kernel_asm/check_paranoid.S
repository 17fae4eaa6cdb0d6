/*
 * Check of the traps that may strike while GS_BASE is still, or already, the user's: an NMI and a single-step #DB in
 * ring 0, with the kernel's GS_BASE and then with a user's. The handler must find its CPU through %gs and run on the
 * stack of its vector; afterwards GS_BASE must be what it was.
 */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

#define USER_GS		0x12345000
#define TURNS_LIMIT	1000000

	.text
/* const char *check_paranoid(bool spoil): spoilt, the NMI is not sent. */
FUNC check_paranoid
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	movl	%edi, %ebx
	movl	$T_NMI, %edi
	leaq	on_nmi(%rip), %rsi
	call	set_trap_handler
	movl	$T_DEBUG, %edi
	leaq	on_debug(%rip), %rsi
	call	set_trap_handler
	movl	$MSR_KERNEL_GS_BASE, %edi
	movl	$USER_GS, %esi
	call	wrmsr

	leaq	cpus(%rip), %r12
	call	nmi_and_step
	testq	%rax, %rax
	jnz	1f
	movl	$USER_GS, %r12d
	swapgs
	call	nmi_and_step
	swapgs
	testq	%rax, %rax
	jnz	1f
	STRING	"a handler did not find its CPU through GS, or ran on a wrong stack", %rax
	cmpl	$0, paranoid_errors(%rip)
	jne	1f
	STRING	"the handlers did not run exactly once each", %rax
	cmpl	$2, nmi_count(%rip)
	jne	1f
	cmpl	$2, debug_count(%rip)
	jne	1f
	xorl	%eax, %eax
1:	movq	%rax, %r12
	movl	$MSR_KERNEL_GS_BASE, %edi
	xorl	%esi, %esi
	call	wrmsr
	movq	%r12, %rax
	popq	%r12
	popq	%rbx
	leave
	ret
ENDFUNC check_paranoid

/* EBX = spoil, R12 = the GS_BASE in force. Returns 0 or what is wrong. */
	.balign	16
nmi_and_step:
	PROLOGUE
	movl	nmi_count(%rip), %esi
	testl	%ebx, %ebx
	jnz	1f
	call	lapic_nmi_self
1:	movl	$TURNS_LIMIT, %ecx
2:	cmpl	nmi_count(%rip), %esi
	jne	3f
	pause
	decl	%ecx
	jnz	2b
	STRING	"the NMI did not come", %rax
	jmp	4f
3:	pushfq
	orq	$FL_TF, (%rsp)
	popfq
	nop				/* #DB after this one; the handler clears TF */
	movl	$MSR_GS_BASE, %edi
	call	rdmsr
	movq	%rax, %rdx
	STRING	"GS_BASE was not restored", %rax
	cmpq	%r12, %rdx
	jne	4f
	xorl	%eax, %eax
4:	leave
	ret
	.size	nmi_and_step, . - nmi_and_step

	.balign	16
on_nmi:
	incl	nmi_count(%rip)
	leaq	nmi_stack(%rip), %rsi
	jmp	check_handler_state
	.size	on_nmi, . - on_nmi

	.balign	16
on_debug:
	incl	debug_count(%rip)
	andq	$~FL_TF, TF_RFLAGS(%rdi)
	leaq	db_stack(%rip), %rsi
	/* Fall through. */
	.size	on_debug, . - on_debug

/* RSI = lowest address of the stack that this must be. */
check_handler_state:
	movq	%rsp, %rax
	subq	%rsi, %rax
	cmpq	$IST_SIZE, %rax
	jae	1f
	leaq	cpus(%rip), %rax
	cmpq	%gs:CPU_SELF, %rax
	jne	1f
	ret
1:	incl	paranoid_errors(%rip)
	ret
	.size	check_handler_state, . - check_handler_state

	.bss
	.balign	4
nmi_count:
	.skip	4
debug_count:
	.skip	4
paranoid_errors:
	.skip	4
