"""Padding in code: the multi-byte nops that GNU as 2.40 chooses, by mode.

For an x86_64 object, 32-bit code has the same nops as 64-bit code; an i386 object, and all 16-bit code, uses forms of
`lea` that every processor since the 8086 or the 80386 takes. GNU as chooses by the mode at the end of the file, which
can leave a truncated instruction; here the mode at the directive counts.
"""

from __future__ import annotations

from functools import cache
from typing import Final

_LONG: Final = (
    "90",
    "6690",
    "0f1f00",
    "0f1f4000",
    "0f1f440000",
    "660f1f440000",
    "0f1f8000000000",
    "0f1f840000000000",
    "660f1f840000000000",
    "662e0f1f840000000000",
    "66662e0f1f840000000000",
)
_LEA32: Final = ("90", "6690", "8d7600", "8d742600", "8d74260090", "8db600000000", "8db42600000000")
_LEA16: Final = ("90", "6690", "8d7400", "8db40000")


@cache
def _set(mode: int, elf32: bool) -> tuple[tuple[bytes, ...], int]:
    """Return nops by length minus one, and how many of full length may stand in a row without a jump over them."""
    if mode == 16:
        return tuple(map(bytes.fromhex, _LEA16)), 2
    if elf32:
        return tuple(map(bytes.fromhex, _LEA32)), 2
    return tuple(map(bytes.fromhex, _LONG)), 7


def padding(size: int, mode: int, elf32: bool) -> bytes:
    """Return `size` bytes that do nothing; long padding begins with a jump over the rest."""
    nops, most = _set(mode, elf32)
    jump = b""
    if size // len(nops) > most:
        if size - 2 <= 127:
            jump = bytes([0xEB, size - 2])
        elif mode == 16:
            jump = b"\x66\xe9" + (size - 6).to_bytes(4, "little")
        else:
            jump = b"\xe9" + (size - 5).to_bytes(4, "little")
    whole, rest = divmod(size - len(jump), len(nops))
    return jump + nops[-1] * whole + (nops[rest - 1] if rest else b"")


def longest_nop(mode: int, elf32: bool) -> int:
    """Return the size of the longest nop."""
    return len(_set(mode, elf32)[0])


def plain_nops(size: int, most: int, mode: int, elf32: bool) -> bytes:
    """Return `size` bytes of nops that have at most `most` bytes each."""
    nops, _ = _set(mode, elf32)
    whole, rest = divmod(size, most)
    return nops[most - 1] * whole + (nops[rest - 1] if rest else b"")
