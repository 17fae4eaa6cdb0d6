"""Guest memory, as QEMU's monitor shows it."""

from __future__ import annotations

import re
from typing import Final, Protocol

_ROW: Final = re.compile(r"^[0-9a-f]{8,16}:((?: 0x[0-9a-f]{2})+)\s*$", re.MULTILINE)


class Monitor(Protocol):
    """A monitor of QEMU that takes HMP commands."""

    async def hmp(self, command: str, cpu: int = 0) -> str:
        """Return what QEMU answers to a command that `cpu` is meant by; raises QMPError or OSError when it does not."""


class GuestMemory:
    """Memory of one guest. Reads are cut where nothing is mapped, so that what comes back can be shorter than asked."""

    def __init__(self, monitor: Monitor, cpu: int = 0) -> None:
        self._monitor = monitor
        self._cpu = cpu

    async def virtual(self, address: int, size: int) -> bytes:
        """Return up to `size` bytes at a virtual address of the CPU."""
        return parse_dump(await self._monitor.hmp(f"x /{size}bx {address:#x}", self._cpu))

    async def physical(self, address: int, size: int) -> bytes:
        """Return up to `size` bytes at a physical address."""
        return parse_dump(await self._monitor.hmp(f"xp /{size}bx {address:#x}", self._cpu))


def parse_dump(text: str) -> bytes:
    """Return the bytes of an answer to `x /NNbx` up to the first address that could not be read."""
    readable = text.partition("Cannot access memory")[0]
    return bytes(int(word, 16) for row in _ROW.findall(readable) for word in row.split())
