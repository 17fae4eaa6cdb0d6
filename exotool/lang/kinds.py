"""What an annotation means: the kind of value a variable has, or the kind of storage a field or element is.

Every kind knows what it accepts without a cast (`coerce`), and, if it can stand in memory, its size, alignment and how
to `load` and `store` it. Loading a struct, array or atomic gives a reference to it. Annotations are evaluated when they
are first needed, so that they may name what is defined later.
"""

# ruff: noqa: ARG001, ARG002 - the signatures are those of the protocol, not of one method
from __future__ import annotations

import collections.abc
import enum
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final

from exotool.lang.address_space import memory
from exotool.lang.integers import Integer, holds, literal
from exotool.lang.traps import KernelTypeError, Reason, Trap

Namespace = Mapping[str, Any]


class Kind:
    """One type. `size` is 0 for what has no place in memory."""

    name: str = ""
    size: int = 0
    align: int = 1

    def coerce(self, value: Any) -> Any:
        """Return the value as this type has it. Raises KernelTypeError for what needs a cast, or can never be one."""
        raise NotImplementedError

    def load(self, address: int) -> Any:
        """Return the value at an address."""
        raise KernelTypeError(f"{self.name} has no place in memory")

    def store(self, address: int, value: Any) -> None:
        """Write a value to an address."""
        raise KernelTypeError(f"{self.name} has no place in memory")

    def or_none(self) -> Kind:
        """Return the type `... | None`."""
        raise KernelTypeError(f"{self.name} | None: only references and function pointers can be None")

    def __str__(self) -> str:
        return self.name

    def mismatch(self, value: Any) -> KernelTypeError:
        """Return the error for a value that is of another type."""
        if type(value) is int:
            return KernelTypeError(f"{value} where {self} is needed")
        return KernelTypeError(f"{value!r} where {self} is needed")


class IntKind(Kind):
    """`u8` ... `i64`."""

    def __init__(self, cls: type[Integer]) -> None:
        self.cls = cls
        self.name = cls.__name__
        self.size = self.align = cls.BITS // 8

    def coerce(self, value: Any) -> Any:
        """Widen, and give bare numbers their type."""
        kind = type(value)
        if kind is self.cls:
            return value
        if kind is int:
            return literal(self.cls, value)
        if isinstance(value, Integer):
            if holds(self.cls, kind):
                return int.__new__(self.cls, value)
            raise KernelTypeError(f"{value!r} where {self} is needed; write {self}(...) if it is meant")
        raise self.mismatch(value)

    def load(self, address: int) -> Any:
        """Return the number at an address."""
        value = memory.read(address, self.size)
        return int.__new__(self.cls, value - (1 << self.cls.BITS) if value > self.cls.MAXIMUM else value)

    def store(self, address: int, value: Any) -> None:
        """Write a number that the type holds without a cast."""
        memory.write(address, self.size, value if type(value) is self.cls else self.coerce(value))


class BoolKind(Kind):
    """`bool`: one byte in memory."""

    name = "bool"
    size = align = 1

    def coerce(self, value: Any) -> Any:
        """Accept True and False only."""
        if type(value) is not bool:
            raise self.mismatch(value)
        return value

    def load(self, address: int) -> Any:
        """Return the flag at an address: bit 0."""
        return memory.read(address, 1) & 1 != 0

    def store(self, address: int, value: Any) -> None:
        """Write 0 or 1."""
        memory.write(address, 1, self.coerce(value))


class EnumKind(Kind):
    """A class derived from `IntEnum`."""

    def __init__(self, cls: type[enum.IntEnum]) -> None:
        self.cls = cls
        self.name = cls.__name__
        self.storage = describe(getattr(cls, "__kpy_stored_as__", "u32"), _INTEGER_NAMES)
        self.size, self.align = self.storage.size, self.storage.align

    def coerce(self, value: Any) -> Any:
        """Accept members only."""
        if type(value) is not self.cls:
            raise self.mismatch(value)
        return value

    def load(self, address: int) -> Any:
        """Return the member at an address. Traps ENUM when it is none."""
        return member(self.cls, int(self.storage.load(address)))

    def store(self, address: int, value: Any) -> None:
        """Write a member's value."""
        self.storage.store(address, int(self.coerce(value)))


def member(cls: type[enum.IntEnum], value: int) -> enum.IntEnum:
    """Return the member of an enum with a value. Traps ENUM when there is none."""
    found = cls._value2member_map_.get(value)
    if found is None:
        raise Trap(Reason.ENUM, f"no such member of the enum: {cls.__name__} has no {value}")
    return typing.cast("enum.IntEnum", found)


class ClassKind(Kind):
    """What is one machine word or less, and knows its own bits: bit records, `Ptr`, `UserPtr`."""

    def __init__(self, cls: Any, size: int) -> None:
        self.cls = cls
        self.name = cls.__name__
        self.size = self.align = size

    def coerce(self, value: Any) -> Any:
        """Accept values of just this class."""
        if type(value) is not self.cls and getattr(type(value), "__kpy_key__", None) != self.key():
            raise self.mismatch(value)
        return value

    def key(self) -> object:
        """Return what equal types have in common, however they were spelled."""
        return getattr(self.cls, "__kpy_key__", self.cls)

    def load(self, address: int) -> Any:
        """Return the value at an address."""
        return self.cls.__kpy_from_bits__(memory.read(address, self.size))

    def store(self, address: int, value: Any) -> None:
        """Write the value's bits."""
        memory.write(address, self.size, self.coerce(value).__kpy_word__())


class RefKind(Kind):
    """The address of a struct; `None` is 0. The class is looked up when it is first needed."""

    size = align = 8

    def __init__(self, target: Callable[[], Any], name: str, nullable: bool = False) -> None:
        self._target = target
        self._cls: Any = None
        self.nullable = nullable
        self.name = f"{name} | None" if nullable else name

    @property
    def cls(self) -> Any:
        """The class of the struct."""
        if self._cls is None:
            self._cls = self._target()
        return self._cls

    def coerce(self, value: Any) -> Any:
        """Accept references to structs of this class, and None if nullable."""
        if (value is None and self.nullable) or isinstance(value, self.cls):
            return value
        raise self.mismatch(value)

    def load(self, address: int) -> Any:
        """Return the reference at an address."""
        target = memory.read(address, 8)
        return self.cls.__kpy_place__(target) if target or not self.nullable else None

    def store(self, address: int, value: Any) -> None:
        """Write an address."""
        value = self.coerce(value)
        memory.write(address, 8, 0 if value is None else value.__kpy_address__)

    def or_none(self) -> Kind:
        """Return the nullable reference."""
        return RefKind(self._target, self.name, nullable=True)


class FunctionKind(Kind):
    """`Callable[[A], R]`: the address of a function."""

    size = align = 8

    def __init__(self, name: str, result: Callable[[], Kind] | None = None, nullable: bool = False) -> None:
        self.name = f"{name} | None" if nullable else name
        self._plain = name
        self.result = result
        self.nullable = nullable

    def coerce(self, value: Any) -> Any:
        """Accept functions, and None if nullable."""
        if (value is None and self.nullable) or (callable(value) and not isinstance(value, type)):
            return value
        raise self.mismatch(value)

    def load(self, address: int) -> Any:
        """Return the function whose address is stored."""
        return memory.function_at(memory.read(address, 8))

    def store(self, address: int, value: Any) -> None:
        """Write the address of a function."""
        value = self.coerce(value)
        memory.write(address, 8, 0 if value is None else memory.address_of_function(value))

    def or_none(self) -> Kind:
        """Return the nullable pointer."""
        return FunctionKind(self._plain, self.result, nullable=True)


class TupleKind(Kind):
    """`tuple[A, B]`."""

    def __init__(self, items: tuple[Kind, ...]) -> None:
        self.items = items
        self.name = f"tuple[{', '.join(map(str, items))}]"

    def coerce(self, value: Any) -> Any:
        """Coerce item by item."""
        if type(value) is not tuple or len(value) != len(self.items):
            raise self.mismatch(value)
        return tuple([kind.coerce(item) for kind, item in zip(self.items, value, strict=True)])


class NoneKind(Kind):
    """`None` as the result of a function."""

    name = "None"

    def coerce(self, value: Any) -> Any:
        """Accept None."""
        if value is not None:
            raise self.mismatch(value)


class AnyKind(Kind):
    """What is not checked: `str` templates, `*exc: object`, a type variable that nothing has bound."""

    name = "object"

    def coerce(self, value: Any) -> Any:
        """Accept everything."""
        return value


BOOL: Final = BoolKind()
NONE: Final = NoneKind()
ANY: Final = AnyKind()
_INTEGER_NAMES: Final[dict[str, Any]] = {c.__name__: c for c in Integer.__subclasses__()}
INTEGER_KINDS: Final[dict[type, IntKind]] = {c: IntKind(c) for c in Integer.__subclasses__()}


def evaluate(annotation: str, namespace: Namespace) -> Any:
    """Return what an annotation written as text says. Raises NameError for names that do not exist."""
    return eval(annotation, dict(namespace))  # noqa: S307 - the text stands in the module under test itself


def describe(annotation: Any, namespace: Namespace, storage: bool = False) -> Kind:
    """Return the kind that an annotation means; as `storage`, a struct is itself and no reference to it."""
    while isinstance(annotation, str):
        annotation = evaluate(annotation, namespace)
    hook = getattr(annotation, "__kpy_kind__", None)
    if hook is not None:
        kind: Kind = hook(storage, namespace)
        return kind
    if annotation is bool:
        return BOOL
    if annotation is None or annotation is type(None):
        return NONE
    if isinstance(annotation, type):
        if annotation in INTEGER_KINDS:
            return INTEGER_KINDS[annotation]
        if issubclass(annotation, enum.IntEnum):
            return EnumKind(annotation)
    return _describe_form(annotation, namespace, storage)


def _describe_form(annotation: Any, namespace: Namespace, storage: bool) -> Kind:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple:
        return TupleKind(tuple(describe(a, namespace) for a in arguments))
    if origin in (types.UnionType, typing.Union):
        others = [a for a in arguments if a is not type(None)]
        if len(others) == 1 and len(arguments) == 2:
            return describe(others[0], namespace, storage).or_none()
    if origin is collections.abc.Callable:
        return FunctionKind(str(annotation), lambda: describe(arguments[-1], namespace))
    if origin in (Final, typing.ClassVar):
        return describe(arguments[0], namespace, storage)
    if annotation in (str, object, typing.NoReturn, typing.Never) or isinstance(annotation, typing.TypeVar):
        return ANY
    if isinstance(annotation, typing.ForwardRef):
        return describe(annotation.__forward_arg__, namespace, storage)
    raise KernelTypeError(f"{annotation!r} is no type of Kernel Python")


class Form:
    """`Ref[P]`, `Array[T]`, `Volatile[T]`, `Atomic[T]`: an annotation with a parameter."""

    def __init__(self, name: str, argument: Any, kind: Callable[[Any, bool, Namespace], Kind]) -> None:
        self.name = name
        self.argument = argument
        self._kind = kind

    def __kpy_kind__(self, storage: bool, namespace: Namespace) -> Kind:
        """Return the kind that this means."""
        return self._kind(self.argument, storage, namespace)

    def __or__(self, other: object) -> Form:
        if other is not None:
            raise KernelTypeError(f"{self} | {other!r}: only `| None` means something")
        return Form(f"{self.name} | None", self.argument, lambda a, s, n: self._kind(a, s, n).or_none())

    def __repr__(self) -> str:
        argument = self.argument
        return f"{self.name}[{argument.__name__ if isinstance(argument, type) else argument}]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and (self.name, self.argument) == (other.name, other.argument)

    def __hash__(self) -> int:
        return hash((self.name, self.argument))


class Ref:
    """`Ref[P]`: in memory a pointer to a struct, where `P` alone would be the struct itself."""

    def __class_getitem__(cls, argument: Any) -> Form:
        return Form("Ref", argument, _ref_kind)


def _ref_kind(argument: Any, storage: bool, namespace: Namespace) -> Kind:
    def target() -> Any:
        cls = evaluate(argument, namespace) if isinstance(argument, str) else argument
        if not hasattr(cls, "__kpy_place__"):
            raise KernelTypeError(f"Ref[{cls!r}]: only structs are referred to")
        return cls

    return RefKind(target, argument if isinstance(argument, str) else getattr(argument, "__name__", str(argument)))


class Volatile:
    """`Volatile[T]`: storage whose every access happens; under CPython every access does."""

    def __class_getitem__(cls, argument: Any) -> Form:
        return Form("Volatile", argument, lambda a, _, n: describe(a, n, storage=False))
