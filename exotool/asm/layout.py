"""Sections as lists of items with sizes, and the layout that gives every item its offset.

An item is bytes with fixups, a branch that is short or long, padding, or a fill whose size is an expression. Branches
start short and only ever grow, until nothing changes: the fixed point that GNU as reaches too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from exotool.asm.expressions import Expr
from exotool.asm.nops import padding
from exotool.asm.source import Statement, certain
from exotool.asm.symbols import Symbol
from exotool.elf.constants import SHF_EXECINSTR, SHT_PROGBITS

MAX_SECTION: Final = 1 << 30
"""A section may have this many bytes; bytes that are really stored may have `MAX_BYTES`."""

MAX_BYTES: Final = 1 << 28
MAX_ALIGNMENT: Final = 1 << 26
"""A section's alignment is its place's in the file, too."""


class Fixup(NamedTuple):
    """A field whose value is an expression: `width` bytes at `offset` of its item.

    `pc` is None for an absolute field, else the distance from the field to the address that it is relative to.
    `signed` says how the processor extends the field. `branch` marks the target of a direct call or jump in 64-bit
    code; `relax` is the relocation type of a `@GOTPCREL` that a linker may turn into another instruction.
    """

    offset: int
    width: int
    expr: Expr
    pc: int | None = None
    signed: bool = False
    branch: bool = False
    relax: str = ""


class Item(Protocol):
    """A run of bytes in a section; `size` is 0 until it is known, `offset` is where the last layout put it."""

    size: int
    offset: int
    where: Statement


@dataclass(slots=True)
class Data:
    """Bytes with fixups. An instruction waits in `pending` until its batch is encoded."""

    where: Statement
    data: bytes = b""
    fixups: Sequence[Fixup] = ()
    size: int = 0
    offset: int = 0
    is_code: bool = False


@dataclass(slots=True)
class Branch:
    """A jump that is short when its target is near and in the same section.

    `marked` says that its relocation shows it to be a branch (PLT32), which only 64-bit code has.
    """

    where: Statement
    short: bytes
    long: bytes
    target: Expr
    width: int
    marked: bool = False
    size: int = 0
    offset: int = 0
    is_long: bool = False


@dataclass(slots=True)
class Align:
    """Padding up to a multiple of `alignment`, unless it needs more than `limit` bytes; `fill` None means nops."""

    where: Statement
    alignment: int
    fill: bytes | None
    limit: int
    mode: int
    elf32: bool
    size: int = 0
    offset: int = 0

    def wanted(self, offset: int) -> int:
        """Return the bytes of padding that it needs at an offset."""
        size = -offset % self.alignment
        return 0 if self.limit and size > self.limit else size

    def data(self) -> bytes:
        """Return the padding."""
        if self.fill is None:
            return padding(self.size, self.mode, self.elf32)
        head = bytes(self.size % len(self.fill))
        return head + self.fill * (self.size // len(self.fill))


@dataclass(slots=True)
class Fill:
    """`count` times the same bytes; the count may be known only after layout."""

    where: Statement
    count: Expr
    pattern: bytes
    size: int = 0
    offset: int = 0


@dataclass(slots=True)
class Org:
    """Padding up to an offset in the section."""

    where: Statement
    target: Expr
    fill: int
    size: int = 0
    offset: int = 0


@dataclass(slots=True)
class Number:
    """A number whose bytes, and how many there are, depend on its value: LEB128, steps of unwind and line tables."""

    where: Statement
    value: Expr
    encode: Callable[[int], bytes]
    data: bytes = b""
    size: int = 0
    offset: int = 0


AnyItem = Data | Branch | Align | Fill | Org | Number


@dataclass(slots=True)
class Request:
    """A relocation that the source asks for (`.reloc`); `offset` is a number or a place in the section."""

    where: Statement
    section: AsmSection
    offset: Expr
    r_type: int
    expr: Expr | None


@dataclass(slots=True, eq=False)
class Chunk:
    """A subsection: its items stand together; `runs` give early distances (run number, offset) by item index."""

    section: AsmSection
    number: int
    items: list[AnyItem] = field(default_factory=list)
    runs: list[tuple[int, int]] = field(default_factory=lambda: [(0, 0)])
    end: int = 0

    def settle(self) -> None:
        """Extend `runs` to all items; items of fixed size must have their size."""
        runs = self.runs
        while len(runs) <= len(self.items):
            item = self.items[len(runs) - 1]
            run, offset = runs[-1]
            runs.append((run, offset + item.size) if isinstance(item, Data) else (run + 1, 0))


@dataclass(slots=True, eq=False)
class AsmSection:
    """A section in the making."""

    name: str
    sh_type: int = SHT_PROGBITS
    sh_flags: int = 0
    sh_entsize: int = 0
    alignment: int = 1
    link_order: str | None = None
    link_origin: Statement | None = None
    group: str = ""
    """The signature of the section group that it belongs to."""
    is_comdat: bool = False
    unique: int = -1
    """Tells sections of one name apart (`.section name, ..., unique, n`)."""
    chunks: dict[int, Chunk] = field(default_factory=dict)
    size: int = 0
    index: int = 0
    """Number in the object, once emission has chosen it."""

    @property
    def key(self) -> str:
        """What identifies the section in the source: its name, with group and number where it has them."""
        return self.name if not self.group and self.unique < 0 else f"{self.name}\0{self.group}\0{self.unique}"

    def chunk(self, number: int) -> Chunk:
        """Return a subsection, which is new at its first mention."""
        found = self.chunks.get(number)
        if found is None:
            found = self.chunks[number] = Chunk(self, number)
        return found

    @property
    def is_code(self) -> bool:
        """Tell whether the section holds instructions (padding is then nops)."""
        return bool(self.sh_flags & SHF_EXECINSTR)

    def ordered(self) -> list[Chunk]:
        """Return the subsections in the order of their numbers."""
        return [self.chunks[number] for number in sorted(self.chunks)]


def offset_of(symbol: Symbol) -> int:
    """Return the offset of a label in its section, after the last layout."""
    chunk = certain(symbol.chunk, "only labels have offsets")
    base = chunk.items[symbol.index].offset if symbol.index < len(chunk.items) else chunk.end
    return base + symbol.offset


class Sizer(Protocol):
    """What layout asks about items whose size is not their own business."""

    def branch_target(self, item: Branch, section: AsmSection) -> tuple[Symbol, int] | None:
        """Return label and addend of a target in the same section; None when the branch needs a relocation."""

    def count(self, item: Fill) -> int:
        """Return the bytes of a fill."""

    def org(self, item: Org, section: AsmSection) -> int:
        """Return the offset in the section that `.org` asks for."""

    def number_of(self, item: Number) -> int:
        """Return the value of a number."""


MAX_PASSES: Final = 2_000
"""GNU as gives up after as many passes as a section has items; no real file needs more than a few."""


def lay_out(sections: list[AsmSection], sizer: Sizer, unstable: Callable[[AnyItem], None]) -> None:
    """Give every item its size and offset; `unstable` is told an item whose size never settles."""
    relaxers = [_Relaxer(section, sizer) for section in sections]
    # Code settles first: tables of its distances need not follow every step.
    for group in ([relaxer for relaxer in relaxers if relaxer.has_branches], relaxers):
        for _ in range(MAX_PASSES):
            changed = [relaxer.run() for relaxer in group]
            if not any(changed):
                break
        else:
            unstable(next(item for item in changed if item is not None))
            return


class _Relaxer:
    """Relaxes one section in passes over its items, as GNU as's `relax_segment` does.

    Within a pass, items behind the current one are taken to move as far as it did, unless alignment stands between.
    The order of decisions matters, because padding can shrink while branches grow.
    """

    def __init__(self, section: AsmSection, sizer: Sizer) -> None:
        self.section = section
        self.sizer = sizer
        self.items: list[AnyItem] = []
        self.first: dict[Chunk, int] = {}
        self.regions: list[int] = []
        self.targets: dict[int, tuple[Symbol, int] | None] = {}
        for chunk in section.ordered():
            self.first[chunk] = len(self.items)
            self.items += chunk.items
        self.has_branches = any(isinstance(item, Branch) for item in self.items)
        self.place()

    def place(self) -> None:
        """Start with branches in the section short, and with `.org` and sizes that are expressions at nothing."""
        offset = region = 0
        for number, item in enumerate(self.items):
            item.offset = offset
            self.regions.append(region)
            if isinstance(item, Branch):
                target = self.targets[number] = self.sizer.branch_target(item, self.section)
                item.is_long = target is None
                item.size = len(item.long) + item.width if item.is_long else len(item.short) + 1
            elif isinstance(item, Align):
                item.size = item.wanted(offset)
            region += isinstance(item, Align | Org)
            offset += item.size
        self.regions.append(region)
        self.finish(offset)

    def finish(self, end: int) -> None:
        for chunk, first in self.first.items():
            last = first + len(chunk.items)
            chunk.end = self.items[last].offset if last < len(self.items) else end
        self.section.size = end

    def run(self) -> AnyItem | None:
        """Make one pass; return an item whose size changed."""
        changed: AnyItem | None = None
        stretch = 0
        offset = 0
        for number, item in enumerate(self.items):
            item.offset += stretch
            if not isinstance(item, Data):
                size = self.size(number, item, stretch)
                if size != item.size:
                    stretch += size - item.size
                    item.size = size
                    changed = item
            offset = item.offset + item.size
        self.finish(offset)
        return changed

    def size(self, number: int, item: Branch | Align | Fill | Org | Number, stretch: int) -> int:
        """Return the size that an item needs at its present offset."""
        if isinstance(item, Branch):
            if not item.is_long and not self.reaches(number, item, stretch):
                item.is_long = True
                return len(item.long) + item.width
            return item.size
        if isinstance(item, Align):
            return item.wanted(item.offset)
        if isinstance(item, Fill):
            return self.sizer.count(item)
        if isinstance(item, Org):
            return max(0, self.sizer.org(item, self.section) - item.offset)
        item.data = item.encode(self.sizer.number_of(item))
        return len(item.data)

    def reaches(self, number: int, item: Branch, stretch: int) -> bool:
        """Tell whether the short form reaches its target, as far as this pass knows."""
        symbol, add = certain(self.targets[number], "a branch without a target here is long")
        place = self.first[certain(symbol.chunk, "the target is a label")] + symbol.index
        aim = offset_of(symbol) + add
        if stretch and place > number:
            if stretch < 0 or self.regions[place] == self.regions[number]:
                aim += stretch
            elif aim < item.offset + len(item.short):
                return True
        return -128 <= aim - (item.offset + len(item.short) + 1) <= 127
