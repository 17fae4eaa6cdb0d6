"""`exotool compile`, and Kernel Python among the sources of an image: what is made again, and how errors come."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from exotool.build import build_image
from exotool.diagnostics import ToolError, render
from exotool.project import load_project

from ..conftest import CommandLine

PROJECT = """\
[image.kernel]
sources = ["src/*"]
entry = "start"
profile = "dev"

[[image.kernel.layout.segment]]
flags = "rx"
vaddr = "0xffff_ffff_8010_0000"
paddr = "1M"
sections = [{ name = ".text" }]

[[image.kernel.layout.segment]]
flags = "r"
sections = [{ name = ".rodata" }]

[[image.kernel.layout.segment]]
flags = "rw"
sections = [{ name = ".data" }, { name = ".bss" }]
"""

START = """\
    .text
    .globl start
    .type start, @function
start:
    call kmain
1:  hlt
    jmp 1b
    .size start, . - start
    .globl __kpy_trap
    .type __kpy_trap, @function
__kpy_trap:
    hlt
    jmp __kpy_trap
    .size __kpy_trap, . - __kpy_trap
"""

MAIN = """\
from exotool.lang import Array, array, export, u64

from src.sums import double

seen: Array[u64] = array(8)


@export
def kmain(n: u64) -> u64:
    seen[n] = double(n)
    return seen[n] + 1
"""

SUMS = """\
from exotool.lang import u64


def double(n: u64) -> u64:
    return n + n
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {"exotool.toml": PROJECT, "src/start.S": START, "src/kmain.py": MAIN, "src/sums.py": SUMS}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def build(root: Path, jobs: int = 2) -> list[str]:
    project = load_project(root)
    steps: list[str] = []
    build_image(project, project.image(), jobs=jobs, report=steps.append)
    return steps


def test_what_changes_is_made_again(root: Path) -> None:
    compiled = ["compile src/sums.py", "compile src/kmain.py"]
    assert build(root) == ["check 2 modules", *compiled, "assemble src/start.S", "link build/kernel.elf"]
    assert build(root) == []
    manifest = json.loads((root / "build/kernel.manifest.json").read_text())
    assert sorted(manifest["inputs"]) == ["exotool.toml", "src/kmain.py", "src/start.S", "src/sums.py"]
    image = (root / "build/kernel.elf").read_bytes()
    (root / "src/sums.py").write_text(SUMS.replace("n + n", "n * 2"))
    assert build(root) == ["check 2 modules", "compile src/sums.py", "link build/kernel.elf"]
    assert (root / "build/kernel.elf").read_bytes() != image
    (root / "src/sums.py").write_text(SUMS)
    assert build(root, jobs=1) == ["check 2 modules", "compile src/sums.py", "link build/kernel.elf"]
    assert (root / "build/kernel.elf").read_bytes() == image


def test_python_that_did_not_change_is_not_read_again(root: Path) -> None:
    build(root)
    image = (root / "build/kernel.elf").read_bytes()
    assembly, record = root / "src/start.S", root / "build/obj/kernel/python.json"
    assembly.write_text(assembly.read_text() + "\n/* a comment */\n")
    assert build(root) == ["assemble src/start.S", "link build/kernel.elf"]
    assert (root / "build/kernel.elf").read_bytes() == image

    assembly.write_text(assembly.read_text() + "\n")
    (root / "build/obj/kernel/src/sums.py.o").write_bytes(b"damaged")
    assert build(root)[:2] == ["check 2 modules", "compile src/sums.py"]
    for damage in (b"", b"[]", b'{"key": 1}', b'{"files": [], "key": null, "objects": 3}'):
        record.write_bytes(damage)
        assembly.write_text(assembly.read_text() + "\n")
        assert build(root)[0] == "check 2 modules"
    assert (root / "build/kernel.elf").read_bytes() == image


def test_release_is_one_object(root: Path) -> None:
    (root / "exotool.toml").write_text(PROJECT.replace('"dev"', '"release"'))
    assert "compile kernel.py" in build(root)
    assert (root / "build/obj/kernel/kernel.py.o").is_file()
    table = (root / "build/kernel.map").read_text()
    assert "kmain" in table
    assert "src.sums.double" not in table


def test_errors_of_all_sources_come_together(root: Path) -> None:
    (root / "src/start.S").write_text(START.replace("hlt", "halt", 1))
    (root / "src/kmain.py").write_text(MAIN.replace("double(n)", "double(True)"))
    with pytest.raises(ToolError) as caught:
        build(root)
    places = [str(d.place).rsplit(":", 1)[0] for d in caught.value.diagnostics]
    assert places == ["src/kmain.py:10", "src/start.S:6"]
    assert not (root / "build/kernel.elf").exists()


def test_a_missing_export_is_found_in_the_python_that_has_it(root: Path) -> None:
    (root / "exotool.toml").write_text(PROJECT.replace('"src/*"', '"src/*.S"'))
    with pytest.raises(ToolError) as caught:
        build(root)
    text = "\n".join(render(d) for d in caught.value.diagnostics)
    assert "kmain" in text
    assert "src/kmain.py:9:5" in text


def test_compile_makes_one_object_of_files_and_what_they_import(root: Path, exotool: CommandLine) -> None:
    sizes = {}
    for profile in ("dev", "release"):
        output = root / f"{profile}.o"
        done = exotool("-C", str(root), "compile", "src/kmain.py", "-o", output.name, "--profile", profile)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        elf = ELFFile(io.BytesIO(output.read_bytes()))
        sizes[profile] = elf.get_section_by_name(".text")["sh_size"]
    assert sizes["release"] < sizes["dev"]
    done = exotool("-C", str(root), "compile", "src/kmain.py", "--emit", "llvm", "--overflow", "wrap")
    assert (done.returncode, done.stderr) == (0, "")
    text = (root / "kmain.ll").read_text()
    assert 'define dso_local i64 @"kmain"' in text
    assert "with.overflow" not in text


def test_compile_says_what_is_wrong(root: Path, exotool: CommandLine) -> None:
    (root / "src/sums.py").write_text(SUMS.replace("n + n", "True"))
    done = exotool("-C", str(root), "compile", "src/kmain.py", "-o", "out.o")
    assert done.returncode == 1
    assert "src/sums.py:5" in done.stderr
    assert not (root / "out.o").exists()
    done = exotool("-C", str(root), "compile", "src/none.py")
    assert done.returncode == 1
    assert "none.py" in done.stderr
    assert exotool("compile").returncode == 2


def test_link_takes_kernel_python_on_its_command_line(root: Path, exotool: CommandLine) -> None:
    done = exotool("-C", str(root), "link", "src/start.S", "src/kmain.py", "-e", "start", "-o", "out.elf")
    assert (done.returncode, done.stderr) == (0, "")
    manifest = json.loads((root / "out.manifest.json").read_text())
    assert sorted(manifest["inputs"]) == ["src/kmain.py", "src/start.S", "src/sums.py"]
