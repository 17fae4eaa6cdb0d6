/*
 * Check of ring 3: runs the program in user.S on a kernel stack of its own, answers its system calls, and compares
 * every trap that it makes with the list of those expected. The last one ends it.
 */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "user.h"
#include "x86.h"

#define CONTEXT_SIZE	(7 * 8)

	.text
/* const char *check_user(bool spoil): spoilt, the first system call returns a wrong result. */
FUNC check_user
	PROLOGUE
	movl	%edi, user_spoil(%rip)
	call	map_user
	call	check_smap_smep
	testq	%rax, %rax
	jnz	1f

	.irp	vector, T_DEBUG, T_BRKPT, T_GPFLT, T_PGFLT
	movl	$\vector, %edi
	leaq	on_user_trap(%rip), %rsi
	call	set_trap_handler
	.endr

	/* The first return to ring 3 is one from a trap that never was: a frame, and below it a context for trapret. */
	leaq	other_stack_top - TF_SIZE - CONTEXT_SIZE(%rip), %rdi
	xorl	%esi, %esi
	movl	$TF_SIZE + CONTEXT_SIZE, %edx
	call	memset
	leaq	trapret(%rip), %rcx
	movq	%rcx, CONTEXT_SIZE - 8(%rax)
	movq	$user_start, CONTEXT_SIZE + TF_RIP(%rax)
	movq	$USER_CS, CONTEXT_SIZE + TF_CS(%rax)
	movq	$FL_RESERVED1 | FL_IF, CONTEXT_SIZE + TF_RFLAGS(%rax)
	movq	$USER_STACK_TOP, CONTEXT_SIZE + TF_RSP(%rax)
	movq	$USER_SS, CONTEXT_SIZE + TF_SS(%rax)
	movq	%rax, %rsi
	leaq	other_stack_top(%rip), %rdi
	call	set_kstack
	movq	syscall_unknown(%rip), %rax
	movq	%rax, real_unknown(%rip)
	leaq	check_call(%rip), %rax
	movq	%rax, syscall_unknown(%rip)
	leaq	kernel_context(%rip), %rdi
	call	swtch
	movq	real_unknown(%rip), %rax
	movq	%rax, syscall_unknown(%rip)
	movl	$0, big_lock(%rip)	/* a system call that ended the program still holds it */
	.irp	vector, T_DEBUG, T_BRKPT, T_GPFLT, T_PGFLT
	movl	$\vector, %edi
	xorl	%esi, %esi
	call	set_trap_handler
	.endr
	leaq	kstack_top(%rip), %rdi
	call	set_kstack
	movq	user_verdict(%rip), %rax
1:	leave
	ret
ENDFUNC check_user

	.balign	16
map_user:
	PROLOGUE
	.macro	MAP_USER va, page, flags
	leaq	kernel_pml4(%rip), %rdi
	movabsq	$\va, %rsi
	leaq	\page(%rip), %rdx
	subq	$KERNBASE, %rdx
	movabsq	$\flags, %rcx
	call	map_page
	.endm
	MAP_USER USER_TEXT, user_text, (PTE_P | PTE_U)
	MAP_USER USER_LAST, user_last_page, (PTE_P | PTE_U)
	MAP_USER USER_STACK, user_stack_page, (PTE_P | PTE_U | PTE_W | PTE_NX)
	leave
	ret
	.size	map_user, . - map_user

/* Where the CPU has them, ring 0 must not read (SMAP) or execute (SMEP) a user page. */
	.balign	16
check_smap_smep:
	PROLOGUE
	movq	%cr4, %rax
	testl	$CR4_SMAP, %eax
	jz	1f
	movl	$USER_STACK, %edi
	call	probe_read
	movabsq	$FAULT(T_PGFLT, PF_P), %rcx
	cmpq	%rcx, %rax
	STRING	"SMAP did not stop ring 0 from reading a user page", %rax
	jne	3f
1:	movq	%cr4, %rax
	testl	$CR4_SMEP, %eax
	jz	2f
	leaq	back_from_user_text(%rip), %r11
	movl	$USER_TEXT, %ecx
	xorl	%eax, %eax
	jmp	*%rcx
back_from_user_text:
	movabsq	$FAULT(T_PGFLT, PF_P | PF_I), %rcx
	cmpq	%rcx, %rax
	STRING	"SMEP did not stop ring 0 from executing a user page", %rax
	jne	3f
2:	xorl	%eax, %eax
3:	leave
	ret
	.size	check_smap_smep, . - check_smap_smep
	EXCEPTION USER_TEXT, back_from_user_text

/* i64 check_call(struct trapframe *frame): called by syscall_entry.S for numbers that are none of the kernel's. */
FUNC check_call
	PROLOGUE
	pushq	%rbx
	subq	$8, %rsp
	movq	%rdi, %rbx
	STRING	"the SYSCALL did not come from ring 3, or GS_BASE was not swapped", %rdi
	cmpq	$USER_CS, TF_CS(%rbx)
	jne	end_user
	leaq	cpus(%rip), %rax
	cmpq	%gs:CPU_SELF, %rax
	jne	end_user
	STRING	"flags of the user's reached the kernel", %rdi
	pushfq
	popq	%rax
	testl	$FL_TF | FL_IF | FL_DF | FL_NT | FL_AC, %eax
	jnz	end_user

	movq	$VIA_IRETQ, TF_RCX(%rbx)
	movq	TF_RAX(%rbx), %rax
	STRING	"an unknown system call came", %rdi
	subq	$USER_FIRST, %rax
	cmpq	$USER_CALLS - USER_FIRST, %rax
	jae	end_user
	leaq	user_calls(%rip), %rcx
	movq	(%rcx, %rax, 8), %rcx
	testq	%rcx, %rcx
	jz	end_user
	call	*%rcx
	movq	TF_RAX(%rbx), %rax
	movq	-8(%rbp), %rbx
	leave
	ret
ENDFUNC check_call

/* RBX = frame, in each of these. */
	.balign	16
call_arguments:
	STRING	"the arguments of a system call changed on the way", %rdi
	.set	number, 1
	.irp	offset, TF_RDI, TF_RSI, TF_RDX, TF_R10, TF_R8, TF_R9
	movabsq	$ARGUMENT + number, %rcx
	cmpq	%rcx, \offset(%rbx)
	jne	end_user
	.set	number, number + 1
	.endr
	movabsq	$RESULT, %rax
	movl	user_spoil(%rip), %ecx
	addq	%rcx, %rax
	movq	%rax, TF_RAX(%rbx)
call_nothing:
	ret
	.size	call_arguments, . - call_arguments

	.balign	16
call_bad_cs:
	movq	$SEL_UCODE32 | RPL_USER, TF_CS(%rbx)
	ret
	.size	call_bad_cs, . - call_bad_cs

	.balign	16
call_failed:
	movq	TF_RDI(%rbx), %rax
	STRING	"the program reports an unknown failure", %rdi
	cmpq	$FAILED_COUNT, %rax
	jae	end_user
	leaq	user_failures(%rip), %rcx
	movq	(%rcx, %rax, 8), %rdi
	jmp	end_user
	.size	call_failed, . - call_failed

/* One line of the list: what must come, and where ring 3 goes on. */
#define STEP_TRAPNO	0
#define STEP_ERR	8
#define STEP_RIP	16
#define STEP_CS		24
#define STEP_RCX	32
#define STEP_NEXT	40
#define STEP_MESSAGE	48
#define STEP_SIZE	56

	.macro	EXPECT in_step, in_frame
	movq	\in_step(%rsi), %rcx
	cmpq	%rcx, \in_frame(%rdi)
	jne	1f
	.endm

/* Handler of all traps while ring 3 runs. */
	.balign	16
on_user_trap:
	PROLOGUE
	movq	user_step(%rip), %rsi
	movq	STEP_MESSAGE(%rsi), %rax
	EXPECT	STEP_TRAPNO, TF_TRAPNO
	EXPECT	STEP_ERR, TF_ERR
	EXPECT	STEP_RIP, TF_RIP
	EXPECT	STEP_CS, TF_CS
	EXPECT	STEP_RCX, TF_RCX
	pushfq
	popq	%rcx
	testl	$FL_TF | FL_IF | FL_DF | FL_NT, %ecx
	jnz	1f
	cmpb	$0, cpu_has_smap(%rip)
	je	2f
	testl	$FL_AC, %ecx
	jnz	1f
2:	leaq	cpus(%rip), %rcx
	cmpq	%gs:CPU_SELF, %rcx
	jne	1f
	/* Also the #DB, although its gate has an IST stack: from ring 3 it moves to the kernel stack. */
	leaq	other_stack_top - TF_SIZE(%rip), %rcx
	cmpq	%rcx, %rdi
	jne	1f

	movq	STEP_NEXT(%rsi), %rcx
	movq	%rcx, TF_RIP(%rdi)
	movq	$USER_CS, TF_CS(%rdi)
	andq	$~FL_TF, TF_RFLAGS(%rdi)
	addq	$STEP_SIZE, user_step(%rip)
	xorl	%eax, %eax
	testq	%rcx, %rcx
	jz	1f
	leave
	ret
1:	movq	%rax, %rdi
	jmp	end_user
	.size	on_user_trap, . - on_user_trap

/* Ring 3 is done; RDI = 0 or what is wrong. Back to check_user: what is on this stack is dropped. */
	.balign	16
end_user:
	movq	%rdi, user_verdict(%rip)
	leaq	user_context(%rip), %rdi
	movq	kernel_context(%rip), %rsi
	call	swtch
	ud2
	.size	end_user, . - end_user

	.macro	FAILURE message
	.pushsection .rodata
.Lfailure\@:
	.asciz	"\message"
	.popsection
	.quad	.Lfailure\@
	.endm

	.section .rodata.user_check, "a"
	.balign	8
steps:
	.quad	T_BRKPT, 0, user_after_int3, USER_CS, 0, user_after_int3
	FAILURE	"int3 in ring 3 is not the breakpoint that it should be"
	.quad	T_GPFLT, 0, user_cli, USER_CS, 0, user_after_cli
	FAILURE	"cli in ring 3 is not the general protection fault that it should be"
	.quad	T_PGFLT, PF_P | PF_U, user_read, USER_CS, 0, user_after_read
	FAILURE	"reading the kernel's text in ring 3 is not the page fault that it should be"
	.quad	T_DEBUG, 0, user_stepped, USER_CS, VIA_IRETQ, user_stepped
	FAILURE	"a single-stepped SYSCALL does not step to the instruction after the next"
	/* iretq faults in ring 0; alltraps hands it on as a fault of ring 3, with the CS that was refused. */
	.quad	T_GPFLT, SEL_UCODE32, user_after_bad_cs, SEL_UCODE32 | RPL_USER, VIA_IRETQ, user_after_bad_cs
	FAILURE	"an iretq that faults is not handed on as the user's general protection fault"
	/* The frame is the same whether the CPU faults in iretq (Intel) or on the fetch behind it (QEMU's TCG). */
	.quad	T_GPFLT, 0, USERTOP, USER_CS, VIA_IRETQ, 0
	FAILURE	"a return address that is not canonical is not the user's general protection fault"

user_calls:
	.quad	0, call_arguments, call_nothing, call_bad_cs, call_failed

user_failures:
	FAILURE	"a system call returned a wrong result"
	FAILURE	"a system call changed a register that it must keep"
	FAILURE	"a system call changed the flags"
	FAILURE	"an ordinary system call did not return by SYSRET"

	.data
	.balign	8
user_step:
	.quad	steps

	.bss
	.balign	PGSIZE
user_stack_page:
	.skip	PGSIZE
	.balign	8
kernel_context:
	.skip	8
user_context:
	.skip	8
user_verdict:
	.skip	8
real_unknown:
	.skip	8
user_spoil:
	.skip	4
