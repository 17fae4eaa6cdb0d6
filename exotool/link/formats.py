"""A linked image in other forms: its bare bytes, and an ELF32 file for loaders that refuse ELF64."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from exotool.diagnostics import Diagnostic, Note, ToolError
from exotool.elf.constants import ELFCLASS32, EM_386, SHT_SYMTAB
from exotool.link.script.state import ALLOC, CONTENTS, NEVER_LOAD, Output
from exotool.link.skeleton import EHDR, PHDR, SHDR, SYM

EHDR32: Final = struct.Struct("<16sHHIIIIIHHHHHH")
PHDR32: Final = struct.Struct("<IIIIIIII")
SHDR32: Final = struct.Struct("<IIIIIIIIII")
SYM32: Final = struct.Struct("<IIIBBH")

MAX_BINARY: Final = 1 << 30
EI_CLASS: Final = 4
"""Index of the class in e_ident."""

TOP: Final = (1 << 64) - (1 << 31)
"""From here up an address fits 32 bits with its sign."""


def flat_binary(outputs: Sequence[Output]) -> bytes:
    """Return the bytes that lie in memory from the lowest load address on, without headers; gaps are zeros.

    Raises `ToolError` L0705 when they would be more than 1 GiB.
    """
    loaded = [o for o in outputs if o.flags & ALLOC and o.flags & CONTENTS and not o.flags & NEVER_LOAD and o.size]
    if not loaded:
        return b""
    start = min(output.lma for output in loaded)
    end = max(output.lma + output.size for output in loaded)
    if end - start > MAX_BINARY:
        far = sorted(loaded, key=lambda output: output.lma)
        raise ToolError(
            Diagnostic(
                "L0705",
                f"the binary would have {end - start} bytes",
                notes=tuple(Note(f"`{o.name}` is loaded at {o.lma:#x}") for o in (far[0], far[-1])),
                help=("give the sections load addresses that lie together: AT(...)",),
            )
        )
    data = bytearray(end - start)
    for output in loaded:
        at = output.lma - start
        data[at : at + output.size] = output.plan.data
    return bytes(data)


def wrap_elf32(image: bytes) -> bytes:
    """Return an ELF64 image as ELF32 for EM_386, byte for byte the same in memory, as `objcopy -O elf32-i386` makes it.

    All file offsets stay, since the headers of ELF32 are smaller. Addresses in the top 2 GiB lose their upper half,
    which is that of a sign. Raises `ToolError` L0706 for an address that has no 32-bit form.
    """
    fields = list(EHDR.unpack_from(image))
    e_entry, e_phoff, e_shoff, e_phnum, e_shnum = fields[4], fields[5], fields[6], fields[10], fields[12]
    data = bytearray(image[:e_shoff])
    for number in range(e_phnum):
        header = PHDR.unpack_from(image, e_phoff + PHDR.size * number)
        p_type, p_flags, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align = header
        place = EHDR32.size + PHDR32.size * number
        words = (p_offset, _short(p_vaddr, "a segment"), _short(p_paddr, "a segment"))
        PHDR32.pack_into(data, place, p_type, *words, p_filesz, p_memsz, p_flags, p_align)
    for at in range(EHDR32.size + PHDR32.size * e_phnum, e_phoff + PHDR.size * e_phnum):
        data[at] = 0
    headers = bytearray()
    for number in range(e_shnum):
        section = list(SHDR.unpack_from(image, e_shoff + SHDR.size * number))
        if section[1] == SHT_SYMTAB:
            table = _symbols(image[section[4] : section[4] + section[5]])
            data[section[4] : section[4] + section[5]] = table + bytes(section[5] - len(table))
            section[5], section[9] = len(table), SYM32.size
        section[3] = _short(section[3], "a section")
        headers += SHDR32.pack(*section)
    ident = bytearray(fields[0])
    ident[EI_CLASS] = ELFCLASS32
    EHDR32.pack_into(
        data,
        0,
        bytes(ident),
        fields[1],
        EM_386,
        fields[3],
        _short(e_entry, "the entry"),
        EHDR32.size,
        e_shoff,
        fields[7],
        EHDR32.size,
        PHDR32.size,
        e_phnum,
        SHDR32.size,
        e_shnum,
        fields[13],
    )
    return bytes(data + headers)


def _symbols(table: bytes) -> bytes:
    out = bytearray()
    for name, info, other, shndx, value, size in SYM.iter_unpack(table):
        out += SYM32.pack(name, value & 0xFFFFFFFF, min(size, 0xFFFFFFFF), info, other, shndx)
    return bytes(out)


def _short(address: int, what: str) -> int:
    if address >> 32 and address < TOP:
        message = f"{what} is at {address:#x}, which an ELF32 file cannot say"
        help_ = "an ELF32 wrapper is for addresses below 4 GiB or in the top 2 GiB"
        raise ToolError(Diagnostic("L0706", message, help=(help_,)))
    return address & 0xFFFFFFFF
