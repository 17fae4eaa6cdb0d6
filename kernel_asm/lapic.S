/*
 * The local APIC: the clock that q35, pc and microvm have in common, whatever firmware started them. Intel SDM vol. 3A,
 * chapter 10.
 */
#include "asm.h"
#include "mmu.h"
#include "trap.h"
#include "x86.h"

#define LAPIC_ID		0x020
#define LAPIC_TPR		0x080
#define LAPIC_EOI		0x0b0
#define LAPIC_SVR		0x0f0
#define LAPIC_ICR_LOW		0x300
#define LAPIC_ICR_HIGH		0x310
#define LAPIC_LVT_TIMER		0x320
#define LAPIC_TIMER_INITIAL	0x380
#define LAPIC_TIMER_DIVIDE	0x3e0

#define SVR_ENABLE		0x100
#define LVT_MASKED		0x10000
#define LVT_PERIODIC		0x20000
#define DIVIDE_BY_1		0x0b
#define ICR_NMI			0x400	/* delivery mode NMI, physical destination */

	.text
/* Maps and enables the APIC. */
FUNC lapic_init
	PROLOGUE
	movl	$MSR_APIC_BASE, %ecx
	rdmsr
	testl	$APIC_BASE_EN, %eax
	jz	1f
	testl	$APIC_BASE_EXTD, %eax
	jnz	2f
	shlq	$32, %rdx
	orq	%rax, %rdx
	movabsq	$PTE_ADDRESS, %rax
	andq	%rax, %rdx
	leaq	kernel_pml4(%rip), %rdi
	movq	$LAPIC_VA, %rsi
	/* PWT and PCD select the strong uncached type in the PAT as the CPU starts with it: SDM vol. 3A, 11.12.4. */
	movabsq	$PTE_P | PTE_W | PTE_PWT | PTE_PCD | PTE_G | PTE_NX, %rcx
	call	map_page
	movl	$0, LAPIC_VA + LAPIC_TPR
	movl	$SVR_ENABLE | T_SPURIOUS, LAPIC_VA + LAPIC_SVR
	movl	$T_SPURIOUS, %edi
	leaq	spurious(%rip), %rsi
	call	set_trap_handler
	leave
	ret
1:	PANIC	"the local APIC is switched off"
2:	PANIC	"the local APIC is in x2APIC mode, which has no registers in memory"
ENDFUNC lapic_init

/* A spurious interrupt gets no EOI: SDM vol. 3A, 10.9. */
	.balign	16
spurious:
	ret
	.size	spurious, . - spurious

/* void lapic_timer_start(u32 count): an interrupt T_TIMER every `count` ticks of the APIC's clock. */
FUNC lapic_timer_start
	PROLOGUE
	movl	$DIVIDE_BY_1, LAPIC_VA + LAPIC_TIMER_DIVIDE
	movl	$LVT_PERIODIC | T_TIMER, LAPIC_VA + LAPIC_LVT_TIMER
	movl	%edi, LAPIC_VA + LAPIC_TIMER_INITIAL
	leave
	ret
ENDFUNC lapic_timer_start

FUNC lapic_timer_stop
	PROLOGUE
	movl	$LVT_MASKED | T_TIMER, LAPIC_VA + LAPIC_LVT_TIMER
	movl	$0, LAPIC_VA + LAPIC_TIMER_INITIAL
	leave
	ret
ENDFUNC lapic_timer_stop

FUNC lapic_eoi
	PROLOGUE
	movl	$0, LAPIC_VA + LAPIC_EOI
	leave
	ret
ENDFUNC lapic_eoi

/* void lapic_nmi_self(): the shorthand "self" allows fixed interrupts only (SDM vol. 3A, 10.6.1), so by our own ID. */
FUNC lapic_nmi_self
	PROLOGUE
	movl	LAPIC_VA + LAPIC_ID, %eax
	movl	%eax, LAPIC_VA + LAPIC_ICR_HIGH
	movl	$ICR_NMI, LAPIC_VA + LAPIC_ICR_LOW
	leave
	ret
ENDFUNC lapic_nmi_self
