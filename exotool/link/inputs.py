"""Which sections of the objects take part: COMDAT groups once, tables and leftovers of the compiler not at all."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import repeat
from typing import Final, NamedTuple

import numpy as np

from exotool.diagnostics import Collector, Diagnostic, Place, Severity
from exotool.elf import ObjectFile
from exotool.elf.columns import SectionTable, section_table
from exotool.elf.constants import (
    SHF_ALLOC,
    SHF_EXCLUDE,
    SHT_FINI_ARRAY,
    SHT_GROUP,
    SHT_INIT_ARRAY,
    SHT_NOBITS,
    SHT_NOTE,
    SHT_PREINIT_ARRAY,
    SHT_PROGBITS,
    SHT_X86_64_UNWIND,
)
from exotool.layout import Layout
from exotool.link.model import InputSection

_IS_CONTENT: Final = np.zeros(SHT_GROUP + 1, np.bool_)
_IS_CONTENT[[SHT_PROGBITS, SHT_NOBITS, SHT_NOTE, SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY]] = True
"""Section types that hold a program's own bytes, and SHT_X86_64_UNWIND; all others describe the object file."""

BUILD_ID_SECTION: Final = ".note.gnu.build-id"

WARNING_TEXTS: Final = ".gnu.warning."
"""Texts that a linker prints when somebody uses a symbol; no part of an image."""

NOT_LOADED: Final = "not loaded"

COMPILERS_OWN: Final = (".comment", ".note.GNU-stack", ".gnu", ".GCC", ".llvm")
"""Sections that compilers leave for the linker, which nobody expects in an image."""


class LeftOut(NamedTuple):
    """A section that takes no part, and why."""

    obj: ObjectFile
    number: int
    name: str
    size: int
    reason: str


@dataclass(slots=True)
class Inputs:
    """The sections that take part, by object and section index; `discarded` are named in the map with the reason."""

    objects: Sequence[ObjectFile]
    tables: list[SectionTable] = field(default_factory=list)
    live: list[dict[int, InputSection]] = field(default_factory=list)
    kept_twin: list[dict[int, InputSection]] = field(default_factory=list)
    """For a section of a dropped COMDAT group, the one of the same name and size in the group that was kept."""
    discarded: list[LeftOut] = field(default_factory=list)

    def leave_out(self, section: InputSection, reason: str) -> None:
        """Note that a section takes no part."""
        self.discarded.append(LeftOut(section.obj, section.index, section.name, section.size, reason))

    def all(self) -> list[InputSection]:
        """Return all live sections in the order of the objects and of their sections."""
        return [section for sections in self.live for section in sections.values()]


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Return a shell pattern of section names as a regular expression."""
    return re.compile(fnmatch.translate(text))


def select(
    objects: Sequence[ObjectFile],
    layout: Layout,
    errors: Collector,
    *,
    discards: Callable[[InputSection], bool] | None = None,
    settled: Container[str] = (),
) -> Inputs:
    """Choose the sections that take part in the link.

    With `discards`, which a script has, sections that take no memory do so too, and it says which are left out; for
    names in `settled` what it said once holds for all sections.

    Errors: L0202 LTO bytecode; warning: L0203 a section that the layout names lacks the flag that would load it.
    """
    inputs = Inputs(objects, [section_table(obj) for obj in objects])
    groups: dict[str, tuple[int, tuple[int, ...]]] = {}
    patterns = [pattern(text) for text in layout.discard]
    named = [pattern(p) for segment in layout.segments for section in segment.sections for p in section.input]
    is_discarded = cache(lambda name: any(d.match(name) for d in patterns))
    kept: set[str] = set()
    for number, (obj, table) in enumerate(zip(objects, inputs.tables, strict=True)):
        dropped, twins = _dropped_by_groups(number, obj, groups, inputs)
        live: dict[int, InputSection] = {}
        inputs.live.append(live)
        inputs.kept_twin.append(twins)
        for made in _contents(obj, table):
            is_plain = made.sh_flags & (SHF_ALLOC | SHF_EXCLUDE) == SHF_ALLOC and made.name != BUILD_ID_SECTION
            if is_plain and made.name in kept and not dropped:
                live[made.index] = made
                continue
            reason = "" if is_plain else _left_out(made, discards is not None)
            if not reason and patterns and is_discarded(made.name):
                reason = "layout"
            if dropped and made.index in dropped:
                reason = "COMDAT group of an earlier object"
            if reason == NOT_LOADED and _is_meant(made, named):
                errors.add(_not_loaded(made))
            if not reason and discards is not None and discards(made):
                reason = "the script"
            if reason:
                inputs.leave_out(made, reason)
            else:
                live[made.index] = made
                if is_plain and (discards is None or made.name in settled):
                    kept.add(made.name)
        if not any(section.is_alloc and section.size for section in live.values()) and any(
            name.startswith(".gnu.lto_") for name in table.names(np.arange(len(table)))
        ):
            errors.add(
                Diagnostic(
                    "L0202",
                    f"`{obj.path}` holds only the compiler's intermediate code (LTO), no machine code",
                    Place(obj.path),
                    help=("compile it with -fno-lto, or with -ffat-lto-objects",),
                )
            )
    return inputs


def _contents(obj: ObjectFile, table: SectionTable) -> list[InputSection]:
    """Return the sections of an object that hold a program's own bytes."""
    sh_type = table.raw["sh_type"]
    indices = np.flatnonzero(_IS_CONTENT[np.minimum(sh_type, SHT_GROUP)] | (sh_type == SHT_X86_64_UNWIND))
    indices = indices[indices > 0]
    rows = table.raw[indices]
    fields = (rows["sh_type"], rows["sh_flags"], np.maximum(rows["sh_addralign"], 1), rows["sh_size"])
    columns = (column.tolist() for column in fields)
    contents, entsizes = table.contents(indices), rows["sh_entsize"].tolist()
    return list(map(InputSection, repeat(obj), indices.tolist(), table.names(indices), *columns, contents, entsizes))


def _dropped_by_groups(
    number: int, obj: ObjectFile, groups: dict[str, tuple[int, tuple[int, ...]]], inputs: Inputs
) -> tuple[set[int], dict[int, InputSection]]:
    """Keep the first COMDAT group of each signature; return what is dropped of `obj`, and what stands for it."""
    dropped: set[int] = set()
    twins: dict[int, InputSection] = {}
    for group in obj.groups:
        if not group.is_comdat:
            continue
        owner, members = groups.setdefault(group.signature, (number, group.members))
        if owner == number and members is group.members:
            continue
        dropped.update(group.members)
        if owner == number:
            continue
        kept = {inputs.live[owner][m].name: inputs.live[owner][m] for m in members if m in inputs.live[owner]}
        for member in group.members:
            twin = kept.get(inputs.tables[number].name(member))
            if twin is not None and twin.size == inputs.tables[number].raw["sh_size"][member]:
                twins[member] = twin
    return dropped, twins


def _left_out(section: InputSection, keep_unloaded: bool) -> str:
    """Return why a section is no part of any image, or an empty text."""
    if section.sh_flags & SHF_EXCLUDE:
        return "excluded by its flags"
    if section.name == BUILD_ID_SECTION:
        return "the image gets a build-id of its own"
    if section.name == ".note.GNU-stack" and not section.is_alloc:
        return NOT_LOADED
    if not keep_unloaded and not section.is_alloc and not section.name.startswith((".debug_", ".zdebug_")):
        return NOT_LOADED
    return ""


def _is_meant(section: InputSection, named: list[re.Pattern[str]]) -> bool:
    """Tell whether a section that is not loaded is one that the layout asks for: its source may lack a flag."""
    return (
        section.size > 0
        and not section.name.startswith(COMPILERS_OWN)
        and any(regex.match(section.name) for regex in named)
    )


def _not_loaded(section: InputSection) -> Diagnostic:
    return Diagnostic(
        "L0203",
        f"section `{section.name}` is in the layout, but `{section.obj.path}` does not ask for it to be loaded",
        Place(section.obj.path),
        help=(f'give it the flag in its source: `.section {section.name},"a"`',),
        severity=Severity.WARNING,
    )
