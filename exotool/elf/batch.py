"""Many well-formed ELF64 objects read at once: the checks of `reader`, on columns of all of them together.

An object that is not plainly right, or has what few have, is left to `reader`, which says what is wrong with it. So
nothing here is about messages, and no object is taken that `reader` would refuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from exotool.diagnostics import ToolError
from exotool.elf.columns import (
    NO_ROWS,
    RELOCATION,
    SECTION64,
    SYMBOL64,
    Ints,
    Names,
    Rows,
    SectionTable,
    StringPart,
    SymbolTable,
    joined,
    table_of,
)
from exotool.elf.constants import (
    ELFCLASS64,
    ELFDATA2LSB,
    EM_X86_64,
    ET_REL,
    EV_CURRENT,
    SHF_COMPRESSED,
    SHN_LORESERVE,
    SHN_UNDEF,
    SHN_XINDEX,
    SHT_GROUP,
    SHT_NOBITS,
    SHT_NULL,
    SHT_REL,
    SHT_RELA,
    SHT_STRTAB,
    SHT_SYMTAB,
    SHT_SYMTAB_SHNDX,
    STB_LOCAL,
)
from exotool.elf.objects import ObjectFile
from exotool.elf.reader import EHDR64, NAME_BUDGET_FACTOR, OVERLAP_FACTOR, read_group, read_object
from exotool.elf.strings import LONGEST, Strings

File = tuple[memoryview, str]

FEWEST: Final = 8
"""For fewer objects the columns are not worth their making."""

_IDENT: Final = bytes((0x7F, *b"ELF", ELFCLASS64, ELFDATA2LSB))


def read_objects(files: Sequence[File], names: Names) -> list[ObjectFile | ToolError]:
    """Return the objects in files, each bytes and path, or what is wrong with them; `names` gets those of globals."""
    found: dict[int, ObjectFile] = {}
    chosen = [at for at, (data, _) in enumerate(files) if _is_plain(data)] if len(files) >= FEWEST else []
    if chosen:
        headers = _Headers([files[at] for at in chosen])
        right = headers.check()
        if right:
            tables = _Tables([headers.entry(at) for at in right])
            found = {chosen[right[at]]: obj for at, obj in tables.objects(names).items()}
    return [found[at] if at in found else _read(*file) for at, file in enumerate(files)]


def _read(data: memoryview, path: str) -> ObjectFile | ToolError:
    try:
        return read_object(data, path)
    except ToolError as error:
        return error


def _is_plain(data: memoryview) -> bool:
    """Tell whether a file's header is that of a relocatable with section headers in it."""
    if len(data) < EHDR64.size or data[: len(_IDENT)] != _IDENT:
        return False
    _, e_type, e_machine, e_version, _, _, shoff, _, _, _, _, shentsize, shnum, shstrndx = EHDR64.unpack_from(data)
    size = SECTION64.itemsize
    return bool(
        (e_type, e_machine, e_version, shentsize) == (ET_REL, EM_X86_64, EV_CURRENT, size)
        and 0 < shnum < SHN_LORESERVE
        and shstrndx < shnum
        and 0 < shoff <= len(data) - shnum * size
    )


@dataclass(slots=True, eq=False)
class _Entry:
    """An object whose section headers are right, with the indices of its tables."""

    data: memoryview
    path: str
    raw: Rows
    shstrtab: int
    symtab: int

    def bytes_of(self, index: int) -> memoryview:
        """Return the bytes of a section."""
        start = int(self.raw["sh_offset"][index])
        return self.data[start : start + int(self.raw["sh_size"][index])]


class _Headers:
    """The section headers of all files, one file behind the other."""

    def __init__(self, files: Sequence[File]) -> None:
        self.files = files
        headers = [EHDR64.unpack_from(data) for data, _ in files]
        self.count: Ints = np.array([header[-2] for header in headers], np.int64)
        parts = [
            data[header[6] : header[6] + SECTION64.itemsize * header[-2]]
            for (data, _), header in zip(files, headers, strict=True)
        ]
        self.raw: Rows = joined(parts, SECTION64)
        self.first: Ints = np.cumsum(self.count) - self.count
        self.owner: Ints = np.repeat(np.arange(len(files)), self.count)
        self.shstrtab: Ints = np.array([header[-1] for header in headers], np.int64)
        self.symtab: Ints = np.zeros(len(files), np.int64)

    def check(self) -> list[int]:
        """Return the numbers of the files whose section headers are right, as `reader` understands that."""
        raw, first, count = self.raw, self.first, self.count
        sh_type, size = raw["sh_type"], raw["sh_size"]
        length = np.array([len(data) for data, _ in self.files], np.uint64)[self.owner]
        outside = (size > length) | (raw["sh_offset"] > length - np.minimum(size, length))
        has_bytes = (sh_type != SHT_NULL) & (sh_type != SHT_NOBITS)
        odd = outside & has_bytes
        odd |= (sh_type == SHT_REL) | (sh_type == SHT_SYMTAB_SHNDX) | (raw["sh_flags"] & SHF_COMPRESSED != 0)
        align = raw["sh_addralign"]
        odd |= align & (np.maximum(align, 1) - np.uint64(1)) != 0
        tables = np.flatnonzero(sh_type == SHT_SYMTAB)
        owner = self.owner[tables]
        self.symtab[owner] = tables - first[owner]
        is_right = (np.bincount(self.owner[odd], minlength=len(first)) == 0) & (
            np.bincount(owner, minlength=len(first)) == 1
        )
        # Larger sums are no longer exact, but then larger than any file too.
        total = np.bincount(self.owner, np.where(has_bytes, size, 0), len(first))
        is_right &= total <= OVERLAP_FACTOR * np.array([len(data) for data, _ in self.files])
        header = raw[first + self.symtab]
        strtab = np.minimum(header["sh_link"].astype(np.int64), count - 1)
        is_right &= (header["sh_link"] < count) & (sh_type[first + strtab] == SHT_STRTAB)
        is_right &= sh_type[first + self.shstrtab] == SHT_STRTAB
        entry_size = SYMBOL64.itemsize
        is_right &= (header["sh_entsize"] == entry_size) & (header["sh_size"] % entry_size == 0)
        is_right &= header["sh_size"] > 0
        return np.flatnonzero(is_right).tolist()

    def entry(self, at: int) -> _Entry:
        """Return a file whose headers are right."""
        raw = self.raw[self.first[at] : self.first[at] + self.count[at]]
        return _Entry(*self.files[at], raw, int(self.shstrtab[at]), int(self.symtab[at]))


class _Tables:
    """Names, symbols and relocations of objects, one object behind the other; `odd` are those left to `reader`."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        self.entries, self.odd = entries, np.zeros(len(entries), np.bool_)
        self.counts: Ints = np.array([len(entry.raw) for entry in entries], np.int64)
        self.first: Ints = _firsts(self.counts)
        self.raw: Rows = joined([entry.raw for entry in entries], SECTION64)
        self.owner: Ints = _owners(self.counts)
        symbols = [entry.bytes_of(entry.symtab) for entry in entries]
        self.symbol_counts: Ints = np.array([len(part) // SYMBOL64.itemsize for part in symbols], np.int64)
        self.symbols: Rows = joined(symbols, SYMBOL64)
        self.symbol_owner: Ints = _owners(self.symbol_counts)
        tables = [entry.bytes_of(entry.shstrtab) for entry in entries]
        tables += [entry.bytes_of(int(entry.raw["sh_link"][entry.symtab])) for entry in entries]
        self.odd |= np.array([bytes(table[-1:]) != b"\0" for table in tables]).reshape(2, -1).any(axis=0)
        self.names = b"\0" + b"".join(tables)
        self.names_size: Ints = np.array([len(table) for table in tables], np.int64)
        self.names_start: Ints = np.cumsum(self.names_size) - self.names_size + 1

    def leave(self, owner: Ints, is_wrong: npt.NDArray[np.bool_]) -> None:
        """Leave the objects with something wrong to `reader`."""
        self.odd[owner[is_wrong]] = True

    def without_odd(self, owner: Ints, values: Ints) -> Ints:
        """Return values with 0 in place of those of odd objects."""
        return np.where(self.odd[owner], 0, values) if self.odd.any() else values

    def strings_of(self, number: int) -> StringPart:
        """Return a string table: of section names, and behind those of all objects the tables of symbol names."""
        start = int(self.names_start[number])
        return StringPart(self.names, start, start + int(self.names_size[number]))

    def objects(self, names: Names) -> dict[int, ObjectFile]:
        """Return the objects by number, without the odd ones."""
        of_sections, of_symbols = self.strings()
        section = self.symbols["st_shndx"].astype(np.int64)
        self.leave(self.symbol_owner, section == SHN_XINDEX)
        section[section >= SHN_LORESERVE] -= 0x10000
        self.leave(self.symbol_owner, section >= self.counts[self.symbol_owner])
        is_local = self.symbols["st_info"] >> 4 == STB_LOCAL
        nameless = (self.symbols["st_name"] == 0) | (of_symbols.length == 0)
        nameless[_firsts(self.symbol_counts)] = True
        self.leave(self.symbol_owner, is_local & (section == SHN_UNDEF) & ~nameless)
        first, count = self.relocation_tables()
        rows = [self.relocations(at, count) for at in range(len(self.entries))]

        kept = ~self.odd[self.symbol_owner] & ~is_local
        numbers = np.zeros(len(section), np.int64)
        numbers[kept] = _numbers(of_symbols, np.flatnonzero(kept), names)
        texts = _texts(of_sections, ~self.odd[self.owner])
        found: dict[int, ObjectFile] = {}
        at = symbol = 0
        for number, entry in enumerate(self.entries):
            part = slice(at, at := at + int(self.counts[number]))
            of = slice(symbol, symbol := symbol + int(self.symbol_counts[number]))
            if self.odd[number]:
                continue
            obj = ObjectFile(entry.path)
            table = SectionTable(entry.raw, self.strings_of(number), entry.data, {}, texts[part])
            table.relocations, table.first, table.count = rows[number], first[part], count[part]
            strings = self.strings_of(len(self.entries) + number)
            symbols = SymbolTable(self.symbols[of], section[of], strings, table)
            groups = [read_group(table, symbols, k) for k in np.flatnonzero(entry.raw["sh_type"] == SHT_GROUP).tolist()]
            if any(group is None or not group.is_inside(len(table)) for group in groups):
                continue
            names.know(symbols, numbers[of][symbols.globals])
            obj.map_sections(table)
            obj.map_symbols(symbols)
            obj.groups += [group for group in groups if group is not None]
            found[number] = obj
        return found

    def strings(self) -> tuple[Strings, Strings]:
        """Return the names of all sections and those of all symbols; those of odd objects are empty."""
        size, base = self.names_size, self.names_start
        ends = np.flatnonzero(np.frombuffer(self.names, np.uint8) == 0)
        budget = NAME_BUDGET_FACTOR * np.array([len(entry.data) for entry in self.entries], np.int64)
        made = []
        for owner, offset, of in (
            (self.owner, self.raw["sh_name"], slice(0, len(self.entries))),
            (self.symbol_owner, self.symbols["st_name"], slice(len(self.entries), None)),
        ):
            self.leave(owner, offset >= size[of][owner])
            start = self.without_odd(owner, base[of][owner] + offset)
            length = ends[np.searchsorted(ends, start)] - start
            self.leave(owner, length > LONGEST)
            budget -= np.bincount(owner, length, len(self.entries)).astype(np.int64)
            made.append((owner, start, length))
        self.odd |= budget < 0
        names, of_symbols = (
            Strings(self.names, self.without_odd(owner, start), self.without_odd(owner, length))
            for owner, start, length in made
        )
        return names, of_symbols

    def relocation_tables(self) -> tuple[Ints, Ints]:
        """Return for each section the first of its relocations in those of its object, and how many it has."""
        raw, base = self.raw, self.first
        tables = np.flatnonzero(raw["sh_type"] == SHT_RELA)
        owner, header = self.owner[tables], raw[tables]
        info, size = header["sh_info"].astype(np.int64), header["sh_size"]
        inside = (info > 0) & (info < self.counts[owner])
        target = base[owner] + np.where(inside, info, 0)
        entry_size = RELOCATION.itemsize
        symtab = np.array([entry.symtab for entry in self.entries], np.int64)[owner]
        self.leave(owner, ~inside | (header["sh_entsize"] != entry_size) | (size % entry_size != 0))
        self.leave(owner, (header["sh_link"] != symtab) | ((raw["sh_type"][target] == SHT_NOBITS) & (size > 0)))
        number = (size // entry_size).astype(np.int64)
        filled = number > 0
        self.leave(owner[filled], np.bincount(target[filled], minlength=len(raw))[target[filled]] > 1)
        count = np.zeros(len(raw), np.int64)
        count[target[filled]] = number[filled]
        first = np.zeros(len(raw), np.int64)
        before = np.cumsum(number) - number
        # The tables of an object lie one behind the other, whatever their targets' order.
        starts = np.zeros(len(self.entries), np.int64)
        starts[owner[::-1]] = before[::-1]
        first[target[filled]] = (before - starts[owner])[filled]
        return first, count

    def relocations(self, number: int, count: Ints) -> Rows:
        """Return the relocations of an object, in the order of its tables, and check them."""
        entry = self.entries[number]
        raw, at = entry.raw, int(self.first[number])
        tables = np.flatnonzero((raw["sh_type"] == SHT_RELA) & (raw["sh_size"] > 0))
        if self.odd[number] or not len(tables):
            return NO_ROWS
        start = raw["sh_offset"][tables].astype(np.int64)
        stop = start + raw["sh_size"][tables].astype(np.int64)
        if (stop[:-1] == start[1:]).all():
            rows = table_of(entry.data[start[0] : stop[-1]], RELOCATION)
        else:
            rows = table_of(b"".join(entry.bytes_of(index) for index in tables.tolist()), RELOCATION)
        target = raw["sh_info"][tables].astype(np.int64)
        size = np.repeat(raw["sh_size"][target], count[at + target])
        if (rows["r_offset"] >= size).any() or (rows["symbol"] >= self.symbol_counts[number]).any():
            self.odd[number] = True
        return rows


def _firsts(counts: Ints) -> Ints:
    firsts: Ints = np.cumsum(counts) - counts
    return firsts


def _owners(counts: Ints) -> Ints:
    return np.repeat(np.arange(len(counts)), counts)


def _numbers(strings: Strings, which: Ints, names: Names) -> Ints:
    """Return the numbers of the names that are some of the strings."""
    found = Strings(strings.data, strings.start[which], strings.length[which])
    first, inverse = found.distinct()
    numbers: Ints = names.add(found.texts(first))[inverse]
    return numbers


def _texts(strings: Strings, which: npt.NDArray[np.bool_]) -> list[str]:
    """Return the texts of strings, of which there are many of each; those not asked for are empty."""
    first, inverse = strings.distinct()
    texts: npt.NDArray[Any] = np.array(strings.texts(first), object)
    return (texts[inverse] if which.all() else np.where(which, texts[inverse], "")).tolist()  # type: ignore[no-any-return]
