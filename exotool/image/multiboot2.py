"""A kernel's Multiboot 2 header: where the loaders start it, and what it asks them for.

Multiboot 2 specification, version 2.0, section 3.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from exotool.diagnostics import Collector, Diagnostic, Place
from exotool.elf import ProgramHeader
from exotool.elf.constants import PF_X

MAGIC: Final = 0xE85250D6
SEARCH: Final = 32768
_I386: Final = 0
_FIXED: Final = struct.Struct("<IIII")
_TAG: Final = struct.Struct("<HHI")
_OPTIONAL: Final = 1

_END: Final = 0
_INFORMATION_REQUEST: Final = 1
_ENTRY_ADDRESS: Final = 3
_HARMLESS: Final = frozenset({4, 6, 8, 9})
"""Console flags, module alignment (ours is), and entry points for EFI, for which there is another way."""

_GIVEN: Final = frozenset({1, 2, 3, 4, 6, 14, 15})
"""Types of the tags in the boot information that loader/handover.S makes."""

_NAMES: Final = {2: "load addresses", 5: "a framebuffer", 7: "EFI boot services", 10: "another load address"}


class Header(NamedTuple):
    """A header: its place in the file, its tags as type, flags and contents, and whether they end as they must."""

    offset: int
    tags: tuple[tuple[int, int, bytes], ...]
    whole: bool


def find_header(kernel: bytes) -> Header | None:
    """Return the header for 32-bit protected mode in the first 32 KiB of an ELF file, or None if there is none."""
    if not kernel.startswith(b"\x7fELF"):
        return None
    for at in range(0, min(len(kernel), SEARCH) - _FIXED.size + 1, 8):
        magic, architecture, length, checksum = _FIXED.unpack_from(kernel, at)
        if magic == MAGIC and architecture == _I386 and (magic + length + checksum) & 0xFFFFFFFF == 0:
            tags = tuple(_tags(kernel[at + _FIXED.size : at + length]))
            return Header(at, tags, bool(tags) and tags[-1][0] == _END)
    return None


def _tags(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    at = 0
    while at + _TAG.size <= len(data):
        kind, flags, size = _TAG.unpack_from(data, at)
        if size < _TAG.size or at + size > len(data):
            return
        yield kind, flags, data[at + _TAG.size : at + size]
        if kind == _END:
            return
        at += -(-size // 8) * 8


def check_header(header: Header, kernel: bytes, name: str, segments: Sequence[ProgramHeader]) -> int:
    """Return the physical entry point of a kernel; raises `ToolError` T0306 for what the loaders cannot do."""
    errors = Collector()

    def refuse(what: str) -> None:
        message = f"the Multiboot 2 header of `{name}` at offset {header.offset:#x} {what}"
        errors.add(Diagnostic("T0306", message, Place(name)))

    if not header.whole:
        refuse("has no end tag, or one that is cut off")
    (entry,) = struct.unpack_from("<I" if kernel[4] == 1 else "<Q", kernel, 24)
    for kind, flags, data in header.tags:
        if kind == _ENTRY_ADDRESS and len(data) >= 4:
            (entry,) = struct.unpack_from("<I", data)
        elif kind == _INFORMATION_REQUEST and not flags & _OPTIONAL:
            wanted = sorted(set(struct.unpack(f"<{len(data) // 4}I", data[: len(data) & ~3])) - _GIVEN)
            if wanted:
                refuse(
                    f"requires boot information of type {', '.join(map(str, wanted))}, which the loaders do not give"
                )
        elif kind not in _HARMLESS and kind not in (_END, _INFORMATION_REQUEST) and not flags & _OPTIONAL:
            refuse(f"requires {_NAMES.get(kind, f'what tag {kind} means')}, which the loaders do not give")
    if not any(s.p_flags & PF_X and s.p_paddr <= entry < s.p_paddr + s.p_memsz for s in segments):
        refuse(f"starts the kernel at {entry:#x}, which is in no executable segment")
    errors.check()
    return int(entry)
