"""Objects as plain data, to compare: read with pyelftools, which knows nothing of ours."""

from __future__ import annotations

import io
import re
import struct
from pathlib import Path
from typing import Any

from exotool.asm import Options, assemble
from exotool.diagnostics import ToolError, render
from exotool.elf import write_object
from tests.second_assembler import Arch

CORPUS = Path(__file__).parent / "corpus"
"""Sources that cover every directive and instruction class; the first line of an i386 one says `# arch: i386`."""

KERNEL = Path(__file__).parents[2] / "kernel_asm"

Summary = dict[str, Any]


def kernel_sources() -> list[Path]:
    """Return the assembly of ExoV6, without what needs headers that only a build makes."""

    def is_complete(path: Path) -> bool:
        names = re.findall(r'^#include "(.*)"', path.read_text(), re.MULTILINE)
        return all((KERNEL / name).is_file() for name in names)

    return [path for path in sorted(KERNEL.glob("*.S")) if is_complete(path)]


def ours(source: str | bytes, name: str = "test.s", arch: Arch = "x86_64", **options: Any) -> bytes:
    """Return the object that exotool makes of a text."""
    data = source.encode() if isinstance(source, str) else source
    return write_object(assemble(data, Path(name), Options(arch=arch, **options)).object)


def code(source: str | bytes, arch: Arch = "x86_64", section: str = ".text") -> bytes:
    """Return the bytes of one section."""
    summary = summarize(ours(source, arch=arch))
    return bytes.fromhex(summary["sections"][section]["data"])


def errors(source: str | bytes, name: str = "test.s", arch: Arch = "x86_64", **options: Any) -> str:
    """Return the rendered diagnostics of a text that must be refused."""
    try:
        ours(source, name, arch, **options)
    except ToolError as error:
        return "\n".join(render(diagnostic) for diagnostic in error.diagnostics)
    raise AssertionError("this text was assembled")


def group_members(section: Any) -> tuple[int, ...]:
    """Return the sections of a group: all numbers but the flags."""
    return struct.unpack(f"<{section['sh_size'] // 4}I", section.data())[1:]


def summarize(data: bytes) -> Summary:
    """Return sections, relocations and symbols; what only numbers or orders them is left out.

    GNU as adds `_GLOBAL_OFFSET_TABLE_` to the symbols of objects with GOT relocations; no linker needs that.
    """
    from elftools.elf.elffile import ELFFile
    from elftools.elf.relocation import RelocationSection

    elf = ELFFile(io.BytesIO(data))
    sections = list(elf.iter_sections())
    summary: Summary = {"sections": {}, "symbols": []}
    for section in sections:
        if section["sh_type"] in ("SHT_NULL", "SHT_SYMTAB", "SHT_STRTAB", "SHT_GROUP", "SHT_RELA", "SHT_REL"):
            continue
        nobits = section["sh_type"] == "SHT_NOBITS"
        summary["sections"][section.name] = {
            "type": str(section["sh_type"]),
            "flags": section["sh_flags"],
            "align": section["sh_addralign"],
            "entsize": section["sh_entsize"],
            "size": section["sh_size"],
            "data": "" if nobits else section.data().hex(),
            "relocations": [],
        }
    symtab = elf.get_section_by_name(".symtab")
    for section in sections:
        if isinstance(section, RelocationSection):
            rows = summary["sections"][sections[section["sh_info"]].name]["relocations"]
            for r in section.iter_relocations():
                symbol = symtab.get_symbol(r["r_info_sym"])
                is_section = symbol["st_info"]["type"] == "STT_SECTION"
                name = f"section {sections[symbol['st_shndx']].name}" if is_section else symbol.name
                rows.append([r["r_offset"], r["r_info_type"], name, r["r_addend"] if section.is_RELA() else 0])
            rows.sort()
    summary["groups"] = sorted(
        [symtab.get_symbol(section["sh_info"]).name, *(sections[number].name for number in group_members(section))]
        for section in sections
        if section["sh_type"] == "SHT_GROUP"
    )
    for symbol in symtab.iter_symbols() if symtab is not None else ():
        kind = symbol["st_info"]["type"]
        if kind == "STT_SECTION" or not symbol.name or symbol.name == "_GLOBAL_OFFSET_TABLE_":
            continue
        index = symbol["st_shndx"]
        place = sections[index].name if isinstance(index, int) else str(index)
        info = [symbol["st_info"]["bind"], kind, symbol["st_other"]["visibility"], place]
        summary["symbols"].append([symbol.name, symbol["st_value"], symbol["st_size"], *info])
    summary["symbols"].sort()
    return summary


def difference(one: Summary, two: Summary) -> str:
    """Return where two objects differ first, for people; an empty text when they are equal."""
    for name in sorted({*one["sections"], *two["sections"]}):
        first, second = one["sections"].get(name), two["sections"].get(name)
        if first is None or second is None:
            return f"section {name} is only in {'the second' if first is None else 'the first'}"
        for key in first:
            if first[key] == second[key]:
                continue
            if key == "data":
                a, b = bytes.fromhex(first[key]), bytes.fromhex(second[key])
                at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
                around = slice(max(0, at - 8), at + 16)
                return f"{name}+{at:#x}: {a[around].hex(' ')} and {b[around].hex(' ')}"
            if key == "relocations":
                only = [row for row in first[key] if row not in second[key]]
                other = [row for row in second[key] if row not in first[key]]
                return f"relocations of {name}: {only[:4]} and {other[:4]}"
            return f"{key} of {name}: {first[key]} and {second[key]}"
    only = [row for row in one["symbols"] if row not in two["symbols"]]
    other = [row for row in two["symbols"] if row not in one["symbols"]]
    return f"symbols: {only[:4]} and {other[:4]}" if only or other else ""
