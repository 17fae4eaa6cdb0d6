/* Address space, page tables and segments. The map as a picture: docs/kernel-asm.md. */

#define PGSIZE		4096
#define PGSHIFT		12

/* The image is linked at KERNBASE + its physical address, in the top 2 GiB that signed 32-bit addresses reach. */
#define KERNBASE	0xffffffff80000000
#define KSTACKS		0xffffff0000000000	/* kernel stacks of environments: kernel/layout.py */
#define KSTACK_SLOT_SHIFT	15	/* from one to the next; the lower half is not mapped */
#define ENVS		256
#define PHYSBASE	0xffff800000000000	/* all RAM: kernel/vm.py */
#define DEVBASE		0xffffffffc0000000	/* device registers, uncached; the GiB above the image's */
#define LAPIC_VA	DEVBASE
#define USERTOP		0x0000800000000000	/* first address above the lower canonical half */

/* Physical address of a symbol, for the code that runs before paging: R_X86_64_32 with the addend -KERNBASE. */
#define PHYS(symbol)	(symbol - KERNBASE)

/* Page-table entries: Intel SDM vol. 3A, 4.5, table 4-15 ff. */
#define PTE_P		0x001
#define PTE_W		0x002
#define PTE_U		0x004
#define PTE_PWT		0x008
#define PTE_PCD		0x010
#define PTE_PS		0x080
#define PTE_G		0x100
#define PTE_NX		0x8000000000000000
#define PTE_ADDRESS	0x000ffffffffff000

/*
 * Segment selectors. SYSCALL takes CS from STAR[47:32] and SS from that + 8; SYSRET takes SS from STAR[63:48] + 8 and
 * 64-bit CS from that + 16 (AMD APM vol. 2, 6.1.1): this fixes the order. The slot at SEL_UCODE32, where SYSRET
 * to 32-bit code would look, is empty on purpose: ring 3 has no way into compatibility mode, hence none to CSTAR.
 */
#define SEL_KCODE	0x08
#define SEL_KDATA	0x10
#define SEL_UCODE32	0x18
#define SEL_UDATA	0x20
#define SEL_UCODE	0x28
#define SEL_TSS		0x30
#define GDT_SIZE	0x40
#define RPL_USER	3
#define USER_CS		(SEL_UCODE | RPL_USER)
#define USER_SS		(SEL_UDATA | RPL_USER)

/* 64-bit TSS: Intel SDM vol. 3A, 8.7, figure 8-11. */
#define TSS_RSP0	0x04
#define TSS_IST1	0x24
#define TSS_IST2	0x2c
#define TSS_IST3	0x34
#define TSS_IST4	0x3c
#define TSS_IOMAP	0x66
#define TSS_SIZE	0x68
#define TSS_BITMAP	TSS_SIZE	/* one bit for each I/O port, 1: not for ring 3; a byte of ones ends it */
#define TSS_BITMAP_SIZE	8192
#define TSS_LIMIT	(TSS_BITMAP+TSS_BITMAP_SIZE)
/* A multiple of 128: the first TSS_SIZE bytes must not cross a page (Intel SDM vol. 3A, 8.2.1). */
#define TSS_SPACE	8320

/* The stacks of a CPU lie in this order, each above a guard page: kernel, #DF, NMI, #MC, #DB (stacks.S). */
#define KSTACK_SIZE	0x4000
#define IST_SIZE	0x2000
#define KSTACK_TOP	(PGSIZE+KSTACK_SIZE)
#define IST_TOP(n)	(KSTACK_TOP+(n)*(PGSIZE+IST_SIZE))
#define CPU_STACKS	IST_TOP(4)

/* IDT gate, bits 32-47: P, DPL, type 14, IST (low byte). Intel SDM vol. 3A, figure 6-8. */
#define GATE_INTERRUPT		0x8e00
#define GATE_INTERRUPT_USER	0xee00
#define GATE_SIZE		16
