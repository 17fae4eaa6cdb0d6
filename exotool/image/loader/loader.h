/* What the loaders, the hand-over code and exotool/image/payload.py agree on. All numbers are 32-bit, little-endian. */

/* The payload's header. Offsets count from the header's first byte, addresses are physical. */
#define PAYLOAD_MAGIC 0x42304f58        /* "XO0B" */
#define HEADER_MAGIC 0
#define HEADER_SIZE 4                   /* of the whole payload, a multiple of 4096 */
#define HEADER_CODE 8                   /* offset of the hand-over code */
#define HEADER_GDT 12                   /* offset of its GDT */
#define HEADER_ENTRY 16                 /* the kernel's 32-bit entry point */
#define HEADER_SEGMENTS 20              /* offset of the table, which has one free entry at its end */
#define HEADER_SEGMENT_COUNT 24
#define HEADER_MODULES 28               /* offset of the table */
#define HEADER_MODULE_COUNT 32
#define HEADER_COMMAND_LINE 36          /* offset */
#define HEADER_COMMAND_LINE_SIZE 40     /* with its final zero byte */
#define HEADER_PROTOCOL 44              /* how the kernel is started */
#define HEADER_CHECKSUM 48              /* makes the sum of all words of the payload 0 */

#define PROTOCOL_PVH 0
#define PROTOCOL_MULTIBOOT2 1

/* An entry of the segment table. */
#define SEGMENT_OFFSET 0
#define SEGMENT_FILE_SIZE 4
#define SEGMENT_ADDRESS 8
#define SEGMENT_MEMORY_SIZE 12
#define SEGMENT_BYTES 16

/* An entry of the module table. */
#define MODULE_OFFSET 0
#define MODULE_SIZE 4
#define MODULE_BYTES 8

/* An entry of a memory map: hvm_memmap_table_entry (Xen, start_info.h), which is also that of INT 15h, E820. */
#define MAP_ADDRESS 0                   /* 64-bit */
#define MAP_SIZE 8                      /* 64-bit */
#define MAP_TYPE 16
#define MAP_RESERVED 20
#define MAP_BYTES 24
#define MAP_MAX 256                     /* entries */
#define MAP_RAM 1
#define MAP_RESERVED_TYPE 2

#define SELECTOR_CODE32 0x08
#define SELECTOR_DATA 0x10

#define COM1 0x3f8
#define EXIT_PORT 0xf4                  /* QEMU's isa-debug-exit, where there is one */
#define EXIT_LOADER 0x13                /* the loader gave up: no value of a kernel's */
#define VGA_TEXT 0xb8000

/* Flag in EAX at the hand-over: there is VGA text memory. */
#define HANDOVER_TEXT 1
