"""`Atomic[T]`: storage that only atomic operations reach, each with a memory order of C11."""

# ruff: noqa: ARG002 - the signatures are those of the protocol, not of one method
from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

from exotool.lang.integers import Integer, wrap
from exotool.lang.kinds import Form, IntKind, Kind, describe
from exotool.lang.traps import KernelTypeError


class Order(enum.Enum):
    """Memory orders, with the names of C11 (section 7.17.3). On one simulated CPU they are all the same."""

    RELAXED = "monotonic"
    ACQUIRE = "acquire"
    RELEASE = "release"
    ACQ_REL = "acq_rel"
    SEQ_CST = "seq_cst"


class Atomic:
    """A place of atomic storage. Read-modify-write operations give the old value; `cas` tells whether it exchanged."""

    __slots__ = ("__kpy_address__", "kind")

    def __init__(self, address: int, kind: Kind) -> None:
        self.__kpy_address__ = address
        self.kind = kind

    def __class_getitem__(cls, argument: Any) -> Form:
        return Form("Atomic", argument, lambda a, _, n: AtomicKind(describe(a, n)))

    def load(self, *, order: Order = Order.SEQ_CST) -> Any:
        """Return the value."""
        _allow(order, "load", Order.RELEASE, Order.ACQ_REL)
        return self.kind.load(self.__kpy_address__)

    def store(self, value: Any, *, order: Order = Order.SEQ_CST) -> None:
        """Set the value."""
        _allow(order, "store", Order.ACQUIRE, Order.ACQ_REL)
        self.kind.store(self.__kpy_address__, value)

    def swap(self, value: Any, *, order: Order = Order.SEQ_CST) -> Any:
        """Set the value and return the old one."""
        _allow(order, "swap")
        old = self.kind.load(self.__kpy_address__)
        self.kind.store(self.__kpy_address__, value)
        return old

    def cas(self, expected: Any, new: Any, *, order: Order = Order.SEQ_CST) -> bool:
        """Set the value to `new` if it is `expected`; tell whether it was."""
        _allow(order, "cas")
        expected, new = self.kind.coerce(expected), self.kind.coerce(new)
        if self.kind.load(self.__kpy_address__) != expected:
            return False
        self.kind.store(self.__kpy_address__, new)
        return True

    def _update(self, value: Any, order: Order, compute: Callable[[int, int], int]) -> Any:
        _allow(order, "this operation")
        if not isinstance(self.kind, IntKind):
            raise KernelTypeError(f"arithmetic on Atomic[{self.kind}]: only integers have it")
        old: Integer = self.kind.load(self.__kpy_address__)
        new = wrap(self.kind.cls, compute(int(old), int(self.kind.coerce(value))))
        self.kind.store(self.__kpy_address__, new)
        return old

    def add(self, value: Any, *, order: Order = Order.SEQ_CST) -> Any:
        """Add, modulo the width, and return the old value."""
        return self._update(value, order, int.__add__)

    def sub(self, value: Any, *, order: Order = Order.SEQ_CST) -> Any:
        """Subtract, modulo the width, and return the old value."""
        return self._update(value, order, int.__sub__)

    def and_(self, value: Any, *, order: Order = Order.SEQ_CST) -> Any:
        """Clear bits and return the old value."""
        return self._update(value, order, int.__and__)

    def or_(self, value: Any, *, order: Order = Order.SEQ_CST) -> Any:
        """Set bits and return the old value."""
        return self._update(value, order, int.__or__)

    def xor(self, value: Any, *, order: Order = Order.SEQ_CST) -> Any:
        """Flip bits and return the old value."""
        return self._update(value, order, int.__xor__)

    def __eq__(self, other: object) -> bool:
        raise KernelTypeError("an Atomic has methods only: compare what load() gives")

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise KernelTypeError("an Atomic has methods only: use load()")

    def __repr__(self) -> str:
        return f"Atomic({self.kind.load(self.__kpy_address__)!r})"


def _allow(order: Order, what: str, *refused: Order) -> None:
    if order in refused:
        raise KernelTypeError(f"{order} is no order for {what}")


class AtomicKind(Kind):
    """Atomic storage of a scalar."""

    def __init__(self, target: Kind) -> None:
        self.target = target
        self.name = f"Atomic[{target}]"
        self.size, self.align = target.size, target.align

    def coerce(self, value: Any) -> Any:
        """Accept atomics of the same type."""
        if isinstance(value, Atomic) and value.kind.name == self.target.name:
            return value
        raise self.mismatch(value)

    def load(self, address: int) -> Any:
        """Return the atomic at an address."""
        return Atomic(address, self.target)

    def store(self, address: int, value: Any) -> None:
        """Refuse: an atomic has methods only."""
        raise KernelTypeError("an Atomic is not assigned; write store(value)")


def fence(order: Order = Order.SEQ_CST) -> None:
    """Order memory accesses between CPUs."""
    _allow(order, "a fence", Order.RELAXED)
