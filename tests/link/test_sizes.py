"""`exotool size` and `exotool map --html`: what an image consists of, whoever linked it."""

from __future__ import annotations

import re
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.compiler.stack import stack_depths
from exotool.diagnostics import ToolError
from exotool.link.image import read_image
from exotool.link.maphtml import map_html
from exotool.link.sizes import by_kind, compare_sizes, comparison, differences, size_table

from ..conftest import CommandLine
from .ldjobs import kernel_objects, our_ld, write_objects

SCRIPT = "ENTRY(_start) SECTIONS { . = 1M; .text : { *(.boot .text*) } .rodata : { *(.rodata* .table orphan_ro) } "
SCRIPT += (
    ".data : { *(.data* .init* orphan_rw) } .bss : { *(.bss* orphan_bss) } /DISCARD/ : { *(.note*) *(orphan_code) } }"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    objects = write_objects(tmp_path, kernel_objects())
    (tmp_path / "a.ld").write_text(SCRIPT)
    (tmp_path / "b.ld").write_text(
        SCRIPT.replace("*(.boot", "FILL(0x90) . += 0x100; *(.boot").replace(".data :", ".data2 :")
    )
    for name in ("a", "b"):
        our_ld(tmp_path, "-T", f"{name}.ld", *objects)
        (tmp_path / "ours").rename(tmp_path / f"{name}.elf")
    return tmp_path


def test_kinds_are_the_sums_of_their_sections(folder: Path) -> None:
    image = read_image(folder / "a.elf")
    kinds = by_kind(image)
    assert sum(kinds.values()) == sum(s.size for s in image.sections if s.kind != "debug")
    assert {s.name: s.kind for s in image.sections if s.kind != "debug"} == {
        ".text": "code",
        ".rodata": "constants",
        ".data": "data",
        ".bss": "zeros",
    }
    assert "boot_data" in size_table(image)


def test_comparison(folder: Path) -> None:
    old, new = read_image(folder / "a.elf"), read_image(folder / "b.elf")
    text = compare_sizes(old, new)
    assert re.search(r"^ +code +\d+ +\d+ +\+256$", text, re.MULTILINE)
    rows = {row[0]: (row[1], row[2]) for row in differences({"x": 1, "y": 2, "z": 3}, {"x": 1, "y": 5, "w": 9})}
    assert rows == {"w": (None, 9), "y": (2, 5), "z": (3, None)}
    sections = {row[0]: row[1:] for row in comparison(old, new)["sections"]}
    assert sections[".data2"][0] is None and sections[".data"][1] is None
    assert compare_sizes(old, old).count("\n") == 4


def test_page_is_well_formed_and_has_every_section(folder: Path) -> None:
    image = read_image(folder / "a.elf")
    page = map_html(image)
    stack: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag != "meta":
                stack.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert stack.pop() == tag

    checker = Checker()
    checker.feed(page)
    assert not stack
    for section in image.sections:
        assert section.kind == "debug" or page.count(f'title="{section.name}: ') == 1 + bool(section.file_size)
    assert page == map_html(read_image(folder / "a.elf"))
    assert "<script" not in page


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x7fELF\x02\x01\x01" + bytes(60))
    (tmp_path / "y").write_text("no image")
    for name in ("x", "y"):
        with pytest.raises(ToolError) as caught:
            read_image(tmp_path / name)
        assert caught.value.diagnostics[0].code == "L0801"


def test_command_line(folder: Path, exotool: CommandLine) -> None:
    done = exotool("size", "--compare", "a.elf", "b.elf", cwd=folder)
    assert done.returncode == 0
    assert done.stdout.startswith("b.elf takes +")
    assert '"sections"' in exotool("--json", "size", "--compare", "a.elf", "b.elf", cwd=folder).stdout
    assert exotool("size", "--compare", "a.elf", cwd=folder).returncode == 2
    assert exotool("map", "a.elf", "--html", "m.html", cwd=folder).returncode == 0
    assert (folder / "m.html").read_text().startswith("<!DOCTYPE html>")


# Hostile images


def hostile_seed() -> bytes:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "a.ld").write_text(SCRIPT)
        image = our_ld(folder, "-T", "a.ld", *write_objects(folder, kernel_objects())).image
        assert image is not None
        return image.data


SEED = hostile_seed()
TABLES = int.from_bytes(SEED[40:48], "little")
"""Where the section headers begin: most changes are there and in the headers at the file's start."""

places = st.one_of(st.integers(0, 0x200), st.integers(TABLES, len(SEED) - 1), st.integers(0, len(SEED) - 1))
values = st.one_of(st.binary(min_size=1, max_size=8), st.sampled_from([b"\xff" * 8, bytes(8), b"\0\0\0\0\0\0\0\x40"]))


def look(data: bytes) -> None:
    """Look at an image in every way; errors are the only other end."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "image")
        path.write_bytes(data)
        try:
            image = read_image(path)
        except ToolError as error:
            assert [d.code for d in error.diagnostics] == ["L0801"]
        else:
            compare_sizes(image, image)
            map_html(image)
    try:
        stack_depths(data, "image", {})
    except ToolError as error:
        assert error.diagnostics


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(places, values), min_size=1, max_size=8))
def test_mutated_images(changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(SEED)
    for at, value in changes:
        data[at : at + len(value)] = value[: len(data) - at]
    look(bytes(data))


@given(st.integers(0, len(SEED)))
def test_truncated_images(size: int) -> None:
    look(SEED[:size])


def test_names_that_overlap_without_measure(tmp_path: Path) -> None:
    data = bytearray(SEED)
    path = tmp_path / "image"
    strings = len(data)
    data += b"x" * 40000 + b"\0"
    table = len(data)
    data += (b"\1\0\0\0" + bytes(12) + b"\1" + bytes(7)) * 2000
    for index in range(int.from_bytes(data[60:62], "little")):
        header = TABLES + 64 * index
        if int.from_bytes(data[header + 4 : header + 8], "little") == 2:
            data[header + 24 : header + 40] = table.to_bytes(8, "little") + (24 * 2000).to_bytes(8, "little")
            link = TABLES + 64 * int.from_bytes(data[header + 40 : header + 44], "little")
            data[link + 24 : link + 40] = strings.to_bytes(8, "little") + (40001).to_bytes(8, "little")
    path.write_bytes(data)
    with pytest.raises(ToolError) as caught:
        read_image(path)
    assert caught.value.diagnostics[0].label == "its names overlap without measure"
