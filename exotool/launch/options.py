"""What one boot is asked to do, and the forms of its values on the command line."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from exotool.diagnostics import Diagnostic, ExitCode, ToolError
from exotool.expectations import Check
from exotool.launch.devices import Disk, Forward
from exotool.launch.machine import Accelerator, Machine
from exotool.tables import parse_size

DEFAULT_TIMEOUT: Final = 30.0
DEFAULT_HANG_AFTER: Final = 2.0
MAX_TIMEOUT: Final = 30 * 86400.0
"""A longer wait is a mistake of the unit."""

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?", re.ASCII)
_SECONDS: Final = {"ms": 0.001, "s": 1.0, None: 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class BootOptions:
    """One boot.

    `timeout` is in seconds from the guest's first instruction. `memory` (bytes), `smp`, `accel` and `cpu` go over the
    machine's values when given. `append` follows the nonce on the kernel's command line. `serial_file` gets the
    serial line's bytes as they are. `gdb` is a TCP port of this host or the path of a socket: the guest then waits for
    gdb, and there is no time limit. `symbols` is the ELF file with the symbols if the kernel itself has none.
    `nonce` is what the guest must print to prove success, unless `check` asks for something else. After `hang_after`
    seconds without output it is looked for a hang by spinning; 0 means never. With `explain` a triple fault or a dead
    guest is booted again to find what led to it. With `interactive` stdin is the guest's input, and there is no time
    limit. `module` is a file that the guest finds in memory, named by its start info. A boot that explains another one
    does not write to its `disks`. `forwards` give the guest a network. With `graphics` it has a display, in a window,
    and there is no time limit. `core` gets the guest's memory and registers if the boot fails. With `holds_exit` a
    write to the exit port ends the boot, but not QEMU, so that memory and registers are still there; a `core` implies
    it.
    Without `format` QEMU loads the kernel itself; with it (`disk`, `iso`, `uefi`) firmware boots `medium`, an image of
    the kernel that `exotool.image` makes.
    """

    kernel: Path
    machine: Machine
    module: Path | None = None
    timeout: float = DEFAULT_TIMEOUT
    smp: int | None = None
    memory: int | None = None
    accel: Accelerator | None = None
    cpu: str | None = None
    append: str = ""
    serial_file: Path | None = None
    gdb: str | int | None = None
    qemu_args: tuple[str, ...] = ()
    symbols: Path | None = None
    check: Check = field(default_factory=Check)
    hang_after: float = DEFAULT_HANG_AFTER
    explain: bool = True
    interactive: bool = False
    disks: tuple[Disk, ...] = ()
    forwards: tuple[Forward, ...] = ()
    format: str = ""
    medium: Path | None = None
    graphics: bool = False
    core: Path | None = None
    holds_exit: bool = False
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def memory_size(self) -> int:
        """Memory of the guest, in bytes."""
        return self.machine.memory if self.memory is None else self.memory

    @property
    def keeps_machine(self) -> bool:
        """Tell whether QEMU is to go on when the guest writes to its exit port."""
        return self.holds_exit or self.core is not None

    @property
    def accelerator(self) -> Accelerator:
        """How QEMU runs the guest's code."""
        return self.accel or self.machine.accel

    @property
    def command_line(self) -> str:
        """The kernel's command line."""
        return f"exotool.nonce={self.nonce} {self.append}".rstrip()


def parse_duration(text: str) -> float:
    """Return the seconds of `500ms`, `30s`, `30`, `2m` or `1h`; raises `ToolError` P0202 for anything else."""
    match = _DURATION.fullmatch(text.strip())
    seconds = float(match[1]) * _SECONDS[match[2]] if match else 0.0
    if not 0 < seconds <= MAX_TIMEOUT:
        found = f"`{text}` is not a time" if match is None else f"`{text}` is not between 1 ms and 30 days"
        raise ToolError(Diagnostic("P0202", found, help=("write 30s, 500ms or 2m",)), exit_code=ExitCode.USAGE)
    return seconds


def parse_memory(text: str) -> int:
    """Return the bytes of `128M` or `2G`, a multiple of 1 MiB; raises `ToolError` P0203 for anything else."""
    size = parse_size(text)
    if size is None or size < 1 << 20 or size % (1 << 20) or size >= 1 << 52:
        raise ToolError(
            Diagnostic(
                "P0203", f"`{text}` is not a memory size", label="needs a multiple of 1 MiB", help=("write 128M or 2G",)
            ),
            exit_code=ExitCode.USAGE,
        )
    return size


def parse_gdb(text: str) -> str | int:
    """Return the port or socket path of `--gdb`; raises `ToolError` P0204 for a number that is no port."""
    if re.fullmatch(r"[0-9]{1,9}", text) is None:
        return text
    if not 1 <= int(text) <= 65535:
        raise ToolError(Diagnostic("P0204", f"{text} is not a TCP port"), exit_code=ExitCode.USAGE)
    return int(text)
