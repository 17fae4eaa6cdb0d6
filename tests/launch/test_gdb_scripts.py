"""The scripts that `exotool debug` gives gdb: which they are, and how values of Kernel Python look by them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from exotool.asm import Options, assemble
from exotool.elf import read_object
from exotool.elf.constants import PF_R, PF_W, PF_X
from exotool.launch.debug import gdb_scripts
from exotool.launch.qemu import PROGRAM
from exotool.layout import Layout, OutputSection, Segment
from exotool.link import link
from tests.launch.conftest import KERNBASE, KERNELS
from tests.launch.test_core import exotool

needs_gdb = pytest.mark.skipif(
    shutil.which("gdb") is None or shutil.which(PROGRAM) is None, reason=f"needs gdb and {PROGRAM}"
)

LAYOUT = Layout(
    (
        Segment("text", PF_R | PF_X, (OutputSection(".text", (".text", ".text.*")),), KERNBASE + 0x100000, 0x100000),
        Segment(
            "rodata",
            PF_R,
            (OutputSection(".rodata", (".rodata", ".rodata.*")), OutputSection(".note.Xen", (".note.Xen",))),
        ),
        Segment(
            "data",
            PF_R | PF_W,
            (OutputSection(".data", (".data", ".data.*")), OutputSection(".bss", (".bss", ".bss.*"))),
        ),
    )
)

START = """\
#include "long_mode.h"

    .type main64, @function
main64:
    call show
    cli
    hlt

    .globl __kpy_trap
__kpy_trap:
    cli
    hlt
"""

SHOW = '''\
"""Values for a debugger."""

from enum import IntEnum

from exotool.lang import Array, Ptr, Struct, addressof, array, export, u8, u32, u64


class Kind(IntEnum):
    FREE = 0
    PAGE = 1


class Entry(Struct):
    kind: Kind
    size: u64


NAME: Array[u8] = array(b"console\\0")
BYTES: Array[u8] = array(b"\\1\\2\\3")
WORDS: Array[u32] = array(3)
ENTRY: Entry = Entry()


def look(name: Array[u8], data: Array[u8], words: Array[u32], text: Ptr[u8], entry: Ptr[Entry]) -> tuple[u64, u8]:
    pair = (entry[0].size + u64(words[0]) + u64(data[0]), name[0])
    return pair


def wrong(words: Array[u32], text: Ptr[u8]) -> u64:
    return u64(text)


@export
def show() -> u64:
    WORDS[1] = u32(7)
    ENTRY.kind = Kind.PAGE
    ENTRY.size = u64(4096)
    pair = look(NAME, BYTES, WORDS, Ptr[u8](addressof(NAME)), Ptr[Entry](addressof(ENTRY)))
    return pair[0] + wrong(WORDS, Ptr[u8](0xDEADBEEF000))
'''


@needs_gdb
@pytest.mark.slow
def test_values_of_kernel_python(tmp_path: Path) -> None:
    for header in KERNELS.glob("*.h"):
        shutil.copy(header, tmp_path)
    (tmp_path / "show.py").write_text(SHOW)
    compiled = exotool(tmp_path, "compile", "show.py", "-o", "show.o")
    assert compiled.returncode == 0, compiled.stderr
    start = assemble(START.encode(), tmp_path / "start.S", Options(include=(tmp_path,), debug=True, root=tmp_path))
    shown = read_object((tmp_path / "show.o").read_bytes(), "show.o")
    (tmp_path / "kernel.elf").write_bytes(link([start.object, shown], LAYOUT, "_start").data)
    commands = ["continue", "next", "print name", "print data", "print words", "print text", "print *entry"]
    commands += ["next", "print pair"]
    commands += ["continue", "next", "print text", "set print elements 2", "print words"]
    commands += ["set var words.length = 0x1000000000000000", "print words"]
    commands += ["set var words.data = (u32 *) 0xdeadbeef000", "print words", "quit"]
    arguments = [part for command in commands for part in ("--ex", command)]
    done = exotool(tmp_path, "debug", "--kernel", "kernel.elf", "-b", "show.look", "-b", "show.wrong", *arguments)
    printed = re.findall(r"^\$\d+ = (.*)", done.stdout, re.MULTILINE)
    hidden = [re.sub(r"0xffffffff8\w+", "0x…", line) for line in printed]
    assert hidden == [
        'Array[u8] of 8 at 0x… "console"',
        r"Array[u8] of 3 at 0x… = {1 '\001', 2 '\002', 3 '\003'}",
        "Array[u32] of 3 at 0x… = {0, 7, 0}",
        '0x… "console"',
        "{kind = PAGE, size = 4096}",
        "(4097, 99 'c')",
        "0xdeadbeef000",
        "Array[u32] of 3 at 0x… = {0, 7...}",
        f"Array[u32] of {1 << 60} at 0x… = {{0, 7...}}",
        f"Array[u32] of {1 << 60} at 0xdeadbeef000 = {{<cannot be read>}}",
    ], done.stdout + done.stderr


def test_scripts_of_a_project_come_first_and_replace_those_of_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "gdb").mkdir()
    own = [tmp_path / "gdb" / "a.py", tmp_path / "gdb" / "kernel_python.py"]
    for path in own:
        path.touch()
    assert gdb_scripts([tmp_path]) == own
    assert [path.name for path in gdb_scripts([])] == ["kernel_python.py"]
