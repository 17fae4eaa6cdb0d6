/*
 * SYSCALL and SYSRET: Intel SDM vol. 2B; AMD APM vol. 2, 6.1.1.
 *
 * SYSCALL puts RIP into RCX and RFLAGS into R11 and clears the flags of SFMASK; it does not touch RSP or GS_BASE.
 * Number in RAX, arguments in RDI RSI RDX R10 R8 R9, result in RAX; RCX, R11 and the argument registers are lost.
 *
 * Calls below SYS_FAST_COUNT neither block nor look at the registers of ring 3: they are plain function calls under the
 * big lock. All others get a struct trapframe. kernel/abi/calls.toml says which is which, and makes syscall_table.
 */
#include "asm.h"
#include "calls.h"
#include "env.h"
#include "mmu.h"
#include "trap.h"
#include "lock.h"
#include "x86.h"

	.text
FUNC syscall_entry
	swapgs
	movq	%rsp, %gs:CPU_USER_RSP
	movq	%gs:CPU_KSTACK, %rsp
	cmpq	$SYS_FAST_COUNT, %rax
	jae	syscall_slow
	testl	$FL_TF, %r11d
	jnz	syscall_slow
	pushq	%gs:CPU_USER_RSP
	pushq	%r11
	pushq	%rcx
	pushq	%rbp
	xorl	%ebp, %ebp		/* a backtrace ends here, not in the user's RBP */
	movl	%gs:CPU_NUMBER, %ecx
	xchgl	%ecx, big_lock(%rip)
	testl	%ecx, %ecx
	jnz	2f
1:	movq	%r10, %rcx
	call	*syscall_table(, %rax, 8)
	movl	$0, big_lock(%rip)
	/*
	 * SYSRET is safe without a look at RIP: nothing is mapped in the last page below USERTOP, so no SYSCALL can have
	 * left an address in RCX that is not canonical. The kernel's values do not leave it.
	 */
	xorl	%edi, %edi
	xorl	%esi, %esi
	xorl	%edx, %edx
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	popq	%rbp
	popq	%rcx
	popq	%r11
	popq	%rsp
	swapgs
	sysretq

	/* Another CPU is in the kernel. */
2:	pushq	%rax
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%r10
	pushq	%r8
	pushq	%r9
	pushq	%r9
	movl	%ecx, %edi
	call	big_lock_acquire
	popq	%r9
	popq	%r9
	popq	%r8
	popq	%r10
	popq	%rdx
	popq	%rsi
	popq	%rdi
	popq	%rax
	jmp	1b
ENDFUNC syscall_entry

/* RSP = top of the kernel stack; all other registers as SYSCALL has left them. */
FUNC syscall_slow
	cmpq	$SYS_PCT, %rax
	je	pct_fast
	cmpq	$SYS_UPCALL_RETURN, %rax
	je	upcall_return_fast
	.globl	syscall_frame
syscall_frame:
	pushq	$USER_SS
	pushq	%gs:CPU_USER_RSP
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	pushq	$0
	pushq	$T_SYSCALL
	PUSH_REGS
	xorl	%ebp, %ebp
	BIG_LOCK
	movq	TF_RAX(%rsp), %rax
	movq	%rsp, %rdi
	movq	%gs:CPU_ENV, %rcx
	cmpq	$NCALLS, %rax
	jae	3f
	cmpq	$SYS_FAST_COUNT, %rax
	jb	4f
	/* Killed while it waited for the lock: it must not get into a state in which nobody ends it. */
	testl	$ATTENTION_KILLED, ENV_ATTENTION(%rcx)
	jnz	2f
	cmpq	$SYS_DOOR_CALL, %rax
	je	door_call_fast
	cmpq	$SYS_DOOR_RETURN, %rax
	je	door_return_fast
	/* Also where the fast paths end that were none. */
	.globl	syscall_call
syscall_call:
	movq	TF_RAX(%rsp), %rax
	movq	%rsp, %rdi
	xorl	%ebp, %ebp
	call	*syscall_table(, %rax, 8)
1:	movq	%rax, TF_RAX(%rsp)
	.globl	syscall_leave
syscall_leave:
2:	movq	%rsp, %rdi
	BIG_UNLOCK

	/*
	 * SYSRET or iretq? SYSRET takes RIP from RCX and RFLAGS from R11; CS and SS are fixed. It must not be used when
	 *  - RIP is not canonical, as after a SYSCALL in the last two bytes of the lower half: Intel's SYSRET then
	 *    raises #GP in ring 0 with RSP and GS_BASE the user's (SDM vol. 2B, SYSRET). iretq does so on the kernel
	 *    stack, and alltraps copes;
	 *  - RF is wanted: SYSRET clears it;
	 *  - TF is set: SYSRET traps at once, before ring 3 has executed anything, and a debugger steps on the spot;
	 *  - the kernel changed CS or SS in the frame;
	 *  - the frame is not that of a SYSCALL: RCX and R11 are wanted as they are there.
	 */
	movq	TF_RIP(%rsp), %rcx
	movq	TF_RFLAGS(%rsp), %r11
	movq	%rcx, %rax
	shrq	$47, %rax
	jnz	trapret
	testl	$FL_RF | FL_TF, %r11d
	jnz	trapret
	cmpq	$USER_CS, TF_CS(%rsp)
	jne	trapret
	cmpq	$USER_SS, TF_SS(%rsp)
	jne	trapret
	cmpq	$T_SYSCALL, TF_TRAPNO(%rsp)
	jne	trapret

	popq	%rax
	popq	%rbx
	addq	$8, %rsp		/* RCX is the return address */
	popq	%rdx
	popq	%rbp
	popq	%rsi
	popq	%rdi
	popq	%r8
	popq	%r9
	popq	%r10
	addq	$8, %rsp		/* R11 is RFLAGS */
	popq	%r12
	popq	%r13
	popq	%r14
	popq	%r15
	/* From here to SYSRET, RSP and then GS_BASE are the user's: only IST traps can come, and they can cope. */
	movq	TF_RSP - TF_TRAPNO(%rsp), %rsp
	swapgs
	sysretq

3:	call	*syscall_unknown(%rip)
	jmp	1b
	/* A fast call, single-stepped: its arguments are in the frame. */
4:	movq	%rdi, %r11
	movq	TF_RDI(%r11), %rdi
	movq	TF_RSI(%r11), %rsi
	movq	TF_RDX(%r11), %rdx
	movq	TF_R10(%r11), %rcx
	movq	TF_R8(%r11), %r8
	movq	TF_R9(%r11), %r9
	call	*syscall_table(, %rax, 8)
	jmp	1b
ENDFUNC syscall_slow

/* i64 no_such_call(struct trapframe *) */
	.balign	16
no_such_call:
	movq	$-38, %rax		/* -ENOSYS */
	ret
	.size	no_such_call, . - no_such_call

	.data
/* i64 (*syscall_unknown)(struct trapframe *): for numbers that are no call. check_user.S has some of its own. */
OBJECT syscall_unknown, 8
	.quad	no_such_call
