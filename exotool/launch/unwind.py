"""A CPU's registers and the top of its stack -> where it came from.

A chain of frame pointers is followed as far as it holds: each saved RBP lies above the one before, and the word behind
it is an address after a call. Code without frame pointers leaves no chain; then every word on the stack that stands
behind a call instruction is named, as a guess, the way that Linux marks it with `?`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from exotool.launch.registers import Cpu

STACK_BYTES: Final = 4096
MAX_DEPTH: Final = 32
MAX_GUESSES: Final = 12

IsReturn = Callable[[int], bool]
"""Tells whether the instruction before an address is a call."""


class Caller(NamedTuple):
    """A return address on the stack; `certain` when a chain of frame pointers led to it."""

    address: int
    certain: bool


def unwind(cpu: Cpu, stack: bytes, is_return: IsReturn) -> list[Caller]:
    """Return the callers of where a CPU is, innermost first; `stack` begins at its stack pointer."""
    width = 8 if cpu.is_64bit else 4
    top = cpu.values.get("rsp", 0)

    def word(address: int) -> int | None:
        offset = address - top
        if offset < 0 or offset + width > len(stack):
            return None
        return int.from_bytes(stack[offset : offset + width], "little")

    callers: list[Caller] = []
    frame: int | None = cpu.values.get("rbp", 0)
    while frame is not None and len(callers) < MAX_DEPTH:
        address = word(frame + width)
        if address is None or not is_return(address):
            break
        callers.append(Caller(address, certain=True))
        above = word(frame)
        frame = above if above is not None and above > frame else None
    if callers:
        return callers
    words = (int.from_bytes(stack[at : at + width], "little") for at in range(0, len(stack) - width + 1, width))
    return [Caller(address, certain=False) for address in words if is_return(address)][:MAX_GUESSES]


def follows_call(code: bytes) -> bool:
    """Tell whether the bytes before a return address can end in a near call: Intel SDM volume 2, CALL."""
    if code[-5:-4] == b"\xe8":
        return True
    # FF /2 with a ModRM byte, perhaps SIB and displacement, perhaps behind a prefix that does not matter here.
    for length in range(2, 8):
        instruction = code[-length:]
        if len(instruction) < length or instruction[0] != 0xFF or instruction[1] >> 3 & 7 != 2:
            continue
        if _operand_length(instruction[1], instruction[2:3]) == length - 2:
            return True
    return False


def _operand_length(modrm: int, sib: bytes) -> int:
    """Return how many bytes follow a ModRM byte in 32-bit and 64-bit code."""
    mod, rm = modrm >> 6, modrm & 7
    if mod == 3:
        return 0
    displacement = {0: 4 if rm == 5 else 0, 1: 1, 2: 4}[mod]
    if rm != 4:
        return displacement
    if mod == 0 and sib and sib[0] & 7 == 5:
        displacement = 4
    return 1 + displacement
