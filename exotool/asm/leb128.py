"""LEB128, the variable-length numbers of DWARF (DWARF 5, 7.6)."""

from __future__ import annotations


def uleb(value: int) -> bytes:
    """Return an unsigned number; a negative one counts modulo 2^64."""
    value &= (1 << 64) - 1 if value < 0 else -1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def sleb(value: int) -> bytes:
    """Return a signed number."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value & 0x7F])
