"""Symbol and relocation tables of objects as NumPy columns, so that passes work on whole tables.

The columns look straight into the file's bytes where the file has the wanted form (ELF64 RELA and symbols). Loaded
late: NumPy takes 0.1 s to import.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from sys import intern
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exotool.elf.constants import SHN_LORESERVE, SHN_XINDEX, STB_LOCAL, STT_SECTION
from exotool.elf.objects import ObjectFile, Relocation, Symbol

Rows = npt.NDArray[np.void]
Ints = npt.NDArray[np.signedinteger[Any]]
Words = npt.NDArray[np.uint64]

RELOCATION: Final = np.dtype([("r_offset", "<u8"), ("r_type", "<u4"), ("symbol", "<u4"), ("r_addend", "<i8")])
"""One relocation. This is also Elf64_Rela as it stands in a little-endian file: r_info is symbol << 32 | type."""

REL32: Final = np.dtype([("r_offset", "<u4"), ("r_info", "<u4")])
SYMBOL64: Final = np.dtype(
    [
        ("st_name", "<u4"),
        ("st_info", "u1"),
        ("st_other", "u1"),
        ("st_shndx", "<u2"),
        ("st_value", "<u8"),
        ("st_size", "<u8"),
    ]
)
SYMBOL32: Final = np.dtype(
    [
        ("st_name", "<u4"),
        ("st_value", "<u4"),
        ("st_size", "<u4"),
        ("st_info", "u1"),
        ("st_other", "u1"),
        ("st_shndx", "<u2"),
    ]
)
NO_ROWS: Final[Rows] = np.empty(0, RELOCATION)


def table_of(data: bytes | bytearray | memoryview, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return bytes as an array without copying them; their length must be a multiple of the item's."""
    return np.frombuffer(data, dtype) if len(data) else np.empty(0, dtype)


@dataclass(slots=True, eq=False)
class RelocationRows:
    """The relocations of one section: a part of a table that other sections share."""

    base: Rows
    start: int
    stop: int

    @property
    def rows(self) -> Rows:
        """The part of the table that is of this section."""
        return self.base[self.start : self.stop]

    def relocations(self) -> list[Relocation]:
        """Return the rows one by one."""
        return [Relocation._make(row) for row in self.rows.tolist()]

    def __len__(self) -> int:
        return self.stop - self.start


class SymbolTable:
    """The symbols of an object, by column; `section` has reserved indices as negative numbers, as `Symbol` does."""

    def __init__(self, raw: Rows, section: Ints, names: bytes, section_names: Sequence[str] | None = None) -> None:
        self.raw, self.section, self._strings = raw, section, names
        self._section_names = section_names or ()

    def __len__(self) -> int:
        return len(self.raw)

    @cached_property
    def bind(self) -> npt.NDArray[np.uint8]:
        """STB_* of each symbol."""
        return np.asarray(self.raw["st_info"] >> 4)

    @cached_property
    def type(self) -> npt.NDArray[np.uint8]:
        """STT_* of each symbol."""
        return np.asarray(self.raw["st_info"] & 15)

    @cached_property
    def visibility(self) -> npt.NDArray[np.uint8]:
        """STV_* of each symbol."""
        return np.asarray(self.raw["st_other"] & 3)

    @cached_property
    def value(self) -> Words:
        """st_value of each symbol."""
        return self.raw["st_value"].astype(np.uint64)

    @cached_property
    def size(self) -> Words:
        """st_size of each symbol."""
        return self.raw["st_size"].astype(np.uint64)

    def name(self, index: int) -> str:
        """Return a symbol's name; a nameless section symbol has the section's."""
        return self.names((index,))[0]

    def names(self, indices: Iterable[int]) -> list[str]:
        """Return the names of some symbols."""
        found = []
        strings, offsets = self._strings, self.raw["st_name"]
        for index in indices:
            offset = int(offsets[index])
            name = strings[offset : strings.find(b"\0", offset)].decode("utf-8", "backslashreplace") if offset else ""
            if not name and int(self.type[index]) == STT_SECTION:
                section = int(self.section[index])
                name = self._section_names[section] if 0 < section < len(self._section_names) else ""
            found.append(name)
        return found

    @cached_property
    def globals(self) -> Ints:
        """Indices of the symbols that other objects see."""
        return np.flatnonzero(self.bind != STB_LOCAL)

    @cached_property
    def global_names(self) -> list[str]:
        """The names of `globals`."""
        strings = self._strings
        find = strings.find
        # The same name stands in many objects; all of them share one text.
        return [
            intern(strings[offset : find(b"\0", offset)].decode("utf-8", "backslashreplace")) if offset else ""
            for offset in self.raw["st_name"][self.globals].tolist()
        ]

    def symbol(self, index: int) -> Symbol:
        """Return one symbol."""
        row = self.raw[index]
        info = int(row["st_info"])
        return Symbol(
            self.name(index),
            int(row["st_value"]),
            int(row["st_size"]),
            info >> 4,
            info & 15,
            int(row["st_other"]) & 3,
            int(self.section[index]),
        )

    def symbols(self) -> list[Symbol]:
        """Return the symbols one by one."""
        return [self.symbol(index) for index in range(len(self))]


def symbol_table(obj: ObjectFile) -> SymbolTable:
    """Return the symbols of an object, read or made, as columns."""
    mapped = obj.mapped_symbols
    if mapped is not None:
        return mapped
    raw = np.zeros(len(obj.symbols), SYMBOL64)
    strings, offsets = bytearray(b"\0"), []
    for symbol in obj.symbols:
        offsets.append(len(strings) if symbol.name else 0)
        if symbol.name:
            strings += symbol.name.encode() + b"\0"
    raw["st_name"] = offsets
    raw["st_info"] = [symbol.bind << 4 | symbol.type for symbol in obj.symbols]
    raw["st_other"] = [symbol.visibility for symbol in obj.symbols]
    raw["st_value"] = np.array([symbol.st_value & (1 << 64) - 1 for symbol in obj.symbols], np.uint64)
    raw["st_size"] = np.array([symbol.st_size for symbol in obj.symbols], np.uint64)
    section = np.array([symbol.section for symbol in obj.symbols], np.int64)
    return SymbolTable(raw, section, bytes(strings), [s.name for s in obj.sections])


def relocation_rows(relocations: Iterable[Relocation]) -> Rows:
    """Return relocations as rows."""
    wrap = 1 << 63
    rows = [(r.r_offset, r.r_type, r.symbol, (r.r_addend + wrap) % (2 * wrap) - wrap) for r in relocations]
    return np.array(rows, RELOCATION)


REL_FIELDS: Final = {20: 2, 21: 2, 22: 1, 23: 1, 0: 0}
"""Bytes of the field that holds the addend of an i386 relocation (R_386_16, PC16, 8, PC8, NONE); 4 for all others."""


def rel_rows(
    tables: Sequence[bytes | bytearray | memoryview], contents: Sequence[bytes | bytearray | memoryview]
) -> Rows:
    """Return the REL tables of i386 sections as rows; the addends come out of the sections' contents.

    A field that is not wholly in its section has addend 0 here: the link reports it.
    """
    made = []
    for table, content in zip(tables, contents, strict=True):
        raw = table_of(table, REL32)
        rows = np.zeros(len(raw), RELOCATION)
        rows["r_offset"] = raw["r_offset"]
        rows["r_type"] = raw["r_info"] & 0xFF
        rows["symbol"] = raw["r_info"] >> 8
        widths = np.array([REL_FIELDS.get(r_type, 4) for r_type in range(256)])[rows["r_type"]]
        offsets = rows["r_offset"].astype(np.int64)
        for width in (1, 2, 4):
            chosen = np.flatnonzero((widths == width) & (offsets + width <= len(content)))
            if len(chosen):
                rows["r_addend"][chosen] = gather(content, offsets[chosen], width, signed=True)
        made.append(rows)
    return np.concatenate(made) if made else NO_ROWS


def section_indices(shndx: npt.NDArray[np.uint16], extended: memoryview) -> Ints:
    """Return the section of each symbol (gABI, "Symbol Table": st_shndx and SHT_SYMTAB_SHNDX)."""
    section = shndx.astype(np.int64)
    reserved = shndx >= SHN_LORESERVE
    if reserved.any():
        section[reserved] -= 0x10000
        where = np.flatnonzero(shndx == SHN_XINDEX)
        if len(where):
            section[where] = table_of(extended[: len(extended) // 4 * 4], "<u4")[where]
    return section


def gather(data: bytes | bytearray | memoryview, offsets: Ints, width: int, *, signed: bool) -> Ints:
    """Return the little-endian numbers of `width` bytes at `offsets`, all of which must be inside `data`."""
    octets = np.frombuffer(data, np.uint8)
    value = np.zeros(len(offsets), np.int64)
    for i in range(width):
        value |= octets[offsets + i].astype(np.int64) << (8 * i)
    if signed and width < 8:
        value -= (value >> (8 * width - 1) & 1) << (8 * width)
    return value


def runs(starts: Ints, counts: Ints) -> Ints:
    """Return `starts[0], starts[0]+1, ...` for `counts[0]` numbers, then the same of the next."""
    total = int(counts.sum())
    before = np.cumsum(counts) - counts
    return np.arange(total, dtype=np.int64) + np.repeat(starts - before, counts).astype(np.int64)
