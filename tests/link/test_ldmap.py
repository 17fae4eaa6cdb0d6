"""`exotool ld -Map`: the map is GNU ld's, line by line, where addresses are fixed.

`ldmap.txt` is what GNU ld 2.40 writes for the job; where that linker is installed, the file is compared with it too.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from exotool.elf import write_object
from exotool.elf.constants import SHN_COMMON, STT_OBJECT, STV_HIDDEN, X86Reloc
from exotool.link.driver import run_ld
from tests.link.objects import Builder, write_archive

GOLDEN = Path(__file__).with_name("ldmap.txt")

SCRIPT = """\
ENTRY(_start)
MEMORY { rom (rx) : ORIGIN = 0x100000, LENGTH = 64K  ram (rw!x) : ORIGIN = 0x200000, LENGTH = 1M }
start_addr = 0x100000 + 0;
SECTIONS {
  .text : {
    PROVIDE(text_start = .);
    *(EXCLUDE_FILE(*b.o *c.o) .text .text.[a-z]*) *(SORT_BY_NAME(.text.*)) KEEP(*(.keep))
    . = ALIGN(64); text_end = .;
    LONG(0x1234) QUAD(text_end - 1) BYTE(7)
  } > rom = 0xcc90
  .rodata : { *(.rodata .rodata.*) } > rom
  ratio = text_end > 4 ? ~1 : -SIZEOF(.text) + (. << 2);
  .data : AT(ADDR(.rodata) + 0x1000) { *(.data .data.*) FILL(0x1122) . = . + 8; edata = .; } > ram
  .bss (NOLOAD) : { *(.bss .bss.*) *(COMMON) } > ram
  PROVIDE(never_used = 4);
  .none : { *(.none) }
  ASSERT(text_end > 0, "the text")
  /DISCARD/ : { *(.discard_me) }
}
"""


def write_job(folder: Path) -> list[str]:
    """Write a job that has something for every part of a map; return its command line."""
    a = Builder("a.o")
    text = a.text(bytes(21), ".text._start", align=16)
    a.symbol("_start", text)
    a.symbol("within", text, 7, visibility=STV_HIDDEN)
    a.refer(text, 1, X86Reloc.R_X86_64_PC32, "helper", -4)
    common = a.symbol("a_common_symbol_with_a_long_name", SHN_COMMON, 8, kind=STT_OBJECT, size=12)
    a.refer(text, 8, X86Reloc.R_X86_64_32S, common)
    a.symbol("data1", a.data(bytes(6), ".data.first", align=4), 2)
    a.symbol("dead", a.data(bytes(4), ".discard_me"))
    a.symbol("zeros", a.bss(0x30, align=32))
    b = Builder("b.o")
    b.symbol("helper", b.text(bytes(5), ".text.helper", align=8))
    b.symbol("unused", b.text(bytes(4), ".text.unused_and_of_a_long_name", align=4))
    b.symbol("constant", b.section(".rodata", bytes(9), 2, align=8))
    c = Builder("c.o")
    c.symbol("nobody", c.text(bytes(3)))
    for builder in (a, b, c):
        (folder / builder.obj.path).write_bytes(write_object(builder.obj))
    write_archive(folder / "libx.a", b, c)
    (folder / "k.ld").write_text(SCRIPT)
    return ["-T", "k.ld", "-o", "k.elf", "a.o", "libx.a", "-Map", "k.map", "--cref"]


def normalised(text: str) -> list[str]:
    """Return the lines without those of sections and symbols that each linker makes for its own use."""
    paragraphs = text.replace("_GLOBAL_OFFSET_TABLE_                             a.o\n", "").split("\n\n")
    own = re.compile(r"\.(iplt|got|got\.plt|igot\.plt|rela\.\w+)\b")
    return "\n\n".join(p for p in paragraphs if not own.match(p)).rstrip("\n").split("\n")


def test_the_map_is_that_of_gnu_ld(tmp_path: Path) -> None:
    run_ld(write_job(tmp_path), tmp_path)
    ours = normalised((tmp_path / "k.map").read_text())
    assert [line.rstrip() for line in ours] == [line.rstrip() for line in normalised(GOLDEN.read_text())]


@pytest.mark.skipif(shutil.which("ld.bfd") is None, reason="GNU ld is not installed")
def test_the_golden_map_is_that_of_this_gnu_ld(tmp_path: Path) -> None:
    command = ["ld.bfd", *write_job(tmp_path)]
    version = subprocess.run(["ld.bfd", "--version"], capture_output=True, text=True, check=True).stdout
    if " 2.40" not in version.splitlines()[0]:
        pytest.skip("another version of GNU ld")
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "k.map").read_text() == GOLDEN.read_text()


def test_without_a_script_the_files_come_first(tmp_path: Path) -> None:
    write_job(tmp_path)
    run_ld(["-o", "k.elf", "a.o", "libx.a", "-Map=k.map"], tmp_path)
    lines = (tmp_path / "k.map").read_text().splitlines()
    start = lines.index("Linker script and memory map")
    assert lines[start + 2 : start + 4] == ["LOAD a.o", "LOAD libx.a"]
    assert "OUTPUT(k.elf elf64-x86-64)" in lines


def test_a_member_that_an_option_asks_for(tmp_path: Path) -> None:
    write_job(tmp_path)
    run_ld(["-u", "nobody", "-o", "k.elf", "a.o", "libx.a", "-Map=k.map"], tmp_path)
    text = (tmp_path / "k.map").read_text()
    assert "libx.a(c.o)                   (nobody)\n" in text
    assert "libx.a(b.o)                   a.o (helper)\n" in text
