/* The PVH boot protocol, and what the kernel keeps of it: xen/include/public/arch-x86/hvm/start_info.h. */

#define XEN_ELFNOTE_PHYS32_ENTRY	18
#define HVM_START_MAGIC			0x336ec578

/* struct hvm_start_info; all addresses are physical and 64 bits wide. */
#define SI_MAGIC		0
#define SI_VERSION		4
#define SI_FLAGS		8
#define SI_NR_MODULES		12
#define SI_MODLIST		16
#define SI_CMDLINE		24
#define SI_RSDP			32
#define SI_SIZE_V0		40
#define SI_MEMMAP		40	/* version 1 and later */
#define SI_MEMMAP_ENTRIES	48
#define SI_SIZE			56

#define MEMMAP_ENTRY_SIZE	24	/* address, size: 64 bits; type, reserved: 32 bits */
#define MODLIST_ENTRY_SIZE	32	/* address, size, command line, reserved: 64 bits each */

/* Bounds on what is copied. The command line's one includes the terminating NUL. */
#define CMDLINE_MAX		4096
#define MEMMAP_MAX		128
#define MODLIST_MAX		16
#define MEMMAP_SIZE		(MEMMAP_MAX*MEMMAP_ENTRY_SIZE)
#define MODLIST_SIZE		(MODLIST_MAX*MODLIST_ENTRY_SIZE)

/* Port of QEMU's isa-debug-exit, and the values that name an outcome (docs/kernel-asm.md). */
#define EXIT_PORT		0xf4
#define EXIT_SUCCESS		0x10
#define EXIT_FAILED		0x11
#define EXIT_PANIC		0x12

/* struct hvm_memmap_table_entry */
#define MEMMAP_LENGTH		8
#define MEMMAP_TYPE		16
#define MEMMAP_RAM		1
