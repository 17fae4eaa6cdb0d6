"""Constructors in functions: storage in the frame, set to zero where the constructor stands, then its fields set."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from exotool.compiler import declare
from exotool.compiler.annotations import any_type, resolve
from exotool.compiler.blocks import Checker
from exotool.compiler.dispatch import check_expression
from exotool.compiler.names import StructName, Word
from exotool.compiler.tree import (
    Constant,
    Element,
    Expression,
    Field,
    Place,
    Reference,
    Span,
    Statement,
    StoragePlace,
    Store,
    Zero,
)
from exotool.compiler.types import U8, U64, ArrayType, RefType, StructType, ValueType, ViewType, scalar_in
from exotool.diagnostics import did_you_mean


@dataclass(slots=True)
class Made:
    """New storage: what makes it, and a reference to it; None after an error."""

    type: RefType | None
    statements: list[Statement]
    reference: Reference | None


_FAILED = Made(None, [], None)


def construct(checker: Checker, name: str, value: ast.expr, kind: ValueType | None, where: ast.expr) -> Made | None:
    """Make storage for the variable `name` if `value` is a constructor; None if it is something else.

    `kind` is the type that the variable is declared with, if it is.
    """
    scope = checker.scope
    if not isinstance(value, ast.Call):
        return None
    head = value.func.value if isinstance(value.func, ast.Subscript) else value.func
    entity = resolve(scope, head)
    if isinstance(entity, StructName):
        return _struct(checker, name, value, kind)
    if entity == Word("exotool.lang", "array"):
        if not isinstance(kind, ViewType):
            scope.error(
                "C0431", where, "the elements of the array have no type", "", f"write `{name}: Array[u8] = array(16)`"
            )
            return _FAILED
        return _array(checker, name, value, kind)
    return None


def _struct(checker: Checker, name: str, call: ast.Call, kind: ValueType | None) -> Made:
    scope = checker.scope
    struct = any_type(scope, call.func)
    if not isinstance(struct, StructType) or not declare.layout(scope, struct, call):
        return _FAILED
    if kind is not None and kind not in (RefType(struct), RefType(struct, nullable=True)):
        scope.error("C0308", call, f"`{struct}` does not become `{kind}` by itself", f"`{kind}` is needed")
        return _FAILED
    span = scope.span(call)
    place = StoragePlace(scope.storage(name, struct, span), span)
    made: list[Statement] = [Zero(place, span)]
    given: set[str] = set()
    for argument in call.args:
        scope.error("C0433", argument, f"fields of `{struct}` are set by name", "", f"write `{struct.name}(field=...)`")
    for keyword in call.keywords:
        made += _field(checker, struct, place, keyword, given)
    return Made(_kind(kind, struct), made, Reference(place, RefType(struct), span))


def _kind(kind: ValueType | None, struct: StructType) -> RefType:
    return kind if isinstance(kind, RefType) else RefType(struct)


def _field(
    checker: Checker, struct: StructType, place: Place, keyword: ast.keyword, given: set[str]
) -> list[Statement]:
    scope = checker.scope
    field = struct.fields.get(keyword.arg or "")
    if field is None:
        help_ = did_you_mean(keyword.arg or "", struct.fields) or (f"it has {', '.join(struct.fields) or 'no fields'}",)
        scope.error("C0433", keyword, f"`{struct}` has no field `{keyword.arg or '**'}`", "", *help_)
        return []
    if field.name in given:
        scope.error("C0433", keyword, f"field `{field.name}` is set twice")
        return []
    given.add(field.name)
    scalar = scalar_in(field.type)
    if scalar is None:
        scope.error(
            "C0415",
            keyword,
            f"a whole `{field.type}` is not assigned",
            "it is storage, not a reference",
            "make the struct first, then `copy(it.field, from)`",
        )
        return []
    value = check_expression(scope, keyword.value, scalar, field.name)
    return [Store(Field(place, field, value.span), value, value.span)] if value is not None else []


def _array(checker: Checker, name: str, call: ast.Call, kind: ViewType) -> Made:
    scope = checker.scope
    storage = declare.array_storage(scope, kind, call, call)
    if storage is None:
        return _FAILED
    span = scope.span(call)
    place = StoragePlace(scope.storage(name, storage, span), span)
    made: list[Statement] = [Zero(place, span)]
    match call.args:
        case [ast.List() as elements]:
            made += _elements(checker, place, storage, elements)
        case [ast.Constant(value=bytes(data))]:
            made += [_store(place, storage, index, Constant(byte, U8, span), span) for index, byte in enumerate(data)]
    return Made(RefType(storage), made, Reference(place, RefType(storage), span))


def _elements(checker: Checker, place: Place, storage: ArrayType, listed: ast.List) -> list[Statement]:
    scope = checker.scope
    if len(listed.elts) != storage.length:
        scope.error("C0434", listed, f"{len(listed.elts)} elements where the first row makes it {storage.length}")
        return []
    found: list[Statement] = []
    for index, node in enumerate(listed.elts):
        span = scope.span(node)
        element = storage.element
        if isinstance(element, ArrayType) and isinstance(node, ast.List):
            inner = Element(place, Constant(index, U64, span), element, span)
            found += _elements(checker, inner, element, node)
            continue
        scalar = scalar_in(element)
        if scalar is None:
            scope.error("C0434", node, f"elements of `{element}` are not listed", "", "write `array(N)` and set fields")
            continue
        value = check_expression(scope, node, scalar)
        if value is not None:
            found.append(_store(place, storage, index, value, span))
    return found


def _store(place: Place, storage: ArrayType, index: int, value: Expression, span: Span) -> Statement:
    return Store(Element(place, Constant(index, U64, span), storage.element, span), value, span)
