"""The kernel's own address space: all RAM at PHYSBASE, device registers, the stacks of environments.

kernel_asm/pagetable.S has mapped the image. The tables of the top level that cover ring 0 are made here, once, before
any environment's page table copies their entries: so what the kernel maps later is seen in every address space.
"""

from typing import Final

from exotool.lang import Array, Ptr, addressof, array, extern, symbol_address, u32, u64
from kernel.bootinfo import MEMMAP_RAM, memmap_count, memmap_entry
from kernel.kalloc import NONE, kalloc, kfree
from kernel.layout import (
    DEVBASE,
    DEVEND,
    ENVS,
    KERNBASE,
    KSTACK_SIZE,
    KSTACK_SLOT,
    KSTACKS,
    PAGE_SIZE,
    PHYSBASE,
    USERTOP,
)
from kernel.paging import (
    ADDRESS,
    ENTRIES,
    PCD,
    PS,
    PWT,
    TOP_SHIFT,
    USER_ENTRIES,
    G,
    P,
    W,
    clear_page,
    find,
    index,
    no_execute,
    phys,
)

POOL: Final = 12  # tables from the image, until kalloc's frames are mapped
PAGE_WORDS: Final = 512
MAX_PA: Final = 1 << 46  # what PHYSBASE leaves room for

pool: Array[u64] = array((POOL + 1) * PAGE_WORDS)
pool_used: u64 = 0
device_next: u64 = DEVBASE + PAGE_SIZE  # the first page is the local APIC's
device_pa: Array[u64] = array(64)
device_va: Array[u64] = array(64)
device_count: u64 = 0


@extern
def invlpg(va: u64) -> None:
    """Forget one page on this CPU."""


@extern
def has_gib_pages() -> u32:
    """Tell whether the CPU has pages of 1 GiB."""
    return 0


@extern
def kernel_pml4_pa() -> u64:
    """Return the physical address of the kernel's top table."""
    return 0


def take_table() -> u64:
    """Return the physical address of an empty table."""
    global pool_used
    if pool_used < POOL:
        start = (addressof(pool) + PAGE_SIZE - 1) & ~u64(PAGE_SIZE - 1)
        pa = start + pool_used * PAGE_SIZE - KERNBASE
        pool_used += 1
        return pa
    frame = kalloc()
    assert frame != NONE, "out of memory for the kernel's page tables"
    clear_page(frame << 12)
    return frame << 12


def entry_at(va: u64, level: u64) -> Ptr[u64]:
    """Return the entry for an address in the table whose shift is `level`, making tables on the way."""
    table = kernel_table(kernel_pml4_pa())
    shift: u64 = TOP_SHIFT
    while shift > level:
        entry = table + index(va, shift)
        if entry[0] & P == 0:
            entry[0] = take_table() | P | W
        assert entry[0] & PS == 0, "a large page is in the way"
        table = kernel_table(entry[0] & ADDRESS)
        shift -= 9
    return table + index(va, level)


def kernel_table(pa: u64) -> Ptr[u64]:
    """Return where a table of the kernel can be written: those of the image's .bss are mapped before all RAM is."""
    image = pa + KERNBASE
    if symbol_address("__text_start") <= image < symbol_address("__bss_end"):
        return Ptr[u64](image)
    return Ptr[u64](phys(pa))


def map_ram(start: u64, end: u64) -> None:
    """Map [start, end), whole pages, at PHYSBASE, in pages as large as fit."""
    gib = has_gib_pages() != 0
    pa = start
    while pa < end:
        size: u64 = 1 << 12
        shift: u64 = 12
        if gib and pa & 0x3FFF_FFFF == 0 and end - pa >= 1 << 30:
            size = 1 << 30
            shift = 30
        elif pa & 0x1F_FFFF == 0 and end - pa >= 1 << 21:
            size = 1 << 21
            shift = 21
        entry = entry_at(PHYSBASE + pa, shift)
        if entry[0] & P == 0:
            large: u64 = PS if shift > 12 else 0
            entry[0] = pa | P | W | G | large | no_execute()
        pa += size


def map_around_image(start: u64, end: u64) -> None:
    """Map a range of RAM without the frames of the image, which are mapped once, with rights of their own."""
    image = symbol_address("__text_start") - KERNBASE
    image_end = (symbol_address("__bss_end") - KERNBASE + PAGE_SIZE - 1) & ~u64(PAGE_SIZE - 1)
    if start < image:
        map_ram(start, min(end, image))
    if end > image_end:
        map_ram(max(start, image_end), end)


def lowest_range(after: u64) -> tuple[u64, u64]:
    """Return the range of RAM that starts lowest at or above an address, in whole pages; (NONE, 0) if there is none."""
    best = NONE
    best_end: u64 = 0
    for i in range(memmap_count()):
        entry = memmap_entry(i)
        if entry.type == MEMMAP_RAM and entry.size != 0 and entry.start < MAX_PA and entry.size < MAX_PA:
            start = (entry.start + PAGE_SIZE - 1) & ~u64(PAGE_SIZE - 1)
            end = (entry.start + entry.size) & ~u64(PAGE_SIZE - 1)
            start = max(start, after)
            if start < end and start < best:
                best = start
                best_end = end
    return best, best_end


def vm_init() -> None:
    """Map all RAM, lowest first: by the time that the pool is used up, what kalloc gives is mapped."""
    for i in range(USER_ENTRIES, ENTRIES):
        if i == index(PHYSBASE, TOP_SHIFT) or i == index(KSTACKS, TOP_SHIFT):
            entry_at(u64(i) << TOP_SHIFT, 30)
    start, end = lowest_range(0)
    while start != NONE:
        map_around_image(start, end)
        start, end = lowest_range(end)
    for slot in range(0, ENVS, 64):  # one table for 64 stacks: later nothing is taken but the stacks themselves
        entry_at(kstack_top(slot) - PAGE_SIZE, 12)


def map_kernel_page(va: u64, pa: u64, flags: u64) -> None:
    """Map one page for ring 0 that is not mapped."""
    entry = entry_at(va, 12)
    assert entry[0] & P == 0, "the kernel page is mapped already"
    entry[0] = pa | P | G | flags | no_execute()


def map_window(pa: u64, size: u64, flags: u64) -> u64:
    """Map physical pages into the window for devices, and return the address of `pa` there. 0 if the window is full."""
    global device_next
    first = pa & ~u64(PAGE_SIZE - 1)
    pages = ((pa - first) + size + PAGE_SIZE - 1) >> 12
    if size == 0 or pa >= MAX_PA or pages > (DEVEND - device_next) >> 12:
        return 0
    va = device_next
    for i in range(pages):
        map_kernel_page(va + i * PAGE_SIZE, first + i * PAGE_SIZE, flags)
    device_next += pages * PAGE_SIZE
    return va + (pa - first)


def map_device(pa: u64, size: u64) -> u64:
    """Map the registers of a device, uncached, for ever. The same address again gives the same place; 0 if full."""
    global device_count
    for i in range(device_count):
        if device_pa[i] == pa:
            return device_va[i]
    if device_count == len(device_pa):
        return 0
    va = map_window(pa, size, W | PWT | PCD)
    if va != 0:
        device_pa[device_count] = pa
        device_va[device_count] = va
        device_count += 1
    return va


def map_table(pa: u64, size: u64) -> u64:
    """Map firmware's tables, cached and read-only, for ever; 0 if the window is full."""
    return map_window(pa, size, 0)


def kstack_top(slot: u64) -> u64:
    """Return the end of an environment's kernel stack."""
    return KSTACKS + slot * KSTACK_SLOT + KSTACK_SLOT


def kstack_map(slot: u64) -> bool:
    """Give an environment's slot a kernel stack; False, and nothing taken, when memory is exhausted."""
    low = kstack_top(slot) - KSTACK_SIZE
    for i in range(KSTACK_SIZE >> 12):
        frame = kalloc()
        if frame == NONE:
            for j in range(i):
                kfree(kstack_unmap_page(low + u64(j) * PAGE_SIZE))
            return False
        map_kernel_page(low + u64(i) * PAGE_SIZE, frame << 12, W)
    return True


def kstack_unmap_page(va: u64) -> u64:
    """Take one page of a stack away and return its frame. The caller flushes the TLBs before it frees the frame."""
    entry = entry_at(va, 12)
    frame = (entry[0] & ADDRESS) >> 12
    entry[0] = 0
    invlpg(va)
    return frame


def user_table_new(frame: u64) -> u64:
    """Make an empty address space in a frame: nothing for ring 3, the kernel as everywhere. Returns its CR3."""
    pa = frame << 12
    clear_page(pa)
    mine = Ptr[u64](phys(pa))
    kernel = kernel_table(kernel_pml4_pa())
    for i in range(USER_ENTRIES, ENTRIES):
        mine[i] = kernel[i]
    return pa


def user_entry(pml4: u64, va: u64) -> Ptr[u64]:
    """Return the entry that maps a page of ring 3, or the null pointer."""
    entry = find(pml4, va) if va < USERTOP else Ptr[u64](0)
    return entry if u64(entry) == 0 or entry[0] & P != 0 else Ptr[u64](0)
