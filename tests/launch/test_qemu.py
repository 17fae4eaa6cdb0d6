"""QEMU itself: its command line, and what is said when it is missing, too old or does not start."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from exotool.diagnostics import ExitCode, ToolError
from exotool.launch import BootOptions, Machine, boot, dry_run, load_machine, qemu_command
from exotool.launch.install import install_command, install_help
from exotool.launch.qemu import PROGRAM, control_arguments, gdb_address
from exotool.launch.recording import without_log
from exotool.launch.startup import start_error
from tests.conftest import REPOSITORY
from tests.launch.conftest import Boot, Kernel, Recorder


@pytest.fixture
def fake_qemu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program of that name first in PATH; it knows one firmware, and the test says what it does else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "qboot.rom").touch()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return write_program(folder / PROGRAM, "exit 1")


def write_program(path: Path, body: str) -> Path:
    about = f'-L) echo "{path.parent}"; exit;;\n--version) echo "QEMU emulator version 8.1.0"; exit;;'
    path.write_text(f'#!/bin/sh\ncase "$1" in\n{about}\nesac\n{body}\n')
    path.chmod(0o755)
    return path


def test_command(fake_qemu: Path) -> None:
    machine = Machine("m", "q35", "", "qboot.rom", "max", 256 << 20, 2, "tcg", ("pvpanic",), ("-rtc", "base=utc"))
    options = BootOptions(Path("k.elf"), machine, append="a=b c", nonce="n0", qemu_args=("-d", "in_asm"))
    assert shlex.join(qemu_command(options)) == (
        f"{fake_qemu} -machine q35 -accel tcg -bios qboot.rom -cpu max -m 256M -smp 2 -nodefaults -no-user-config "
        "-display none -chardev stdio,id=serial,signal=off -serial chardev:serial "
        "-device isa-debug-exit,iobase=0xf4,iosize=4 -device pvpanic -action reboot=shutdown -rtc base=utc "
        "-kernel k.elf -append 'exotool.nonce=n0 a=b c' -d in_asm"
    )


def test_options_go_over_the_machine(fake_qemu: Path) -> None:
    machine = Machine("m", "q35", bios="other.rom")
    options = BootOptions(Path("-k.elf"), machine, smp=4, memory=1 << 30, accel="kvm", cpu="host", gdb=1234, nonce="n0")
    assert shlex.join(qemu_command(options)) == (
        f"{fake_qemu} -machine q35 -accel kvm -cpu host -m 1024M -smp 4 -nodefaults -no-user-config "
        "-display none -chardev stdio,id=serial,signal=off -serial chardev:serial "
        "-device isa-debug-exit,iobase=0xf4,iosize=4 -action reboot=shutdown -gdb tcp:127.0.0.1:1234 -S "
        "-kernel ./-k.elf -append exotool.nonce=n0"
    )


def test_gdb_addresses() -> None:
    assert gdb_address(99) == "tcp:127.0.0.1:99"
    assert gdb_address("a,b") == "unix:a,,b,server=on,wait=off"


def test_what_the_user_wants_logged_is_kept() -> None:
    assert control_arguments(3)[-2:] == ["-d", "cpu_reset"]
    assert control_arguments(3, ["-d", "int", "-d", "in_asm"])[-2:] == ["-d", "in_asm,cpu_reset"]
    assert without_log(["-d", "int", "-x", "-D", "-d", "-y"]) == ("-x", "-y")


def test_the_command_of_a_dry_run_boots(kernel: Kernel) -> None:
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    text = dry_run(BootOptions(kernel("success"), load_machine("q35"), nonce="abc"))
    done = subprocess.run(["sh", "-c", text], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (33, "exotool: ok abc\n")


@pytest.mark.parametrize("bios", ["qboot.rom", "missing.rom"])
def test_command_line_too_long(fake_qemu: Path, bios: str) -> None:
    options = BootOptions(Path("k"), Machine("m", "q35", bios=bios), append="x" * 5000)
    if bios == "qboot.rom":
        qemu_command(options)
    else:
        with pytest.raises(ToolError, match="the firmware hands over up to 4000 bytes"):
            qemu_command(options)


def test_qemu_missing(kernel: Kernel, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kernel("success")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError) as caught:
        boot(BootOptions(path, load_machine("q35")), recorder)
    assert caught.value.exit_code == ExitCode.TOOL_MISSING
    assert caught.value.diagnostics[0].code == "R0201"
    assert caught.value.diagnostics[0].help == (install_help(),)


def failure(kernel: Kernel, **options: Any) -> ToolError:
    with pytest.raises(ToolError) as caught:
        boot(BootOptions(kernel("success"), load_machine("q35"), **options), Recorder())
    return caught.value


def test_qemu_too_old(fake_qemu: Path, kernel: Kernel) -> None:
    body = 'echo "qemu-system-x86_64: -action reboot=shutdown: invalid option" >&2; exit 1'
    write_program(fake_qemu, body)
    fake_qemu.write_text(fake_qemu.read_text().replace("8.1.0", "5.2.0 (Debian 1:5.2+dfsg-11)"))
    error = failure(kernel)
    assert error.exit_code == ExitCode.TOOL_MISSING
    assert (error.diagnostics[0].code, error.diagnostics[0].message) == ("R0202", "QEMU 5.2 is too old")


OLD_QEMU = """#!{python}
import json, re, socket, sys
if sys.argv[1] == "--version":
    sys.exit("QEMU emulator version 6.9.0")
monitor = socket.socket(fileno=int(re.search(r"fd=([0-9]+)", " ".join(sys.argv))[1]))
version = {{"qemu": {{"major": 6, "minor": 9, "micro": 0}}, "package": ""}}
monitor.sendall(json.dumps({{"QMP": {{"version": version, "capabilities": []}}}}).encode() + b"\\n")
while command := monitor.recv(4096):
    answer = {{"return": {{}}}} | {{k: v for k, v in json.loads(command).items() if k == "id"}}
    monitor.sendall(json.dumps(answer).encode() + b"\\n")
"""


def test_qemu_too_old_that_starts(fake_qemu: Path, kernel: Kernel) -> None:
    """It greets on the inherited socket and would obey."""
    fake_qemu.write_text(OLD_QEMU.format(python=sys.executable))
    options = BootOptions(kernel("success"), Machine("m", "q35"))
    with pytest.raises(ToolError, match=r"QEMU 6\.9 is too old"):
        boot(options, Recorder())


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("exit 7", "QEMU ended with status 7 before the guest started"),
        ("kill -SEGV $$", "QEMU was ended by signal 11 before the guest started"),
        ('echo "qemu: something new" >&2; exit 1', "QEMU ended with status 1 before the guest started"),
    ],
)
def test_qemu_that_does_not_start(fake_qemu: Path, kernel: Kernel, body: str, message: str) -> None:
    write_program(fake_qemu, body)
    error = failure(kernel)
    assert (error.diagnostics[0].code, error.diagnostics[0].message) == ("R0216", message)
    assert [note.message for note in error.diagnostics[0].notes] == ["QEMU said: something new"] * ("new" in body)


def test_qemu_that_is_no_program(fake_qemu: Path, kernel: Kernel) -> None:
    fake_qemu.write_bytes(b"\x7fELF not really")
    error = failure(kernel)
    assert error.diagnostics[0].code == "R0205"
    assert error.diagnostics[0].message.startswith(f"cannot start `{fake_qemu}`: ")


@pytest.mark.parametrize(
    ("options", "code", "exit_code", "message"),
    [
        ({"cpu": "nosuch"}, "R0208", 2, "QEMU knows no CPU model `nosuch`"),
        ({"cpu": "max,+nosuch"}, "R0208", 2, "the CPU has no feature `nosuch`"),
        ({"cpu": "host"}, "R0208", 2, "the CPU model `host` needs KVM"),
        ({"smp": 255, "qemu_args": ("-smp", "9999")}, "R0211", 2, None),
        ({"qemu_args": ("-machine", "nosuch")}, "R0209", 2, "this QEMU does not have the machine of the profile"),
        ({"qemu_args": ("-nosuch",)}, "R0215", 2, "QEMU knows no option `-nosuch`"),
        ({"qemu_args": ("-device", "nosuch")}, "R0203", 127, "this QEMU has no device `nosuch`"),
        ({"qemu_args": ("-bios", "no.rom")}, "R0203", 127, "QEMU does not have the firmware `no.rom`"),
        ({"gdb": "/nonexistent/sock"}, "R0213", 2, None),
        ({"qemu_args": ("-kernel", "/nonexistent")}, "R0214", 1, None),
    ],
)
def test_what_qemu_refuses(run: Boot, options: dict[str, Any], code: str, exit_code: int, message: str | None) -> None:
    with pytest.raises(ToolError) as caught:
        run("success", **options)
    diagnostic = caught.value.diagnostics[0]
    assert (diagnostic.code, caught.value.exit_code) == (code, exit_code), diagnostic
    assert message in (None, diagnostic.message)
    assert diagnostic.notes, "QEMU's own words are missing"


def test_port_of_gdb_in_use(run: Boot) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(ToolError) as caught:
        run("success", gdb=server.getsockname()[1])
    assert caught.value.diagnostics[0].message == "the port for gdb is in use"


@pytest.mark.parametrize(
    ("log", "code", "exit_code"),
    [
        ("qemu-system-x86_64: Could not access KVM kernel module: Permission denied", "R0210", 2),
        ("qemu-system-x86_64: -accel kvm: invalid accelerator kvm", "R0210", 2),
        ("qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory", "R0212", 2),
        ("qemu-system-x86_64: Cannot load x86-64 image, give a 32bit one.", "R0214", 1),
        ("qemu-system-x86_64: Error loading uncompressed kernel without PVH ELF Note", "R0214", 1),
    ],
)
def test_words_of_qemu(fake_qemu: Path, log: str, code: str, exit_code: int) -> None:
    error = start_error(f"{log}\n", 1, str(fake_qemu))
    assert (error.diagnostics[0].code, error.exit_code) == (code, exit_code)


@pytest.mark.parametrize(
    ("os_release", "command"),
    [
        ("ID=debian\n", "apt-get install qemu-system-x86"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "apt-get install qemu-system-x86"),
        ('NAME="Fedora Linux"\nID=fedora\n', "dnf install qemu-system-x86"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "dnf install qemu-system-x86"),
        ("ID=arch\n", "pacman -S qemu-system-x86"),
        ("ID=alpine\n", "apk add qemu-system-x86_64"),
        ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n', "zypper install qemu-x86"),
        ("ID=plan9\n", None),
        ('ID="unclosed\n', None),
        ("", None),
    ],
)
def test_install_commands(os_release: str, command: str | None) -> None:
    assert install_command(os_release) == command


def test_importing_the_package_costs_little() -> None:
    code = "import sys, exotool.launch; print({'asyncio', 'qemu', 'elftools'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.stdout == "set()\n"
