"""SHF_MERGE: equal strings and constants of an output section are there once (gABI chapter 4, "Sections").

The first section of a kind holds what all of them hold; the others become empty, and references follow the pieces.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from exotool.elf.constants import SHF_MERGE, SHF_STRINGS, SHF_WRITE
from exotool.link.model import InputSection, align_up
from exotool.link.pieces import Pieces
from exotool.link.relocations import Relocations
from exotool.link.symbols import Symbols

_Kind = tuple[int, int, int, int]


def merge(symbols: Symbols, relocations: Relocations) -> None:
    """Merge the sections that have their output section; those with relocations of their own stay as they are."""
    relocated = np.zeros(len(symbols.sections), np.bool_)
    relocated[relocations.section] = True
    kinds: dict[_Kind, list[InputSection]] = {}
    for section in symbols.sections:
        if section.sh_flags & SHF_MERGE and section.output is not None and not relocated[section.number]:
            entsize = section.sh_entsize
            if _can_merge(section, entsize):
                flags = section.sh_flags & ~SHF_WRITE
                kinds.setdefault((id(section.output), flags, entsize, section.sh_addralign), []).append(section)
    made: list[tuple[int, int, int, int]] = []
    for (_, flags, entsize, align), sections in kinds.items():
        if len(sections) > 1 or flags & SHF_STRINGS:
            made += _merge_kind(sections, entsize, align, is_strings=bool(flags & SHF_STRINGS))
    if made:
        made.sort()
        columns = [np.array(column, np.int64) for column in zip(*made, strict=True)]
        Pieces(*columns).apply(symbols, relocations)


def _can_merge(section: InputSection, entsize: int) -> bool:
    data = section.data
    if section.index < 0 or not entsize or not len(data) or len(data) % entsize or section.is_nobits:
        return False
    if section.sh_flags & SHF_STRINGS:
        return not any(data[-entsize:])
    return entsize % section.sh_addralign == 0


def _merge_kind(
    sections: list[InputSection], entsize: int, align: int, *, is_strings: bool
) -> Iterator[tuple[int, int, int, int]]:
    """Give the first section all contents; yield each piece: section, start, the first section, offset there."""
    holder, known, data = sections[0], dict[tuple[bytes, bool], int](), bytearray()
    for section in sections:
        cut = _strings if is_strings else _constants
        for start, piece in cut(bytes(section.data), entsize):
            is_aligned = start % align == 0
            at = known.get((piece, is_aligned))
            if at is None:
                if is_aligned:
                    data += bytes(align_up(len(data), align) - len(data))
                at = known[piece, is_aligned] = len(data)
                data += piece
            yield section.number, start, holder.number, at
        section.data, section.size = b"", 0
    holder.data, holder.size = bytes(data), len(data)


def _strings(data: bytes, entsize: int) -> Iterator[tuple[int, bytes]]:
    """Yield the strings of a section, with their ends; characters are `entsize` bytes wide."""
    if entsize == 1:
        start = 0
        for text in data[:-1].split(b"\0"):
            yield start, text + b"\0"
            start += len(text) + 1
        return
    words = np.frombuffer(data, np.uint8).reshape(-1, entsize)
    start = 0
    for end in ((np.flatnonzero(~words.any(axis=1)) + 1) * entsize).tolist():
        yield start, data[start:end]
        start = end


def _constants(data: bytes, entsize: int) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(data), entsize):
        yield start, data[start : start + entsize]
