/* Vectors, the trap frame, and the per-CPU data that the entry code reaches through %gs. */

/* Intel SDM vol. 3A, 6.15. */
#define T_DEBUG		1
#define T_NMI		2
#define T_BRKPT		3
#define T_OFLOW		4
#define T_DBLFLT	8
#define T_GPFLT		13
#define T_PGFLT		14
#define T_MCHK		18
#define T_PIC		0x20	/* 16 vectors, all masked at the 8259s */
#define T_TIMER		0x30
#define T_REQUEST	0xf1	/* another CPU has a request */
#define T_SPURIOUS	0xff
#define T_SYSCALL	0x100	/* not a vector: what a SYSCALL leaves in the frame */
#define NVECTORS	256
#define IDT_SIZE	(NVECTORS*GATE_SIZE)
#define HANDLERS_SIZE	(NVECTORS*8)

/* Intel SDM vol. 3A, table 6-1 (8, 10-14, 17, 21); AMD APM vol. 2, 8.2 (21, 29, 30). */
#define PUSHES_ERROR_CODE(v) \
	((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || (v) == 21 || (v) == 29 || (v) == 30)

/* The stub of vector n stands at vectors + n * VECTOR_SIZE. */
#define VECTOR_SIZE	16

/* Page-fault error code: Intel SDM vol. 3A, 4.7. */
#define PF_P		0x01
#define PF_W		0x02
#define PF_U		0x04
#define PF_I		0x10

/* struct trapframe, from the address that `trap` and `syscall` get upwards. */
#define TF_RAX		0
#define TF_RBX		8
#define TF_RCX		16
#define TF_RDX		24
#define TF_RBP		32
#define TF_RSI		40
#define TF_RDI		48
#define TF_R8		56
#define TF_R9		64
#define TF_R10		72
#define TF_R11		80
#define TF_R12		88
#define TF_R13		96
#define TF_R14		104
#define TF_R15		112
#define TF_TRAPNO	120
#define TF_ERR		128
#define TF_RIP		136	/* from here on pushed by the CPU */
#define TF_CS		144
#define TF_RFLAGS	152
#define TF_RSP		160
#define TF_SS		168
#define TF_SIZE		176

	.macro	PUSH_REGS
	pushq	%r15
	pushq	%r14
	pushq	%r13
	pushq	%r12
	pushq	%r11
	pushq	%r10
	pushq	%r9
	pushq	%r8
	pushq	%rdi
	pushq	%rsi
	pushq	%rbp
	pushq	%rdx
	pushq	%rcx
	pushq	%rbx
	pushq	%rax
	.endm

	.macro	POP_REGS
	popq	%rax
	popq	%rbx
	popq	%rcx
	popq	%rdx
	popq	%rbp
	popq	%rsi
	popq	%rdi
	popq	%r8
	popq	%r9
	popq	%r10
	popq	%r11
	popq	%r12
	popq	%r13
	popq	%r14
	popq	%r15
	.endm

/* struct Cpu (kernel/cpu.py, which asserts the same): in ring 0, GS_BASE is its address. */
#define CPU_SELF	0
#define CPU_KSTACK	8	/* top of the kernel stack of what runs on this CPU; TSS.RSP0 is the same */
#define CPU_USER_RSP	16	/* scratch of syscall_entry, dead once the frame is built */
#define CPU_TSS		24	/* address of its TSS */
#define CPU_ENV		32	/* the environment that runs here, 0: none */
#define CPU_INDEX	40
#define CPU_APIC_ID	44
#define CPU_SCHEDULER	48	/* saved context of the loop that looks for work */
#define CPU_TICKS	56
#define CPU_SPINS	64	/* spin locks that it holds */
#define CPU_ONLINE	68
#define CPU_REQUEST	72
#define CPU_DONE	76
#define CPU_CLAIMED	80
#define CLAIM_AWAITED	1	/* the boot CPU waits for it to start */
#define CLAIM_OVER	2	/* it has started, or the boot CPU waits no more */
#define CPU_STOPPED	84	/* it has stopped, because another one panicked */
#define CPU_STOP_RIP	88	/* where, and its frame pointer then */
#define CPU_STOP_RBP	96
#define CPU_NUMBER	112	/* CPU_INDEX + 1: what it writes into a lock that it takes */
#define CPU_SIZE	256
#define CPUS		8

/* What a fault that EXCEPTION catches leaves in RAX: this bit, the vector << 32, the error code. CR2 is in RDX. */
#define FAULTED			0x8000000000000000
#define FAULT(vector, error)	(FAULTED | ((vector) << 32) | (error))
