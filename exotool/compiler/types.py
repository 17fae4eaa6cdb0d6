"""The types of Kernel Python, as every pass after the reading of annotations sees them.

Two families. *Value* types fit a variable, a parameter or a result: integers, `bool`, enums, bit records, pointers,
references, views, function pointers, tuples. *Storage* types describe memory: every scalar value type again, and
structs, arrays, `Volatile` and `Atomic`, which only a place in memory can have. A name of struct type in the source is
a reference in this model: `p: Point` is `RefType(StructType(Point))`, a field `origin: Point` is a `StructType` inline.

Sizes and offsets are in bytes and follow the System V psABI for x86_64 (section 3.1.2), which on all supported targets
is the natural layout of C.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

POINTER_SIZE: Final = 8


@dataclass(frozen=True, slots=True)
class IntType:
    """`u8` ... `i64`: `bits` wide, two's complement when `signed`."""

    bits: int
    signed: bool

    def __str__(self) -> str:
        return f"{'i' if self.signed else 'u'}{self.bits}"

    @property
    def minimum(self) -> int:
        """The smallest value."""
        return -(1 << (self.bits - 1)) if self.signed else 0

    @property
    def maximum(self) -> int:
        """The largest value."""
        return (1 << (self.bits - self.signed)) - 1

    def wrap(self, value: int) -> int:
        """Return the value congruent to `value` modulo 2**bits that the type has."""
        value &= (1 << self.bits) - 1
        return value - (1 << self.bits) if value > self.maximum else value

    def holds(self, other: IntType) -> bool:
        """Tell whether every value of `other` is a value of this type: widening to it needs no cast."""
        return self.minimum <= other.minimum and other.maximum <= self.maximum


U8: Final = IntType(8, signed=False)
U16: Final = IntType(16, signed=False)
U32: Final = IntType(32, signed=False)
U64: Final = IntType(64, signed=False)
I8: Final = IntType(8, signed=True)
I16: Final = IntType(16, signed=True)
I32: Final = IntType(32, signed=True)
I64: Final = IntType(64, signed=True)
INTEGERS: Final = {str(t): t for t in (U8, U16, U32, U64, I8, I16, I32, I64)}


@dataclass(frozen=True, slots=True)
class BoolType:
    """`bool`: one bit in a register, one byte (0 or 1) in memory."""

    def __str__(self) -> str:
        return "bool"


@dataclass(frozen=True, slots=True)
class NoneType:
    """The result of a function that returns nothing."""

    def __str__(self) -> str:
        return "None"


@dataclass(frozen=True, slots=True)
class NeverType:
    """The result of a function that does not return (`NoReturn`)."""

    def __str__(self) -> str:
        return "NoReturn"


BOOL: Final = BoolType()
NONE: Final = NoneType()
NEVER: Final = NeverType()


@dataclass(eq=False, slots=True)
class EnumType:
    """A class derived from `enum.IntEnum`; `@stored_as` chooses its integer in memory, `u32` by default.

    Identity is equality: a module declares each enum once.
    """

    name: str
    module: str
    storage: IntType
    members: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class BitField:
    """Bits `low` ... `high` of a bit record, both inclusive; `type` is what reading it gives."""

    name: str
    high: int
    low: int
    type: IntType | BoolType | EnumType


@dataclass(eq=False, slots=True)
class BitsType:
    """A class derived from `Bits[u64]`: an immutable integer with named bit fields."""

    name: str
    module: str
    storage: IntType
    fields: dict[str, BitField] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class StructField:
    """A field of a struct: what is stored there, and the offset from the start of the struct."""

    name: str
    type: StorageType
    offset: int


@dataclass(eq=False, slots=True)
class StructType:
    """A class derived from `Struct`. Layout stands once `declare` has seen all fields; `complete` says that it has.

    `union` puts every field at offset 0. `arguments` are the types that an instance of a generic struct was made with.
    """

    name: str
    module: str
    packed: bool = False
    union: bool = False
    fields: dict[str, StructField] = field(default_factory=dict)
    size: int = 0
    align: int = 1
    complete: bool = False
    arguments: tuple[Type, ...] = ()

    def __str__(self) -> str:
        return f"{self.name}[{', '.join(map(str, self.arguments))}]" if self.arguments else self.name


@dataclass(frozen=True, slots=True)
class ArrayType:
    """`Array[T] = array(N)`: `length` elements in a row. Storage only; values are references to it, or views."""

    element: StorageType
    length: int

    def __str__(self) -> str:
        return f"Array[{self.element}, {self.length}]"


@dataclass(frozen=True, slots=True)
class VolatileType:
    """`Volatile[T]`: storage whose every read and write happens, once, in order, at its full width."""

    target: ScalarType

    def __str__(self) -> str:
        return f"Volatile[{self.target}]"


@dataclass(frozen=True, slots=True)
class AtomicType:
    """`Atomic[T]`: storage reached only by atomic operations, each with a memory order."""

    target: ScalarType

    def __str__(self) -> str:
        return f"Atomic[{self.target}]"


@dataclass(frozen=True, slots=True)
class RefType:
    """The address of one struct, array of known length, or atomic. Never zero unless `nullable` (`P | None`)."""

    target: StructType | ArrayType | AtomicType
    nullable: bool = False

    def __str__(self) -> str:
        return f"{self.target} | None" if self.nullable else str(self.target)


@dataclass(frozen=True, slots=True)
class ViewType:
    """`Array[T]` where the length is not known: address of the first element, and number of elements (u64)."""

    element: StorageType

    def __str__(self) -> str:
        return f"Array[{self.element}]"


@dataclass(frozen=True, slots=True)
class PtrType:
    """`Ptr[T]`: an address that the program vouches for; may be 0, and traps when address 0 is dereferenced."""

    element: StorageType

    def __str__(self) -> str:
        return f"Ptr[{self.element}]"


@dataclass(frozen=True, slots=True)
class UserPtrType:
    """`UserPtr[T]`: an address that user space chose. Cannot be dereferenced, nor turned into an integer or a `Ptr`."""

    element: StorageType

    def __str__(self) -> str:
        return f"UserPtr[{self.element}]"


@dataclass(frozen=True, slots=True)
class FunctionType:
    """`Callable[[A, B], R]`: the address of a function, called by the C convention."""

    parameters: tuple[ValueType, ...]
    result: ResultType
    nullable: bool = False

    def __str__(self) -> str:
        text = f"Callable[[{', '.join(map(str, self.parameters))}], {self.result}]"
        return f"{text} | None" if self.nullable else text


@dataclass(frozen=True, slots=True)
class TupleType:
    """`tuple[A, B]`: several values at once, in variables and results only, never in memory."""

    items: tuple[ValueType, ...]

    def __str__(self) -> str:
        return f"tuple[{', '.join(map(str, self.items))}]"


ScalarType: TypeAlias = "IntType | BoolType | EnumType | BitsType | PtrType | UserPtrType | RefType | FunctionType"
"""What one machine register holds, and what a load or a store moves. (A `RefType` here is a `Ref[P]` in memory.)"""

ValueType: TypeAlias = "ScalarType | ViewType | TupleType"
"""What a variable or a parameter has."""

ResultType: TypeAlias = "ValueType | NoneType | NeverType"
"""What a function gives back."""

StorageType: TypeAlias = "ScalarType | StructType | ArrayType | VolatileType | AtomicType"
"""What a place in memory has."""

Type: TypeAlias = "ResultType | StorageType"


def size_of(storage: StorageType) -> int:
    """Return the size of a storage type in bytes. A struct must be complete."""
    match storage:
        case IntType(bits=bits):
            return bits // 8
        case BoolType():
            return 1
        case EnumType(storage=integer) | BitsType(storage=integer):
            return integer.bits // 8
        case StructType(size=size):
            return size
        case ArrayType(element=element, length=length):
            return size_of(element) * length
        case VolatileType(target=target) | AtomicType(target=target):
            return size_of(target)
        case _:
            return POINTER_SIZE


def align_of(storage: StorageType) -> int:
    """Return the alignment of a storage type in bytes. A struct must be complete."""
    match storage:
        case StructType(align=align):
            return align
        case ArrayType(element=element):
            return align_of(element)
        case VolatileType(target=target) | AtomicType(target=target):
            return align_of(target)
        case _:
            return size_of(storage)


def set_layout(struct: StructType, fields: list[tuple[str, StorageType]], align: int = 1) -> None:
    """Lay the fields out in order as C does, and complete the struct.

    `packed` leaves no gaps and aligns to 1; `align` raises the alignment of the whole struct.
    """
    offset = 0
    struct.align = align
    for name, storage in fields:
        need = 1 if struct.packed else align_of(storage)
        start = 0 if struct.union else -(-offset // need) * need
        struct.fields[name] = StructField(name, storage, start)
        struct.align = max(struct.align, need)
        offset = max(offset, start + size_of(storage))
    struct.size = -(-offset // struct.align) * struct.align
    struct.complete = True


def scalar_in(storage: StorageType) -> ScalarType | None:
    """Return the type of the value that loading from the storage gives; None for structs, arrays and atomics."""
    match storage:
        case VolatileType(target=target):
            return target
        case StructType() | ArrayType() | AtomicType():
            return None
        case _:
            return storage


def leaves(value: ValueType) -> Iterator[ValueType]:
    """Give the parts of a value that are no tuples, in order."""
    if isinstance(value, TupleType):
        for item in value.items:
            yield from leaves(item)
    else:
        yield value
