"""The built-in functions as Kernel Python has them; Python's own for values that are not the program's."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import Any

from exotool.lang.arrays import Array, array_length
from exotool.lang.integers import Integer, i64, join, literal, u64
from exotool.lang.intrinsics import unify
from exotool.lang.traps import KernelTypeError


class Range:
    """`range(...)`: numbers of the arguments' common type; of bare numbers u64, or i64 if one is negative."""

    __slots__ = ("_cls", "_numbers")

    def __init__(self, *arguments: Any) -> None:
        kinds = [type(a) for a in arguments[:2] if isinstance(a, Integer)]
        for value in arguments:
            if not isinstance(value, Integer) and type(value) is not int:
                raise KernelTypeError(f"range over {value!r}: integers are needed")
        if kinds:
            cls = kinds[0] if len(kinds) == 1 else join(kinds[0], kinds[1])
            for value in arguments[:2]:
                if type(value) is int:
                    literal(cls, value)
        else:
            cls = u64 if all(int(a) >= 0 for a in arguments[:2]) else i64
        self._cls = cls
        self._numbers = builtins.range(*[int(a) for a in arguments])

    def __iter__(self) -> Iterator[Integer]:
        cls, new = self._cls, int.__new__
        for number in self._numbers:
            yield new(cls, number)

    def __reversed__(self) -> Iterator[Integer]:
        cls, new = self._cls, int.__new__
        for number in self._numbers[::-1]:
            yield new(cls, number)

    def __len__(self) -> int:
        return builtins.len(self._numbers)


def length(what: Any) -> Any:
    """`len(array)`, u64."""
    return array_length(what) if isinstance(what, Array) else builtins.len(what)


def enumerated(what: Any) -> Any:
    """`enumerate(array)`: the index is u64."""
    if isinstance(what, Array):
        return ((int.__new__(u64, i), item) for i, item in builtins.enumerate(what))
    return builtins.enumerate(what)


def minimum(*values: Any, **options: Any) -> Any:
    """`min(a, b)` of two integers in the type where they meet."""
    if len(values) == 2 and any(isinstance(v, Integer) for v in values):
        a, b = unify(*values)
        return b if b < a else a
    return builtins.min(*values, **options)


def maximum(*values: Any, **options: Any) -> Any:
    """`max(a, b)` of two integers in the type where they meet."""
    if len(values) == 2 and any(isinstance(v, Integer) for v in values):
        a, b = unify(*values)
        return b if b > a else a
    return builtins.max(*values, **options)


def refuse_print(*_values: Any, **_options: Any) -> None:
    """Refuse: a kernel has no print of Python's."""
    raise KernelTypeError("print is Python's; write to a console with fprint(console, text)")


REPLACED = {
    "range": Range,
    "len": length,
    "enumerate": enumerated,
    "min": minimum,
    "max": maximum,
    "print": refuse_print,
}
