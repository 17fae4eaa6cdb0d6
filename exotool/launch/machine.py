"""Machine profiles: a TOML file -> what QEMU is told about the machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from exotool.diagnostics import Diagnostic, ExitCode, ToolError, did_you_mean
from exotool.tables import read_table

Accelerator = Literal["tcg", "kvm"]
ACCELERATORS: Final[tuple[Accelerator, ...]] = ("tcg", "kvm")

DEFAULT_MEMORY: Final = 128 << 20
MAX_CPUS: Final = 255
"""What QEMU's PC machines take without an interrupt remapping unit."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine profile.

    `machine` is the value of QEMU's `-machine`, with properties. `bios` is a firmware file that is used if QEMU has
    it; empty, or when QEMU has not, the machine's own firmware is. `memory` is in bytes, a multiple of 1 MiB.
    `devices` become `-device` arguments, `args` are passed as they are.
    """

    name: str
    machine: str
    description: str = ""
    bios: str = ""
    cpu: str = "max"
    memory: int = DEFAULT_MEMORY
    smp: int = 1
    accel: Accelerator = "tcg"
    devices: tuple[str, ...] = ()
    args: tuple[str, ...] = ()


def load_machine(name: str, directories: Sequence[Path] = ()) -> Machine:
    """Return a machine profile by its name, or by the path of its .toml file.

    A name is looked up in `directories` first, then among the built-in profiles. Raises `ToolError` P0201 when there
    is none of that name, and P01xx for what is wrong in the file.
    """
    if name.endswith(".toml"):
        return _read(Path(name), name)
    folders = [*directories, built_in()]
    for folder in folders:
        path = folder / f"{name}.toml"
        if "/" not in name and path.is_file():
            return _read(path, f"{folder.name}/{path.name}")
    known = sorted({path.stem for folder in folders for path in folder.glob("*.toml")})
    raise ToolError(
        Diagnostic(
            "P0201",
            f"there is no machine `{name}`",
            help=(
                *did_you_mean(name, known),
                f"machines: {', '.join(known)}",
                "a machine of your own is a file qemu/NAME.toml of the project, or any .toml file named by its path",
            ),
        ),
        exit_code=ExitCode.USAGE,
    )


def built_in() -> Path:
    """Return the folder of the built-in profiles and of `gdb`: inside an installed package, else beside it."""
    package = Path(__file__).parent.parent
    installed = package / "machines"
    return installed if installed.is_dir() else package.parent / "qemu"


def _read(path: Path, shown: str) -> Machine:
    table = read_table(path, "machine profile", shown)
    machine = table.string("machine")
    if not machine or machine.startswith(","):
        table.fail("machine", "P0102", "`machine` must name one of QEMU's machines", "`qemu-system-x86_64 -M help`")
    memory = table.size("memory")
    if memory is None:
        memory = DEFAULT_MEMORY
    if memory < 1 << 20 or memory % (1 << 20):
        table.fail("memory", "P0102", "`memory` must be a multiple of 1 MiB", 'write memory = "128M"')
    smp = table.number("smp", 1)
    if smp != int(smp) or not 1 <= smp <= MAX_CPUS:
        table.fail("smp", "P0102", f"`smp` must be a whole number between 1 and {MAX_CPUS}")
    profile = Machine(
        path.stem,
        machine,
        table.string("description", ""),
        table.string("bios", ""),
        table.string("cpu", "max"),
        memory,
        int(smp),
        table.choice("accel", "tcg", ACCELERATORS),
        table.strings("devices"),
        table.strings("args"),
    )
    table.finish()
    return profile
