"""Section headers, symbols and relocations of objects as NumPy columns, so that passes work on whole tables.

The columns look straight into the file's bytes where the file has the wanted form (ELF64). Loaded late: NumPy takes
0.1 s to import.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from exotool.elf.constants import SHN_LORESERVE, SHN_XINDEX, SHT_NOBITS, SHT_NULL, STB_LOCAL, STT_SECTION
from exotool.elf.objects import ObjectFile, Relocation, Section, Symbol

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
SECTION64: Final = np.dtype(
    [
        ("sh_name", "<u4"),
        ("sh_type", "<u4"),
        ("sh_flags", "<u8"),
        ("sh_addr", "<u8"),
        ("sh_offset", "<u8"),
        ("sh_size", "<u8"),
        ("sh_link", "<u4"),
        ("sh_info", "<u4"),
        ("sh_addralign", "<u8"),
        ("sh_entsize", "<u8"),
    ]
)
SECTION32: Final = np.dtype([(name, "<u4") for name in SECTION64.names or ()])
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

    def renumbered(self, numbers: Sequence[int]) -> bytes:
        """Return the rows as they stand in a file in which symbol i has the number `numbers[i]`."""
        rows = self.rows.copy()
        which, inverse = np.unique(rows["symbol"], return_inverse=True)
        rows["symbol"] = np.array([numbers[symbol] for symbol in which.tolist()], np.uint32)[inverse]
        return rows.tobytes()

    def __len__(self) -> int:
        return self.stop - self.start


class StringPart(NamedTuple):
    """A string table in a buffer that it may share with others: few are ever looked into."""

    buffer: bytes
    start: int
    stop: int

    @classmethod
    def of(cls, strings: bytes) -> StringPart:
        """Return a buffer that is one string table."""
        return cls(strings, 0, len(strings))

    def cut(self) -> bytes:
        """Return the bytes of the table."""
        return self.buffer[self.start : self.stop]


class SectionTable:
    """The sections of an object, by column, with the relocations of all of them as one table.

    `raw` has their headers as ELF64 has them. Those in `made` are not what the file says: sections that were compressed
    there, or all those of an object that was never a file. Section i has the rows of `relocations` from `first[i]` on,
    `count[i]` of them.
    """

    def __init__(
        self,
        raw: Rows,
        strings: StringPart,
        data: memoryview,
        made: dict[int, Section],
        texts: Sequence[str] | None = None,
    ) -> None:
        """`texts` are the names of the sections, where they are known already."""
        self.raw, self.made = raw, made
        self._source, self._data, self._texts = strings, data, texts
        self.relocations = NO_ROWS
        self.first: Ints = np.zeros(len(raw), np.int64)
        self.count: Ints = np.zeros(len(raw), np.int64)

    def __len__(self) -> int:
        return len(self.raw)

    @cached_property
    def _strings(self) -> bytes:
        return self._source.cut()

    def name(self, index: int) -> str:
        """Return the name of a section."""
        if index in self.made:
            return self.made[index].name
        return text_at(self._strings, int(self.raw["sh_name"][index]))

    def names(self, indices: Ints) -> list[str]:
        """Return the names of some sections."""
        if self.made:
            return [self.name(index) for index in indices.tolist()]
        texts = self._texts
        if texts is not None:
            return [texts[index] for index in indices.tolist()]
        strings, find = self._strings, self._strings.find
        return [
            strings[at : find(b"\0", at)].decode("utf-8", "backslashreplace")
            for at in self.raw["sh_name"][indices].tolist()
        ]

    def content(self, index: int) -> bytes | bytearray | memoryview:
        """Return the bytes of a section; none for SHT_NOBITS."""
        if index in self.made:
            return self.made[index].data
        sh_type, start, size = (int(self.raw[field][index]) for field in ("sh_type", "sh_offset", "sh_size"))
        return self._data[:0] if sh_type in (SHT_NULL, SHT_NOBITS) else self._data[start : start + size]

    def contents(self, indices: Ints) -> list[bytes | bytearray | memoryview]:
        """Return the bytes of some sections."""
        if self.made:
            return [self.content(index) for index in indices.tolist()]
        chosen, data = self.raw[indices], self._data
        starts = chosen["sh_offset"].astype(np.int64)
        is_empty = (chosen["sh_type"] == SHT_NULL) | (chosen["sh_type"] == SHT_NOBITS)
        size = np.where(is_empty, 0, chosen["sh_size"].astype(np.int64))
        return [data[start:stop] for start, stop in zip(starts.tolist(), (starts + size).tolist(), strict=True)]

    def section(self, index: int) -> Section:
        """Return one section."""
        if index in self.made:
            section = self.made[index]
        else:
            row = self.raw[index]
            section = Section(
                self.name(index),
                int(row["sh_type"]),
                int(row["sh_flags"]),
                max(1, int(row["sh_addralign"])),
                self.content(index),
                int(row["sh_size"]),
                int(row["sh_entsize"]),
                int(row["sh_link"]),
            )
        if self.count[index] and section.rows is None and not section.relocations:
            start = int(self.first[index])
            section.map_relocations(RelocationRows(self.relocations, start, start + int(self.count[index])))
        return section

    def sections(self) -> list[Section]:
        """Return the sections one by one."""
        return [self.section(index) for index in range(len(self))]


def section_table(obj: ObjectFile) -> SectionTable:
    """Return the sections of an object, read or made, as columns."""
    mapped = obj.mapped_sections
    if mapped is not None:
        return mapped
    sections = obj.sections
    raw = np.zeros(len(sections), SECTION64)
    raw["sh_type"] = [s.sh_type for s in sections]
    raw["sh_flags"] = np.array([s.sh_flags for s in sections], np.uint64)
    raw["sh_addralign"] = np.array([s.sh_addralign for s in sections], np.uint64)
    raw["sh_size"] = np.array([s.sh_size if s.is_nobits else len(s.data) for s in sections], np.uint64)
    raw["sh_entsize"] = [s.sh_entsize for s in sections]
    raw["sh_link"] = [s.link for s in sections]
    table = SectionTable(raw, StringPart.of(b"\0"), memoryview(b""), dict(enumerate(sections)))
    parts = {index: section_rows(section) for index, section in enumerate(sections) if section.has_relocations}
    if parts:
        table.count[list(parts)] = [len(part) for part in parts.values()]
        table.first = np.cumsum(table.count) - table.count
        table.relocations = np.concatenate(list(parts.values()))
    return table


def section_rows(section: Section) -> Rows:
    """Return the relocations of a section as rows."""
    mapped = section.mapped_relocations
    return mapped.rows if mapped is not None else relocation_rows(section.relocations)


def text_at(strings: bytes, offset: int) -> str:
    """Return the name that begins at an offset of a string table."""
    return strings[offset : strings.find(b"\0", offset)].decode("utf-8", "backslashreplace") if strings else ""


class Names:
    """Numbers for the names of global symbols: a name has the same one in all objects of a link."""

    def __init__(self) -> None:
        self.numbers: defaultdict[str, int] = defaultdict()
        self.numbers.default_factory = self.numbers.__len__
        self._of_table: dict[int, tuple[SymbolTable, Ints]] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def get(self, name: str) -> int | None:
        """Return the number of a name, or None for one that no object has."""
        return self.numbers.get(name)

    def add(self, names: Iterable[str]) -> Ints:
        """Return the numbers of names, which new ones get now."""
        return np.fromiter(map(self.numbers.__getitem__, names), np.int64)

    def of(self, table: SymbolTable) -> Ints:
        """Return the numbers of the names of a table's globals."""
        if id(table) not in self._of_table:
            self._of_table[id(table)] = (table, self.add(table.global_names()))
        return self._of_table[id(table)][1]

    def know(self, table: SymbolTable, numbers: Ints) -> None:
        """Take the numbers of the names of a table's globals from somebody who has found them."""
        self._of_table[id(table)] = (table, numbers)

    def texts(self) -> list[str]:
        """Return all names, by number."""
        return list(self.numbers)


class SymbolTable:
    """The symbols of an object, by column; `section` has reserved indices as negative numbers, as `Symbol` does."""

    def __init__(self, raw: Rows, section: Ints, strings: StringPart, sections: SectionTable | None = None) -> None:
        self.raw, self.section, self._source, self._sections = raw, section, strings, sections

    def __len__(self) -> int:
        return len(self.raw)

    @cached_property
    def _strings(self) -> bytes:
        return self._source.cut()

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
            name = text_at(strings, int(offsets[index]))
            if not name and int(self.type[index]) == STT_SECTION and self._sections is not None:
                section = int(self.section[index])
                name = self._sections.name(section) if 0 < section < len(self._sections) else ""
            found.append(name)
        return found

    @cached_property
    def globals(self) -> Ints:
        """Indices of the symbols that other objects see."""
        return np.flatnonzero(self.bind != STB_LOCAL)

    def global_names(self) -> list[str]:
        """Return the names of `globals`."""
        if not len(self.globals) or not self._strings:
            return [""] * len(self.globals)
        offsets = self.raw["st_name"][self.globals].astype(np.int64)
        # The table is taken apart as a whole; a name can also be the tail of another one.
        texts = self._strings.decode("utf-8", "backslashreplace").split("\0")
        ends = np.flatnonzero(np.frombuffer(self._strings, np.uint8) == 0)
        which = np.searchsorted(ends, offsets)
        before = np.where(which > 0, ends[which - 1] + 1, 0)
        names = [texts[k] for k in which.tolist()]
        for k in np.flatnonzero(before != offsets).tolist():
            names[k] = text_at(self._strings, int(offsets[k]))
        return names

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
    return SymbolTable(raw, section, StringPart.of(bytes(strings)), section_table(obj))


def joined(parts: Sequence[Any], dtype: np.dtype[np.void]) -> Rows:
    """Return tables of one form, one behind the other; as bytes, since NumPy would compare the fields of every part."""
    return table_of(b"".join(parts), dtype)


def joined_symbols(tables: Sequence[SymbolTable]) -> Rows:
    """Return the symbols of several objects as ELF64 has them."""
    parts = []
    for table in tables:
        part = table.raw
        if part.dtype != SYMBOL64:
            part = np.zeros(len(table), SYMBOL64)
            for name in SYMBOL64.names or ():
                part[name] = table.raw[name]
        parts.append(part)
    return joined(parts, SYMBOL64)


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


def section_indices(shndx: npt.NDArray[np.uint16], extended: bytes | bytearray | memoryview) -> Ints:
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
