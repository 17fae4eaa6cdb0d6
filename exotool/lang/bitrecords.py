"""`Bits[u64]`: an immutable integer with named fields, for page-table entries, descriptors and device registers."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, ClassVar

from exotool.lang.integers import INTEGERS, Integer, wrap
from exotool.lang.kinds import ClassKind, Kind, Namespace, evaluate, member
from exotool.lang.structs import annotations_of
from exotool.lang.traps import KernelTypeError, Reason, Trap


class BitRange:
    """Bits `low` ... `high`, both inclusive, as manuals write them."""

    def __init__(self, high: int, low: int) -> None:
        if not 0 <= low <= high:
            raise KernelTypeError(f"bits({high}, {low}): the higher bit comes first")
        self.high = high
        self.low = low


def bit(number: int) -> Any:
    """One bit of a bit record."""
    return BitRange(number, number)


def bits(high: int, low: int) -> Any:
    """Bits `high` down to `low` of a bit record, both inclusive."""
    return BitRange(high, low)


class BitField:
    """The descriptor of a field of a bit record."""

    __slots__ = ("_type", "high", "low", "name")

    def __init__(self, name: str, high: int, low: int, type_of: Callable[[], Any]) -> None:
        self.name = name
        self.high = high
        self.low = low
        self._type: Any = type_of

    @property
    def type(self) -> Any:
        """What reading the field gives: an integer class, bool or an enum."""
        if not isinstance(self._type, type):
            self._type = self._type()
        return self._type

    @property
    def mask(self) -> int:
        """The field's bits, shifted down."""
        return (1 << (self.high - self.low + 1)) - 1

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None:
            return self
        value = (instance._value >> self.low) & self.mask
        kind = self.type
        if kind is bool:
            return value != 0
        if issubclass(kind, enum.IntEnum):
            return member(kind, value)
        return kind(value - self.mask - 1 if kind.SIGNED and value > self.mask >> 1 else value)

    def __set__(self, instance: Any, value: Any) -> None:
        raise KernelTypeError(f"a bit record does not change; write e.replace({self.name}=...)")

    def insert(self, into: int, value: Any) -> int:
        """Return `into` with the field set. Traps OVERFLOW, whatever the settings, when the value does not fit."""
        kind = self.type
        if kind is bool or issubclass(kind, enum.IntEnum):
            if type(value) is not kind:
                raise KernelTypeError(f"{self.name}={value!r}: {kind.__name__} is needed")
        elif not (isinstance(value, Integer) or type(value) is int):
            raise KernelTypeError(f"{self.name}={value!r}: {kind.__name__} is needed")
        number = int(value)
        if not 0 <= number <= self.mask:
            raise Trap(Reason.OVERFLOW, f"integer overflow: {number} does not fit bits {self.high}:{self.low}")
        return (into & ~(self.mask << self.low)) | (number << self.low)


class BitsMeta(type):
    """Makes a class of fields into a bit record."""

    __kpy_fields__: dict[str, BitField]
    __kpy_storage__: type[Integer] | None

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> BitsMeta:
        """Make the class; annotated names become fields."""
        namespace.setdefault("__slots__", ())
        cls = super().__new__(mcs, name, bases, namespace)
        cls.__kpy_fields__ = {}
        used = 0
        for field, annotation in annotations_of(cls).items():
            place = cls.__dict__.get(field)
            if isinstance(place, BitRange):
                made = BitField(field, place.high, place.low, _type_reader(annotation, cls))
                if cls.__kpy_storage__ is None or place.high >= cls.__kpy_storage__.BITS:
                    raise KernelTypeError(f"{name}.{field}: bit {place.high} is outside of the record")
                if used & (made.mask << made.low):
                    raise KernelTypeError(f"{name}.{field}: the bits are another field's")
                used |= made.mask << made.low
                cls.__kpy_fields__[field] = made
                type.__setattr__(cls, field, made)
        return cls

    def __getitem__(cls, storage: type[Integer]) -> BitsMeta:
        """Return the base class of records in an integer."""
        return BitsMeta(f"Bits[{storage.__name__}]", (cls,), {"__kpy_storage__": storage})

    def __kpy_kind__(cls, storage: bool, namespace: Namespace) -> Kind:
        """Return the value that a bit record is, as large as its integer."""
        return ClassKind(cls, storage_of(cls).BITS // 8)


def _type_reader(annotation: Any, cls: type) -> Callable[[], Any]:
    def read() -> Any:
        import sys

        return evaluate(annotation, vars(sys.modules[cls.__module__])) if isinstance(annotation, str) else annotation

    return read


def storage_of(cls: BitsMeta) -> type[Integer]:
    """Return the integer that a bit record is."""
    if cls.__kpy_storage__ is None:
        raise KernelTypeError(f"{cls.__name__} needs an integer type: class {cls.__name__}(Bits[u64])")
    return cls.__kpy_storage__


class Bits(metaclass=BitsMeta):
    """The base of bit records. `Pte(raw)` takes all bits, `Pte(present=True)` sets fields of zero."""

    __slots__ = ("_value",)
    _value: int
    __kpy_storage__: ClassVar[type[Integer] | None] = None

    def __init__(self, raw: Any = 0, **fields: Any) -> None:
        storage = storage_of(type(self))
        if type(raw) is int:
            raw = storage(raw) if storage.MINIMUM <= raw <= storage.MAXIMUM else _too_large(raw, storage)
        if not isinstance(raw, Integer) or raw.BITS > storage.BITS:
            raise KernelTypeError(f"{type(self).__name__}({raw!r}): {storage.__name__} is needed")
        self._value = self._with(int(raw) & ((1 << storage.BITS) - 1), fields)

    def _with(self, value: int, fields: dict[str, Any]) -> int:
        known = type(self).__kpy_fields__
        for name, new in fields.items():
            if name not in known:
                raise KernelTypeError(f"{type(self).__name__} has no field {name!r}")
            value = known[name].insert(value, new)
        return value

    def replace(self, **fields: Any) -> Any:
        """Return the record with some fields changed."""
        return self.__kpy_from_bits__(self._with(self._value, fields))

    @classmethod
    def __kpy_from_bits__(cls, value: int) -> Any:
        self = object.__new__(cls)
        self._value = value
        return self

    def __kpy_bits__(self) -> int:
        storage = storage_of(type(self))
        return wrap(storage, self._value)

    def __kpy_word__(self) -> int:
        return self._value

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._value == getattr(other, "_value", None)

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        fields = ", ".join(
            f"{name}={(self._value >> field.low) & field.mask:#x}" for name, field in type(self).__kpy_fields__.items()
        )
        return f"{type(self).__name__}({self._value:#x}: {fields})"


def _too_large(raw: int, storage: type[Integer]) -> Any:
    raise KernelTypeError(f"{raw} is no {storage.__name__}")


def stored_as(storage: type[Integer]) -> Any:
    """Choose the integer that members of an enum are in memory; `u32` otherwise."""
    if storage.__name__ not in INTEGERS:
        raise KernelTypeError("stored_as takes u8 ... i64")

    def decorate(cls: Any) -> Any:
        for one in cls:
            if not storage.MINIMUM <= int(one) <= storage.MAXIMUM:
                raise KernelTypeError(f"{cls.__name__}.{one.name} is no {storage.__name__}")
        cls.__kpy_stored_as__ = storage
        return cls

    return decorate


class KernelEnum(enum.IntEnum):
    """What the loader gives a program that imports `IntEnum`: `State(x)` traps ENUM where no member has the value."""

    @classmethod
    def _missing_(cls, value: object) -> Any:
        raise Trap(Reason.ENUM, f"no such member of the enum: {cls.__name__} has no {value}")
