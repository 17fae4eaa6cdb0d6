"""What a loader may say wrongly or not at all: the start info is spoilt at the entry, by instructions put in there."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from exotool.launch import Outcome, load_machine
from tests.boot.exov6 import CHECKS, REPOSITORY, boot_kernel, build

ENTRY = "FUNC pvh_start\n\tcli\n\tcld\n"


@pytest.fixture
def spoilt(exov6: Path, tmp_path: Path) -> Path:
    """A copy of the built project, to be changed."""
    return Path(shutil.copytree(exov6.parents[1], tmp_path / "project"))


def boot_with(project: Path, instruction: str) -> tuple[Outcome, list[str]]:
    """Build and boot with an instruction put in before the start info is read; EBX points to it.

    SeaBIOS has the start info in RAM, qboot where writes may be lost.
    """
    source = project / "kernel_asm" / "pvh.S"
    text = source.read_text()
    assert ENTRY in text
    source.write_text(text.replace(ENTRY, f"{ENTRY}\t{instruction}\n"))
    machine = dataclasses.replace(load_machine("q35", [REPOSITORY / "qemu"]), bios="")
    return boot_kernel(build(project), machine, nonce="1")


def test_none_at_all(spoilt: Path) -> None:
    outcome, lines = boot_with(spoilt, "xorl %ebx, %ebx")
    assert outcome.kind == "panic", outcome.render()
    assert lines == ["panic: no PVH start info: EBX does not point to the magic number 0x336ec578"]


@pytest.mark.parametrize("field", ["SI_CMDLINE", "SI_MEMMAP", "SI_MODLIST"])
def test_a_table_above_4_gib(spoilt: Path, field: str) -> None:
    outcome, lines = boot_with(spoilt, f"movl $1, {field} + 4(%ebx)")
    assert outcome.kind == "panic", outcome.render()
    assert lines == ["panic: the PVH start info has a table above 4 GiB, where 32-bit code cannot read it"]


def test_version_0_has_no_memory_map(spoilt: Path) -> None:
    """Whatever stands where version 1 has the map is not looked at, so there is no memory to give out."""
    outcome, lines = boot_with(spoilt, "movl $0, SI_VERSION(%ebx)")
    assert outcome.kind == "tests_failed", outcome.render()
    assert lines[0] == "ExoV6 x86_64, started by PVH: 0 MiB RAM"
    assert lines[-1] == "FAIL: frames: two frames are the same, or not in order"


def test_no_command_line(spoilt: Path) -> None:
    outcome, lines = boot_with(spoilt, "movl $0, SI_CMDLINE(%ebx)")
    assert outcome.kind == "failed", outcome.render()
    assert lines[-1].startswith("all went well; no exotool.nonce")


def test_more_ranges_of_memory_than_there_is_room_for(spoilt: Path) -> None:
    outcome, lines = boot_with(spoilt, "movl $0x40000000, SI_MEMMAP_ENTRIES(%ebx)")
    assert outcome.kind == "success", outcome.render()
    assert "the memory map has more than 128 entries; the rest is ignored" in lines
    assert all_checks(lines)


def test_more_modules_than_there_is_room_for(spoilt: Path) -> None:
    """The list is of anything, here: what is no module in RAM is not loaded."""
    instructions = "movl $0x40000000, SI_NR_MODULES(%ebx); movl $0x2000, SI_MODLIST(%ebx)"
    outcome, lines = boot_with(spoilt, instructions)
    assert outcome.kind == "tests_failed", outcome.render()
    assert "there are more than 16 modules; the rest is ignored" in lines
    assert all_checks(lines)
    assert lines[-1].startswith("init: the module")


def all_checks(lines: list[str]) -> bool:
    return tuple(line.partition(":")[0] for line in lines if line.partition(":")[0] in CHECKS) == CHECKS
