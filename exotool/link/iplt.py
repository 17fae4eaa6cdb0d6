"""Indirect functions (STT_GNU_IFUNC) of a static image: a stub, a slot, and a relocation that the program applies.

A call or an address of such a function means its stub, which jumps through the slot; before `main` the C library walks
`__rela_iplt_start` to `__rela_iplt_end` and puts what each resolver returns into its slot (R_X86_64_IRELATIVE).
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from exotool.elf import ObjectFile
from exotool.elf.columns import Ints
from exotool.elf.constants import SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_PROGBITS, SHT_RELA, STT_GNU_IFUNC, X86Reloc
from exotool.link.model import LINKER, Definition, InputSection
from exotool.link.relocations import Relocations
from exotool.link.symbols import Symbols

IPLT_SECTION: Final = ".iplt"
IGOT_SECTION: Final = ".igot.plt"
IRELA_SECTION: Final = ".rela.iplt"
START_SYMBOL: Final = "__rela_iplt_start"
END_SYMBOL: Final = "__rela_iplt_end"

STUB_SIZE: Final = 16
SLOT_SIZE: Final = 8
RELA: Final = struct.Struct("<QQq")


class IndirectFunctions:
    """The stubs of a link; without any the sections are not made."""

    def __init__(self, relocations: Relocations) -> None:
        """Find the indirect functions that loaded sections refer to."""
        symbols = relocations.symbols
        own = [d.symbol.type if d.symbol is not None else 0 for d in symbols.own]
        is_indirect = np.concatenate([symbols.type == STT_GNU_IFUNC, np.array(own, np.int64) == STT_GNU_IFUNC])
        is_indirect[: symbols.count] &= symbols.section >= 0
        used = relocations.entity[relocations.is_alloc & (relocations.entity >= 0)]
        self.entities: Ints = np.unique(used[is_indirect[used]]) if len(used) else np.empty(0, np.int64)
        self.sections: tuple[InputSection, ...] = ()

    def make(self, symbols: Symbols, *, with_table: bool = True) -> tuple[InputSection, ...]:
        """Return the sections, as large as they will be; an image that relocates itself has a table of its own."""
        count = len(self.entities)
        if not count:
            return ()
        shapes = (
            (IPLT_SECTION, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, STUB_SIZE, STUB_SIZE),
            (IGOT_SECTION, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, SLOT_SIZE, SLOT_SIZE),
            (IRELA_SECTION, SHT_RELA, SHF_ALLOC, SLOT_SIZE, RELA.size),
        )
        made = []
        for name, sh_type, flags, align, size in shapes if with_table else shapes[:2]:
            section = InputSection(ObjectFile(LINKER), -1, name, sh_type, flags, align, size * count)
            section.data = bytes(section.size)
            symbols.add_section(section)
            made.append(section)
        self.sections = tuple(made)
        return self.sections

    def define_bounds(self, symbols: Symbols) -> None:
        """Define the bounds of the relocations where the program asks for them and no script does."""
        for name, is_end in ((START_SYMBOL, False), (END_SYMBOL, True)):
            if symbols.lacks(name):
                section = self.sections[2] if len(self.sections) > 2 else None
                symbols.define(Definition(name, section.size if section and is_end else 0, section))

    def fill(self, addresses: Ints) -> Ints:
        """Write the sections' contents; return the addresses with those of the functions replaced by their stubs'."""
        if not self.sections:
            return addresses
        plt, slots = self.sections[:2]
        stubs, table = bytearray(), bytearray()
        for number, entity in enumerate(self.entities.tolist()):
            slot, stub = slots.address + SLOT_SIZE * number, plt.address + STUB_SIZE * number
            # endbr64; jmp *slot(%rip); nopw 0(%rax,%rax)
            stubs += b"\xf3\x0f\x1e\xfa\xff\x25" + struct.pack("<i", slot - (stub + 10)) + b"\x66\x0f\x1f\x44\0\0"
            table += RELA.pack(slot, X86Reloc.R_X86_64_IRELATIVE, int(addresses[entity]))
        plt.data = bytes(stubs)
        if len(self.sections) > 2:
            self.sections[2].data = bytes(table)
        return self.redirected(addresses)

    def redirected(self, addresses: Ints) -> Ints:
        """Return the addresses with those of the functions replaced by their stubs'."""
        if self.sections:
            addresses = addresses.copy()
            count = len(self.entities)
            addresses[self.entities] = self.sections[0].address + STUB_SIZE * np.arange(count)
        return addresses
