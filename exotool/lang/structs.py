"""`Struct`: a class whose fields live in memory, laid out as C does (System V psABI for x86_64, section 3.1.2).

An object of the class is a reference: an address. Making one makes zeroed storage, in the frame of the calling function
or, at module level, static.
"""

# ruff: noqa: ARG002 - the signatures are those of the protocol, not of one method
from __future__ import annotations

import sys
import typing
from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar

from exotool.lang import frames
from exotool.lang.address_space import memory
from exotool.lang.arrays import ArraySpec
from exotool.lang.kinds import Kind, Namespace, RefKind, describe
from exotool.lang.traps import KernelTypeError, Reason, Trap


class StructKind(Kind):
    """A struct as storage: inline."""

    def __init__(self, cls: Any) -> None:
        self.cls = cls
        self.name = cls.__name__
        self.size, self.align = cls.__kpy_size__, cls.__kpy_align__

    def coerce(self, value: Any) -> Any:
        """Accept references to structs of this class."""
        if not isinstance(value, self.cls):
            raise self.mismatch(value)
        return value

    def load(self, address: int) -> Any:
        """Return a reference to the struct at an address."""
        return self.cls.__kpy_place__(address)

    def store(self, address: int, value: Any) -> None:
        """Refuse: whole structs are copied, not assigned."""
        raise KernelTypeError(f"a whole {self.name} is not assigned; write copy(destination, source)")


_new: Callable[[Any], Any] = object.__new__


class Field:
    """The descriptor of a field: what is stored there, and its offset from the start of the struct."""

    __slots__ = ("kind", "name", "offset")

    def __init__(self, name: str, kind: Kind, offset: int) -> None:
        self.name = name
        self.kind = kind
        self.offset = offset

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self if instance is None else self.kind.load(instance.__kpy_address__ + self.offset)

    def __set__(self, instance: Any, value: Any) -> None:
        self.kind.store(instance.__kpy_address__ + self.offset, value)


class UnlaidField:
    """Stands for a field until the struct is first used: then its type is known, and all fields get their offsets."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: Any) -> Any:
        owner.__kpy_lay_out__()
        return owner.__dict__[self.name].__get__(instance, owner) if self.name in owner.__dict__ else self

    def __set__(self, instance: Any, value: Any) -> None:
        type(instance).__kpy_lay_out__()
        setattr(instance, self.name, value)


def annotations_of(cls: type) -> dict[str, Any]:
    """Return the annotations that a class itself has, as written or as evaluated."""
    if sys.version_info >= (3, 14):
        import annotationlib

        return annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF)
    found: dict[str, Any] = cls.__dict__.get("__annotations__", {})  # noqa: RUF063 - unevaluated
    return found


class StructMeta(type):
    """Makes a class of fields into a layout."""

    __kpy_fields__: dict[str, Field]
    __kpy_options__: dict[str, Any]
    __kpy_arguments__: dict[str, Any]
    __kpy_defaults__: dict[str, Any]
    __kpy_instances__: dict[Any, StructMeta]
    __kpy_laid_out__: bool
    _size: int
    _align: int

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        packed: bool = False,
        align: int = 1,
        union: bool = False,
    ) -> StructMeta:
        """Make the class; its annotated names become fields."""
        namespace.setdefault("__slots__", ())
        cls = super().__new__(mcs, name, bases, namespace)
        cls.__kpy_options__ = {"packed": packed, "align": align, "union": union}
        cls.__kpy_fields__ = {}
        cls.__kpy_defaults__ = {}
        cls.__kpy_arguments__ = {}
        cls.__kpy_instances__ = {}
        cls.__kpy_laid_out__ = False
        for field, annotation in annotations_of(cls).items():
            if _is_constant(annotation) or field.startswith("__"):
                continue
            if field in cls.__dict__:
                cls.__kpy_defaults__[field] = cls.__dict__[field]
            type.__setattr__(cls, field, UnlaidField(field))
        return cls

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **_options: Any) -> None:
        super().__init__(name, bases, namespace)

    def __getitem__(cls, arguments: Any) -> StructMeta:
        """Return the instance of a generic struct for these types."""
        given = arguments if isinstance(arguments, tuple) else (arguments,)
        variables: tuple[Any, ...] = getattr(cls, "__parameters__", ())
        if len(given) != len(variables):
            raise KernelTypeError(f"{cls.__name__} has {len(variables)} type parameters, not {len(given)}")
        if any(isinstance(a, (TypeVar, str)) for a in given):
            return cls
        if given not in cls.__kpy_instances__:
            names = ", ".join(getattr(a, "__name__", str(a)) for a in given)
            made = StructMeta(f"{cls.__name__}[{names}]", (cls,), {"__module__": cls.__module__}, **cls.__kpy_options__)
            made.__kpy_arguments__ = {v.__name__: a for v, a in zip(variables, given, strict=True)}
            for field in annotations_of(cls):
                if isinstance(cls.__dict__.get(field), (UnlaidField, Field)):
                    type.__setattr__(made, field, UnlaidField(field))
            cls.__kpy_instances__[given] = made
        return cls.__kpy_instances__[given]

    @property
    def __kpy_size__(cls) -> int:
        cls.__kpy_lay_out__()
        return cls._size

    @property
    def __kpy_align__(cls) -> int:
        cls.__kpy_lay_out__()
        return cls._align

    def __kpy_kind__(cls, storage: bool, namespace: Namespace) -> Kind:
        """Return the struct itself as storage, a reference to it as a value."""
        return StructKind(cls) if storage else RefKind(lambda: cls, cls.__name__)

    def __kpy_place__(cls, address: int) -> Any:
        """Return a reference to the struct at an address."""
        self = _new(cls)
        object.__setattr__(self, "__kpy_address__", address)
        return self

    def __kpy_lay_out__(cls) -> None:
        """Give all fields their types and offsets, once."""
        if cls.__kpy_laid_out__:
            return
        cls.__kpy_laid_out__ = True
        source = next(c for c in cls.__mro__ if isinstance(c, StructMeta) and not c.__kpy_arguments__)
        namespace = {**vars(sys.modules[cls.__module__]), source.__name__: source, **cls.__kpy_arguments__}
        options = cls.__kpy_options__
        offset, align = 0, int(options["align"])
        for name, annotation in annotations_of(source).items():
            if not isinstance(cls.__dict__.get(name), UnlaidField):
                continue
            kind = _field_kind(annotation, source.__kpy_defaults__.get(name), namespace)
            need = 1 if options["packed"] else kind.align
            start = 0 if options["union"] else -(-offset // need) * need
            cls.__kpy_fields__[name] = Field(name, kind, start)
            type.__setattr__(cls, name, cls.__kpy_fields__[name])
            align = max(align, need)
            offset = max(offset, start + kind.size)
        cls._size = -(-offset // align) * align
        cls._align = align


def _field_kind(annotation: Any, default: Any, namespace: Namespace) -> Kind:
    if isinstance(default, ArraySpec):
        return default.storage_kind(annotation, namespace)
    if default is not None:
        raise KernelTypeError(f"a field has no default value; {default!r} is given in the constructor")
    return describe(annotation, namespace, storage=True)


def _is_constant(annotation: Any) -> bool:
    if isinstance(annotation, str):
        return annotation.startswith(("Final", "ClassVar", "typing.Final", "typing.ClassVar"))
    return annotation is Final or typing.get_origin(annotation) in (Final, ClassVar)


class Struct(metaclass=StructMeta):
    """The base of all structs."""

    __slots__ = ("__kpy_address__",)
    __kpy_address__: int

    def __init__(self, **fields: Any) -> None:
        cls = type(self)
        if getattr(cls, "__parameters__", ()) and not cls.__kpy_arguments__:
            raise KernelTypeError(f"{cls.__name__} is generic: write {cls.__name__}[...]()")
        address = frames.storage(cls.__kpy_size__, cls.__kpy_align__, sys._getframe(1))
        object.__setattr__(self, "__kpy_address__", address)
        for name, value in fields.items():
            if name not in cls.__kpy_fields__:
                raise KernelTypeError(f"{cls.__name__} has no field {name!r}")
            setattr(self, name, value)

    @classmethod
    def at(cls, address: Any) -> Any:
        """Return a reference to the struct at an address. Traps NULL when it is 0."""
        if int(address) == 0:
            raise Trap(Reason.NULL)
        return cls.__kpy_place__(int(address))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Struct) and self.__kpy_address__ == other.__kpy_address__

    def __hash__(self) -> int:
        return hash(self.__kpy_address__)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={field.__get__(self, None)!r}" for name, field in type(self).__kpy_fields__.items())
        return f"{type(self).__name__}({fields})" if memory.is_mapped(self.__kpy_address__) else object.__repr__(self)
