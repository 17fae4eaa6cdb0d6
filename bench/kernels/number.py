"""A number as text."""

from typing import Final

from exotool.lang import Array, array, export, u8, u64

DIGITS: Final[Array[u8]] = array(b"0123456789abcdef")

buffer: Array[u8] = array(80)


def number_format(out: Array[u8], value: u64, base: u64, width: u64, fill: u8) -> u64:
    digits: Array[u8] = array(64)
    first: u64 = 64
    while True:
        first -= 1
        digits[first] = DIGITS[value % base]
        value //= base
        if value == 0:
            break
    at: u64 = 0
    for _ in range(64 - first, width):
        out[at] = fill
        at += 1
    for i in range(first, u64(64)):
        out[at] = digits[i]
        at += 1
    return at


@export
def number_init(count: u64) -> None:
    buffer[0] = 0


@export
def number_run(rounds: u64) -> u64:
    total: u64 = 0
    for i in range(rounds):
        length = number_format(buffer, i * 0x123456789, 16 if i & 1 != 0 else 10, 20, 0x20)
        total += length + buffer[19]
    return total
