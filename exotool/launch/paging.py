"""The page-table walk for one virtual address: Intel SDM volume 3, 4.3 to 4.5."""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Final

from exotool.launch.registers import CR0_PG, CR4_LA57, CR4_PAE, CR4_PSE, EFER_LMA, Cpu

PRESENT: Final = 1
PAGE_SIZE_BIT: Final = 1 << 7
NO_EXECUTE: Final = 1 << 63
ADDRESS_BITS: Final = 0x000F_FFFF_FFFF_F000

MAX_TABLES: Final = 4096
"""Tables that a search through all of them reads: enough for 8 GiB of small pages, and an end to tables in a circle."""

ReadPhysical = Callable[[int, int], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry on the way: the table's name, the index into it, and what it holds (None when it cannot be read)."""

    table: str
    index: int
    value: int | None
    is_page: bool = False

    def __str__(self) -> str:
        """Return `PDPT[0x1fe] = 0x104023 present writable supervisor`."""
        return f"{self.table}[{self.index:#x}] = {self.describe()}"

    def describe(self) -> str:
        """Return the value and its rights."""
        if self.value is None:
            return "not in memory"
        if not self.value & PRESENT:
            return f"{self.value:#x} not present"
        words = [f"{self.value:#x}", "present", "writable" if self.value & 2 else "read-only"]
        words.append("user" if self.value & 4 else "supervisor")
        words += ["no-execute"] if self.value & NO_EXECUTE else []
        words += ["page"] if self.is_page else []
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Walk:
    """What a CPU finds when it translates `address`; `physical` is None when the address is not mapped."""

    address: int
    entries: tuple[Entry, ...]
    physical: int | None

    def lines(self) -> list[str]:
        """Return the walk as text, a table a line."""
        end = f"mapped to {self.physical:#x}" if self.physical is not None else "not mapped"
        return [*map(str, self.entries), f"{self.address:#x} is {end}"]


@dataclass(frozen=True, slots=True)
class _Level:
    name: str
    shift: int
    bits: int
    entry_size: int
    large: bool


_LONG: Final = (
    _Level("PML5", 48, 9, 8, False),
    _Level("PML4", 39, 9, 8, False),
    _Level("PDPT", 30, 9, 8, True),
    _Level("PD", 21, 9, 8, True),
    _Level("PT", 12, 9, 8, False),
)
_PAE: Final = (_Level("PDPT", 30, 2, 8, False), *_LONG[3:])
_LEGACY: Final = (_Level("PD", 22, 10, 4, True), _Level("PT", 12, 10, 4, False))


def levels(cpu: Cpu) -> tuple[_Level, ...]:
    """Return the levels of the paging mode that a CPU is in; none when paging is off."""
    if not cpu.values.get("cr0", 0) & CR0_PG:
        return ()
    cr4 = cpu.values.get("cr4", 0)
    if cpu.values.get("efer", 0) & EFER_LMA:
        return _LONG if cr4 & CR4_LA57 else _LONG[1:]
    return _PAE if cr4 & CR4_PAE else _LEGACY


async def walk(cpu: Cpu, address: int, read: ReadPhysical) -> Walk | None:
    """Return the walk of a CPU for an address, or None when paging is off."""
    steps = walk_steps(cpu, address)
    try:
        asked = next(steps)
        while True:
            asked = steps.send(await read(*asked))
    except StopIteration as end:
        return _result(end)


def walk_memory(cpu: Cpu, address: int, read: Callable[[int, int], bytes]) -> Walk | None:
    """Return the same from memory that can be read without waiting."""
    steps = walk_steps(cpu, address)
    try:
        asked = next(steps)
        while True:
            asked = steps.send(read(*asked))
    except StopIteration as end:
        return _result(end)


def _result(end: StopIteration) -> Walk | None:
    return end.value if isinstance(end.value, Walk) else None


def walk_steps(cpu: Cpu, address: int) -> Generator[tuple[int, int], bytes, Walk | None]:
    """Yield what a walk reads, as physical address and size; it is sent the bytes, and returns the walk."""
    tables = levels(cpu)
    if not tables:
        return None
    base = _root(cpu, tables)
    entries: list[Entry] = []
    for level in tables:
        index = address >> level.shift & (1 << level.bits) - 1
        data = yield base + index * level.entry_size, level.entry_size
        if len(data) < level.entry_size:
            entries.append(Entry(level.name, index, None))
            return Walk(address, tuple(entries), None)
        value = int.from_bytes(data, "little")
        is_page = _is_page(cpu, level, value)
        entries.append(Entry(level.name, index, value, is_page))
        if not value & PRESENT:
            return Walk(address, tuple(entries), None)
        base = value & ADDRESS_BITS
        if is_page:
            offset = (1 << level.shift) - 1
            return Walk(address, tuple(entries), base & ~offset | address & offset)
    return None


def mapped_pages(cpu: Cpu, read: Callable[[int, int], bytes]) -> Iterator[tuple[int, int, int]]:
    """Yield virtual address, physical address and size of every page that a CPU maps, by ascending virtual addresses.

    Pages are 4 KiB, or as large as the table's entry makes them. After `MAX_TABLES` tables it ends.
    """
    tables = levels(cpu)
    if not tables:
        return
    read_tables = 0

    def pages(level: int, base: int, virtual: int) -> Iterator[tuple[int, int, int]]:
        nonlocal read_tables
        this = tables[level]
        read_tables += 1
        size = this.entry_size << this.bits
        data = read(base, size)
        data = data[: len(data) - len(data) % this.entry_size]
        for index, (value,) in enumerate(struct.iter_unpack("<Q" if this.entry_size == 8 else "<I", data)):
            if read_tables > MAX_TABLES:
                return
            if not value & PRESENT:
                continue
            address = virtual | index << this.shift
            if this is tables[0] and tables[0] in _LONG and index >> this.bits - 1:
                address |= (1 << 64) - (
                    1 << this.shift + this.bits
                )  # canonical: the upper bits are copies of the top one
            if _is_page(cpu, this, value):
                page = 1 << this.shift
                yield address, value & ADDRESS_BITS & ~(page - 1), page
            else:
                yield from pages(level + 1, value & ADDRESS_BITS, address)

    yield from pages(0, _root(cpu, tables), 0)


def _root(cpu: Cpu, tables: tuple[_Level, ...]) -> int:
    return cpu.values.get("cr3", 0) & (ADDRESS_BITS if tables is not _PAE else 0xFFFF_FFE0)


def _is_page(cpu: Cpu, level: _Level, value: int) -> bool:
    large = level.large and (level.entry_size == 8 or bool(cpu.values.get("cr4", 0) & CR4_PSE))
    return level.shift == 12 or (large and bool(value & PAGE_SIZE_BIT))
