"""What goes wrong around a guest: a stuck or mute QEMU, a flood, endless resets, two runs at once, full disks."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exotool.launch.accelerator import KVM_DEVICE, choose_accelerator, probe_image
from exotool.launch.image import check_image
from exotool.launch.qemu import PROGRAM
from tests.conftest import REPOSITORY
from tests.launch.conftest import Boot, Kernel
from tests.launch.test_process import LIMIT, Running, eventually, is_running

STANDIN = Path(__file__).with_name("standin.py")


def with_standin(folder: Path, mode: str) -> dict[str, str]:
    """Return an environment in which the stand-in is QEMU."""
    program = folder / "bin" / PROGRAM
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(STANDIN), mode])} "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "PYTHONPATH": str(REPOSITORY)}


def start(kernel: Path, environment: dict[str, str], *arguments: str, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "exotool", "run", "--kernel", kernel.name, *arguments]
    with out.open("wb") as file:
        return subprocess.Popen(
            command, cwd=kernel.parent, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.PIPE
        )


def peak_memory(pid: int) -> int:
    """Return the largest resident set that a process has had, in bytes; 0 if it is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return 0


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()]


def command_line(pid: int) -> bytes:
    """Return the arguments of a process; nothing when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def starts_standin(pid: int) -> bool:
    """Tell whether a process has started the stand-in that is to stay mute."""
    return any(b"\0mute\0-machine\0" in command_line(child) for child in children(pid))


@pytest.mark.slow
def test_a_flood_of_100_megabytes_is_passed_on_in_bounded_memory(kernel: Kernel, tmp_path: Path) -> None:
    path, out, raw = kernel("success"), tmp_path / "out", tmp_path / "raw"
    tool = start(path, with_standin(tmp_path, "flood"), "--serial", str(raw), "--timeout", "4m", out=out)
    peak = 0
    while tool.poll() is None:
        # Not ru_maxrss, in which the memory of this process counts: the kernel takes it over at fork and exec.
        peak = max(peak, peak_memory(tool.pid))
        time.sleep(0.1)
    assert tool.stderr is not None
    with tool.stderr:
        assert tool.returncode == 0, tool.stderr.read()
    assert raw.stat().st_size == 100 * (1 << 20) + len("\nexotool: ok \n") + 16
    assert out.stat().st_size > raw.stat().st_size
    assert 0 < peak < 200 << 20


def test_a_qemu_that_stops_answering_is_told(kernel: Kernel) -> None:
    running = Running(kernel("hello_spin"), "--timeout", "2s", "--hang-after", "0", until=b"hello\n")
    try:
        os.kill(running.qemu, signal.SIGSTOP)
        assert running.end() == 1
        assert running.tool.stderr is not None
        assert running.tool.stderr.read().startswith(b"qemu error: QEMU does not answer: nothing came on its control")
    finally:
        running.close()


@pytest.mark.slow
def test_a_deaf_qemu_is_told(kernel: Kernel, tmp_path: Path) -> None:
    tool = start(kernel("success"), with_standin(tmp_path, "deaf"), "--timeout", "1s", out=tmp_path / "out")
    _, errors = tool.communicate(timeout=LIMIT)
    assert tool.returncode == 1
    assert errors.startswith(b"qemu error: QEMU does not answer")


def test_a_signal_ends_a_run_whose_qemu_is_mute(kernel: Kernel, tmp_path: Path) -> None:
    tool = start(kernel("success"), with_standin(tmp_path, "mute"), out=tmp_path / "out")
    eventually(lambda: starts_standin(tool.pid), "QEMU is not started")
    tool.send_signal(signal.SIGTERM)
    tool.communicate(timeout=LIMIT)
    assert tool.returncode == 130


def test_endless_resets_end_at_the_first(run: Boot) -> None:
    """Whatever QEMU was told on its command line."""
    outcome = run("reset", qemu_args=("-action", "reboot=reset"))
    assert outcome.kind == "reset"


def test_two_runs_in_one_directory_at_once(kernel: Kernel) -> None:
    path = kernel("halt")
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    tools = [start(path, environment, "--serial", f"serial{n}", out=path.parent / f"out{n}") for n in range(2)]
    errors = [tool.communicate(timeout=LIMIT)[1] for tool in tools]
    assert [tool.returncode for tool in tools] == [6, 6]
    assert all(b"executed last" in error for error in errors)
    assert sorted(p.name for p in path.parent.iterdir()) == ["halt.elf", "out0", "out1", "serial0", "serial1"]


def test_a_tool_that_is_killed_leaves_neither_its_qemu_nor_a_file(kernel: Kernel) -> None:
    path = kernel("hello_spin")
    running = Running(kernel("hello_spin"), until=b"hello\n")
    try:
        running.tool.kill()
        assert running.end() == -signal.SIGKILL
        eventually(lambda: not is_running(running.qemu), "QEMU is still there")
    finally:
        running.close()
    assert [p.name for p in path.parent.iterdir()] == ["hello_spin.elf"]


def test_a_tool_that_is_killed_while_it_explains_leaves_nothing(kernel: Kernel, tmp_path: Path) -> None:
    """The record of the second boot is in memory, and its QEMU dies with the tool."""
    qemu = shutil.which(PROGRAM)
    if qemu is None:
        pytest.skip(f"{PROGRAM} is not installed")
    path, program = kernel("halt"), tmp_path / "bin" / PROGRAM
    program.parent.mkdir()
    # A second boot without an end; the first ones are QEMU's own.
    program.write_text(f'#!/bin/sh\ncase "$*" in *rr=record*) exec sleep 300;; esac\nexec {qemu} "$@"\n')
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(REPOSITORY)}
    tool = start(path, os.environ | environment, out=tmp_path / "out")
    found: list[int] = []

    def explains() -> bool:
        found[:] = [pid for pid in children(tool.pid) if command_line(pid) == b"sleep\x00300\x00"]
        return bool(found)

    try:
        eventually(explains, "there is no second boot")
    finally:
        tool.kill()
        tool.communicate()
    eventually(lambda: not is_running(found[0]), "QEMU is still there")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bin", "halt.elf", "out"]


def test_full_disk_under_a_report(kernel: Kernel) -> None:
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); from exotool.__main__ import main; main()"  # noqa: E501
    path = kernel("long")
    done = subprocess.run(
        [sys.executable, "-c", limited, "run", "--kernel", path.name, "--serial", "serial.bin"],
        cwd=path.parent,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 1
    assert b"error[R0207]: cannot write the serial line to `serial.bin`: file too large" in done.stderr


# Which accelerator.


def test_the_probe_is_an_image_that_boots() -> None:
    assert check_image(probe_image(), "probe", 16 << 20).protocol == "pvh"


def test_the_accelerator_that_is_asked_for() -> None:
    assert choose_accelerator(None) is None
    assert choose_accelerator("tcg") == "tcg"
    assert choose_accelerator("kvm") == "kvm"


def test_auto_takes_kvm_only_when_it_wins(run: Boot, kernel: Kernel, monkeypatch: pytest.MonkeyPatch) -> None:
    from exotool.launch import accelerator

    times = {"tcg": 0.2, "kvm": 0.1}
    monkeypatch.setattr(accelerator, "KVM_DEVICE", Path(os.devnull))
    monkeypatch.setattr(accelerator, "_seconds", lambda qemu, image, name, limit: times[name])
    assert choose_accelerator("auto") == "kvm"
    times["kvm"] = float("inf")
    assert choose_accelerator("auto") == "tcg"
    monkeypatch.setattr(accelerator, "KVM_DEVICE", Path("/nonexistent"))
    times["kvm"] = 0.0
    assert choose_accelerator("auto") == "tcg"


def test_the_probe_runs_under_tcg(run: Boot, kernel: Kernel, tmp_path: Path) -> None:
    from exotool.launch.accelerator import PROBE_SECONDS, _seconds
    from exotool.launch.qemu import find_qemu

    kernel("success")
    image = tmp_path / "probe.elf"
    image.write_bytes(probe_image())
    assert _seconds(find_qemu(), image, "tcg", PROBE_SECONDS) < PROBE_SECONDS
    image.write_bytes(b"no image")
    assert _seconds(find_qemu(), image, "tcg", PROBE_SECONDS) == float("inf")
    assert KVM_DEVICE.name == "kvm"
