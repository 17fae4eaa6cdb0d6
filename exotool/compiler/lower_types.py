"""Kernel Python types as LLVM sees them: the registers of a value, and what crosses a call.

A value is flattened: a scalar is one register, a view two (address, number of elements), a tuple those of its items one
after the other. Structs and arrays have no LLVM type at all; places are addresses and byte offsets, so the layout that
`types` computed is the only one there is.

Calls follow the System V psABI for x86_64 (section 3.2.3): small integers are extended to 32 bits by the one who passes
them, and a result of two registers is what C returns for a struct of the two, packed into one if it has at most eight
bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from exotool.compiler.tree import Expression
from exotool.compiler.types import (
    ArrayType,
    AtomicType,
    BitsType,
    BoolType,
    EnumType,
    FunctionType,
    IntType,
    NeverType,
    NoneType,
    RefType,
    ResultType,
    ScalarType,
    StorageType,
    StructType,
    Type,
    ValueType,
    ViewType,
    VolatileType,
    leaves,
    scalar_in,
)

Value: TypeAlias = tuple[str, ...]
"""The LLVM operands of a value, one for each register that `registers` gives for its type."""


@dataclass(frozen=True, slots=True)
class Register:
    """One register of a value: its LLVM type, its size in memory in bytes, and its attributes where it is passed."""

    llvm: str
    size: int
    attributes: str = ""

    @property
    def stored(self) -> str:
        """The LLVM type that stands for it in memory: a `bool` takes a byte."""
        return "i8" if self.llvm == "i1" else self.llvm


LENGTH = Register("i64", 8)


def integer_of(value: Type) -> IntType | None:
    """Return the integer type that carries an integer, enum or bit record; None for all others."""
    match value:
        case IntType():
            return value
        case EnumType(storage=storage) | BitsType(storage=storage):
            return storage
        case _:
            return None


def register_of(value: Type) -> Register:
    """Return the register that holds a scalar value."""
    if isinstance(value, BoolType):
        return Register("i1", 1, "zeroext")
    integer = integer_of(value)
    if integer is not None:
        extension = ("signext" if integer.signed else "zeroext") if integer.bits < 32 else ""
        return Register(f"i{integer.bits}", integer.bits // 8, extension)
    certain = isinstance(value, RefType | FunctionType) and not value.nullable
    return Register("ptr", 8, "nonnull" if certain else "")


def registers(value: ResultType) -> tuple[Register, ...]:
    """Return the registers of a value, or of a function's result."""
    if isinstance(value, NoneType | NeverType):
        return ()
    result: list[Register] = []
    for leaf in leaves(value):
        result += (Register("ptr", 8), LENGTH) if isinstance(leaf, ViewType) else (register_of(leaf),)
    return tuple(result)


@dataclass(frozen=True, slots=True)
class ResultShape:
    """How a function returns its registers.

    `llvm` is the return type with its attributes. `packed` are the bit offsets of two registers that share one integer;
    without it two and more registers are a literal struct.
    """

    registers: tuple[Register, ...]
    llvm: str
    attributes: str = ""
    packed: tuple[int, int] | None = None


def result_shape(result: ResultType) -> ResultShape:
    """Return how a function gives back a result of this type."""
    parts = registers(result)
    if not parts:
        return ResultShape(parts, "void")
    if len(parts) == 1:
        return ResultShape(parts, parts[0].llvm, parts[0].attributes)
    if len(parts) == 2:
        first, second = parts
        offset = -(-first.size // second.size) * second.size
        if offset + second.size <= 8:
            return ResultShape(parts, "i64", "", (0, offset * 8))
    return ResultShape(parts, "{" + ", ".join(part.stored for part in parts) + "}")


def value_type(expression: Expression) -> ValueType:
    """Return the type of an expression that has a value; the checker refuses all others where one is needed."""
    kind = expression.type
    if isinstance(kind, NoneType | NeverType):
        raise TypeError(f"{kind} is no value")
    return kind


def is_volatile(storage: StorageType) -> bool:
    """Tell whether storage is volatile, or has a part that is."""
    match storage:
        case VolatileType():
            return True
        case ArrayType(element=element):
            return is_volatile(element)
        case StructType(fields=fields):
            return any(is_volatile(part.type) for part in fields.values())
        case _:
            return False


def value_in(storage: StorageType) -> ScalarType:
    """Return the type of the value that a place of scalar or atomic storage holds."""
    if isinstance(storage, AtomicType):
        return storage.target
    scalar = scalar_in(storage)
    if scalar is None:
        raise TypeError(f"{storage} holds no scalar")
    return scalar
