"""A typed layout: what of the objects goes where in an image. `project` reads it, `link` follows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Orphans = Literal["error", "warn", "place"]


@dataclass(frozen=True, slots=True)
class OutputSection:
    """A section of the image: what goes into it, in this order, and the symbols at its two ends.

    `input` are shell patterns of input section names; what a pattern matches stands where the pattern stands, and a
    section belongs to the first pattern of the whole layout that matches it.
    """

    name: str
    input: tuple[str, ...]
    start: str = ""
    end: str = ""
    align: int = 1


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the image that is loaded as one (PT_LOAD).

    `vaddr` and `paddr` are None when the segment follows the one before it: then `vaddr` is the next address that
    `align` allows and `paddr` keeps the distance to `vaddr`. `flags` are PF_R, PF_W and PF_X; `limit` is the largest
    size in memory, in bytes.
    """

    name: str
    flags: int
    sections: tuple[OutputSection, ...]
    vaddr: int | None = None
    paddr: int | None = None
    align: int = 0x1000
    limit: int | None = None
    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything goes. `discard` are patterns of allocated input sections that are left out on purpose."""

    segments: tuple[Segment, ...]
    discard: tuple[str, ...] = ()
    orphans: Orphans = "error"
