"""Address -> function, file and line, from images and objects, whole and damaged."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.elf import read_object, write_object
from exotool.elf.constants import STT_FUNC
from exotool.elf.dwarf_line import LineRange, decode_lines
from exotool.elf.lines import Lines, Location, object_lines, section_address

from ..link.objects import HIGH, Builder, line_table, link_all, start, uleb


def traps() -> list[Builder]:
    a, b = start("boot.o", bytes(16)), Builder("trap.o")
    a.lines(1, "boot.S", [(0, 10), (5, 11)], 16)
    text = b.text(bytes(32))
    b.symbol("trap_handler", text, 0, kind=STT_FUNC, size=20)
    b.local("alias", text, 0)
    b.local("tail", text, 24)
    b.local(".Linner", text, 4)
    b.lines(text, "kernel_asm/trap.S", [(0, 40), (18, 41), (24, 50)], 32)
    b.symbol("variable", b.data(bytes(8)), 0)
    return [a, b]


TRAPS = link_all(*traps()).data


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (0, "_start (boot.S:10)"),
        (5, "_start+0x5 (boot.S:11)"),
        (16, "trap_handler (kernel_asm/trap.S:40)"),
        (16 + 18, "trap_handler+0x12 (kernel_asm/trap.S:41)"),
        (16 + 22, "kernel_asm/trap.S:41"),
        (16 + 24, "tail (kernel_asm/trap.S:50)"),
        (16 + 31, "tail+0x7 (kernel_asm/trap.S:50)"),
        (16 + 32, "0xffffffff80100030"),
        (-1, "0xffffffff800fffff"),
        (0x2004, "variable+0x4"),
    ],
)
def test_addresses_of_an_image(offset: int, text: str) -> None:
    assert Lines(TRAPS).symbolize(HIGH + offset) == text


def test_lookup_gives_the_parts() -> None:
    assert Lines(TRAPS).lookup(HIGH + 34) == Location("trap_handler", 18, "kernel_asm/trap.S", 41, 0)
    assert Lines(TRAPS).lookup(0) is None


def test_object_before_the_link() -> None:
    obj = read_object(write_object(traps()[1].obj), "trap.o")
    lines = object_lines(obj)
    assert str(lines.lookup(section_address(1, 18))) == "trap_handler+0x12 (kernel_asm/trap.S:41)"
    assert lines.lookup(section_address(1, 32)) is None
    data = next(index for index, section in enumerate(obj.sections) if section.name == ".data")
    assert str(lines.lookup(section_address(data, 4))) == "variable+0x4"


def test_two_sections_of_an_object_are_told_apart() -> None:
    b = Builder()
    for name, line in ((".text.a", 7), (".text.b", 9)):
        text = b.text(bytes(8), name)
        b.local(name[-1], text)
        b.lines(text, "x.S", [(0, line)], 8)
    lines = object_lines(b.obj)
    found = [lines.lookup(section_address(index, 4)) for index in (1, 3)]
    assert [str(place) for place in found] == ["a+0x4 (x.S:7)", "b+0x4 (x.S:9)"]


def test_code_that_was_left_out_hides_nothing() -> None:
    table = line_table("gone.c", [(0, 1)], 0x1000)
    assert [r.start for r in decode_lines(table)] == [0]
    b = start(code=bytes(16))
    b.lines(1, "real.S", [(0, 3)], 16)
    b.section(".debug_line", table, 0)
    assert Lines(link_all(b).data).symbolize(HIGH) == "_start (real.S:3)"


def test_no_debug_information_leaves_the_function() -> None:
    assert Lines(link_all(start(code=bytes(8))).data).symbolize(HIGH + 3) == "_start+0x3"


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"hello", TRAPS[:100], bytes(5000)])
def test_what_is_no_image_gives_the_address(data: bytes) -> None:
    assert Lines(data).symbolize(0x1234) == "0x1234"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(TRAPS) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_damaged_images_raise_nothing(changes: list[tuple[int, int]]) -> None:
    data = bytearray(TRAPS)
    for at, value in changes:
        data[at] = value
    lines = Lines(bytes(data))
    for address in (HIGH, HIGH + 34, 0):
        lines.symbolize(address)


TABLE = line_table("a.S", [(0, 1), (4, 100), (9, 3)], 12) + line_table("b.S", [(100, 1)], 120)


def test_two_units() -> None:
    assert decode_lines(TABLE) == [
        LineRange(0, 4, "a.S", 1, 0),
        LineRange(4, 9, "a.S", 100, 0),
        LineRange(9, 12, "a.S", 3, 0),
        LineRange(100, 120, "b.S", 1, 0),
    ]


def test_unit_after_a_damaged_one_is_read() -> None:
    damaged = bytearray(TABLE)
    damaged[4] = 77
    assert [r.path for r in decode_lines(bytes(damaged))] == ["b.S"]


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200), st.integers(0, len(TABLE)))
def test_damaged_tables_raise_nothing(noise: bytes, at: int) -> None:
    decode_lines(TABLE[:at] + noise + TABLE[at + len(noise) :], noise, noise)
    decode_lines(noise, noise, noise)


def flood(files: int) -> bytes:
    """Return a table with a directory of 4,000 letters, and a row in each of so many files in it."""
    names = b"d" * 4000 + b"\0\0" + b"f\0\1\0\0" * files + b"\0"
    tail = bytes((1, 1, 1, 0xFB, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1)) + names
    rows = b"".join(b"\x04" + uleb(number) + b"\x01\x02\x01" for number in range(1, files + 1))
    unit = struct.pack("<HI", 4, len(tail)) + tail + b"\0\x09\x02" + bytes(8) + rows + b"\0\x01\x01"
    return struct.pack("<I", len(unit)) + unit


def test_names_without_measure_are_not_built() -> None:
    assert [len(r.path) for r in decode_lines(flood(10))] == [4002] * 10
    assert decode_lines(flood(10_000)) == []


GCC = shutil.which("gcc")

SOURCE = """
static int twice(int x) { return x + x; }
int add(int a, int b)
{
    int c = twice(a);
    for (int i = 0; i < b; i++)
        c += twice(i) * a;
    return c;
}
int other(int a) { return add(a, 3); }
"""


@pytest.mark.skipif(GCC is None, reason="gcc is not installed")
@pytest.mark.parametrize("version", [2, 3, 4, 5])
def test_compiled_lines_agree_with_pyelftools(version: int, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.c").write_text(SOURCE)
    command = ["gcc", f"-gdwarf-{version}", "-O2", "-nostdlib", "-static", "-Wl,-eadd", "sub/a.c", "-o", "a.elf"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    data = (tmp_path / "a.elf").read_bytes()
    lines = Lines(data)
    expected = dict(reference_lines(data))
    assert len(expected) > 5
    for address, line in expected.items():
        found = lines.lookup(address)
        assert found is not None
        assert (found.path, found.line) == ("sub/a.c", line)


def reference_lines(data: bytes) -> list[tuple[int, int]]:
    """Return the last row of each address that begins a range, as pyelftools decodes them."""
    dwarf = ELFFile(io.BytesIO(data)).get_dwarf_info()
    rows: list[tuple[int, int, bool]] = []
    for unit in dwarf.iter_CUs():
        for entry in dwarf.line_program_for_CU(unit).get_entries():
            if entry.state is not None:
                rows.append((entry.state.address, entry.state.line, entry.state.end_sequence))
    return [(a, line) for (a, line, end), (b, _, _) in pairwise(rows) if not end and a < b and line]
