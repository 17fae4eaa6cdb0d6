"""Recursion without a bound: the stack of a kernel is finite, so every cycle of calls says how deep it goes."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from exotool.compiler.flow_report import Reporter
from exotool.compiler.flow_walk import walk
from exotool.compiler.lower_cycles import Targets, call_cycles, pointed, pointer_targets
from exotool.compiler.tree import Call, CallPointer, Function, Span


def check_recursion(functions: Sequence[Function], reporter: Reporter) -> None:
    """Report (C0506) each cycle of the call graph with a function that no `@recursive(depth=N)` bounds.

    A call through a pointer counts as a call of every function of the pointer's type that is used as a value.
    """
    targets = pointer_targets(functions)
    seen: set[Function] = set()
    for function, cycle in call_cycles(functions).items():
        if function in seen:
            continue
        seen.update(cycle)
        unbounded = [member for member in cycle if not member.recursion]
        if unbounded:
            _report(unbounded[0], _way_round(unbounded[0], targets), reporter)


def _callees(function: Function, targets: Targets) -> list[tuple[Function, Span]]:
    found: list[tuple[Function, Span]] = []
    for node in walk(function.body or ()):
        if isinstance(node, Call):
            found.append((node.function, node.span))
        elif isinstance(node, CallPointer):
            found += [(target, node.span) for target in pointed(node, targets)]
    return found


def _way_round(start: Function, targets: Targets) -> list[tuple[Function, Span]]:
    """Return a shortest cycle through `start`: each function with the place of the call that goes on from it."""
    came: dict[Function, tuple[Function, Span]] = {}
    open_ = deque([start])
    while open_:
        function = open_.popleft()
        for callee, span in _callees(function, targets):
            if callee is start:
                way = [(function, span)]
                while way[0][0] is not start:
                    way.insert(0, came[way[0][0]])
                return way
            if callee not in came:
                came[callee] = (function, span)
                open_.append(callee)
    raise ValueError(f"{start.symbol} is in no cycle")


def _report(function: Function, way: Sequence[tuple[Function, Span]], reporter: Reporter) -> None:
    names = [member.name for member, _ in way] + [function.name]
    reporter.error(
        "C0506",
        f"`{function.name}` calls itself without a bound",
        function.span,
        " -> ".join(names),
        "the stack is finite: write a loop, or `@recursive(depth=N)` with the deepest nesting that can be",
        notes=tuple(reporter.note(f"`{member.name}` calls on", span) for member, span in way),
    )
