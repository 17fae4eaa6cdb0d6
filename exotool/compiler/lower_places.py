"""Places: addresses in memory, with what is known of them, and what is read from and written to them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Final

from exotool.compiler.lower_arithmetic import Arithmetic
from exotool.compiler.lower_checks import is_constant
from exotool.compiler.lower_context import ModuleContext
from exotool.compiler.lower_types import Value, integer_of, is_volatile, register_of, registers, value_in
from exotool.compiler.tree import (
    Element,
    Expression,
    Field,
    Function,
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
    EnumType,
    PtrType,
    StorageType,
    StructType,
    Type,
    VolatileType,
    align_of,
    size_of,
)

PLACES: Final = (GlobalPlace, StoragePlace, Target, Field, Element)


@dataclass(frozen=True, slots=True)
class Address:
    """A place: `offset` bytes from `base`.

    `align` is what the address is certainly a multiple of; 1 for whatever a pointer or reference leads to, since the
    program may have made that up. `inside` says that the address lies inside of an object that LLVM knows.
    """

    base: str
    type: StorageType
    offset: int = 0
    align: int = 1
    inside: bool = False


class Places(Arithmetic):
    """A function's text, with its variables and the places that it reaches."""

    def __init__(self, context: ModuleContext, function: Function) -> None:
        super().__init__(context, function)
        self._slots: dict[Local, tuple[str, ...]] = {}
        self._storage: dict[LocalStorage, str] = {}

    @abstractmethod
    def expression(self, expression: Expression) -> Value:
        """Return the registers of an expression's value."""

    # --- Variables ---------------------------------------------------------------------------------------------------

    def slots_of(self, local: Local) -> tuple[str, ...]:
        """Return the stack slots of a variable, one for each of its registers."""
        slots = self._slots.get(local)
        if slots is None:
            slots = self._slots[local] = tuple(self.slot(part.stored) for part in registers(local.type))
            debug = self.context.debug
            if debug is not None and not local.hidden:
                self.declares += debug.declare_local(local, self.function, self.scope, slots)
        return slots

    def read(self, local: Local) -> Value:
        """Return the value of a variable."""
        return tuple(
            self.value(f"trunc i8 {self.value(f'load i8, ptr {slot}')} to i1")
            if part.llvm == "i1"
            else self.value(f"load {part.llvm}, ptr {slot}")
            for slot, part in zip(self.slots_of(local), registers(local.type), strict=True)
        )

    def assign(self, local: Local, value: Value) -> None:
        """Give a variable a value."""
        for slot, part, operand in zip(self.slots_of(local), registers(local.type), value, strict=True):
            stored = self.value(f"zext i1 {operand} to i8") if part.llvm == "i1" else operand
            self.emit(f"store {part.stored} {stored}, ptr {slot}")

    def storage_address(self, storage: LocalStorage) -> str:
        """Return the address of a struct or array in the frame."""
        address = self._storage.get(storage)
        if address is None:
            size = size_of(storage.type)
            address = self._storage[storage] = self.slot(f"[{size} x i8]", align=align_of(storage.type))
            debug = self.context.debug
            if debug is not None:
                self.declares += debug.declare_storage(storage, self.scope, address)
        return address

    # --- Places ------------------------------------------------------------------------------------------------------

    def place(self, place: Place) -> Address:
        """Return the address of a place, after the checks on the way there."""
        match place:
            case Field(base=base, field=part):
                inner = self.place(base)
                return replace(inner, type=part.type, offset=inner.offset + part.offset)
            case Target(reference=reference, type=storage):
                (pointer,) = self.expression(reference)
                return Address(pointer, storage)
            case GlobalPlace(target=target):
                pointer = self.context.global_address(target)
                return Address(pointer, target.type, align=align_of(target.type), inside=True)
            case StoragePlace(target=storage):
                return Address(self.storage_address(storage), storage.type, align=align_of(storage.type), inside=True)
            case Element():
                return self._element(place)

    def _element(self, element: Element) -> Address:
        base = element.base
        if isinstance(base, PLACES):
            array = self.place(base)
            if not isinstance(array.type, ArrayType):
                raise TypeError(f"element of {array.type}")
            index = self.index(element.index)
            length = array.type.length
            self.at(element.span)
            self.check_bounds(index, str(length), element.span)
            return self._indexed(array, element.type, index)
        value = self.expression(base)
        if isinstance(base.type, PtrType):
            index = self.index(element.index)
            self.at(element.span)
            self.check_not_null(value[0], element.span)
            return self._indexed(Address(value[0], element.type), element.type, index)
        index = self.index(element.index)
        self.at(element.span)
        self.check_bounds(index, value[1], element.span)
        return self._indexed(Address(value[0], element.type), element.type, index)

    def index(self, expression: Expression) -> str:
        """Return an integer expression as i64: a negative one becomes an index beyond every length."""
        (operand,) = self.expression(expression)
        return self.address_in(operand, expression.type)

    def check_bounds(self, index: str, length: str, span: Span) -> None:
        """Trap BOUNDS unless the i64 `index` is less than the i64 `length`."""
        if is_constant(index) and is_constant(length) and 0 <= int(index) < int(length):
            return
        self.check(self.value(f"icmp ult i64 {index}, {length}"), Reason.BOUNDS, span, (index, length))

    def _indexed(self, array: Address, element: StorageType, index: str) -> Address:
        size = size_of(element)
        if is_constant(index):
            return replace(array, type=element, offset=array.offset + int(index) * size)
        pointer = self.step(self.pointer(array), size, index, inside=array.inside)
        align = min(_power_of_two(array.align, array.offset), _power_of_two(array.align, size))
        return Address(pointer, element, align=align, inside=array.inside)

    def step(self, pointer: str, size: int, count: str, *, inside: bool = False) -> str:
        """Return the pointer `count` elements of `size` bytes further on."""
        unit = f"i{size * 8}" if size in (1, 2, 4, 8) else f"[{size} x i8]"
        return self.value(f"getelementptr {'inbounds ' if inside else ''}{unit}, ptr {pointer}, i64 {count}")

    def pointer(self, address: Address) -> str:
        """Return the operand for an address."""
        if address.offset == 0:
            return address.base
        inside = "inbounds " if address.inside else ""
        return self.value(f"getelementptr {inside}i8, ptr {address.base}, i64 {address.offset}")

    def load(self, address: Address, span: Span) -> str:
        """Return the scalar at an address. Traps ENUM."""
        kind = value_in(address.type)
        part = register_of(kind)
        pointer = self.pointer(address)
        volatile = "volatile " if isinstance(address.type, VolatileType) else ""
        operand = self.value(f"load {volatile}{part.stored}, ptr {pointer}, align {self._alignment(address)}")
        return self.loaded(operand, kind, span)

    def loaded(self, operand: str, kind: Type, span: Span) -> str:
        """Return what was read from memory as a value of type `kind`. Traps ENUM."""
        if isinstance(kind, EnumType):
            self.check_member(operand, kind.storage, kind, span)
        elif integer_of(kind) is None and register_of(kind).llvm == "i1":
            return self.value(f"icmp ne i8 {operand}, 0")
        return operand

    def store(self, address: Address, operand: str) -> None:
        """Write a scalar."""
        part = register_of(value_in(address.type))
        pointer = self.pointer(address)
        stored = self.value(f"zext i1 {operand} to i8") if part.llvm == "i1" else operand
        volatile = "volatile " if isinstance(address.type, VolatileType) else ""
        self.emit(f"store {volatile}{part.stored} {stored}, ptr {pointer}, align {self._alignment(address)}")

    def zero(self, address: Address) -> None:
        """Set all bytes of a place to 0."""
        function = self.context.intrinsic("llvm.memset.p0.i64", "void", "ptr, i8, i64, i1 immarg")
        volatile = "true" if is_volatile(address.type) else "false"
        pointer, align = self.pointer(address), self._alignment(address)
        self.emit(
            f"call void {function}(ptr align {align} {pointer}, i8 0, i64 {size_of(address.type)}, i1 {volatile})"
        )

    def move(self, destination: str, source: str, size: str, storage: StorageType) -> None:
        """Copy bytes between places that may overlap."""
        function = self.context.intrinsic("llvm.memmove.p0.p0.i64", "void", "ptr, ptr, i64, i1 immarg")
        volatile = "true" if is_volatile(storage) else "false"
        self.emit(f"call void {function}(ptr {destination}, ptr {source}, i64 {size}, i1 {volatile})")

    def _alignment(self, address: Address) -> int:
        natural = 8 if isinstance(address.type, StructType | ArrayType) else size_of(address.type)
        return min(_power_of_two(address.align, address.offset), max(natural, 1))


def _power_of_two(align: int, offset: int) -> int:
    """Return the largest power of two that divides both."""
    return align if offset == 0 else min(align, offset & -offset)
