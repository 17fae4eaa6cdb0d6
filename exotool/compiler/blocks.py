"""How statements are checked: the state along a function's body, and a handler for each kind of statement.

`Checker` walks a body in order and keeps `scope.not_none`, the nullable variables known not to be None, right: what a
branch learns holds inside of it; where ways meet, what all of them know; in a loop nothing about what it assigns.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from exotool.compiler.flow_walk import children
from exotool.compiler.refused import refuse
from exotool.compiler.scope import Scope
from exotool.compiler.tree import (
    Break,
    Call,
    CallPointer,
    Constant,
    Continue,
    Evaluate,
    ForRange,
    If,
    Local,
    Reason,
    Return,
    Scoped,
    Statement,
    Switch,
    Trap,
    While,
)
from exotool.compiler.types import NeverType


@dataclass(slots=True)
class Loop:
    """A loop around the current statement: what is known where `break` leaves it."""

    at_breaks: list[frozenset[Local]] = field(default_factory=list)


class Checker:
    """One function's body under check."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.loops: list[Loop] = []

    def block(self, nodes: Sequence[ast.stmt]) -> tuple[Statement, ...]:
        """Check statements in order."""
        found: list[Statement] = []
        for node in nodes:
            found += self.statement(node)
        return tuple(found)

    def statement(self, node: ast.stmt) -> list[Statement]:
        """Check one statement; an error in it leaves it out, or leaves a trap where it would end the way."""
        handler = HANDLERS.get(type(node))
        if handler is None:
            refuse(self.scope, node)
            for name in bound_names(node):
                self.scope.bindings.setdefault(name, None)
            return []
        return handler(self, node)

    def branch(
        self, nodes: Sequence[ast.stmt], known: Iterable[Local]
    ) -> tuple[tuple[Statement, ...], frozenset[Local] | None]:
        """Check a block at whose start `known` are not None besides what is known already.

        Returns it with what is known at its end, None if no way leads there.
        """
        before = self.scope.not_none
        self.scope.not_none = before | frozenset(known)
        body = self.block(nodes)
        after = self.scope.not_none if falls_through(body) else None
        self.scope.not_none = before
        return body, after

    def meet(self, *states: frozenset[Local] | None) -> None:
        """Go on knowing what all the ways know that come together here."""
        reached = [state for state in states if state is not None]
        if reached:
            self.scope.not_none = frozenset.intersection(*reached)

    def forget_assigned(self, nodes: Sequence[ast.stmt]) -> None:
        """At the head of a loop: what its body assigns may be None again in the next round."""
        names = set(assigned_names(nodes))
        self.scope.not_none = frozenset(local for local in self.scope.not_none if local.name not in names)

    def stop(self, node: ast.AST) -> list[Statement]:
        """Return what stands for a statement that ends the way but has an error: the rest needs no second message."""
        return [Trap(Reason.UNREACHABLE, "", self.scope.span(node))]


Handler = Callable[[Checker, ast.stmt], list[Statement]]
HANDLERS: Final[dict[type[ast.stmt], Handler]] = {}

_N = TypeVar("_N", bound=ast.stmt)


def handles(
    *kinds: type[_N],
) -> Callable[[Callable[[Checker, _N], list[Statement]]], Callable[[Checker, _N], list[Statement]]]:
    """Register a function as the handler of some kinds of statements."""

    def register(handler: Callable[[Checker, _N], list[Statement]]) -> Callable[[Checker, _N], list[Statement]]:
        def handle(checker: Checker, node: ast.stmt) -> list[Statement]:
            return handler(checker, cast(_N, node))

        HANDLERS.update(dict.fromkeys(kinds, handle))
        return handler

    return register


def assigned_names(nodes: Sequence[ast.stmt]) -> Iterator[str]:
    """Give the names that some statements, with all below them, assign."""
    for node in nodes:
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id


def bound_names(node: ast.stmt) -> Iterator[str]:
    """Give all names that a statement binds, also as a definition or import."""
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=shorter):
                yield shorter or name.partition(".")[0]


def falls_through(statements: Sequence[Statement]) -> bool:
    """Tell whether a way leads to the end of a block."""
    return not any(_ends(statement) for statement in statements)


def _ends(statement: Statement) -> bool:
    match statement:
        case Return() | Break() | Continue() | Trap():
            return True
        case Evaluate(value=Call() | CallPointer() as call):
            return isinstance(call.type, NeverType)
        case If(then=then, otherwise=otherwise):
            return not falls_through(then) and not falls_through(otherwise)
        case While(test=Constant(value=True), body=body):
            return not any(_breaks(inner) for inner in body)
        case Switch(cases=cases, default=default):
            blocks = [case.body for case in cases] + ([default] if default is not None else [])
            return not any(map(falls_through, blocks))
        case Scoped(body=body):
            return not falls_through(body)
        case _:
            return False


def _breaks(node: object) -> bool:
    """Tell whether a part of a loop's body leaves the loop by `break`; one in a loop inside leaves that one."""
    if isinstance(node, Break):
        return True
    if isinstance(node, While | ForRange):
        return any(map(_breaks, node.otherwise))
    return any(map(_breaks, children(node)))
