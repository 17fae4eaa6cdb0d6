"""Address -> function, file and line, for the linker's errors and for backtraces.

Made from an image's bytes (`Lines(data)`) or from an object before it is linked (`object_lines`). Debug information
is a help and never a condition: where it is missing or damaged the answer has no line, and there is no error.
"""

from __future__ import annotations

import io
import struct
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from exotool.elf.constants import (
    SHF_ALLOC,
    SHF_COMPRESSED,
    SHN_LORESERVE,
    STB_LOCAL,
    STT_FILE,
    STT_FUNC,
    STT_SECTION,
    X86Reloc,
)
from exotool.elf.dwarf_line import LineRange, decode_lines
from exotool.elf.objects import ObjectFile

DEBUG_SECTIONS: Final = (".debug_line", ".debug_line_str", ".debug_str")

SECTION_STRIDE: Final = 1 << 32
"""Sections of an object that is not linked yet are told apart by address: section i is taken to lie at i times this."""

_SYM: Final = struct.Struct("<IBBHQQ")
_SYM32: Final = struct.Struct("<IIIBBH")
_SIZED_SEARCH: Final = 16
"""How many symbols before an address are asked whether they reach it."""

_WIDTHS: Final = {X86Reloc.R_X86_64_64: 8, X86Reloc.R_X86_64_32: 4, X86Reloc.R_X86_64_32S: 4}


@dataclass(frozen=True, slots=True)
class Location:
    """What is known about an address. `function` is empty when unknown, `line` and `column` are then 0."""

    function: str = ""
    offset: int = 0
    path: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return `trap_handler+0x12 (kernel_asm/trap.S:41)` as far as it is known, or an empty text."""
        function = f"{self.function}+{self.offset:#x}" if self.offset else self.function
        place = f"{self.path}:{self.line}" if self.line else ""
        return f"{function} ({place})" if function and place else function or place


class _Label(NamedTuple):
    """A symbol that an address can belong to; `rank` orders the names of one address, best last."""

    address: int
    rank: tuple[bool, bool, str]
    size: int
    section: int

    @property
    def name(self) -> str:
        return self.rank[2]


class Lines:
    """Functions and lines of an image (ET_EXEC, or any ELF file whose debug sections need no relocation)."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def lookup(self, address: int) -> Location | None:
        """Return what is known about an address, or None when nothing is."""
        label = self._label(address)
        index = bisect_right(self._starts, address) - 1
        found = self._ranges[index] if index >= 0 and address < self._ranges[index].end else None
        if label is None and found is None:
            return None
        function, offset = (label.name, address - label.address) if label else ("", 0)
        if found is None:
            return Location(function, offset)
        return Location(function, offset, found.path, found.line, found.column)

    def symbolize(self, address: int) -> str:
        """Return `function+0x12 (file:line)` as far as it is known, and the bare address when nothing is."""
        return str(self.lookup(address) or "") or f"{address:#x}"

    def neighbours(self, address: int) -> list[tuple[str, int, int]]:
        """Return name, start and end of the symbols next below and next above an address."""
        above = bisect_right(self._label_addresses, address)
        return [(s.name, s.address, s.address + s.size) for s in self._labels[max(0, above - 1) : above + 1]]

    def address(self, name: str) -> int | None:
        """Return the address of a symbol, or None when there is none; of several with the name, the best known one."""
        found = [label for label in self._labels if label.name == name]
        return max(found, key=lambda label: label.rank).address if found else None

    def names(self) -> list[str]:
        """Return the names of all symbols."""
        return [label.name for label in self._labels]

    def _label(self, address: int) -> _Label | None:
        last = bisect_right(self._label_addresses, address) - 1
        section = self._labels[last].section if last >= 0 else 0
        ended = False
        for index in range(last, max(-1, last - _SIZED_SEARCH), -1):
            label = self._labels[index]
            if label.section != section:
                return None
            if label.size and address >= label.address + label.size:
                ended = True
            elif label.size or not ended:  # a label without a size reaches to the next function only
                end = self._section_ends.get(section)
                return label if end is None or address < end else None
        return None

    @cached_property
    def _ranges(self) -> list[LineRange]:
        tables = self._debug_sections()
        # A sequence at address 0 describes code that was left out of the image.
        ranges = [r for r in decode_lines(*(tables.get(name, b"") for name in DEBUG_SECTIONS)) if r.start]
        return sorted(ranges, key=lambda r: (r.start, r.end))

    @cached_property
    def _starts(self) -> list[int]:
        return [r.start for r in self._ranges]

    @cached_property
    def _labels(self) -> list[_Label]:
        return sorted(self._symbols())

    @cached_property
    def _label_addresses(self) -> list[int]:
        return [label.address for label in self._labels]

    @cached_property
    def _container(self) -> _Container:
        return _read_container(self._data)

    @property
    def _section_ends(self) -> Mapping[int, int]:
        """The address behind each section with memory, by index."""
        return self._container.ends

    def _debug_sections(self) -> Mapping[str, bytes]:
        return self._container.debug

    def _symbols(self) -> Iterable[_Label]:
        names, ends = self._container.strtab, self._container.ends
        for st_name, info, _, shndx, value, size in _SYM.iter_unpack(self._container.symtab):
            if shndx in ends and info & 15 not in (STT_SECTION, STT_FILE) and st_name < len(names):
                name = names[st_name : names.find(b"\0", st_name)].decode("utf-8", "backslashreplace")
                if name and not name.startswith(".L"):
                    yield _Label(value, (info & 15 == STT_FUNC, info >> 4 != STB_LOCAL, name), size, shndx)


class _Container(NamedTuple):
    """The parts of an ELF file that say what lies where."""

    debug: dict[str, bytes]
    symtab: bytes
    strtab: bytes
    ends: dict[int, int]


def _read_container(data: bytes) -> _Container:
    """Return the tables in `data`; those that cannot be read are empty."""
    from elftools.common.exceptions import ELFError
    from elftools.construct import ConstructError
    from elftools.elf.elffile import ELFFile

    found = _Container({}, b"", b"", {})
    # What pyelftools lets through on damaged files, besides its own exceptions, found by mutating images.
    damaged = (ELFError, ConstructError, ValueError, LookupError, AttributeError, TypeError, OverflowError, MemoryError)
    try:
        elf = ELFFile(io.BytesIO(data))
        if not elf.little_endian:
            return found
        for index in range(min(elf.num_sections(), SHN_LORESERVE)):
            section = elf.get_section(index)
            header = section.header
            if header["sh_flags"] & SHF_ALLOC:
                found.ends[index] = header["sh_addr"] + header["sh_size"]
            elif section.name in DEBUG_SECTIONS and not header["sh_flags"] & SHF_COMPRESSED:
                found.debug[section.name] = section.data()
            elif header["sh_type"] == "SHT_SYMTAB":
                symtab = section.data() if elf.elfclass == 64 else _widen(section.data())
                strtab = elf.get_section(header["sh_link"]).data() + b"\0"
                found = found._replace(symtab=symtab[: len(symtab) // _SYM.size * _SYM.size], strtab=strtab)
    except damaged:
        return found
    return found


def _widen(symtab: bytes) -> bytes:
    """Return a symbol table of ELF32 in the form of ELF64."""
    whole = memoryview(symtab)[: len(symtab) // _SYM32.size * _SYM32.size]
    return b"".join(
        _SYM.pack(st_name, info, other, shndx, value, size)
        for st_name, value, size, info, other, shndx in _SYM32.iter_unpack(whole)
    )


class _ObjectLines(Lines):
    """Functions and lines of an object that is not linked yet."""

    def __init__(self, obj: ObjectFile) -> None:
        super().__init__(b"")
        self._obj = obj

    @cached_property
    def _container(self) -> _Container:
        ends = {
            index: index * SECTION_STRIDE + section.sh_size
            for index, section in enumerate(self._obj.sections)
            if section.is_alloc
        }
        return _Container({}, b"", b"", ends)

    def _debug_sections(self) -> Mapping[str, bytes]:
        obj = self._obj
        tables: dict[str, bytes] = {}
        for section in obj.sections:
            if section.name not in DEBUG_SECTIONS or section.is_nobits:
                continue
            data = bytearray(section.data)
            for r in section.relocations:
                width = _WIDTHS.get(X86Reloc(r.r_type)) if r.r_type in X86Reloc.__members__.values() else None
                if width is None or r.r_offset + width > len(data):
                    continue
                symbol = obj.symbols[r.symbol]
                value = symbol.st_value + r.r_addend
                if 0 < symbol.section < len(obj.sections) and obj.sections[symbol.section].is_alloc:
                    value += symbol.section * SECTION_STRIDE
                data[r.r_offset : r.r_offset + width] = (value & (1 << 8 * width) - 1).to_bytes(width, "little")
            tables[section.name] = tables.get(section.name, b"") + bytes(data)
        return tables

    def _symbols(self) -> Iterable[_Label]:
        for symbol in self._obj.symbols:
            if symbol.section not in self._section_ends or symbol.type in (STT_SECTION, STT_FILE):
                continue
            if symbol.name and not symbol.name.startswith(".L"):
                rank = (symbol.type == STT_FUNC, symbol.is_global, symbol.name)
                address = symbol.section * SECTION_STRIDE + symbol.st_value
                yield _Label(address, rank, symbol.st_size, symbol.section)


def object_lines(obj: ObjectFile) -> Lines:
    """Return the lines of an object; `section_address` gives the addresses to ask for."""
    return _ObjectLines(obj)


def section_address(section: int, offset: int) -> int:
    """Return the address that stands for a place in section `section` of an object that is not linked yet."""
    return section * SECTION_STRIDE + offset
