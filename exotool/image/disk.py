"""A raw disk for BIOS machines: boot sector, second stage and payload, in one active partition."""

from __future__ import annotations

import hashlib
from typing import Final

from exotool.image.bios import CD_SECTOR, DISK_SIGNATURE, PARTITION_TABLE, boot_code, partition, stage, stage_size

MEBIBYTE: Final = 1 << 20
NO_FILE_SYSTEM: Final = 0xDA
"""Partition type: data without a file system."""


def make_disk(payload: bytes) -> bytes:
    """Return the disk, a whole number of MiB: some BIOSes guess a geometry from the size."""
    payload_at = CD_SECTOR + stage_size()
    first = boot_code(CD_SECTOR)
    size = payload_at + len(payload)
    first[DISK_SIGNATURE : DISK_SIGNATURE + 4] = hashlib.sha256(payload).digest()[:4]
    entry = partition(NO_FILE_SYSTEM, CD_SECTOR, size - CD_SECTOR, active=True)
    first[PARTITION_TABLE : PARTITION_TABLE + len(entry)] = entry
    data = bytearray(-(-size // MEBIBYTE) * MEBIBYTE)
    data[: len(first)] = first
    data[CD_SECTOR:payload_at] = stage(payload_at, payload)
    data[payload_at:size] = payload
    return bytes(data)
