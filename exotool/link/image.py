"""A finished image as `exotool size` and `exotool map` look at it, whoever linked it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import numpy as np

from exotool.diagnostics import Diagnostic, Place, ToolError
from exotool.elf.columns import SECTION32, SECTION64, SYMBOL32, SYMBOL64, Ints, Rows, table_of, text_at
from exotool.elf.constants import (
    ELFCLASS64,
    PT_LOAD,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_NULL,
    SHT_SYMTAB,
)
from exotool.elf.reader import NAME_BUDGET_FACTOR
from exotool.files import read_input
from exotool.link.formats import EHDR32
from exotool.link.skeleton import EHDR

_WORDS64: Final = ("p_offset", "p_vaddr", "p_paddr", "p_filesz", "p_memsz")
SEGMENT64: Final = np.dtype(
    [("p_type", "<u4"), ("p_flags", "<u4"), *((name, "<u8") for name in (*_WORDS64, "p_align"))]
)
SEGMENT32: Final = np.dtype([(name, "<u4") for name in ("p_type", *_WORDS64, "p_flags", "p_align")])


@dataclass(frozen=True, slots=True)
class ImageSection:
    """A section: `kind` is code, constants, data or zeros for sections in memory, else debug."""

    name: str
    kind: str
    address: int
    offset: int
    size: int
    file_size: int


@dataclass(frozen=True, slots=True)
class ImageSegment:
    """A segment that is loaded."""

    flags: str
    vaddr: int
    paddr: int
    offset: int
    file_size: int
    memory_size: int


@dataclass(frozen=True, slots=True)
class ImageFile:
    """What an image consists of; `symbols` are name, address and size of those that have a size, each once."""

    path: str
    entry: int
    file_size: int
    sections: tuple[ImageSection, ...]
    segments: tuple[ImageSegment, ...]
    symbols: tuple[tuple[str, int, int], ...]


def read_image(path: Path) -> ImageFile:
    """Read an ELF image, of 32 or 64 bits. Raises `ToolError` L0801 for anything else, T01xx when it cannot be read."""
    return _Reader(read_input(path, "image"), str(path)).read()


class _Reader:
    """Nothing in the file is believed: any bytes end in an image or in an error, in time linear in their size."""

    def __init__(self, data: bytes, path: str) -> None:
        self.data, self.path = data, path

    def refuse(self, what: str) -> NoReturn:
        message = f"`{self.path}` is not an ELF image that can be read"
        raise ToolError(Diagnostic("L0801", message, Place(self.path), label=what))

    def read(self) -> ImageFile:
        """Return the image."""
        data = self.data
        if data[:4] != b"\x7fELF":
            self.refuse("it does not begin as an ELF file does")
        if data[4:6] not in (b"\1\1", b"\2\1"):
            self.refuse("it is not little-endian, of 32 or 64 bits")
        self.is_wide = data[4] == ELFCLASS64
        ehdr = EHDR if self.is_wide else EHDR32
        if len(data) < ehdr.size:
            self.refuse("it ends inside the ELF header")
        _, _, _, _, entry, phoff, shoff, _, _, phentsize, phnum, shentsize, shnum, shstrndx = ehdr.unpack_from(data)
        self.sections = self.rows(shoff, shnum, shentsize, SECTION64 if self.is_wide else SECTION32, "section headers")
        segments = self.rows(phoff, phnum, phentsize, SEGMENT64 if self.is_wide else SEGMENT32, "program headers")
        if not shnum and not phnum:
            message = f"`{self.path}` has neither sections nor segments"
            raise ToolError(Diagnostic("L0801", message, Place(self.path)))
        tables = np.flatnonzero(self.sections["sh_type"] == SHT_SYMTAB).tolist()
        symbols = {symbol for table in tables for symbol in self.symbols(int(table))}
        ordered = tuple(sorted(symbols, key=lambda symbol: (-symbol[2], symbol[1], symbol[0])))
        shown = tuple(self.image_sections(shstrndx))
        return ImageFile(self.path, entry, len(data), shown, tuple(_segments(segments)), ordered)

    def rows(self, offset: int, count: int, size: int, dtype: np.dtype[np.void], what: str) -> Rows:
        """Return a table of headers."""
        if count and size != dtype.itemsize:
            self.refuse(f"its {what} are of {size} bytes, not {dtype.itemsize}")
        if count and offset + count * size > len(self.data):
            self.refuse(f"its {what} lie behind its end")
        return table_of(self.data[offset : offset + count * size], dtype) if count else np.empty(0, dtype)

    def content(self, index: int) -> bytes:
        """Return the bytes of a section; none for one that is not there."""
        if index >= len(self.sections) or self.sections["sh_type"][index] == SHT_NOBITS:
            return b""
        start, size = int(self.sections["sh_offset"][index]), int(self.sections["sh_size"][index])
        if start + size > len(self.data):
            self.refuse(f"section {index} lies behind its end")
        return self.data[start : start + size]

    def names(self, strings: bytes, offsets: Ints, what: str) -> list[str]:
        """Return names out of a table of strings; together they must be in measure, since their ends may be shared."""
        ends = np.flatnonzero(np.frombuffer(strings, np.uint8) == 0) if strings else np.zeros(1, np.int64)
        if len(offsets) and (not len(ends) or int(offsets.max()) > int(ends[-1])):
            self.refuse(f"the name of a {what} lies outside of its table")
        if int((ends[np.searchsorted(ends, offsets)] - offsets).sum()) > NAME_BUDGET_FACTOR * len(self.data):
            self.refuse("its names overlap without measure")
        return [text_at(strings, offset) for offset in offsets.tolist()]

    def image_sections(self, shstrndx: int) -> Iterator[ImageSection]:
        """Yield the sections, but for the null one."""
        names = self.names(self.content(shstrndx), self.sections["sh_name"].astype(np.int64), "section")
        for name, s in zip(names, self.sections, strict=True):
            if s["sh_type"] == SHT_NULL:
                continue
            nobits, size = s["sh_type"] == SHT_NOBITS, int(s["sh_size"])
            kind = _kind(int(s["sh_flags"]), nobits)
            yield ImageSection(name, kind, int(s["sh_addr"]), int(s["sh_offset"]), size, 0 if nobits else size)

    def symbols(self, table: int) -> Iterator[tuple[str, int, int]]:
        """Yield name, value and size of the symbols that have a name and a size."""
        dtype = SYMBOL64 if self.is_wide else SYMBOL32
        content = self.content(table)
        if len(content) % dtype.itemsize:
            self.refuse("its symbol table has entries of a wrong size")
        rows = table_of(content, dtype)
        rows = rows[(rows["st_size"] > 0) & (rows["st_name"] > 0)]
        strings = self.content(int(self.sections["sh_link"][table]))
        names = self.names(strings, rows["st_name"].astype(np.int64), "symbol")
        yield from zip(names, rows["st_value"].tolist(), rows["st_size"].tolist(), strict=True)


def _segments(rows: Rows) -> Iterator[ImageSegment]:
    for h in rows[(rows["p_type"] == PT_LOAD) & (rows["p_memsz"] > 0)]:
        fields = (int(h[name]) for name in ("p_vaddr", "p_paddr", "p_offset", "p_filesz", "p_memsz"))
        yield ImageSegment(_flags(int(h["p_flags"])), *fields)


def _kind(flags: int, nobits: bool) -> str:
    if not flags & SHF_ALLOC:
        return "debug"
    if flags & SHF_EXECINSTR:
        return "code"
    if nobits:
        return "zeros"
    return "data" if flags & SHF_WRITE else "constants"


def _flags(flags: int) -> str:
    return "".join(letter if flags & bit else "-" for bit, letter in ((4, "r"), (2, "w"), (1, "x")))
