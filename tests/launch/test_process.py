"""No way out of a boot leaves QEMU behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exotool.launch.qemu import PROGRAM
from tests.conftest import REPOSITORY
from tests.launch.conftest import Kernel

pytestmark = pytest.mark.skipif(
    shutil.which(PROGRAM) is None or not Path("/proc/self/stat").exists(), reason=f"needs {PROGRAM} and /proc"
)

LIMIT = 60.0
"""Seconds that anything here may take on a busy computer."""


def eventually(happened: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + LIMIT
    while not happened():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that is dead and not waited for (Z) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def child_of(pid: int) -> int | None:
    """Return the process that `pid` has started and that has become QEMU."""
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            if PROGRAM in Path(f"/proc/{child}/cmdline").read_text():
                return int(child)
    return None


class Running:
    """`exotool run` in a process of its own, with its QEMU running the guest."""

    def __init__(self, kernel: Path, *arguments: str, until: bytes) -> None:
        self.tool = subprocess.Popen(
            [sys.executable, "-m", "exotool", "run", "--kernel", str(kernel), "--timeout", "5m", *arguments],
            cwd=kernel.parent,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self.tool.stdout is not None
        assert self.tool.stdout.read(len(until)) == until
        qemu = child_of(self.tool.pid)
        assert qemu is not None
        self.qemu = qemu

    def end(self) -> int:
        """Wait for both to end, and return the tool's exit code."""
        code = self.tool.wait(LIMIT)
        eventually(lambda: not is_running(self.qemu), f"QEMU {self.qemu} is still there")
        return code

    def close(self) -> None:
        if self.tool.poll() is None:
            self.tool.kill()
        for stream in (self.tool.stdout, self.tool.stderr):
            assert stream is not None
            stream.close()
        self.tool.wait(LIMIT)
        if is_running(self.qemu):
            os.kill(self.qemu, signal.SIGKILL)


@pytest.fixture
def flood(kernel: Kernel) -> Iterator[Running]:
    running = Running(kernel("flood"), until=b"A" * 64)
    yield running
    running.close()


@pytest.fixture
def quiet(kernel: Kernel) -> Iterator[Running]:
    running = Running(kernel("hello_spin"), until=b"hello\n")
    yield running
    running.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_killed_tool_leaves_no_qemu(quiet: Running) -> None:
    quiet.tool.kill()
    assert quiet.end() == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_boot_in_order(quiet: Running, number: signal.Signals) -> None:
    quiet.tool.send_signal(number)
    assert quiet.end() == 130
    assert quiet.tool.stderr is not None
    assert quiet.tool.stderr.read().startswith(f"interrupted: by {number.name}, after ".encode())


def test_a_closed_stdout_ends_the_boot(flood: Running) -> None:
    assert flood.tool.stdout is not None
    flood.tool.stdout.close()
    assert flood.end() == 1
    assert flood.tool.stderr is not None
    assert b"Traceback" not in flood.tool.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_boot_that_nobody_reads(flood: Running, number: signal.Signals) -> None:
    """Stdout is a pipe that fills up."""
    time.sleep(0.5)
    flood.tool.send_signal(number)
    assert flood.end() == 130


def test_the_time_limit_ends_a_boot_that_nobody_reads(kernel: Kernel) -> None:
    running = Running(kernel("flood"), "--timeout", "2s", until=b"A" * 64)
    try:
        assert running.end() == 124
    finally:
        running.close()


@pytest.mark.slow
def test_a_slow_reader_gets_everything_and_the_right_outcome(kernel: Kernel) -> None:
    """The guest has ended long before its output is read, later than the time limit."""
    running = Running(kernel("long"), "--timeout", "5s", until=b"A" * 64)
    try:
        eventually(lambda: not is_running(running.qemu), "the guest waits for the reader")
        time.sleep(6)
        assert running.tool.stdout is not None
        rest = running.tool.stdout.read()
        assert running.end() == 0
    finally:
        running.close()
    assert rest.startswith(b"A" * (0x14000 - 64) + b"\nexotool: ok ")


def test_a_killed_qemu_is_told(quiet: Running) -> None:
    os.kill(quiet.qemu, signal.SIGKILL)
    assert quiet.end() == 1
    assert quiet.tool.stderr is not None
    assert quiet.tool.stderr.read() == b"qemu error: QEMU was ended by signal 9 while the guest ran\n"


def test_gdb_starts_the_guest(kernel: Kernel) -> None:
    """The guest waits until a debugger on the socket says `continue` (`c` in gdb's remote protocol)."""
    path = kernel("success")
    command = [sys.executable, "-m", "exotool", "run", "--kernel", path.name, "--gdb", "gdb.sock", "--timeout", "1ms"]
    tool = subprocess.Popen(
        command,
        cwd=path.parent,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert tool.stderr is not None
        assert tool.stderr.readline() == "waiting for gdb: gdb success.elf -ex 'target remote gdb.sock'\n"
        eventually((path.parent / "gdb.sock").exists, "there is no socket")
        with socket.socket(socket.AF_UNIX) as gdb:
            eventually(lambda: connects(gdb, path.parent / "gdb.sock"), "QEMU does not listen")
            gdb.sendall(b"$c#63")
            out, _ = tool.communicate(timeout=LIMIT)
    finally:
        tool.kill()
        tool.communicate()
    assert (tool.returncode, out[:12]) == (0, "exotool: ok ")
    assert sorted(p.name for p in path.parent.iterdir()) == ["success.elf"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_boot_that_waits_for_gdb(kernel: Kernel, number: signal.Signals) -> None:
    path = kernel("success")
    tool = subprocess.Popen(
        [sys.executable, "-m", "exotool", "run", "--kernel", path.name, "--gdb", "gdb.sock"],
        cwd=path.parent,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually((path.parent / "gdb.sock").exists, "there is no socket")
        tool.send_signal(number)
        assert tool.wait(LIMIT) == 130
    finally:
        tool.kill()
        tool.wait(LIMIT)
    assert sorted(p.name for p in path.parent.iterdir()) == ["success.elf"]


def connects(client: socket.socket, path: Path) -> bool:
    try:
        client.connect(str(path))
    except OSError:
        return False
    return True


def test_full_disk_under_stdout(kernel: Kernel) -> None:
    path = kernel("success")
    with Path("/dev/full").open("w") as full:
        tool = subprocess.run(
            [sys.executable, "-m", "exotool", "run", "--kernel", path.name],
            cwd=path.parent,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=LIMIT,
            check=False,
        )
    assert tool.returncode == 1
    assert tool.stderr.startswith(b"error[R0217]: cannot write what the guest printed: no space left on device\n")


def test_two_boots_at_once(kernel: Kernel) -> None:
    path = kernel("success")
    command = [sys.executable, "-m", "exotool", "run", "--kernel", path.name]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    tools = [subprocess.Popen(command, cwd=path.parent, env=environment) for _ in range(2)]
    assert [tool.wait(LIMIT) for tool in tools] == [0, 0]
    assert sorted(p.name for p in path.parent.iterdir()) == ["success.elf"]


def test_the_serial_line_takes_many_small_writes_unread() -> None:
    """A guest that waits for its UART with a bound must not lose output while we are busy with something else."""
    from exotool.launch.process import _pipe

    ours, guests = _pipe()
    with ours, guests:
        os.set_blocking(guests.fileno(), False)
        for _ in range(50_000):
            assert guests.write(b"x") == 1
