"""`-pie` without a dynamic linker: an image that relocates itself, wherever it was loaded.

Every pointer in it has an R_X86_64_RELATIVE in `.rela.dyn`, which `.dynamic` names; the program's own start-up code, or
its C library's, adds the load address to each (psABI x86-64 version 1.0, table 4.9; gABI chapter 5, "Dynamic Section").
The tables of dynamic symbols are there because C libraries look for them; they are empty.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from exotool.diagnostics import Collector
from exotool.elf import ObjectFile
from exotool.elf.columns import Ints
from exotool.elf.constants import (
    SHF_ALLOC,
    SHF_WRITE,
    SHT_DYNAMIC,
    SHT_DYNSYM,
    SHT_HASH,
    SHT_RELA,
    SHT_STRTAB,
    X86Reloc,
)
from exotool.link.explain import Explainer
from exotool.link.got import Got, placed
from exotool.link.howto import Kind
from exotool.link.iplt import RELA, SLOT_SIZE, IndirectFunctions
from exotool.link.model import ADDRESS_MASK, LINKER, Definition, InputSection
from exotool.link.relocations import Relocations
from exotool.link.scan import first_rows
from exotool.link.symbols import Symbols

DYNAMIC_SYMBOL: Final = "_DYNAMIC"
_DT_NULL, _DT_HASH, _DT_STRTAB, _DT_SYMTAB, _DT_RELA, _DT_RELASZ, _DT_RELAENT = 0, 4, 5, 6, 7, 8, 9
_DT_STRSZ, _DT_SYMENT, _DT_RELACOUNT, _DT_FLAGS_1 = 10, 11, 0x6FFFFFF9, 0x6FFFFFFB
_DF_1_PIE: Final = 0x08000000
_SYM_SIZE: Final = 24
_ENTRIES: Final = 11
_HASH: Final = struct.pack("<4I", 1, 1, 0, 0)
"""One bucket, one symbol, the null one, which ends the chain."""


class SelfRelocation:
    """The tables of an image that relocates itself."""

    def __init__(
        self, relocations: Relocations, indirect: IndirectFunctions, explain: Explainer, errors: Collector
    ) -> None:
        """Find the pointers. Error: L0115 an address in a field of fewer than 8 bytes."""
        self.relocations, self.indirect = relocations, indirect
        symbols = relocations.symbols
        is_address = relocations.is_alloc & (relocations.kind == Kind.ABS)
        is_address &= np.append(placed(symbols), False)[relocations.entity]
        for index in first_rows(is_address & (relocations.size < SLOT_SIZE), errors):
            errors.add(explain.no_address(*relocations.row(index)))
        self.rows: Ints = np.flatnonzero(is_address & (relocations.size == SLOT_SIZE))
        shapes = (
            (".hash", SHT_HASH, SHF_ALLOC, _HASH),
            (".dynsym", SHT_DYNSYM, SHF_ALLOC, bytes(_SYM_SIZE)),
            (".dynstr", SHT_STRTAB, SHF_ALLOC, bytes(1)),
            (".rela.dyn", SHT_RELA, SHF_ALLOC, bytes(RELA.size)),
            (".dynamic", SHT_DYNAMIC, SHF_ALLOC | SHF_WRITE, bytes(16 * _ENTRIES)),
        )
        self.sections = [
            InputSection(ObjectFile(LINKER), -1, name, sh_type, flags, SLOT_SIZE, len(data), data)
            for name, sh_type, flags, data in shapes
        ]
        for section in self.sections:
            symbols.add_section(section)

    def define(self, symbols: Symbols) -> None:
        """Define `_DYNAMIC` where the program asks for it."""
        if symbols.lacks(DYNAMIC_SYMBOL):
            symbols.define(Definition(DYNAMIC_SYMBOL, section=self.sections[-1], is_hidden=True))

    def grow(self, got: Got) -> None:
        """Make the table as large as the pointers and slots ask for; it is never empty."""
        table = self.sections[3]
        table.size = RELA.size * max(1, len(self.rows) + len(got.slot_of) + len(self.indirect.entities))
        table.data = bytes(table.size)

    def fill(self, addresses: Ints, resolvers: Ints, got: Got) -> None:
        """Write the tables; `addresses` have the stubs of indirect functions, `resolvers` the functions themselves."""
        hashes, symbols, names, table, dynamic = self.sections
        places = self.relocations.places(self.rows)
        value = addresses[self.relocations.entity[self.rows]] + self.relocations.addend[self.rows]
        pointers = list(zip(places.tolist(), value.tolist(), strict=True))
        is_placed = placed(self.relocations.symbols)
        pointers += [
            (got.address + got.word * slot, int(addresses[entity]))
            for entity, slot in got.slot_of.items()
            if is_placed[entity]
        ]
        rows = [RELA.pack(place, X86Reloc.R_X86_64_RELATIVE, addend) for place, addend in sorted(pointers)]
        count = len(rows)
        if self.indirect.sections:
            slots = self.indirect.sections[1].address
            rows += [
                RELA.pack(slots + SLOT_SIZE * number, X86Reloc.R_X86_64_IRELATIVE, int(resolvers[entity]))
                for number, entity in enumerate(self.indirect.entities.tolist())
            ]
        data = b"".join(rows)
        table.data = data + bytes(table.size - len(data))
        entries = (
            (_DT_HASH, hashes.address),
            (_DT_STRTAB, names.address),
            (_DT_SYMTAB, symbols.address),
            (_DT_STRSZ, names.size),
            (_DT_SYMENT, _SYM_SIZE),
            (_DT_RELA, table.address),
            (_DT_RELASZ, len(data)),
            (_DT_RELAENT, RELA.size),
            (_DT_RELACOUNT, count),
            (_DT_FLAGS_1, _DF_1_PIE),
            (_DT_NULL, 0),
        )
        dynamic.data = b"".join(struct.pack("<QQ", tag, number & ADDRESS_MASK) for tag, number in entries)
