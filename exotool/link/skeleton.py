"""The plan -> an ELF file with every header and table in place, whose sections are still zeros.

`emit` has LIEF fill it: LIEF keeps the layout of a file that it was given, and moves things that it is told to add.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from exotool.diagnostics import Diagnostic, ToolError
from exotool.elf import ProgramHeader
from exotool.elf.columns import SYMBOL64
from exotool.elf.constants import (
    ELFCLASS64,
    ELFDATA2LSB,
    EM_X86_64,
    ET_EXEC,
    EV_CURRENT,
    SHN_LORESERVE,
    SHT_DYNAMIC,
    SHT_DYNSYM,
    SHT_HASH,
    SHT_RELA,
    SHT_STRTAB,
    SHT_SYMTAB,
    STB_LOCAL,
)
from exotool.elf.writer import StringTable
from exotool.link.model import ImageSymbols, OutputPlan, align_up
from exotool.link.place import EHDR_SIZE, PHDR_SIZE

EHDR: Final = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR: Final = struct.Struct("<IIQQQQQQ")
SHDR: Final = struct.Struct("<IIQQQQIIQQ")
SYM: Final = struct.Struct("<IBBHQQ")
TABLE_ALIGN: Final = 8
ENTRY_SIZES: Final = {SHT_RELA: 24, SHT_DYNSYM: 24, SHT_DYNAMIC: 16, SHT_HASH: 4}


@dataclass(slots=True)
class Plan:
    """The whole image before it is written; `sections` are those with a header, without the null one and the tables."""

    e_entry: int
    headers: list[ProgramHeader]
    sections: list[OutputPlan]
    symbols: ImageSymbols
    tables: list[OutputPlan]
    e_shoff: int = 0
    e_type: int = ET_EXEC

    @property
    def all_sections(self) -> list[OutputPlan]:
        """All sections with a header, in the order of their numbers, which begin at 1."""
        return [*self.sections, *self.tables]


def number_sections(outputs: list[OutputPlan]) -> list[OutputPlan]:
    """Give each section that has a size its number in the section header table, and return these sections.

    Raises `ToolError` L0409 when there are more than an ELF header can count.
    """
    kept = [output for output in outputs if output.sh_size]
    if len(kept) >= SHN_LORESERVE - 8:
        message = f"the image has {len(kept)} sections, more than an ELF header can count"
        raise ToolError(Diagnostic("L0409", message, help=("join sections in the layout",)))
    for number, output in enumerate(kept, 1):
        output.index = number
        output.sh_entsize = ENTRY_SIZES.get(output.sh_type, output.sh_entsize)
    return kept


def finish_plan(e_entry: int, headers: list[ProgramHeader], sections: list[OutputPlan], symbols: ImageSymbols) -> Plan:
    """Return the plan with symbol table, string tables and section headers behind the sections."""
    symtab, strtab = _symbol_table(symbols)
    shstrtab = OutputPlan(".shstrtab", sh_type=SHT_STRTAB)
    tables = [symtab, strtab, shstrtab]
    shstrtab.data = _section_names([*sections, *tables])
    in_file = [s.sh_offset + s.sh_size for s in sections if not s.is_nobits]
    cursor = max([EHDR_SIZE + PHDR_SIZE * len(headers), *in_file])
    for number, table in enumerate(tables, len(sections) + 1):
        table.index = number
        table.sh_size = len(table.data)
        table.sh_offset = align_up(cursor, table.sh_addralign)
        cursor = table.sh_offset + table.sh_size
    return Plan(e_entry, headers, sections, symbols, tables, align_up(cursor, TABLE_ALIGN))


def _symbol_table(symbols: ImageSymbols) -> tuple[OutputPlan, OutputPlan]:
    names = StringTable()
    table = np.zeros(1 + len(symbols), SYMBOL64)
    rows, known = table[1:], symbols.rows
    rows["st_name"] = names.add_all(symbols.names)
    rows["st_info"] = known["bind"] << 4 | known["type"]
    rows["st_other"] = known["visibility"]
    rows["st_shndx"] = known["shndx"] & 0xFFFF
    rows["st_value"], rows["st_size"] = known["st_value"], known["st_size"]
    symtab = OutputPlan(".symtab", sh_type=SHT_SYMTAB, sh_addralign=TABLE_ALIGN, sh_entsize=SYM.size)
    symtab.data = bytearray(table)
    return symtab, OutputPlan(".strtab", sh_type=SHT_STRTAB, data=bytearray(names.data))


def _section_names(sections: list[OutputPlan]) -> bytearray:
    """Return `.shstrtab` as LIEF writes it, which makes this one table anew: sorted, without names that end another."""
    backwards = sorted({section.name.encode()[::-1] for section in sections})
    kept = [a for a, b in zip(backwards, [*backwards[1:], b""], strict=True) if not b.startswith(a)]
    return bytearray(b"\0" + b"".join(name + b"\0" for name in sorted(name[::-1] for name in kept)))


def _strings(table: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for name in table.split(b"\0"):
        yield at, name
        at += len(name) + 1


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A file of `size` bytes with all headers and tables: `parts` are offsets and bytes, between them are zeros."""

    size: int
    parts: list[tuple[int, bytes | bytearray | memoryview]]


def skeleton(plan: Plan) -> Skeleton:
    """Return the file with headers and tables, and zeros for the contents of the sections."""
    return Skeleton(
        plan.e_shoff + SHDR.size * (len(plan.all_sections) + 1),
        [
            (0, _file_headers(plan)),
            *((table.sh_offset, table.data) for table in plan.tables),
            (plan.e_shoff, _section_headers(plan)),
        ],
    )


def _file_headers(plan: Plan) -> bytearray:
    data = bytearray(EHDR_SIZE + PHDR_SIZE * len(plan.headers))
    ident = bytes((0x7F, *b"ELF", ELFCLASS64, ELFDATA2LSB, EV_CURRENT))
    EHDR.pack_into(
        data,
        0,
        ident,
        plan.e_type,
        EM_X86_64,
        EV_CURRENT,
        plan.e_entry,
        EHDR_SIZE,
        plan.e_shoff,
        0,
        EHDR_SIZE,
        PHDR_SIZE,
        len(plan.headers),
        SHDR.size,
        len(plan.all_sections) + 1,
        plan.tables[-1].index,
    )
    for number, h in enumerate(plan.headers):
        PHDR.pack_into(
            data,
            EHDR_SIZE + PHDR_SIZE * number,
            h.p_type,
            h.p_flags,
            h.p_offset,
            h.p_vaddr,
            h.p_paddr,
            h.p_filesz,
            h.p_memsz,
            h.p_align,
        )
    return data


def _section_headers(plan: Plan) -> bytearray:
    data = bytearray(SHDR.size * (len(plan.all_sections) + 1))
    names = bytes(plan.tables[-1].data)
    name_offsets = {name: at for at, name in _strings(names)}
    local = 1 + int((plan.symbols.rows["bind"] == STB_LOCAL).sum())
    for s in plan.all_sections:
        SHDR.pack_into(
            data,
            SHDR.size * s.index,
            name_offsets.get(s.name.encode()) or names.index(s.name.encode() + b"\0"),
            s.sh_type,
            s.sh_flags,
            s.sh_addr,
            s.sh_offset,
            s.sh_size,
            *_link_and_info(s, plan, local),
            s.sh_addralign,
            s.sh_entsize,
        )
    return data


def _link_and_info(s: OutputPlan, plan: Plan, local: int) -> tuple[int, int]:
    """Return sh_link and sh_info of a section (gABI chapter 4, "sh_link and sh_info Interpretation")."""
    symtab, strtab, _ = plan.tables
    if s is symtab:
        return strtab.index, local
    if s.relocates is not None:
        return symtab.index, s.relocates.index
    if s.sh_type == SHT_HASH:
        return _index_of(SHT_DYNSYM, plan), 0
    if s.sh_type in (SHT_DYNSYM, SHT_DYNAMIC):
        return _index_of(SHT_STRTAB, plan), int(s.sh_type == SHT_DYNSYM)
    return 0, 0


def _index_of(sh_type: int, plan: Plan) -> int:
    return next((s.index for s in plan.all_sections if s.sh_type == sh_type), 0)
