"""`exotool debug`: gdb on a guest, without a keyboard."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from exotool.launch.qemu import PROGRAM
from tests.conftest import REPOSITORY
from tests.launch.conftest import Kernel

needs_gdb = pytest.mark.skipif(
    shutil.which("gdb") is None or shutil.which(PROGRAM) is None, reason=f"needs gdb and {PROGRAM}"
)


def debug(kernel: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "exotool", "debug", "--kernel", str(kernel), *arguments],
        cwd=kernel.parent,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@needs_gdb
@pytest.mark.slow
def test_a_breakpoint_behind_the_switch_to_64_bit_mode(kernel: Kernel) -> None:
    commands = ("continue", "info registers rip", "x/i $rip", "backtrace", "quit 7")
    done = debug(kernel("spin"), "--break", "spin_here", *(part for c in commands for part in ("--ex", c)))
    assert done.returncode == 7, done.stdout + done.stderr
    assert "Breakpoint 1, spin_here ()" in done.stdout
    assert "<spin_here>" in done.stdout
    assert "jmp " in done.stdout
    assert "interrupted: by the debugger's end" in done.stderr
    assert list(kernel("spin").parent.iterdir()) == [kernel("spin")]


@needs_gdb
@pytest.mark.slow
def test_the_guest_prints_while_it_is_debugged(kernel: Kernel) -> None:
    # The terminal is gdb's too, whose words could come between two letters of the guest's.
    silent = ("set logging file /dev/null", "set logging redirect on", "set logging enabled on")
    commands = [part for command in (*silent, "continue", "quit") for part in ("--ex", command)]
    done = debug(kernel("hello_spin"), "--break", "puts_done", *commands)
    assert done.returncode == 0
    assert "hello\n" in done.stdout


@needs_gdb
def test_an_image_that_does_not_boot(kernel: Kernel) -> None:
    path = kernel("spin").with_name("text")
    path.write_text("text")
    done = debug(path)
    assert done.returncode == 1
    assert "error[R0101]" in done.stderr


def test_without_gdb(kernel: Kernel, tmp_path: Path) -> None:
    done = debug(kernel("spin"), PATH=str(tmp_path))
    assert done.returncode == 127
    assert "error[R0222]: `gdb` is not installed or not in PATH" in done.stderr


# lldb: what it is told, with a program in its place that keeps to it.

LLDB = """#!{python}
import re, socket, sys
assert sys.argv[1:4] == ["--no-lldbinit", "--arch", "x86_64"], sys.argv
commands = sys.argv[6::2]
stub = socket.socket(socket.AF_UNIX)
stub.connect(re.fullmatch(r"process connect --plugin gdb-remote unix-connect://(.*)", commands[0])[1])
stub.sendall(b"$?#3f")
while b"#" not in (answer := stub.recv(4096)):
    pass
print(answer, *commands[1:], sep="\\n")
sys.exit(5)
"""


def test_lldb_is_attached_to_the_guest(kernel: Kernel, tmp_path: Path) -> None:
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    path = kernel("spin")
    program = tmp_path / "bin" / "lldb"
    program.parent.mkdir()
    program.write_text(LLDB.format(python=sys.executable))
    program.chmod(0o755)
    places = ("--break", "spin_here", "--break", "spin.S:9", "--ex", "quit")
    done = debug(path, "--lldb", *places, PATH=f"{program.parent}:{os.environ['PATH']}")
    assert done.returncode == 5, done.stderr
    assert "T05thread" in done.stdout
    assert done.stdout.splitlines()[-4:] == [
        "breakpoint set --hardware --name spin_here",
        "breakpoint set --hardware --address 0x1000ee",
        "breakpoint set --hardware --file spin.S --line 9",
        "quit",
    ]


def test_without_lldb(kernel: Kernel, tmp_path: Path) -> None:
    done = debug(kernel("spin"), "--lldb", PATH=str(tmp_path))
    assert done.returncode == 127
    assert "error[R0237]: `lldb` is not installed or not in PATH" in done.stderr
    assert debug(kernel("spin"), "--lldb", "--reverse").returncode == 2
