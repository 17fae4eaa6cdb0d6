"""Conversions that the program writes: `u32(x)`, `State(x)`, `Pte(x)`, `Ptr[u64](x)`, `P.at(x)`."""

from __future__ import annotations

import ast

from exotool.compiler import declare
from exotool.compiler.annotations import any_type
from exotool.compiler.dispatch import Operand, Untyped, check_operand, coerce, convert, typed
from exotool.compiler.names import INTEGER_NAMES, Word
from exotool.compiler.scope import Scope, sure
from exotool.compiler.tree import BitsReplace, Constant, Convert, Expression
from exotool.compiler.types import (
    U64,
    ArrayType,
    BitField,
    BitsType,
    BoolType,
    EnumType,
    IntType,
    PtrType,
    RefType,
    StructType,
    Type,
    UserPtrType,
    ViewType,
)
from exotool.diagnostics import did_you_mean


def is_cast(word: Word) -> bool:
    """Tell whether a word converts to an integer when called."""
    return word.module == "exotool.lang" and word.name in INTEGER_NAMES


def _argument(scope: Scope, node: ast.Call, what: str) -> Operand | None:
    if len(node.args) != 1 or node.keywords:
        scope.error("C0359", node, f"`{what}` takes 1 argument", f"{len(node.args) + len(node.keywords)} given")
        return None
    return check_operand(scope, node.args[0])


def to_type(scope: Scope, node: ast.Call, target: Type) -> Operand | None:
    """Check a cast to whatever a type variable stands for."""
    match target:
        case IntType():
            return to_integer(scope, node, target)
        case EnumType():
            return to_enum(scope, node, target)
        case BitsType():
            return to_bits(scope, node, target)
    scope.error("C0363", node, f"nothing converts to `{target}`")
    return None


def to_integer(scope: Scope, node: ast.Call, target: IntType) -> Operand | None:
    """Check `u32(x)`: truncate or extend an integer, or take the bits of a bool, enum, bit record or pointer."""
    operand = _argument(scope, node, str(target))
    if operand is None:
        return None
    span = scope.span(node)
    if isinstance(operand, Untyped):
        return Constant(target.wrap(operand.value), target, span)
    value = typed(scope, operand)
    if value is None:
        return None
    match value.type:
        case IntType() | EnumType() | BitsType() | BoolType():
            if isinstance(value, Constant) and value.value is not None:
                return Constant(target.wrap(int(value.value)), target, span)
            return Convert(value, target, span) if value.type != target else value
        case PtrType():
            address = Convert(value, U64, span)
            return address if target == U64 else Convert(address, target, span)
        case UserPtrType():
            scope.error(
                "C0350",
                node,
                "a user pointer cannot become an integer",
                "user space chose the address",
                "pass it to the copy-in or copy-out routine",
            )
            return None
        case RefType():
            scope.error("C0363", node, f"`{target}` of a reference", "", "write `addressof(x)`")
            return None
    scope.error("C0363", node, f"`{value.type}` does not convert to `{target}`")
    return None


def to_enum(scope: Scope, node: ast.Call, enum: EnumType) -> Operand | None:
    """Check `State(x)`, which traps when no member has the value."""
    operand = _argument(scope, node, str(enum))
    if operand is None:
        return None
    span = scope.span(node)
    value = coerce(scope, operand, enum.storage) if isinstance(operand, Untyped) else typed(scope, operand)
    if value is None:
        return None
    if isinstance(value, Constant) and isinstance(value.type, IntType):
        if value.value not in enum.members.values():
            scope.error("C0364", node.args[0], f"`{enum}` has no member with the value {value.value}")
            return None
        return Constant(value.value, enum, span)
    if value.type == enum:
        return value
    if not isinstance(value.type, IntType):
        scope.error("C0363", node, f"`{value.type}` does not convert to `{enum}`", "an integer is needed")
        return None
    return Convert(value, enum, span)


def to_bits(scope: Scope, node: ast.Call, bits: BitsType) -> Operand | None:
    """Check `Pte(raw)` and `Pte(present=True, frame=n)`."""
    span = scope.span(node)
    if (node.keywords and not node.args) or not node.args:
        return _replaced(scope, node, Constant(0, bits, span), bits)
    operand = _argument(scope, node, str(bits))
    if operand is None:
        return None
    if not isinstance(operand, Untyped):
        value = typed(scope, operand)
        if value is not None and value.type == bits:
            return value
    value = coerce(scope, operand, bits.storage)
    if value is None:
        return None
    if isinstance(value, Constant):
        return Constant(value.value, bits, span)
    return Convert(value, bits, span)


def replace(scope: Scope, node: ast.Call, value: Expression, bits: BitsType) -> Operand | None:
    """Check `e.replace(present=False)`."""
    if node.args or not node.keywords:
        scope.error("C0365", node, "`replace` takes fields by name", "", "write `e.replace(present=True)`")
        return None
    return _replaced(scope, node, value, bits)


def _replaced(scope: Scope, node: ast.Call, value: Expression, bits: BitsType) -> Operand | None:
    fields: list[tuple[BitField, Expression]] = []
    for keyword in node.keywords:
        field = bits.fields.get(keyword.arg or "")
        if field is None:
            scope.error(
                "C0346",
                keyword,
                f"bit record `{bits}` has no field `{keyword.arg}`",
                "",
                *did_you_mean(keyword.arg or "", bits.fields),
            )
            return None
        operand = check_operand(scope, keyword.value, field.type)
        given = coerce(scope, operand, field.type) if operand is not None else None
        if given is None:
            return None
        width = field.high - field.low + 1
        if isinstance(given, Constant) and given.value is not None and int(given.value) >> width:
            scope.error(
                "C0366", keyword.value, f"{given.value} does not fit field `{field.name}`", f"it has {width} bits"
            )
            return None
        fields.append((field, given))
    span = scope.span(node)
    if isinstance(value, Constant) and all(isinstance(e, Constant) for _, e in fields):
        number = int(value.value or 0)
        for field, given in fields:
            mask = ((1 << (field.high - field.low + 1)) - 1) << field.low
            number = number & ~mask | int(sure(given, Constant).value or 0) << field.low
        return Constant(number, bits, span)
    return BitsReplace(value, tuple(fields), bits, span)


def to_pointer(scope: Scope, node: ast.Call, callee: ast.Subscript) -> Operand | None:
    """Check `Ptr[T](x)` and `UserPtr[T](x)` of an address, or of a pointer of the same kind."""
    target = any_type(scope, callee)
    operand = _argument(scope, node, ast.unparse(callee))
    if operand is None or not isinstance(target, PtrType | UserPtrType):
        return None
    if isinstance(target.element, StructType) and not declare.layout(scope, target.element, callee):
        return None
    span = scope.span(node)
    if isinstance(operand, Untyped):
        address = coerce(scope, operand, U64)
        return Constant(address.value, target, span) if isinstance(address, Constant) else None
    value = typed(scope, operand)
    if value is None:
        return None
    match value.type, target:
        case IntType(signed=False), _:
            return Convert(convert(value, U64), target, span)
        case PtrType(element=old), PtrType(element=new) if old != new and declare.holds_user_pointer(old):
            scope.error(
                "C0350",
                node,
                "a user pointer in memory cannot be read as another type",
                f"`{old}` holds one",
                "pass it to the copy-in or copy-out routine",
            )
            return None
        case (PtrType(), PtrType()) | (UserPtrType(), UserPtrType()):
            return Convert(value, target, span)
        case UserPtrType(), PtrType():
            scope.error(
                "C0350",
                node,
                "a user pointer cannot become a `Ptr`",
                "user space chose the address",
                "pass it to the copy-in or copy-out routine",
            )
            return None
        case RefType(target=inner, nullable=False), PtrType(element=element):
            if inner == element or (isinstance(inner, ArrayType) and inner.element == element):
                return Convert(value, target, span)
        case ViewType(), _:
            scope.error("C0363", node, "a view is an address and a length", "", "write `Ptr[T](addressof(a[0]))`")
            return None
    scope.error(
        "C0363",
        node,
        f"`{value.type}` does not convert to `{target}`",
        "",
        "write `u64(...)` for a signed address" if isinstance(value.type, IntType) else "",
    )
    return None


def at(scope: Scope, node: ast.Call, struct: StructType) -> Operand | None:
    """Check `P.at(address)`, which traps for 0."""
    operand = _argument(scope, node, f"{struct}.at")
    if operand is None or not declare.layout(scope, struct, node):
        return None
    span = scope.span(node)
    pointer = PtrType(struct)
    if not isinstance(operand, Untyped):
        value = typed(scope, operand)
        if value is None:
            return None
        if value.type == pointer:
            return Convert(value, RefType(struct), span)
    address = coerce(scope, operand, U64)
    return Convert(Convert(address, pointer, span), RefType(struct), span) if address is not None else None
