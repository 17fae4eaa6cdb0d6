"""`exotool as`: the command line of GNU as."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exotool.asm import driver
from exotool.diagnostics import ExitCode
from tests.asm.golden import VERSION
from tests.asm.objects import difference, summarize
from tests.conftest import REPOSITORY
from tests.second_assembler import gnu_version


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXOTOOL_CACHE", "")


def assembled(folder: Path, text: str, *args: str) -> dict[str, Any]:
    """Return the object made of a text with some options."""
    (folder / "in.s").write_text(text)
    output = folder / "out.o"
    assert driver.run([*args, "-o", str(output), str(folder / "in.s")]) == ExitCode.SUCCESS
    return summarize(output.read_bytes())


def refused(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert driver.run(args) == ExitCode.USAGE
    return capsys.readouterr().err


def test_options_that_change_the_object(tmp_path: Path) -> None:
    text = "movq x@GOTPCREL(%rip), %rax\n.Lhere: .long value\n"
    plain = assembled(tmp_path, text, "--defsym", "value=0x12")
    rows = plain["sections"][".text"]["relocations"]
    assert [row[1] for row in rows] == [42]  # R_X86_64_REX_GOTPCRELX
    assert plain["sections"][".text"]["data"].endswith("12000000")
    assert ".note.GNU-stack" not in plain["sections"]
    other = assembled(tmp_path, text, "-mrelax-relocations=no", "-L", "--defsym=value=-1", "--noexecstack")
    assert [row[1] for row in other["sections"][".text"]["relocations"]] == [9]  # R_X86_64_GOTPCREL
    assert other["sections"][".text"]["data"].endswith("ffffffff")
    assert other["sections"][".note.GNU-stack"]["flags"] == 0
    assert ".Lhere" in [row[0] for row in other["symbols"]]
    assert assembled(tmp_path, "nop\n", "--execstack")["sections"][".note.GNU-stack"]["flags"] == 4
    assert assembled(tmp_path, "incl %eax\n", "--32")["sections"][".text"]["data"] == "40"
    assert assembled(tmp_path, "mov eax, 5\n", "-msyntax=intel", "-mnaked-reg")["sections"][".text"]["size"] == 5
    assert ".debug_line" in assembled(tmp_path, "nop\n", "-g")["sections"]


def test_options_without_effect(tmp_path: Path) -> None:
    words = ["--64", "-f", "--divide", "-march=generic64+sse4.1", "-mtune=native", "-Qy", "-s", "--warn"]
    assert assembled(tmp_path, "nop\n", *words) == assembled(tmp_path, "nop\n")


def test_never_preprocessed(tmp_path: Path) -> None:
    (tmp_path / "a.S").write_text("#define nothing\nnop\n")
    assert driver.run(["-o", str(tmp_path / "a.o"), str(tmp_path / "a.S")]) == ExitCode.SUCCESS


def test_response_files(tmp_path: Path) -> None:
    output = tmp_path / "with blank.o"
    (tmp_path / "in.s").write_text("nop\n")
    (tmp_path / "inner").write_text("--noexecstack\n")
    (tmp_path / "args").write_text(f"-o \"{output}\"\n@{tmp_path}/inner '{tmp_path}/in.s' -I {tmp_path}")
    assert driver.run([f"@{tmp_path}/args"]) == ExitCode.SUCCESS
    assert ".note.GNU-stack" in summarize(output.read_bytes())["sections"]


def test_response_file_that_names_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "args").write_text(f"@{tmp_path}/args")
    assert "nested more than 16 deep" in refused(capsys, f"@{tmp_path}/args")


def test_standard_input_and_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b".byte 2\n")))
    (tmp_path / "one.s").write_text(".byte 1")
    output = tmp_path / "out.o"
    assert driver.run(["-o", str(output), str(tmp_path / "one.s"), "-"]) == ExitCode.SUCCESS
    assert summarize(output.read_bytes())["sections"][".text"]["data"] == "0102"


def test_warnings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.s").write_text('.byte 300\n.print "hello"\n')
    args = ["-o", str(tmp_path / "out.o"), str(tmp_path / "in.s")]
    assert driver.run(args) == ExitCode.SUCCESS
    said = capsys.readouterr()
    assert said.err.startswith("warning[A0412]")
    assert said.out == "hello\n"
    assert driver.run(["-W", *args]) == ExitCode.SUCCESS
    assert capsys.readouterr().err == ""
    (tmp_path / "out.o").unlink()
    assert driver.run(["--fatal-warnings", *args]) == ExitCode.FAILED
    assert "error[A0602]: 1 warnings are errors (--fatal-warnings)" in capsys.readouterr().err
    assert not (tmp_path / "out.o").exists()


def test_dependencies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "more.inc").write_text("nop\n")
    (tmp_path / "in.s").write_text('.include "more.inc"\n')
    assert driver.run(["--MD", "in.d", "-o", "in.o", "in.s"]) == ExitCode.SUCCESS
    assert (tmp_path / "in.d").read_text() == "in.o: in.s more.inc\n\nmore.inc:\n\n"


def test_a_device_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "in.s").write_text("nop\n")
    assert driver.run(["-o", "/dev/null", str(tmp_path / "in.s")]) == ExitCode.SUCCESS
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--frob"], "option `--frob` is not supported"),
        (["--x32"], "option `--x32` is not supported"),
        (["--compress-debug-sections=zlib"], "is not supported"),
        (["-o"], "option `-o` needs a value"),
        (["--defsym", "1=2"], "is not of the form NAME=NUMBER"),
        (["--defsym", "a=b"], "is not of the form NAME=NUMBER"),
    ],
)
def test_refused(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert message in refused(capsys, *args)


def test_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert driver.run(["nothing.s"]) == ExitCode.FAILED
    assert "error[T0101]" in capsys.readouterr().err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert driver.run(["--version"]) == ExitCode.SUCCESS
    assert driver.run(["--help"]) == ExitCode.SUCCESS
    said = capsys.readouterr().out
    assert said.startswith("GNU assembler")
    assert "--defsym" in said


_C = r"""
#include <stddef.h>
struct node { struct node *next; const char *name; double weight; };
static int depth(const struct node *n) { int d = 0; for (; n; n = n->next) d++; return d; }
double total(const struct node *n, int (*visit)(const struct node *)) {
    double sum = 0;
    for (; n; n = n->next) switch (visit(n)) {
        case 0: sum += n->weight; break;
        case 1: sum *= n->weight; break;
        case 2: sum = -sum; break;
        case 3: sum /= n->weight + depth(n); break;
        case 4: return sum;
    }
    return sum;
}
__attribute__((cold)) unsigned long long mix(unsigned long long x, unsigned y) { return x * y ^ x >> (y & 31); }
"""


@pytest.mark.slow
@pytest.mark.skipif(gnu_version() != VERSION or shutil.which("gcc") is None, reason=f"needs gcc and GNU as {VERSION}")
@pytest.mark.parametrize(
    "flags",
    ["-O0", "-O2 -g", "-Os -fPIC", "-O2 -m32 -ffreestanding", "-O2 -g -mcmodel=kernel -mno-red-zone -fno-pic",
     "-O2 -g -masm=intel", "-O3 -mavx2 -mfma", "-O1 -gdwarf-4"],
)  # fmt: skip
def test_in_the_place_of_as(flags: str, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = "from exotool.__main__ import main_as; main_as()"
    (tmp_path / "bin" / "as").write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{program}" "$@"\n')
    (tmp_path / "bin" / "as").chmod(0o755)
    (tmp_path / "a.c").write_text(_C)
    command = ["gcc", *flags.split(), "-c", "a.c", "-o"]
    subprocess.run([*command, "theirs.o"], cwd=tmp_path, check=True)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run([*command, "ours.o", f"-B{tmp_path}/bin"], cwd=tmp_path, check=True, env=environment)
    theirs, ours = ((tmp_path / name).read_bytes() for name in ("theirs.o", "ours.o"))
    assert theirs != ours  # the assembler was ours: it orders sections otherwise
    assert not difference(summarize(theirs), summarize(ours))
