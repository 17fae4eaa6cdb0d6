"""The BIOS loader on a medium: where its stages and the payload are is written into them (see loader/bios.h)."""

from __future__ import annotations

import struct
from typing import Final

from exotool.image.loaders import boot_sector, second_stage

UNIT: Final = 512
CD_SECTOR: Final = 2048
"""What the loader reads begins and ends at whole sectors of a CD."""

DISK_SIGNATURE: Final = 0x1B8
PARTITION_TABLE: Final = 0x1BE
_STAGE_START: Final = 0x1B0
_PAYLOAD_START: Final = 8


def boot_code(stage_at: int) -> bytearray:
    """Return the boot sector for a medium that has the second stage at an offset in bytes."""
    sector = bytearray(boot_sector())
    struct.pack_into("<IH", sector, _STAGE_START, stage_at // UNIT, stage_size() // UNIT)
    return sector


def stage_size() -> int:
    """Return the bytes that the second stage takes on a medium: whole sectors of a CD."""
    return -(-len(second_stage()) // CD_SECTOR) * CD_SECTOR


def stage(payload_at: int, payload: bytes) -> bytes:
    """Return the second stage for a payload at an offset in bytes."""
    data = bytearray(second_stage())
    struct.pack_into("<II", data, _PAYLOAD_START, payload_at // UNIT, len(payload))
    return bytes(data.ljust(stage_size(), b"\0"))


def partition(kind: int, start: int, size: int, *, active: bool = False) -> bytes:
    """Return an entry of an MBR partition table; `start` and `size` are in bytes.

    The CHS addresses are those of a place that CHS cannot address: nothing uses them any more.
    """
    chs = b"\xfe\xff\xff"
    return struct.pack("<B3sB3sII", 0x80 if active else 0, chs, kind, chs, start // UNIT, size // UNIT)
