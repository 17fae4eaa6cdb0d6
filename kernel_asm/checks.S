/*
 * The checks that kmain runs, in this order: name, function, what its success proves. A check is
 * `const char *check(bool spoil)`: 0 if all is well, else what is wrong.
 */

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
	.globl	checks
	.type	checks, @object
	.balign	8
checks:
	CHECK	"breakpoint", check_breakpoint, "taken and returned from, registers and flags intact"
	CHECK	"pagefault", check_pagefault, "guard page, read-only text, no-execute data, dropped identity mapping"
	CHECK	"instructions", check_instructions, "TLB, control registers, MSRs, flags and CPUID by their functions"
	CHECK	"swtch", check_swtch, "1000 round trips between two stacks, callee-saved registers intact on both"
	CHECK	"timer", check_timer, "ten interrupts of the local APIC timer"
	CHECK	"paranoid", check_paranoid, "NMI and #DB between swapgs and iretq found their CPU and gave GS back"
	CHECK	"user", check_user, "ring 3 by SYSCALL, SYSRET and iretq, and every bad way back caught as the user's"
	CHECK	"frames", check_frames, "taken one by one, by number and in a row, and all given back"
	CHECK	"clock", check_clock, "the TSC was measured, and a millisecond passes in its time"
	CHECK	"cpus", check_cpus, "all that the firmware lists came up and answer each other"
	.quad	0
	.size	checks, . - checks
