"""Whole programs, from source to result: the kernels of bench/ in both profiles, and beside C where there is gcc."""

from __future__ import annotations

import ctypes
import io
import platform
import shutil
import subprocess
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from exotool.compiler.emit import compile_files
from exotool.compiler.frontend import check_program
from exotool.compiler.lower_options import options_for
from exotool.compiler.native import load_native
from exotool.project import PROFILES

from ..conftest import REPOSITORY

KERNELS = REPOSITORY / "bench" / "kernels"
NAMES = sorted(path.stem for path in KERNELS.glob("*.py"))


def results(name: str) -> set[tuple[int, ...]]:
    found = set()
    for profile in PROFILES:
        native = load_native(check_program([KERNELS / f"{name}.py"], KERNELS), profile)
        native.function(f"{name}_init")(5000)
        found.add(tuple(native.function(f"{name}_run")(rounds) for rounds in (0, 1, 300)))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_both_profiles_give_the_same(name: str) -> None:
    (values,) = results(name)
    assert values[2]


@pytest.mark.skipif(shutil.which("gcc") is None or platform.machine() != "x86_64", reason="needs gcc for x86_64")
@pytest.mark.parametrize("name", NAMES)
def test_and_the_same_as_c(name: str, tmp_path: Path) -> None:
    output = tmp_path / f"{name}.so"
    subprocess.run(["gcc", "-O1", "-shared", "-fPIC", str(KERNELS / f"{name}.c"), "-o", str(output)], check=True)
    library = ctypes.CDLL(str(output))
    getattr(library, f"{name}_init")(ctypes.c_uint64(5000))
    run = getattr(library, f"{name}_run")
    run.restype, run.argtypes = ctypes.c_uint64, [ctypes.c_uint64]
    assert results(name) == {tuple(run(rounds) for rounds in (0, 1, 300))}


@pytest.mark.parametrize("name", NAMES)
def test_a_function_that_nothing_exports_is_not_in_the_object(name: str) -> None:
    data, files = compile_files([KERNELS / f"{name}.py"], KERNELS, options_for("release"))
    assert files == (f"{name}.py",)
    table = ELFFile(io.BytesIO(data)).get_section_by_name(".symtab")
    global_ = {s.name for s in table.iter_symbols() if s["st_info"]["bind"] == "STB_GLOBAL"}
    exports = {line.split("(")[0].removeprefix("def ") for line in _exported((KERNELS / f"{name}.py").read_text())}
    assert global_ - {"__kpy_trap", "memset", "memcpy", "memmove"} == exports


def _exported(text: str) -> list[str]:
    lines = text.splitlines()
    return [lines[index + 1] for index, line in enumerate(lines) if line == "@export"]
