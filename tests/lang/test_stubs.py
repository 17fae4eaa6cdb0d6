"""What type checkers say of programs that the language accepts, and of some that it does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import REPOSITORY

ACCEPTED = Path(__file__).parent / "typed" / "accepted.py"

REFUSED = """\
from exotool.lang import Atomic, Ptr, Struct, UserPtr, Volatile, u8, u64


class Uart(Struct):
    data: Volatile[u8]
    hits: Atomic[u64]


def f(u: Uart, p: UserPtr[u8], q: Ptr[u8]) -> u64:
    u.nothing = 1
    u.data = "x"
    u.hits.store("x")
    p[0]
    u64(p)
    q[0] = Uart()
    return u.hits
"""


def mypy(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(path.parent / "cache"), path.name],
        cwd=path.parent,
        env={"MYPYPATH": str(REPOSITORY), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.slow
def test_mypy_accepts_what_the_language_accepts(tmp_path: Path) -> None:
    path = tmp_path / "accepted.py"
    shutil.copy(ACCEPTED, path)
    assert "Success" in mypy(path)


@pytest.mark.slow
def test_mypy_refuses_what_has_no_meaning(tmp_path: Path) -> None:
    path = tmp_path / "refused.py"
    path.write_text(REFUSED, "utf-8")
    lines = {int(line.split(":")[1]) for line in mypy(path).splitlines() if ": error:" in line}
    assert lines == {10, 11, 12, 13, 14, 15, 16}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pyright") is None, reason="pyright is not installed")
def test_pyright_accepts_what_the_language_accepts(tmp_path: Path) -> None:
    path = tmp_path / "accepted.py"
    shutil.copy(ACCEPTED, path)
    done = subprocess.run(
        ["pyright", "--pythonpath", sys.executable, str(path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert "0 errors" in done.stdout, done.stdout
