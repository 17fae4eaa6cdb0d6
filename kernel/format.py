"""Numbers as text, as `format()` of Python writes them: the formatter behind every `fprint` of the kernel."""

from typing import Final

from exotool.lang import Array, array, u8, u32, u64

# Flags of `fprint`'s writers.
ZERO_FILL: Final = 1
PREFIX: Final = 2
UPPER_CASE: Final = 4
LEFT: Final = 8
PLUS: Final = 16

LONGEST: Final = 128  # of a number with its field: 64 binary digits, prefix and sign need 67

SPACE: Final = 0x20
ZERO: Final = 0x30
MINUS: Final = 0x2D
PLUS_SIGN: Final = 0x2B

LOWER_DIGITS: Final[Array[u8]] = array(b"0123456789abcdef")
UPPER_DIGITS: Final[Array[u8]] = array(b"0123456789ABCDEF")


def prefix_letter(base: u32) -> u8:
    """Return the letter after the 0 of a prefix, as a small letter; 0 for decimal numbers, which have no prefix."""
    match base:
        case 16:
            return 0x78
        case 8:
            return 0x6F
        case 2:
            return 0x62
        case _:
            return 0


def put(out: Array[u8], at: u64, c: u8) -> u64:
    """Write one byte and return where the next one goes."""
    out[at] = c
    return at + 1


def fill(out: Array[u8], at: u64, c: u8, count: u64) -> u64:
    """Write one byte `count` times and return where the next one goes."""
    for _ in range(count):
        at = put(out, at, c)
    return at


def format_number(out: Array[u8], negative: bool, magnitude: u64, base: u32, width: u32, flags: u32) -> u64:
    """Write a number to the start of `out` and return its length in bytes.

    `base` is 2 to 16. The field is `width` bytes wide, or as wide as the number if that is more; `out` has at least as
    many. Blanks fill it on the left, zeros between sign and digits with ZERO_FILL, blanks on the right with LEFT.
    """
    digits: Array[u8] = array(64)
    first: u64 = 64
    alphabet = UPPER_DIGITS if flags & UPPER_CASE != 0 else LOWER_DIGITS
    while True:
        first -= 1
        digits[first] = alphabet[magnitude % base]
        magnitude //= base
        if magnitude == 0:
            break

    sign: u8 = 0
    if negative:
        sign = MINUS
    elif flags & PLUS != 0:
        sign = PLUS_SIGN
    letter = prefix_letter(base) if flags & PREFIX != 0 else u8(0)
    if letter != 0 and flags & UPPER_CASE != 0:
        letter -= 0x20

    length = 64 - first
    if sign != 0:
        length += 1
    if letter != 0:
        length += 2
    padding = width - length if width > length else u64(0)

    at: u64 = 0
    if flags & (LEFT | ZERO_FILL) == 0:
        at = fill(out, at, SPACE, padding)
    if sign != 0:
        at = put(out, at, sign)
    if letter != 0:
        at = put(out, at, ZERO)
        at = put(out, at, letter)
    if flags & (LEFT | ZERO_FILL) == ZERO_FILL:
        at = fill(out, at, ZERO, padding)
    for digit in digits[first:]:
        at = put(out, at, digit)
    if flags & LEFT != 0:
        at = fill(out, at, SPACE, padding)
    return at
