"""Cycles of the call graph: their functions count how many activations of each are open (`@recursive`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TypeAlias

from exotool.compiler.tree import Call, CallPointer, Function, Global, Local, LocalStorage, Span
from exotool.compiler.types import FunctionType, ResultType, StructField, ValueType

Targets: TypeAlias = Mapping[tuple[tuple[ValueType, ...], ResultType], Sequence[Function]]


def call_cycles(functions: Sequence[Function]) -> dict[Function, tuple[Function, ...]]:
    """Return, for each function that may come to call itself, all functions of its cycle in the order of the program.

    Tarjan's algorithm for strongly connected components, with a stack of its own: call chains may be long.
    """
    order = {function: index for index, function in enumerate(functions)}
    targets = pointer_targets(functions)
    callees = {f: list(dict.fromkeys(c for c in called(f.body or (), targets) if c in order)) for f in functions}
    cycles: dict[Function, tuple[Function, ...]] = {}
    index: dict[Function, int] = {}
    low: dict[Function, int] = {}
    open_: list[Function] = []
    pending: set[Function] = set()
    for root in functions:
        if root in index:
            continue
        work: list[tuple[Function, Iterator[Function]]] = []
        _enter(root, index, low, open_, pending)
        work.append((root, iter(callees[root])))
        while work:
            function, rest = work[-1]
            for callee in rest:
                if callee not in index:
                    _enter(callee, index, low, open_, pending)
                    work.append((callee, iter(callees[callee])))
                    break
                if callee in pending:
                    low[function] = min(low[function], index[callee])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[function])
                if low[function] == index[function]:
                    component = open_[open_.index(function) :]
                    del open_[open_.index(function) :]
                    if len(component) > 1 or function in callees[function]:
                        cycle = tuple(sorted(component, key=order.__getitem__))
                        cycles |= dict.fromkeys(component, cycle)
                    pending.difference_update(component)
    return {function: cycles[function] for function in functions if function in cycles}


def _enter(
    function: Function,
    index: dict[Function, int],
    low: dict[Function, int],
    open_: list[Function],
    pending: set[Function],
) -> None:
    index[function] = low[function] = len(index)
    open_.append(function)
    pending.add(function)


def pointer_targets(functions: Sequence[Function]) -> Targets:
    """Return the functions that are used as values, by the types of their parameters and result."""
    targets: dict[tuple[tuple[ValueType, ...], ResultType], list[Function]] = {}
    for function in functions:
        if function.address_taken:
            targets.setdefault((function.type.parameters, function.type.result), []).append(function)
    return targets


def pointed(node: CallPointer, targets: Targets) -> Sequence[Function]:
    """Return the functions that a call through a pointer may reach: those of the pointer's type."""
    kind = node.callee.type
    return targets.get((kind.parameters, kind.result), ()) if isinstance(kind, FunctionType) else ()


def called(node: object, targets: Targets) -> Iterator[Function]:
    """Give the functions that a part of the tree may call, by name or through a pointer."""
    if isinstance(node, Call):
        yield node.function
    elif isinstance(node, CallPointer):
        yield from pointed(node, targets)
    if isinstance(node, tuple):
        for item in node:
            yield from called(item, targets)
    elif is_dataclass(node) and not isinstance(node, Function | Global | Local | LocalStorage | Span | StructField):
        for part in fields(node):
            value = getattr(node, part.name)
            if isinstance(value, tuple) or is_dataclass(value):
                yield from called(value, targets)
