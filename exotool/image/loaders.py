"""The loaders, assembled from loader/*.S when they are needed, by the same assembler that users have.

They are flat binaries: each knows the address where it runs, or runs at any, so that nothing is left to relocate.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parent / "loader"


@dataclass(frozen=True, slots=True)
class Handover:
    """The hand-over code: its bytes, and where in them its GDT is."""

    data: bytes
    gdt: int


def boot_sector() -> bytes:
    """Return the 512 bytes of the BIOS boot sector."""
    return _assembled("boot").data


def second_stage() -> bytes:
    """Return the BIOS loader's second stage."""
    return _assembled("stage2").data


def uefi_loader() -> bytes:
    """Return the code of the UEFI application."""
    return _assembled("uefi").data


def handover() -> Handover:
    """Return the code at the end of every way to boot."""
    return _assembled("handover")


@functools.cache
def _assembled(name: str) -> Handover:
    from exotool.asm import Options, assemble
    from exotool.asm.recipes import default_folder

    path = SOURCES / f"{name}.S"
    options = Options(include=(SOURCES,), root=SOURCES, cache=default_folder())
    found = assemble(path.read_bytes(), path, options).object
    text = next(section for section in found.sections if section.name == ".text")
    gdt = next((symbol.st_value for symbol in found.symbols if symbol.name == "gdt"), 0)
    return Handover(bytes(text.data), gdt)
