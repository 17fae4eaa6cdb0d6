"""`Ptr[T]`, an address that the program vouches for, and `UserPtr[T]`, one that user space chose."""

from __future__ import annotations

import sys
import typing
from typing import Any, ClassVar

from exotool.lang.arrays import index_of
from exotool.lang.integers import Wrapping, i64
from exotool.lang.kinds import ClassKind, Kind, Namespace, describe
from exotool.lang.traps import KernelTypeError, Reason, Trap

MASK = (1 << 64) - 1


class PointerMeta(type):
    """Makes `Ptr[u64]` a class of its own."""

    _made: ClassVar[dict[Any, PointerMeta]] = {}

    def __getitem__(cls, element: Any) -> Any:
        """Return the class of pointers to an element type."""
        if isinstance(element, typing.TypeVar):
            return cls
        if not isinstance(element, str):
            key = (cls, element)
            if key not in PointerMeta._made:
                PointerMeta._made[key] = _make(cls, element, {})
            return PointerMeta._made[key]
        return _make(cls, element, sys._getframe(1).f_globals)

    def __kpy_kind__(cls, storage: bool, namespace: Namespace) -> Kind:
        """Pointers are values, and 8 bytes in memory."""
        return ClassKind(cls, 8)


def _make(base: Any, element: Any, namespace: Namespace) -> PointerMeta:
    name = element if isinstance(element, str) else getattr(element, "__name__", str(element))
    key = (base, name)
    members = {"__slots__": (), "_annotation": element, "_namespace": namespace, "__kpy_key__": key}
    return PointerMeta(f"{base.__name__}[{name}]", (base,), members)


class Pointer(metaclass=PointerMeta):
    """What `Ptr` and `UserPtr` share: an address and arithmetic in elements."""

    __slots__ = ("_value",)
    _value: int
    _annotation: ClassVar[Any] = None
    _namespace: ClassVar[Namespace] = {}
    __kpy_key__: ClassVar[Any] = None

    def __init__(self, address: Any) -> None:
        if self.__kpy_key__ is None:
            raise KernelTypeError(f"{type(self).__name__} needs an element type: {type(self).__name__}[u8](...)")
        self._value = self._address_from(address) & MASK

    def _address_from(self, source: Any) -> int:
        if isinstance(source, int) and not isinstance(source, bool):
            return int(source)
        raise KernelTypeError(f"{type(self).__name__}({source!r}): an address is needed")

    @classmethod
    def __kpy_from_bits__(cls, value: int) -> Any:
        self = object.__new__(cls)
        self._value = value
        return self

    def __kpy_word__(self) -> int:
        return self._value

    @classmethod
    def element(cls) -> Kind:
        """Return the kind of what this points to."""
        found = cls.__dict__.get("_element")
        if found is None:
            found = describe(cls._annotation, cls._namespace, storage=True)
            type.__setattr__(cls, "_element", found)
        return typing.cast("Kind", found)

    def __add__(self, count: Any) -> Any:
        if type(count) is Wrapping:
            count = count.value
        return self.__kpy_from_bits__((self._value + index_of(count) * self.element().size) & MASK)

    def _same(self, other: Any) -> int:
        if getattr(other, "__kpy_key__", None) != self.__kpy_key__:
            raise KernelTypeError(f"{self!r} and {other!r} are of different types")
        value: int = other._value
        return value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pointer) and self._value == self._same(other)

    def __hash__(self) -> int:
        return hash(self._value)

    def __lt__(self, other: Any) -> bool:
        return self._value < self._same(other)

    def __le__(self, other: Any) -> bool:
        return self._value <= self._same(other)

    def __gt__(self, other: Any) -> bool:
        return self._value > self._same(other)

    def __ge__(self, other: Any) -> bool:
        return self._value >= self._same(other)

    def __bool__(self) -> bool:
        raise KernelTypeError("a condition is bool; compare the pointer's address with 0")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._value:#x})"


class Ptr(Pointer):
    """An address, and the type of what is there. Dereferencing address 0 traps NULL, a stray one faults."""

    __slots__ = ()

    def _address_from(self, source: Any) -> int:
        if isinstance(source, Ptr):
            return source._value
        if isinstance(source, UserPtr):
            raise KernelTypeError("a UserPtr becomes no Ptr: copy in or out through the kernel's checked routines")
        return super()._address_from(source)

    def __kpy_bits__(self) -> int:
        return self._value

    def place(self, index: Any) -> int:
        """Return the address of an element. Traps where `self[index]` does."""
        number = index_of(index)
        if self._value == 0:
            raise Trap(Reason.NULL)
        return (self._value + number * self.element().size) & MASK

    def __getitem__(self, index: Any) -> Any:
        return self.element().load(self.place(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        self.element().store(self.place(index), value)

    def __sub__(self, other: Any) -> Any:
        if type(other) is Wrapping:
            other = other.value
        if isinstance(other, Pointer):
            distance = (self._value - self._same(other)) & MASK
            return i64((distance - (1 << 64) if distance >> 63 else distance) // self.element().size)
        return self.__kpy_from_bits__((self._value - index_of(other) * self.element().size) & MASK)

    def __iter__(self) -> Any:
        raise KernelTypeError("a Ptr has no length to iterate over")


class UserPtr(Pointer):
    """An address from user space. It goes to externs only; their Python models read it with `user_address`."""

    __slots__ = ()

    def _address_from(self, source: Any) -> int:
        return source._value if isinstance(source, UserPtr) else super()._address_from(source)

    def __getitem__(self, index: Any) -> Any:
        raise KernelTypeError("a UserPtr is not dereferenced: copy in or out through the kernel's checked routines")

    def __setitem__(self, index: Any, value: Any) -> None:
        raise KernelTypeError("a UserPtr is not dereferenced: copy in or out through the kernel's checked routines")


def user_address(pointer: UserPtr) -> int:
    """Return the address in a `UserPtr`: for tests, and for the Python models of externs, not for programs."""
    return pointer._value
