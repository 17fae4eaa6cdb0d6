"""Ways through the typed tree that several flow analyses take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Final

from exotool.compiler.tree import (
    Assign,
    AtomicOperation,
    Binary,
    BitsGet,
    BitsReplace,
    Break,
    Call,
    CallPointer,
    Case,
    Compare,
    Conditional,
    Constant,
    Continue,
    Convert,
    Copy,
    CopyView,
    Element,
    Evaluate,
    Field,
    ForRange,
    FunctionAddress,
    GlobalPlace,
    If,
    Intrinsic,
    Length,
    Let,
    Load,
    Logic,
    MakeTuple,
    PtrDifference,
    PtrOffset,
    Read,
    Reference,
    Return,
    Scoped,
    Slice,
    Statement,
    StoragePlace,
    Store,
    Switch,
    Target,
    Trap,
    TupleItem,
    Unary,
    Update,
    View,
    While,
    Zero,
)

_LEAVES: Final = (Constant, FunctionAddress, GlobalPlace, StoragePlace, Break, Continue, Trap)
_INNER: Final = (
    *(Read, Load, Reference, View, Slice, Length, Unary, Binary, PtrOffset, PtrDifference, Compare, Logic, Conditional),
    *(Let, Convert, Call, CallPointer, MakeTuple, TupleItem, BitsGet, BitsReplace, AtomicOperation, Intrinsic),
    *(Target, Field, Element),
    *(Assign, Store, Update, Zero, Copy, CopyView, Evaluate, If, While, ForRange, Return, Case, Switch, Scoped),
)
NODES: Final = _LEAVES + _INNER
"""Every class of the tree that stands for a piece of the program's text."""

_NO_CHILDREN: Final = frozenset({"span", "type", "local", "operator", "function", "field", "order", "symbol"})


_PARTS: Final[dict[type, tuple[str, ...]]] = {
    kind: tuple(p.name for p in fields(kind) if p.name not in _NO_CHILDREN) for kind in _INNER
}


def children(node: object) -> Iterator[object]:
    """Give the nodes directly below `node`, statements of nested blocks included, in the order of the fields."""
    for name in _PARTS.get(type(node), ()):
        yield from _flat(getattr(node, name))


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        for item in value:
            yield from _flat(item)
    elif isinstance(value, NODES):
        yield value


def walk(nodes: Sequence[object]) -> Iterator[object]:
    """Give all nodes of a piece of the tree, each before what is below it."""
    open_ = list(reversed(nodes))
    while open_:
        node = open_.pop()
        yield node
        open_.extend(reversed(list(children(node))))


def own_parts(statement: Statement) -> tuple[object, ...]:
    """Return the expressions and places of a statement that are evaluated by itself, without those of its blocks."""
    match statement:
        case If(test=test) | While(test=test):
            return (test,)
        case ForRange(start=start, stop=stop):
            return (start, stop)
        case Switch(value=value):
            return (value,)
        case Scoped():
            return ()
        case _:
            return tuple(children(statement))
