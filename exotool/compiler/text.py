"""Text at compile time: literals and f-strings, which become arguments of template instances and calls of writers."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Final

from exotool.compiler.dispatch import Untyped, check_operand, coerce, handles, typed
from exotool.compiler.scope import Scope
from exotool.compiler.tree import Expression, Span
from exotool.compiler.types import (
    I64,
    U8,
    U64,
    ArrayType,
    BitsType,
    BoolType,
    EnumType,
    IntType,
    PtrType,
    RefType,
    ValueType,
    ViewType,
)

ZERO_FILL: Final = 1
PREFIX: Final = 2
UPPER: Final = 4
LEFT: Final = 8
PLUS: Final = 16

MAX_WIDTH: Final = 255
_SPEC = re.compile(r"([<>]?)(\+?)(#?)(0?)(\d{0,3})([dxXobc]?)")
_BASES: Final = {"": 10, "d": 10, "x": 16, "X": 16, "o": 8, "b": 2, "c": 0}


@dataclass(frozen=True, slots=True)
class Spec:
    """How a value is written: `base` 0 is one character; `flags` are those of the writers' interface."""

    base: int = 10
    width: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A value within a text."""

    value: Expression
    spec: Spec


@dataclass(frozen=True, slots=True)
class Text:
    """A literal or f-string: what is written, in order; no two literal parts stand side by side."""

    parts: tuple[str | Piece, ...]
    span: Span

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two texts the same template: everything but the values."""
        return tuple(p if isinstance(p, str) else (p.spec, p.value.type) for p in self.parts)

    @property
    def name_key(self) -> tuple[object, ...]:
        """The same in words that do not change from run to run."""
        return tuple(
            p if isinstance(p, str) else (p.spec.base, p.spec.width, p.spec.flags, str(p.value.type))
            for p in self.parts
        )


@handles(ast.JoinedStr)
def _f_string(scope: Scope, node: ast.JoinedStr, _expected: ValueType | None) -> Text | None:
    parts: list[str | Piece] = []
    ok = True
    with scope.at(scope.span(node)):
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                piece = _piece(scope, value)
                ok = ok and piece is not None
                if piece is not None:
                    parts.append(piece)
            elif isinstance(value, ast.Constant) and isinstance(value.value, str):
                if parts and isinstance(parts[-1], str):
                    parts[-1] += value.value
                else:
                    parts.append(value.value)
    return Text(tuple(parts), scope.span(node)) if ok else None


def _piece(scope: Scope, node: ast.FormattedValue) -> Piece | None:
    if node.conversion != -1:
        scope.error(
            "C0310", node, "conversions such as `!r` and `=` need a run-time `repr`", "", "write the name as text"
        )
        return None
    spec = _spec(scope, node.format_spec)
    operand = check_operand(scope, node.value)
    if spec is None or operand is None:
        return None
    if isinstance(operand, Text):
        scope.error("C0310", node, "text within text", "", "put it into the text itself")
        return None
    if isinstance(operand, Untyped):
        value = coerce(scope, operand, U64 if operand.value >= 0 else I64)
    else:
        value = typed(scope, operand)
    if value is None:
        return None
    match value.type:
        case RefType(target=ArrayType(element=element)) if element == U8:
            value = coerce(scope, value, ViewType(U8))
            plain = spec == Spec()
        case ViewType(element=element) if element == U8:
            plain = spec == Spec()
        case BoolType():
            plain = spec == Spec()
        case IntType() | EnumType() | BitsType() | PtrType():
            plain = True
        case other:
            scope.error("C0311", node, f"`{other}` cannot be written as text", "", "write its fields one by one")
            return None
    if value is None:
        return None
    if not plain:
        scope.error("C0312", node, f"a format for a `{value.type}`", "only numbers have one")
        return None
    return Piece(value, spec)


def _spec(scope: Scope, node: ast.expr | None) -> Spec | None:
    if node is None:
        return Spec()
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str(text))]):
            pass
        case ast.JoinedStr(values=[]):
            return Spec()
        case _:
            scope.error("C0312", node, "a format that is computed", "", "write the width as a number")
            return None
    found = _SPEC.fullmatch(text)
    if not found or (found[5] and int(found[5]) > MAX_WIDTH):
        scope.error("C0312", node, f"format `{text}`", "known are [<>][+][#][0][width][d x X o b c]")
        return None
    side, plus, prefix, zero, width, kind = found.groups()
    flags = (ZERO_FILL if zero else 0) | (PREFIX if prefix and kind not in ("", "d") else 0)
    flags |= (UPPER if kind == "X" else 0) | (LEFT if side == "<" else 0) | (PLUS if plus else 0)
    return Spec(_BASES[kind], int(width or 0), flags)
