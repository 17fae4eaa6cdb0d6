"""A raw disk for UEFI machines: a GUID partition table with one EFI system partition (UEFI 2.10, section 5).

GUIDs come from the contents' digest (version 8 of RFC 9562), so that the same contents have the same ones.
"""

from __future__ import annotations

import hashlib
import struct
import uuid
import zlib
from typing import Final

from exotool.image.bios import PARTITION_TABLE, partition
from exotool.image.fat import make_esp
from exotool.image.pe import make_pe

SECTOR: Final = 512
PARTITION_AT: Final = 1 << 20
ESP_TYPE: Final = uuid.UUID("c12a7328-f81f-11d2-ba4b-00a0c93ec93b")
PROTECTIVE: Final = 0xEE
NAME: Final = "EFI system partition"

_HEADER: Final = struct.Struct("<8sIIIIQQQQ16sQIII")
_ENTRY: Final = struct.Struct("<16s16sQQQ72s")
_ENTRIES: Final = 128
_TABLE_SECTORS: Final = _ENTRIES * _ENTRY.size // SECTOR


def make_uefi(payload: bytes) -> bytes:
    """Return the disk, a whole number of MiB."""
    return make_gpt(make_esp(make_pe(payload)))


def make_gpt(contents: bytes) -> bytes:
    """Return a disk with one partition, which is an EFI system partition of these contents."""
    needed = PARTITION_AT + len(contents) + (_TABLE_SECTORS + 1) * SECTOR
    size = -(-needed // PARTITION_AT) * PARTITION_AT
    last = size // SECTOR - 1
    digest = hashlib.sha256(contents).digest()
    disk, part = (_guid(digest[:16]), _guid(digest[16:]))
    start = PARTITION_AT // SECTOR
    end = start + len(contents) // SECTOR - 1
    table = bytearray(_ENTRIES * _ENTRY.size)
    _ENTRY.pack_into(table, 0, ESP_TYPE.bytes_le, part.bytes_le, start, end, 0, NAME.encode("utf-16-le"))
    image = bytearray(size)
    image[PARTITION_TABLE : PARTITION_TABLE + 16] = partition(PROTECTIVE, SECTOR, size - SECTOR)
    image[510:512] = b"\x55\xaa"
    for own, other, table_at in ((1, last, 2), (last, 1, last - _TABLE_SECTORS)):
        image[own * SECTOR : own * SECTOR + _HEADER.size] = _header(own, other, table_at, last, disk, bytes(table))
        image[table_at * SECTOR : table_at * SECTOR + len(table)] = table
    image[PARTITION_AT : PARTITION_AT + len(contents)] = contents
    return bytes(image)


def _header(own: int, other: int, table_at: int, last: int, disk: uuid.UUID, table: bytes) -> bytes:
    usable = (2 + _TABLE_SECTORS, last - _TABLE_SECTORS - 1)
    sizes = (table_at, _ENTRIES, _ENTRY.size, zlib.crc32(table))

    def packed(checksum: int) -> bytes:
        start = (b"EFI PART", 0x10000, _HEADER.size, checksum, 0)
        return _HEADER.pack(*start, own, other, *usable, disk.bytes_le, *sizes)

    return packed(zlib.crc32(packed(0)))


def _guid(digest: bytes) -> uuid.UUID:
    value = int.from_bytes(digest) & ~(0xF << 76) & ~(0x3 << 62)
    return uuid.UUID(int=value | 8 << 76 | 2 << 62)
