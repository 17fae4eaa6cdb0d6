"""Addresses of the guest -> function, file and line."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from exotool.diagnostics import did_you_mean
from exotool.elf import ProgramHeader
from exotool.elf.constants import PF_X
from exotool.elf.lines import Lines
from exotool.files import read_input
from exotool.launch.image import KernelImage, load_segments
from exotool.launch.serial import harmless
from exotool.launch.unwind import follows_call

CALL_BYTES: Final = 7
"""The longest near call."""

MAX_NAMES: Final = 4
"""Addresses of one line that are named."""

NEAR: Final = 64 << 10
"""Bytes from a symbol within which an address that belongs to nothing is told by it."""

_ADDRESS: Final = re.compile(r"(?<![0-9a-zA-Z_.+-])(?:0x)?([0-9a-fA-F]{6,16})(?![0-9a-zA-Z_])")


class Symbolizer(Protocol):
    """What turns addresses into names."""

    def where(self, address: int, *, is_return: bool = False) -> str:
        """Return `function+0x12 (file:line)`, or an empty text when nothing is known."""

    def is_return(self, address: int) -> bool:
        """Tell whether an address is in the image's code, behind a call."""

    def code(self, address: int, size: int) -> bytes:
        """Return up to `size` bytes of the image's code at an address; nothing when there is none."""

    def nearest(self, address: int) -> str:
        """Return where an address lies that belongs to nothing: `8 bytes past the end of stack`, or nothing."""


def image_symbols(data: bytes, image: KernelImage, symbols: Path | None) -> ImageSymbolizer:
    """Return the names of an image, from the image itself or from a file with its symbols (`vmlinux` of a bzImage).

    Raises `ToolError` T01xx when the file cannot be read, R0101 to R0103 when it is no ELF file.
    """
    if symbols is None:
        return ImageSymbolizer(data, image.segments)
    named = read_input(symbols, "symbol file")
    return ImageSymbolizer(named, load_segments(named, str(symbols)))


class ImageSymbolizer:
    """Names from the image's symbols; reads them when the first address is asked for.

    Before paging is on a kernel runs at its physical addresses: an address that lies in no segment by p_vaddr is
    looked up where the segment that holds it by p_paddr is linked.
    """

    def __init__(self, data: bytes, segments: Sequence[ProgramHeader]) -> None:
        self._lines = Lines(data)
        self._data = data
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

    def is_return(self, address: int) -> bool:
        """Tell whether an address is in the image's code, behind a call."""
        linked = self._linked(address)
        return follows_call(self.code(linked - CALL_BYTES, CALL_BYTES))

    def code(self, address: int, size: int) -> bytes:
        """Return up to `size` bytes of the image's code at an address; nothing when there is none."""
        address = self._linked(address)
        for s in self._segments:
            if s.p_flags & PF_X and s.p_vaddr <= address < s.p_vaddr + s.p_filesz:
                start = s.p_offset + address - s.p_vaddr
                return self._data[start : min(start + size, s.p_offset + s.p_filesz)]
        return b""

    def names(self, line: str) -> str:
        """Return the names of the code addresses in a line that the guest printed, unless it has them already."""
        found = []
        for word in _ADDRESS.findall(line)[:MAX_NAMES]:
            address = int(word, 16)
            where = self.where(address, is_return=self.is_return(address)) if self.code(address, 1) else ""
            if where and where.partition("+")[0].partition(" ")[0] not in line:
                found.append(where)
        return ", ".join(found)

    def address(self, name: str) -> int | None:
        """Return the linked address of a symbol, or None."""
        return self._lines.address(name)

    def suggest(self, name: str) -> tuple[str, ...]:
        """Return a line of help with the symbol that was perhaps meant."""
        return did_you_mean(name, self._lines.names())

    def physical(self, address: int) -> int:
        """Return where what is linked at an address is loaded; an address outside of the image stays."""
        for s in self._segments:
            if s.p_vaddr <= address < s.p_vaddr + s.p_memsz:
                return address - s.p_vaddr + s.p_paddr
        return address

    def nearest(self, address: int) -> str:
        """Return where an address lies that belongs to nothing: `8 bytes past the end of stack`, or nothing."""
        near = self._lines.neighbours(address)
        words = []
        for name, start, end in near:
            if start <= address < end:
                return f"inside {name}, at offset {address - start:#x}"
            distance = start - address if address < start else address - end
            if distance < NEAR:
                count = f"{distance} byte{'s' * (distance != 1)} "
                words.append((distance, f"{count}{'below' if address < start else 'past the end of'} {name}"))
        return harmless(min(words)[1], color=False) if words else ""

    def _linked(self, address: int) -> int:
        if any(s.p_vaddr <= address < s.p_vaddr + s.p_memsz for s in self._segments):
            return address
        for s in self._segments:
            if s.p_paddr <= address < s.p_paddr + s.p_memsz:
                return address - s.p_paddr + s.p_vaddr
        return address
