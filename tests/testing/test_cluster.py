"""Boots on the workers of a Dask cluster: real processes on this computer, which are killed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.testing.conftest import MakeProject

pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

ENVIRONMENT = os.environ | {"PYTHONPATH": str(REPOSITORY), "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "20"}


@contextmanager
def process(module: str, *arguments: str, folder: Path, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    out = log.open("wb") if log else None
    child = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=out or subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        if out:
            out.close()


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """A scheduler on a free port of the loopback."""
    log = folder / "scheduler.log"
    arguments = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-jupyter")
    with process("dask_scheduler", *arguments, folder=folder, log=log) as child:
        end = time.monotonic() + 60
        while time.monotonic() < end and child.poll() is None:
            found = re.search(rb"tcp://127\.0\.0\.1:\d+", log.read_bytes())
            if found:
                yield found[0].decode()
                return
            time.sleep(0.1)
        raise AssertionError(log.read_text())


def worker_arguments(address: str, name: str) -> tuple[str, ...]:
    arguments = (address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name)
    return (*arguments, "--memory-limit", "0", "--death-timeout", "60")


def run_tests(root: Path, address: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "exotool", "--json", "test", "--suite", "boot", "--scheduler", address]
    return subprocess.Popen(
        [*command, *arguments], cwd=root, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_lost_workers_jobs_run_again(project: MakeProject, tmp_path: Path) -> None:
    """One of two workers is killed while it boots; every boot is in the report, and has passed."""
    root = project("count_memory", '[[test.boot]]\nname = "long"\n')
    with (
        scheduler(tmp_path) as address,
        process("dask_worker", *worker_arguments(address, "a"), folder=tmp_path) as victim,
        process("dask_worker", *worker_arguments(address, "b"), folder=tmp_path),
    ):
        tool = run_tests(root, address, "--repeat", "6")
        end = time.monotonic() + 120
        while not qemu_of(victim.pid):
            assert time.monotonic() < end, "the worker boots nothing"
            assert tool.poll() is None, tool.communicate()
            time.sleep(0.02)
        (lost,) = qemu_of(victim.pid)
        victim.send_signal(signal.SIGKILL)
        out, err = tool.communicate(timeout=200)
    assert tool.returncode == 0, out + err
    events = [json.loads(line) for line in out.splitlines()]
    assert sorted(event["name"] for event in events[:-1]) == [f"long#{n}" for n in range(1, 7)]
    assert {event["status"] for event in events[:-1]} == {"passed"}
    assert not Path(f"/proc/{lost}").exists()


def test_a_failure_on_a_worker_has_a_bundle_here(project: MakeProject, tmp_path: Path) -> None:
    root = project("panic", '[[test.boot]]\nname = "one"\n')
    with scheduler(tmp_path) as address, process("dask_worker", *worker_arguments(address, "a"), folder=tmp_path):
        out, err = run_tests(root, address).communicate(timeout=120)
    events = [json.loads(line) for line in out.splitlines()]
    assert events[0]["problems"] == ["expected success, got panic: the fourth level was reached"], err
    assert (root / "build" / "failures" / "one" / "image.elf").exists()


def test_no_scheduler(project: MakeProject) -> None:
    root = project("success", '[[test.boot]]\nname = "one"\n')
    tool = run_tests(root, "tcp://127.0.0.1:1")
    out, _ = tool.communicate(timeout=120)
    assert tool.returncode == 1
    assert json.loads(out.splitlines()[-1])["code"] == "T0111"


def qemu_of(pid: int) -> list[int]:
    """Return the QEMU processes that the threads of a process have started."""
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in children.read_text().split()]
        except OSError:
            continue
    return [child for child in found if b"qemu" in Path(f"/proc/{child}/cmdline").read_bytes()]
