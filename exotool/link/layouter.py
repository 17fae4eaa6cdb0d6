"""What the link needs from whatever says where things go: a layout of exotool.toml, or a GNU ld script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from exotool.diagnostics import Collector
from exotool.elf import ProgramHeader
from exotool.layout import Layout
from exotool.link.assign import Assigner, debug_outputs, segment_plans
from exotool.link.model import Definition, InputSection, OutputPlan, SegmentPlan
from exotool.link.place import check_entry, place, place_boundaries
from exotool.link.script.tree import Crossing
from exotool.link.symbols import Globals


class Layouter(Protocol):
    """Puts input sections into output sections, and these into memory and into the file.

    `add` is called once with all sections, and again with those that the linker makes later. `place` is called as
    often as sizes change; `headers` are the program headers then. `segments` is for the maps, `crossings` are the
    references that are forbidden.
    """

    headers: list[ProgramHeader]
    segments: list[SegmentPlan]
    crossings: Sequence[Crossing]

    @property
    def outputs(self) -> list[OutputPlan]:
        """All sections of the image, in the order of the file."""

    def loads(self, name: str) -> bool:
        """Tell whether sections of this name, made by the linker, have a place in memory."""

    def keeps(self, section: InputSection) -> bool:
        """Tell whether the section stays even where nothing refers to it."""

    def add(self, sections: Sequence[InputSection], errors: Collector) -> None:
        """Give sections their output section."""

    def place(self, symbols: Globals, errors: Collector) -> None:
        """Set every address, size and file offset, and the values of the layout's own symbols."""

    def start(self, entry: str) -> Definition | None:
        """Return where the image starts when nothing defines `entry`, or None when that is an error."""

    def check(self, entry: str, start: Definition, errors: Collector) -> None:
        """Report what can be wrong with the finished image."""


class TableLayouter:
    """Places by a `Layout`."""

    def __init__(self, layout: Layout) -> None:
        self.segments = segment_plans(layout)
        self.headers: list[ProgramHeader] = []
        self.crossings: Sequence[Crossing] = ()
        self._debug: list[OutputPlan] = []
        self._assigner = Assigner(self.segments, layout)

    @property
    def outputs(self) -> list[OutputPlan]:
        """All sections of the image, in the order of the file."""
        return [*(output for segment in self.segments for output in segment.sections), *self._debug]

    def loads(self, name: str) -> bool:
        """Tell whether a pattern takes sections of this name."""
        return self._assigner.takes(name)

    def keeps(self, section: InputSection) -> bool:  # noqa: ARG002
        """Tell whether the section stays for its own sake; no layout says so."""
        return False

    def add(self, sections: Sequence[InputSection], errors: Collector) -> None:
        """Give sections with memory their place by the patterns, and the others one of their own name."""
        self._assigner.add([s for s in sections if s.is_alloc], errors)
        self._debug += debug_outputs([s for s in sections if not s.is_alloc])

    def place(self, symbols: Globals, errors: Collector) -> None:
        """Set addresses, offsets and the values of the layout's boundaries."""
        self.headers = place(self.segments, self._debug, errors)
        place_boundaries(symbols.own)

    def start(self, entry: str) -> None:
        """Return None: an image of a layout starts at its entry symbol or not at all."""

    def check(self, entry: str, start: Definition, errors: Collector) -> None:
        """Warn when the image would start where there is no code."""
        check_entry(entry, start, self.segments, errors)
