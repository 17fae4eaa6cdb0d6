"""Input sections that follow each other inside of an output section, placed as one.

There can be many thousands of them, and every walk over a script comes by: a run whose start is where it was needs no
second look, since the sections' sizes stay as they are while a layout is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from exotool.link.model import InputSection

_CHUNK: Final = 1 << 16
"""So many bytes of gaps are filled at once: each takes the memory of an index."""

_SMALL: Final = 64
"""Larger gaps are filled one by one: there are few."""

MAX_SECTION: Final = 1 << 48
"""No output section is larger: the address space of a processor ends there."""

NOPS: Final = tuple(
    bytes.fromhex(code)
    for code in (
        "90",
        "6690",
        "0f1f00",
        "0f1f4000",
        "0f1f440000",
        "660f1f440000",
        "0f1f8000000000",
        "0f1f840000000000",
        "660f1f840000000000",
        "662e0f1f840000000000",
    )
)
"""No-operations of 1 to 10 bytes, which fill gaps in code (Intel SDM volume 2B, "NOP", table 4-12)."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Where a run lies: `start` and `end` are offsets in the output section at `base`, `gaps` offsets and sizes.

    `too_large` is the first size of the output section above `MAX_SECTION`, else 0; `begins_with_gap` tells whether the
    first section had to be aligned.
    """

    start: int
    base: int
    subalign: int
    end: int
    alignment: int
    gaps: list[tuple[int, int]]
    begins_with_gap: bool
    too_large: int

    def is_at(self, start: int, base: int, subalign: int) -> bool:
        """Tell whether a run from there would lie as this one does."""
        mask = self.alignment - 1
        return self.start == start and self.subalign == subalign and not (self.base ^ base) & mask


def place_run(sections: Sequence[InputSection], start: int, base: int, subalign: int) -> Run:
    """Give input sections their offsets in the output section at `base`, from `start` on."""
    gaps = []
    # What is in a loop over all sections of a link counts.
    aligns = [subalign] * len(sections) if subalign else [section.sh_addralign for section in sections]
    dot, too_large = base + start, 0
    limit = base + MAX_SECTION
    for section, align in zip(sections, aligns, strict=True):
        gap = -dot & align - 1
        if gap:
            gaps.append((dot - base, gap))
            dot += gap
        section.offset = dot - base
        dot += section.size
        if dot > limit and not too_large:
            too_large = dot - base
    begins_with_gap = sections[0].offset != start
    return Run(start, base, subalign, dot - base, max(aligns), gaps, begins_with_gap, too_large)


def gap_bytes(size: int, fill: bytes, is_code: bool) -> bytes:
    """Return what stands in a gap: the fill again and again, else no-operations in code, else zeros."""
    if fill:
        return (fill * (size // len(fill) + 1))[:size]
    return _no_operations(size) if is_code else bytes(size)


def _no_operations(size: int) -> bytes:
    longest = len(NOPS)
    return NOPS[-1] * (size // longest) + (NOPS[size % longest - 1] if size % longest else b"")


def store_gaps(run: Run, fill: bytes, is_code: bool, data: bytearray) -> None:
    """Fill the gaps of a run in the contents of its output section."""
    if not run.gaps or (not fill and not is_code):
        return
    octets = np.frombuffer(data, np.uint8)
    gaps = np.array(run.gaps, np.int64)
    order = np.argsort(gaps[:, 1], kind="stable")
    sizes, first = np.unique(gaps[order, 1], return_index=True)
    # There are many gaps, of few sizes.
    for size, group in zip(sizes.tolist(), np.split(gaps[order, 0], first[1:]), strict=True):
        made = np.frombuffer(gap_bytes(size, fill, is_code), np.uint8)
        if size > _SMALL:
            for at in group.tolist():
                octets[at : at + size] = made
            continue
        for part in np.array_split(group, len(group) * size // _CHUNK + 1):
            octets[part[:, None] + np.arange(size)] = made
