"""`Array[T]`: elements in a row, with bounds.

A value is a view: the address of the first element and their number. `array(...)` says how much storage an annotated
name, field or static has, and what is in it.
"""

# ruff: noqa: ARG001, ARG002 - the signatures are those of the protocol, not of one method
from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from exotool.lang import frames
from exotool.lang.address_space import memory
from exotool.lang.integers import Integer, u64
from exotool.lang.kinds import Form, Kind, Namespace, describe, evaluate
from exotool.lang.traps import KernelTypeError, Reason, Trap


def index_of(value: Any) -> int:
    """Return an index as a number. Raises KernelTypeError for what is none."""
    if isinstance(value, Integer) or type(value) is int:
        return int(value)
    raise KernelTypeError(f"{value!r} as an index: an index is an integer")


class Array:
    """A view of `length` elements of one kind from `address` on."""

    __slots__ = ("__kpy_address__", "element", "length")

    def __init__(self, address: int, length: int, element: Kind) -> None:
        self.__kpy_address__ = address
        self.length = length
        self.element = element

    def __class_getitem__(cls, element: Any) -> Form:
        return Form("Array", element, _array_kind)

    def place(self, index: Any) -> int:
        """Return the address of an element. Traps where `self[index]` does."""
        number = index_of(index)
        if not 0 <= number < self.length:
            raise Trap(Reason.BOUNDS, f"index out of bounds: {number}, length {self.length}")
        return self.__kpy_address__ + number * self.element.size

    def __getitem__(self, index: Any) -> Any:
        if type(index) is slice:
            return self._slice(index)
        return self.element.load(self.place(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        if type(index) is slice:
            raise KernelTypeError("a slice is not assigned; write copy(destination, source)")
        self.element.store(self.place(index), value)

    def _slice(self, index: slice) -> Array:
        if index.step is not None:
            raise KernelTypeError("a slice has no step")
        start = 0 if index.start is None else index_of(index.start)
        stop = self.length if index.stop is None else index_of(index.stop)
        if not 0 <= start <= stop <= self.length:
            raise Trap(Reason.SLICE, f"slice out of bounds: {start} to {stop}, length {self.length}")
        return Array(self.__kpy_address__ + start * self.element.size, stop - start, self.element)

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Any]:
        for number in range(self.length):
            yield self.element.load(self.__kpy_address__ + number * self.element.size)

    def __bytes__(self) -> bytes:
        return memory.read_bytes(self.__kpy_address__, self.length * self.element.size)

    def __repr__(self) -> str:
        shown = ", ".join(repr(self[i]) for i in range(min(self.length, 16)))
        return f"Array[{self.element}]([{shown}{', ...' if self.length > 16 else ''}])"

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        """Compare with a list, tuple or bytes, for tests; programs do not compare arrays."""
        if isinstance(other, (list, tuple, bytes)):
            return list(self) == list(other)
        return NotImplemented


class ViewKind(Kind):
    """`Array[T]` where the length is not known."""

    def __init__(self, element: Kind) -> None:
        self.element = element
        self.name = f"Array[{element}]"

    def coerce(self, value: Any) -> Any:
        """Accept arrays with such elements; what a test gives as bytes, list or tuple gets storage."""
        if type(value) is Array:
            if not same_kind(value.element, self.element):
                raise self.mismatch(value)
            return value
        if type(value) is ArraySpec:
            return value.make(self.element)
        if isinstance(value, (bytes, bytearray, list, tuple)):
            return ArraySpec((), list(value), None).make(self.element)
        raise self.mismatch(value)


class ArrayKind(Kind):
    """Storage of known length."""

    def __init__(self, element: Kind, length: int) -> None:
        self.element = element
        self.length = length
        self.name = f"Array[{element}]"
        self.size = element.size * length
        self.align = element.align

    def coerce(self, value: Any) -> Any:
        """Accept arrays with such elements."""
        if type(value) is not Array or not same_kind(value.element, self.element):
            raise self.mismatch(value)
        return value

    def load(self, address: int) -> Any:
        """Return the array at an address."""
        return Array(address, self.length, self.element)

    def store(self, address: int, value: Any) -> None:
        """Refuse: whole arrays are copied, not assigned."""
        raise KernelTypeError("a whole array is not assigned; write copy(destination, source)")


def same_kind(a: Kind, b: Kind) -> bool:
    """Tell whether two kinds of elements are the same type."""
    if a is b:
        return True
    if isinstance(a, (ArrayKind, ViewKind)) and isinstance(b, (ArrayKind, ViewKind)):
        return same_kind(a.element, b.element)
    return type(a) is type(b) and a.name == b.name and getattr(a, "cls", None) is getattr(b, "cls", None)


def _array_kind(argument: Any, storage: bool, namespace: Namespace) -> Kind:
    if isinstance(argument, str):
        argument = evaluate(argument, namespace)
    return ViewKind(describe(argument, namespace, storage=True))


class ArraySpec:
    """What `array(...)` says: lengths, outermost first, or the elements."""

    __slots__ = ("elements", "frame", "lengths", "site")

    def __init__(self, lengths: tuple[int, ...], elements: list[Any] | None, frame: FrameType | None) -> None:
        self.lengths = lengths
        self.elements = elements
        self.frame = frame

    def kind(self, element: Kind) -> ArrayKind:
        """Return the storage for elements of a kind; in more dimensions the kind is a view's."""
        if self.elements is not None:
            inner = element
            first = self.elements[0] if self.elements else None
            if isinstance(element, ViewKind) and isinstance(first, (list, bytes)):
                inner = ArraySpec((), list(first), None).kind(element.element)
            return ArrayKind(inner, len(self.elements))
        return self._nested(element, self.lengths)

    def _nested(self, element: Kind, lengths: tuple[int, ...]) -> ArrayKind:
        if len(lengths) > 1:
            if not isinstance(element, ViewKind):
                raise KernelTypeError(f"array{self.lengths} of {element}: more lengths than the type has dimensions")
            return ArrayKind(self._nested(element.element, lengths[1:]), lengths[0])
        if isinstance(element, ViewKind):
            raise KernelTypeError(f"array{self.lengths} of {element}: a length for each dimension is needed")
        return ArrayKind(element, lengths[0])

    def storage_kind(self, annotation: Any, namespace: Namespace) -> Kind:
        """Return the storage for the annotation `Array[T]` of a field."""
        view = describe(annotation, namespace, storage=True)
        if not isinstance(view, ViewKind):
            raise KernelTypeError(f"array(...) for {view}")
        if self.elements is not None:
            raise KernelTypeError("the array of a field has a length and no elements")
        return self.kind(view.element)

    def make(self, element: Kind, read_only: bool = False, static: bool = False) -> Array:
        """Make the storage: in the frame of the function whose code says so, or static."""
        kind = self.kind(element)
        if static or self.frame is None:
            address = memory.allocate_static(kind.size, kind.align, read_only)
        else:
            address = frames.storage(kind.size, kind.align, self.frame)
            self.frame = None
        made = Array(address, kind.length, kind.element)
        if self.elements is not None:
            if read_only:
                memory.protect(address, kind.size, "rw")
            _fill(made, self.elements)
            if read_only:
                memory.protect(address, kind.size, "r")
        return made


def _fill(target: Array, elements: list[Any]) -> None:
    for number, value in enumerate(elements):
        if isinstance(value, (list, bytes)):
            _fill(target[number], list(value))
        else:
            target[number] = value


def array(*lengths: Any) -> Any:
    """Storage of an annotated name: `array(16)`, `array(25, 80)`, `array([1, 2, 3])` or `array(b"text")`."""
    frame = sys._getframe(1)
    if len(lengths) == 1 and isinstance(lengths[0], (list, tuple, bytes)):
        return ArraySpec((), list(lengths[0]), frame)
    numbers = tuple(index_of(n) for n in lengths)
    if not numbers or min(numbers) < 0:
        raise KernelTypeError(f"array{numbers}: lengths are not negative")
    return ArraySpec(numbers, None, frame)


def array_length(value: Any) -> u64:
    """Return `len(array)`."""
    return u64(value.length)
