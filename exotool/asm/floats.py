"""Decimal numbers -> IEEE 754 and its relatives (IEEE 754-2019, 3.4), rounded once, to the nearest.

What lies in the middle of two goes away from zero, and a NaN has all bits set, as GNU as has it.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import floor
from typing import Final, NamedTuple


class Format(NamedTuple):
    """Bits of the exponent and of the fraction; `explicit` says that the leading 1 is stored (x87)."""

    exponent: int
    fraction: int
    explicit: bool = False


BINARY16: Final = Format(5, 10)
BFLOAT16: Final = Format(8, 7)
BINARY32: Final = Format(8, 23)
BINARY64: Final = Format(11, 52)
EXTENDED: Final = Format(15, 63, explicit=True)

_NUMBER: Final = re.compile(r"([-+]?)(?:(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?|(inf)|(nan))")
_MAX_EXPONENT: Final = 5_000
"""Decimal exponents beyond this are beyond every format, with as many digits as are taken."""

MAX_DIGITS: Final = 1_000


def encode(text: str, form: Format) -> bytes | None:
    """Return a number's bytes, little-endian; None when it is too large. Of a text that is no number: `ValueError`."""
    match = _NUMBER.fullmatch(text)
    if match is None or len(text) > MAX_DIGITS:
        raise ValueError(text[:40])
    sign, whole, part, power, infinite, not_a_number = match.groups()
    exponent_ones = (1 << form.exponent) - 1
    top = 1 << form.fraction if form.explicit else 0
    if not_a_number:
        bits = exponent_ones, (1 << form.fraction) - 1 | top
    elif infinite:
        bits = exponent_ones, top
    else:
        shift = int(power or "0") - len(part) if len(power or "") < 10 else _MAX_EXPONENT * (-1 if "-" in power else 1)
        digits = int(whole + part or "0")
        if digits and shift > _MAX_EXPONENT:
            return None
        found = _rounded(digits, max(shift, -_MAX_EXPONENT - MAX_DIGITS), form)
        if found is None:
            return None
        bits = found
    width = form.fraction + form.explicit
    number = (sign == "-") << (form.exponent + width) | bits[0] << width | bits[1] & (1 << width) - 1
    return number.to_bytes((form.exponent + width + 1) // 8, "little")


def _rounded(digits: int, shift: int, form: Format) -> tuple[int, int] | None:
    """Return the biased exponent and the significand of `digits * 10**shift`; None when it is too large."""
    if not digits:
        return 0, 0
    value = Fraction(digits) * Fraction(10) ** shift
    bias = (1 << (form.exponent - 1)) - 1
    power = value.numerator.bit_length() - value.denominator.bit_length()
    power -= value < Fraction(2) ** power
    power = max(power, 1 - bias)  # below, numbers are denormal
    significand = floor(value / Fraction(2) ** (power - form.fraction) + Fraction(1, 2))
    if significand >> (form.fraction + 1):
        significand >>= 1
        power += 1
    if power > bias:
        return None
    is_normal = significand >> form.fraction
    return (power + bias if is_normal else 0), significand
