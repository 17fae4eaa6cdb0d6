"""Objects that no tool ever wrote: any bytes end in an image or in errors, in bounded time and without a traceback."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.elf import ObjectFile, read_object, write_object
from exotool.elf.constants import EM_X86_64, SHT_NOBITS, SHT_PROGBITS
from exotool.elf.objects import Section
from exotool.link import link
from exotool.link.model import LinkOptions
from exotool.link.relocatable import link_relocatable
from exotool.link.script import ScriptLayouter, parse_script
from exotool.link.script.default import default_script

from .objects import A, Builder, W, X, errors_of, kernel_layout, start


def seed() -> bytes:
    b = start("seed.o", bytes(48))
    b.symbol("f", b.data(bytes(16), align=8), 4, size=4)
    b.bss(64)
    b.note(bytes(16))
    b.symbol("g", b.text(b"\xc3", ".text.g"))
    b.lines(1, "seed.S", [(0, 1), (4, 2)], 48)
    for offset, kind in ((0, 1), (8, 2), (12, 4), (16, 9), (23, 42), (30, 10)):
        b.refer(1, offset, kind, "f", -4)
    b.refer(2, 0, 1, "absent")
    return write_object(b.obj)


SEED = seed()


def attempt(data: bytes) -> None:
    try:
        link([read_object(data, "fuzz.o")], kernel_layout(orphans="place"), "_start")
    except ToolError as error:
        assert error.diagnostics


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_mutated_objects(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SEED)
    for at, value in changes:
        data[at] = value
    attempt(bytes(data))


OPTIONS = LinkOptions(gc_sections=True, why=("_start",), emit_relocs=True, build_id="sha1")


def attempt_all(data: bytes) -> None:
    """Link by the default script, with every pass that takes sections apart, and join with itself."""
    script = default_script(EM_X86_64, separate_code=True, omagic=False)
    for join in (False, True):
        try:
            objects = [read_object(data, "fuzz.o")]
            if join:
                read_object(link_relocatable(objects, OPTIONS), "joined.o")
            else:
                link(objects, ScriptLayouter(parse_script(script, "script"), OPTIONS), "_start", options=OPTIONS)
        except ToolError as error:
            assert error.diagnostics
            assert "L0901" not in {diagnostic.code for diagnostic in error.diagnostics}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_mutated_objects_in_every_pass(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SEED)
    for at, value in changes:
        data[at] = value
    attempt_all(bytes(data))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
def test_mutated_objects_of_a_compiler(tmp_path: Path) -> None:
    function = 'int f(int x) { if (x) throw std::runtime_error("x"); return t++; }'
    (tmp_path / "f.cc").write_text(f"#include <stdexcept>\nthread_local int t; {function}\n")
    subprocess.run(["g++", "-c", "-O1", "-g", "-fPIC", "f.cc"], cwd=tmp_path, check=True)
    original, chance = (tmp_path / "f.o").read_bytes(), random.Random(1)
    headers = int.from_bytes(original[40:48], "little")
    for _ in range(600):
        data = bytearray(original)
        for _ in range(chance.choice((1, 2, 4))):
            first = headers if chance.random() < 0.4 else 0
            data[chance.randrange(first, len(data))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        attempt_all(bytes(data))


@pytest.mark.slow
def test_every_byte_changed() -> None:
    for at in range(len(SEED)):
        for value in (0, 0xFF, SEED[at] ^ 1, SEED[at] ^ 0x80):
            attempt(SEED[:at] + bytes((value,)) + SEED[at + 1 :])


def test_huge_alignment_of_data() -> None:
    b = start()
    b.data(b"x", align=1 << 40)
    assert "error[" in errors_of(b)


def test_huge_alignment_of_debug_section() -> None:
    b = start()
    b.section(".debug_x", b"x", 0, align=1 << 40)
    assert len(link([b.obj], kernel_layout(), "_start").data) < 1 << 16


def test_many_sections_of_many_names() -> None:
    b = start()
    for number in range(3000):
        b.obj.sections.append(Section(f".rodata.{number}", 1, A, 1, b"x", 1))
    link([b.obj], kernel_layout(), "_start")


def test_group_that_names_a_section_twice() -> None:
    a = start()
    for path in ("b.o", "c.o"):
        b = Builder(path)
        index = b.section(".text.x", b"\xc3", A | X)
        b.group("x", index, index)
        link([a.obj, b.obj, b.obj], kernel_layout(), "_start")


def test_relocation_in_a_section_without_bytes() -> None:
    b = start()
    bss = b.section(".bss", b"", A | W, sh_type=8, size=16)
    b.refer(bss, 0, 1, 1)
    assert "error[L0106]" in errors_of(b)


def huge(name: str, *, align: int = 1, size: int = 0, sh_type: int = SHT_PROGBITS) -> ObjectFile:
    """Return an object with code and a section that asks for more than there is; twice it comes behind itself."""
    b = start("huge.o", b"\xc3")
    b.section(name, b"" if size else b"x", A | W, sh_type=sh_type, size=size)
    b.obj.sections[-1].sh_addralign = align
    return read_object(write_object(b.obj), "huge.o")


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"align": 1 << 40}, "L0407: the file would hold 1099511627775 bytes of zeros in section `.huge`"),
        ({"size": 1 << 63, "sh_type": SHT_NOBITS}, "L0509: section `.huge` would take 0x10000000000000000 bytes"),
    ],
)
def test_relocatable_without_measure(section: dict[str, int], message: str) -> None:
    one, two = huge(".huge", **section), huge(".huge", **section)
    with pytest.raises(ToolError) as caught:
        link_relocatable([one, two], LinkOptions(relocatable=True, allow_multiple_definition=True))
    (found,) = caught.value.diagnostics
    assert f"{found.code}: {found.message}" == message
    assert len(link_relocatable([one], LinkOptions(relocatable=True))) < 1 << 20


def test_flags_above_bit_62_stay() -> None:
    b = start("flags.o", b"\xc3")
    b.section(".flagged", b"x", A | 1 << 63)
    joined = read_object(link_relocatable([b.obj], LinkOptions(relocatable=True)), "joined.o")
    assert next(s for s in joined.sections if s.name == ".flagged").sh_flags == A | 1 << 63
