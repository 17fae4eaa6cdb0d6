"""memcpy, memmove, memset and memcmp of the kernel, called in this process, against Python's own slices."""

from __future__ import annotations

import ctypes
import mmap
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.asm import assemble
from tests.boot.exov6 import KERNEL_ASM

pytestmark = pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64") or not hasattr(mmap, "PROT_EXEC"),
    reason="needs a host that executes x86_64 code",
)

PAGE = mmap.PAGESIZE
MARGIN = 32
"""Bytes before and behind the buffer that no function may touch."""

SIZES = st.integers(0, 300)
SHIFTS = st.integers(0, 15)


@dataclass
class Routines:
    """The functions, and two pages of memory: nothing is mapped behind the second one."""

    memcpy: Any
    memmove: Any
    memset: Any
    memcmp: Any
    memory: mmap.mmap
    address: int

    def fill(self, data: bytes) -> None:
        """Put data at the end of the memory, where one byte too many is a fault."""
        self.memory[2 * PAGE - len(data) : 2 * PAGE] = data

    def contents(self, size: int) -> bytes:
        return self.memory[2 * PAGE - size : 2 * PAGE]


@pytest.fixture(scope="module")
def routines() -> Iterator[Routines]:
    path = KERNEL_ASM / "string.S"
    obj = assemble(path.read_bytes(), path).object
    (text,) = [section for section in obj.sections if section.name == ".text"]
    assert not text.relocations
    code = mmap.mmap(-1, len(text.data), prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code[:] = bytes(text.data)
    start = ctypes.addressof(ctypes.c_char.from_buffer(code))
    places = {symbol.name: start + symbol.st_value for symbol in obj.symbols}
    pointer, size = ctypes.c_void_p, ctypes.c_size_t

    memory = mmap.mmap(-1, 3 * PAGE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.mprotect(pointer(address + 2 * PAGE), size(PAGE), 0) == 0
    yield Routines(
        ctypes.CFUNCTYPE(pointer, pointer, pointer, size)(places["memcpy"]),
        ctypes.CFUNCTYPE(pointer, pointer, pointer, size)(places["memmove"]),
        ctypes.CFUNCTYPE(pointer, pointer, ctypes.c_int, size)(places["memset"]),
        ctypes.CFUNCTYPE(ctypes.c_int, pointer, pointer, size)(places["memcmp"]),
        memory,
        address,
    )


def pattern(size: int, seed: int) -> bytes:
    return bytes((seed + 7 * i + i // 251) & 0xFF for i in range(size))


def check_memcpy(routines: Routines, size: int, dst_shift: int, src_shift: int, seed: int) -> None:
    """Destination first, a margin, then the source up to the end of the memory but for `src_shift` bytes."""
    before = pattern(MARGIN + size + dst_shift + MARGIN + size + src_shift, seed)
    routines.fill(before)
    base = routines.address + 2 * PAGE - len(before)
    dst, src = MARGIN, MARGIN + size + dst_shift + MARGIN
    assert routines.memcpy(base + dst, base + src, size) == base + dst
    assert routines.contents(len(before)) == before[:dst] + before[src : src + size] + before[dst + size :]


def check_memmove(routines: Routines, size: int, distance: int, shift: int, seed: int) -> None:
    before = pattern(MARGIN + size + abs(distance) + shift, seed)
    routines.fill(before)
    base = routines.address + 2 * PAGE - len(before)
    src = MARGIN + max(0, -distance)
    dst = src + distance
    assert routines.memmove(base + dst, base + src, size) == base + dst
    assert routines.contents(len(before)) == before[:dst] + before[src : src + size] + before[dst + size :]


def check_memset(routines: Routines, size: int, shift: int, value: int) -> None:
    """Only the low byte of the value counts."""
    before = pattern(MARGIN + size + shift, value & 0xFF)
    routines.fill(before)
    base = routines.address + 2 * PAGE - len(before)
    assert routines.memset(base + MARGIN, value, size) == base + MARGIN
    assert routines.contents(len(before)) == before[:MARGIN] + bytes([value & 0xFF]) * size + before[MARGIN + size :]


@given(data=st.binary(max_size=300), shift=SHIFTS, change=st.one_of(st.none(), st.tuples(SIZES, st.integers(1, 255))))
def test_memcmp(routines: Routines, data: bytes, shift: int, change: tuple[int, int] | None) -> None:
    """Equal buffers, or ones that differ in the bits of one byte; bytes compare as unsigned."""
    other = bytearray(data)
    if change is not None and data:
        index, bits = change
        other[index % len(data)] ^= bits
    routines.fill(data + bytes(shift) + bytes(other))
    b = routines.address + 2 * PAGE - len(data)
    a = b - shift - len(data)
    result = routines.memcmp(a, b, len(data))
    assert (result > 0) - (result < 0) == (data > bytes(other)) - (data < bytes(other))


@given(size=SIZES, dst_shift=SHIFTS, src_shift=SHIFTS, seed=st.integers(0, 255))
def test_memcpy(routines: Routines, size: int, dst_shift: int, src_shift: int, seed: int) -> None:
    check_memcpy(routines, size, dst_shift, src_shift, seed)


@given(size=SIZES, distance=st.integers(-300, 300), shift=SHIFTS, seed=st.integers(0, 255))
def test_memmove_with_any_overlap(routines: Routines, size: int, distance: int, shift: int, seed: int) -> None:
    check_memmove(routines, size, distance, shift, seed)


@given(size=SIZES, shift=SHIFTS, value=st.integers(-(1 << 31), (1 << 31) - 1))
def test_memset(routines: Routines, size: int, shift: int, value: int) -> None:
    check_memset(routines, size, shift, value)


def test_every_small_size(routines: Routines) -> None:
    """All sizes up to 40, so that no branch on the size depends on chance."""
    for size in range(41):
        for distance in range(-20, 21):
            check_memmove(routines, size, distance, 3, size)
        check_memset(routines, size, 1, size)
        check_memcpy(routines, size, 3, 5, size)
