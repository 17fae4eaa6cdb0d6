"""Conditions: comparisons, `and`, `or`, `not`, `x if c else y`, and what each way out knows not to be None."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from exotool.compiler.dispatch import NoneValue, Operand, Untyped, check_operand, coerce, handles, kind_of, typed
from exotool.compiler.operators import common
from exotool.compiler.scope import Scope
from exotool.compiler.text import Text
from exotool.compiler.tree import (
    Compare,
    Comparison,
    Conditional,
    Constant,
    Convert,
    Expression,
    Let,
    Local,
    Logic,
    Read,
    Span,
    Unary,
    UnaryOperator,
)
from exotool.compiler.types import (
    BOOL,
    BitsType,
    BoolType,
    EnumType,
    FunctionType,
    IntType,
    PtrType,
    RefType,
    UserPtrType,
    ValueType,
)

COMPARISONS: Final[dict[type[ast.cmpop], Comparison]] = {
    ast.Eq: Comparison.EQUAL,
    ast.NotEq: Comparison.NOT_EQUAL,
    ast.Lt: Comparison.LESS,
    ast.LtE: Comparison.LESS_EQUAL,
    ast.Gt: Comparison.GREATER,
    ast.GtE: Comparison.GREATER_EQUAL,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked condition: its value, and the variables that are not None when it is true, and when it is false."""

    value: Expression
    when_true: tuple[Local, ...] = ()
    when_false: tuple[Local, ...] = ()


def check_condition(scope: Scope, node: ast.expr) -> Condition | None:
    """Check an expression that decides something: it must be `bool`."""
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            found = check_condition(scope, inner)
            if found is None:
                return None
            span = scope.span(node)
            value: Expression = Unary(UnaryOperator.NOT, found.value, BOOL, span)
            if isinstance(found.value, Constant):
                value = Constant(not found.value.value, BOOL, span)
            return Condition(value, found.when_false, found.when_true)
        case ast.BoolOp(op=op, values=values):
            return _logic(scope, node, isinstance(op, ast.And), values)
        case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[right]):
            return _identity(scope, node, left, right, isinstance(op, ast.IsNot))
    operand = check_operand(scope, node, BOOL)
    if operand is None:
        return None
    if isinstance(operand, Untyped | NoneValue | Text) or operand.type != BOOL:
        _no_condition(scope, node, operand)
        return None
    return Condition(operand)


def _no_condition(scope: Scope, node: ast.expr, operand: Operand) -> None:
    help_ = "compare it"
    what = "this"
    match operand:
        case Untyped():
            what, help_ = "a number", "write `True` or `False`"
        case NoneValue() | Text():
            pass
        case _:
            what = f"`{operand.type}`"
            if isinstance(operand.type, IntType | PtrType):
                help_ = "compare: `x != 0`"
            elif isinstance(operand.type, RefType | FunctionType):
                help_ = "compare: `x is not None`"
    scope.error("C0330", node, f"{what} is no condition", "`bool` is needed", help_)


def _logic(scope: Scope, node: ast.expr, conjunction: bool, values: list[ast.expr]) -> Condition | None:
    """Each operand is checked with what the ones before it, having let it be evaluated, tell."""
    result: Condition | None = None
    failed = False
    known: list[Local] = []
    span = scope.span(node)
    for value in values:
        with scope.knowing(known):
            found = check_condition(scope, value)
        if found is None:
            failed = True
            continue
        known += found.when_true if conjunction else found.when_false
        if result is None:
            result = found
            continue
        decided = tuple(known)
        logic = Logic(conjunction, result.value, found.value, BOOL, span)
        result = Condition(logic, decided, ()) if conjunction else Condition(logic, (), decided)
    return None if failed else result


def _identity(scope: Scope, node: ast.expr, left: ast.expr, right: ast.expr, negative: bool) -> Condition | None:
    if isinstance(left, ast.Constant) and left.value is None:
        left, right = right, left
    if not (isinstance(right, ast.Constant) and right.value is None):
        scope.error("C0331", node, "`is` compares with `None` only", "", "write `==`")
        return None
    with_known = scope.not_none
    if isinstance(left, ast.Name):
        scope.not_none = frozenset()  # the variable as it is declared
    operand = check_operand(scope, left)
    scope.not_none = with_known
    value = typed(scope, operand) if operand is not None else None
    if value is None:
        return None
    if not isinstance(value.type, RefType | FunctionType) or not value.type.nullable:
        scope.error("C0332", left, f"`{value.type}` is never None", "", "drop the test, or declare it with `| None`")
        return None
    span = scope.span(node)
    operator = Comparison.NOT_EQUAL if negative else Comparison.EQUAL
    compare = Compare(operator, value, Constant(None, value.type, span), BOOL, span)
    known = (value.local,) if isinstance(value, Read) else ()
    return Condition(compare, known, ()) if negative else Condition(compare, (), known)


@handles(ast.BoolOp)
def _bool_operation(scope: Scope, node: ast.BoolOp, _expected: ValueType | None) -> Operand | None:
    found = check_condition(scope, node)
    return found.value if found else None


@handles(ast.Compare)
def _compare(scope: Scope, node: ast.Compare, _expected: ValueType | None) -> Operand | None:
    if len(node.ops) == 1 and isinstance(node.ops[0], ast.Is | ast.IsNot):
        found = check_condition(scope, node)
        return found.value if found else None
    for op in node.ops:
        if not isinstance(op, ast.Eq | ast.NotEq | ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            name = "in" if isinstance(op, ast.In | ast.NotIn) else "is"
            scope.error("C0333", node, f"`{name}` in a comparison of values", "", "compare with `==`, or write a loop")
            return None
    nodes = [node.left, *node.comparators]
    hints = [check_operand(scope, n) for n in nodes]
    if any(h is None for h in hints):
        return None
    operands = [h for h in hints if h is not None]
    return _chain(scope, [COMPARISONS[type(op)] for op in node.ops], operands, scope.span(node))


def _chain(scope: Scope, operators: list[Comparison], operands: list[Operand], span: Span) -> Operand | None:
    """Check `a < b < c`, which evaluates b once, and c only if a < b."""
    first, second = operands[0], operands[1]
    if len(operators) == 1:
        return compare(scope, operators[0], first, second, span)
    if isinstance(second, Untyped | NoneValue | Text | Constant | Read):
        left = compare(scope, operators[0], first, second, span)
        rest = _chain(scope, operators[1:], operands[1:], span)
        return _both(left, rest, span)
    if scope.function is None:
        scope.error("C0230", span, "this is not known at compile time")
        return None
    # The left operand is evaluated before the middle one that is kept: both get a hidden variable.
    value = typed(scope, second)
    if value is None:
        return None
    local = scope.temporary(kind_of(value), span)
    read = Read(local, span)
    outer: Local | None = None
    kept = first
    if not isinstance(first, Untyped | NoneValue | Text | Constant):
        start = typed(scope, first)
        if start is None:
            return None
        outer = scope.temporary(kind_of(start), span)
        kept = Read(outer, span)
    left = compare(scope, operators[0], kept, read, span)
    rest = _chain(scope, operators[1:], [read, *operands[2:]], span)
    body = _both(left, rest, span)
    if body is None:
        return None
    made: Expression = Let(local, value, body, span)
    if outer is not None and not isinstance(first, Untyped | NoneValue | Text):
        made = Let(outer, first, made, span)
    return made


def _both(left: Expression | None, right: Operand | None, span: Span) -> Expression | None:
    if left is None or right is None or isinstance(right, Untyped | NoneValue | Text):
        return None
    if isinstance(left, Constant):
        return right if left.value else left
    return Logic(True, left, right, BOOL, span)


def compare(scope: Scope, operator: Comparison, left: Operand, right: Operand, span: Span) -> Expression | None:
    """Compare two operands."""
    if isinstance(left, Untyped) and isinstance(right, Untyped):
        return Constant(_decide(operator, left.value, right.value), BOOL, span)
    if isinstance(left, NoneValue) or isinstance(right, NoneValue):
        scope.error("C0334", span, "a comparison with `None`", "", "write `is None` or `is not None`")
        return None
    equality = operator in (Comparison.EQUAL, Comparison.NOT_EQUAL)
    other = right if isinstance(left, Untyped) else left
    if isinstance(other, Untyped):
        return None
    value = typed(scope, other)
    if value is None:
        return None
    if isinstance(value.type, IntType):
        both = common(scope, left, right, span, f"`{operator.value}`")
        if both is None:
            return None
        a, b = both
    else:
        a_or_none = coerce(scope, left, kind_of(value))
        b_or_none = coerce(scope, right, kind_of(value)) if a_or_none is not None else None
        if a_or_none is None or b_or_none is None:
            return None
        a, b = a_or_none, b_or_none
        if not _comparable(scope, a.type, equality, operator, span):
            return None
    if isinstance(a, Constant) and isinstance(b, Constant) and a.value is not None and b.value is not None:
        return Constant(_decide(operator, int(a.value), int(b.value)), BOOL, span)
    return Compare(operator, a, b, BOOL, span)


def _comparable(scope: Scope, kind: object, equality: bool, operator: Comparison, span: Span) -> bool:
    match kind:
        case PtrType() | UserPtrType():
            return True
        case BoolType() | EnumType() | BitsType() if equality:
            return True
        case BoolType() | EnumType() | BitsType():
            scope.error("C0335", span, f"`{operator.value}` on `{kind}`, which has no order", "", "convert: `u64(...)`")
        case RefType():
            scope.error(
                "C0335",
                span,
                "references are not compared",
                "Python compares structs by identity",
                "compare a field, or `addressof(a) == addressof(b)`",
            )
        case _:
            scope.error("C0335", span, f"`{kind}` cannot be compared")
    return False


def _decide(operator: Comparison, a: int, b: int) -> bool:
    match operator:
        case Comparison.EQUAL:
            return a == b
        case Comparison.NOT_EQUAL:
            return a != b
        case Comparison.LESS:
            return a < b
        case Comparison.LESS_EQUAL:
            return a <= b
        case Comparison.GREATER:
            return a > b
        case Comparison.GREATER_EQUAL:
            return a >= b


@handles(ast.IfExp)
def _conditional(scope: Scope, node: ast.IfExp, expected: ValueType | None) -> Operand | None:
    test = check_condition(scope, node.test)
    with scope.knowing(test.when_true if test else ()):
        then = check_operand(scope, node.body, expected)
    with scope.knowing(test.when_false if test else ()):
        otherwise = check_operand(scope, node.orelse, expected)
    if test is None or then is None or otherwise is None:
        return None
    span = scope.span(node)
    chosen = test.value.value if isinstance(test.value, Constant) else None
    if chosen is not None and all(isinstance(o, Untyped | NoneValue | Text) for o in (then, otherwise)):
        return then if chosen else otherwise
    # The branch that is never taken still has its say about the type.
    both = _same(scope, then, otherwise, expected, span)
    if both and chosen is not None:
        return both[0] if chosen else both[1]
    return Conditional(test.value, *both, kind_of(both[0]), span) if both else None


def _same(
    scope: Scope, left: Operand, right: Operand, expected: ValueType | None, span: Span
) -> tuple[Expression, Expression] | None:
    if expected is not None:
        a, b = coerce(scope, left, expected), coerce(scope, right, expected)
        return None if a is None or b is None else (a, b)
    types: list[ValueType] = []
    for operand in (left, right):
        if not isinstance(operand, Untyped | NoneValue | Text):
            value = typed(scope, operand)
            if value is None:
                return None
            types.append(kind_of(value))
    if all(isinstance(t, IntType) for t in types):
        return common(scope, left, right, span, "`if`-`else`")
    target = types[0]
    if isinstance(left, NoneValue) or isinstance(right, NoneValue):
        match target:
            case RefType(target=inner):
                target = RefType(inner, nullable=True)
            case FunctionType(parameters=parameters, result=result):
                target = FunctionType(parameters, result, nullable=True)
    elif isinstance(types[-1], RefType | FunctionType) and types[-1].nullable:
        target = types[-1]
    a, b = coerce(scope, left, target), coerce(scope, right, target)
    return None if a is None or b is None else (a, b)


def without_none(value: Expression) -> Expression:
    """Return a nullable value that has been narrowed, in the type without None."""
    match value.type:
        case RefType(target=target, nullable=True):
            return Convert(value, RefType(target), value.span)
        case FunctionType(parameters=parameters, result=result, nullable=True):
            return Convert(value, FunctionType(parameters, result), value.span)
    return value
