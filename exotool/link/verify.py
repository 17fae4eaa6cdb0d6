"""Reads the written image back with pyelftools and compares it with the plan, field by field.

The reader is not the writer: a difference means that one of the two, or the plan, is wrong, and no image comes out.
"""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any, Final, NoReturn

import numpy as np

from exotool.diagnostics import Diagnostic, ToolError
from exotool.elf.constants import ET_DYN, STB_LOCAL
from exotool.link.emit import BUILD_ID_SIZE, build_id_of
from exotool.link.model import ImageSymbol, InputSection
from exotool.link.place import EHDR_SIZE, PHDR_SIZE
from exotool.link.skeleton import SHDR, Plan

SYMBOLS_READ: Final = 256
"""So many symbols, spread evenly over the table, are read one by one; all of them are compared as bytes. pyelftools
takes 30 µs for one, which for a large kernel would be longer than the link."""


def load_reader() -> None:
    """Import pyelftools, which `verify` needs."""
    import_module("elftools.elf.elffile")


def verify(data: bytes, plan: Plan, note: InputSection | None, build_id: bytes) -> None:
    """Raise `ToolError` L0901, naming the field, when the file is not what the plan says."""
    from elftools.common.exceptions import ELFError
    from elftools.construct import ConstructError
    from elftools.elf.elffile import ELFFile

    try:
        elf = ELFFile(io.BytesIO(data))
        _header(elf, plan, len(data))
        _program_headers(elf, plan)
        _sections(elf, plan)
        _symbols(elf, plan)
    except (ELFError, ConstructError) as error:
        _fail("the file", "an ELF file", f"unreadable ({error})")
    if note is not None and note.output is not None:
        at = note.output.sh_offset + note.offset + note.size - BUILD_ID_SIZE
        _compare("build-id", data[at : at + BUILD_ID_SIZE].hex(), build_id.hex())
        _compare("build-id", build_id_of(data, at).hex(), build_id.hex())


def _header(elf: Any, plan: Plan, size: int) -> None:
    sections = len(plan.all_sections) + 1
    expected = {
        "e_type": "ET_DYN" if plan.e_type == ET_DYN else "ET_EXEC",
        "e_machine": "EM_X86_64",
        "e_version": "EV_CURRENT",
        "e_entry": plan.e_entry,
        "e_phoff": EHDR_SIZE,
        "e_shoff": plan.e_shoff,
        "e_flags": 0,
        "e_ehsize": EHDR_SIZE,
        "e_phentsize": PHDR_SIZE,
        "e_phnum": len(plan.headers),
        "e_shentsize": SHDR.size,
        "e_shnum": sections,
        "e_shstrndx": plan.tables[-1].index,
    }
    _fields("the ELF header", elf.header, expected)
    _compare("the file's size", size, plan.e_shoff + sections * SHDR.size)


def _program_headers(elf: Any, plan: Plan) -> None:
    from elftools.elf.enums import ENUM_P_TYPE_BASE

    for number, h in enumerate(plan.headers):
        expected = {
            "p_flags": h.p_flags,
            "p_offset": h.p_offset,
            "p_vaddr": h.p_vaddr,
            "p_paddr": h.p_paddr,
            "p_filesz": h.p_filesz,
            "p_memsz": h.p_memsz,
            "p_align": h.p_align,
        }
        found, what = elf.get_segment(number).header, f"program header {number}"
        _fields(what, found, expected)
        _compare(f"p_type of {what}", ENUM_P_TYPE_BASE.get(found["p_type"]), h.p_type)


def _sections(elf: Any, plan: Plan) -> None:
    from elftools.elf.enums import ENUM_SH_TYPE_AMD64

    for s in plan.all_sections:
        section = elf.get_section(s.index)
        what = f"section {s.index}"
        _compare(f"the name of {what}", section.name, s.name)
        what = f"section `{s.name}`"
        expected = {
            "sh_flags": s.sh_flags,
            "sh_addr": s.sh_addr,
            "sh_offset": s.sh_offset,
            "sh_size": s.sh_size,
            "sh_addralign": s.sh_addralign,
            "sh_entsize": s.sh_entsize,
        }
        _fields(what, section.header, expected)
        sh_type = section.header["sh_type"]
        _compare(f"sh_type of {what}", ENUM_SH_TYPE_AMD64.get(sh_type, sh_type), s.sh_type)
        if not s.is_nobits:
            written, planned = (np.frombuffer(contents, np.uint8) for contents in (section.data(), s.data))
            wrong = np.flatnonzero(written != planned)
            if len(wrong):
                at = int(wrong[0])
                _fail(f"byte {at:#x} of {what}", f"{planned[at]:#04x}", f"{written[at]:#04x}")


def _symbols(elf: Any, plan: Plan) -> None:
    table = elf.get_section(plan.tables[0].index)
    _compare("the number of symbols", table.num_symbols(), len(plan.symbols) + 1)
    local = int((plan.symbols.rows["bind"] == STB_LOCAL).sum())
    _compare("sh_info of `.symtab`", table.header["sh_info"], 1 + local)
    _compare("sh_link of `.symtab`", table.header["sh_link"], plan.tables[1].index)
    step = max(1, len(plan.symbols) // SYMBOLS_READ)
    for number in range(0, len(plan.symbols), step):
        _symbol(table.get_symbol(number + 1), plan.symbols[number])


def _symbol(found: Any, s: ImageSymbol) -> None:
    from elftools.elf.enums import ENUM_ST_INFO_BIND, ENUM_ST_INFO_TYPE, ENUM_ST_SHNDX, ENUM_ST_VISIBILITY

    what = f"symbol `{s.name}`"
    _compare(f"the name of {what}", found.name, s.name)
    entry = found.entry
    _fields(what, entry, {"st_value": s.st_value, "st_size": s.st_size})
    _compare(f"binding of {what}", ENUM_ST_INFO_BIND.get(entry["st_info"]["bind"]), s.bind)
    kind = entry["st_info"]["type"]
    _compare(f"type of {what}", ENUM_ST_INFO_TYPE.get(kind, kind), s.type)
    _compare(f"visibility of {what}", ENUM_ST_VISIBILITY.get(entry["st_other"]["visibility"]), s.visibility)
    shndx = entry["st_shndx"]
    _compare(f"section of {what}", ENUM_ST_SHNDX.get(shndx, shndx), s.shndx & 0xFFFF)


def _fields(what: str, found: Any, expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        _compare(f"{name} of {what}", found[name], value)


def _compare(what: str, found: object, expected: object) -> None:
    if found != expected:
        _fail(what, expected, found)


def _fail(what: str, expected: object, found: object) -> NoReturn:
    raise ToolError(
        Diagnostic(
            "L0901",
            f"internal error: {what} is not what the link planned",
            label=f"planned {_shown(expected)}, written {_shown(found)}",
            help=("no image was made; please report this with the objects",),
        )
    )


def _shown(value: object) -> str:
    return f"{value:#x}" if isinstance(value, int) else str(value)
