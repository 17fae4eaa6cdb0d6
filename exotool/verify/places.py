"""Places: addresses in memory, with the meaning that `compiler.lower_places` gives them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Final

import z3

from exotool.compiler.lower_types import integer_of, value_in
from exotool.compiler.tree import (
    REASON_TEXT,
    Element,
    Expression,
    Field,
    Function,
    Global,
    GlobalPlace,
    Local,
    LocalStorage,
    Place,
    Reason,
    Span,
    StoragePlace,
    Target,
)
from exotool.compiler.types import (
    ArrayType,
    BoolType,
    EnumType,
    IntType,
    PtrType,
    StorageType,
    Type,
    VolatileType,
    size_of,
)
from exotool.verify import terms
from exotool.verify.effects import Effects
from exotool.verify.memory import Filling, Location, Memory, Object
from exotool.verify.path import Failure, NotModelled, Path
from exotool.verify.terms import Bits, Scalar, Truth, Value, number

PLACES: Final = (GlobalPlace, StoragePlace, Target, Field, Element)
FUNCTIONS: Final = 0xFFFF_FFFF_8000_0000


@dataclass(frozen=True, slots=True)
class Address:
    """A place; `sure` says that it lies in an object, as all the bounds on the way there have been checked."""

    value: Bits
    type: StorageType
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """Something that the proof left open, in the order of the execution: a scalar of a type, or content."""

    name: str
    type: Type
    value: Scalar | Filling
    span: Span


@dataclass(eq=False, slots=True)
class Activation:
    """A function that runs."""

    function: Function
    locals: dict[Local, Value] = field(default_factory=dict)
    storage: dict[LocalStorage, Object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compiled:
    """What all executions of a proof share: the addresses of functions, what stands for externs, what has no effect."""

    functions: dict[Function, int]
    models: dict[str, Function]
    effects: Effects


class Places:
    """One execution: its memory, and the places that the function that runs can reach."""

    def __init__(self, path: Path, program: Compiled, *, overflow: bool, shift: bool) -> None:
        self.path = path
        self.effects = program.effects
        self.memory = Memory(path)
        self.functions = program.functions
        self.draws: list[Draw] = []
        self.symbols: dict[str, z3.BitVecRef] = {}
        self.activations: list[Activation] = []
        self._traps_overflow = overflow
        self._traps_shift = shift
        self._globals: dict[Global, Object] = {}

    @property
    def running(self) -> Activation:
        """The innermost function that runs."""
        return self.activations[-1]

    @abstractmethod
    def expression(self, expression: Expression) -> Value:
        """Return the scalars of an expression's value."""

    @abstractmethod
    def call(self, function: Function, arguments: list[Value], span: Span) -> Value:
        """Run a function and return its result."""

    # --- Traps -------------------------------------------------------------------------------------------------------

    def check(self, holds: Truth, reason: Reason, span: Span, message: str = "") -> None:
        """Go on where `holds`; elsewhere the program traps."""
        if holds is not True:
            failure = Failure(reason, message or REASON_TEXT[reason], span, tuple(self.path.calls))
            self.path.require(holds, failure)

    def check_member(self, value: Bits, source: IntType, enum: EnumType, span: Span) -> None:
        """Trap ENUM unless an integer is the value of a member."""
        holds: Truth = False
        for member in sorted(set(enum.members.values())):
            if source.minimum <= member <= source.maximum:
                same = terms.equal(value, member & ((1 << source.bits) - 1), source.bits)
                holds = terms.either(holds, same)
        self.check(holds, Reason.ENUM, span)

    # --- Places ------------------------------------------------------------------------------------------------------

    def place(self, place: Place) -> Address:
        """Return the address of a place, after the checks on the way there."""
        match place:
            case Field(base=base, field=part):
                inner = self.place(base)
                return Address(terms.add(inner.value, part.offset), part.type, inner.sure)
            case Target(reference=reference, type=storage):
                return Address(number(self.expression(reference)[0]), storage)
            case GlobalPlace(target=target):
                return Address(self.global_object(target).base, target.type, sure=True)
            case StoragePlace(target=storage):
                return Address(self.storage_object(storage).base, storage.type, sure=True)
            case Element():
                return self._element(place)

    def global_object(self, target: Global) -> Object:
        """Return the object of a static."""
        found = self._globals.get(target)
        if found is None:
            data = target.data
            if data is not None and target.relocations:
                data = self._relocated(target, data)
            made = self.memory.make(target.name, target.type, data, read_only=target.read_only)
            found = self._globals[target] = made
        return found

    def _relocated(self, target: Global, data: bytes) -> bytes:
        filled = bytearray(data)
        for offset, what, addend in target.relocations:
            base = self.functions[what] if isinstance(what, Function) else self.global_object(what).base
            filled[offset : offset + 8] = (base + addend & (1 << 64) - 1).to_bytes(8, "little")
        return bytes(filled)

    def statics(self) -> tuple[tuple[str, str, int, int], ...]:
        """Return module, name, address and size of the statics that were used."""
        return tuple((g.module, g.name, made.base, made.size) for g, made in self._globals.items())

    def storage_object(self, storage: LocalStorage) -> Object:
        """Return the object of a struct or array in the frame."""
        found = self.running.storage.get(storage)
        if found is None:
            self.path.act()
            found = self.running.storage[storage] = self.memory.make(storage.name, storage.type, None, frame=True)
        return found

    def _element(self, element: Element) -> Address:
        base = element.base
        if isinstance(base, PLACES):
            array = self.place(base)
            if not isinstance(array.type, ArrayType):
                raise TypeError(f"element of {array.type}")
            index = self.index(element.index)
            self.check(terms.below(index, array.type.length), Reason.BOUNDS, element.span)
        else:
            value = self.expression(base)
            array = Address(number(value[0]), element.type)
            index = self.index(element.index)
            if isinstance(base.type, PtrType):
                self.check(terms.negate(terms.equal(array.value, 0)), Reason.NULL, element.span)
            else:
                self.check(terms.below(index, number(value[1])), Reason.BOUNDS, element.span)
        offset = terms.multiply(index, size_of(element.type))
        return Address(terms.add(array.value, offset), element.type, array.sure)

    def index(self, expression: Expression) -> Bits:
        """Return an integer expression with 64 bits: a negative one becomes an index beyond every length."""
        kind = integer(expression.type)
        return terms.resize(number(self.expression(expression)[0]), kind.bits, 64, sign=kind.signed)

    def locate(self, address: Address, size: int, span: Span) -> Location:
        """Return where an access of `size` bytes goes."""
        if isinstance(address.type, VolatileType):
            help_ = "prove the functions around it, with a @model for what reads the device"
            raise NotModelled(span, "`Volatile` storage, which changes by itself", help_)
        return self.memory.locate(address.value, size, span, sure=address.sure, calls=tuple(self.path.calls))

    def load(self, address: Address, span: Span) -> Scalar:
        """Return the scalar at an address. Traps ENUM."""
        kind = value_in(address.type)
        size = size_of(kind)
        value = self.memory.load(self.locate(address, size, span), size, span)
        if isinstance(kind, EnumType):
            self.check_member(value, kind.storage, kind, span)
        return terms.negate(terms.equal(value, 0, 8)) if isinstance(kind, BoolType) else value

    def store(self, address: Address, value: Scalar, span: Span) -> None:
        """Write a scalar."""
        size = size_of(value_in(address.type))
        bits = terms.choose(value, 1, 0, 8) if isinstance(value, bool | z3.BoolRef) else value
        self.memory.store(self.locate(address, size, span), size, bits, span)


def scalar_bits(kind: Type) -> int:
    """Return how many bits a scalar has: 1 for a bool, 64 for whatever is an address."""
    if isinstance(kind, BoolType):
        return 1
    found = integer_of(kind)
    return found.bits if found is not None else 64


def integer(kind: Type) -> IntType:
    """Return the integer type that carries a value."""
    found = integer_of(kind)
    if found is None:
        raise TypeError(f"{kind} is no integer")
    return found
