"""NOCROSSREFS: references between sections that a script forbids are errors, those that it allows are none."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from exotool.diagnostics import Diagnostic, ToolError
from exotool.elf import write_object
from exotool.elf.constants import X86Reloc
from exotool.link.driver import run_ld
from tests.link.objects import Builder

SECTIONS = "SECTIONS { .text : { *(.text) } .a : { *(.a) } .b : { *(.b) } .c : { *(.c) } %s }"


def build(folder: Path, references: Sequence[tuple[str, str]], script: str) -> list[str]:
    """Write an object with a symbol in each section and references from section to section; return the command."""
    b = Builder("x.o")
    b.symbol("_start", b.text(b"\xc3"))
    sections = {name: b.text(bytes(8 * (1 + len(references))), f".{name}") for name in "abc"}
    symbols = {name: b.symbol(f"in_{name}", section) for name, section in sections.items()}
    for number, (source, target) in enumerate(references):
        b.refer(sections[source], 8 * number, X86Reloc.R_X86_64_64, symbols.get(target, target))
    (folder / "x.o").write_bytes(write_object(b.obj))
    (folder / "x.ld").write_text(script)
    return ["-T", "x.ld", "-e", "_start", "-o", "x", "x.o"]


def problems(folder: Path, references: Sequence[tuple[str, str]], script: str) -> list[Diagnostic]:
    command = build(folder, references, script)
    try:
        run_ld(command, folder)
    except ToolError as error:
        found = list(error.diagnostics)
    else:
        found = []
    if (path := shutil.which("ld.bfd")) is not None:
        done = subprocess.run([path, *command, "-o", "ref"], cwd=folder, capture_output=True, text=True, check=False)
        assert done.stderr.count("prohibited cross reference") == len(found)
    return found


def test_each_forbidden_reference_is_an_error(tmp_path: Path) -> None:
    script = SECTIONS % "" + " NOCROSSREFS(.a .b)\n"
    found = problems(tmp_path, [("a", "b"), ("b", "a"), ("a", "c"), ("c", "a"), ("a", "a")], script)
    assert [d.code for d in found] == ["L0116", "L0116"]
    assert found[0].message == "`.a` refers to `in_b` in `.b`"
    assert found[1].message == "`.b` refers to `in_a` in `.a`"
    place = found[0].notes[0].place
    assert place is not None
    assert (place.path, place.line) == ("x.ld", 1)


def test_to_the_first_only(tmp_path: Path) -> None:
    script = SECTIONS % "" + " NOCROSSREFS_TO(.a .b .c)\n"
    found = problems(tmp_path, [("a", "b"), ("b", "a"), ("b", "c"), ("c", "a")], script)
    assert [d.message for d in found] == ["`.b` refers to `in_a` in `.a`", "`.c` refers to `in_a` in `.a`"]


def test_symbols_of_the_script_belong_to_their_sections(tmp_path: Path) -> None:
    script = "SECTIONS { .text : { *(.text) } .a : { *(.a) } .b : { b_start = .; *(.b) } .c : { *(.c) } } "
    found = problems(tmp_path, [("a", "b_start")], script + "NOCROSSREFS(.a .b)\n")
    assert [d.message for d in found] == ["`.a` refers to `b_start` in `.b`"]


@pytest.mark.parametrize(("word", "count"), [("NOCROSSREFS", 1), ("", 0)])
def test_overlays(tmp_path: Path, word: str, count: int) -> None:
    overlay = f"OVERLAY 0x1000 : {word} {{ .a {{ *(.a) }} .b {{ *(.b) }} }}"
    script = f"SECTIONS {{ .text : {{ *(.text) }} .c : {{ *(.c) }} {overlay} }}\n"
    assert len(problems(tmp_path, [("a", "b"), ("c", "b")], script)) == count
