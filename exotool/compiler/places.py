"""Places: statics, fields of structs, elements of arrays and of what pointers point to."""

from __future__ import annotations

import ast

from exotool.compiler import declare
from exotool.compiler.annotations import resolve
from exotool.compiler.dispatch import Operand, Untyped, check_expression, check_operand, coerce, place_of, typed
from exotool.compiler.names import ConstantName, Declared, PackageName, StaticName
from exotool.compiler.scope import Scope
from exotool.compiler.tree import Constant, Element, Expression, Field, Global, GlobalPlace, Place, Span
from exotool.compiler.types import (
    I64,
    U64,
    ArrayType,
    BitsType,
    IntType,
    PtrType,
    RefType,
    StructType,
    TupleType,
    UserPtrType,
    ViewType,
)
from exotool.diagnostics import did_you_mean


def in_order(scope: Scope, entity: object, node: ast.AST) -> bool:
    """Tell whether a name that is used when the module is loaded is defined by then; report it otherwise."""
    if scope.function is not None or not isinstance(entity, Declared) or entity.module is not scope.module:
        return True
    line: int = getattr(getattr(entity, "node", node), "lineno", 0)
    if line <= scope.span(node).line:
        return True
    scope.error(
        "C0342",
        node,
        f"`{entity.name}` has no value here",
        f"it is defined in line {line}, further down",
        "define it first",
    )
    return False


def static_place(scope: Scope, entity: StaticName, span: Span) -> GlobalPlace | None:
    """Return the place of static storage."""
    target = declare.static_global(scope.unit, entity)
    return GlobalPlace(target, span) if target else None


def check_field(scope: Scope, value: Expression, node: ast.Attribute) -> Field | None:
    """Return the field that an attribute of a reference names."""
    match value.type:
        case RefType(nullable=True):
            scope.error(
                "C0307",
                node.value,
                "the value may be None",
                f"`.{node.attr}` needs an object",
                "test it first: `if x is not None:`; a field is copied into a variable before",
            )
            return None
        case RefType(target=StructType() as struct):
            if not declare.layout(scope, struct, node):
                return None
            field = struct.fields.get(node.attr)
            if field is not None:
                return Field(place_of(value), field, scope.span(node))
            methods = declare.struct_name(scope.unit, struct).methods
            if node.attr in methods:
                scope.error("C0344", node, f"method `{node.attr}` is no value", "", "call it")
                return None
            scope.error(
                "C0346",
                node,
                f"struct `{struct}` has no field `{node.attr}`",
                "",
                *did_you_mean(node.attr, [*struct.fields, *methods]),
            )
            return None
        case PtrType(element=StructType()):
            scope.error("C0346", node, f"`{value.type}` has no fields", "", f"write `p[0].{node.attr}`")
            return None
    scope.error("C0346", node, f"`{value.type}` has no field `{node.attr}`")
    return None


def check_index(scope: Scope, node: ast.expr) -> Expression | None:
    """Check an index or bound: any integer type."""
    operand = check_operand(scope, node)
    if isinstance(operand, Untyped):
        if operand.value < 0:
            scope.error(
                "C0349",
                node,
                f"index {operand.value} is out of bounds",
                "nothing counts from the end here",
                "write `len(a) - 1` for the last",
            )
            return None
        return coerce(scope, operand, U64)
    value = typed(scope, operand) if operand is not None else None
    if value is None:
        return None
    if not isinstance(value.type, IntType):
        scope.error("C0349", node, f"`{value.type}` is no index", "an integer is needed")
        return None
    return value


def check_element(scope: Scope, value: Expression, node: ast.Subscript) -> Element | None:
    """Return the element that a subscript of an array, view or pointer names."""
    span = scope.span(node)
    if isinstance(node.slice, ast.Tuple):
        scope.error("C0349", node.slice, "two indices between one pair of brackets", "", "write `a[i][j]`")
        return None
    match value.type:
        case RefType(nullable=True):
            scope.error("C0307", node.value, "the value may be None", "", "test it first: `if x is not None:`")
            return None
        case RefType(target=ArrayType(element=element, length=length)):
            index = check_index(scope, node.slice)
            if isinstance(index, Constant) and isinstance(index.value, int) and not 0 <= index.value < length:
                scope.error("C0349", node.slice, f"index {index.value} is out of bounds", f"the length is {length}")
                return None
            return Element(place_of(value), index, element, span) if index is not None else None
        case ViewType(element=element):
            index = check_index(scope, node.slice)
            return Element(value, index, element, span) if index is not None else None
        case PtrType(element=element):
            if isinstance(element, StructType) and not declare.layout(scope, element, node):
                return None
            operand = check_operand(scope, node.slice)
            index = _pointer_index(scope, operand, node.slice)
            return Element(value, index, element, span) if index is not None else None
        case UserPtrType():
            scope.error(
                "C0350",
                node,
                "a user pointer cannot be dereferenced",
                "user space chose the address",
                "pass it to the copy-in or copy-out routine",
            )
            return None
    scope.error("C0348", node, f"`{value.type}` has no elements")
    return None


def _pointer_index(scope: Scope, operand: Operand | None, node: ast.expr) -> Expression | None:
    if isinstance(operand, Untyped):
        return coerce(scope, operand, I64)
    value = typed(scope, operand) if operand is not None else None
    if value is not None and not isinstance(value.type, IntType):
        scope.error("C0349", node, f"`{value.type}` is no index", "an integer is needed")
        return None
    return value


def check_place(scope: Scope, node: ast.expr) -> Place | None:
    """Check the target of an assignment that is no local variable: a static after `global`, a field, an element.

    The storage may be of any type: assigning to a struct or array as a whole is for the caller to refuse.
    """
    span = scope.span(node)
    place: Place | None = None
    match node:
        case ast.Name(id=name):
            entity = resolve(scope, node)
            if not isinstance(entity, StaticName) or name not in scope.global_names:
                scope.error("C0352", node, f"`{name}` cannot be assigned here")
                return None
            place = static_place(scope, entity, span)
        case ast.Attribute(value=base):
            outer = resolve(scope, base)
            inner = resolve(scope, node)
            if isinstance(outer, PackageName) and isinstance(inner, StaticName):
                place = static_place(scope, inner, span)
            elif outer is not None and not isinstance(outer, StaticName | ConstantName):
                scope.error("C0352", node, "this cannot be assigned")
                return None
            else:
                value = check_expression(scope, base)
                if value is not None and isinstance(value.type, BitsType):
                    scope.error(
                        "C0352",
                        node,
                        "bit records do not change",
                        "",
                        f"assign a new one: `e = e.replace({node.attr}=...)`",
                    )
                    return None
                place = check_field(scope, value, node) if value is not None else None
        case ast.Subscript(value=base):
            value = check_expression(scope, base)
            if value is None:
                return None
            if isinstance(node.slice, ast.Slice):
                scope.error("C0352", node, "a slice cannot be assigned", "", "write `copy(a[i:j], b)`")
                return None
            if isinstance(value.type, TupleType):
                scope.error("C0352", node, "tuples do not change", "", "make a new one")
                return None
            place = check_element(scope, value, node)
        case _:
            scope.error("C0352", node, "this cannot be assigned")
    if place is not None and _root(place) is not None and _root(place).read_only:  # type: ignore[union-attr]
        scope.error("C0353", node, "a `Final` static cannot be written", "it is in read-only memory")
        return None
    return place


def _root(place: Place) -> Global | None:
    base: object = place
    while isinstance(base, Field | Element):
        base = base.base
    return base.target if isinstance(base, GlobalPlace) else None
