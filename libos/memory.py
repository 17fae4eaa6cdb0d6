"""Frames and pages by capability, as a program needs them; memory as bytes."""

from typing import Final

from exotool.lang import Ptr, extern, i64, u64
from kernel.abi.numbers import READ, WRITE
from kernel.abi.types import CapInfo
from kernel.errno import EAGAIN
from libos.calls import exo_cap_drop, exo_cap_read, exo_frame_alloc, exo_map

PAGE_SIZE: Final = 4096
ANY_FRAME: Final = 0xFFFF_FFFF_FFFF_FFFF


@extern("memcpy")
def copy_memory(to: u64, from_: u64, size: u64) -> u64:
    """Copy bytes."""
    return to


@extern("memset")
def fill_memory(to: u64, value: u64, size: u64) -> u64:
    """Fill with a byte."""
    return to


def word_at(address: u64) -> Ptr[u64]:
    """Return memory as words."""
    return Ptr[u64](address)


def pages_of(size: u64) -> u64:
    """Return how many pages hold so many bytes."""
    return (size + PAGE_SIZE - 1) >> 12


def frames_of(cap: u64) -> tuple[u64, u64]:
    """Return the range of a capability: (0, 0) when it is not valid."""
    info = CapInfo()
    if exo_cap_read(cap, info) != 0:
        return 0, 0
    return info.base, info.limit


def alloc(count: u64) -> i64:
    """Return a capability for `count` frames, any ones."""
    return exo_frame_alloc(ANY_FRAME, count, 1, 0)


def alloc_at(va: u64, count: u64) -> i64:
    """Map `count` new frames at `va`, and return the capability for them."""
    cap = alloc(count)
    if cap < 0:
        return cap
    problem = exo_map(0, u64(cap), va, 0, count, READ | WRITE)
    if problem < 0:
        drop(u64(cap))
        return problem
    return cap


def drop(cap: u64) -> i64:
    """Give a capability up; for a root with all that is derived from it."""
    while True:
        result = exo_cap_drop(cap)
        if result != -EAGAIN:
            return result
