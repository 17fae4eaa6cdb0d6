"""Output sections and memory regions while a script is carried out.

The flags are those by which GNU ld decides where orphans go and how segments are cut; they say less than sh_flags and
sh_type do, and in other words (bfd.h, "section flags").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from exotool.elf.constants import SHF_ALLOC, SHF_EXECINSTR, SHF_TLS, SHF_WRITE, SHT_NOBITS, SHT_PROGBITS
from exotool.link.model import InputSection, OutputPlan
from exotool.link.script.runs import Run
from exotool.link.script.tree import Content, Kind, OutputStatement

LOAD: Final = 1
ALLOC: Final = 2
CONTENTS: Final = 4
READONLY: Final = 8
CODE: Final = 16
THREAD_LOCAL: Final = 32
DATA: Final = 64
DEBUGGING: Final = 128
NEVER_LOAD: Final = 256
KEEP: Final = 512

DEBUG_PREFIXES: Final = (".debug", ".gnu.debuglto_.debug_", ".gnu.linkonce.wi.", ".zdebug", ".line", ".stab")

DEFAULT_REGION: Final = "*default*"
MAX_REGION: Final = (1 << 64) - 1


def input_flags(section: InputSection) -> int:
    """Return the flags of an input section."""
    flags = 0
    if section.sh_type != SHT_NOBITS:
        flags |= CONTENTS
    if section.sh_flags & SHF_ALLOC:
        flags |= ALLOC
        if section.sh_type != SHT_NOBITS:
            flags |= LOAD
    if not section.sh_flags & SHF_WRITE:
        flags |= READONLY
    if section.sh_flags & SHF_EXECINSTR:
        flags |= CODE
    elif flags & LOAD:
        flags |= DATA
    if section.sh_flags & SHF_TLS:
        flags |= THREAD_LOCAL
    if not flags & ALLOC and section.name.startswith(DEBUG_PREFIXES):
        flags |= DEBUGGING
    return flags


@dataclass(slots=True, eq=False)
class RegionState:
    """A region of MEMORY while it fills: `current` is the next free address in it."""

    name: str
    origin: int = 0
    length: int = MAX_REGION
    flags: int = 0
    not_flags: int = 0
    current: int = 0
    last: Output | None = None
    """The last section that the next one's load address follows."""
    is_reported: bool = False

    @property
    def is_default(self) -> bool:
        """Tell whether this is all memory, where no region was named."""
        return self.name == DEFAULT_REGION


@dataclass(slots=True, eq=False)
class Placed:
    """One thing inside of an output section, `at` bytes from its start; `fill` is what gaps hold from here on."""

    item: Content | Run | None
    at: int = 0
    size: int = 0
    fill: bytes = b""


@dataclass(slots=True, eq=False)
class Output:
    """An output section: its statement, its plan, and what is known of it so far.

    `exists` is False until something is in it: GNU ld ignores a statement for which nothing comes. `is_ignored` is
    for one that came out empty: its address is not kept. `plan` holds address, size and alignment.
    """

    statement: OutputStatement
    plan: OutputPlan
    region: RegionState
    children: list[Content | list[InputSection]] = field(default_factory=list)
    """What stands in it; input sections that follow each other are one child."""
    placed: list[Placed] = field(default_factory=list)
    flags: int = 0
    sh_type: int = 0
    exists: bool = False
    has_input: bool = False
    is_disabled: bool = False
    is_ignored: bool = False
    has_symbols: bool = False
    vma_known: bool = False
    lma_known: bool = False
    lma: int = 0
    size_before: int = 0
    """The size that the last walk found, which stands for the size until this one comes by."""
    load_region: RegionState | None = None
    subalign: int = 0
    is_excluded: bool = False
    alignment: int = 1
    keeps_input: bool = False
    orphans: set[int] = field(default_factory=set)
    """`id` of the sections that came without a pattern."""

    @property
    def name(self) -> str:
        """The section's name."""
        return self.plan.name

    @property
    def vma(self) -> int:
        """The section's address."""
        return self.plan.sh_addr

    @property
    def size(self) -> int:
        """The section's size in memory."""
        return self.plan.sh_size

    @property
    def is_tbss(self) -> bool:
        """Tell whether the section is `.tbss`-like: it has a size, but takes no room where it stands."""
        return self.flags & (LOAD | THREAD_LOCAL) == THREAD_LOCAL

    @property
    def is_alloc(self) -> bool:
        """Tell whether the section takes memory."""
        return bool(self.flags & ALLOC)

    def create(self, flags: int) -> None:
        """Let the section exist."""
        self.exists = True
        self.flags |= flags

    def add(self, sections: Sequence[InputSection], keep: bool = False) -> None:
        """Put input sections behind what is there, and let the output section become what they need.

        The linker's own sections that have come out empty leave only their traces.
        """
        self.keeps_input |= keep and bool(sections)
        known: set[tuple[int, int]] = set()
        for section in sections:
            likeness = (section.sh_type, section.sh_flags)
            if likeness not in known or not section.sh_flags & SHF_ALLOC:
                # A second one like it would change nothing: all that follows is adding and taking away of flags.
                known.add(likeness)
                self._become(section)
        placed = [s for s in sections if s.index >= 0 or s.size or s.name == "COMMON"]
        self.alignment = max([self.alignment, *(section.sh_addralign for section in sections)])
        for section in placed:
            section.output = self.plan
        if placed and self.children and isinstance(self.children[-1], list):
            self.children[-1] += placed
        elif placed:
            self.children.append(placed)
        self.plan.inputs += placed

    def _become(self, section: InputSection) -> None:
        """Let the output section have the type and the flags that an input section asks for."""
        flags = input_flags(section)
        kind = self.statement.kind
        if kind is Kind.NOT_ALLOCATED:
            flags &= ~ALLOC
        elif kind is Kind.READONLY:
            flags |= READONLY
        elif kind is Kind.NOLOAD:
            flags = flags & ~(LOAD | CONTENTS) | NEVER_LOAD
        if not self.exists:
            self.create(flags)
        if not flags & READONLY:
            self.flags &= ~READONLY
        if self.has_input:
            flags &= ~READONLY
        self.flags |= flags
        self.sh_type = self.sh_type or section.sh_type
        self.has_input = True

    def add_orphan(self, section: InputSection) -> None:
        """Put a section that no pattern took behind what is there."""
        self.add([section])
        self.orphans.add(id(section))

    def settle(self) -> None:
        """Write what is known into the plan: sh_type, sh_flags and the section's place among the excluded."""
        statement, plan = self.statement, self.plan
        # A section at an address of its own may be less aligned than what is in it.
        bits = self.alignment | self.vma
        plan.sh_addralign = bits & -bits
        if statement.sh_type is not None:
            plan.sh_type = statement.sh_type
        elif self.flags & ALLOC and not self.flags & (LOAD | CONTENTS):
            plan.sh_type = SHT_NOBITS
        else:
            plan.sh_type = SHT_PROGBITS if self.sh_type in (0, SHT_NOBITS) else self.sh_type
        plan.sh_flags = (
            SHF_ALLOC * bool(self.flags & ALLOC)
            | SHF_WRITE * (self.flags & (READONLY | ALLOC) == ALLOC)
            | SHF_EXECINSTR * bool(self.flags & CODE)
            | SHF_TLS * bool(self.flags & THREAD_LOCAL)
        )
