"""Disks and forwarded ports of a boot -> QEMU's arguments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exotool.diagnostics import Diagnostic, ExitCode, Place, ToolError

_QCOW2: Final = b"QFI\xfb"
_SNAPSHOT: Final = ",snapshot"


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk image; with `snapshot` what the guest writes is forgotten in the end."""

    path: Path
    snapshot: bool = False


@dataclass(frozen=True, slots=True)
class Forward:
    """A TCP port of this computer (on the loopback only) whose connections go to a port of the guest; 0 has none."""

    host: int
    guest: int


def parse_disk(text: str) -> tuple[str, bool]:
    """Return the path of `FILE[,snapshot]`, and whether `snapshot` stands behind it."""
    return text.removesuffix(_SNAPSHOT), text.endswith(_SNAPSHOT)


def parse_forward(text: str) -> Forward:
    """Return the ports of `HOST:GUEST`; raises `ToolError` P0209 for anything else."""
    host, _, guest = text.partition(":")
    ports = [int(part) if part.isascii() and part.isdecimal() and len(part) < 6 else 0 for part in (host, guest)]
    if not all(1 <= port <= 65535 for port in ports):
        message = f"`{text}` does not name two TCP ports"
        raise ToolError(
            Diagnostic("P0209", message, help=("write HOST:GUEST, as in 2222:22",)), exit_code=ExitCode.USAGE
        )
    return Forward(*ports)


def device_arguments(disks: tuple[Disk, ...], forwards: tuple[Forward, ...], *, has_pci: bool) -> list[str]:
    """Return QEMU's arguments: virtio devices, on PCI where the machine has that.

    Raises `ToolError` R0223 for a disk that cannot be opened.
    """
    bus = "pci" if has_pci else "device"
    arguments: list[str] = []
    for number, disk in enumerate(disks):
        shown = str(disk.path).replace(",", ",,")
        snapshot = ",snapshot=on" if disk.snapshot else ""
        arguments += ["-drive", f"if=none,id=disk{number},format={_format(disk.path)},file={shown}{snapshot}"]
        arguments += ["-device", f"virtio-blk-{bus},drive=disk{number}"]
    if forwards:
        open_ = (forward for forward in forwards if forward.host)
        rules = "".join(f",hostfwd=tcp:127.0.0.1:{forward.host}-:{forward.guest}" for forward in open_)
        arguments += ["-netdev", f"user,id=net{rules}", "-device", f"virtio-net-{bus},netdev=net"]
    return arguments


def _format(path: Path) -> str:
    """Return the format of a disk image by its first bytes: QEMU's own guess would let a guest choose it."""
    try:
        with path.open("rb") as file:
            return "qcow2" if file.read(len(_QCOW2)) == _QCOW2 else "raw"
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ToolError(
            Diagnostic("R0223", f"cannot open the disk `{path}`: {reason}", Place(str(path))), exit_code=ExitCode.USAGE
        ) from None
