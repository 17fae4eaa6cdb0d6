"""`exotool run --watch`: a change of a source boots the kernel again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from exotool.launch.qemu import PROGRAM
from tests.conftest import REPOSITORY
from tests.toy import make_project

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"needs {PROGRAM}")]


def test_a_change_boots_again_and_an_error_waits_for_its_correction(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    source = root / "src" / "message.S"
    good = source.read_text()
    tool = subprocess.Popen(
        [sys.executable, "-m", "exotool", "run", "--watch"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    guard = threading.Timer(120, tool.kill)
    guard.start()
    try:
        read_until(tool, "tests failed:")
        source.write_text(good.replace("hello", "again"))
        read_until(tool, "again")
        read_until(tool, "tests failed:")
        source.write_text("    .nonsense\n")
        read_until(tool, "error[A")
        source.write_text(good)
        read_until(tool, "hello")
        read_until(tool, "tests failed:")
        tool.send_signal(signal.SIGINT)
        assert tool.wait(60) == 130
    finally:
        guard.cancel()
        tool.kill()
        tool.communicate()


def read_until(tool: subprocess.Popen[str], text: str) -> None:
    assert tool.stdout is not None
    seen = []
    for line in tool.stdout:
        seen.append(line)
        if text in line:
            return
    raise AssertionError("".join(seen))
