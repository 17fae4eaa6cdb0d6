"""Addresses of the guest -> function, file and line."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from exotool.elf import ProgramHeader
from exotool.elf.lines import Lines
from exotool.launch.serial import harmless


class Symbolizer(Protocol):
    """What turns addresses into names."""

    def where(self, address: int, *, is_return: bool = False) -> str:
        """Return `function+0x12 (file:line)`, or an empty text when nothing is known."""


class ImageSymbolizer:
    """Names from the image's symbols; reads them when the first address is asked for.

    Before paging is on a kernel runs at its physical addresses: an address that lies in no segment by p_vaddr is
    looked up where the segment that holds it by p_paddr is linked.
    """

    def __init__(self, data: bytes, segments: Sequence[ProgramHeader]) -> None:
        self._lines = Lines(data)
        self._segments = segments

    def where(self, address: int, *, is_return: bool = False) -> str:
        """Return `function+0x12 (file:line)`, or an empty text when nothing is known.

        A return address can stand behind the last instruction of its function, so the byte before it counts.
        """
        found = self._lines.lookup(self._linked(address - is_return))
        if found is None:
            return ""
        if is_return and found.function:
            found = dataclasses.replace(found, offset=found.offset + 1)
        return harmless(str(found), color=False)

    def _linked(self, address: int) -> int:
        if any(s.p_vaddr <= address < s.p_vaddr + s.p_memsz for s in self._segments):
            return address
        for s in self._segments:
            if s.p_paddr <= address < s.p_paddr + s.p_memsz:
                return address - s.p_paddr + s.p_vaddr
        return address
