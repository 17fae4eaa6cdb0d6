"""The words of proofs under CPython: a proof is run for one choice of everything that it leaves open.

`exotool verify` proves a function decorated with `@proof` for all choices. Here a `Source` chooses: the replay of a
counterexample gives the values that the solver found, a test gives random ones (`exotool.verify.sampling`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from exotool.lang.address_space import memory
from exotool.lang.arrays import Array
from exotool.lang.bitrecords import Bits
from exotool.lang.functions import models
from exotool.lang.kinds import BoolKind, EnumKind, IntKind, Kind, RefKind, describe
from exotool.lang.structs import Struct
from exotool.lang.traps import KernelTypeError, Reason, Trap

Function = Callable[..., Any]

_models: Final[dict[str, dict[str, Function]]] = {}


class Rejected(Exception):  # noqa: N818 - no error: the choice is none that the proof speaks of
    """An assumption does not hold for the values that were chosen."""


class Source(Protocol):
    """Who chooses what a proof leaves open."""

    def number(self, minimum: int, maximum: int) -> int:
        """Return an integer between two, both inclusive."""

    def member(self, values: list[int]) -> int:
        """Return one of the values of an enum, which are in order."""

    def fill(self, what: Struct | Array) -> None:
        """Write any content that the type can have to a struct or array in `memory`."""


_source: Source | None = None


@contextmanager
def choosing(source: Source) -> Iterator[None]:
    """Within the block, `source` chooses."""
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before


def proof(function: Any = None, *, unroll: int = 0, traps: Reason | None = None) -> Any:
    """Say that a function is a proof: for all arguments that it does not rule out, none of its assertions fails.

    No loop whose end depends on them runs more than `unroll` rounds; with `traps` every execution ends in that trap.
    """

    def decorate(decorated: Function) -> Function:
        decorated.__kpy_proof__ = (unroll, traps)  # type: ignore[attr-defined]
        return decorated

    return decorate if function is None else decorate(function)


def model(symbol: str) -> Any:
    """Let the function stand for an extern in the proofs of its module."""

    def decorate(function: Function) -> Function:
        _models.setdefault(function.__module__, {})[symbol] = function
        return function

    return decorate


def assume(condition: bool) -> None:
    """Rule out what does not fulfil a condition. Raises `Rejected`."""
    if type(condition) is not bool:
        raise KernelTypeError(f"assume({condition!r}): a bool is needed")
    if not condition:
        raise Rejected


def arbitrary(kind: Any) -> Any:
    """Return any value of a type: an integer, `bool`, enum or bit record."""
    return choose(describe(kind, sys._getframe(1).f_globals))


def havoc(what: Any) -> None:
    """Let a struct or array have any content."""
    if not isinstance(what, (Struct, Array)):
        raise KernelTypeError(f"havoc({what!r}): a struct or an array is needed")
    _chooser().fill(what)


def provide_memory(address: int, size: int) -> None:
    """Let there be zeroed memory at an address."""
    memory.map(int(address), int(size))
    memory.zero(int(address), int(size))


def choose(kind: Kind) -> Any:
    """Return any value of a kind."""
    source = _chooser()
    match kind:
        case IntKind(cls=cls):
            return cls(source.number(cls.MINIMUM, cls.MAXIMUM))
        case BoolKind():
            return source.number(0, 1) != 0
        case EnumKind(cls=cls):
            return cls(source.member(sorted(int(value) for value in cls._value2member_map_)))
        case Kind(cls=type() as cls) if issubclass(cls, Bits):  # type: ignore[misc]
            return cls(source.number(0, (1 << (8 * kind.size)) - 1))
    raise KernelTypeError(f"arbitrary({kind}): an integer, bool, enum or bit record is needed")


def _chooser() -> Source:
    if _source is None:
        raise LookupError("a proof runs in `exotool verify`, or with exotool.verify.sampling in a test")
    return _source


def run_proof(function: Function, source: Source) -> None:
    """Run a proof for the arguments, and all else that it leaves open, that a source chooses.

    Raises `Rejected` when the proof does not speak of them, and what the proof raises: `Trap` or `Fault`. A proof that
    expects a trap returns when it comes, and raises `Trap` UNREACHABLE if it ends without.
    """
    _, expected = function.__kpy_proof__  # type: ignore[attr-defined]
    found: dict[str, Function] = {}
    for name in sorted(_models, key=lambda name: name == function.__module__):
        found |= _models[name]
    with choosing(source), models(**found):
        arguments = [
            _argument(describe(annotation, function.__globals__))
            for name, annotation in function.__annotations__.items()
            if name != "return"
        ]
        try:
            function(*arguments)
        except Trap as trap:
            if trap.reason is not expected:
                raise
            return
    if expected is not None:
        raise Trap(Reason.UNREACHABLE, f"the proof ends without the trap {expected.name}")


def _argument(kind: Kind) -> Any:
    if not isinstance(kind, RefKind) or kind.nullable:
        return choose(kind)
    made = kind.cls.__kpy_place__(memory.allocate_static(kind.cls.__kpy_size__, kind.cls.__kpy_align__))
    _chooser().fill(made)
    return made
