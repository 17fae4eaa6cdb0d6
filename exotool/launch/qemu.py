"""Machine and options -> QEMU's command line."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from exotool.diagnostics import Diagnostic, ExitCode, Place, ToolError
from exotool.launch.capabilities import ask, capabilities
from exotool.launch.devices import device_arguments
from exotool.launch.firmware import medium_arguments
from exotool.launch.install import install_help
from exotool.launch.options import BootOptions

PROGRAM: Final = "qemu-system-x86_64"
OLDEST: Final = (7, 0)
"""The oldest QEMU that is known to keep the promises which `session` and `verdict` build on."""

EXIT_PORT: Final = 0xF4

QBOOT: Final = "qboot.rom"
"""Firmware that starts the kernel of `-kernel` and nothing else."""

SEABIOS_COMMAND_LINE: Final = 4000
QBOOT_COMMAND_LINE: Final = 100_000
"""Lengths, in bytes, up to which a kernel command line is handed over whole; with SeaBIOS 8000 resets the machine."""

_UART: Final = "irq=5,index=3"
"""An interrupt line that no other device of ours has; the guest never enables it. COM4 is in no machine by itself."""


def find_qemu() -> str:
    """Return the path of QEMU; raises `ToolError` R0201 (exit code 127) when there is none."""
    path = shutil.which(PROGRAM)
    if path is None:
        raise ToolError(
            Diagnostic("R0201", f"`{PROGRAM}` is not installed or not in PATH", help=(install_help(),)),
            exit_code=ExitCode.TOOL_MISSING,
        )
    return path


def has_firmware(qemu: str, name: str) -> bool:
    """Tell whether QEMU finds a firmware file by its name, in the folders that it says it searches."""
    return any((folder / name).is_file() for folder in search_folders(qemu))


def search_folders(qemu: str) -> list[Path]:
    """Return the folders in which QEMU says that it searches for firmware."""
    return [Path(folder) for folder in ask(qemu, "-L", "help").splitlines() if folder]


def machine_command(options: BootOptions, qemu: str) -> list[str]:
    """Return the command that boots the guest with its serial line on stdin and stdout.

    It can be run as it stands; a boot adds `control_arguments` to it. Raises `ToolError` R0206 for a kernel command
    line that the firmware cannot hand over, and as `medium_arguments` does.
    """
    machine = options.machine
    firmware = _firmware(options, qemu)
    command = [qemu, "-machine", machine.machine, "-accel", options.accelerator]
    if firmware:
        command += ["-bios", firmware]
    command += ["-cpu", options.cpu or machine.cpu, "-m", f"{options.memory_size >> 20}M"]
    command += ["-smp", str(options.smp or machine.smp), "-nodefaults", "-no-user-config"]
    command += _display(options, qemu)
    command += ["-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial"]
    if not options.keeps_machine:
        command += ["-device", f"isa-debug-exit,iobase={EXIT_PORT:#x},iosize=4"]
    for device in machine.devices:
        command += ["-device", device]
    has_pci = not machine.machine.startswith("microvm") or "pcie=on" in machine.machine
    command += device_arguments(options.disks, options.forwards, has_pci=has_pci)
    command += ["-action", "reboot=shutdown", *machine.args]
    if options.gdb is not None:
        command += ["-gdb", gdb_address(options.gdb), "-S"]
    if options.medium is not None:
        folders = search_folders(qemu) if options.format == "uefi" else []
        return [*command, *medium_arguments(options, options.medium, folders), *options.qemu_args]
    _check_command_line(options, firmware)
    kernel = str(options.kernel)
    command += ["-kernel", f"./{kernel}" if kernel.startswith("-") else kernel, "-append", options.command_line]
    if options.module is not None:
        command += ["-initrd", _module(options.module)]
    return [*command, *options.qemu_args]


def control_arguments(fd: int, asked: Sequence[str] = ()) -> list[str]:
    """Return the arguments by which a boot gets hold of QEMU: QMP on an inherited socket, and resets in the log.

    With `-S` the guest waits for the command `cont`, so that no event is lost. Without `-d cpu_reset` a triple fault
    cannot be told from a reset that the guest asked for; what the arguments in `asked` want logged is kept.
    """
    items = [item for option, item in pairwise(asked) if option == "-d"][-1:]
    logged = ",".join([*items, "cpu_reset"])
    return ["-S", "-chardev", f"socket,id=qmp,fd={fd}", "-mon", "chardev=qmp,mode=control", "-d", logged]


def exit_arguments(fd: int) -> list[str]:
    """Return the arguments for an exit port that tells what was written to it and leaves QEMU running.

    It is a UART: of the devices that every machine can have, the one that passes on each byte written to its first
    port and takes writes of four bytes too, whose upper ones go to registers that do nothing here.
    """
    return ["-chardev", f"socket,id=exit,fd={fd}", "-device", f"isa-serial,iobase={EXIT_PORT:#x},{_UART},chardev=exit"]


def gdb_address(gdb: str | int) -> str:
    """Return QEMU's `-gdb` value for a port of this host or the path of a socket."""
    if isinstance(gdb, int):
        return f"tcp:127.0.0.1:{gdb}"
    return f"unix:{gdb.replace(',', ',,')},server=on,wait=off"


def _module(path: Path) -> str:
    """Return the file of a module; raises `ToolError` R0225 for one that QEMU cannot hand over."""
    text = str(path)
    if "," in text:
        # A Multiboot kernel's modules are a list, so QEMU takes no comma for any kernel.
        problem = "has a comma in its path, which QEMU takes for the end of the name"
    elif not path.is_file():
        problem = "is not there"
    else:
        return f"./{text}" if text.startswith("-") else text
    help_ = ("a module is another image of the project, by its name, or a file",)
    told = Diagnostic("R0225", f"the module `{path}` {problem}", Place(text), help=help_)
    raise ToolError(told, exit_code=ExitCode.USAGE)


def _display(options: BootOptions, qemu: str) -> list[str]:
    """Return the arguments for no display, or for a window and what fills it; raises `ToolError` R0236 without one."""
    if not options.graphics:
        return ["-display", "none"]
    has = capabilities(qemu)
    problem, help_ = "", ""
    if not has.window:
        problem = "this QEMU has no display that is a window"
        help_ = f"it offers: {', '.join(has.displays) or 'nothing'}; a package such as qemu-system-gui may add gtk"
    elif "VGA" not in has.devices:
        problem, help_ = "this QEMU has no device `VGA`", "install the full QEMU of your system, not a minimal one"
    elif options.machine.machine.startswith("microvm"):
        problem, help_ = f"the machine `{options.machine.name}` has no graphics", "take `--machine q35`"
    if problem:
        raise ToolError(Diagnostic("R0236", problem, help=(help_,)), exit_code=ExitCode.USAGE)
    return ["-display", has.window, "-device", "VGA"]


def _firmware(options: BootOptions, qemu: str) -> str:
    """Return the firmware of the machine profile, if QEMU has it and it can boot what is to be booted."""
    name = options.machine.bios
    if options.format == "uefi" or (options.format and name == QBOOT):
        return ""
    return name if name and has_firmware(qemu, name) else ""


def _check_command_line(options: BootOptions, firmware: str) -> None:
    limit = QBOOT_COMMAND_LINE if firmware == QBOOT else SEABIOS_COMMAND_LINE
    length = len(options.command_line.encode("utf-8", "surrogateescape"))
    if length > limit or "\0" in options.append:
        problem = f"is {length} bytes long" if length > limit else "has a zero byte"
        raise ToolError(
            Diagnostic(
                "R0206",
                f"the kernel command line {problem}; the firmware hands over up to {limit} bytes",
                help=("shorten `--append`",),
            ),
            exit_code=ExitCode.USAGE,
        )
