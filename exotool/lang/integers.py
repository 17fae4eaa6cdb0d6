"""`u8` ... `i64`: subclasses of int whose operators do what the machine's do.

Two operands of different types meet in the one that holds all values of the other; where there is none, the program
needs a cast, and gets a `KernelTypeError` here. A plain int is a literal: it takes the type of the other operand, and
must fit. What leaves the range of its type traps, or wraps where `settings.overflow` or `@wrapping` says so.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, Self

from exotool.lang.traps import KernelTypeError, LiteralError, Reason, Trap


@dataclass
class Settings:
    """How checks behave; the defaults are those of the `dev` profile."""

    overflow: Literal["trap", "wrap"] = "trap"
    shift: Literal["trap", "mask"] = "trap"


settings: Final = Settings()


class Integer(int):
    """What `u8` ... `i64` have in common. Calling one is a cast: it truncates or extends."""

    BITS: ClassVar[int]
    SIGNED: ClassVar[bool]
    MINIMUM: ClassVar[int]
    MAXIMUM: ClassVar[int]

    __slots__ = ()

    def __new__(cls, value: Any = 0) -> Self:
        """Return the number in this type: truncated or extended."""
        number = value if isinstance(value, int) else _number_of(cls, value)
        if number < cls.MINIMUM or number > cls.MAXIMUM:
            number = wrap(cls, number)
        return int.__new__(cls, number)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int.__repr__(self)})"

    def __str__(self) -> str:
        return int.__repr__(self)

    def __reduce__(self) -> Any:
        return type(self), (int(self),)


class u8(Integer):  # noqa: N801 - the names of the language
    """Unsigned, 8 bits."""

    __slots__ = ()


class u16(Integer):  # noqa: N801
    """Unsigned, 16 bits."""

    __slots__ = ()


class u32(Integer):  # noqa: N801
    """Unsigned, 32 bits."""

    __slots__ = ()


class u64(Integer):  # noqa: N801
    """Unsigned, 64 bits."""

    __slots__ = ()


class i8(Integer):  # noqa: N801
    """Signed, 8 bits."""

    __slots__ = ()


class i16(Integer):  # noqa: N801
    """Signed, 16 bits."""

    __slots__ = ()


class i32(Integer):  # noqa: N801
    """Signed, 32 bits."""

    __slots__ = ()


class i64(Integer):  # noqa: N801
    """Signed, 64 bits."""

    __slots__ = ()


INTEGERS: Final[dict[str, type[Integer]]] = {c.__name__: c for c in (u8, u16, u32, u64, i8, i16, i32, i64)}

for _class in INTEGERS.values():
    _class.BITS = int(_class.__name__[1:])
    _class.SIGNED = _class.__name__[0] == "i"
    _class.MINIMUM = -(1 << (_class.BITS - 1)) if _class.SIGNED else 0
    _class.MAXIMUM = (1 << (_class.BITS - _class.SIGNED)) - 1


def wrap(cls: type[Integer], number: int) -> int:
    """Return the value congruent to `number` modulo 2**BITS that the type has."""
    number = int(number) & ((1 << cls.BITS) - 1)
    return number - (1 << cls.BITS) if number > cls.MAXIMUM else number


def holds(cls: type[Integer], other: type[Integer]) -> bool:
    """Tell whether every value of `other` is one of `cls`."""
    return cls.MINIMUM <= other.MINIMUM and other.MAXIMUM <= cls.MAXIMUM


def literal(cls: type[Integer], number: int) -> Integer:
    """Give a bare number the type of its context."""
    if number < cls.MINIMUM or number > cls.MAXIMUM:
        raise LiteralError(f"{number} is no {cls.__name__}, which has {cls.MINIMUM} to {cls.MAXIMUM}")
    return int.__new__(cls, number)


def _join(a: type[Integer], b: type[Integer]) -> type[Integer] | None:
    return a if holds(a, b) else b if holds(b, a) else None


_JOIN: Final = {(a, b): _join(a, b) for a in INTEGERS.values() for b in INTEGERS.values()}


def join(a: type[Integer], b: type[Integer]) -> type[Integer]:
    """Return the type that holds all values of both, if it is one of the two."""
    found = _JOIN[a, b]
    if found is None:
        raise KernelTypeError(f"{a.__name__} and {b.__name__}: neither holds all values of the other; write a cast")
    return found


def _number_of(cls: type[Integer], value: Any) -> int:
    bits = getattr(value, "__kpy_bits__", None)
    if bits is None:
        raise KernelTypeError(
            f"{cls.__name__}(...) takes numbers, flags, enums, bit records and pointers, no {value!r}"
        )
    number: int = bits()
    return number


class Wrapping:
    """The right operand of an operator in a `@wrapping` function; the loader puts it there."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __radd__(self, left: Any) -> Any:
        return _apply_wrapping("+", left, self.value)

    def __rsub__(self, left: Any) -> Any:
        return _apply_wrapping("-", left, self.value)

    def __rmul__(self, left: Any) -> Any:
        return _apply_wrapping("*", left, self.value)

    def __rfloordiv__(self, left: Any) -> Any:
        return _apply_wrapping("//", left, self.value)


def wrapping_negate(value: Any) -> Any:
    """Return `-value` of a `@wrapping` function."""
    return int.__new__(type(value), wrap(type(value), -int(value))) if isinstance(value, Integer) else -value


def _floor_divide(left: int, right: int) -> int:
    if right == 0:
        raise Trap(Reason.DIVISION)
    return int.__floordiv__(left, right)


def _modulo(left: int, right: int) -> int:
    if right == 0:
        raise Trap(Reason.DIVISION)
    return int.__mod__(left, right)


_COMPUTE: Final[dict[str, Callable[[int, int], int]]] = {
    "+": int.__add__,
    "-": int.__sub__,
    "*": int.__mul__,
    "//": _floor_divide,
    "%": _modulo,
    "&": int.__and__,
    "|": int.__or__,
    "^": int.__xor__,
}

_PLAIN: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
}


def _apply_wrapping(symbol: str, left: Any, right: Any) -> Any:
    """Return `left OP right` without a trap of overflow; two bare numbers stay one."""
    if isinstance(left, Integer) or isinstance(right, Integer):
        return _arithmetic(symbol, left, right, wrapping=True)
    return _PLAIN[symbol](left, right)


def _arithmetic(symbol: str, left: Any, right: Any, wrapping: bool = False) -> Any:
    """Return `left OP right`; at least one is an `Integer`, and the two may be of different types."""
    if type(right) is Wrapping:
        right, wrapping = right.value, True
    if type(left) is int and isinstance(right, Integer):
        left = literal(type(right), left)
    elif type(right) is int and isinstance(left, Integer):
        right = literal(type(left), right)
    if not isinstance(left, Integer) or not isinstance(right, Integer):
        other = left if isinstance(right, Integer) else right
        if isinstance(other, (int, float)):
            raise KernelTypeError(f"{other!r} in arithmetic: only integers are numbers; flags and enums convert")
        return NotImplemented
    cls = join(type(left), type(right))
    number = _COMPUTE[symbol](int(left), int(right))
    if cls.MINIMUM <= number <= cls.MAXIMUM:
        return int.__new__(cls, number)
    return _overflow(cls, number, symbol, left, right, wrapping)


def _overflow(cls: type[Integer], number: int, symbol: str, left: int, right: int, wrapping: bool = False) -> Integer:
    if wrapping or settings.overflow == "wrap":
        return int.__new__(cls, wrap(cls, number))
    raise Trap(Reason.OVERFLOW, f"integer overflow: {int(left)} {symbol} {int(right)} is no {cls.__name__}")


def _shift_amount(left: Integer, amount: Any) -> int:
    if not (isinstance(amount, Integer) or type(amount) is int):
        raise KernelTypeError(f"a shift by {amount!r}: an amount is an integer")
    count = int(amount)
    if 0 <= count < left.BITS:
        return count
    if settings.shift == "mask":
        return count & (left.BITS - 1)
    raise Trap(Reason.SHIFT, f"shift amount not less than the width: {type(left).__name__} by {count}")


def _make_binary(cls: type[Integer], symbol: str) -> tuple[Any, Any]:
    """Make the two methods of an operator: the usual case, both of one type, without a call more than needed."""
    compute, low, high, new = _COMPUTE[symbol], cls.MINIMUM, cls.MAXIMUM, int.__new__

    def method(self: Integer, other: Any) -> Any:
        kind = type(other)
        if kind is cls or (kind is int and low <= other <= high):
            number = compute(self, other)
            if low <= number <= high:
                return new(cls, number)
            return _overflow(cls, number, symbol, self, other)
        return _arithmetic(symbol, self, other)

    def reflected(self: Integer, other: Any) -> Any:
        return _arithmetic(symbol, other, self)

    return method, reflected


def _make_comparison(cls: type[Integer], compare: Callable[[int, int], bool]) -> Any:
    def method(self: Integer, other: Any) -> Any:
        kind = type(other)
        if kind is not cls and isinstance(other, Integer):
            join(cls, kind)
        return compare(self, other)

    return method


def _shift_left(self: Integer, amount: Any) -> Any:
    return int.__new__(type(self), wrap(type(self), int(self) << _shift_amount(self, amount)))


def _shift_right(self: Integer, amount: Any) -> Any:
    return int.__new__(type(self), int(self) >> _shift_amount(self, amount))


def _shift_of_literal(self: Integer, other: Any) -> Any:
    raise KernelTypeError(f"{other!r} shifted by a {type(self).__name__}: a number alone has no width; write a cast")


def _refuse(symbol: str, instead: str) -> Any:
    def method(self: Integer, _other: Any) -> Any:
        raise KernelTypeError(f"{symbol} has no meaning for {type(self).__name__}; {instead}")

    return method


def _negate(self: Integer) -> Any:
    cls = type(self)
    number = -int(self)
    if cls.MINIMUM <= number <= cls.MAXIMUM:
        return int.__new__(cls, number)
    return _overflow(cls, number, "-", 0, self)


def _invert(self: Integer) -> Any:
    cls = type(self)
    return int.__new__(cls, ~int(self) if cls.SIGNED else cls.MAXIMUM - int(self))


def _positive(self: Integer) -> Any:
    return self


def _fill(cls: type[Integer]) -> None:
    names = {"+": "add", "-": "sub", "*": "mul", "//": "floordiv", "%": "mod", "&": "and", "|": "or", "^": "xor"}
    for symbol, name in names.items():
        method, reflected = _make_binary(cls, symbol)
        setattr(cls, f"__{name}__", method)
        setattr(cls, f"__r{name}__", reflected)
    comparisons: tuple[Callable[[int, int], bool], ...] = (
        int.__eq__,
        int.__ne__,
        int.__lt__,
        int.__le__,
        int.__gt__,
        int.__ge__,
    )
    for compare in comparisons:
        setattr(cls, compare.__name__, _make_comparison(cls, compare))
    methods = {
        "__hash__": int.__hash__,
        "__lshift__": _shift_left,
        "__rshift__": _shift_right,
        "__rlshift__": _shift_of_literal,
        "__rrshift__": _shift_of_literal,
        "__neg__": _negate,
        "__invert__": _invert,
        "__pos__": _positive,
        "__truediv__": _refuse("/", "integers divide with //"),
        "__rtruediv__": _refuse("/", "integers divide with //"),
        "__pow__": _refuse("**", "multiply or shift"),
        "__rpow__": _refuse("**", "multiply or shift"),
        "__divmod__": _refuse("divmod", "use // and %"),
        "__rdivmod__": _refuse("divmod", "use // and %"),
    }
    for name, function in methods.items():
        setattr(cls, name, function)


for _class in INTEGERS.values():
    _fill(_class)
