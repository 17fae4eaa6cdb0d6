"""Loops that wait for plain memory to change, which the compiler may read once and then never again.

A round that writes nothing, calls nothing that writes, reads nothing volatile or atomic, and takes no value over from
the round before, is the same as the one before it: such a loop with a condition on memory ends at once or never.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from exotool.compiler.flow_init import carried
from exotool.compiler.flow_report import Reporter
from exotool.compiler.flow_walk import walk
from exotool.compiler.tree import (
    Assign,
    AtomicOperation,
    Break,
    Call,
    CallPointer,
    Constant,
    Copy,
    CopyView,
    Evaluate,
    ForRange,
    Function,
    Intrinsic,
    IntrinsicOperator,
    Load,
    Local,
    Return,
    Store,
    Trap,
    Update,
    While,
    Zero,
)
from exotool.compiler.types import VolatileType


def acting(functions: Sequence[Function]) -> set[Function]:
    """Return the functions whose call may do more than compute: write, wait, or look at what others write."""
    known = {f for f in functions if f.body is None or any(_acts(node) for node in walk(f.body))}
    callers: dict[Function, list[Function]] = {}
    for function in functions:
        for node in walk(function.body or ()):
            if isinstance(node, Call):
                callers.setdefault(node.function, []).append(function)
    open_ = [*known]
    while open_:
        for caller in callers.get(open_.pop(), ()):
            if caller not in known:
                known.add(caller)
                open_.append(caller)
    return known


def _acts(node: object) -> bool:
    if isinstance(node, Store | Update | Zero | Copy | CopyView | CallPointer | AtomicOperation):
        return True
    if isinstance(node, Load):
        return isinstance(node.place.type, VolatileType)
    if isinstance(node, Call):
        return node.function.external
    return isinstance(node, Intrinsic) and node.operator is IntrinsicOperator.FENCE


def check_spins(function: Function, active: set[Function], reporter: Reporter) -> None:
    """Report (C0505) each loop of a function that waits for plain memory."""
    body = function.body or ()
    everything = frozenset(_locals(walk(body))) | frozenset(function.parameters)
    for node in walk(body):
        if isinstance(node, While):
            load = _waits_for(node, active, everything)
            if load is not None:
                reporter.error(
                    "C0505",
                    "this loop waits for plain memory to change",
                    load.span,
                    "read once by an optimised program; nothing in the loop changes it",
                    "declare what another processor or a device writes as `Atomic[T]` or `Volatile[T]`",
                )


def _waits_for(loop: While, active: set[Function], everything: frozenset[Local]) -> Load | None:
    nodes = list(walk((loop.test, *loop.body)))
    if any(_acts(node) or (isinstance(node, Call) and node.function in active) for node in nodes):
        return None
    endless = isinstance(loop.test, Constant)
    if endless and not any(isinstance(node, Break | Return | Trap) for node in nodes):
        return None
    changing = frozenset(_locals(nodes))
    if carried((Evaluate(loop.test, loop.span), *loop.body), changing, everything):
        return None
    return next((node for node in nodes if isinstance(node, Load)), None)


def _locals(nodes: Iterable[object]) -> Iterable[Local]:
    for node in nodes:
        if isinstance(node, Assign | ForRange):
            yield node.local
