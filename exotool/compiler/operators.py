"""Arithmetic: which type the operands meet in, what is refused, and the folding of constants."""

from __future__ import annotations

import ast
from typing import Final

from exotool.compiler.dispatch import (
    NoneValue,
    Operand,
    Untyped,
    check_operand,
    coerce,
    convert,
    handles,
    kind_of,
    typed,
)
from exotool.compiler.scope import Scope, sure
from exotool.compiler.text import Text
from exotool.compiler.tree import (
    Binary,
    BinaryOperator,
    Constant,
    Expression,
    PtrDifference,
    PtrOffset,
    Span,
    Unary,
    UnaryOperator,
)
from exotool.compiler.types import I64, BoolType, EnumType, IntType, PtrType, UserPtrType, ValueType

MAX_BITS: Final = 256
"""Numbers without a width may grow to this; anything larger fits no type anyway."""

OPERATORS: Final[dict[type[ast.operator], BinaryOperator]] = {
    ast.Add: BinaryOperator.ADD,
    ast.Sub: BinaryOperator.SUBTRACT,
    ast.Mult: BinaryOperator.MULTIPLY,
    ast.FloorDiv: BinaryOperator.FLOOR_DIVIDE,
    ast.Mod: BinaryOperator.MODULO,
    ast.BitAnd: BinaryOperator.AND,
    ast.BitOr: BinaryOperator.OR,
    ast.BitXor: BinaryOperator.XOR,
    ast.LShift: BinaryOperator.SHIFT_LEFT,
    ast.RShift: BinaryOperator.SHIFT_RIGHT,
}
_SHIFTS: Final = (BinaryOperator.SHIFT_LEFT, BinaryOperator.SHIFT_RIGHT)
_DIVISIONS: Final = (BinaryOperator.FLOOR_DIVIDE, BinaryOperator.MODULO)


@handles(ast.BinOp)
def _binary(scope: Scope, node: ast.BinOp, _expected: ValueType | None) -> Operand | None:
    if isinstance(node.op, ast.Pow | ast.Div | ast.MatMult) and not isinstance(node.op, ast.Pow):
        refuse_operator(scope, node, node.op)
        return None
    # Operands meet in a type of their own, whatever the result is wanted for: arithmetic of `u8` stays in 8 bits.
    left, right = check_operand(scope, node.left), check_operand(scope, node.right)
    if left is None or right is None:
        return None
    span = scope.span(node)
    if isinstance(node.op, ast.Pow):
        return _power(scope, node, left, right, span)
    return combine(scope, OPERATORS[type(node.op)], left, right, span)


def refuse_operator(scope: Scope, where: ast.AST, operator: ast.operator) -> None:
    """Report an operator that the language has not."""
    name, help_ = {
        ast.Div: ("/", "`//` divides integers, rounding down"),
        ast.Pow: ("**", "multiply, or shift: `1 << n`"),
        ast.MatMult: ("@", "there are no matrices"),
    }[type(operator)]
    scope.error("C0320", where, f"`{name}` is no operator of Kernel Python", "", help_)


def _power(scope: Scope, node: ast.BinOp, left: Operand, right: Operand, span: Span) -> Operand | None:
    if not isinstance(left, Untyped) or not isinstance(right, Untyped):
        refuse_operator(scope, node, node.op)
        return None
    if right.value < 0 or left.value.bit_length() * right.value > MAX_BITS:
        scope.error("C0321", span, "the constant is too large", f"numbers have up to {MAX_BITS} bits")
        return None
    return Untyped(left.value**right.value, span)


def combine(scope: Scope, operator: BinaryOperator, left: Operand, right: Operand, span: Span) -> Operand | None:
    """Apply an operator to two operands."""
    if isinstance(left, Untyped) and isinstance(right, Untyped):
        value = _compute(scope, operator, left.value, right.value, span)
        return None if value is None else Untyped(value, span)
    if not isinstance(left, Untyped | NoneValue | Text) and isinstance(left.type, PtrType | UserPtrType):
        return _pointer(scope, operator, left, right, span)
    if operator in _SHIFTS:
        return _shift(scope, operator, left, right, span)
    if _is_bool(left) and _is_bool(right) and operator.name in ("AND", "OR", "XOR"):
        words = {"AND": "and", "OR": "or", "XOR": "!="}
        scope.error("C0322", span, f"`{operator.value}` on `bool`", "", f"write `{words[operator.name]}`")
        return None
    both = common(scope, left, right, span, f"`{operator.value}`")
    if both is None:
        return None
    a, b = both
    kind = sure(a.type, IntType)
    if isinstance(b, Constant) and b.value == 0 and operator in _DIVISIONS:
        scope.error("C0323", b.span, "division by zero")
        return None
    if isinstance(a, Constant) and isinstance(b, Constant) and a.value is not None and b.value is not None:
        value = _compute(scope, operator, int(a.value), int(b.value), span)
        return None if value is None else _fitted(scope, value, kind, span)
    return Binary(operator, a, b, kind, span)


def _fitted(scope: Scope, value: int, kind: IntType, span: Span) -> Constant | None:
    if kind.wrap(value) != value and not scope.wrapping:
        scope.error("C0324", span, f"the result {value} overflows {kind}", f"it holds {kind.minimum} to {kind.maximum}")
        return None
    return Constant(kind.wrap(value), kind, span)


def _is_bool(operand: Operand) -> bool:
    return not isinstance(operand, Untyped | NoneValue | Text) and isinstance(operand.type, BoolType)


def _compute(scope: Scope, operator: BinaryOperator, a: int, b: int, span: Span) -> int | None:
    if operator in _DIVISIONS and b == 0:
        scope.error("C0323", span, "division by zero")
        return None
    if operator in _SHIFTS and not 0 <= b <= MAX_BITS:
        scope.error("C0325", span, f"a shift by {b}", f"numbers have up to {MAX_BITS} bits")
        return None
    match operator:
        case BinaryOperator.ADD:
            value = a + b
        case BinaryOperator.SUBTRACT:
            value = a - b
        case BinaryOperator.MULTIPLY:
            value = a * b
        case BinaryOperator.FLOOR_DIVIDE:
            value = a // b
        case BinaryOperator.MODULO:
            value = a % b
        case BinaryOperator.AND:
            value = a & b
        case BinaryOperator.OR:
            value = a | b
        case BinaryOperator.XOR:
            value = a ^ b
        case BinaryOperator.SHIFT_LEFT:
            value = a << b
        case BinaryOperator.SHIFT_RIGHT:
            value = a >> b
    if value.bit_length() > MAX_BITS:
        scope.error("C0321", span, "the constant is too large", f"numbers have up to {MAX_BITS} bits")
        return None
    return value


def _shift(scope: Scope, operator: BinaryOperator, left: Operand, right: Operand, span: Span) -> Operand | None:
    if isinstance(left, Untyped):
        scope.error(
            "C0326",
            left.span,
            "a number alone has no width to be shifted in",
            "",
            f"write `u64({left.value}) {operator.value} ...`",
        )
        return None
    a = typed(scope, left)
    if a is None:
        return None
    if not isinstance(a.type, IntType):
        not_a_number(scope, a, f"`{operator.value}`")
        return None
    if isinstance(right, Untyped):
        if not 0 <= right.value < a.type.bits:
            scope.error("C0325", right.span, f"a shift by {right.value}", f"`{a.type}` has {a.type.bits} bits")
            return None
        b: Expression | None = Constant(right.value, a.type, right.span)
    else:
        b = typed(scope, right)
    if b is None:
        return None
    if not isinstance(b.type, IntType):
        not_a_number(scope, b, f"`{operator.value}`")
        return None
    if isinstance(b, Constant) and b.value is not None:
        if not 0 <= b.value < a.type.bits:
            scope.error("C0325", b.span, f"a shift by {b.value}", f"`{a.type}` has {a.type.bits} bits")
            return None
        if isinstance(a, Constant) and a.value is not None:
            x, n = int(a.value), int(b.value)
            return Constant(a.type.wrap(x << n if operator is BinaryOperator.SHIFT_LEFT else x >> n), a.type, span)
    return Binary(operator, a, b, a.type, span)


def not_a_number(scope: Scope, value: Expression, what: str) -> None:
    """Report a value that is no integer where one is needed."""
    help_: tuple[str, ...] = ()
    if isinstance(value.type, BoolType | EnumType) or type(value.type).__name__ == "BitsType":
        help_ = ("convert it: `u64(...)`",)
    scope.error("C0327", value.span, f"{what} on `{value.type}`, which is no number", "", *help_)


def common(scope: Scope, left: Operand, right: Operand, span: Span, what: str) -> tuple[Expression, Expression] | None:
    """Bring two integers to the type that holds the values of both; a bare number takes the other's type."""
    if isinstance(left, Untyped) and not isinstance(right, Untyped):
        b = typed(scope, right)
        if b is not None and not isinstance(b.type, IntType):
            not_a_number(scope, b, what)
            return None
        a = coerce(scope, left, kind_of(b)) if b is not None else None
        return None if a is None or b is None else (a, b)
    a = typed(scope, left)
    if a is None:
        return None
    if not isinstance(a.type, IntType):
        not_a_number(scope, a, what)
        return None
    b = coerce(scope, right, kind_of(a)) if isinstance(right, Untyped) else typed(scope, right)
    if b is None:
        return None
    if not isinstance(b.type, IntType):
        not_a_number(scope, b, what)
        return None
    if a.type.holds(b.type):
        return a, convert(b, a.type)
    if b.type.holds(a.type):
        return convert(a, b.type), b
    scope.error(
        "C0328",
        span,
        f"{what} of `{a.type}` and `{b.type}`",
        "neither type holds the values of the other",
        f"write `{a.type}(...)` or `{b.type}(...)` around one of them",
    )
    return None


def _pointer(scope: Scope, operator: BinaryOperator, left: Expression, right: Operand, span: Span) -> Operand | None:
    if operator not in (BinaryOperator.ADD, BinaryOperator.SUBTRACT):
        scope.error("C0329", span, f"`{operator.value}` on a pointer", "", "write `u64(p)` for the address")
        return None
    count = coerce(scope, right, I64) if isinstance(right, Untyped) else typed(scope, right)
    if count is None:
        return None
    if isinstance(count.type, PtrType) and count.type == left.type and operator is BinaryOperator.SUBTRACT:
        return PtrDifference(left, count, I64, span)
    if not isinstance(count.type, IntType):
        not_a_number(scope, count, f"`{operator.value}`")
        return None
    return PtrOffset(left, count, operator is BinaryOperator.SUBTRACT, kind_of(left), span)


@handles(ast.UnaryOp)
def _unary(scope: Scope, node: ast.UnaryOp, _expected: ValueType | None) -> Operand | None:
    if isinstance(node.op, ast.Not):
        from exotool.compiler.conditions import check_condition

        condition = check_condition(scope, node)
        return condition.value if condition else None
    operand = check_operand(scope, node.operand)
    if operand is None:
        return None
    span = scope.span(node)
    if isinstance(operand, Untyped):
        value = {ast.USub: -operand.value, ast.Invert: ~operand.value}.get(type(node.op), operand.value)
        return Untyped(value, span)
    a = typed(scope, operand)
    if a is None:
        return None
    symbol = {ast.USub: "-", ast.Invert: "~"}.get(type(node.op), "+")
    if not isinstance(a.type, IntType):
        not_a_number(scope, a, f"`{symbol}`")
        return None
    if isinstance(node.op, ast.UAdd):
        return a
    negate = isinstance(node.op, ast.USub)
    if isinstance(a, Constant) and a.value is not None:
        if negate:
            return _fitted(scope, -int(a.value), a.type, span)
        return Constant(a.type.wrap(~int(a.value)), a.type, span)
    return Unary(UnaryOperator.NEGATE if negate else UnaryOperator.INVERT, a, a.type, span)
