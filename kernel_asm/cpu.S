/*
 * Instructions that no compiler emits, as functions: arguments and results follow the System V ABI.
 * Those that may fault on a bad argument keep a frame, so that a backtrace shows who passed it.
 */
#include "asm.h"
#include "x86.h"

	.text
/* u8 inb(u16 port), u16 inw(u16 port), u32 inl(u16 port) */
FUNC inb
	movl	%edi, %edx
	inb	%dx, %al
	movzbl	%al, %eax
	ret
ENDFUNC inb

FUNC inw
	movl	%edi, %edx
	inw	%dx, %ax
	movzwl	%ax, %eax
	ret
ENDFUNC inw

FUNC inl
	movl	%edi, %edx
	inl	%dx, %eax
	ret
ENDFUNC inl

/* void outb(u16 port, u8 value), outw(u16 port, u16 value), outl(u16 port, u32 value) */
FUNC outb
	movl	%edi, %edx
	movl	%esi, %eax
	outb	%al, %dx
	ret
ENDFUNC outb

FUNC outw
	movl	%edi, %edx
	movl	%esi, %eax
	outw	%ax, %dx
	ret
ENDFUNC outw

FUNC outl
	movl	%edi, %edx
	movl	%esi, %eax
	outl	%eax, %dx
	ret
ENDFUNC outl

/* u64 rdmsr(u32 msr), void wrmsr(u32 msr, u64 value) */
FUNC rdmsr
	PROLOGUE
	movl	%edi, %ecx
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	leave
	ret
ENDFUNC rdmsr

FUNC wrmsr
	PROLOGUE
	movl	%edi, %ecx
	movl	%esi, %eax
	movq	%rsi, %rdx
	shrq	$32, %rdx
	wrmsr
	leave
	ret
ENDFUNC wrmsr

/* u64 read_cr0() and so on; void write_cr0(u64 value) and so on. CR2 is written to keep it over a nested fault. */
	.macro	CONTROL_REGISTER number
FUNC read_cr\number
	movq	%cr\number, %rax
	ret
ENDFUNC read_cr\number

FUNC write_cr\number
	PROLOGUE
	movq	%rdi, %cr\number
	leave
	ret
ENDFUNC write_cr\number
	.endm

	CONTROL_REGISTER 0
	CONTROL_REGISTER 2
	CONTROL_REGISTER 3
	CONTROL_REGISTER 4

/* void invlpg(const void *va): forget one page on this CPU, global or not. */
FUNC invlpg
	invlpg	(%rdi)
	ret
ENDFUNC invlpg

/* void tlb_flush(): forget all pages but global ones on this CPU. */
FUNC tlb_flush
	movq	%cr3, %rax
	movq	%rax, %cr3
	ret
ENDFUNC tlb_flush

/* void tlb_flush_global(): forget all pages. A change of CR4.PGE does that: Intel SDM vol. 3A, 4.10.4.1. */
FUNC tlb_flush_global
	movq	%cr4, %rax
	testl	$CR4_PGE, %eax
	jz	tlb_flush
	movq	%rax, %rdx
	andq	$~CR4_PGE, %rdx
	pushfq
	cli				/* an interrupt here would run without global pages */
	movq	%rdx, %cr4
	movq	%rax, %cr4
	popfq
	ret
ENDFUNC tlb_flush_global

/* void lgdt(const void *pointer), lidt(const void *pointer): 10 bytes, limit and base. void ltr(u16 selector) */
FUNC lgdt
	PROLOGUE
	lgdt	(%rdi)
	leave
	ret
ENDFUNC lgdt

FUNC lidt
	PROLOGUE
	lidt	(%rdi)
	leave
	ret
ENDFUNC lidt

FUNC ltr
	PROLOGUE
	ltr	%di
	leave
	ret
ENDFUNC ltr

FUNC cli
	cli
	ret
ENDFUNC cli

FUNC sti
	sti
	ret
ENDFUNC sti

/* void idle(): wait for an interrupt. sti takes effect after the next instruction, so none is lost before hlt. */
FUNC idle
	sti
	hlt
	ret
ENDFUNC idle

/* Stop this CPU for good. */
FUNC halt
	cli
	hlt
	jmp	halt
ENDFUNC halt

FUNC cpu_pause
	pause
	ret
ENDFUNC cpu_pause

/* u64 read_rflags(), void write_rflags(u64 value) */
FUNC read_rflags
	pushfq
	popq	%rax
	ret
ENDFUNC read_rflags

FUNC write_rflags
	pushq	%rdi
	popfq
	ret
ENDFUNC write_rflags

/* u64 irq_save(): interrupts off, returns the flags before; void irq_restore(u64 flags) */
FUNC irq_save
	pushfq
	popq	%rax
	cli
	ret
ENDFUNC irq_save

FUNC irq_restore
	testl	$FL_IF, %edi
	jz	1f
	sti
1:	ret
ENDFUNC irq_restore

/* u64 rdtsc(): not ordered against loads before it; enough for time-outs. */
FUNC rdtsc
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	ret
ENDFUNC rdtsc

/* u32 physical_bits(): of an address; 36 on a CPU that does not say. SDM vol. 2A, CPUID, leaf 0x80000008. */
FUNC physical_bits
	pushq	%rbx
	movl	$0x80000000, %eax
	cpuid
	movl	%eax, %ecx
	movl	$36, %eax
	cmpl	$0x80000008, %ecx
	jb	1f
	movl	$0x80000008, %eax
	cpuid
	movzbl	%al, %eax
1:	popq	%rbx
	ret
ENDFUNC physical_bits

/* u64 cpuid_features(): ECX << 32 | EDX of leaf 1. */
FUNC cpuid_features
	pushq	%rbx
	movl	$1, %eax
	cpuid
	movq	%rcx, %rax
	shlq	$32, %rax
	movl	%edx, %edx
	orq	%rdx, %rax
	popq	%rbx
	ret
ENDFUNC cpuid_features

/* u32 initial_apic_id(): 32 bits of leaf 0xb, or the 8 of leaf 1 on a CPU without it. */
FUNC initial_apic_id
	pushq	%rbx
	xorl	%eax, %eax
	cpuid
	cmpl	$0xb, %eax
	jb	1f
	movl	$0xb, %eax
	xorl	%ecx, %ecx
	cpuid
	movl	%edx, %eax
	testl	%ebx, %ebx
	jnz	2f
1:	movl	$1, %eax
	cpuid
	movl	%ebx, %eax
	shrl	$24, %eax
2:	popq	%rbx
	ret
ENDFUNC initial_apic_id

/*
 * u64 cpuid_tsc_hz(): of the TSC, 0 if CPUID does not tell. Leaf 0x15: crystal's Hz ECX * EBX / EAX; leaf 0x16: base MHz.
 * SDM vol. 3B, 18.18.3.
 */
FUNC cpuid_tsc_hz
	pushq	%rbx
	xorl	%eax, %eax
	cpuid
	movl	%eax, %r8d
	cmpl	$0x15, %r8d
	jb	2f
	movl	$0x15, %eax
	xorl	%ecx, %ecx
	cpuid
	testl	%eax, %eax
	jz	1f
	testl	%ecx, %ecx
	jz	1f
	movl	%eax, %r9d
	movl	%ebx, %eax
	movl	%ecx, %ecx
	mulq	%rcx
	divq	%r9
	testq	%rax, %rax
	jnz	3f
1:	cmpl	$0x16, %r8d
	jb	2f
	movl	$0x16, %eax
	xorl	%ecx, %ecx
	cpuid
	movzwl	%ax, %eax
	imulq	$1000000, %rax, %rax
	jmp	3f
2:	xorl	%eax, %eax
3:	popq	%rbx
	ret
ENDFUNC cpuid_tsc_hz

/* void cpuid(u32 leaf, u32 subleaf, u32 result[4]): EAX, EBX, ECX, EDX */
FUNC cpuid
	PROLOGUE
	pushq	%rbx
	movl	%edi, %eax
	movl	%esi, %ecx
	movq	%rdx, %rsi
	cpuid
	movl	%eax, 0(%rsi)
	movl	%ebx, 4(%rsi)
	movl	%ecx, 8(%rsi)
	movl	%edx, 12(%rsi)
	popq	%rbx
	leave
	ret
ENDFUNC cpuid
