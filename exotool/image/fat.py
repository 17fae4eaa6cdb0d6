"""A FAT16 file system with one file in it, three folders deep: an EFI system partition.

Microsoft's "FAT: General Overview of On-Disk Format" 1.03 has the fields. FAT16 for every size: FAT32 would need at
least 33 MiB, and firmware that boots must read both (UEFI 2.10, section 13.3.1.1).
"""

from __future__ import annotations

import hashlib
import struct
from typing import Final

from exotool.diagnostics import Diagnostic, ToolError

SECTOR: Final = 512
_RESERVED: Final = 4
_ROOT_ENTRIES: Final = 512
_ENTRY: Final = struct.Struct("<11sB10xHHHI")
_BOOT: Final = struct.Struct("<3s8sHBHBHHBHHHIIBBBI11s8s")
_FIXED_DISK: Final = 0xF8
_FOLDER: Final = 0x10
_ARCHIVE: Final = 0x20
_VOLUME: Final = 0x08
_FIRST_DATE: Final = 0x0021
"""1 January 1980, the first day that FAT knows: no time of this day gets into an image."""

_MIN_CLUSTERS: Final = 4085
_MAX_CLUSTERS: Final = 65524
"""The number of clusters decides that a file system is FAT16; some readers draw the lines a little further in."""
_MARGIN: Final = 16
_MAX_CLUSTER_SECTORS: Final = 64

FOLDERS: Final = (b"EFI        ", b"BOOT       ")
NAME: Final = b"BOOTX64 EFI"
LABEL: Final = b"EXOTOOL    "


def make_esp(application: bytes) -> bytes:
    """Return a file system that has an application as /EFI/BOOT/BOOTX64.EFI.

    Raises `ToolError` T0305 for one that FAT16 has no room for.
    """
    for sectors in (1, 2, 4, 8, 16, 32, _MAX_CLUSTER_SECTORS):
        used = len(FOLDERS) + -(-len(application) // (SECTOR * sectors))
        if used <= _MAX_CLUSTERS - _MARGIN:
            return _file_system(application, sectors, max(used, _MIN_CLUSTERS + _MARGIN))
    message = f"the loader with kernel and modules is {len(application)} bytes, more than a FAT16 file system holds"
    raise ToolError(Diagnostic("T0305", message, help=("give the image fewer or smaller modules",)))


def _file_system(application: bytes, sectors: int, clusters: int) -> bytes:
    fat_sectors = -(-(clusters + 2) * 2 // SECTOR)
    root_at = (_RESERVED + 2 * fat_sectors) * SECTOR
    data_at = root_at + _ROOT_ENTRIES * _ENTRY.size
    cluster = SECTOR * sectors
    total = data_at // SECTOR + clusters * sectors
    small, large = (total, 0) if total < 1 << 16 else (0, total)
    serial = int.from_bytes(hashlib.sha256(application).digest()[:4], "little")
    image = bytearray(total * SECTOR)
    boot = (b"\xeb\xfe\x90", b"EXOTOOL ", SECTOR, sectors, _RESERVED, 2, _ROOT_ENTRIES, small, _FIXED_DISK, fat_sectors)
    _BOOT.pack_into(image, 0, *boot, 63, 255, 0, large, 0x80, 0, 0x29, serial, LABEL, b"FAT16   ")
    image[510:512] = b"\x55\xaa"

    length = -(-len(application) // cluster)
    first = 2 + len(FOLDERS)
    chain = [0xFFF8, 0xFFFF, *([0xFFFF] * len(FOLDERS)), *range(first + 1, first + length), 0xFFFF]
    table = struct.pack(f"<{len(chain)}H", *chain)
    for copy in range(2):
        at = (_RESERVED + copy * fat_sectors) * SECTOR
        image[at : at + len(table)] = table

    image[root_at : root_at + 2 * _ENTRY.size] = _entry(LABEL, _VOLUME, 0) + _entry(FOLDERS[0], _FOLDER, 2)
    children = (_entry(FOLDERS[1], _FOLDER, 3), _entry(NAME, _ARCHIVE, first, len(application)))
    for depth, child in enumerate(children):
        parent = 0 if depth == 0 else 1 + depth  # the root folder has the number 0
        rows = _entry(b".          ", _FOLDER, 2 + depth) + _entry(b"..         ", _FOLDER, parent) + child
        at = data_at + depth * cluster
        image[at : at + len(rows)] = rows
    at = data_at + len(FOLDERS) * cluster
    image[at : at + len(application)] = application
    return bytes(image)


def _entry(name: bytes, attributes: int, cluster: int, size: int = 0) -> bytes:
    return _ENTRY.pack(name, attributes, 0, _FIRST_DATE, cluster, size)
