"""`-r`: one object that stands for several, with what GNU ld -r has in it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from exotool.elf import ObjectFile, read_object, write_object
from exotool.elf.constants import SHF_GROUP, SHN_UNDEF, STB_LOCAL, STB_WEAK, STT_SECTION, STV_HIDDEN
from exotool.link.driver import run_ld
from tests.link.objects import A, Builder, X


def objects(folder: Path) -> list[str]:
    """Write two objects that refer to each other: by name, by section, by a local name, weakly, to a group."""
    first, second = Builder("a.o"), Builder("b.o")
    for b, other, code in ((first, "from_b", b"\x90" * 12), (second, "from_a", b"\x90" * 13)):
        text = b.text(code, align=16)
        b.symbol(f"from_{b.obj.path[0]}", text)
        counter = b.symbol("counter", b.data(bytes(8)), 4, bind=STB_LOCAL)
        b.refer(text, 1, 4, other, -4)
        b.refer(text, 6, 2, counter, -4)
        inline = b.section(".text.inline", b"\xc3", A | X | SHF_GROUP)
        b.symbol("inline", inline, bind=STB_WEAK, visibility=STV_HIDDEN)
        b.group("inline", inline)
    first.refer(2, 0, 1, first.symbol("maybe", SHN_UNDEF, bind=STB_WEAK), 8)
    for b in (first, second):
        (folder / b.obj.path).write_bytes(write_object(b.obj))
    return ["a.o", "b.o"]


def meaning(obj: ObjectFile) -> object:
    """Return what an object says, whatever the order of its symbols."""
    names = [s.name if s.type != STT_SECTION else obj.sections[s.section].name for s in obj.symbols]
    sections = {
        s.name: (bytes(s.data), [(r.r_offset, r.r_type, names[r.symbol], r.r_addend) for r in s.relocations])
        for s in obj.sections
        if s.name.startswith((".text", ".data")) and len(s.data)
    }
    globals_ = {
        (s.name, s.st_value, s.bind, s.visibility, obj.sections[s.section].name if s.section > 0 else s.section)
        for s in obj.symbols
        if s.bind != STB_LOCAL
    }
    return sections, globals_, [(g.signature, len(g.members)) for g in obj.groups]


def joined(folder: Path) -> ObjectFile:
    run_ld(["-r", *objects(folder), "-o", "ours.o"], folder)
    return read_object((folder / "ours.o").read_bytes(), "ours.o")


def test_gaps_in_code_are_filled_with_no_operations(tmp_path: Path) -> None:
    text = next(s for s in joined(tmp_path).sections if s.name == ".text")
    assert bytes(text.data) == b"\x90" * 12 + bytes.fromhex("0f1f4000") + b"\x90" * 13


def test_references_follow(tmp_path: Path) -> None:
    obj = joined(tmp_path)
    text = next(s for s in obj.sections if s.name == ".text")
    found = [(r.r_offset, obj.symbols[r.symbol].name) for r in text.relocations]
    assert found == [(1, "from_b"), (6, "counter"), (17, "from_a"), (22, "counter")]
    counters = [s.st_value for s in obj.symbols if s.name == "counter"]
    assert counters == [4, 12]


@pytest.mark.skipif(shutil.which("ld.bfd") is None, reason="needs GNU ld")
def test_it_is_what_gnu_ld_makes(tmp_path: Path) -> None:
    ours = joined(tmp_path)
    subprocess.run(["ld.bfd", "-r", "a.o", "b.o", "-o", "theirs.o"], cwd=tmp_path, check=True)
    assert meaning(ours) == meaning(read_object((tmp_path / "theirs.o").read_bytes(), "theirs.o"))
