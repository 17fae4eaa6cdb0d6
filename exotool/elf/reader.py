"""Bytes of an ELF64 relocatable -> `ObjectFile`.

Nothing in the file is believed: every offset, size, index and name is checked against the file's length before it is
used, so that any bytes end in an object or in one `ToolError` O01xx, in time and memory linear in the file's size.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final, NamedTuple, NoReturn

from exotool.diagnostics import Diagnostic, Place, ToolError
from exotool.elf.constants import (
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
    STT_SECTION,
)
from exotool.elf.objects import Group, ObjectFile, Relocation, Section, Symbol

_EHDR: Final = struct.Struct("<16sHHIQQQIHHHHHH")
_SHDR: Final = struct.Struct("<IIQQQQIIQQ")
_SYM: Final = struct.Struct("<IBBHQQ")
_RELA: Final = struct.Struct("<QQq")
_CHDR: Final = struct.Struct("<IIQQ")

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


def read_object(data: bytes, path: str) -> ObjectFile:
    """Return the relocatable object in `data`; `path` names it in errors.

    Raises `ToolError`: O0101 not ELF, O0102 wrong class, machine, byte order or kind, O0103 damaged.
    """
    return _Reader(data, path).read()


class _Reader:
    def __init__(self, data: bytes, path: str) -> None:
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
        headers = self.section_headers()
        self.contents = [self.content(index, header) for index, header in enumerate(headers)]
        names = bytes(self.contents[self.shstrndx])
        obj = ObjectFile(self.path, e_machine)
        obj.sections = [
            Section(
                self.string(names, h.sh_name, f"the name of section {index}"),
                h.sh_type,
                h.sh_flags,
                max(1, h.sh_addralign),
                b"" if h.sh_type == SHT_NOBITS else self.contents[index],
                h.sh_size,
                h.sh_entsize,
                h.sh_link,
            )
            for index, h in enumerate(headers)
        ]
        for section in obj.sections:
            if section.sh_flags & SHF_COMPRESSED:
                self.expand(section)
            if section.sh_addralign & (section.sh_addralign - 1):
                self.damaged(f"section `{section.name}` has alignment {section.sh_addralign}, not a power of two")
        symtabs = [index for index, h in enumerate(headers) if h.sh_type == SHT_SYMTAB]
        if len(symtabs) > 1:
            self.damaged("there are two symbol tables")
        if symtabs:
            obj.symbols = self.symbols(obj, headers, symtabs[0])
        for index, header in enumerate(headers):
            if header.sh_type == SHT_RELA:
                self.relocations(obj, header, symtabs)
            elif header.sh_type == SHT_REL:
                self.fail("O0102", f"`{self.path}` has REL relocations, which x86-64 objects do not use")
            elif header.sh_type == SHT_GROUP:
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
            self.fail("O0102", f"`{self.path}` is not little-endian, as x86_64 objects are")
        if e_machine != EM_X86_64:
            help_ = "assemble it with `.code32` for x86_64, so that it can stand in a 64-bit image"
            self.fail("O0102", f"`{self.path}` is for {machine}, not for x86_64", *([help_] * (e_machine == EM_386)))
        if data[4] != ELFCLASS64:
            self.fail("O0102", f"`{self.path}` is ELF32 (x32), not ELF64", "compile it with -m64")
        if e_type != ET_REL:
            kind = ET_NAMES.get(e_type, f"type {e_type}")
            self.fail("O0102", f"`{self.path}` is an ELF {kind}, not a relocatable object", "compile it with -c")
        if len(data) < _EHDR.size:
            self.damaged("it ends inside the ELF header")
        return int(e_machine)

    def section_headers(self) -> list[_Shdr]:
        (_, _, _, e_version, _, _, shoff, _, _, _, _, shentsize, shnum, shstrndx) = _EHDR.unpack_from(self.data)
        if e_version != EV_CURRENT:
            self.damaged(f"ELF version {e_version}")
        if not shoff:
            self.damaged("it has no sections")
        if shentsize != _SHDR.size:
            self.damaged(f"section headers are {shentsize} bytes, not {_SHDR.size}")
        if shoff + _SHDR.size > len(self.data):
            self.damaged("the section headers lie behind its end")
        first = _Shdr._make(_SHDR.unpack_from(self.data, shoff))
        shnum = shnum or first.sh_size
        self.shstrndx = first.sh_link if shstrndx == SHN_XINDEX else shstrndx
        if not shnum or shoff + shnum * _SHDR.size > len(self.data):
            self.damaged("the section headers lie behind its end")
        table = self.data[shoff : shoff + shnum * _SHDR.size]
        headers = [_Shdr._make(fields) for fields in _SHDR.iter_unpack(table)]
        if self.shstrndx >= shnum or headers[self.shstrndx].sh_type != SHT_STRTAB:
            self.damaged("the table of section names is missing")
        return headers

    def content(self, index: int, header: _Shdr) -> memoryview:
        if header.sh_type in (SHT_NULL, SHT_NOBITS):
            return self.data[:0]
        if header.sh_offset + header.sh_size > len(self.data):
            self.damaged(f"section {index} lies behind its end")
        return self.data[header.sh_offset : header.sh_offset + header.sh_size]

    def expand(self, section: Section) -> None:
        """Replace a compressed section by what it stands for (gABI chapter 4, "Section Compression")."""
        what = f"compressed section `{section.name}`"
        if section.sh_flags & SHF_ALLOC or section.is_nobits or len(section.data) < _CHDR.size:
            self.damaged(f"{what} is malformed")
        ch_type, _, ch_size, ch_addralign = _CHDR.unpack_from(section.data)
        if ch_type != ELFCOMPRESS_ZLIB:
            self.fail("O0102", f"{what} of `{self.path}` is not compressed with zlib", "compile it with -gz=none")
        self.expansion_budget -= ch_size
        if self.expansion_budget < 0:
            self.damaged(f"{what} expands without measure")
        try:
            stream = zlib.decompressobj()
            data = stream.decompress(memoryview(section.data)[_CHDR.size :], ch_size + 1)
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

    def symbols(self, obj: ObjectFile, headers: list[_Shdr], symtab: int) -> list[Symbol]:
        header = headers[symtab]
        if header.sh_entsize != _SYM.size or header.sh_size % _SYM.size or not header.sh_size:
            self.damaged("the symbol table has entries of a wrong size")
        if header.sh_link >= len(headers) or headers[header.sh_link].sh_type != SHT_STRTAB:
            self.damaged("the symbol table has no string table")
        names = bytes(self.contents[header.sh_link])
        extended = next(
            (self.contents[i] for i, h in enumerate(headers) if h.sh_type == SHT_SYMTAB_SHNDX and h.sh_link == symtab),
            self.data[:0],
        )
        symbols = []
        for index, (name, info, other, shndx, value, size) in enumerate(_SYM.iter_unpack(self.contents[symtab])):
            section = shndx
            if shndx == SHN_XINDEX:
                if len(extended) < 4 * index + 4:
                    self.damaged(f"symbol {index} has no section index")
                section = int.from_bytes(extended[4 * index : 4 * index + 4], "little")
            elif shndx >= SHN_LORESERVE:
                section = shndx - 0x10000
            if section >= len(headers):
                self.damaged(f"symbol {index} is in section {section}, of {len(headers)}")
            symbol = Symbol(
                self.string(names, name, f"the name of symbol {index}"),
                value,
                size,
                info >> 4,
                info & 15,
                other & 3,
                section,
            )
            if symbol.type == STT_SECTION and not symbol.name and 0 < section < len(headers):
                symbol.name = obj.sections[section].name
            if symbol.bind == STB_LOCAL and section == SHN_UNDEF and index and symbol.name:
                self.damaged(f"local symbol `{symbol.name}` is undefined")
            symbols.append(symbol)
        return symbols

    def relocations(self, obj: ObjectFile, header: _Shdr, symtabs: list[int]) -> None:
        if not 0 < header.sh_info < len(obj.sections):
            self.damaged(f"relocations apply to section {header.sh_info}, of {len(obj.sections)}")
        target = obj.sections[header.sh_info]
        if header.sh_entsize != _RELA.size or header.sh_size % _RELA.size:
            self.damaged(f"the relocations of `{target.name}` have entries of a wrong size")
        if [header.sh_link] != symtabs:
            self.damaged(f"the relocations of `{target.name}` do not name the symbol table")
        if target.is_nobits and header.sh_size:
            self.damaged(f"there are relocations in `{target.name}`, which has no bytes")
        for offset, info, addend in _RELA.iter_unpack(self.contents_of(header)):
            if info >> 32 >= len(obj.symbols):
                self.damaged(f"a relocation of `{target.name}` names symbol {info >> 32}, of {len(obj.symbols)}")
            if offset >= target.sh_size:
                self.damaged(f"a relocation of `{target.name}` at {offset:#x} lies behind the section's end")
            target.relocations.append(Relocation(offset, info & 0xFFFFFFFF, info >> 32, addend))

    def contents_of(self, header: _Shdr) -> memoryview:
        return self.data[header.sh_offset : header.sh_offset + header.sh_size]

    def group(self, obj: ObjectFile, index: int, header: _Shdr) -> Group:
        content = self.contents[index]
        if len(content) < 4 or len(content) % 4 or header.sh_info >= len(obj.symbols):
            self.damaged(f"section group {index} is malformed")
        flags, *members = struct.unpack(f"<{len(content) // 4}I", content)
        if any(not 0 < member < len(obj.sections) for member in members):
            self.damaged(f"section group {index} names a section that does not exist")
        return Group(obj.symbols[header.sh_info].name, bool(flags & GRP_COMDAT), tuple(members))
