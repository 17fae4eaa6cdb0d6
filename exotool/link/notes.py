"""`.note.gnu.property`: one note for the image, which claims only what all objects allow.

Linux Extensions to gABI, "Program Property"; psABI x86-64 version 1.0, 4.2.4 has the ranges: a property is what all
objects have (control-flow protection), what any of them has (instructions needed), or the latter if all say something.
"""

from __future__ import annotations

import struct
from functools import reduce
from typing import Final

from exotool.elf.constants import EM_386
from exotool.link.inputs import Inputs

SECTION: Final = ".note.gnu.property"
_NOTE: Final = struct.Struct("<III4s")
_NAME: Final = b"GNU\0"
_NT_GNU_PROPERTY_TYPE_0: Final = 5
_STACK_SIZE, _NO_COPY_ON_PROTECTED = 1, 2
_AND: Final = range(0xC0000002, 0xC0008000)
_OR: Final = range(0xC0008000, 0xC0010000)
_OR_AND: Final = range(0xC0010000, 0xC0018000)


def merge_properties(inputs: Inputs, e_machine: int) -> None:
    """Let the first property note stand for all; the others become empty. A note that is malformed claims nothing."""
    align = 4 if e_machine == EM_386 else 8
    found = [[s for s in live.values() if s.name == SECTION] for live in inputs.live]
    sections = [section for of_object in found for section in of_object]
    if not sections:
        return
    claims = [reduce(lambda a, s: a | _properties(bytes(s.data), align), of_object, _none()) for of_object in found]
    merged: dict[int, int] = {}
    for kind in sorted({kind for claim in claims for kind in claim}):
        values = [claim[kind] for claim in claims if kind in claim]
        is_common = len(values) == len(claims)
        if kind in _AND and is_common:
            merged[kind] = reduce(lambda a, b: a & b, values)
        elif kind in _OR or (kind in _OR_AND and is_common):
            merged[kind] = reduce(lambda a, b: a | b, values)
        elif kind in (_STACK_SIZE, _NO_COPY_ON_PROTECTED):
            merged[kind] = max(values)
    for section in sections:
        section.data, section.size = b"", 0
    data = b"".join(_entry(kind, value, align) for kind, value in merged.items() if value or kind not in _AND)
    if data:
        sections[0].data = _NOTE.pack(len(_NAME), len(data), _NT_GNU_PROPERTY_TYPE_0, _NAME) + data
        sections[0].size = len(sections[0].data)


def _none() -> dict[int, int]:
    return {}


def _properties(data: bytes, align: int) -> dict[int, int]:
    """Return the properties of a note as numbers, by type."""
    found: dict[int, int] = {}
    if len(data) < _NOTE.size:
        return found
    namesz, descsz, kind, name = _NOTE.unpack_from(data)
    if (namesz, kind, name) != (len(_NAME), _NT_GNU_PROPERTY_TYPE_0, _NAME):
        return found
    at, end = _NOTE.size, min(len(data), _NOTE.size + descsz)
    while at + 8 <= end:
        pr_type, pr_datasz = struct.unpack_from("<II", data, at)
        found[pr_type] = int.from_bytes(data[at + 8 : min(end, at + 8 + min(pr_datasz, 8))], "little")
        at += 8 + pr_datasz + -pr_datasz % align
    return found


def _entry(kind: int, value: int, align: int) -> bytes:
    size = align if kind == _STACK_SIZE else 0 if kind == _NO_COPY_ON_PROTECTED else 4
    return (
        struct.pack("<II", kind, size) + (value & (1 << 8 * size) - 1).to_bytes(size, "little") + bytes(-size % align)
    )
