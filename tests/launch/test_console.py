"""Typing to the guest: a raw terminal, its escape key, and input from a pipe or a file."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.launch.console import ESCAPE, Keys
from exotool.launch.qemu import PROGRAM
from tests.conftest import REPOSITORY
from tests.launch.conftest import Kernel

needs_qemu = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"needs {PROGRAM}")


@pytest.mark.parametrize(
    ("typed", "sent", "command"),
    [
        (b"abc\x03\x04", b"abc\x03\x04", ""),
        (b"a\x1d\x1db", b"a\x1db", ""),
        (b"ab\x1dxcd", b"ab", "x"),
        (b"\x1dq", b"", "x"),
        (b"a\x1d?b", b"ab", "?"),
        (b"a\x1d", b"a", ""),
    ],
)
def test_the_escape_key(typed: bytes, sent: bytes, command: str) -> None:
    assert Keys().take(typed) == (sent, command)


def test_the_escape_key_and_its_command_may_come_apart() -> None:
    keys = Keys()
    assert keys.take(b"\x1d") == (b"", "")
    assert keys.take(b"x") == (b"", "x")


@given(st.lists(st.binary(max_size=8)))
def test_without_the_escape_key_all_is_sent(parts: list[bytes]) -> None:
    keys = Keys()
    clean = [part.replace(bytes((ESCAPE,)), b"") for part in parts]
    assert b"".join(keys.take(part)[0] for part in clean) == b"".join(clean)


def command(kernel: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "exotool", "run", "--kernel", str(kernel), "-i", *arguments]


ENVIRONMENT = os.environ | {"PYTHONPATH": str(REPOSITORY)}


@needs_qemu
def test_input_from_a_pipe(kernel: Kernel) -> None:
    done = subprocess.run(
        command(kernel("echo")), input=b"typed\x1dq", capture_output=True, env=ENVIRONMENT, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"echo> typed^]\nexotool: ok ")


@needs_qemu
def test_input_from_a_file(kernel: Kernel, tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"x" * 5000 + b"q")
    with (tmp_path / "keys").open("rb") as keys:
        done = subprocess.run(
            command(kernel("echo")), stdin=keys, capture_output=True, env=ENVIRONMENT, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"echo> " + b"x" * 5000 + b"\n")


class Terminal:
    """`exotool run -i` on a terminal of its own."""

    def __init__(self, kernel: Path) -> None:
        self.ours, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.tool = subprocess.Popen(
            command(kernel), stdin=self.theirs, stdout=self.theirs, stderr=self.theirs, env=ENVIRONMENT
        )
        self.shown = b""

    def read_until(self, text: bytes) -> None:
        end = time.monotonic() + 60
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            if select.select([self.ours], [], [], 0.1)[0]:
                self.shown += os.read(self.ours, 4096)

    def type(self, keys: bytes) -> None:
        os.write(self.ours, keys)

    def close(self) -> None:
        self.tool.kill()
        self.tool.wait()
        os.close(self.ours)
        os.close(self.theirs)


@needs_qemu
def test_a_terminal_is_raw_while_the_guest_runs_and_as_before_in_the_end(kernel: Kernel) -> None:
    terminal = Terminal(kernel("echo"))
    try:
        terminal.read_until(b"echo> ")
        flags = termios.tcgetattr(terminal.theirs)[3]
        assert not flags & (termios.ICANON | termios.ECHO | termios.ISIG)
        terminal.type(b"A\x03\x1b[31m")  # Ctrl-C and escape sequences are the guest's, there and back
        terminal.read_until(b"A\x03\x1b[31m")
        terminal.type(b"\x1d?")
        terminal.read_until(b"[exotool: Ctrl-] x ends")
        terminal.type(b"\x1dx")
        terminal.read_until(b"by the escape key")
        assert terminal.tool.wait(60) == 130
        assert termios.tcgetattr(terminal.theirs) == terminal.before
    finally:
        terminal.close()


@needs_qemu
def test_a_terminal_is_as_before_after_a_success_too(kernel: Kernel) -> None:
    terminal = Terminal(kernel("echo"))
    try:
        terminal.read_until(b"echo> ")
        terminal.type(b"q")
        terminal.read_until(b"success")
        assert terminal.tool.wait(60) == 0
        assert termios.tcgetattr(terminal.theirs) == terminal.before
    finally:
        terminal.close()
