"""The examples: kernels in C and Rust, compiled where the compiler is there, linked and booted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("qemu-system-x86_64") is None, reason="needs QEMU")]

EXAMPLES = REPOSITORY / "examples"
C_OPTIONS = ["-c", "-O2", "-ffreestanding", "-fno-pic", "-fno-stack-protector", "-mno-red-zone", "-mgeneral-regs-only"]
RUST_OPTIONS = ["--edition", "2021", "--emit", "obj", "-O", "-C", "panic=abort", "-C", "relocation-model=static"]


def exotool(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "exotool", *arguments]
    environment = {"PYTHONPATH": str(REPOSITORY), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def boot(folder: Path, hello: str) -> None:
    done = exotool(folder, "run", "--kernel", "kernel.elf")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, hello), done.stderr


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_c_kernel(tmp_path: Path, compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"needs {compiler}")
    folder = shutil.copytree(EXAMPLES / "c-kernel", tmp_path / "c-kernel")
    subprocess.run([compiler, *C_OPTIONS, "main.c"], cwd=folder, check=True)
    linked = exotool(folder, "link", "boot.S", "main.o", "-o", "kernel.elf")
    assert linked.returncode == 0, linked.stderr
    boot(folder, "Hello from C")


@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs rustc")
def test_rust_kernel(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLES / "rust-kernel", tmp_path / "rust-kernel")
    root = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True).stdout.strip()
    library = Path(root) / "lib/rustlib/x86_64-unknown-linux-gnu/lib"
    core = [str(next(library.glob(f"lib{name}-*.rlib"))) for name in ("core", "compiler_builtins")]
    subprocess.run(["rustc", *RUST_OPTIONS, "main.rs", "-o", "main.o"], cwd=folder, check=True)
    for source in (EXAMPLES / "c-kernel/boot.S", folder / "memory.S"):
        assert exotool(folder, "asm", str(source), "-o", f"{source.stem}.o").returncode == 0
    objects = ["boot.o", "main.o", "memory.o"]
    linked = exotool(folder, "ld", "--gc-sections", "-T", "kernel.ld", *objects, *core, "-o", "kernel.elf")
    assert linked.returncode == 0, linked.stderr
    boot(folder, "Hello from Rust, 64 bits")
