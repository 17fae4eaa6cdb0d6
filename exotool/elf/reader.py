"""Bytes of a relocatable, ELF64 for x86_64 or ELF32 for i386 -> `ObjectFile`.

Nothing in the file is believed: every offset, size, index and name is checked against the file's length before it is
used, so that any bytes end in an object or in one `ToolError` O01xx, in time and memory linear in the file's size.
Symbols and relocations stay in the file's bytes, as columns.
"""

from __future__ import annotations

import struct
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from exotool.diagnostics import Diagnostic, Place, ToolError
from exotool.elf.constants import (
    ELFCLASS32,
    ELFCLASS64,
    ELFCOMPRESS_ZLIB,
    ELFDATA2LSB,
    EM_386,
    EM_NAMES,
    EM_X86_64,
    ET_NAMES,
    ET_REL,
    EV_CURRENT,
    GRP_COMDAT,
    SHF_ALLOC,
    SHF_COMPRESSED,
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
from exotool.elf.objects import Group, ObjectFile, Section

if TYPE_CHECKING:
    from exotool.elf.columns import Ints, Rows, SymbolTable


class _Class(NamedTuple):
    """Structures of one ELF class."""

    ehdr: struct.Struct
    shdr: struct.Struct
    chdr: struct.Struct
    sym_size: int
    rel_size: int
    rela_size: int


_ELF64: Final = _Class(
    struct.Struct("<16sHHIQQQIHHHHHH"), struct.Struct("<IIQQQQIIQQ"), struct.Struct("<IIQQ"), 24, 16, 24
)
_ELF32: Final = _Class(
    struct.Struct("<16sHHIIIIIHHHHHH"), struct.Struct("<IIIIIIIIII"), struct.Struct("<III"), 16, 8, 12
)

NAME_BUDGET_FACTOR: Final = 16
"""All names of a file together may be this many times its size: tails of strings are shared, but hostile tables in
which every name is the tail of one huge string would fill the memory."""

EXPANSION_FACTOR: Final = 64
EXPANSION_FLOOR: Final = 16 << 20
"""Compressed sections of a file together may expand to this many times its size and to 16 MiB at least; zlib could
reach a thousand times."""

_MAGICS: Final = {
    b"!<arch>\n": "an archive of objects",
    b"!<thin>\n": "a thin archive of objects",
    b"MZ": "a DOS or PE file",
    b"BC\xc0\xde": "LLVM bitcode",
    b"\xcf\xfa\xed\xfe": "a Mach-O file",
    b"#!": "a script",
}


class _Shdr(NamedTuple):
    """One section header as it stands in the file."""

    sh_name: int
    sh_type: int
    sh_flags: int
    sh_addr: int
    sh_offset: int
    sh_size: int
    sh_link: int
    sh_info: int
    sh_addralign: int
    sh_entsize: int


def read_object(data: bytes | memoryview, path: str) -> ObjectFile:
    """Return the relocatable object in `data`; `path` names it in errors. Contents stay views of `data`.

    Raises `ToolError`: O0101 not ELF, O0102 wrong class, machine, byte order or kind, O0103 damaged.
    """
    return _Reader(data, path).read()


class _Reader:
    def __init__(self, data: bytes | memoryview, path: str) -> None:
        self.data = memoryview(data)
        self.path = path
        self.name_budget = NAME_BUDGET_FACTOR * len(data)
        self.expansion_budget = max(EXPANSION_FLOOR, EXPANSION_FACTOR * len(data))

    def fail(self, code: str, message: str, *help_: str) -> NoReturn:
        raise ToolError(Diagnostic(code, message, Place(self.path), help=help_))

    def damaged(self, what: str) -> NoReturn:
        self.fail("O0103", f"`{self.path}` is damaged: {what}", "build the object again")

    def read(self) -> ObjectFile:
        e_machine = self.check_identity()
        self.cls = _ELF32 if e_machine == EM_386 else _ELF64
        self.headers = self.section_headers()
        self.shstrtab = bytes(self.content(self.shstrndx, self.headers[self.shstrndx]))
        obj = ObjectFile(self.path, e_machine, [self.section(i, h) for i, h in enumerate(self.headers)])
        symtabs = [index for index, h in enumerate(self.headers) if h.sh_type == SHT_SYMTAB]
        if len(symtabs) > 1:
            self.damaged("there are two symbol tables")
        if symtabs:
            obj.map_symbols(self.symbols(obj, symtabs[0]))
        self.relocations(obj, symtabs)
        for index, header in enumerate(self.headers):
            if header.sh_type == SHT_GROUP:
                obj.groups.append(self.group(obj, index, header))
        return obj

    def check_identity(self) -> int:
        data = self.data
        if not len(data):
            self.fail("O0101", f"`{self.path}` is empty, not an ELF object")
        if bytes(data[:4]) != b"\x7fELF":
            known = next((what for magic, what in _MAGICS.items() if bytes(data[: len(magic)]) == magic), None)
            self.fail("O0101", f"`{self.path}` is {known or 'not an ELF object'}")
        if len(data) < 20:
            self.damaged("it ends inside the ELF header")
        e_type, e_machine = struct.unpack_from("<HH", data, 16)
        machine = EM_NAMES.get(e_machine, f"machine {e_machine}")
        if data[5] != ELFDATA2LSB:
            self.fail("O0102", f"`{self.path}` is not little-endian, as x86 objects are")
        if e_machine not in (EM_X86_64, EM_386):
            self.fail("O0102", f"`{self.path}` is for {machine}, not for x86_64 or i386")
        if e_machine == EM_X86_64 and data[4] != ELFCLASS64:
            self.fail("O0102", f"`{self.path}` is ELF32 (x32), not ELF64", "compile it with -m64")
        if e_machine == EM_386 and data[4] != ELFCLASS32:
            self.fail("O0102", f"`{self.path}` is for i386, but not ELF32")
        if e_type != ET_REL:
            kind = ET_NAMES.get(e_type, f"type {e_type}")
            self.fail("O0102", f"`{self.path}` is an ELF {kind}, not a relocatable object", "compile it with -c")
        if len(data) < (_ELF32 if e_machine == EM_386 else _ELF64).ehdr.size:
            self.damaged("it ends inside the ELF header")
        return int(e_machine)

    def section_headers(self) -> list[_Shdr]:
        ehdr, shdr = self.cls.ehdr, self.cls.shdr
        (_, _, _, e_version, _, _, shoff, _, _, _, _, shentsize, shnum, shstrndx) = ehdr.unpack_from(self.data)
        if e_version != EV_CURRENT:
            self.damaged(f"ELF version {e_version}")
        if not shoff:
            self.damaged("it has no sections")
        if shentsize != shdr.size:
            self.damaged(f"section headers are {shentsize} bytes, not {shdr.size}")
        if shoff + shdr.size > len(self.data):
            self.damaged("the section headers lie behind its end")
        first = _Shdr._make(shdr.unpack_from(self.data, shoff))
        shnum = shnum or first.sh_size
        self.shstrndx = first.sh_link if shstrndx == SHN_XINDEX else shstrndx
        if not shnum or shoff + shnum * shdr.size > len(self.data):
            self.damaged("the section headers lie behind its end")
        table = self.data[shoff : shoff + shnum * shdr.size]
        headers = [_Shdr._make(fields) for fields in shdr.iter_unpack(table)]
        if self.shstrndx >= shnum or headers[self.shstrndx].sh_type != SHT_STRTAB:
            self.damaged("the table of section names is missing")
        return headers

    def section(self, index: int, h: _Shdr) -> Section:
        data = self.content(index, h)
        name = self.string(self.shstrtab, h.sh_name, f"the name of section {index}")
        section = Section(name, h.sh_type, h.sh_flags, max(1, h.sh_addralign), data, h.sh_size, h.sh_entsize, h.sh_link)
        if h.sh_flags & SHF_COMPRESSED:
            self.expand(section)
        if section.sh_addralign & (section.sh_addralign - 1):
            self.damaged(f"section `{name}` has alignment {section.sh_addralign}, not a power of two")
        return section

    def content(self, index: int, header: _Shdr) -> memoryview:
        if header.sh_type in (SHT_NULL, SHT_NOBITS):
            return self.data[:0]
        if header.sh_offset + header.sh_size > len(self.data):
            self.damaged(f"section {index} lies behind its end")
        return self.data[header.sh_offset : header.sh_offset + header.sh_size]

    def expand(self, section: Section) -> None:
        """Replace a compressed section by what it stands for (gABI chapter 4, "Section Compression")."""
        what, chdr = f"compressed section `{section.name}`", self.cls.chdr
        if section.sh_flags & SHF_ALLOC or section.is_nobits or len(section.data) < chdr.size:
            self.damaged(f"{what} is malformed")
        ch_type, *_, ch_size, ch_addralign = chdr.unpack_from(section.data)
        if ch_type != ELFCOMPRESS_ZLIB:
            self.fail("O0102", f"{what} of `{self.path}` is not compressed with zlib", "compile it with -gz=none")
        self.expansion_budget -= ch_size
        if self.expansion_budget < 0:
            self.damaged(f"{what} expands without measure")
        try:
            stream = zlib.decompressobj()
            data = stream.decompress(memoryview(section.data)[chdr.size :], ch_size + 1)
        except zlib.error:
            self.damaged(f"{what} does not expand")
        if len(data) != ch_size or not stream.eof:
            self.damaged(f"{what} does not expand to {ch_size} bytes")
        section.data, section.sh_size, section.sh_addralign = data, ch_size, max(1, ch_addralign)
        section.sh_flags &= ~SHF_COMPRESSED

    def string(self, table: bytes, offset: int, what: str) -> str:
        if offset == 0 and not table:
            return ""
        end = table.find(b"\0", offset) if offset < len(table) else -1
        if end < 0:
            self.damaged(f"{what} lies outside its string table")
        self.name_budget -= end - offset
        if self.name_budget < 0:
            self.damaged("its names overlap without measure")
        return table[offset:end].decode("utf-8", "backslashreplace")

    def symbols(self, obj: ObjectFile, symtab: int) -> SymbolTable:
        import numpy as np

        from exotool.elf.columns import SYMBOL32, SYMBOL64, SymbolTable, section_indices, table_of

        header, headers = self.headers[symtab], self.headers
        size = self.cls.sym_size
        if header.sh_entsize != size or header.sh_size % size or not header.sh_size:
            self.damaged("the symbol table has entries of a wrong size")
        if header.sh_link >= len(headers) or headers[header.sh_link].sh_type != SHT_STRTAB:
            self.damaged("the symbol table has no string table")
        names = bytes(obj.sections[header.sh_link].data)
        raw = table_of(obj.sections[symtab].data, SYMBOL32 if self.cls is _ELF32 else SYMBOL64)
        extended = next(
            (
                self.content(i, h)
                for i, h in enumerate(headers)
                if h.sh_type == SHT_SYMTAB_SHNDX and h.sh_link == symtab
            ),
            self.data[:0],
        )
        indexed = np.flatnonzero(raw["st_shndx"] == SHN_XINDEX)
        if len(indexed) and len(extended) < 4 * int(indexed[-1]) + 4:
            self.damaged(f"symbol {indexed[-1]} has no section index")
        section = section_indices(raw["st_shndx"], extended)
        outside = np.flatnonzero(section >= len(headers))
        if len(outside):
            self.damaged(f"symbol {outside[0]} is in section {section[outside[0]]}, of {len(headers)}")
        self.check_names(raw["st_name"].astype(np.int64), names)
        local_undefined = (raw["st_info"] >> 4 == STB_LOCAL) & (section == SHN_UNDEF) & (raw["st_name"] != 0)
        local_undefined[0] = False
        table = SymbolTable(raw, section, names, [s.name for s in obj.sections])
        for index in np.flatnonzero(local_undefined).tolist():
            if table.name(index):
                self.damaged(f"local symbol `{table.name(index)}` is undefined")
        return table

    def check_names(self, offsets: Ints, names: bytes) -> None:
        """Check that all names end inside the string table, and that their sizes together are in measure."""
        import numpy as np

        outside = np.flatnonzero(offsets >= max(1, names.rfind(b"\0") + 1))
        if len(outside):
            self.damaged(f"the name of symbol {outside[0]} lies outside its string table")
        if not names:
            return
        ends = np.flatnonzero(np.frombuffer(names, np.uint8) == 0)
        self.name_budget -= int((ends[np.searchsorted(ends, offsets)] - offsets).sum())
        if self.name_budget < 0:
            self.damaged("its names overlap without measure")

    def relocations(self, obj: ObjectFile, symtabs: list[int]) -> None:
        """Give all sections their relocations: parts of one table, which is checked as a whole."""
        targets = [
            (index, self.relocation_target(obj, header, symtabs))
            for index, header in enumerate(self.headers)
            if header.sh_type in (SHT_RELA, SHT_REL)
        ]
        if not any(self.headers[index].sh_size for index, _ in targets):
            return
        import numpy as np

        from exotool.elf.columns import RelocationRows

        rows, counts = self.relocation_rows(obj, targets)
        symbol_count = len(obj.table) if obj.table is not None else 0
        sizes = np.repeat([obj.sections[target].sh_size for _, target in targets], counts)
        wrong = np.flatnonzero((rows["symbol"] >= symbol_count) | (rows["r_offset"] >= sizes))
        if len(wrong):
            row = rows[wrong[0]]
            section = np.searchsorted(np.cumsum(counts), wrong[0], "right")
            name = obj.sections[targets[section][1]].name
            if row["symbol"] >= symbol_count:
                self.damaged(f"a relocation of `{name}` names symbol {row['symbol']}, of {symbol_count}")
            self.damaged(f"a relocation of `{name}` at {int(row['r_offset']):#x} lies behind the section's end")
        start = 0
        for (_, target), count in zip(targets, counts, strict=True):
            if count:
                if obj.sections[target].rows is not None:
                    self.damaged(f"there are two tables of relocations for `{obj.sections[target].name}`")
                obj.sections[target].map_relocations(RelocationRows(rows, start, start + count))
            start += count

    def relocation_target(self, obj: ObjectFile, header: _Shdr, symtabs: list[int]) -> int:
        if not 0 < header.sh_info < len(obj.sections):
            self.damaged(f"relocations apply to section {header.sh_info}, of {len(obj.sections)}")
        target = obj.sections[header.sh_info]
        if header.sh_type == SHT_REL and self.cls is _ELF64:
            self.fail("O0102", f"`{self.path}` has REL relocations, which x86-64 objects do not use")
        if header.sh_type == SHT_RELA and self.cls is _ELF32:
            self.fail("O0102", f"`{self.path}` has RELA relocations, which i386 objects do not use")
        size = self.cls.rela_size if header.sh_type == SHT_RELA else self.cls.rel_size
        if header.sh_entsize != size or header.sh_size % size:
            self.damaged(f"the relocations of `{target.name}` have entries of a wrong size")
        if [header.sh_link] != symtabs:
            self.damaged(f"the relocations of `{target.name}` do not name the symbol table")
        if target.is_nobits and header.sh_size:
            self.damaged(f"there are relocations in `{target.name}`, which has no bytes")
        return header.sh_info

    def relocation_rows(self, obj: ObjectFile, targets: list[tuple[int, int]]) -> tuple[Rows, list[int]]:
        """Return the tables of all sections as one, and how many rows of it are whose."""
        from exotool.elf.columns import RELOCATION, rel_rows, table_of

        parts = [obj.sections[index].data for index, _ in targets]
        if self.cls is _ELF64:
            counts = [len(part) // self.cls.rela_size for part in parts]
            return table_of(self.joined([self.headers[index] for index, _ in targets], parts), RELOCATION), counts
        counts = [len(part) // self.cls.rel_size for part in parts]
        return rel_rows(parts, [obj.sections[target].data for _, target in targets]), counts

    def joined(self, headers: list[_Shdr], parts: list[bytes | bytearray | memoryview]) -> bytes | memoryview:
        """Return sections one behind the other: as they stand in the file, where they already stand so."""
        if all(a.sh_offset + a.sh_size == b.sh_offset for a, b in pairwise(headers)):
            return self.data[headers[0].sh_offset : headers[-1].sh_offset + headers[-1].sh_size]
        return b"".join(parts)

    def group(self, obj: ObjectFile, index: int, header: _Shdr) -> Group:
        content = obj.sections[index].data
        table = obj.table
        if len(content) < 4 or len(content) % 4 or table is None or header.sh_info >= len(table):
            self.damaged(f"section group {index} is malformed")
        flags, *members = struct.unpack(f"<{len(content) // 4}I", content)
        if any(not 0 < member < len(obj.sections) for member in members):
            self.damaged(f"section group {index} names a section that does not exist")
        return Group(table.name(header.sh_info), bool(flags & GRP_COMDAT), tuple(members))
