"""DWARF line information, read back with pyelftools, and with readelf and addr2line where they are."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.asm.objects import ours
from tests.second_assembler import Arch

SOURCE = """\
#include "macros.h"
        .text
start:  nop
        TWICE(nop)
        .macro  save register
        push    %\\register
        pop     %\\register
        .endm
        save    rax
        .rept   2
        jmp     start
        .endr
        .data
        .long   1
        .section .text.other, "ax"
        .skip   1000, 0x90
        hlt
"""


def lines(data: bytes) -> list[tuple[str, int, int]]:
    """Return (file, line, address) of every row, as pyelftools reads it with the relocations applied."""
    from elftools.elf.elffile import ELFFile

    (unit,) = ELFFile(io.BytesIO(data)).get_dwarf_info().iter_CUs()
    program: Any = unit.dwarfinfo.line_program_for_CU(unit)
    files = program["file_entry"]
    found = []
    for entry in program.get_entries():
        state = entry.state
        if state is not None and not state.end_sequence:
            found.append((files[state.file].name.decode(), state.line, state.address))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel" / "macros.h").write_text("#define TWICE(x) x ; x\n        cli\n")
    return tmp_path


@pytest.mark.parametrize("arch", ["x86_64", "i386"])
def test_every_instruction_has_its_line(folder: Path, arch: Arch) -> None:
    source = SOURCE if arch == "x86_64" else SOURCE.replace("rax", "eax")
    data = ours(source, str(folder / "kernel" / "trap.S"), arch, debug=True, root=folder)
    assert lines(data) == [
        ("kernel/macros.h", 2, 0),
        ("kernel/trap.S", 3, 1),
        ("kernel/trap.S", 4, 2),
        ("kernel/trap.S", 4, 3),
        ("kernel/trap.S", 9, 4),
        ("kernel/trap.S", 9, 5),
        ("kernel/trap.S", 10, 6),
        ("kernel/trap.S", 10, 8),
        ("kernel/trap.S", 17, 1000),
    ]
    assert str(folder).encode() not in data


def test_no_instructions_no_debug_information(folder: Path) -> None:
    assert b".debug" not in ours(".data\n.long 1\n", debug=True)


def test_far_lines_and_addresses(folder: Path) -> None:
    text = "nop\n" + "\n" * 5000 + ".skip 100000\nnop\n" + ".balign 64\n" + "nop\n" * 3
    found = lines(ours(text, debug=True))
    assert [(line, address) for _, line, address in found] == [
        (1, 0),
        (5003, 100001),
        (5005, 100032),
        (5006, 100033),
        (5007, 100034),
    ]


@pytest.mark.skipif(shutil.which("readelf") is None, reason="needs readelf")
def test_readelf_has_no_complaints(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "trap.o"
    path.write_bytes(ours(SOURCE, str(folder / "kernel" / "trap.S"), debug=True, root=folder))
    command = ["readelf", "-W", "--debug-dump=info,abbrev,decodedline,rawline,Ranges", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not done.stderr
    assert "kernel/trap.S" in done.stdout


@pytest.mark.skipif(shutil.which("addr2line") is None or shutil.which("ld") is None, reason="needs GNU binutils")
def test_lines_of_a_linked_image(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "trap.o"
    path.write_bytes(ours(SOURCE, str(folder / "kernel" / "trap.S"), debug=True, root=folder))
    image = tmp_path / "image"
    subprocess.run(["ld", "-Ttext=0x100000", "-e", "0x100000", "-o", str(image), str(path)], check=True)
    command = ["addr2line", "-e", str(image), "0x100000", "0x100004", "0x100006"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [line.rsplit("/", 1)[-1] for line in done.stdout.split()] == ["macros.h:2", "trap.S:9", "trap.S:10"]
