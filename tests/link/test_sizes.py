"""`exotool size` and `exotool map --html`: what an image consists of, whoever linked it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

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
