"""Boots without QEMU's -kernel: the firmware, and the medium that it starts the kernel from -> QEMU's arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from exotool.diagnostics import Diagnostic, ExitCode, ToolError
from exotool.launch.options import BootOptions

DESCRIPTORS: Final = "firmware"
"""QEMU's folders have this one, with a JSON file about each firmware (docs/interop/firmware.json of QEMU)."""

_SYSTEM: Final = Path("/usr/share/qemu")
_UNWANTED: Final = frozenset({"enrolled-keys", "secure-boot", "requires-smm"})
"""Features of firmware that starts signed programs only, or wants more of the machine than we give it."""


class Flash(NamedTuple):
    """UEFI firmware as two flash chips: its code, and a template for its variables."""

    code: Path
    variables: Path


def medium_arguments(options: BootOptions, medium: Path, folders: list[Path]) -> list[str]:
    """Return the arguments that boot a medium by BIOS or UEFI; what the guest writes to it is forgotten.

    `folders` are those that QEMU searches. Raises `ToolError` R0240 when there is no UEFI firmware (exit code 127) and
    R0241 for a machine that has no drives.
    """
    if options.machine.machine.startswith("microvm"):
        message = f"the machine `{options.machine.name}` boots from no {options.format} image: it has no drives"
        raise ToolError(Diagnostic("R0241", message, help=("take `--machine q35`",)), exit_code=ExitCode.USAGE)
    arguments: list[str] = []
    if options.format == "uefi":
        flash = find_uefi([*folders, _SYSTEM])
        arguments += ["-drive", f"if=pflash,format=raw,readonly=on,file={_escaped(flash.code)}"]
        arguments += ["-drive", f"if=pflash,format=raw,snapshot=on,file={_escaped(flash.variables)}"]
    drive, protection = ("ide-cd", "readonly=on") if options.format == "iso" else ("ide-hd", "snapshot=on")
    arguments += ["-drive", f"if=none,id=medium,format=raw,{protection},file={_escaped(medium)}"]
    return [*arguments, "-device", f"{drive},drive=medium,bus=ide.0,bootindex=0"]


def find_uefi(folders: list[Path]) -> Flash:
    """Return the first UEFI firmware that is described in one of QEMU's folders; raises `ToolError` R0240."""
    for folder in folders:
        for path in sorted((folder / DESCRIPTORS).glob("*.json")):
            found = _flash(path)
            if found is not None:
                return found
    raise ToolError(
        Diagnostic(
            "R0240",
            "there is no UEFI firmware for QEMU",
            label="no description of one for x86_64 is in "
            + ", ".join(str(folder / DESCRIPTORS) for folder in folders),
            help=("install the system's package `ovmf` or `edk2-ovmf`",),
        ),
        exit_code=ExitCode.TOOL_MISSING,
    )


def _flash(path: Path) -> Flash | None:
    """Return the files of a description, if it is one of UEFI in flash for our machines and they are there."""
    try:
        described: Any = json.loads(path.read_bytes())
        mapping = described["mapping"]
        fits = (
            "uefi" in described["interface-types"]
            and mapping["device"] == "flash"
            and any(target["architecture"] == "x86_64" for target in described["targets"])
            and not _UNWANTED & set(described["features"])
            and mapping["executable"]["format"] == mapping["nvram-template"]["format"] == "raw"
        )
        flash = Flash(Path(mapping["executable"]["filename"]), Path(mapping["nvram-template"]["filename"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return flash if fits and flash.code.is_file() and flash.variables.is_file() else None


def _escaped(path: Path) -> str:
    return str(path).replace(",", ",,")
