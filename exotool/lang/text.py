"""`str` templates and `fprint`: text with numbers in it, as typed calls of a writer."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Any, Final

from exotool.lang.arrays import Array, ArraySpec
from exotool.lang.bitrecords import Bits
from exotool.lang.integers import Integer, i64, u8, u32, u64
from exotool.lang.kinds import INTEGER_KINDS
from exotool.lang.traps import KernelTypeError

ZERO_FILL: Final = 1
PREFIX: Final = 2
UPPER_CASE: Final = 4
LEFT: Final = 8
PLUS: Final = 16

BASES: Final = {"d": 10, "x": 16, "X": 16, "o": 8, "b": 2}
SPEC: Final = re.compile(
    r"(?P<align>[<>])?(?P<plus>\+)?(?P<prefix>#)?(?P<zero>0)?(?P<width>[1-9][0-9]*)?(?P<kind>[dxXobc])?"
)

_literals: dict[bytes, Array] = {}


class Text:
    """An f-string: literal text, and values each with its format."""

    __slots__ = ("parts",)

    def __init__(self, *parts: str | tuple[Any, str]) -> None:
        self.parts = parts


def fprint(out: Any, text: str | Text) -> None:
    """Print text on `out`, a struct with the methods `write`, `write_unsigned` and `write_signed`."""
    parts: tuple[Any, ...] = (text,) if isinstance(text, str) else text.parts
    for part in parts:
        if isinstance(part, str):
            if part:
                out.write(literal_text(part))
        else:
            _print_value(out, *part)


def literal_text(text: str) -> Array:
    """Return read-only storage with a text in UTF-8."""
    return _constant(text.encode())


def _constant(data: bytes) -> Array:
    if data not in _literals:
        _literals[data] = ArraySpec((), list(data), None).make(INTEGER_KINDS[u8], read_only=True, static=True)
    return _literals[data]


def _print_value(out: Any, value: Any, spec: str) -> None:
    if isinstance(value, (str, Text)):
        fprint(out, value)
        return
    if type(value) is bool:
        out.write(literal_text("True" if value else "False"))
        return
    if isinstance(value, Array):
        out.write(value)
        return
    found = SPEC.fullmatch(spec)
    if found is None:
        raise KernelTypeError(f"format {spec!r}: [<>][+][#][0][width][d x X o b c] is what there is")
    kind = found["kind"] or "d"
    if isinstance(value, Bits):
        value = u64(value)
    elif isinstance(value, IntEnum):
        value = u64(value) if value >= 0 else i64(value)
    if not isinstance(value, (Integer, int)):
        raise KernelTypeError(f"{value!r} in text: numbers, flags, enums, bit records and Array[u8] are printed")
    if kind == "c":
        out.write(_constant(bytes([u8(value)])))
        return
    flags = ZERO_FILL * bool(found["zero"]) | PREFIX * bool(found["prefix"]) | UPPER_CASE * (kind == "X")
    flags |= LEFT * (found["align"] == "<") | PLUS * bool(found["plus"])
    width = u32(int(found["width"] or 0))
    signed = value.SIGNED if isinstance(value, Integer) else value < 0
    if signed and kind != "d":
        raise KernelTypeError(f"{value!r} with format {spec!r}: signed numbers are printed in decimal")
    if signed:
        out.write_signed(i64(value), width, u32(flags))
    else:
        out.write_unsigned(u64(value), u32(BASES[kind]), width, u32(flags))
