/* The BIOS loader's memory below 64 KiB, and what its two stages agree on. exotool/image/bios.py knows some of it. */

#define BOOT_ADDRESS 0x7c00
#define BOOT_STAGE_START 0x1b0          /* offset in the boot sector; behind it the disk's signature and partitions */

#define STAGE_ADDRESS 0x8000
#define STAGE_MAGIC 0x32304f58          /* "XO02" */
#define STAGE_MAGIC_AT 4
#define STAGE_PAYLOAD_START 8           /* where the payload is, in units of 512 bytes; filled in */
#define STAGE_PAYLOAD_SIZE 12           /* bytes, a multiple of 4096; filled in */

#define DRIVE 0x600                     /* byte */
#define SECTOR_SHIFT 0x601              /* byte */
#define PACKET 0x610
#define PARAMETERS 0x620
#define MAP 0x1000

/* A disk address packet (Enhanced Disk Drive Specification). */
#define PACKET_BYTES 16
#define PACKET_COUNT 2
#define PACKET_OFFSET 4
#define PACKET_SEGMENT 6
#define PACKET_BLOCK 8

#define PARAMETERS_BYTES 26
#define PARAMETERS_SECTOR 24
