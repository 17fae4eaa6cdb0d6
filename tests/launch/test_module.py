"""A module: a file that the loader puts into memory for the kernel."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.diagnostics import ToolError
from exotool.project import load_project
from tests.conftest import CommandLine
from tests.launch.conftest import Boot, Recorder
from tests.testing.conftest import MakeProject, project

__all__ = ["project"]

SECOND_IMAGE = """
[image.other]
sources = ["other.S"]
entry = "text"
layout.segment = [{ flags = "rx", vaddr = "4K", sections = [{ name = ".text" }] }]
"""


@pytest.mark.parametrize("machine", ["q35", "pc", "microvm"])
def test_the_guest_gets_it(run: Boot, recorder: Recorder, tmp_path: Path, machine: str) -> None:
    (tmp_path / "module").write_text("first line\nsecond line\n")
    outcome = run("module", machine, module=tmp_path / "module")
    assert outcome.kind == "success", outcome.render()
    assert [line.text for line in recorder.lines][:2] == ["first line", "second line"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", "the module `.*missing` is not there"),
        ("a,b", "the module `.*a,b` has a comma in its path, which QEMU takes for the end of the name"),
    ],
)
def test_what_qemu_cannot_hand_over(run: Boot, tmp_path: Path, name: str, message: str) -> None:
    if "," in name:
        (tmp_path / name).touch()
    with pytest.raises(ToolError, match=message):
        run("module", module=tmp_path / name)


def test_another_image_is_linked_first(project: MakeProject, exotool: CommandLine) -> None:
    root = project("module", 'module = "other"\n' + SECOND_IMAGE)
    (root / "other.S").write_text('  .globl text\ntext:\n  .ascii "an image"\n')
    (root / "text").write_text("a file\n")
    assert load_project(root).run.module == "other"
    done = exotool("run", "--module", "text", cwd=root)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "a file"
    assert not (root / "build" / "other.elf").exists()
    done = exotool("run", cwd=root)
    assert done.returncode == 0, done.stderr
    assert "an image" in done.stdout
    assert (root / "build" / "other.elf").exists()


def test_a_boot_test_has_its_own_and_the_bundle_keeps_it(project: MakeProject, exotool: CommandLine) -> None:
    tests = '[[test.boot]]\nname = "module"\nmodule = "text"\ncontains = ["^other$"]\n'
    root = project("module", tests)
    (root / "text").write_text("a file\n")
    done = exotool("test", "--suite", "boot", cwd=root)
    assert done.returncode == 1, done.stderr
    (root / "text").unlink()
    done = exotool("run", "--replay", "build/failures/module", cwd=root)
    assert done.stdout.splitlines()[0] == "a file"
    assert "the same outcome" in done.stderr


def test_a_module_is_inside_of_the_project(project: MakeProject, exotool: CommandLine) -> None:
    root = project("module", 'module = "../text"\n')
    done = exotool("run", cwd=root)
    assert done.returncode == 2
    assert '`module` must name files inside the project, not "../text"' in done.stderr
