/*
 * kmain: proves, one line each, that the machine below works as the rest of the kernel will rely on, then reports
 * success in the way that a run under an emulator is judged by (docs/kernel-asm.md).
 *
 * A check is `const char *check(bool spoil)`: 0 if all is well, else what is wrong. With exov6.fail=NAME on the command
 * line that check is spoilt on purpose, to show that it can fail.
 */
#include "asm.h"
#include "boot.h"

#define CHECK_NAME	0
#define CHECK_FUNCTION	8
#define CHECK_PROOF	16
#define CHECK_SIZE	24

	.text
FUNC kmain
	PROLOGUE
	pushq	%rbx
	subq	$8, %rsp
	call	banner
	call	deliberate_fault
	leaq	checks(%rip), %rbx
1:	call	run_check
	addq	$CHECK_SIZE, %rbx
	cmpq	$0, CHECK_NAME(%rbx)
	jne	1b

	STRING	"exotool.nonce", %rdi
	call	cmdline_value
	testq	%rax, %rax
	jz	2f
	movq	%rax, %rbx
	movq	%rdx, -16(%rbp)
	PRINT	"exotool: ok "
	movq	%rbx, %rdi
	movq	-16(%rbp), %rsi
	call	put_text
	movl	$'\n', %edi
	call	putc
	jmp	3f
2:	PRINT	"all checks passed; no exotool.nonce on the command line to report it with\n"
3:	movl	$EXIT_SUCCESS, %edi
	call	machine_exit
ENDFUNC kmain

/* RBX = entry of the table of checks. Does not return if the check fails. */
	.balign	16
run_check:
	PROLOGUE
	pushq	%r12
	subq	$8, %rsp
	STRING	"exov6.fail", %rdi
	call	cmdline_value
	xorl	%edi, %edi
	testq	%rax, %rax
	jz	1f
	movq	%rax, %rdi
	movq	%rdx, %rsi
	movq	CHECK_NAME(%rbx), %rdx
	call	text_equal
	movl	%eax, %edi
1:	call	*CHECK_FUNCTION(%rbx)
	movq	%rax, %r12
	testq	%rax, %rax
	jz	2f
	PRINT	"FAIL: "
2:	movq	CHECK_NAME(%rbx), %rdi
	call	puts
	PRINT	": "
	movq	CHECK_PROOF(%rbx), %rdi
	testq	%r12, %r12
	cmovnzq	%r12, %rdi
	call	puts
	movl	$'\n', %edi
	call	putc
	testq	%r12, %r12
	jz	3f
	movl	$EXIT_FAILED, %edi
	call	machine_exit
3:	movq	-8(%rbp), %r12
	leave
	ret
	.size	run_check, . - run_check

/* Who this is, and what the loader said. */
	.balign	16
banner:
	PROLOGUE
	PRINT	"ExoV6 x86_64, started by PVH: "
	/* The sum of the RAM ranges. An entry that is all zero, as some loaders leave at the end, adds nothing. */
	xorl	%edi, %edi
	leaq	boot_memmap(%rip), %rax
	movl	boot_memmap_count(%rip), %ecx
1:	decl	%ecx
	js	3f
	cmpl	$MEMMAP_RAM, MEMMAP_TYPE(%rax)
	jne	2f
	addq	MEMMAP_LENGTH(%rax), %rdi
2:	addq	$MEMMAP_ENTRY_SIZE, %rax
	jmp	1b
3:	shrq	$20, %rdi
	call	put_dec
	PRINT	" MiB RAM\n"
	cmpl	$0, boot_cmdline_cut(%rip)
	je	4f
	PRINT	"the command line is longer than 4095 bytes; the rest is ignored\n"
4:	movl	boot_memmap_count(%rip), %eax
	cmpl	boot_start_info + SI_MEMMAP_ENTRIES(%rip), %eax
	je	5f
	PRINT	"the memory map has more than 128 entries; the rest is ignored\n"
5:	movl	boot_modlist_count(%rip), %eax
	cmpl	boot_start_info + SI_NR_MODULES(%rip), %eax
	je	6f
	PRINT	"there are more than 16 modules; the rest is ignored\n"
6:	leave
	ret
	.size	banner, . - banner

	.macro	CHECK name, function, proof
	.pushsection .rodata
.Lname\@:
	.asciz	"\name"
.Lproof\@:
	.asciz	"\proof"
	.popsection
	.quad	.Lname\@, \function, .Lproof\@
	.endm

	.section .rodata.checks, "a"
	.balign	8
checks:
	CHECK	"breakpoint", check_breakpoint, "taken and returned from, registers and flags intact"
	CHECK	"pagefault", check_pagefault, "guard page, read-only text, no-execute data, dropped identity mapping"
	CHECK	"instructions", check_instructions, "TLB, control registers, MSRs, flags and CPUID by their functions"
	CHECK	"swtch", check_swtch, "1000 round trips between two stacks, callee-saved registers intact on both"
	CHECK	"timer", check_timer, "ten interrupts of the local APIC timer"
	CHECK	"paranoid", check_paranoid, "NMI and #DB between swapgs and iretq found their CPU and gave GS back"
	CHECK	"user", check_user, "ring 3 by SYSCALL, SYSRET and iretq, and every bad way back caught as the user's"
	.quad	0
