"""Names, literals, fields, elements, slices and tuples; and the one import that loads every kind of expression.

Statements use `check_expression`, `check_place`, `check_condition` and `coerce` of here, and `check_effect` of `calls`.
"""

from __future__ import annotations

import ast

from exotool.compiler import calls, declare, functions
from exotool.compiler.annotations import resolve
from exotool.compiler.conditions import Condition, check_condition, without_none
from exotool.compiler.dispatch import (
    NoneValue,
    Operand,
    Untyped,
    check_expression,
    check_operand,
    coerce,
    handles,
    kind_of,
    load,
    typed,
)
from exotool.compiler.names import (
    BUILTINS,
    AliasName,
    BitsName,
    ConstantName,
    Entity,
    EnumName,
    FunctionName,
    PackageName,
    StaticName,
    StructName,
    TypeVariable,
    Word,
)
from exotool.compiler.places import check_element, check_field, check_index, check_place, in_order, static_place
from exotool.compiler.scope import Scope
from exotool.compiler.text import Text
from exotool.compiler.tree import BitsGet, Constant, Expression, FunctionAddress, MakeTuple, Read, Slice, TupleItem
from exotool.compiler.types import BOOL, ArrayType, BitsType, PtrType, RefType, TupleType, ValueType, ViewType
from exotool.diagnostics import did_you_mean

__all__ = [
    "Condition",
    "Operand",
    "Untyped",
    "calls",
    "check_condition",
    "check_expression",
    "check_operand",
    "check_place",
    "coerce",
    "typed",
]


@handles(ast.Constant)
def _constant(scope: Scope, node: ast.Constant, _expected: ValueType | None) -> Operand | None:
    span = scope.span(node)
    match node.value:
        case bool(value):
            return Constant(value, BOOL, span)
        case int(value):
            if value.bit_length() > 256:
                scope.error("C0321", node, "the constant is too large", "numbers have up to 256 bits")
                return None
            return Untyped(value, span)
        case None:
            return NoneValue(span)
        case str(value):
            return Text((value,) if value else (), span)
        case bytes():
            scope.error("C0340", node, "bytes without storage", "", 'write `NAME: Final[Array[u8]] = array(b"...")`')
        case float() | complex():
            scope.error(
                "C0341",
                node,
                "a floating-point number",
                "the kernel keeps the FPU for user programs",
                "scale to integers",
            )
        case _:
            scope.error("C0399", node, "`...` is no value")
    return None


@handles(ast.Name)
def _name(scope: Scope, node: ast.Name, _expected: ValueType | None) -> Operand | None:
    span = scope.span(node)
    if node.id in scope.bindings:
        bound = scope.bindings[node.id]
        if isinstance(bound, Text):
            return Text(bound.parts, span)
        if bound is None:
            return None
        read = Read(bound, span)
        return without_none(read) if bound in scope.not_none else read
    if node.id in scope.local_names:
        scope.error(
            "C0342",
            node,
            f"`{node.id}` has no value here",
            "it is assigned further down in this function",
            *_global_help(scope, node.id),
        )
        return None
    entity = resolve(scope, node)
    if not in_order(scope, entity, node):
        return None
    if entity is None:
        if node.id not in scope.module.names:
            known = [*scope.bindings, *scope.module.names, *BUILTINS]
            scope.error("C0343", node, f"nothing is called `{node.id}`", "", *did_you_mean(node.id, known))
        return None
    return entity_value(scope, entity, node)


def _global_help(scope: Scope, name: str) -> tuple[str, ...]:
    if isinstance(scope.module.names.get(name), StaticName):
        return (f"write `global {name}` first to assign the static of that name",)
    return ()


def entity_value(scope: Scope, entity: Entity, node: ast.expr) -> Operand | None:
    """Return what a module-level name gives as a value."""
    span = scope.span(node)
    match entity:
        case ConstantName():
            value = declare.constant_value(scope.unit, entity)
            match value:
                case Untyped(value=number):
                    return Untyped(number, span)
                case Constant(value=known, type=kind):
                    return Constant(known, kind, span)
                case Text(parts=parts):
                    return Text(parts, span)
                case NoneValue():
                    return NoneValue(span)
            return None
        case StaticName():
            place = static_place(scope, entity, span)
            return load(place, span) if place else None
        case FunctionName():
            return _function_value(scope, entity, node)
    what = {
        PackageName: "a module",
        Word: "a word of the language",
        StructName: "a struct",
        EnumName: "an enum",
        BitsName: "a bit record",
        AliasName: "a type",
        TypeVariable: "a type variable",
    }[type(entity)]
    scope.error("C0344", node, f"{what} is no value")
    return None


def _function_value(scope: Scope, entity: FunctionName, node: ast.expr) -> Operand | None:
    head = functions.header(scope.unit, entity)
    if head is None:
        return None
    if head.type_variables or any(p.text for p in head.parameters):
        scope.error("C0345", node, "a generic function has no address", "", "take that of a function that calls it")
        return None
    function = functions.function_of(scope, entity, node)
    if function is None:
        return None
    function.address_taken = True
    return FunctionAddress(function, function.type, scope.span(node))


@handles(ast.Attribute)
def _attribute(scope: Scope, node: ast.Attribute, _expected: ValueType | None) -> Operand | None:
    span = scope.span(node)
    entity = resolve(scope, node)
    if entity is not None:
        return entity_value(scope, entity, node)
    base = resolve(scope, node.value)
    if not in_order(scope, base, node):
        return None
    match base:
        case EnumName():
            enum = declare.enum_type(scope.unit, base)
            if node.attr in enum.members:
                return Constant(enum.members[node.attr], enum, span)
            scope.error(
                "C0346", node, f"enum `{enum}` has no member `{node.attr}`", "", *did_you_mean(node.attr, enum.members)
            )
            return None
        case PackageName():
            known = base.module.names if base.module else []
            if base.module is None or node.attr not in known:
                scope.error(
                    "C0111",
                    node,
                    f"module `{base.name}` has no name `{node.attr}`",
                    "",
                    *did_you_mean(node.attr, known),
                )
            return None
        case StructName() | BitsName() | AliasName() | TypeVariable() | Word():
            scope.error("C0344", node, "this is no value", "", "call it, or use an object of the struct")
            return None
    operand = check_operand(scope, node.value)
    value = typed(scope, operand) if operand is not None else None
    if value is None:
        return None
    if isinstance(value.type, BitsType):
        field = value.type.fields.get(node.attr)
        if field is None:
            scope.error(
                "C0346",
                node,
                f"bit record `{value.type}` has no field `{node.attr}`",
                "",
                *did_you_mean(node.attr, value.type.fields),
            )
            return None
        return BitsGet(value, field, field.type, span)
    place = check_field(scope, value, node)
    return load(place, span) if place else None


@handles(ast.Subscript)
def _subscript(scope: Scope, node: ast.Subscript, _expected: ValueType | None) -> Operand | None:
    span = scope.span(node)
    operand = check_operand(scope, node.value)
    value = typed(scope, operand) if operand is not None else None
    if value is None:
        return None
    if isinstance(value.type, TupleType):
        return _tuple_item(scope, value, value.type, node)
    if isinstance(node.slice, ast.Slice):
        return _slice(scope, value, node, node.slice)
    place = check_element(scope, value, node)
    return load(place, span) if place else None


def _tuple_item(scope: Scope, value: Expression, kind: TupleType, node: ast.Subscript) -> Operand | None:
    index = check_operand(scope, node.slice)
    if index is None:
        return None
    if not isinstance(index, Untyped) or not 0 <= index.value < len(kind.items):
        scope.error("C0347", node.slice, f"a tuple of {len(kind.items)} is indexed by a number below that")
        return None
    return TupleItem(value, index.value, kind.items[index.value], scope.span(node))


def _slice(scope: Scope, value: Expression, node: ast.Subscript, bounds: ast.Slice) -> Operand | None:
    match value.type:
        case ViewType() as view:
            pass
        case RefType(target=ArrayType(element=element), nullable=False):
            view = ViewType(element)
        case PtrType():
            scope.error(
                "C0348",
                node,
                "a pointer does not know how many elements there are",
                "",
                "keep an `Array` view beside it",
            )
            return None
        case other:
            scope.error("C0348", node, f"`{other}` has no elements")
            return None
    if bounds.step is not None:
        scope.error("C0348", bounds.step, "a slice with a step", "", "write a loop over `range(start, stop, step)`")
        return None
    ends: list[Expression | None] = []
    for end in (bounds.lower, bounds.upper):
        found = check_index(scope, end) if end is not None else None
        if end is not None and found is None:
            return None
        ends.append(found)
    whole = coerce(scope, value, view)
    return Slice(whole, ends[0], ends[1], view, scope.span(node)) if whole is not None else None


@handles(ast.Tuple)
def _tuple(scope: Scope, node: ast.Tuple, expected: ValueType | None) -> Operand | None:
    hints = expected.items if isinstance(expected, TupleType) and len(expected.items) == len(node.elts) else None
    items: list[Expression] = []
    ok = True
    for number, element in enumerate(node.elts):
        found = check_expression(scope, element, hints[number] if hints else None)
        ok = ok and found is not None
        if found is not None:
            items.append(found)
    if not ok:
        return None
    if len(items) < 2:
        scope.error("C0351", node, "a tuple has two values or more")
        return None
    return MakeTuple(tuple(items), TupleType(tuple(kind_of(i) for i in items)), scope.span(node))
