/* The end: says why and where, one line a frame, and tells the emulator. Safe at any time, on any stack. */
#include "asm.h"
#include "boot.h"
#include "mmu.h"
#include "trap.h"

/* The table of registers: offset in the trap frame, one byte, then the name, padded to six characters. */
#define REGISTER_ENTRY	8
#define REGISTER_NAME	1

	.text
/* void panic(const char *message) */
FUNC panic
	PROLOGUE
	pushq	%rdi
	subq	$8, %rsp
	call	panic_begin
	movq	-8(%rbp), %rdi
	call	puts
	call	panic_where
	movq	(%rbp), %rdi
	movq	8(%rbp), %rsi
	call	backtrace
	call	panic_others
	movl	$EXIT_PANIC, %edi
	call	machine_exit
ENDFUNC panic

/* void panic_trap(const struct trapframe *frame): a trap that nobody handles. */
FUNC panic_trap
	PROLOGUE
	pushq	%rbx
	subq	$8, %rsp
	movq	%rdi, %rbx
	call	panic_begin
	movq	TF_TRAPNO(%rbx), %rax
	cmpq	$32, %rax
	jae	1f
	leaq	trap_names(%rip), %rcx
	movq	(%rcx, %rax, 8), %rdi
	call	puts
	jmp	2f
1:	PRINT	"interrupt "
	movq	TF_TRAPNO(%rbx), %rdi
	call	put_dec
2:	PRINT	", error code "
	movq	TF_ERR(%rbx), %rdi
	call	put_hex
	PRINT	", CR2 "
	movq	%cr2, %rdi
	call	put_hex
	/* CR2 says something about page faults, and about double faults that a page fault began. */
	cmpq	$T_PGFLT, TF_TRAPNO(%rbx)
	je	3f
	cmpq	$T_DBLFLT, TF_TRAPNO(%rbx)
	jne	4f
3:	movq	%cr2, %rdi
	call	print_guard
4:	call	panic_where
	movq	%rbx, %rdi
	call	print_frame
	movq	TF_RBP(%rbx), %rdi
	movq	TF_RIP(%rbx), %rsi
	call	backtrace
	call	panic_others
	movl	$EXIT_PANIC, %edi
	call	machine_exit
ENDFUNC panic_trap

/*
 * void panic_begin(): stop the other CPUs. The first panic is what matters: one within it ends at once, and one of another
 * CPU stops there.
 */
FUNC panic_begin
	PROLOGUE
	cli
	call	cpu_number
	movl	%eax, %edx
	xorl	%eax, %eax
	lock cmpxchgl %edx, panicking(%rip)
	je	1f
	cmpl	%edx, %eax
	jne	stop_here
	PRINT	"\npanic in panic\n"
	movl	$EXIT_PANIC, %edi
	call	machine_exit
1:	call	stop_others
	PRINT	"panic: "
	leave
	ret
ENDFUNC panic_begin

/* void panic_end(): for a function that prints a panic of its caller's. The backtrace starts at that caller. */
FUNC panic_end
	PROLOGUE
	movq	(%rbp), %rax
	movq	(%rax), %rdi
	movq	8(%rax), %rsi
	decq	%rsi			/* into the call, which may be the last instruction of its function */
	call	backtrace
	call	panic_others
	movl	$EXIT_PANIC, %edi
	call	machine_exit
ENDFUNC panic_end

/* If RDI is in a guard page, say of which stack. */
	.balign	16
print_guard:
	PROLOGUE
	pushq	%rbx
	subq	$8, %rsp
	movabsq	$KSTACKS, %rax
	movq	%rdi, %rbx
	subq	%rax, %rbx
	cmpq	$ENVS << KSTACK_SLOT_SHIFT, %rbx
	jb	3f
	andq	$-PGSIZE, %rdi
	leaq	guards(%rip), %rbx
1:	movq	(%rbx), %rax
	testq	%rax, %rax
	jz	2f
	addq	$16, %rbx
	cmpq	%rax, %rdi
	jne	1b
	PRINT	", overflow into the guard page of the "
	movq	-8(%rbx), %rdi
	call	puts
2:	movq	-8(%rbp), %rbx
	leave
	ret
3:	testl	$1 << (KSTACK_SLOT_SHIFT - 1), %ebx
	jnz	2b
	PRINT	", overflow of the kernel stack of environment "
	movq	%rbx, %rdi
	shrq	$KSTACK_SLOT_SHIFT, %rdi
	call	put_dec
	jmp	2b
	.size	print_guard, . - print_guard

/* All registers of the frame RDI, four on a line. */
	.balign	16
print_frame:
	PROLOGUE
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	subq	$8, %rsp
	movq	%rdi, %rbx
	leaq	registers(%rip), %r12
	xorl	%r13d, %r13d
1:	PRINT	"  "
	leaq	REGISTER_NAME(%r12), %rdi
	call	puts
	movl	$' ', %edi
	call	putc
	movzbl	(%r12), %eax
	movq	(%rbx, %rax), %rdi
	call	put_hex
	addq	$REGISTER_ENTRY, %r12
	incl	%r13d
	testb	$3, %r13b
	jnz	2f
	movl	$'\n', %edi
	call	putc
2:	leaq	registers_end(%rip), %rax
	cmpq	%rax, %r12
	jb	1b
	addq	$8, %rsp
	popq	%r13
	popq	%r12
	popq	%rbx
	leave
	ret
	.size	print_frame, . - print_frame

	.macro	REGISTER offset, name
	.byte	\offset
	.asciz	"\name"
	.balign	REGISTER_ENTRY
	.endm

	.section .rodata
	.balign	REGISTER_ENTRY
registers:
	REGISTER TF_RIP, "rip   "
	REGISTER TF_CS, "cs    "
	REGISTER TF_RFLAGS, "rflags"
	REGISTER TF_RSP, "rsp   "
	REGISTER TF_SS, "ss    "
	REGISTER TF_RBP, "rbp   "
	REGISTER TF_RAX, "rax   "
	REGISTER TF_RBX, "rbx   "
	REGISTER TF_RCX, "rcx   "
	REGISTER TF_RDX, "rdx   "
	REGISTER TF_RSI, "rsi   "
	REGISTER TF_RDI, "rdi   "
	REGISTER TF_R8, "r8    "
	REGISTER TF_R9, "r9    "
	REGISTER TF_R10, "r10   "
	REGISTER TF_R11, "r11   "
	REGISTER TF_R12, "r12   "
	REGISTER TF_R13, "r13   "
	REGISTER TF_R14, "r14   "
	REGISTER TF_R15, "r15   "
registers_end:

	.macro	TRAP_NAME text
	.pushsection .rodata.trap_text, "a"
.Ltrap\@:
	.asciz	"\text"
	.popsection
	.quad	.Ltrap\@
	.endm

/* Intel SDM vol. 3A, table 6-1; AMD APM vol. 2, table 8-1. */
	.balign	8
trap_names:
	TRAP_NAME "#DE divide error"
	TRAP_NAME "#DB debug"
	TRAP_NAME "NMI"
	TRAP_NAME "#BP breakpoint"
	TRAP_NAME "#OF overflow"
	TRAP_NAME "#BR bound range"
	TRAP_NAME "#UD invalid opcode"
	TRAP_NAME "#NM no FPU"
	TRAP_NAME "#DF double fault"
	TRAP_NAME "coprocessor segment overrun"
	TRAP_NAME "#TS invalid TSS"
	TRAP_NAME "#NP segment not present"
	TRAP_NAME "#SS stack fault"
	TRAP_NAME "#GP general protection"
	TRAP_NAME "#PF page fault"
	TRAP_NAME "exception 15"
	TRAP_NAME "#MF x87 error"
	TRAP_NAME "#AC alignment check"
	TRAP_NAME "#MC machine check"
	TRAP_NAME "#XM SIMD error"
	TRAP_NAME "#VE virtualization"
	TRAP_NAME "#CP control protection"
	TRAP_NAME "exception 22"
	TRAP_NAME "exception 23"
	TRAP_NAME "exception 24"
	TRAP_NAME "exception 25"
	TRAP_NAME "exception 26"
	TRAP_NAME "exception 27"
	TRAP_NAME "#HV hypervisor injection"
	TRAP_NAME "#VC VMM communication"
	TRAP_NAME "#SX security"
	TRAP_NAME "exception 31"

	.bss
/* The number of the CPU that panicked, plus 1. */
OBJECT panicking, 4
	.skip	4
