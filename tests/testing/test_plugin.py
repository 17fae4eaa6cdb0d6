"""The pytest plugin, in a pytest of its own as a user has it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.testing.conftest import MakeProject

TESTS = """\
import pytest

def test_a_dialogue(boot):
    with boot(append="x=1", smp=2) as guest:
        guest.expect("> $")
        guest.send("q")
        assert guest.wait().kind == "success"
        assert guest.qmp is not None

def test_the_default_guest(guest, kernel):
    guest.expect("> ")
    assert kernel.name == "kernel.elf"
    assert guest.qmp("query-status")["running"]

def test_what_fails(guest):
    guest.expect("echo")
    guest.expect("login:", timeout=0.2)
"""


def pytest_in(root: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (root / "tests").mkdir(exist_ok=True)
    (root / "tests" / "test_guest.py").write_text(TESTS)
    # An installed exotool brings the plugin by its entry point; here it is named.
    plugins = ["-p", "no:exotool", "-p", "exotool.testing.plugin", "-p", "no:cacheprovider", "-p", "no:randomly"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--rootdir={root}", *plugins, *arguments, "tests"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_the_fixtures(project: MakeProject) -> None:
    done = pytest_in(project("echo", ""))
    assert "1 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    assert "GuestError: 'login:' was not printed within 0.2 s" in done.stdout
    assert "the last that it printed:" in done.stdout
    assert "  echo>" in done.stdout


@pytest.mark.slow
def test_shards_and_machines(project: MakeProject) -> None:
    root = project("echo", "")
    done = pytest_in(root, "--exotool-shard", "1/2", "--exotool-machine", "microvm", "--collect-only")
    assert done.stdout.count("::test_") == 2, done.stdout
    assert pytest_in(root, "--exotool-shard", "0/2").returncode == 4


def test_without_qemu_a_test_is_skipped_unless_it_must_not_be(project: MakeProject) -> None:
    root = project("echo", "")
    # No program is on this path; the tests before it need none.
    done = pytest_in(root, "-k", "default", PATH=str(root))
    assert "1 skipped" in done.stdout, done.stdout
    assert "1 error" in pytest_in(root, "-k", "default", "--exotool-strict", PATH=str(root)).stdout


def test_the_entry_point_is_declared() -> None:
    text = (REPOSITORY / "pyproject.toml").read_text()
    assert '[project.entry-points.pytest11]\nexotool = "exotool.testing.plugin"\n' in text
