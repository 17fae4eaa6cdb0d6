"""Sections as lists of items with sizes, and the layout that gives every item its offset.

An item is bytes with fixups, a branch that is short or long, padding, or a fill whose size is an expression. Branches
start short and only ever grow, until nothing changes: the fixed point that GNU as reaches too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from exotool.asm.expressions import Expr
from exotool.asm.nops import padding
from exotool.asm.source import Statement
from exotool.asm.symbols import Symbol
from exotool.elf.constants import SHF_EXECINSTR, SHT_PROGBITS

MAX_SECTION: Final = 1 << 30
"""A section may have this many bytes; bytes that are really stored may have `MAX_BYTES`."""

MAX_BYTES: Final = 1 << 28


class Fixup(NamedTuple):
    """A field whose value is an expression: `width` bytes at `offset` of its item.

    `pc` is None for an absolute field, else the distance from the field to the address that it is relative to.
    `signed` says how the processor extends the field. `branch` marks the target of a direct call or jump;
    `modifier` names a relocation that the syntax asks for, such as `GOTPCREL`.
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
    fixups: list[Fixup] = field(default_factory=list)
    size: int = 0
    offset: int = 0
    is_code: bool = False
    mode: int = 64


@dataclass(slots=True)
class Branch:
    """A jump that is short when its target is near and in the same section."""

    where: Statement
    short: bytes
    long: bytes
    target: Expr
    width: int
    long_only: bool = False
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
class Leb128:
    """A number in LEB128."""

    where: Statement
    value: Expr
    signed: bool
    data: bytes = b"\0"
    size: int = 1
    offset: int = 0


AnyItem = Data | Branch | Align | Fill | Org | Leb128


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
    chunks: dict[int, Chunk] = field(default_factory=dict)
    size: int = 0
    index: int = 0
    """Number in the object, once emission has chosen it."""

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
    chunk = symbol.chunk
    assert chunk is not None, "only labels have offsets"
    base = chunk.items[symbol.index].offset if symbol.index < len(chunk.items) else chunk.end
    return base + symbol.offset


class Sizer(Protocol):
    """What layout asks about items whose size is not their own business."""

    def branch_distance(self, item: Branch, section: AsmSection) -> int | None:
        """Return the distance from the end of the short form to the target; None when it must be long."""

    def count(self, item: Fill) -> int:
        """Return the bytes of a fill."""

    def org(self, item: Org, section: AsmSection) -> int:
        """Return the offset in the section that `.org` asks for."""

    def leb128(self, item: Leb128) -> bytes:
        """Return the bytes of a number."""


MAX_PASSES: Final = 10_000


def lay_out(sections: list[AsmSection], sizer: Sizer, unstable: Callable[[AnyItem], None]) -> None:
    """Give every item its size and offset.

    `unstable` is told an item that still changes after as many passes as there can be growing branches: sizes that
    depend on each other have no solution.
    """
    _place(sections, sizer)
    for _ in range(MAX_PASSES):
        if not _pass(sections, sizer):
            return
    changed = _pass(sections, sizer)
    if changed is not None:
        unstable(changed)


def _place(sections: list[AsmSection], sizer: Sizer) -> None:
    """Start with every branch short and every expression empty."""
    for section in sections:
        for chunk in section.chunks.values():
            for item in chunk.items:
                if isinstance(item, Branch):
                    item.is_long = item.long_only
                    item.size = len(item.short) + 1 if not item.is_long else len(item.long) + item.width
    _assign(sections)


def _assign(sections: list[AsmSection]) -> bool:
    """Compute offsets and the sizes of alignment; return whether something moved."""
    moved = False
    for section in sections:
        offset = 0
        for chunk in section.ordered():
            for item in chunk.items:
                if item.offset != offset:
                    item.offset = offset
                    moved = True
                if isinstance(item, Align):
                    size = -offset % item.alignment
                    item.size = 0 if item.limit and size > item.limit else size
                offset += item.size
            if chunk.end != offset:
                chunk.end = offset
                moved = True
        section.size = offset
    return moved


def _pass(sections: list[AsmSection], sizer: Sizer) -> AnyItem | None:
    """Grow what must grow, then place everything again; return an item that changed."""
    changed: AnyItem | None = None
    for section in sections:
        for chunk in section.ordered():
            for item in chunk.items:
                if isinstance(item, Data | Align):
                    continue
                size = _wanted(item, section, sizer)
                if size != item.size:
                    item.size = size
                    changed = item
    _assign(sections)
    return changed


def _wanted(item: Branch | Fill | Org | Leb128, section: AsmSection, sizer: Sizer) -> int:
    if isinstance(item, Branch):
        if not item.is_long:
            distance = sizer.branch_distance(item, section)
            item.is_long = distance is None or not -128 <= distance <= 127
        return len(item.long) + item.width if item.is_long else len(item.short) + 1
    if isinstance(item, Fill):
        return sizer.count(item)
    if isinstance(item, Org):
        return max(0, sizer.org(item, section) - item.offset)
    item.data = sizer.leb128(item)
    return len(item.data)
