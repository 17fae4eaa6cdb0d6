"""Expressions that must be known at compile time: array lengths, enum members, `Final` constants, static assertions."""

from __future__ import annotations

import ast

from exotool.compiler.dispatch import NoneValue, Operand, Untyped, check_operand, coerce
from exotool.compiler.scope import Scope
from exotool.compiler.text import Text
from exotool.compiler.tree import Constant
from exotool.compiler.types import BOOL, IntType, ValueType


def constant_operand(scope: Scope, node: ast.expr, expected: ValueType | None = None) -> Operand | None:
    """Return a value that is known at compile time, of the expected type if one is given."""
    operand = check_operand(scope, node, expected)
    if operand is None:
        return None
    if expected is not None:
        operand = coerce(scope, operand, expected)
    if operand is None or isinstance(operand, Constant | Untyped | NoneValue):
        return operand
    if isinstance(operand, Text) and all(isinstance(p, str) or isinstance(p.value, Constant) for p in operand.parts):
        return operand
    scope.error("C0230", node, "this is not known at compile time", "a constant is needed", "compute it in a function")
    return None


def constant_int(scope: Scope, node: ast.expr) -> int | None:
    """Return the value of a constant integer of any type."""
    operand = constant_operand(scope, node)
    match operand:
        case None:
            return None
        case Untyped(value=value):
            return value
        case Constant(value=int(value), type=IntType()):
            return value
    scope.error("C0230", node, "an integer constant is needed")
    return None


def static_assert(scope: Scope, node: ast.Assert) -> None:
    """Check an `assert` at module level."""
    operand = constant_operand(scope, node.test, BOOL)
    if isinstance(operand, Constant) and operand.value is False:
        text = "static assertion failed"
        match node.msg:
            case ast.Constant(value=str(message)):
                text += f": {message}"
        scope.error("C0231", node.test, text)
