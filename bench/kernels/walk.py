"""A walk through four levels of page tables."""

from typing import Final

from exotool.lang import Array, Ptr, addressof, array, export, u64

PRESENT: Final = u64(1)
LARGE: Final = u64(0x80)
ADDRESS: Final = u64(0x000F_FFFF_FFFF_F000)

tables: Array[u64] = array(5 * 512)


@export
def walk(root: u64, va: u64) -> tuple[u64, bool]:
    table = Ptr[u64](root)
    for shift in range(u64(39), u64(11), -9):
        entry = table[(va >> shift) & 511]
        if entry & PRESENT == 0:
            return 0, False
        if entry & LARGE != 0:
            mask = (u64(1) << shift) - 1
            return (entry & ADDRESS & ~mask) | (va & mask), True
        table = Ptr[u64](entry & ADDRESS)
    return u64(table) | (va & 0xFFF), True


def aligned() -> u64:
    return (addressof(tables) + 4095) & ~u64(4095)


@export
def walk_init(count: u64) -> None:
    base = aligned()
    for level in range(u64(3)):
        table = Ptr[u64](base + level * 4096)
        for i in range(u64(512)):
            table[i] = (base + (level + 1) * 4096) | PRESENT
    last = Ptr[u64](base + 3 * 4096)
    for i in range(u64(512)):
        last[i] = (i << 12) | PRESENT


@export
def walk_run(rounds: u64) -> u64:
    total: u64 = 0
    root = aligned()
    for i in range(rounds):
        address, found = walk(root, (i * 0x1234567) & 0x7FFF_FFFF_FFFF)
        if found:
            total += address
    return total
