"""What the loader said, as kernel_asm/startinfo.S has copied it: xen/include/public/arch-x86/hvm/start_info.h."""

from typing import Final

from exotool.lang import Ptr, Struct, sizeof, symbol_address, u8, u32, u64

MEMMAP_RAM: Final = 1


class StartInfo(Struct):
    """struct hvm_start_info; all addresses are physical."""

    magic: u32
    version: u32
    flags: u32
    nr_modules: u32
    modlist: u64
    cmdline: u64
    rsdp: u64
    memmap: u64
    memmap_entries: u32
    reserved: u32


assert sizeof(StartInfo) == 56


class MemmapEntry(Struct):
    """struct hvm_memmap_table_entry: a range of physical addresses, in bytes."""

    start: u64
    size: u64
    type: u32
    reserved: u32


assert sizeof(MemmapEntry) == 24


class Module(Struct):
    """struct hvm_modlist_entry: a file that the loader put into memory."""

    start: u64
    size: u64
    cmdline: u64
    reserved: u64


assert sizeof(Module) == 32


def start_info() -> StartInfo:
    """Return the copy of the start info. What did not fit is what its counts are more than those of the copies."""
    return StartInfo.at(symbol_address("boot_start_info"))


def memmap_count() -> u32:
    """Return the number of entries of the memory map that were copied."""
    return Ptr[u32](symbol_address("boot_memmap_count"))[0]


def memmap_entry(index: u32) -> MemmapEntry:
    """Return an entry of the memory map."""
    return Ptr[MemmapEntry](symbol_address("boot_memmap"))[index]


def in_ram(start: u64, size: u64) -> bool:
    """Tell whether a range of physical addresses is all in one entry of RAM."""
    for i in range(memmap_count()):
        entry = memmap_entry(i)
        within = entry.type == MEMMAP_RAM and start >= entry.start and start - entry.start <= entry.size
        if within and size <= entry.size - (start - entry.start):
            return True
    return False


def module_count() -> u32:
    """Return the number of modules that were copied."""
    return Ptr[u32](symbol_address("boot_modlist_count"))[0]


def module(index: u32) -> Module:
    """Return an entry of the module list."""
    return Ptr[Module](symbol_address("boot_modlist"))[index]


def cmdline_was_cut() -> bool:
    """Tell whether the command line was longer than the kernel keeps."""
    return Ptr[u32](symbol_address("boot_cmdline_cut"))[0] != 0


def cmdline_text() -> tuple[Ptr[u8], u64]:
    """Return the command line, and how long it is."""
    text = Ptr[u8](symbol_address("boot_cmdline"))
    length: u64 = 0
    while text[length] != 0:
        length += 1
    return text, length


def ram_size() -> u64:
    """Return the sum of all RAM, in bytes. An entry of zeros, as some loaders leave at the end, adds nothing."""
    total: u64 = 0
    for i in range(memmap_count()):
        entry = memmap_entry(i)
        if entry.type == MEMMAP_RAM:
            total += entry.size
    return total
