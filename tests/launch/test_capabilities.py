"""What QEMUs say that they have: this one, and programs that answer as others do."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from exotool.diagnostics import ExitCode, ToolError
from exotool.launch import BootOptions, boot, load_machine, qemu_command
from exotool.launch.capabilities import ask, capabilities
from exotool.launch.qemu import PROGRAM
from exotool.launch.startup import start_error
from tests.launch.conftest import Kernel, Recorder

# What `--version` says, and what stands behind `-display help`; Debian's QEMU without qemu-system-gui has no window.
VERSIONS = {
    "7.2": (
        "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)",
        "none\ngtk\nsdl\negl-headless\ncurses\ndbus",
    ),
    "8.2": ("QEMU emulator version 8.2.2 (Debian 1:8.2.2+ds-0ubuntu1)", "none\ncurses\ndbus"),
    "9.1": ("QEMU emulator version 9.1.0", "none\nsdl\nspice-app"),
    "10.0": ("QEMU emulator version 10.0.2 (qemu-10.0.2-1.fc43)", "none\ncocoa"),
}
BACKENDS = "\n\nSome display backends support suboptions, which can be set with\n   -display backend,option=value"


def write_qemu(path: Path, version: str, devices: str = 'name "VGA", bus PCI', body: str = "exit 1") -> Path:
    """Write a program that answers like a version of QEMU, and counts the questions in a file beside it."""
    banner, displays = VERSIONS[version]
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"""#!/bin/sh
echo "$*" >> {path}.asked
case "$1 $2" in
"--version ") echo "{banner}"; exit;;
"-machine help") printf 'Supported machines are:\\npc-i440fx-{version}   Standard PC\\nq35   Standard PC\\n'; exit;;
"-device help") printf '%s\\n' 'Controller devices:' '{devices}' 'name "isa-debug-exit", bus ISA'; exit;;
"-accel help") printf 'Accelerators supported in QEMU binary:\\ntcg\\nkvm\\n'; exit;;
"-display help") printf 'Available display backend types:\\n{displays}{BACKENDS}\\n'; exit;;
"-L help") echo {path.parent}; exit;;
esac
{body}
""")
    path.chmod(0o755)
    return path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EXOTOOL_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "qemu.json"


def asked(qemu: Path) -> int:
    return len(Path(f"{qemu}.asked").read_text().splitlines())


@pytest.mark.parametrize(
    ("version", "numbers", "window"),
    [("7.2", (7, 2, 22), "gtk"), ("8.2", (8, 2, 2), ""), ("9.1", (9, 1, 0), "sdl"), ("10.0", (10, 0, 2), "cocoa")],
)
def test_answers(cache: Path, tmp_path: Path, version: str, numbers: tuple[int, ...], window: str) -> None:
    has = capabilities(str(write_qemu(tmp_path / "bin" / PROGRAM, version)))
    assert has.version == numbers
    assert has.machines == (f"pc-i440fx-{version}", "q35")
    assert has.devices == {"VGA", "isa-debug-exit"}
    assert has.accelerators == ("tcg", "kvm")
    assert "Some" not in has.displays
    assert has.window == window


def test_this_qemu(cache: Path) -> None:
    qemu = shutil.which(PROGRAM)
    if qemu is None:
        pytest.skip(f"{PROGRAM} is not installed")
    has = capabilities(qemu)
    assert has.version >= (7, 0)
    assert {"q35", "pc", "microvm"} <= set(has.machines)
    assert {"isa-debug-exit", "pvpanic", "isa-serial", "virtio-blk-pci"} <= has.devices
    assert "tcg" in has.accelerators
    assert "none" in has.displays


def test_a_program_is_asked_once_until_it_changes(cache: Path, tmp_path: Path) -> None:
    qemu = write_qemu(tmp_path / "bin" / PROGRAM, "7.2")
    for _ in range(2):
        assert ask(str(qemu), "--version").startswith("QEMU emulator version 7.2.22")
    assert asked(qemu) == 1
    write_qemu(qemu, "9.1")
    assert ask(str(qemu), "--version").startswith("QEMU emulator version 9.1.0")
    assert asked(qemu) == 2
    link = tmp_path / "link"
    link.symlink_to(qemu)
    assert ask(str(link), "--version").startswith("QEMU emulator version 9.1.0")
    assert asked(qemu) == 2


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"a": 1}', "[" * 100_000])
def test_a_cache_that_is_damaged_is_written_anew(cache: Path, tmp_path: Path, content: str) -> None:
    cache.parent.mkdir()
    cache.write_text(content)
    qemu = write_qemu(tmp_path / "bin" / PROGRAM, "7.2")
    for _ in range(2):
        assert ask(str(qemu), "--version")
    assert asked(qemu) == 1


def test_no_cache(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is wanted, or its place is a file."""
    qemu = write_qemu(tmp_path / "bin" / PROGRAM, "7.2")
    for place in ("", str(qemu)):
        monkeypatch.setenv("EXOTOOL_CACHE", place)
        assert ask(str(qemu), "--version")
    assert asked(qemu) == 2


def test_a_program_that_fails_is_not_remembered(cache: Path, tmp_path: Path) -> None:
    qemu = write_qemu(tmp_path / "bin" / PROGRAM, "7.2", body="echo half an answer; exit 1")
    assert [ask(str(qemu), "-cpu", "help") for _ in range(2)] == ["half an answer\n"] * 2
    assert asked(qemu) == 2
    assert ask(str(tmp_path / "nosuch"), "--version") == ""


# A window.


def graphics(machine: str = "q35") -> BootOptions:
    return BootOptions(Path("k.elf"), load_machine(machine), graphics=True)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return tmp_path / "bin" / PROGRAM


@pytest.mark.parametrize(("version", "window"), [("7.2", "gtk"), ("9.1", "sdl"), ("10.0", "cocoa")])
def test_the_window_that_there_is(cache: Path, path: Path, version: str, window: str) -> None:
    write_qemu(path, version)
    command = qemu_command(graphics())
    at = command.index("-display")
    assert command[at : at + 4] == ["-display", window, "-device", "VGA"]
    assert "none" not in command


@pytest.mark.parametrize(
    ("version", "devices", "machine", "message", "help_"),
    [
        ("8.2", 'name "VGA"', "q35", "this QEMU has no display that is a window", "it offers: none, curses, dbus; "),
        ("7.2", "", "q35", "this QEMU has no device `VGA`", "install the full QEMU"),
        ("7.2", 'name "VGA"', "microvm", "the machine `microvm` has no graphics", "take `--machine q35`"),
    ],
)
def test_no_window(cache: Path, path: Path, version: str, devices: str, machine: str, message: str, help_: str) -> None:
    write_qemu(path, version, devices)
    with pytest.raises(ToolError) as caught:
        qemu_command(graphics(machine))
    found = caught.value.diagnostics[0]
    assert (caught.value.exit_code, found.code, found.message) == (ExitCode.USAGE, "R0236", message)
    assert found.help[0].startswith(help_)


def test_no_graphical_session(kernel: Kernel, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ToolError) as caught:
        boot(BootOptions(kernel("success"), load_machine("q35"), graphics=True), recorder)
    assert caught.value.diagnostics[0].code == "R0236"


@pytest.mark.parametrize(
    "words", ["gtk initialization failed", "Could not initialize SDL(x11 not available) - exiting"]
)
def test_what_windows_complain(cache: Path, words: str) -> None:
    assert start_error(words, 1, "nosuch").diagnostics[0].message == "QEMU cannot open a window here"
