"""Input sections -> output sections: the first pattern of the layout that matches a section's name takes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from exotool.diagnostics import Collector, Diagnostic, Place, Severity
from exotool.elf.constants import (
    PF_R,
    PF_W,
    PF_X,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_FINI_ARRAY,
    SHT_INIT_ARRAY,
    SHT_NOTE,
    SHT_PREINIT_ARRAY,
)
from exotool.layout import Layout
from exotool.link.inputs import pattern
from exotool.link.model import InputSection, OutputPlan, SegmentPlan
from exotool.link.resolve import COMMON_SECTION

GOT_SECTION: Final = ".got"

STAND_INS: Final = {COMMON_SECTION: ".bss", GOT_SECTION: ".rodata"}
"""Where the linker's own sections go when no pattern names them: with the sections of this name."""

_READ_ONLY_AFTER_LINK: Final = re.compile(r"\.data\.rel\.ro(\.|$)|\.got(\.|$)|\.(preinit|init|fini)_array(\.|$)")
"""Sections that are writable only for a loader that relocates them; in a static image nothing has to."""

_ARRAYS: Final = (SHT_INIT_ARRAY, SHT_FINI_ARRAY, SHT_PREINIT_ARRAY)
_NOTE_ALIGN: Final = 4
"""The words of a note lie on multiples of 4, even where the object does not say so (gABI, "Note Section")."""


def segment_plans(layout: Layout) -> list[SegmentPlan]:
    """Return the segments and output sections of a layout, still empty."""
    segments = []
    for spec in layout.segments:
        segment = SegmentPlan(spec)
        segment.sections = [OutputPlan(section.name, section, segment) for section in spec.sections]
        segments.append(segment)
    return segments


class Assigner:
    """Puts input sections into the output sections of a layout."""

    def __init__(self, segments: list[SegmentPlan], layout: Layout) -> None:
        self.segments, self.layout = segments, layout
        self.patterns = [
            (pattern(text), output)
            for segment in segments
            for output in segment.sections
            if output.spec is not None
            for text in output.spec.input
        ]
        self.rank = lru_cache(maxsize=None)(self._rank)

    def _rank(self, name: str) -> int | None:
        """Return the number of the pattern that takes sections of this name."""
        return next((number for number, (regex, _) in enumerate(self.patterns) if regex.match(name)), None)

    def takes(self, name: str) -> bool:
        """Tell whether the layout has a place for sections of this name."""
        return self.rank(name) is not None

    def add(self, sections: Sequence[InputSection], errors: Collector) -> None:
        """Give sections their place, behind those of the same pattern that have one already.

        Errors: L0301 no pattern matches, L0302 code in a segment without x, L0303 data to be written in a segment
        without w.
        """
        orphans: dict[str, list[InputSection]] = {}
        touched: dict[OutputPlan, None] = {}
        for section in sections:
            if section.sh_type == SHT_NOTE:
                section.sh_addralign = max(section.sh_addralign, _NOTE_ALIGN)
            rank = self.rank(section.name)
            if rank is None and section.index < 0 and section.name in STAND_INS:
                rank = self.rank(STAND_INS[section.name])
            if rank is None:
                if section.size or _has_labels(section):
                    orphans.setdefault(section.name, []).append(section)
                continue
            output = self.patterns[rank][1]
            section.output = output
            output.inputs.append(section)
            touched[output] = None
        for name, group in orphans.items():
            self._orphans(name, group, errors)
        for output in touched:
            output.inputs.sort(key=self._order)
        self._check_flags(sections, errors)

    def _order(self, section: InputSection) -> tuple[int, int]:
        rank = self.rank(section.name)
        if rank is None:
            rank = self.rank(STAND_INS.get(section.name, "")) or 0
        priority = section.name.rpartition(".")[2]
        if section.sh_type in _ARRAYS and priority.isascii() and priority.isdigit():
            return rank, int(priority)
        return rank, 0

    def _orphans(self, name: str, group: list[InputSection], errors: Collector) -> None:
        flags = group[0].sh_flags
        segment = _home(self.segments, flags, group[0].is_nobits)
        if self.layout.orphans == "error" or segment is None:
            errors.add(_orphan(name, group, segment, Severity.ERROR))
            return
        if self.layout.orphans == "warn":
            errors.add(_orphan(name, group, segment, Severity.WARNING))
        output = next((o for o in segment.sections if o.name == name and o.spec is None), None)
        if output is None:
            output = OutputPlan(name, None, segment)
            at = len(segment.sections)
            while not group[0].is_nobits and at and _is_nobits(segment.sections[at - 1]):
                at -= 1
            segment.sections.insert(at, output)
        for section in group:
            section.output = output
            output.inputs.append(section)

    def _check_flags(self, sections: Iterable[InputSection], errors: Collector) -> None:
        for section in sections:
            segment = section.output.segment if section.output else None
            if segment is None or not section.size:
                continue
            if section.sh_flags & SHF_EXECINSTR and not segment.p_flags & PF_X:
                errors.add(_wrong_segment("L0302", section, segment, "holds code", "x"))
            if (
                section.sh_flags & SHF_WRITE
                and not segment.p_flags & PF_W
                and not _READ_ONLY_AFTER_LINK.match(section.name)
            ):
                errors.add(_wrong_segment("L0303", section, segment, "is writable", "w"))


def _has_labels(section: InputSection) -> bool:
    return any(s.section == section.index and s.name and s.name != section.name for s in section.obj.symbols)


def _is_nobits(output: OutputPlan) -> bool:
    return all(section.is_nobits for section in output.inputs)


def _home(segments: list[SegmentPlan], sh_flags: int, is_nobits: bool) -> SegmentPlan | None:
    """Return the segment for an orphan: the last with just its permissions, and with contents if it has some itself."""
    wanted = PF_R | PF_W * bool(sh_flags & SHF_WRITE) | PF_X * bool(sh_flags & SHF_EXECINSTR)
    fitting = [segment for segment in segments if segment.p_flags | PF_R == wanted]
    if not is_nobits:
        fitting = [s for s in fitting if not all(map(_is_nobits, s.sections))] or fitting[:1]
    return fitting[-1] if fitting else None


def letters(flags: int) -> str:
    """Return segment flags as layouts write them."""
    return "".join(letter for bit, letter in ((PF_R, "r"), (PF_W, "w"), (PF_X, "x")) if flags & bit)


def _orphan(name: str, group: list[InputSection], segment: SegmentPlan | None, severity: Severity) -> Diagnostic:
    size = sum(section.size for section in group)
    paths = sorted({section.obj.path for section in group})
    others = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    flags = group[0].sh_flags
    wanted = letters(PF_R | PF_W * bool(flags & SHF_WRITE) | PF_X * bool(flags & SHF_EXECINSTR))
    where = f'segment "{segment.name}"' if segment else f'a segment with flags "{wanted}"'
    return Diagnostic(
        "L0301",
        f"section `{name}` has no place in the layout",
        Place(group[0].obj.path),
        label=f"{size} bytes in {', '.join(paths[:3])}{others}",
        help=(
            f'add {{ name = "{name}" }} to the sections of {where}, or "{name}" to an `input` there',
            f'or leave it out of the image: discard = ["{name}"]',
        )
        if severity is Severity.ERROR
        else (f"it was put into {where}",),
        severity=severity,
    )


def _wrong_segment(code: str, section: InputSection, segment: SegmentPlan, what: str, flag: str) -> Diagnostic:
    return Diagnostic(
        code,
        f"section `{section.name}` {what}, and segment `{segment.name}` is not mapped so",
        Place(section.obj.path),
        label=f'needs flag "{flag}"; the segment has "{letters(segment.p_flags)}"',
        help=("put the section into another segment of the layout",),
    )


def debug_outputs(sections: Iterable[InputSection]) -> list[OutputPlan]:
    """Return the sections without memory, those of one name joined, in the order in which the names first come."""
    outputs: dict[str, OutputPlan] = {}
    for section in sections:
        output = outputs.setdefault(section.name, OutputPlan(section.name))
        section.output = output
        output.inputs.append(section)
    return list(outputs.values())
