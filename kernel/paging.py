"""Page tables: the entries, and the walk through four levels. Intel SDM vol. 3A, 4.5.

An entry that maps a page for ring 3 says by which capability it was made: the 14 bits that the CPU ignores (9 to 11 and
52 to 62) hold the slot in the environment's capability table. So what a capability has bound can be found from the page
tables alone, and no list of mappings is kept anywhere.
"""

from typing import Final

from exotool.lang import Ptr, extern, u64
from kernel.layout import PAGE_SIZE, PHYSBASE, USER_END

P: Final = 0x001
W: Final = 0x002
U: Final = 0x004
PWT: Final = 0x008
PCD: Final = 0x010
PS: Final = 0x080
G: Final = 0x100
NX: Final = 1 << 63
ADDRESS: Final = 0x000F_FFFF_FFFF_F000

READ: Final = 1
WRITE: Final = 2
EXEC: Final = 4

SLOTS: Final = 1 << 14
ENTRIES: Final = 512
TOP_SHIFT: Final = 39
USER_ENTRIES: Final = 256  # of the top level: the lower half


@extern
def no_execute() -> u64:
    """Return the bit for pages without EXEC; 0 on a CPU that cannot forbid it."""
    return NX


def phys(pa: u64) -> u64:
    """Return where ring 0 sees a physical address of RAM."""
    return PHYSBASE + pa


def rights_allowed(rights: u64) -> bool:
    """Tell whether a page may have these rights: readable, and not both writable and executable."""
    return rights & ~u64(7) == 0 and rights & READ != 0 and rights & (WRITE | EXEC) != WRITE | EXEC


def leaf(frame: u64, rights: u64, slot: u64, not_executable: u64) -> u64:
    """Return the entry that maps a frame for ring 3 with some rights, in the name of a capability's slot."""
    entry = frame << 12 | P | U | (slot & 7) << 9 | (slot >> 3) << 52
    if rights & WRITE != 0:
        entry |= W
    if rights & EXEC == 0:
        entry |= not_executable
    return entry


def leaf_frame(entry: u64) -> u64:
    """Return the number of the frame that an entry maps."""
    return (entry & ADDRESS) >> 12


def leaf_slot(entry: u64) -> u64:
    """Return the slot in whose name an entry was made."""
    return ((entry >> 52) & 0x7FF) << 3 | (entry >> 9) & 7


def leaf_rights(entry: u64, not_executable: u64) -> u64:
    """Return the rights that an entry gives."""
    if entry & P == 0:
        return 0
    rights: u64 = READ
    if entry & W != 0:
        rights |= WRITE
    if entry & not_executable == 0:  # always, on a CPU that cannot forbid it
        rights |= EXEC
    return rights


def with_rights(entry: u64, rights: u64, not_executable: u64) -> u64:
    """Return an entry for the same frame and slot with other rights."""
    return leaf(leaf_frame(entry), rights, leaf_slot(entry), not_executable)


def index(va: u64, shift: u64) -> u64:
    """Return which entry of a table covers an address; `shift` is that of the table's level."""
    return (va >> shift) & (ENTRIES - 1)


def table_of(entry: u64) -> Ptr[u64]:
    """Return the table that an entry of a level above points to."""
    return Ptr[u64](phys(entry & ADDRESS))


def user_range(va: u64, count: u64) -> bool:
    """Tell whether pages from `va` on are all where ring 3 may have some."""
    return va & (PAGE_SIZE - 1) == 0 and va < USER_END and count <= (USER_END - va) >> 12


def find(pml4: u64, va: u64) -> Ptr[u64]:
    """Return the entry of the last level for an address; the null pointer if a table on the way is missing."""
    table = Ptr[u64](phys(pml4))
    shift: u64 = TOP_SHIFT
    while shift > 12:
        entry = table[index(va, shift)]
        if entry & P == 0 or entry & PS != 0:
            return Ptr[u64](0)
        table = table_of(entry)
        shift -= 9
    return table + index(va, 12)


def missing_table(pml4: u64, va: u64) -> Ptr[u64]:
    """Return the entry on the way to an address that lacks a table; the null pointer if all are there."""
    table = Ptr[u64](phys(pml4))
    shift: u64 = TOP_SHIFT
    while shift > 12:
        entry = table + index(va, shift)
        if entry[0] & P == 0:
            return entry
        table = table_of(entry[0])
        shift -= 9
    return Ptr[u64](0)


@extern("clear_page")
def clear_words(page: Ptr[u64]) -> None:
    """Fill a page with zeros."""
    for i in range(ENTRIES):
        page[i] = 0


def clear_page(pa: u64) -> None:
    """Fill a frame with zeros."""
    clear_words(Ptr[u64](phys(pa)))
