"""What the passes hand to each other: input sections, definitions of symbols, and the plan of the image.

A pass fills in what it is there for and leaves the rest alone: `inputs` makes `InputSection`s, `resolve` makes
`Definition`s, `place` gives both their addresses, `relocate` fills `OutputPlan.data`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from exotool.elf import ObjectFile, Symbol
from exotool.elf.constants import EM_X86_64, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS
from exotool.layout import OutputSection, Segment

ADDRESS_MASK: Final = (1 << 64) - 1

LINKER: Final = "the linker"
"""Stands for an object's path where the linker made a section or symbol itself."""


def align_up(value: int, align: int) -> int:
    """Return the first multiple of `align`, a power of two, from `value` on."""
    return (value + align - 1) & -align


Strip = Literal["none", "debug", "all"]
OrphanHandling = Literal["place", "warn", "error", "discard"]


@dataclass(frozen=True, slots=True)
class InputFile:
    """One input of `exotool ld`, with the state of the options that hold where it stands on the command line.

    `kind` is "file" for a path as given, "library" for `-l` (`name` is then the name behind it, looked for in
    `LinkOptions.library_path`), "binary" for the bytes of a file after `-b binary`. Inputs with the same `group`, above
    0, are searched again until nothing new is found (`--start-group`).
    """

    name: str
    kind: Literal["file", "library", "binary"] = "file"
    whole_archive: bool = False
    group: int = 0
    static: bool = True
    as_needed: bool = False


@dataclass(frozen=True, slots=True)
class LinkOptions:
    """What a command line in GNU ld's manner asks of a link, besides where things go (`ld --help` has the words).

    `machine` is e_machine of the image. `undefined` are names that an archive member is looked for and that are kept
    (-u, EXTERN); `defined` are names that a script or --defsym gives a value, so that no archive member is needed for
    them. `build_id` is None for none, "sha1" for a digest of the image, or the bytes themselves as hexadecimal digits.
    """

    machine: int = EM_X86_64
    entry: str | None = None
    library_path: tuple[str, ...] = ()
    undefined: tuple[str, ...] = ()
    require_defined: tuple[str, ...] = ()
    defined: frozenset[str] = frozenset()
    wrap: tuple[str, ...] = ()
    gc_sections: bool = False
    print_gc_sections: bool = False
    gc_keep_exported: bool = False
    relocatable: bool = False
    emit_relocs: bool = False
    pie: bool = False
    relax: bool = True
    merge_strings: bool = True
    optimize_strings: bool = False
    strip: Strip = "none"
    discard_locals: Literal["none", "temporary", "merge", "all"] = "merge"
    build_id: str | None = None
    eh_frame_hdr: bool = False
    define_common: bool = True
    allow_multiple_definition: bool = False
    unresolved: Literal["error", "warn", "ignore"] = "error"
    orphans: OrphanHandling = "place"
    sort_section: Literal["none", "name", "alignment"] = "none"
    executable_stack: bool | None = None
    stack_size: int = 0
    relro: bool = False
    nmagic: bool = False
    omagic: bool = False
    separate_code: bool = True
    max_page_size: int = 0x1000
    common_page_size: int = 0x1000
    warn_rwx: bool = True
    fatal_warnings: bool = False
    trace_symbols: tuple[str, ...] = ()
    why: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class InputSection:
    """A section of an object that goes into the image; the linker's own have `index` -1.

    `output` is None and `offset` meaningless until the section has its place. `number` counts all input sections of the
    link; `keep` says that the layout or script keeps the section even where nothing refers to it (KEEP).
    """

    obj: ObjectFile
    index: int
    name: str
    sh_type: int
    sh_flags: int
    sh_addralign: int
    size: int
    data: bytes | bytearray | memoryview = b""
    sh_entsize: int = 0
    output: OutputPlan | None = None
    offset: int = 0
    number: int = -1
    keep: bool = False

    @property
    def is_alloc(self) -> bool:
        """Tell whether the section takes memory at run time."""
        return bool(self.sh_flags & SHF_ALLOC)

    @property
    def is_nobits(self) -> bool:
        """Tell whether the section has no bytes in the file."""
        return self.sh_type == SHT_NOBITS

    @property
    def address(self) -> int:
        """Where the section's first byte lies; for sections without memory, its offset in the output section."""
        return (self.output.sh_addr if self.output else 0) + self.offset

    def __str__(self) -> str:
        """Return `.text of trap.o`."""
        return f"{self.name} of {self.obj.path}"


@dataclass(slots=True, eq=False)
class Definition:
    """What a symbol name stands for in the image.

    With `section` the value is an offset in it; with `boundary` it is the linker's own and an address, set by `place`;
    `by_script` is an address too, which belongs to the section `home` if there is one; without all these it is
    absolute. `is_weak_undefined` has value 0. `size` is st_size.
    """

    name: str
    value: int = 0
    section: InputSection | None = None
    obj: ObjectFile | None = None
    symbol: Symbol | None = None
    boundary: Boundary | None = None
    by_script: bool = False
    home: OutputPlan | None = None
    is_hidden: bool = False
    is_weak_undefined: bool = False
    is_discarded: bool = False

    @property
    def address(self) -> int:
        """The symbol's value in the image (st_value)."""
        return (self.section.address if self.section else 0) + self.value & ADDRESS_MASK


@dataclass(slots=True, eq=False)
class Boundary:
    """Where a symbol of the layout lies: at the start or the end of an output section, or of a segment."""

    of: OutputPlan | SegmentPlan
    at_end: bool

    def __str__(self) -> str:
        """Return `end of section `.bss``."""
        kind = "section" if isinstance(self.of, OutputPlan) else "segment"
        return f"{'end' if self.at_end else 'start'} of {kind} `{self.of.name}`"


@dataclass(slots=True, eq=False)
class OutputPlan:
    """A section of the image; fields are those of its section header.

    `index` is its number there, 0 if it has none. `background` is what a script puts around the input sections.
    """

    name: str
    spec: OutputSection | None = None
    segment: SegmentPlan | None = None
    inputs: list[InputSection] = field(default_factory=list)
    sh_type: int = 0
    sh_flags: int = 0
    sh_addr: int = 0
    sh_offset: int = 0
    sh_size: int = 0
    sh_addralign: int = 1
    sh_entsize: int = 0
    index: int = 0
    data: bytearray | memoryview = field(default_factory=bytearray)
    background: bytearray | None = None
    relocates: OutputPlan | None = None
    """The section that a kept table of relocations is about (--emit-relocs)."""

    @property
    def is_alloc(self) -> bool:
        """Tell whether the section takes memory at run time."""
        return self.segment is not None or bool(self.sh_flags & SHF_ALLOC)

    @property
    def is_nobits(self) -> bool:
        """Tell whether the section has no bytes in the file."""
        return self.sh_type == SHT_NOBITS

    @property
    def end(self) -> int:
        """The address behind the section."""
        return self.sh_addr + self.sh_size

    @property
    def letters(self) -> str:
        """The flags as readelf prints them."""
        flags = ((SHF_WRITE, "W"), (SHF_ALLOC, "A"), (SHF_EXECINSTR, "X"))
        return "".join(letter for bit, letter in flags if self.sh_flags & bit)


@dataclass(slots=True, eq=False)
class SegmentPlan:
    """A part of the image that is loaded as one; fields are those of its program header."""

    spec: Segment
    sections: list[OutputPlan] = field(default_factory=list)
    p_offset: int = 0
    p_vaddr: int = 0
    p_paddr: int = 0
    p_filesz: int = 0
    p_memsz: int = 0
    p_align: int = 1

    @property
    def name(self) -> str:
        """The name that the layout gives."""
        return self.spec.name

    @property
    def p_flags(self) -> int:
        """PF_R, PF_W and PF_X."""
        return self.spec.flags

    @property
    def end(self) -> int:
        """The address behind the segment."""
        return self.p_vaddr + self.p_memsz


IMAGE_SYMBOL: Final = np.dtype(
    [("st_value", "<u8"), ("st_size", "<u8"), ("bind", "u1"), ("type", "u1"), ("visibility", "u1"), ("shndx", "<i4")]
)
"""The fields of `ImageSymbol` behind its name."""


class ImageSymbol(NamedTuple):
    """One entry of the image's symbol table; `shndx` is a section number of the image or a reserved one."""

    name: str
    st_value: int
    st_size: int
    bind: int
    type: int
    visibility: int
    shndx: int


class ImageSymbols(Sequence[ImageSymbol]):
    """The symbol table of the image, by column: `rows` are of `IMAGE_SYMBOL`, entries are made when asked for."""

    def __init__(self, names: list[str], rows: npt.NDArray[np.void]) -> None:
        self.names, self.rows = names, rows

    @classmethod
    def of(cls, entries: Sequence[ImageSymbol]) -> ImageSymbols:
        """Return entries as a table."""
        return cls([entry.name for entry in entries], np.array([entry[1:] for entry in entries], IMAGE_SYMBOL))

    def __add__(self, other: ImageSymbols) -> ImageSymbols:
        """Return the table with another one behind it."""
        return ImageSymbols([*self.names, *other.names], np.concatenate([self.rows, other.rows]))

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[ImageSymbol]:
        for name, row in zip(self.names, self.rows.tolist(), strict=True):
            yield ImageSymbol(name, *row)

    @overload
    def __getitem__(self, index: int) -> ImageSymbol: ...
    @overload
    def __getitem__(self, index: slice) -> ImageSymbols: ...
    def __getitem__(self, index: int | slice) -> ImageSymbol | ImageSymbols:
        """Return an entry, or some of them as a table."""
        if isinstance(index, slice):
            return ImageSymbols(self.names[index], self.rows[index])
        return ImageSymbol(self.names[index], *self.rows[index].tolist())
