"""Bytes of a relocatable, ELF64 for x86_64 or ELF32 for i386 -> `ObjectFile`.

Nothing in the file is believed: every offset, size, index and name is checked against the file's length before it is
used, so that any bytes end in an object or in one `ToolError` O01xx, in time and memory linear in the file's size.
Symbols and relocations stay in the file's bytes, as columns.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from exotool.diagnostics import Diagnostic, Place, ToolError
from exotool.elf.compression import DamagedError, UnknownError, expand
from exotool.elf.constants import (
    ELFCLASS32,
    ELFCLASS64,
    ELFCOMPRESS_ZSTD,
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
    from exotool.elf.columns import Ints, Rows, SectionTable, SymbolTable


class _Class(NamedTuple):
    """Structures of one ELF class."""

    ehdr: struct.Struct
    shdr_size: int
    chdr: struct.Struct
    sym_size: int
    rel_size: int
    rela_size: int


EHDR64: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_ELF64: Final = _Class(EHDR64, 64, struct.Struct("<IIQQ"), 24, 16, 24)
_ELF32: Final = _Class(struct.Struct("<16sHHIIIIIHHHHHH"), 40, struct.Struct("<III"), 16, 8, 12)

NAME_BUDGET_FACTOR: Final = 16
"""All names of a file together may be this many times its size: tails of strings are shared, but hostile tables in
which every name is the tail of one huge string would fill the memory."""

OVERLAP_FACTOR: Final = 4
"""All sections of a file together may have so many times its bytes. No tool lets them overlap; thousands that are all
the same bytes would fill memory and image."""

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
        self.table = self.sections()
        obj = ObjectFile(self.path, e_machine)
        obj.map_sections(self.table)
        symtabs = self.of_type(SHT_SYMTAB)
        if len(symtabs) > 1:
            self.damaged("there are two symbol tables")
        if symtabs:
            obj.map_symbols(self.symbols(symtabs[0]))
        self.relocations(obj.table, symtabs)
        obj.groups += [self.group(obj.table, index) for index in self.of_type(SHT_GROUP)]
        return obj

    def of_type(self, *sh_types: int) -> list[int]:
        """Return the indices of the sections of some types."""
        import numpy as np

        chosen = np.zeros(len(self.table), np.bool_)
        for sh_type in sh_types:
            chosen |= self.table.raw["sh_type"] == sh_type
        found: list[int] = np.flatnonzero(chosen).tolist()
        return found

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

    def section_headers(self) -> tuple[Rows, int]:
        """Return the table of section headers, and the index of the section that has their names."""
        from exotool.elf.columns import SECTION32, SECTION64, table_of

        ehdr, size = self.cls.ehdr, self.cls.shdr_size
        (_, _, _, e_version, _, _, shoff, _, _, _, _, shentsize, shnum, shstrndx) = ehdr.unpack_from(self.data)
        if e_version != EV_CURRENT:
            self.damaged(f"ELF version {e_version}")
        if not shoff:
            self.damaged("it has no sections")
        if shentsize != size:
            self.damaged(f"section headers are {shentsize} bytes, not {size}")
        dtype = SECTION32 if self.cls is _ELF32 else SECTION64
        if shoff + size > len(self.data):
            self.damaged("the section headers lie behind its end")
        first = table_of(self.data[shoff : shoff + size], dtype)[0]
        shnum = shnum or int(first["sh_size"])
        shstrndx = int(first["sh_link"]) if shstrndx == SHN_XINDEX else shstrndx
        if not shnum or shoff + shnum * size > len(self.data):
            self.damaged("the section headers lie behind its end")
        headers = table_of(self.data[shoff : shoff + shnum * size], dtype)
        if shstrndx >= shnum or headers["sh_type"][shstrndx] != SHT_STRTAB:
            self.damaged("the table of section names is missing")
        return (headers if dtype is SECTION64 else headers.astype(SECTION64)), shstrndx

    def sections(self) -> SectionTable:
        import numpy as np

        from exotool.elf.columns import SectionTable, StringPart

        raw, names = self.section_headers()
        has_bytes = (raw["sh_type"] != SHT_NULL) & (raw["sh_type"] != SHT_NOBITS)
        length = len(self.data)
        outside = has_bytes & (
            (raw["sh_size"] > length) | (raw["sh_offset"] > length - np.minimum(raw["sh_size"], length))
        )
        if outside.any():
            self.damaged(f"section {np.flatnonzero(outside)[0]} lies behind its end")
        if int(raw["sh_size"][has_bytes].sum()) > OVERLAP_FACTOR * length:
            self.damaged("its sections overlap without measure")
        table = SectionTable(raw, StringPart.of(b""), self.data, {})
        strings = bytes(table.content(names))
        self.check_names(raw["sh_name"].astype(np.int64), strings, "section")
        table = SectionTable(raw, StringPart.of(strings), self.data, {})
        compressed = np.flatnonzero(raw["sh_flags"] & SHF_COMPRESSED).tolist()
        if compressed:
            table.raw = raw = raw.copy()
        for index in compressed:
            section = self.expanded(table.section(index))
            raw["sh_size"][index], raw["sh_addralign"][index] = section.sh_size, section.sh_addralign
            raw["sh_flags"][index] = section.sh_flags
            table.made[index] = section
        odd = np.flatnonzero(raw["sh_addralign"] & (np.maximum(raw["sh_addralign"], 1) - np.uint64(1)))
        if len(odd):
            align = int(raw["sh_addralign"][odd[0]])
            self.damaged(f"section `{table.name(int(odd[0]))}` has alignment {align}, not a power of two")
        return table

    def expanded(self, section: Section) -> Section:
        """Return what a compressed section stands for (gABI chapter 4, "Section Compression")."""
        what, chdr = f"compressed section `{section.name}`", self.cls.chdr
        if section.sh_flags & SHF_ALLOC or section.is_nobits or len(section.data) < chdr.size:
            self.damaged(f"{what} is malformed")
        ch_type, *_, ch_size, ch_addralign = chdr.unpack_from(section.data)
        self.expansion_budget -= ch_size
        if self.expansion_budget < 0:
            self.damaged(f"{what} expands without measure")
        try:
            data = expand(ch_type, memoryview(section.data)[chdr.size :], ch_size)
        except UnknownError as cure:
            kind = "with Zstandard" if ch_type == ELFCOMPRESS_ZSTD else f"in an unknown way ({ch_type})"
            self.fail("O0102", f"{what} of `{self.path}` is compressed {kind}", str(cure))
        except DamagedError:
            self.damaged(f"{what} does not expand to {ch_size} bytes")
        section.data, section.sh_size, section.sh_addralign = data, ch_size, max(1, ch_addralign)
        section.sh_flags &= ~SHF_COMPRESSED
        return section

    def symbols(self, symtab: int) -> SymbolTable:
        import numpy as np

        from exotool.elf.columns import SYMBOL32, SYMBOL64, StringPart, SymbolTable, section_indices, table_of

        headers, size = self.table.raw, self.cls.sym_size
        header = headers[symtab]
        if header["sh_entsize"] != size or header["sh_size"] % size or not header["sh_size"]:
            self.damaged("the symbol table has entries of a wrong size")
        strtab = int(header["sh_link"])
        if strtab >= len(headers) or headers["sh_type"][strtab] != SHT_STRTAB:
            self.damaged("the symbol table has no string table")
        names = bytes(self.table.content(strtab))
        raw = table_of(self.table.content(symtab), SYMBOL32 if self.cls is _ELF32 else SYMBOL64)
        extended = next(
            (self.table.content(i) for i in self.of_type(SHT_SYMTAB_SHNDX) if headers["sh_link"][i] == symtab), b""
        )
        indexed = np.flatnonzero(raw["st_shndx"] == SHN_XINDEX)
        if len(indexed) and len(extended) < 4 * int(indexed[-1]) + 4:
            self.damaged(f"symbol {indexed[-1]} has no section index")
        section = section_indices(raw["st_shndx"], extended)
        outside = np.flatnonzero(section >= len(headers))
        if len(outside):
            self.damaged(f"symbol {outside[0]} is in section {section[outside[0]]}, of {len(headers)}")
        self.check_names(raw["st_name"].astype(np.int64), names, "symbol")
        local_undefined = (raw["st_info"] >> 4 == STB_LOCAL) & (section == SHN_UNDEF) & (raw["st_name"] != 0)
        local_undefined[0] = False
        table = SymbolTable(raw, section, StringPart.of(names), self.table)
        for index in np.flatnonzero(local_undefined).tolist():
            if table.name(index):
                self.damaged(f"local symbol `{table.name(index)}` is undefined")
        return table

    def check_names(self, offsets: Ints, strings: bytes, of: str) -> None:
        """Check that all names end inside the string table, and that their sizes together are in measure."""
        import numpy as np

        outside = np.flatnonzero(offsets >= (strings.rfind(b"\0") + 1 if strings else 1))
        if len(outside):
            self.damaged(f"the name of {of} {outside[0]} lies outside its string table")
        if not strings:
            return
        ends = np.flatnonzero(np.frombuffer(strings, np.uint8) == 0)
        self.name_budget -= int((ends[np.searchsorted(ends, offsets)] - offsets).sum())
        if self.name_budget < 0:
            self.damaged("its names overlap without measure")

    def relocations(self, symbols: SymbolTable | None, symtabs: list[int]) -> None:
        """Give all sections their relocations: parts of one table, which is checked as a whole."""
        import numpy as np

        table = self.table
        tables = np.array(self.of_type(SHT_RELA, SHT_REL), np.int64)
        self.check_tables(tables, symtabs)
        size = self.cls.rela_size if self.cls is _ELF64 else self.cls.rel_size
        count = table.raw["sh_size"][tables].astype(np.int64) // size
        tables, count = tables[count > 0], count[count > 0]
        if not len(tables):
            return
        rows = self.relocation_rows(tables)
        target = table.raw["sh_info"][tables].astype(np.int64)
        symbol_count = len(symbols) if symbols is not None else 0
        wrong = np.flatnonzero(
            (rows["symbol"] >= symbol_count) | (rows["r_offset"] >= np.repeat(table.raw["sh_size"][target], count))
        )
        if len(wrong):
            row = rows[wrong[0]]
            name = table.name(int(target[np.searchsorted(np.cumsum(count), wrong[0], "right")]))
            if row["symbol"] >= symbol_count:
                self.damaged(f"a relocation of `{name}` names symbol {row['symbol']}, of {symbol_count}")
            self.damaged(f"a relocation of `{name}` at {int(row['r_offset']):#x} lies behind the section's end")
        twice = np.flatnonzero(np.bincount(target) > 1)
        if len(twice):
            self.damaged(f"there are two tables of relocations for `{table.name(int(twice[0]))}`")
        table.relocations = rows
        table.first[target], table.count[target] = np.cumsum(count) - count, count

    def check_tables(self, tables: Ints, symtabs: list[int]) -> None:
        """Check the headers of the tables of relocations; report the first that is wrong."""
        import numpy as np

        raw = self.table.raw
        header = raw[tables]
        info, sh_type, sh_size = header["sh_info"].astype(np.int64), header["sh_type"], header["sh_size"]
        outside = (info == 0) | (info >= len(raw))
        target = raw[np.where(outside, 0, info)]
        size = np.where(sh_type == SHT_RELA, self.cls.rela_size, self.cls.rel_size).astype(np.uint64)
        uneven = (header["sh_entsize"] != size) | (sh_size % size != 0)
        unlinked = header["sh_link"] != symtabs[0] if symtabs else np.ones(len(tables), np.bool_)
        bare = (target["sh_type"] == SHT_NOBITS) & (sh_size > 0)
        foreign = sh_type == (SHT_REL if self.cls is _ELF64 else SHT_RELA)
        wrong = np.flatnonzero(outside | foreign | uneven | unlinked | bare)
        if not len(wrong):
            return
        at = int(wrong[0])
        if outside[at]:
            self.damaged(f"relocations apply to section {info[at]}, of {len(raw)}")
        if foreign[at]:
            kind, machine = ("REL", "x86-64") if self.cls is _ELF64 else ("RELA", "i386")
            self.fail("O0102", f"`{self.path}` has {kind} relocations, which {machine} objects do not use")
        name = self.table.name(int(info[at]))
        if uneven[at]:
            self.damaged(f"the relocations of `{name}` have entries of a wrong size")
        if unlinked[at]:
            self.damaged(f"the relocations of `{name}` do not name the symbol table")
        self.damaged(f"there are relocations in `{name}`, which has no bytes")

    def relocation_rows(self, tables: Ints) -> Rows:
        """Return the tables as one: as they stand in the file, where they stand there one behind the other."""
        import numpy as np

        from exotool.elf.columns import RELOCATION, rel_rows, table_of

        if self.cls is _ELF32:
            targets = self.table.raw["sh_info"][tables].astype(np.int64)
            return rel_rows(self.table.contents(tables), self.table.contents(targets))
        start = self.table.raw["sh_offset"][tables].astype(np.int64)
        stop = start + self.table.raw["sh_size"][tables].astype(np.int64)
        if (stop[:-1] == start[1:]).all() and not self.table.made:
            return table_of(self.data[start[0] : stop[-1]], RELOCATION)
        return table_of(b"".join(self.table.contents(tables)), RELOCATION)

    def group(self, symbols: SymbolTable | None, index: int) -> Group:
        group = read_group(self.table, symbols, index) if symbols is not None else None
        if group is None:
            self.damaged(f"section group {index} is malformed")
        if not group.is_inside(len(self.table)):
            self.damaged(f"section group {index} names a section that does not exist")
        return group


def read_group(table: SectionTable, symbols: SymbolTable, index: int) -> Group | None:
    """Return the section group that a section is, or None if it is malformed."""
    content = table.content(index)
    signature = int(table.raw["sh_info"][index])
    if len(content) < 4 or len(content) % 4 or signature >= len(symbols):
        return None
    flags, *members = struct.unpack(f"<{len(content) // 4}I", content)
    return Group(symbols.name(signature), bool(flags & GRP_COMDAT), tuple(members))
