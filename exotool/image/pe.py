"""The UEFI loader and a payload -> a UEFI application, a PE32+ file.

Microsoft's "PE Format" has the fields; UEFI 2.10, section 2.1.1, what firmware wants of them.
"""

from __future__ import annotations

import struct
from typing import Final

from exotool.image.loaders import uefi_loader

FILE_ALIGNMENT: Final = 512
PAGE: Final = 4096
_PE_AT: Final = 64
_PAYLOAD_POINTER: Final = 8
"""Where the loader has the distance of the payload (see loader/uefi.S)."""

_DOS: Final = struct.Struct("<2s58xI")
_COFF: Final = struct.Struct("<4sHHIIIHH")
_OPTIONAL: Final = struct.Struct("<HBBIIIIIQIIHHHHHHIIIIHHQQQQII")
_DIRECTORY: Final = struct.Struct("<II")
_SECTION: Final = struct.Struct("<8sIIIIIIHHI")

_DIRECTORIES: Final = 16
_BASE_RELOCATIONS: Final = 5

_AMD64: Final = 0x8664
_EXECUTABLE_LARGE_ADDRESS: Final = 0x0022
_PE32_PLUS: Final = 0x20B
_EFI_APPLICATION: Final = 10
_NX_COMPAT_DYNAMIC_BASE: Final = 0x0140
_CODE: Final = 0x60000020
"""Code, readable and executable."""
_DATA: Final = 0x40000040
"""Initialized data, readable."""
_DISCARDABLE: Final = 0x42000040


def make_pe(payload: bytes) -> bytes:
    """Return the application: sections .text and .payload, and a .reloc with nothing in it.

    Without base relocations firmware would load it at its preferred address only; the code runs at any.
    """
    relocations = struct.pack("<IIHH", PAGE, 12, 0, 0)
    code = bytearray(uefi_loader())
    payload_at = PAGE + _up(len(code), PAGE)
    struct.pack_into("<Q", code, _PAYLOAD_POINTER, payload_at - PAGE)
    sections = [(b".text", _CODE, bytes(code)), (b".payload", _DATA, payload), (b".reloc", _DISCARDABLE, relocations)]
    headers_size = _PE_AT + _COFF.size + _OPTIONAL.size + _DIRECTORY.size * _DIRECTORIES + _SECTION.size * len(sections)
    file_at = first = _up(headers_size, FILE_ALIGNMENT)
    address = PAGE
    table, body, relocations_at = b"", b"", 0
    for name, flags, data in sections:
        raw = _up(len(data), FILE_ALIGNMENT)
        table += _SECTION.pack(name, len(data), address, raw, file_at, 0, 0, 0, 0, flags)
        body += data + bytes(raw - len(data))
        relocations_at = address
        file_at += raw
        address += _up(len(data), PAGE)
    optional = _OPTIONAL.pack(
        *(_PE32_PLUS, 0, 0),
        *(_up(len(code), FILE_ALIGNMENT), file_at - first - _up(len(code), FILE_ALIGNMENT), 0),
        *(PAGE, PAGE, 0),  # entry point, base of code, image base
        *(PAGE, FILE_ALIGNMENT),
        *(0, 0, 0, 0, 0, 0, 0),  # versions
        *(address, first, 0),  # size of image, size of headers, checksum
        *(_EFI_APPLICATION, _NX_COMPAT_DYNAMIC_BASE),
        *(0, 0, 0, 0, 0, _DIRECTORIES),
    )
    directories = bytearray(_DIRECTORY.size * _DIRECTORIES)
    _DIRECTORY.pack_into(directories, _DIRECTORY.size * _BASE_RELOCATIONS, relocations_at, len(relocations))
    size = len(optional) + len(directories)
    coff = _COFF.pack(b"PE\0\0", _AMD64, len(sections), 0, 0, 0, size, _EXECUTABLE_LARGE_ADDRESS)
    headers = _DOS.pack(b"MZ", _PE_AT) + coff + optional + bytes(directories) + table
    return headers + bytes(first - len(headers)) + body


def _up(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment
