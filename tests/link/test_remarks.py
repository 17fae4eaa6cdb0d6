"""What libraries say to those who use a symbol: `.gnu.warning.SYMBOL`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from exotool.diagnostics import ToolError
from exotool.elf import Section, write_object
from exotool.link.driver import run_ld
from tests.link.objects import Builder

TEXT = b"the `gets' function is dangerous and should not be used.\0"


def write(folder: Path) -> list[str]:
    """Write a library object with texts about two functions, and one that uses the first of them twice."""
    library = Builder("lib.o")
    for name in ("gets", "mktemp"):
        library.symbol(name, library.text(b"\xc3", f".text.{name}"))
        library.obj.sections.append(Section(f".gnu.warning.{name}", data=TEXT, sh_size=len(TEXT)))
    user = Builder("user.o")
    code = user.text(bytes(16))
    user.symbol("_start", code)
    user.refer(code, 3, 4, "gets", -4)
    user.refer(code, 9, 4, "gets", -4)
    for b in (library, user):
        (folder / b.obj.path).write_bytes(write_object(b.obj))
    return ["user.o", "lib.o"]


def test_who_uses_a_symbol_is_told_once(tmp_path: Path) -> None:
    result = run_ld([*write(tmp_path), "-o", "a.out"], tmp_path)
    (told,) = result.warnings
    assert (told.code, told.message) == ("L0117", "the `gets' function is dangerous and should not be used.")
    assert told.context == ".text+0x3 in user.o"
    assert TEXT not in (tmp_path / "a.out").read_bytes()


def test_the_object_that_defines_it_is_no_user(tmp_path: Path) -> None:
    write(tmp_path)
    assert not run_ld(["lib.o", "-e", "gets", "-o", "a.out"], tmp_path).warnings


def test_it_is_a_warning_for_options_too(tmp_path: Path) -> None:
    inputs = write(tmp_path)
    assert not run_ld(["-w", *inputs, "-o", "a.out"], tmp_path).warnings
    with pytest.raises(ToolError, match="dangerous"):
        run_ld(["--fatal-warnings", *inputs, "-o", "b.out"], tmp_path)
    assert not (tmp_path / "b.out").exists()


@pytest.mark.skipif(shutil.which("ld.bfd") is None, reason="needs GNU ld")
def test_gnu_ld_says_it_too(tmp_path: Path) -> None:
    done = subprocess.run(["ld.bfd", *write(tmp_path)], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr.count("is dangerous") == 1
