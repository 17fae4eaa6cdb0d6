"""Skeleton and contents -> the ELF file, written by LIEF.

LIEF 1.0 lays a parsed file out as it was when every option of its builder is off; it makes only `.shstrtab` anew. It
does so in a process of its own (`writer`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from exotool.elf import ObjectFile
from exotool.elf.constants import NT_GNU_BUILD_ID, SHF_ALLOC, SHT_NOTE, SHT_PROGBITS
from exotool.link import writer
from exotool.link.inputs import BUILD_ID_SECTION
from exotool.link.model import LINKER, InputSection
from exotool.link.skeleton import Plan, Skeleton, skeleton

BUILD_ID_SIZE: Final = 20
_NAME: Final = b"GNU\0"
_DESC_OFFSET: Final = 12 + len(_NAME)


def build_id_section() -> InputSection:
    """Return the note that holds the build-id, whose 20 bytes are still zeros."""
    words = (len(_NAME), BUILD_ID_SIZE, NT_GNU_BUILD_ID)
    note = b"".join(word.to_bytes(4, "little") for word in words) + _NAME + bytes(BUILD_ID_SIZE)
    return InputSection(ObjectFile(LINKER), -1, BUILD_ID_SECTION, SHT_NOTE, SHF_ALLOC, 4, len(note), note)


def build_id_of(data: bytes | bytearray, offset: int) -> bytes:
    """Return the build-id of an image: the first 20 bytes of the SHA-256 of the file with those at `offset` zeroed."""
    import hashlib  # which takes 7 ms, and few links with scripts ask for a build-id

    hasher = hashlib.sha256(memoryview(data)[:offset])
    hasher.update(bytes(BUILD_ID_SIZE))
    hasher.update(memoryview(data)[offset + BUILD_ID_SIZE :])
    return hasher.digest()[:BUILD_ID_SIZE]


def emit(plan: Plan, note: InputSection | None, meanwhile: Callable[[], None]) -> tuple[bytes, bytes]:
    """Return the image's bytes and its build-id, which is then in the plan too; do something while LIEF is at work."""
    if note is None:
        return _write(skeleton(plan), plan, meanwhile), b""
    output = note.output
    if output is None:
        raise ValueError("the build-id note has no place")
    data = bytearray(_write(skeleton(plan), plan, meanwhile))
    inside = note.offset + _DESC_OFFSET
    at = output.sh_offset + inside
    build_id = build_id_of(data, at)
    data[at : at + BUILD_ID_SIZE] = build_id
    output.data[inside : inside + BUILD_ID_SIZE] = build_id
    return bytes(data), build_id


def _write(base: Skeleton, plan: Plan, meanwhile: Callable[[], None]) -> bytes:
    """Let LIEF write the file: what it does not look into it finds in its place, where that costs the least."""
    filled = [output for output in plan.sections if not output.is_nobits]
    opaque = [(output.sh_offset, output.data) for output in filled if output.sh_type == SHT_PROGBITS]
    others = [(output.index, output.data) for output in filled if output.sh_type != SHT_PROGBITS]
    return writer.write(Skeleton(base.size, [*base.parts, *opaque]), others, meanwhile)
