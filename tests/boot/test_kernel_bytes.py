"""Every byte of the kernel's assembly, against a second assembler and a disassembler that know nothing of ours.

GNU as, where there is one, gets the source as it is, through gcc's preprocessor, and must agree on bytes, relocations
and symbols. LLVM's assembler comes with llvmlite; it pads code and refers to global symbols in its own way, so both
get a text that leaves no choice there. pyelftools reads all objects.
"""

from __future__ import annotations

import io
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exotool.asm import Options, assemble
from exotool.asm.sources import Sources
from exotool.diagnostics import Collector
from exotool.elf import write_object
from exotool.elf.constants import SHF_EXECINSTR, STT_FUNC
from tests.boot.exov6 import KERNEL_ASM
from tests.second_assembler import Arch, assemble_with_llvm

SOURCES: list[tuple[str, Arch]] = [
    *((path.name, "x86_64") for path in sorted(KERNEL_ASM.glob("*.S"))),
    ("swtch.S", "i386"),
]


@dataclass
class Contents:
    """An object file: sections with type, flags, alignment, size and bytes; where relocations point; symbols.

    A relocation is (section, offset, type, symbol or section, addend); in `places` a symbol of this object is the
    place that it stands for, and types are left out.
    """

    sections: dict[str, tuple[str, int, int, int, bytes]]
    relocations: list[tuple[str, int, int, str, int]]
    places: list[tuple[str, int, str, int]]
    symbols: list[tuple[Any, ...]]


def read(data: bytes) -> Contents:
    from elftools.elf.elffile import ELFFile
    from elftools.elf.relocation import RelocationSection

    elf = ELFFile(io.BytesIO(data))
    names = [section.name for section in elf.iter_sections()]
    found = Contents({}, [], [], [])
    for section in elf.iter_sections():
        if isinstance(section, RelocationSection):
            table = elf.get_section(section["sh_link"])
            where = names[section["sh_info"]]
            for r in section.iter_relocations():
                symbol = table.get_symbol(r["r_info_sym"])
                index, addend = symbol["st_shndx"], r["r_addend"] if section.is_RELA() else 0
                name = symbol.name or names[index]
                found.relocations.append((where, r["r_offset"], r["r_info_type"], name, addend))
                home = names[index] if isinstance(index, int) else ""
                place = (home, symbol["st_value"] + addend) if home else (name, addend)
                found.places.append((where, r["r_offset"], *place))
        elif section["sh_type"] == "SHT_SYMTAB":
            for symbol in section.iter_symbols():
                info, index = symbol["st_info"], symbol["st_shndx"]
                if symbol.name and info["type"] not in ("STT_FILE", "STT_SECTION"):
                    home = names[index] if isinstance(index, int) else index
                    entry = (symbol.name, symbol["st_value"], symbol["st_size"], info["bind"], info["type"], home)
                    found.symbols.append(entry)
        elif section["sh_type"] in ("SHT_PROGBITS", "SHT_NOBITS", "SHT_NOTE"):
            kept = section["sh_size"] or section.name not in (".text", ".data", ".bss", ".note.GNU-stack")
            if kept and section.name != ".note.gnu.property":
                assert section.name not in found.sections
                header = (section["sh_type"], section["sh_flags"], section["sh_addralign"], section["sh_size"])
                found.sections[section.name] = (*header, section.data())
    found.relocations.sort()
    found.places.sort()
    found.symbols.sort()
    return found


def ours(name: str, arch: Arch) -> bytes:
    path = KERNEL_ASM / name
    return write_object(assemble(path.read_bytes(), path, Options(arch)).object)


@pytest.mark.parametrize(("name", "arch"), SOURCES)
def test_gnu_as_agrees(tmp_path: Path, name: str, arch: Arch) -> None:
    if shutil.which("gcc") is None or shutil.which("as") is None:
        pytest.skip("gcc and GNU as are not installed")
    output = tmp_path / "gnu.o"
    subprocess.run(["gcc", "-m32" if arch == "i386" else "-m64", "-c", KERNEL_ASM / name, "-o", output], check=True)
    assert read(ours(name, arch)) == read(output.read_bytes())


def without_choices(name: str, arch: Arch) -> bytes:
    """Return the preprocessed source with the padding between functions spelt out, and without global symbols."""
    path = KERNEL_ASM / name
    sources = Sources(Options(arch))
    collector = Collector()
    lines = [line.text for line in sources.lines(sources.open_source(path.read_bytes(), path), collector)]
    collector.check()
    text = re.sub(r"^(\s*\.balign\s+16)$", r"\1, 0xcc", "\n".join(lines), flags=re.MULTILINE)
    text = re.sub(r"^\s*\.globl\b.*$", "", text, flags=re.MULTILINE)
    return text.encode() + b"\n"


@pytest.mark.parametrize(("name", "arch"), SOURCES)
def test_llvm_agrees(name: str, arch: Arch) -> None:
    pytest.importorskip("llvmlite")
    if platform.machine() != "x86_64":
        pytest.skip("llvmlite has an assembler only for the machine that it runs on")
    text = without_choices(name, arch)
    llvm = read(assemble_with_llvm(text, arch))
    mine = read(write_object(assemble(text, Path(name).with_suffix(".s"), Options(arch)).object))
    assert sorted(mine.sections) == sorted(llvm.sections)
    for section in sorted(mine.sections):
        assert mine.sections[section][3:] == llvm.sections[section][3:], section
    assert mine.places == llvm.places


@pytest.mark.parametrize(("name", "arch"), SOURCES)
def test_capstone_reads_it_back(name: str, arch: Arch) -> None:
    """Code decodes without a gap, functions begin and end between instructions, relocations fill operand fields."""
    path = KERNEL_ASM / name
    obj = assemble(path.read_bytes(), path, Options(arch)).object
    for index, section in enumerate(obj.sections):
        if not section.sh_flags & SHF_EXECINSTR:
            continue
        places = {symbol.name: symbol.st_value for symbol in obj.symbols if symbol.section == index}
        boundary = 0
        if arch == "i386" or section.name == ".text.boot":
            boundary = places.get("low64", section.sh_size)
        starts, fields = decoded(bytes(section.data), boundary)
        for symbol in obj.symbols:
            if symbol.section == index and symbol.type == STT_FUNC:
                assert symbol.st_value in starts, symbol.name
                assert symbol.st_value + symbol.st_size in starts, symbol.name
        assert {r.r_offset for r in section.relocations} <= fields


def decoded(code: bytes, boundary: int) -> tuple[set[int], set[int]]:
    """Decode 32-bit code up to `boundary`, 64-bit code behind it.

    Returns where instructions begin, the end of the code among them, and where their displacements and immediates do.
    """
    import capstone

    starts, fields = {len(code)}, set()
    for mode, at, end in ((capstone.CS_MODE_32, 0, boundary), (capstone.CS_MODE_64, boundary, len(code))):
        decoder = capstone.Cs(capstone.CS_ARCH_X86, mode)
        decoder.detail = True
        for instruction in decoder.disasm(code[at:end], at):
            assert instruction.address == at
            starts.add(at)
            offsets = {instruction.encoding.disp_offset, instruction.encoding.imm_offset} - {0}
            if instruction.mnemonic == "ljmp":
                offsets = {1, 5}  # Capstone tells only the place of the selector
            fields |= {at + offset for offset in offsets}
            at += instruction.size
        assert at == end, f"{code[at : at + 15].hex()} at {at:#x} does not decode"
    return starts, fields
