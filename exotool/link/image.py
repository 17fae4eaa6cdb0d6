"""A finished image as `exotool size` and `exotool map` look at it, whoever linked it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from exotool.diagnostics import Diagnostic, Place, ToolError
from exotool.elf.constants import PT_LOAD, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE
from exotool.files import read_input


@dataclass(frozen=True, slots=True)
class ImageSection:
    """A section: `kind` is code, constants, data or zeros for sections in memory, else debug."""

    name: str
    kind: str
    address: int
    offset: int
    size: int
    file_size: int


@dataclass(frozen=True, slots=True)
class ImageSegment:
    """A segment that is loaded."""

    flags: str
    vaddr: int
    paddr: int
    offset: int
    file_size: int
    memory_size: int


@dataclass(frozen=True, slots=True)
class ImageFile:
    """What an image consists of; `symbols` are name, address and size of those that have a size, each once."""

    path: str
    entry: int
    file_size: int
    sections: tuple[ImageSection, ...]
    segments: tuple[ImageSegment, ...]
    symbols: tuple[tuple[str, int, int], ...]


def read_image(path: Path) -> ImageFile:
    """Read an ELF image, of 32 or 64 bits. Raises `ToolError` L0801 for anything else, T01xx when it cannot be read."""
    from elftools.common.exceptions import ELFError
    from elftools.construct import ConstructError
    from elftools.elf.elffile import ELFFile

    data = read_input(path, "image")
    try:
        elf = ELFFile(io.BytesIO(data))
        sections, symbols = [], set()
        for s in elf.iter_sections():
            if s["sh_type"] == "SHT_NULL":
                continue
            nobits = s["sh_type"] == "SHT_NOBITS"
            kind = _kind(s["sh_flags"], nobits)
            file_size = 0 if nobits else s["sh_size"]
            sections.append(ImageSection(s.name, kind, s["sh_addr"], s["sh_offset"], s["sh_size"], file_size))
            if s["sh_type"] == "SHT_SYMTAB":
                symbols |= {(y.name, y["st_value"], y["st_size"]) for y in s.iter_symbols() if y["st_size"] and y.name}
        segments = [
            ImageSegment(_flags(h["p_flags"]), h["p_vaddr"], h["p_paddr"], h["p_offset"], h["p_filesz"], h["p_memsz"])
            for h in elf.iter_segments()
            if h["p_type"] in ("PT_LOAD", PT_LOAD) and h["p_memsz"]
        ]
        entry = elf["e_entry"]
    except (ELFError, ConstructError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"`{path}` is not an ELF image that can be read"
        raise ToolError(Diagnostic("L0801", message, Place(str(path)), label=str(error)[:200])) from None
    if not sections and not segments:
        message = f"`{path}` has neither sections nor segments"
        raise ToolError(Diagnostic("L0801", message, Place(str(path))))
    ordered = tuple(sorted(symbols, key=lambda symbol: (-symbol[2], symbol[1], symbol[0])))
    return ImageFile(str(path), entry, len(data), tuple(sections), tuple(segments), ordered)


def _kind(flags: int, nobits: bool) -> str:
    if not flags & SHF_ALLOC:
        return "debug"
    if flags & SHF_EXECINSTR:
        return "code"
    if nobits:
        return "zeros"
    return "data" if flags & SHF_WRITE else "constants"


def _flags(flags: int) -> str:
    return "".join(letter if flags & bit else "-" for bit, letter in ((4, "r"), (2, "w"), (1, "x")))
