"""The plugin: roots from the configuration, and tests that do not see each other's state."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ..conftest import REPOSITORY

KERNEL = """\
from exotool.lang import Array, array, u64

count: u64 = 0
words: Array[u64] = array([7, 8, 9])


def bump() -> u64:
    global count
    count += 1
    words[0] += 1
    return words[0]
"""

TESTS = """\
import pytest

@pytest.mark.parametrize("_", range(3))
def test_each_starts_afresh(_):
    from kern import counter
    from exotool.lang import memory, settings
    assert counter.bump() == 8
    assert counter.count == 1
    assert not memory.is_mapped(0x4000)
    assert settings.overflow == "trap"
    settings.overflow = "wrap"
    memory.map(0x4000, 1)
"""


def run(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    script = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
    plugins = ["-p", "no:cacheprovider", "-p", "exotool.lang.pytest_plugin"]
    return subprocess.run(
        [sys.executable, "-c", script, "-q", *plugins, *options],
        cwd=directory,
        env={"PYTHONPATH": str(REPOSITORY), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def project(directory: Path, roots: str) -> None:
    (directory / "kern").mkdir()
    (directory / "kern" / "counter.py").write_text(KERNEL, "utf-8")
    (directory / "test_counter.py").write_text(TESTS, "utf-8")
    (directory / "pytest.ini").write_text(f"[pytest]\nkernel_python_roots =\n    {roots}\n", "utf-8")


def test_tests_find_kernel_python_and_start_afresh(tmp_path: Path) -> None:
    project(tmp_path, ".: kern")
    done = run(tmp_path)
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_a_root_that_is_not_there_is_told(tmp_path: Path) -> None:
    project(tmp_path, "missing")
    done = run(tmp_path)
    assert done.returncode == 4
    assert "kernel_python_roots: there is no directory 'missing'" in done.stderr
