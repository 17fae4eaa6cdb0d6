"""A project whose kernel is one of the launcher's small ones, and the plugin's fixtures."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from exotool.launch.qemu import PROGRAM
from tests.launch.conftest import KERNELS, kernel_bytes

PROJECT = """\
[image.kernel]
sources = ["kernel.S"]
include = ["."]

[[image.kernel.layout.segment]]
flags = "rx"
vaddr = "0xffff_ffff_8010_0000"
paddr = "1M"
sections = [{ name = ".text" }]

[[image.kernel.layout.segment]]
flags = "r"
sections = [{ name = ".rodata" }, { name = ".note.Xen" }, { name = ".note.gnu.build-id" }]

[[image.kernel.layout.segment]]
flags = "rw"
sections = [{ name = ".bss" }]

[run]
hang_after = 1

"""

MakeProject = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> MakeProject:
    """Write a project with one of the launcher's kernels and some `[[test.boot]]` text; needs QEMU."""
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")

    def make(kernel: str, tests: str) -> Path:
        root = tmp_path / "project"
        root.mkdir()
        for header in KERNELS.glob("*.h"):
            shutil.copy(header, root)
        shutil.copy(KERNELS / f"{kernel}.S", root / "kernel.S")
        (root / "exotool.toml").write_text(PROJECT + tests)
        return root

    return make


@pytest.fixture
def image(tmp_path: Path) -> Callable[[str], Path]:
    """Return the image of one of the launcher's kernels."""

    def build(name: str) -> Path:
        path = tmp_path / f"{name}.elf"
        path.write_bytes(kernel_bytes(name))
        return path

    return build
