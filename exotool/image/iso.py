"""A hybrid ISO: a CD for BIOS and UEFI machines that, written to a disk, boots there as well.

ECMA-119 (ISO 9660, first level of interchange) has the volume's fields, the "El Torito" specification 1.0 those of the
boot catalog. Everything that boots is a file of the volume too:

    system area      boot sector with a partition table, for machines that see a disk
    16, 17, 18       primary volume descriptor, El Torito's boot record, terminator
    19, 20           path tables
    21               root folder
    22               boot catalog: the boot sector for BIOS, an EFI system partition for UEFI
    23               BOOT.BIN, STAGE2.BIN, PAYLOAD.BIN, EFI.IMG

The boot sector is the same on a CD and on a disk: the loader counts in units of 512 bytes and asks the BIOS how large
sectors are.
"""

from __future__ import annotations

import hashlib
import struct
from typing import Final, NamedTuple

from exotool.image.bios import CD_SECTOR, DISK_SIGNATURE, PARTITION_TABLE, boot_code, partition, stage, stage_size
from exotool.image.disk import MEBIBYTE, NO_FILE_SYSTEM
from exotool.image.fat import make_esp
from exotool.image.pe import make_pe

VOLUME: Final = "EXOTOOL"
ESP: Final = 0xEF
"""Partition type in an MBR: EFI system partition (UEFI 2.10, section 5.2.2)."""

_DESCRIPTORS: Final = 16
_PATH_TABLES: Final = (19, 20)
_ROOT: Final = 21
_CATALOG: Final = 22
_FILES: Final = 23

_NO_TIME: Final = bytes(7)
_NO_LONG_TIME: Final = b"0" * 16 + b"\0"
"""Not specified: no time of this day gets into an image."""

_PRIMARY: Final = struct.Struct("<B5sBx32s32s8x8s32x4s4s4s8sIIII34s128s128s128s128s37s37s37s17s17s17s17sBx512s653x")
_FOLDER: Final = 2
_FILE: Final = 0

_BIOS: Final = 0
_EFI: Final = 0xEF
_BOOTABLE: Final = 0x88
_LAST_HEADER: Final = 0x91
_BOOT_SECTORS: Final = 4
"""Units of 512 bytes that the BIOS loads of BOOT.BIN: some load nothing else than a whole sector."""


class _File(NamedTuple):
    name: str
    sector: int
    data: bytes


def make_iso(payload: bytes) -> bytes:
    """Return the ISO, a whole number of MiB. Raises `ToolError` T0305 as `make_esp` does."""
    esp = make_esp(make_pe(payload))
    stage_at = (_FILES + 1) * CD_SECTOR
    payload_at = stage_at + stage_size()
    esp_at = payload_at + len(payload)
    boot = boot_code(stage_at)
    files = (
        _File("BOOT.BIN;1", _FILES, bytes(boot) + bytes(CD_SECTOR - len(boot))),
        _File("EFI.IMG;1", esp_at // CD_SECTOR, esp),
        _File("PAYLOAD.BIN;1", payload_at // CD_SECTOR, payload),
        _File("STAGE2.BIN;1", stage_at // CD_SECTOR, stage(payload_at, payload)),
    )
    size = -(-(esp_at + len(esp)) // MEBIBYTE) * MEBIBYTE
    image = bytearray(size)
    boot[DISK_SIGNATURE : DISK_SIGNATURE + 4] = hashlib.sha256(payload).digest()[:4]
    # Not the whole volume: firmware disbelieves partitions that overlap.
    table = partition(NO_FILE_SYSTEM, stage_at, esp_at - stage_at, active=True) + partition(ESP, esp_at, len(esp))
    boot[PARTITION_TABLE : PARTITION_TABLE + len(table)] = table
    image[: len(boot)] = boot
    paths = struct.pack("<BBIHBB", 1, 0, _ROOT, 1, 0, 0), struct.pack(">BBIHBB", 1, 0, _ROOT, 1, 0, 0)
    for sector, data in (
        (_DESCRIPTORS, _primary(size, len(paths[0]))),
        (_DESCRIPTORS + 1, struct.pack("<B5sB32s32xI", 0, b"CD001", 1, b"EL TORITO SPECIFICATION", _CATALOG)),
        (_DESCRIPTORS + 2, struct.pack("<B5sB", 255, b"CD001", 1)),
        (_PATH_TABLES[0], paths[0]),
        (_PATH_TABLES[1], paths[1]),
        (_ROOT, _folder(files)),
        (_CATALOG, _catalog(_FILES, esp_at // CD_SECTOR, len(esp))),
        *((file.sector, file.data) for file in files),
    ):
        image[sector * CD_SECTOR : sector * CD_SECTOR + len(data)] = data
    return bytes(image)


def _primary(size: int, path_table: int) -> bytes:
    nothing = b" " * 128
    return _PRIMARY.pack(
        *(1, b"CD001", 1),
        *(b" " * 32, VOLUME.encode().ljust(32)),
        _both32(size // CD_SECTOR),
        *(_both16(1), _both16(1), _both16(CD_SECTOR), _both32(path_table)),
        *(_PATH_TABLES[0], 0, int.from_bytes(_PATH_TABLES[1].to_bytes(4), "little"), 0),
        _record(b"\0", _ROOT, CD_SECTOR, _FOLDER),
        *(nothing, nothing, nothing, b"EXOTOOL".ljust(128)),
        *(b" " * 37, b" " * 37, b" " * 37),
        *(_NO_LONG_TIME, _NO_LONG_TIME, _NO_LONG_TIME, _NO_LONG_TIME),
        *(1, b""),
    )


def _folder(files: tuple[_File, ...]) -> bytes:
    """Return the root folder: itself, its parent, which it is too, and the files, ordered by name."""
    rows = _record(b"\0", _ROOT, CD_SECTOR, _FOLDER) + _record(b"\1", _ROOT, CD_SECTOR, _FOLDER)
    return rows + b"".join(_record(file.name.encode(), file.sector, len(file.data), _FILE) for file in files)


def _record(name: bytes, sector: int, size: int, flags: int) -> bytes:
    length = 33 + len(name) + (len(name) + 1) % 2
    place = _both32(sector) + _both32(size)
    fixed = struct.pack("<BB16s7sBBB4sB", length, 0, place, _NO_TIME, flags, 0, 0, _both16(1), len(name))
    return (fixed + name).ljust(length, b"\0")


def _catalog(boot: int, esp: int, esp_size: int) -> bytes:
    """Return El Torito's catalog: the validation entry, BIOS as the default entry, and a section for EFI.

    The number of units is 16 bits wide; firmware that finds 0 takes the rest of the medium (UEFI 2.10, 13.3.2.1).
    """
    name = VOLUME.encode()
    validation = struct.pack("<BBH24sHBB", 1, _BIOS, 0, name, 0, 0x55, 0xAA)
    checksum = -sum(struct.unpack("<16H", validation)) & 0xFFFF
    validation = struct.pack("<BBH24sHBB", 1, _BIOS, 0, name, checksum, 0x55, 0xAA)
    default = struct.pack("<BBHBBHI20x", _BOOTABLE, 0, 0, 0, 0, _BOOT_SECTORS, boot)
    section = struct.pack("<BBH28s", _LAST_HEADER, _EFI, 1, name)
    units = esp_size // 512
    efi = struct.pack("<BBHBBHI20x", _BOOTABLE, 0, 0, 0, 0, units if units < 1 << 16 else 0, esp)
    return validation + default + section + efi


def _both16(value: int) -> bytes:
    return struct.pack("<H", value) + struct.pack(">H", value)


def _both32(value: int) -> bytes:
    return struct.pack("<I", value) + struct.pack(">I", value)
