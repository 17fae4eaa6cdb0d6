"""Kernel, command line and modules -> the payload, which every loader reads into memory and enters.

Its layout is in loader/loader.h: a header, the tables of segments and modules, the command line, the hand-over code
(loader/handover.S), then, page by page, what the kernel's segments have in the file, and the modules.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from exotool.diagnostics import Collector, Diagnostic, Place, ToolError
from exotool.elf import ProgramHeader
from exotool.image.loaders import handover
from exotool.image.multiboot2 import check_header, find_header
from exotool.launch.image import check_image, has_pvh_note

MAGIC: Final = 0x42304F58
HEADER: Final = struct.Struct("<13I")
SEGMENT: Final = struct.Struct("<4I")
MODULE: Final = struct.Struct("<2I")

PVH: Final = 0
MULTIBOOT2: Final = 1

PAGE: Final = 4096
LOWEST: Final = 1 << 20
HIGHEST: Final = (1 << 32) - PAGE
"""Segments lie between these: below is what BIOS and loaders use, and a PVH kernel starts without paging."""

MAX_COMMAND_LINE: Final = 16 << 10
"""Bytes with the final zero: the start info, of which the command line is a part, must fit below 640 KiB."""

MAX_MODULES: Final = 64
MAX_SEGMENTS: Final = 128
MAX_PAYLOAD: Final = 1 << 30
"""The loaders need room for two copies below 4 GiB."""


@dataclass(frozen=True, slots=True)
class Module:
    """A file that the kernel finds in its module list; `name` is for messages."""

    name: str
    data: bytes


def make_payload(kernel: bytes, name: str, command_line: str = "", modules: Sequence[Module] = ()) -> bytes:
    """Return the payload of a kernel image; its size is a multiple of `PAGE`.

    Raises `ToolError` with everything that is wrong: R01xx as for a boot with QEMU's `-kernel`, T0301 no protocol that
    the loaders know, T0302 a segment where they cannot put it, T0303 a command line that cannot be handed over, T0304
    more than they can carry, T0306 a Multiboot 2 header that asks for what they do not give.
    """
    segments, entry, protocol = _kernel(kernel, name)
    text = command_line.encode("utf-8", "surrogateescape") + b"\0"
    _check(segments, name, text, modules)
    return _lay_out(kernel, segments, (entry, protocol), text, [module.data for module in modules])


def _kernel(kernel: bytes, name: str) -> tuple[tuple[ProgramHeader, ...], int, int]:
    """Return the segments of a kernel, its entry point, and how it is started; PVH goes before Multiboot 2."""
    header = None if has_pvh_note(kernel) else find_header(kernel)
    if header is not None:
        segments = check_image(kernel, name, 1 << 64, needs_pvh=False).segments
        return segments, check_header(header, kernel, name, segments), MULTIBOOT2
    image = check_image(kernel, name, 1 << 64)
    if image.entry is not None:
        return image.segments, image.entry, PVH
    kind = {"linux": "a Linux bzImage", "multiboot": "a Multiboot 1 image"}[image.protocol]
    raise ToolError(
        Diagnostic(
            "T0301",
            f"`{name}` is {kind}; the loaders of boot images start kernels by PVH or Multiboot 2",
            Place(name),
            help=("boot it with `exotool run --kernel`, or give the kernel a PVH note",),
        )
    )


def _check(segments: Sequence[ProgramHeader], name: str, text: bytes, modules: Sequence[Module]) -> None:
    errors = Collector()
    for segment in segments:
        start, end = segment.p_paddr, segment.p_paddr + segment.p_memsz
        if start < LOWEST or end > HIGHEST:
            where = f"the segment at {segment.p_vaddr:#x} (physical {start:#x}..{end:#x})"
            limits = f"it must lie between {LOWEST:#x} and {HIGHEST:#x}, where the loaders can put it"
            errors.add(Diagnostic("T0302", f"{where} cannot be loaded from a boot image", Place(name), label=limits))
    if len(text) > MAX_COMMAND_LINE or b"\0" in text[:-1]:
        problem = f"is {len(text) - 1} bytes long" if len(text) > MAX_COMMAND_LINE else "has a zero byte"
        message = f"the kernel command line {problem}; the loaders hand over up to {MAX_COMMAND_LINE - 1} bytes"
        errors.add(Diagnostic("T0303", message, help=("shorten `--append`",)))
    size = sum(segment.p_filesz for segment in segments) + sum(len(module.data) for module in modules)
    for count, limit, what in (
        (len(segments), MAX_SEGMENTS, "segments"),
        (len(modules), MAX_MODULES, "modules"),
        (size, MAX_PAYLOAD, "bytes"),
    ):
        if count > limit:
            message = f"`{name}` and its modules are {count} {what}; the loaders can carry {limit}"
            errors.add(Diagnostic("T0304", message, Place(name)))
    errors.check()


def _lay_out(
    kernel: bytes, segments: Sequence[ProgramHeader], start: tuple[int, int], text: bytes, modules: Sequence[bytes]
) -> bytes:
    code = handover()
    segments_at = HEADER.size
    modules_at = segments_at + SEGMENT.size * (len(segments) + 1)  # one entry is the hand-over code's
    text_at = modules_at + MODULE.size * len(modules)
    code_at = _up(text_at + len(text), 16)
    contents = [kernel[s.p_offset : s.p_offset + s.p_filesz] for s in segments] + list(modules)
    places = []
    size = _up(code_at + len(code.data), PAGE)
    for content in contents:
        places.append(size)
        size = _up(size + len(content), PAGE)
    data = bytearray(size)
    entry, protocol = start
    header = [MAGIC, size, code_at, code_at + code.gdt, entry, segments_at, len(segments), modules_at, len(modules)]
    HEADER.pack_into(data, 0, *header, text_at, len(text), protocol, 0)
    for index, (segment, place) in enumerate(zip(segments, places, strict=False)):
        row = segments_at + SEGMENT.size * index
        SEGMENT.pack_into(data, row, place, segment.p_filesz, segment.p_paddr, segment.p_memsz)
    for index, (module, place) in enumerate(zip(modules, places[len(segments) :], strict=True)):
        MODULE.pack_into(data, modules_at + MODULE.size * index, place, len(module))
    data[text_at : text_at + len(text)] = text
    data[code_at : code_at + len(code.data)] = code.data
    for content, place in zip(contents, places, strict=True):
        data[place : place + len(content)] = content
    struct.pack_into("<I", data, HEADER.size - 4, -_sum(data) & 0xFFFFFFFF)
    return bytes(data)


def _sum(data: bytearray) -> int:
    return sum(sum(struct.unpack_from(f"<{PAGE // 4}I", data, at)) for at in range(0, len(data), PAGE))


def _up(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment
