"""How one expression is checked: the handler of its kind gives an operand, and the context makes a value of it.

The handlers stand in files by topic and register here, so that they can check their parts without importing each
other; `expressions` imports them all.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from exotool.compiler.scope import Scope, sure
from exotool.compiler.tree import Constant, Convert, Expression, Load, MakeTuple, Place, Reference, Span, Target, View
from exotool.compiler.types import (
    BOOL,
    NEVER,
    NONE,
    ArrayType,
    AtomicType,
    BitsType,
    BoolType,
    EnumType,
    FunctionType,
    IntType,
    NeverType,
    NoneType,
    PtrType,
    RefType,
    StructType,
    TupleType,
    UserPtrType,
    ValueType,
    ViewType,
    scalar_in,
)

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
) -> Callable[
    [Callable[[Scope, _N, ValueType | None], Operand | None]], Callable[[Scope, _N, ValueType | None], Operand | None]
]:
    """Register a function as the handler of one kind of syntax node."""

    def register(
        handler: Callable[[Scope, _N, ValueType | None], Operand | None],
    ) -> Callable[[Scope, _N, ValueType | None], Operand | None]:
        HANDLERS[kind] = cast("Handler", handler)
        return handler

    return register


def check_operand(scope: Scope, node: ast.expr, expected: ValueType | None = None) -> Operand | None:
    """Check an expression; `expected` is a hint for literals, the result may still have another type."""
    handler = HANDLERS.get(type(node))
    if handler is None:
        code, what, way_out = REFUSED.get(type(node), ("C0399", "this expression", ""))
        scope.error(code, node, f"{what} is no part of Kernel Python", "", *([way_out] if way_out else []))
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                scope.bindings.setdefault(part.id, None)
        return None
    return handler(scope, node, expected)


def check_expression(
    scope: Scope, node: ast.expr, expected: ValueType | None = None, name: str = "x"
) -> Expression | None:
    """Check an expression and return it as a value of type `expected`, or of its own type when that is None.

    `name` is the variable that gets the value, for the message about a number that has no width.
    """
    operand = check_operand(scope, node, expected)
    if operand is None:
        return None
    if expected is not None:
        return coerce(scope, operand, expected)
    return typed(scope, operand, name)


def typed(scope: Scope, operand: Operand, name: str = "x") -> Expression | None:
    """Return an operand that has a type of its own as an expression; report one that has not."""
    from exotool.compiler.text import Text

    match operand:
        case Untyped(value=value, span=span):
            width = "u64" if value >= 0 else "i64"
            scope.error("C0301", span, "a number alone has no width", "", f"write `{name}: {width} = {value}`")
            return None
        case NoneValue(span=span):
            scope.error("C0302", span, "`None` alone has no type", "", f"annotate: `{name}: Point | None = None`")
            return None
        case Text(span=span):
            scope.error(
                "C0303",
                span,
                "text exists at compile time only",
                "it can be an argument for a `str` parameter",
                'use a constant `NAME: Final[Array[u8]] = array(b"...")` for bytes',
            )
            return None
    if operand.type in (NONE, NEVER):
        scope.error("C0304", operand.span, "the call gives no value", f"its result is `{operand.type}`")
        return None
    return operand


def coerce(scope: Scope, operand: Operand, target: ValueType) -> Expression | None:
    """Return an operand as a value of the target type, by the conversions that need no cast; report it otherwise."""
    match operand, target:
        case Untyped(value=value, span=span), IntType():
            if target.minimum <= value <= target.maximum:
                return Constant(value, target, span)
            scope.error(
                "C0305",
                span,
                f"{value} does not fit {target}",
                f"it holds {target.minimum} to {target.maximum}",
                f"write `{target}({value})` to keep the low {target.bits} bits",
            )
            return None
        case NoneValue(span=span), RefType(nullable=True) | FunctionType(nullable=True):
            return Constant(None, target, span)
    if isinstance(operand, Untyped | NoneValue):
        what = f"the number {operand.value}" if isinstance(operand, Untyped) else "`None`"
        help_ = _number_help(operand, target)
        scope.error("C0306", operand.span, f"{what} is no `{target}`", f"`{target}` is needed", *help_)
        return None
    found = typed(scope, operand)
    if found is None or found.type == target:
        return found
    return _converted(scope, found, target)


def _number_help(operand: Operand, target: ValueType) -> tuple[str, ...]:
    if isinstance(operand, Untyped):
        if target == BOOL:
            return ("write `True` or `False`",)
        if isinstance(target, EnumType | BitsType):
            return (f"write `{target}({operand.value})`",)
        if isinstance(target, PtrType | UserPtrType):
            return (f"write `{target}({operand.value:#x})`",)
    return (f"declare it as `{target} | None`",) if isinstance(operand, NoneValue) else ()


def _converted(scope: Scope, value: Expression, target: ValueType) -> Expression | None:
    source = value.type
    match source, target:
        case IntType(), IntType() if target.holds(source):
            return convert(value, target)
        case RefType(target=a), RefType(target=b, nullable=True) if a == b:
            return Convert(value, target, value.span)
        case FunctionType(parameters=a, result=r), FunctionType(parameters=b, result=s, nullable=True) if (
            a == b and r == s
        ):
            return Convert(value, target, value.span)
        case RefType(target=ArrayType(element=element), nullable=False), ViewType(element=wanted) if element == wanted:
            return View(place_of(value), target, value.span)
        case TupleType(items=items), TupleType(items=wanted_items) if len(items) == len(wanted_items):
            if isinstance(value, MakeTuple):
                made = [coerce(scope, i, t) for i, t in zip(value.items, wanted_items, strict=True)]
                return None if None in made else MakeTuple(tuple(m for m in made if m is not None), target, value.span)
    help_: tuple[str, ...] = ()
    match source, target:
        case RefType(target=a, nullable=True), RefType(target=b, nullable=False) if a == b:
            scope.error(
                "C0307",
                value.span,
                "the value may be None",
                f"`{target}` is needed",
                "test it first: `if x is not None:`",
            )
            return None
        case ((IntType() | EnumType() | BitsType() | BoolType() | PtrType()), IntType()):
            help_ = (f"write `{target}(...)`",)
        case IntType(), BoolType():
            help_ = ("compare: `x != 0`",)
        case IntType(), EnumType() | BitsType() | PtrType():
            help_ = (f"write `{target}(...)`",)
    scope.error(
        "C0308",
        value.span,
        f"`{source}` does not become `{target}` by itself",
        f"`{target}` is needed, this is `{source}`",
        *help_,
    )
    return None


def kind_of(value: Expression) -> ValueType:
    """Return the type of an expression that `typed` has let through: it is a value."""
    kind = value.type
    if isinstance(kind, NoneType | NeverType):
        raise AssertionError("only values get through `typed`")
    return kind


def convert(value: Expression, target: ValueType) -> Expression:
    """Convert an integer, folding constants."""
    if value.type == target:
        return value
    if isinstance(value, Constant) and isinstance(target, IntType) and value.value is not None:
        return Constant(target.wrap(int(value.value)), target, value.span)
    return Convert(value, target, value.span)


def place_of(reference: Expression) -> Place:
    """Return the place that a reference refers to."""
    if isinstance(reference, Reference):
        return reference.place
    return Target(reference, sure(reference.type, RefType).target, reference.span)


def load(place: Place, span: Span) -> Expression:
    """Return what reading a place gives: the scalar there, or a reference to the struct, array or atomic."""
    storage = place.type
    scalar = scalar_in(storage)
    if scalar is not None:
        return Load(place, scalar, span)
    if isinstance(storage, StructType | ArrayType | AtomicType):
        return Reference(place, RefType(storage), span)
    raise AssertionError("all other storage is scalar")


REFUSED: dict[type[ast.expr], tuple[str, str, str]] = {
    ast.Lambda: ("C0380", "`lambda`", "define a function"),
    ast.Dict: ("C0381", "a dictionary", "use an `Array`, or a struct"),
    ast.Set: ("C0381", "a set", "use an `Array` of bits"),
    ast.List: ("C0381", "a list", "use an `Array` of known length"),
    ast.ListComp: ("C0382", "a comprehension", "write a loop"),
    ast.SetComp: ("C0382", "a comprehension", "write a loop"),
    ast.DictComp: ("C0382", "a comprehension", "write a loop"),
    ast.GeneratorExp: ("C0382", "a generator", "write a loop"),
    ast.Await: ("C0383", "`await`", "there is no event loop in a kernel"),
    ast.Yield: ("C0383", "`yield`", "return the values one by one, or fill an array"),
    ast.YieldFrom: ("C0383", "`yield from`", "return the values one by one, or fill an array"),
    ast.NamedExpr: ("C0384", "`:=`", "assign in a statement of its own"),
    ast.Starred: ("C0385", "unpacking with `*`", "name the values"),
    ast.Slice: ("C0386", "a slice here", "slices stand between brackets: `a[i:j]`"),
}
