"""`ObjectFile` -> bytes of an ELF64 (x86_64) or ELF32 (i386) relocatable.

The file is: header, contents of the sections in order, relocations, symbol table, string tables, section headers.
Local symbols stand before global ones, as gABI chapter 4 "Symbol Table" asks; symbols keep their order otherwise.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final, NamedTuple

from exotool.elf.constants import (
    ELFCLASS32,
    ELFCLASS64,
    ELFDATA2LSB,
    ELFOSABI_GNU,
    EM_386,
    ET_REL,
    EV_CURRENT,
    GRP_COMDAT,
    SHF_GROUP,
    SHF_INFO_LINK,
    SHN_LORESERVE,
    SHN_XINDEX,
    SHT_GROUP,
    SHT_NULL,
    SHT_REL,
    SHT_RELA,
    SHT_STRTAB,
    SHT_SYMTAB,
    SHT_SYMTAB_SHNDX,
    STB_GNU_UNIQUE,
    STB_LOCAL,
    STT_GNU_IFUNC,
    I386Reloc,
)
from exotool.elf.objects import Group, ObjectFile, Section, Symbol

_FILE_ALIGN: Final = 1 << 16
"""Contents are aligned in the file too, but not beyond this: nobody maps relocatable files, and zeros cost room."""

_REL_WIDTH: Final[dict[int, int]] = {
    I386Reloc.R_386_8: 1,
    I386Reloc.R_386_PC8: 1,
    I386Reloc.R_386_16: 2,
    I386Reloc.R_386_PC16: 2,
}
"""Bytes of the field that holds the addend of a REL relocation; 4 for all other types."""


class StringTable:
    """The bytes of an SHT_STRTAB; every string is stored once."""

    def __init__(self) -> None:
        self._offsets = {"": 0}
        self._parts = [b""]
        self._size = 1

    def add(self, text: str) -> int:
        """Return the offset of `text`, adding it when it is new."""
        offset = self._offsets.get(text)
        if offset is None:
            offset = self._offsets[text] = self._size
            self._parts.append(text.encode())
            self._size += len(self._parts[-1]) + 1
        return offset

    def add_all(self, texts: Sequence[str]) -> list[int]:
        """Return the offsets of many texts, adding those that are new."""
        new = [text for text in dict.fromkeys(texts) if text not in self._offsets]
        parts = [text.encode() for text in new]
        sizes = accumulate((len(part) + 1 for part in parts), initial=self._size)
        self._offsets.update(zip(new, sizes, strict=False))
        self._parts += parts
        self._size += sum(map(len, parts)) + len(parts)
        return list(map(self._offsets.__getitem__, texts))

    @property
    def data(self) -> bytes:
        """The table's bytes."""
        return b"\0".join(self._parts) + b"\0"


class _Class(NamedTuple):
    """Structures of one ELF class."""

    ei_class: int
    ehdr: struct.Struct
    shdr: struct.Struct
    sym: struct.Struct
    rel: struct.Struct
    rel_type: int
    align: int


_ELF64: Final = _Class(
    ELFCLASS64,
    struct.Struct("<16sHHIQQQIHHHHHH"),
    struct.Struct("<IIQQQQIIQQ"),
    struct.Struct("<IBBHQQ"),
    struct.Struct("<QQq"),
    SHT_RELA,
    8,
)
_ELF32: Final = _Class(
    ELFCLASS32,
    struct.Struct("<16sHHIIIIIHHHHHH"),
    struct.Struct("<IIIIIIIIII"),
    struct.Struct("<IIIBBH"),
    struct.Struct("<II"),
    SHT_REL,
    4,
)


def write_object(obj: ObjectFile) -> bytes:
    """Return the bytes of an ET_REL file: ELF64 with RELA, or for EM_386 ELF32 with REL relocations."""
    return _Writer(obj, _ELF32 if obj.e_machine == EM_386 else _ELF64).write()


def _with_groups(obj: ObjectFile) -> ObjectFile:
    """Return the object with empty sections for its groups, which must stand before their members.

    A signature that is no symbol becomes a local one, in the section of the group.
    """
    shift = len(obj.groups)
    if not shift:
        return obj

    def moved(index: int) -> int:
        return index + shift if 0 < index < len(obj.sections) else index

    sections = [_relinked(section, moved(section.link)) for section in obj.sections]
    symbols = [
        Symbol(s.name, s.st_value, s.st_size, s.bind, s.type, s.visibility, moved(s.section)) for s in obj.symbols
    ]
    known = {symbol.name for symbol in symbols}
    for index, group in enumerate(obj.groups, 1):
        if group.signature not in known:
            symbols.append(Symbol(group.signature, section=index))
    groups = [replace(group, members=tuple(map(moved, group.members))) for group in obj.groups]
    return ObjectFile(
        obj.path, obj.e_machine, [sections[0], *(Section(".group") for _ in groups), *sections[1:]], symbols, groups
    )


def _relinked(section: Section, link: int) -> Section:
    """Return a section with another sh_link; what is in it stays shared."""
    s = section
    made = Section(s.name, s.sh_type, s.sh_flags, s.sh_addralign, s.data, s.sh_size, s.sh_entsize, link)
    if s.mapped_relocations is not None:
        made.map_relocations(s.mapped_relocations)
    else:
        made.relocations = s.relocations
    return made


class _Writer:
    def __init__(self, obj: ObjectFile, layout: _Class) -> None:
        self.obj = obj
        self.cls = layout
        self.sections: list[Section] = []
        self.infos: dict[int, int] = {}
        """`sh_info` of the tables, by section index."""

    def write(self) -> bytes:
        cls = self.cls
        obj = self.obj = _with_groups(self.obj)
        self.sections = list(obj.sections)
        order = self.symbol_order()
        number = [0] * len(order)
        for new, old in enumerate(order):
            number[old] = new
        relocated = [index for index, section in enumerate(obj.sections) if section.has_relocations]
        symtab = len(obj.sections) + len(relocated)
        for index in relocated:
            self.relocation_table(index, number, symtab)
        self.symbol_tables(order, symtab)
        table_of = {target: table for table, target in self.infos.items() if table != symtab}
        number_of = {symbol.name: number[index] for index, symbol in enumerate(obj.symbols)} if obj.groups else {}
        for index, group in enumerate(obj.groups, 1):
            tables = [table_of[member] for member in group.members if member in table_of]
            self.group(index, group, number_of[group.signature], tables, symtab)
        names = StringTable()
        shstrtab = Section(".shstrtab", SHT_STRTAB)
        self.sections.append(shstrtab)
        name_offsets = [names.add(section.name) for section in self.sections]
        shstrtab.data = names.data

        body = bytearray(cls.ehdr.size)
        headers = bytearray()
        for index, section in enumerate(self.sections):
            size = section.sh_size if section.is_nobits else len(section.data)
            if section.sh_type != SHT_NULL:
                body += bytes(-len(body) % min(section.sh_addralign, _FILE_ALIGN))
            offset = len(body) if section.sh_type != SHT_NULL else 0
            body += section.data
            headers += cls.shdr.pack(
                name_offsets[index],
                section.sh_type,
                section.sh_flags,
                0,
                offset,
                size,
                section.link,
                self.infos.get(index, 0),
                section.sh_addralign if section.sh_type != SHT_NULL else 0,
                section.sh_entsize,
            )
        count = len(self.sections)
        extended = count >= SHN_LORESERVE
        if extended:
            null = [0] * 10
            null[5], null[6] = count, count - 1
            headers[: cls.shdr.size] = cls.shdr.pack(*null)
        body += bytes(-len(body) % cls.align)
        gnu = any(s.bind == STB_GNU_UNIQUE or s.type == STT_GNU_IFUNC for s in obj.symbols)
        osabi = ELFOSABI_GNU if gnu else 0
        ident = bytes([0x7F, *b"ELF", cls.ei_class, ELFDATA2LSB, EV_CURRENT, osabi])
        cls.ehdr.pack_into(
            body,
            0,
            ident,
            ET_REL,
            obj.e_machine,
            EV_CURRENT,
            0,
            0,
            len(body),
            0,
            cls.ehdr.size,
            0,
            0,
            cls.shdr.size,
            0 if extended else count,
            SHN_XINDEX if extended else count - 1,
        )
        body += headers
        return bytes(body)

    def symbol_order(self) -> list[int]:
        """Return the indices of the symbols with the local ones first."""
        indices = range(len(self.obj.symbols))
        return sorted(indices, key=lambda index: self.obj.symbols[index].bind != STB_LOCAL)

    def relocation_table(self, index: int, number: Sequence[int], symtab: int) -> None:
        cls, section = self.cls, self.obj.sections[index]
        table = bytearray()
        if cls is _ELF64 and section.mapped_relocations is not None:
            table += section.mapped_relocations.renumbered(number)
        elif cls is _ELF64:
            for r in section.relocations:
                table += cls.rel.pack(r.r_offset, number[r.symbol] << 32 | r.r_type, r.r_addend)
        else:
            content = bytearray(section.data)
            for r in section.relocations:
                width = _REL_WIDTH.get(r.r_type, 4)
                addend = (r.r_addend & ((1 << 8 * width) - 1)).to_bytes(width, "little")
                content[r.r_offset : r.r_offset + width] = addend
                table += cls.rel.pack(r.r_offset, number[r.symbol] << 8 | r.r_type)
            self.sections[index] = Section(
                section.name,
                section.sh_type,
                section.sh_flags,
                section.sh_addralign,
                content,
                len(content),
                section.sh_entsize,
                section.link,
            )
        prefix = ".rela" if cls is _ELF64 else ".rel"
        self.infos[len(self.sections)] = index
        self.sections.append(
            Section(
                prefix + section.name,
                cls.rel_type,
                SHF_INFO_LINK,
                cls.align,
                table,
                sh_entsize=cls.rel.size,
                link=symtab,
            )
        )

    def group(self, index: int, group: Group, signature: int, tables: list[int], symtab: int) -> None:
        """Fill an SHT_GROUP section: the members and their relocations (gABI chapter 4, "Section Groups")."""
        members = [GRP_COMDAT if group.is_comdat else 0, *group.members, *tables]
        self.sections[index] = Section(
            ".group", SHT_GROUP, 0, 4, struct.pack(f"<{len(members)}I", *members), sh_entsize=4, link=symtab
        )
        self.infos[index] = signature
        for table in tables:
            self.sections[table].sh_flags |= SHF_GROUP

    def symbol_tables(self, order: list[int], symtab: int) -> None:
        cls, names = self.cls, StringTable()
        table, extended = bytearray(), bytearray()
        for index in order:
            s = self.obj.symbols[index]
            large = s.section >= SHN_LORESERVE
            shndx = SHN_XINDEX if large else s.section & 0xFFFF
            extended += struct.pack("<I", s.section if large else 0)
            name, info = names.add(s.name), s.bind << 4 | s.type
            if cls is _ELF64:
                table += cls.sym.pack(name, info, s.visibility, shndx, s.st_value & (1 << 64) - 1, s.st_size)
            else:
                table += cls.sym.pack(name, s.st_value & 0xFFFFFFFF, s.st_size, info, s.visibility, shndx)
        self.infos[symtab] = sum(self.obj.symbols[index].bind == STB_LOCAL for index in order)
        self.sections.append(
            Section(".symtab", SHT_SYMTAB, 0, cls.align, table, sh_entsize=cls.sym.size, link=symtab + 1)
        )
        self.sections.append(Section(".strtab", SHT_STRTAB, data=names.data))
        if any(extended):
            self.sections.append(Section(".symtab_shndx", SHT_SYMTAB_SHNDX, 0, 4, extended, sh_entsize=4, link=symtab))
