"""Assignments: plain, annotated, augmented, and of tuples."""

from __future__ import annotations

import ast
import copy

from exotool.compiler.annotations import resolve, unquoted, value_type
from exotool.compiler.blocks import Checker, handles
from exotool.compiler.construct import Made, construct
from exotool.compiler.dispatch import check_expression, coerce
from exotool.compiler.expressions import check_place
from exotool.compiler.names import StaticName, Word
from exotool.compiler.tree import (
    Assign,
    Binary,
    Convert,
    Expression,
    Local,
    Place,
    Read,
    Span,
    Statement,
    Store,
    TupleItem,
    Update,
)
from exotool.compiler.types import (
    AtomicType,
    FunctionType,
    IntType,
    NeverType,
    NoneType,
    RefType,
    TupleType,
    ValueType,
    scalar_in,
)


@handles(ast.Assign)
def _assign(checker: Checker, node: ast.Assign) -> list[Statement]:
    scope = checker.scope
    if len(node.targets) != 1:
        scope.error(
            "C0411",
            node.targets[1],
            "several targets in one assignment",
            "",
            "assign one after the other, on lines of their own",
        )
        for each in node.targets:
            poison(checker, each)
        return []
    target = node.targets[0]
    made = _made(checker, target, node.value)
    if made is not None:
        if made.reference is None:
            poison(checker, target)
            return []
        return [*made.statements, *assign_to(checker, target, made.reference, scope.span(node))]
    if isinstance(target, ast.Attribute | ast.Subscript):
        return _assign_place(checker, target, node.value, scope.span(node))
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        return _several(checker, target, node.value, scope.span(node))
    value = check_expression(scope, node.value, _expected(checker, target), _name(target))
    if value is None:
        poison(checker, target)
        return []
    return assign_to(checker, target, value, scope.span(node))


def _several(checker: Checker, target: ast.Tuple, values: ast.Tuple, span: Span) -> list[Statement]:
    """Check `a, b = b, a`: all values are there before the first is assigned; each target is its value's context."""
    scope = checker.scope
    if len(target.elts) != len(values.elts):
        _wrong_number(checker, target, len(values.elts), len(target.elts))
        return []
    made: list[Statement] = []
    kept: list[Local | None] = []
    for part, node in zip(target.elts, values.elts, strict=True):
        value = check_expression(scope, node, _expected(checker, part), _name(part))
        kept.append(None if value is None else scope.temporary(_kind(value), span))
        if value is not None and kept[-1] is not None:
            made.append(Assign(kept[-1], value, span))
    for part, local in zip(target.elts, kept, strict=True):
        if local is None:
            poison(checker, part)
        else:
            made += assign_to(checker, part, Read(local, span), span)
    return made


def _kind(value: Expression) -> ValueType:
    if isinstance(value.type, NoneType | NeverType):
        raise TypeError(f"an expression of type {value.type}")
    return value.type


def _wrong_number(checker: Checker, target: ast.expr, values: int, names: int) -> None:
    checker.scope.error(
        "C0413", target, f"{values} values for {names} names", "", "name each value; `_` is a name as good as any"
    )
    poison(checker, target)


def _assign_place(checker: Checker, target: ast.expr, node: ast.expr, span: Span) -> list[Statement]:
    """Give a field or element a value; its type is the context of the value."""
    place = check_place(checker.scope, target)
    if place is None:
        return []
    scalar = scalar_in(place.type)
    if scalar is None:
        return _refuse_whole(checker, target, place)
    value = check_expression(checker.scope, node, scalar)
    return [Store(place, value, span)] if value is not None else []


def _made(checker: Checker, target: ast.expr, value: ast.expr) -> Made | None:
    """Make storage if the value is a constructor and the target a local variable."""
    if not isinstance(target, ast.Name) or target.id in checker.scope.global_names:
        return None
    return construct(checker, target.id, value, None, value)


def _name(target: ast.expr) -> str:
    return target.id if isinstance(target, ast.Name) else "x"


def _expected(checker: Checker, target: ast.expr) -> ValueType | None:
    """Return the type that a target has already: the context of a number, and what the value must become."""
    scope = checker.scope
    if isinstance(target, ast.Name):
        if target.id in scope.global_names:
            entity = scope.module.find(target.id)
            static = entity.target if isinstance(entity, StaticName) else None
            return scalar_in(static.type) if static is not None else None
        bound = scope.bindings.get(target.id)
        return bound.type if isinstance(bound, Local) else None
    if isinstance(target, ast.Tuple):
        items = [_expected(checker, item) for item in target.elts]
        return None if None in items else TupleType(tuple(item for item in items if item is not None))
    if isinstance(target, ast.Attribute | ast.Subscript):
        place = check_place(scope, target)
        return scalar_in(place.type) if place is not None else None
    return None


def poison(checker: Checker, target: ast.expr) -> None:
    """Make the new names of a failed assignment silent."""
    for part in ast.walk(target):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            checker.scope.bindings.setdefault(part.id, None)


def assign_to(checker: Checker, target: ast.expr, value: Expression, span: Span) -> list[Statement]:
    """Give a target a checked value."""
    scope = checker.scope
    match target:
        case ast.Name(id=name) if name not in scope.global_names:
            return _assign_local(checker, target, value, span)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            place = check_place(scope, target)
            return _store(checker, target, place, value, span) if place is not None else []
        case ast.Tuple(elts=targets):
            return _unpack(checker, target, targets, value, span)
    what = "unpacking with `*`" if isinstance(target, ast.Starred) else "this target"
    scope.error("C0412", target, f"{what} is not in Kernel Python", "", "name each value: `a, b = f()`")
    poison(checker, target)
    return []


def _assign_local(checker: Checker, target: ast.Name, value: Expression, span: Span) -> list[Statement]:
    scope = checker.scope
    if target.id not in scope.bindings:
        local = scope.declare(target.id, _kind(value), scope.span(target))
    else:
        bound = scope.bindings[target.id]
        if bound is None:
            return []
        if target.id == "_" and isinstance(bound, Local) and bound.type != value.type:
            bound = scope.declare("_", _kind(value), scope.span(target))
        if not isinstance(bound, Local):
            scope.error("C0414", target, f"`{target.id}` is a text", "texts are not assigned", "use another name")
            return []
        local = bound
    if local is None:
        return []
    given = coerce(scope, value, local.type)
    if given is None:
        return []
    _learn(checker, local, value)
    return [Assign(local, given, span)]


def _learn(checker: Checker, local: Local, value: Expression) -> None:
    """After an assignment a nullable variable is as nullable as its value."""
    if isinstance(local.type, RefType | FunctionType) and local.type.nullable:
        scope = checker.scope
        source = value.operand if isinstance(value, Convert) and value.type == local.type else value
        if isinstance(source.type, RefType | FunctionType) and not source.type.nullable:
            scope.not_none |= {local}
        else:
            scope.not_none -= {local}


def _store(checker: Checker, target: ast.expr, place: Place, value: Expression, span: Span) -> list[Statement]:
    scope = checker.scope
    scalar = scalar_in(place.type)
    if scalar is not None:
        given = coerce(scope, value, scalar)
        return [Store(place, given, span)] if given is not None else []
    return _refuse_whole(checker, target, place)


def _refuse_whole(checker: Checker, target: ast.expr, place: Place) -> list[Statement]:
    scope = checker.scope
    if isinstance(place.type, AtomicType):
        scope.error("C0415", target, f"`{place.type}` is not assigned", "", "write `.store(value)`")
    else:
        what = f"a whole `{place.type}` is not assigned"
        scope.error("C0415", target, what, "it is storage, not a reference", "write `copy(to, from)`")
    return []


def _unpack(
    checker: Checker, target: ast.Tuple, targets: list[ast.expr], value: Expression, span: Span
) -> list[Statement]:
    """Evaluate all values first, so that `a, b = b, a` exchanges."""
    scope = checker.scope
    if not isinstance(value.type, TupleType):
        scope.error("C0413", target, f"`{value.type}` is not several values", "", "unpack a tuple, or index an array")
        poison(checker, target)
        return []
    if len(value.type.items) != len(targets):
        _wrong_number(checker, target, len(value.type.items), len(targets))
        return []
    whole = scope.temporary(value.type, span)
    found: list[Statement] = [Assign(whole, value, span)]
    for index, (part, kind) in enumerate(zip(targets, value.type.items, strict=True)):
        found += assign_to(checker, part, TupleItem(Read(whole, span), index, kind, span), span)
    return found


# --- Annotated -------------------------------------------------------------------------------------------------------


@handles(ast.AnnAssign)
def _annotated(checker: Checker, node: ast.AnnAssign) -> list[Statement]:
    scope = checker.scope
    target = node.target
    if not isinstance(target, ast.Name):
        scope.error("C0432", target, "an annotation of what is no variable", "", "fields get their types in the class")
        return []
    if target.id in scope.global_names:
        scope.error("C0432", target, f"`{target.id}` is static", "", "it has its type at the top of the module")
        return []
    annotation = unquoted(scope, node.annotation)
    if annotation is None:
        poison(checker, target)
        return []
    head = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    if resolve(scope, head) == Word("typing", "Final"):
        scope.error(
            "C0432", annotation, "`Final` in a function", "", "make it a constant of the module, or leave it out"
        )
        poison(checker, target)
        return []
    kind = value_type(scope, annotation)
    if target.id in scope.bindings:
        _declared_twice(checker, target)
        return []
    if kind is None:
        if node.value is not None:
            check_expression(scope, node.value)
        poison(checker, target)
        return []
    span = scope.span(node)
    made = construct(checker, target.id, node.value, kind, annotation) if node.value is not None else None
    if made is not None:
        local = scope.declare(target.id, made.type, scope.span(target))
        if local is None or made.reference is None:
            return []
        _learn(checker, local, made.reference)
        reference = coerce(scope, made.reference, local.type)
        return [*made.statements, Assign(local, reference, span)] if reference is not None else []
    value = check_expression(scope, node.value, kind) if node.value is not None else None
    local = scope.declare(target.id, kind, scope.span(target))
    if local is None or value is None:
        return []
    _learn(checker, local, value)
    return [Assign(local, value, span)]


def _declared_twice(checker: Checker, target: ast.Name) -> None:
    scope = checker.scope
    bound = scope.bindings[target.id]
    notes = [("it was declared", bound.span)] if isinstance(bound, Local) else []
    scope.error_with_notes(
        "C0414",
        target,
        f"`{target.id}` is declared twice",
        "a variable has one type in the whole function",
        notes,
        f"assign without annotation: `{target.id} = ...`",
    )


# --- Augmented -------------------------------------------------------------------------------------------------------


@handles(ast.AugAssign)
def _augmented(checker: Checker, node: ast.AugAssign) -> list[Statement]:
    """`target op= value`, by the rules of `target op value`."""
    scope = checker.scope
    span = scope.span(node)
    target = node.target
    if isinstance(target, ast.Name) and target.id not in scope.global_names:
        return _augmented_local(checker, node, target, span)
    place = check_place(scope, target)
    if place is None:
        return []
    kind = scalar_in(place.type)
    if not isinstance(kind, IntType):
        scope.error(
            "C0430",
            target,
            f"`{ast.unparse(node)}` on `{place.type}`",
            "places that are changed in one step are integers",
            "write `x.add(...)` for `Atomic`, else `x = x ...`",
        )
        return []
    found = check_expression(scope, _as_operation(node))
    if found is None:
        return []
    value = coerce(scope, found, kind)
    if value is None:
        return []
    if not isinstance(value, Binary):
        return [Store(place, value, span)]
    return [Update(place, value.operator, value.right, kind, span)]


def _augmented_local(checker: Checker, node: ast.AugAssign, target: ast.Name, span: Span) -> list[Statement]:
    scope = checker.scope
    if target.id not in scope.bindings:
        scope.error(
            "C0430", target, f"`{target.id}` has no value yet", "", f"declare it before: `{target.id}: u64 = 0`"
        )
        poison(checker, target)
        return []
    bound = scope.bindings[target.id]
    if not isinstance(bound, Local):
        return []
    value = check_expression(scope, _as_operation(node), bound.type)
    return [Assign(bound, value, span)] if value is not None else []


def _as_operation(node: ast.AugAssign) -> ast.BinOp:
    """Return `target op value` as an expression at the place of the statement."""
    left = copy.copy(node.target)
    left.ctx = ast.Load()
    return ast.copy_location(ast.BinOp(left, node.op, node.value), node)
