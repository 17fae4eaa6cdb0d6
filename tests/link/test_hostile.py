"""Objects that no tool ever wrote: any bytes end in an image or in errors, in bounded time and without a traceback."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.elf import read_object, write_object
from exotool.elf.objects import Section
from exotool.link import link

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
