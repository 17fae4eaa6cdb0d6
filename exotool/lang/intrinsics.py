"""Functions that are operations of the machine, and those that tell of layout and addresses."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from exotool.lang.address_space import STACK_BASE, STACK_SIZE, memory
from exotool.lang.arrays import Array
from exotool.lang.atomics import Atomic
from exotool.lang.bitrecords import Bits
from exotool.lang.integers import Integer, join, literal, u32, u64, wrap
from exotool.lang.kinds import describe
from exotool.lang.pointers import Ptr
from exotool.lang.structs import Struct, StructMeta
from exotool.lang.traps import KernelTypeError, Reason, Trap


def _typed(value: Any, name: str) -> Integer:
    if not isinstance(value, Integer):
        raise KernelTypeError(f"{name}({value!r}): an integer with a width is needed")
    return value


def unify(a: Any, b: Any) -> tuple[Integer, Integer]:
    """Return two operands in the type where they meet."""
    if type(a) is int and isinstance(b, Integer):
        a = literal(type(b), a)
    if type(b) is int and isinstance(a, Integer):
        b = literal(type(a), b)
    cls = join(type(_typed(a, "operand")), type(_typed(b, "operand")))
    return int.__new__(cls, a), int.__new__(cls, b)


def popcount(value: Any) -> u32:
    """Return the number of ones, u32."""
    number = _typed(value, "popcount")
    return u32((int(number) & ((1 << number.BITS) - 1)).bit_count())


def count_leading_zeros(value: Any) -> u32:
    """Return the number of zeros above the highest one; the width for 0."""
    number = _typed(value, "count_leading_zeros")
    return u32(number.BITS - (int(number) & ((1 << number.BITS) - 1)).bit_length())


def count_trailing_zeros(value: Any) -> u32:
    """Return the number of zeros below the lowest one; the width for 0."""
    number = _typed(value, "count_trailing_zeros")
    return u32(number.BITS if number == 0 else (int(number) & -int(number)).bit_length() - 1)


def byteswap(value: Any) -> Integer:
    """Return the value with its bytes in opposite order."""
    number = _typed(value, "byteswap")
    size = number.BITS // 8
    swapped = (int(number) & ((1 << number.BITS) - 1)).to_bytes(size, "little")[::-1]
    return type(number)(int.from_bytes(swapped, "little"))


def rotate_left(value: Any, amount: Any) -> Integer:
    """Return the value rotated; the amount counts modulo the width."""
    number = _typed(value, "rotate_left")
    count = int(amount) % number.BITS
    word = int(number) & ((1 << number.BITS) - 1)
    return type(number)(word << count | word >> (number.BITS - count))


def _checked(compute: Callable[[int, int], int]) -> Any:
    def checked(a: Any, b: Any) -> tuple[Integer, bool]:
        left, right = unify(a, b)
        cls, exact = type(left), compute(int(left), int(right))
        wrapped = wrap(cls, exact)
        return cls(wrapped), wrapped != exact

    return checked


checked_add = _checked(int.__add__)
checked_sub = _checked(int.__sub__)
checked_mul = _checked(int.__mul__)


def copy(destination: Any, source: Any) -> None:
    """Copy a struct, or the elements of an array of the same length. Traps SLICE where lengths differ."""
    if isinstance(destination, Array) and isinstance(source, Array):
        if destination.element.name != source.element.name:
            raise KernelTypeError(f"copy of Array[{source.element}] to Array[{destination.element}]")
        if destination.length != source.length:
            raise Trap(Reason.SLICE, f"slice out of bounds: {source.length} elements to {destination.length}")
        size = destination.length * destination.element.size
    elif isinstance(destination, Struct) and type(destination) is type(source):
        size = type(destination).__kpy_size__
    else:
        raise KernelTypeError(f"copy({destination!r}, {source!r}): two structs or two arrays of one type are copied")
    memory.write_bytes(destination.__kpy_address__, memory.read_bytes(source.__kpy_address__, size))


def sizeof(what: Any) -> u64:
    """Return the size in bytes of a type, or of what a struct or array has, u64."""
    if isinstance(what, Array):
        return u64(what.length * what.element.size)
    if isinstance(what, Struct):
        return u64(type(what).__kpy_size__)
    return u64(describe(what, sys._getframe(1).f_globals, storage=True).size)


def offsetof(struct: Any, name: str) -> u64:
    """Return the offset of a field in bytes, u64: `offsetof(P, "x")`."""
    if not isinstance(struct, StructMeta):
        raise KernelTypeError(f"offsetof({struct!r}, {name!r}): only structs have fields")
    struct.__kpy_lay_out__()
    if name not in struct.__kpy_fields__:
        raise KernelTypeError(f"{struct.__name__} has no field {name!r}")
    return u64(struct.__kpy_fields__[name].offset)


def addressof(what: Any) -> u64:
    """Return the address of a static, a field or element, or a function. The loader hands over places of scalars."""
    if isinstance(what, (Struct, Array, Atomic, Place)):
        address = what.__kpy_address__
        if STACK_BASE <= address < STACK_BASE + STACK_SIZE:
            raise KernelTypeError("locals have no address")
        return u64(address)
    if callable(what) and not isinstance(what, (type, Bits)):
        return u64(memory.address_of_function(what))
    raise KernelTypeError(f"addressof({what!r}): this has no address")


class Place:
    """Where a scalar is."""

    __slots__ = ("__kpy_address__",)

    def __init__(self, address: int) -> None:
        self.__kpy_address__ = address


def field_place(base: Any, name: str) -> Any:
    """Return what `addressof(base.name)` is asked for."""
    fields = type(base).__kpy_fields__ if isinstance(base, Struct) else {}
    return Place(base.__kpy_address__ + fields[name].offset) if name in fields else getattr(base, name)


def element_place(base: Any, index: Any) -> Any:
    """Return what `addressof(base[index])` is asked for."""
    if isinstance(base, (Array, Ptr)) and type(index) is not slice:
        return Place(base.place(index))
    return base[index]


def symbol_address(name: str) -> u64:
    """Return the address of a symbol that the linker or assembly defines; tests define it in `memory`."""
    return u64(memory.symbol(name))
