"""Sections that are taken apart: where in the image each piece of an input section goes, or that it goes nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from exotool.elf.columns import Ints
from exotool.elf.constants import STT_SECTION
from exotool.link.howto import Kind
from exotool.link.relocations import Flags, Relocations
from exotool.link.symbols import LEFT_OUT, Symbols

GONE: Final = -1
_SHIFT: Final = 40
"""Section number and offset make one key to look up; no input is larger than 2^30 bytes."""


@dataclass(slots=True)
class Pieces:
    """One row a piece, ordered by section and start.

    It begins at `start` of section `section`, and goes to `target_offset` of section `target`; GONE is the offset of
    one that goes nowhere.
    """

    section: Ints
    start: Ints
    target: Ints
    target_offset: Ints

    def find(self, section: Ints, offset: Ints) -> Ints:
        """Return the rows of the pieces that places are in; a place behind the last is in the last."""
        keys = (self.section << _SHIFT) + self.start
        return np.searchsorted(keys, (section.astype(np.int64) << _SHIFT) + offset, "right") - 1

    def apply(self, symbols: Symbols, relocations: Relocations) -> None:
        """Move the symbols and relocations in the pieces, and the references to them by section and offset."""
        taken = np.zeros(len(symbols.sections) + 2, np.bool_)
        taken[self.section] = True
        self._references(symbols, relocations, taken)
        moved = np.flatnonzero(taken[relocations.section]) if len(relocations) else np.empty(0, np.int64)
        if len(moved):
            rows = self.find(relocations.section[moved], relocations.offset[moved])
            gone = self.target_offset[rows] == GONE
            relocations.offset[moved] += np.where(gone, 0, self.target_offset[rows] - self.start[rows])
            relocations.section[moved] = self.target[rows]
            relocations.kind[moved[gone]] = Kind.NONE
        inside = np.flatnonzero(taken[symbols.section])
        rows = self.find(symbols.section[inside], symbols.value[inside].astype(np.int64))
        gone = self.target_offset[rows] == GONE
        shift = np.where(gone, 0, self.target_offset[rows] - self.start[rows])
        is_section = symbols.type[inside] == STT_SECTION
        moved_value = symbols.value[inside].astype(np.int64) + shift
        symbols.value[inside] = np.where(is_section, 0, moved_value).astype(np.uint64)
        symbols.section[inside] = np.where(gone & ~is_section, LEFT_OUT, self.target[rows])
        symbols.update()

    def _references(self, symbols: Symbols, relocations: Relocations, taken: Flags) -> None:
        """Let the addends of references by section symbol follow the pieces that they mean."""
        local = relocations.entity >= 0
        local &= relocations.entity < symbols.count
        rows = np.flatnonzero(local)
        entity = relocations.entity[rows]
        rows = rows[taken[symbols.section[entity]] & (symbols.type[entity] == STT_SECTION)]
        if not len(rows):
            return
        entity = relocations.entity[rows]
        offset = np.maximum(0, symbols.value[entity].astype(np.int64) + relocations.addend[rows])
        found = self.find(symbols.section[entity], offset)
        kept = self.target_offset[found] != GONE
        rows, found, offset = rows[kept], found[kept], offset[kept]
        relocations.addend[rows] = self.target_offset[found] + offset - self.start[found]
