"""Relocatable object files as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from exotool.elf.constants import (
    EM_X86_64,
    SHF_ALLOC,
    SHN_COMMON,
    SHN_UNDEF,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_GLOBAL,
    STB_LOCAL,
    STT_NOTYPE,
    STV_DEFAULT,
)

if TYPE_CHECKING:
    from exotool.elf.columns import RelocationRows, SectionTable, SymbolTable


class Relocation(NamedTuple):
    """One relocation of a section.

    `symbol` indexes `ObjectFile.symbols`; `r_offset` counts bytes from the section's start. The addend stands here
    for REL machines (i386) too; the writer puts it into the section's bytes.
    """

    r_offset: int
    r_type: int
    symbol: int
    r_addend: int


class ProgramHeader(NamedTuple):
    """One program header, in the order of ELF64 (gABI chapter 5, "Program Header")."""

    p_type: int
    p_flags: int
    p_offset: int
    p_vaddr: int
    p_paddr: int
    p_filesz: int
    p_memsz: int
    p_align: int


@dataclass(slots=True)
class Section:
    """One section of an object file, with the relocations that apply to it.

    `data` is empty for SHT_NOBITS; `sh_size` is its size in memory for every type. `link` is the index of the section
    that SHF_LINK_ORDER names, or 0. In a section that was read from a file the relocations stand in `rows`, and become
    a list when one is asked for: a large link goes through tables and never makes a million objects.
    """

    name: str
    sh_type: int = SHT_PROGBITS
    sh_flags: int = 0
    sh_addralign: int = 1
    data: bytes | bytearray | memoryview = b""
    sh_size: int = 0
    sh_entsize: int = 0
    link: int = 0
    relocations: list[Relocation] = field(default_factory=list)
    rows: RelocationRows | None = field(default=None, repr=False, compare=False)

    def __getattr__(self, name: str) -> Any:
        """Make the list of the relocations from the rows of the file."""
        if name != "relocations" or self.rows is None:
            raise AttributeError(name)
        self.relocations = self.rows.relocations()
        return self.relocations

    def map_relocations(self, rows: RelocationRows) -> None:
        """Let the relocations be those of a file's table."""
        self.rows = rows
        del self.relocations

    @property
    def mapped_relocations(self) -> RelocationRows | None:
        """The rows of the file, or None once there is a list that may have been changed."""
        return None if self.rows is None or _has(self, "relocations") else self.rows

    @property
    def has_relocations(self) -> bool:
        """Tell whether there are relocations, without making objects of them."""
        return self.mapped_relocations is not None or bool(self.relocations)

    @property
    def is_alloc(self) -> bool:
        """Tell whether the section takes memory at run time."""
        return bool(self.sh_flags & SHF_ALLOC)

    @property
    def is_nobits(self) -> bool:
        """Tell whether the section has no bytes in the file."""
        return self.sh_type == SHT_NOBITS


@dataclass(slots=True)
class Symbol:
    """One symbol.

    `section` is an index into `ObjectFile.sections`, or SHN_UNDEF, SHN_ABS or SHN_COMMON. `st_value` is the offset in
    the section, the value (SHN_ABS), or the alignment (SHN_COMMON).
    """

    name: str
    st_value: int = 0
    st_size: int = 0
    bind: int = STB_LOCAL
    type: int = STT_NOTYPE
    visibility: int = STV_DEFAULT
    section: int = SHN_UNDEF

    @property
    def is_defined(self) -> bool:
        """Tell whether this object gives the symbol a place (a common symbol has none yet)."""
        return self.section not in (SHN_UNDEF, SHN_COMMON)

    @property
    def is_global(self) -> bool:
        """Tell whether other objects see the symbol's name (global or weak binding)."""
        return self.bind >= STB_GLOBAL


@dataclass(slots=True)
class Group:
    """A section group (SHT_GROUP): `members` are kept or dropped as one, by the name of `signature`."""

    signature: str
    is_comdat: bool
    members: tuple[int, ...]

    def is_inside(self, count: int) -> bool:
        """Tell whether all members are sections of an object that has so many."""
        return all(0 < member < count for member in self.members)


@dataclass(slots=True)
class ObjectFile:
    """An ELF relocatable.

    `sections[0]` and `symbols[0]` are the reserved null entries, so that indices are those of the file. Tables that
    exist only to describe others (symbol and string tables, relocations, groups) stand in `sections` as entries
    without data when read from a file, and must not be in an object that is to be written. Sections and symbols read
    from a file stand in `headers` and `table`, and become lists when one is asked for: of a large link, few ever are.
    """

    path: str
    e_machine: int = EM_X86_64
    sections: list[Section] = field(default_factory=lambda: [Section("", sh_type=0)])
    symbols: list[Symbol] = field(default_factory=lambda: [Symbol("")])
    groups: list[Group] = field(default_factory=list)
    headers: SectionTable | None = field(default=None, repr=False, compare=False)
    table: SymbolTable | None = field(default=None, repr=False, compare=False)

    def __getattr__(self, name: str) -> Any:
        """Make the list of the sections or symbols from the tables of the file."""
        if name == "symbols" and self.table is not None:
            self.symbols = self.table.symbols()
            return self.symbols
        if name == "sections" and self.headers is not None:
            self.sections = self.headers.sections()
            return self.sections
        raise AttributeError(name)

    def map_sections(self, headers: SectionTable) -> None:
        """Let the sections be those of a file's headers."""
        self.headers = headers
        del self.sections

    def map_symbols(self, table: SymbolTable) -> None:
        """Let the symbols be those of a file's table."""
        self.table = table
        del self.symbols

    @property
    def mapped_sections(self) -> SectionTable | None:
        """The headers of the file, or None once there is a list that may have been changed."""
        return None if self.headers is None or _has(self, "sections") else self.headers

    @property
    def mapped_symbols(self) -> SymbolTable | None:
        """The table of the file, or None once there is a list that may have been changed."""
        return None if self.table is None or _has(self, "symbols") else self.table


def _has(instance: object, name: str) -> bool:
    """Tell whether a slot is filled, without filling it."""
    try:
        object.__getattribute__(instance, name)
    except AttributeError:
        return False
    return True
