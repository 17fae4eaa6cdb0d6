"""A machine as the kernel finds it: what the loader left, the symbols of the image, and the interrupt flag."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from exotool.lang import memory, models

KERNBASE = 0xFFFF_FFFF_8000_0000
TEXT = KERNBASE + 0x10_0000
BSS_END = KERNBASE + 0x48_0000
TABLES = 0x5000_0000
RAM = 1
RESERVED = 2


@contextmanager
def boot_tables(
    ranges: Sequence[tuple[int, int, int]], modules: Sequence[tuple[int, int]] = (), said: tuple[int, int] | None = None
) -> Iterator[None]:
    """Put a memory map of (start, size, type) and modules of (start, size) where the boot code leaves them.

    `said` are the numbers of entries that the loader claimed, where they differ from those that were copied.
    """
    memory.map(TABLES, 0x4000)
    claimed = said or (len(ranges), len(modules))
    memory.write_bytes(TABLES, struct.pack("<4I4Q2I", 0x336EC578, 1, 0, claimed[1], 0, 0, 0, 0, claimed[0], 0))
    memory.write_bytes(TABLES + 0x100, struct.pack("<3I", len(ranges), len(modules), 0))
    for i, entry in enumerate(ranges):
        memory.write_bytes(TABLES + 0x1000 + 24 * i, struct.pack("<QQII", *entry, 0))
    for i, (start, size) in enumerate(modules):
        memory.write_bytes(TABLES + 0x3000 + 32 * i, struct.pack("<4Q", start, size, 0, 0))
    symbols = {
        "boot_start_info": TABLES,
        "boot_memmap_count": TABLES + 0x100,
        "boot_modlist_count": TABLES + 0x104,
        "boot_cmdline_cut": TABLES + 0x108,
        "boot_memmap": TABLES + 0x1000,
        "boot_modlist": TABLES + 0x3000,
        "__text_start": TEXT,
        "__bss_end": BSS_END,
    }
    for name, address in symbols.items():
        memory.set_symbol(name, address)
    yield


@dataclass
class Interrupts:
    """The interrupt flag of one CPU, and how often it changed."""

    enabled: bool = True
    changes: list[bool] = field(default_factory=list)

    def save(self) -> int:
        before = 0x200 if self.enabled else 0
        self._set(False)
        return before

    def restore(self, rflags: int) -> None:
        if rflags & 0x200:
            self._set(True)

    def _set(self, enabled: bool) -> None:
        self.enabled = enabled
        self.changes.append(enabled)

    @contextmanager
    def installed(self) -> Iterator[Interrupts]:
        with models(irq_save=self.save, irq_restore=self.restore):
            yield self
