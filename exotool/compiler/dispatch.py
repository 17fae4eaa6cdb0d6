"""How one expression is checked: the handler of its kind gives an operand, and the context makes a value of it.

The handlers stand in files by topic and register here, so that they can check their parts without importing each
other; `expressions` imports them all.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from exotool.compiler.scope import Scope
from exotool.compiler.tree import Expression, Span
from exotool.compiler.types import ValueType

if TYPE_CHECKING:
    from exotool.compiler.text import Text


@dataclass(frozen=True, slots=True)
class Untyped:
    """A number without a width: a bare literal, or arithmetic on such. It takes the type of its context."""

    value: int
    span: Span


@dataclass(frozen=True, slots=True)
class NoneValue:
    """`None` as a value: a null of whatever nullable type the context has."""

    span: Span


Operand: TypeAlias = "Expression | Untyped | NoneValue | Text"
"""What a handler gives: a typed value, or something that only a context gives a type."""

Handler: TypeAlias = Callable[[Scope, "ast.expr", "ValueType | None"], "Operand | None"]
HANDLERS: dict[type[ast.expr], Handler] = {}

_N = TypeVar("_N", bound=ast.expr)


def handles(
    kind: type[_N],
) -> Callable[[Callable[[Scope, _N, ValueType | None], Operand | None]], Callable[[Scope, _N, ValueType | None], Operand | None]]:
    """Register a function as the handler of one kind of syntax node."""

    def register(
        handler: Callable[[Scope, _N, ValueType | None], Operand | None],
    ) -> Callable[[Scope, _N, ValueType | None], Operand | None]:
        def handle(scope: Scope, node: ast.expr, expected: ValueType | None) -> Operand | None:
            assert isinstance(node, kind)
            return handler(scope, node, expected)

        HANDLERS[kind] = handle
        return handler

    return register
