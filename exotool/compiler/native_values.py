"""Python values as the registers and the memory of a program in the same process.

Integers, `bool`, enums and bit records are Python's int and bool; addresses are ints; tuples are tuples. Structs and
arrays are ctypes objects at the program's own addresses, with its layout: what one side writes, the other reads.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any, Final

from exotool.compiler.lower_types import integer_of, registers
from exotool.compiler.types import (
    ArrayType,
    AtomicType,
    BoolType,
    EnumType,
    NeverType,
    NoneType,
    RefType,
    ResultType,
    StorageType,
    StructType,
    TupleType,
    ValueType,
    ViewType,
    VolatileType,
    size_of,
)

_INTEGERS: Final[dict[str, Any]] = {
    "u8": ctypes.c_uint8,
    "u16": ctypes.c_uint16,
    "u32": ctypes.c_uint32,
    "u64": ctypes.c_uint64,
    "i8": ctypes.c_int8,
    "i16": ctypes.c_int16,
    "i32": ctypes.c_int32,
    "i64": ctypes.c_int64,
}


class Memory:
    """The ctypes classes of a program's storage types, each made once."""

    def __init__(self) -> None:
        self._structs: dict[StructType, Any] = {}

    def type(self, storage: StorageType) -> Any:
        """Return the ctypes class for a storage type: pointers are integers, everything else is as in C."""
        match storage:
            case StructType():
                return self._struct(storage)
            case ArrayType(element=element, length=length):
                return self.type(element) * length
            case VolatileType(target=target) | AtomicType(target=target):
                return self.type(target)
            case BoolType():
                return ctypes.c_bool
            case _:
                integer = integer_of(storage)
                return ctypes.c_uint64 if integer is None else _INTEGERS[str(integer)]

    def _struct(self, struct: StructType) -> Any:
        made = self._structs.get(struct)
        if made is None:
            fields = [(name, self.type(field.type)) for name, field in struct.fields.items()]
            if struct.union:
                body: dict[str, Any] = {"_fields_": fields}
                made = type(struct.name, (ctypes.Union,), body)
            else:
                # Every byte is named, so ctypes has no gaps to choose; `_layout_` is what Python >= 3.14 asks for.
                body = {"_pack_": 1, "_layout_": "ms", "_fields_": list(self._with_gaps(struct))}
                made = type(struct.name, (ctypes.Structure,), body)
            self._structs[struct] = made
        return made

    def _with_gaps(self, struct: StructType) -> Iterator[tuple[str, Any]]:
        at = 0
        for name, field in struct.fields.items():
            if field.offset > at:
                yield f"_gap{at}", ctypes.c_uint8 * (field.offset - at)
            yield name, self.type(field.type)
            at = field.offset + size_of(field.type)
        if struct.size > at:
            yield f"_gap{at}", ctypes.c_uint8 * (struct.size - at)

    # --- Python -> registers -----------------------------------------------------------------------------------------

    def to_registers(self, value: object, kind: ValueType, what: str) -> list[int]:
        """Return the 64-bit words that hold a value; `what` names it in the `TypeError` or `OverflowError`."""
        if isinstance(kind, TupleType):
            if not isinstance(value, tuple) or len(value) != len(kind.items):
                raise TypeError(f"{what} must be a tuple of {len(kind.items)}, not {value!r}")
            words: list[int] = []
            for index, (item, item_kind) in enumerate(zip(value, kind.items, strict=True)):
                words += self.to_registers(item, item_kind, f"item {index} of {what}")
            return words
        if isinstance(kind, ViewType):
            return self._view_registers(value, kind, what)
        if isinstance(kind, BoolType):
            if not isinstance(value, bool):
                raise TypeError(f"{what} must be a bool, not {value!r}")
            return [int(value)]
        integer = integer_of(kind)
        if integer is not None:
            number = _int(value, what)
            if not integer.minimum <= number <= integer.maximum:
                raise OverflowError(f"{what} must fit {integer}, and {number} does not")
            if isinstance(kind, EnumType) and number not in kind.members.values():
                raise ValueError(f"{what} must be a member of {kind}, and {number} is none")
            return [number & 0xFFFF_FFFF_FFFF_FFFF]
        if value is None and getattr(kind, "nullable", False):
            return [0]
        if isinstance(value, ctypes.Structure | ctypes.Union | ctypes.Array | ctypes._SimpleCData):
            if isinstance(kind, RefType) and ctypes.sizeof(value) != size_of(kind.target):
                raise TypeError(f"{what} must be a {kind} of {size_of(kind.target)} bytes, not {value!r}")
            return [ctypes.addressof(value)]
        if isinstance(kind, RefType):
            raise TypeError(f"{what} must be a ctypes object for {kind}, not {value!r}")
        return [_int(value, what) & 0xFFFF_FFFF_FFFF_FFFF]

    def _view_registers(self, value: object, kind: ViewType, what: str) -> list[int]:
        size = size_of(kind.element)
        if isinstance(value, bytearray) and value:
            value = (ctypes.c_uint8 * len(value)).from_buffer(value)
        if isinstance(value, bytearray):
            return [0, 0]
        if not isinstance(value, ctypes.Array) or (len(value) and ctypes.sizeof(value) != size * len(value)):
            raise TypeError(f"{what} must be a ctypes array for {kind}, not {value!r}")
        return [ctypes.addressof(value), len(value)]

    # --- Registers -> Python -----------------------------------------------------------------------------------------

    def from_registers(self, words: Sequence[int], kind: ResultType) -> Any:
        """Return the value that some 64-bit words hold; a reference is a ctypes object at its address."""
        if isinstance(kind, NoneType | NeverType):
            return None
        if isinstance(kind, TupleType):
            items = []
            at = 0
            for item in kind.items:
                count = len(registers(item))
                items.append(self.from_registers(words[at : at + count], item))
                at += count
            return tuple(items)
        if isinstance(kind, ViewType):
            return (self.type(kind.element) * words[1]).from_address(words[0])
        if isinstance(kind, BoolType):
            return bool(words[0])
        integer = integer_of(kind)
        if integer is not None:
            return integer.wrap(words[0])
        if isinstance(kind, RefType):
            return self.type(kind.target).from_address(words[0]) if words[0] else None
        return words[0]


def word_count(kind: ResultType) -> int:
    """Return the number of 64-bit words that pass a value."""
    return len(registers(kind))


def _int(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what} must be an int, not {value!r}")
    return int(value)
