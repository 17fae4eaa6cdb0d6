"""Annotations -> types: of variables and parameters (values), and of fields and statics (storage)."""

from __future__ import annotations

import ast
from typing import Final

from exotool.compiler import declare
from exotool.compiler.names import (
    INTEGER_NAMES,
    AliasName,
    BitsName,
    Entity,
    EnumName,
    PackageName,
    StructName,
    TypeVariable,
    Word,
    member,
)
from exotool.compiler.scope import Scope
from exotool.compiler.source import parse_expression
from exotool.compiler.types import (
    BOOL,
    INTEGERS,
    NEVER,
    NONE,
    ArrayType,
    AtomicType,
    FunctionType,
    IntType,
    NeverType,
    NoneType,
    PtrType,
    RefType,
    ResultType,
    StorageType,
    StructType,
    TupleType,
    Type,
    UserPtrType,
    ValueType,
    ViewType,
    VolatileType,
)
from exotool.diagnostics import did_you_mean

MAX_WEIGHT: Final = 64
"""Names in one type, written out. No type that a person reads has a tenth of it."""


def weight(value: object) -> int:
    """Return how many names a type has, counting up to just above `MAX_WEIGHT`."""
    total = 0
    pending = [value]
    while pending and total <= MAX_WEIGHT:
        part = pending.pop()
        total += 1
        match part:
            case TupleType(items=items):
                pending += items
            case FunctionType(parameters=parameters, result=result):
                pending += [*parameters, result]
            case StructType(arguments=arguments):
                pending += arguments
            case RefType(target=inner) | AtomicType(target=inner) | VolatileType(target=inner):
                pending.append(inner)
            case ArrayType(element=inner) | ViewType(element=inner) | PtrType(element=inner):
                pending.append(inner)
            case UserPtrType(element=inner):
                pending.append(inner)
    return total


def _bounded(scope: Scope, value: Type, node: ast.expr) -> Type | None:
    if weight(value) > MAX_WEIGHT:
        scope.error("C0205", node, f"a type of more than {MAX_WEIGHT} names", "", "make a struct of the values")
        return None
    return value


def resolve(scope: Scope, node: ast.expr) -> Entity | None:
    """Return what `a` or `a.b.c` stands for without an error; None for local names and everything else."""
    if isinstance(node, ast.Name):
        if node.id in scope.bindings or node.id in scope.local_names:
            return None
        found = scope.module.find(node.id)
        if isinstance(found, PackageName) and ":" in found.name and found.module is not None:
            return found.module.names.get(found.name.split(":")[1])
        return found
    if isinstance(node, ast.Attribute):
        base = resolve(scope, node.value)
        if isinstance(base, PackageName):
            return member(base, node.attr, scope.unit.modules)
    return None


def unquoted(scope: Scope, node: ast.expr) -> ast.expr | None:
    """Return the expression in a quoted annotation, every node of it placed at the quotes."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return node
    inner = parse_expression(node.value)
    if inner is None:
        scope.error("C0205", node, "the quoted annotation is no type")
        return None
    for part in ast.walk(inner):
        ast.copy_location(part, node)
    return inner


def value_type(scope: Scope, annotation: ast.expr) -> ValueType | None:
    """Return the type of a variable or parameter."""
    found = any_type(scope, annotation)
    match found:
        case None:
            return None
        case StructType() | ArrayType() | AtomicType():
            return RefType(found)
        case VolatileType():
            scope.error(
                "C0206", annotation, f"`{found}` is memory, no value", "", "read it into a variable of the type itself"
            )
            return None
        case NoneType() | NeverType():
            scope.error("C0206", annotation, f"a variable cannot have the type `{found}`")
            return None
    return found


def result_type(scope: Scope, annotation: ast.expr | None, where: ast.AST) -> ResultType | None:
    """Return the type of a function's result."""
    if annotation is None:
        scope.error("C0207", where, "the result has no annotation", "", "write `-> None` if it returns nothing")
        return None
    node = unquoted(scope, annotation)
    if node is None:
        return None
    if isinstance(node, ast.Constant) and node.value is None:
        return NONE
    if resolve(scope, node) == Word("typing", "NoReturn"):
        return NEVER
    return value_type(scope, node)


def storage_type(scope: Scope, annotation: ast.expr) -> StorageType | None:
    """Return the type of a field or element. A struct is inline, and complete afterwards."""
    found = any_type(scope, annotation, storage=True)
    match found:
        case None:
            return None
        case ViewType():
            scope.error(
                "C0208",
                annotation,
                "an array in memory needs a length",
                "",
                f"write `name: {found} = array(N)`, or `Ptr[{found.element}]` for an address",
            )
            return None
        case TupleType() | NoneType() | NeverType():
            scope.error("C0208", annotation, f"`{found}` cannot be in memory", "", "give each value a field of its own")
            return None
        case StructType():
            return found if declare.layout(scope, found, annotation) else None
    return found


def any_type(scope: Scope, annotation: ast.expr, *, storage: bool = False) -> Type | None:
    """Return the type that an annotation names; a struct as itself. With `storage`, `Ref[P]` is kept as a reference."""
    node = unquoted(scope, annotation)
    match node:
        case None:
            return None
        case ast.Constant(value=None):
            return NONE
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _optional(scope, node, left, right, storage)
        case ast.Subscript(value=head, slice=inner):
            return _subscript(scope, node, head, inner)
        case ast.Name() | ast.Attribute():
            return _named(scope, node)
    scope.error("C0205", node, "this is no type", "", "write a type such as `u64`, `Point` or `Array[u8]`")
    return None


def _named(scope: Scope, node: ast.Name | ast.Attribute) -> Type | None:
    entity = resolve(scope, node)
    match entity:
        case Word("exotool.lang", name) if name in INTEGER_NAMES:
            return INTEGERS[name]
        case Word("builtins", "bool"):
            return BOOL
        case Word("builtins", "int"):
            scope.error("C0209", node, "`int` has no width", "", "choose one: `u64`, `i64`, `u32`, ...")
            return None
        case Word("builtins", "str"):
            scope.error(
                "C0209", node, "text exists at compile time only", "", "pass bytes as `Array[u8]`; `str` is a parameter"
            )
            return None
        case Word("typing", "NoReturn"):
            return NEVER
        case StructName():
            return declare.struct_type(scope, entity, (), node)
        case EnumName():
            return declare.enum_type(scope.unit, entity)
        case BitsName():
            return declare.bits_type(scope.unit, entity)
        case TypeVariable():
            if entity not in scope.type_arguments:
                scope.error("C0210", node, f"`{entity.name}` is bound to no type here")
            return scope.type_arguments.get(entity)
        case AliasName(value=ast.expr() as value, module=module):
            if entity.busy:
                scope.error("C0211", node, f"the alias `{entity.name}` means itself")
                return None
            if not entity.done:
                entity.busy = True
                entity.type = any_type(Scope(scope.unit, module), value)
                entity.busy, entity.done = False, True
            return entity.type
        case Word():
            scope.error("C0205", node, f"`{entity.name}` alone is no type", "", _HOW.get(entity.name, "choose a type"))
            return None
        case None:
            if isinstance(node, ast.Name) and node.id not in scope.module.names:
                names = [*scope.module.names, *INTEGER_NAMES, "bool"]
                scope.error("C0212", node, f"no type is called `{node.id}`", "", *_close(node.id, names))
            elif isinstance(node, ast.Attribute):
                scope.error("C0212", node, f"no type is called `{ast.unparse(node)}`")
            return None
    scope.error("C0205", node, "this name is no type")
    return None


_HOW = {
    "Array": "write `Array[u8]` with the type of its elements",
    "Ptr": "write `Ptr[u64]` with the type that it points to",
    "tuple": "write `tuple[u64, bool]` with the types of its items",
    "Callable": "write `Callable[[u64], None]` with its parameters and result",
    "Ref": "write `Ref[Point]` with a struct",
}


def _close(name: str, known: list[str]) -> tuple[str, ...]:
    found = did_you_mean(name, known)
    if found:
        return found
    return (f"`from exotool.lang import {name}`",) if name in INTEGER_NAMES else ()


def _optional(scope: Scope, node: ast.expr, left: ast.expr, right: ast.expr, storage: bool) -> Type | None:
    if isinstance(left, ast.Constant) and left.value is None:
        left, right = right, left
    if not isinstance(right, ast.Constant) or right.value is not None:
        scope.error("C0213", node, "a value has one type", "", "the only alternative is `| None`")
        return None
    found = any_type(scope, left, storage=storage)
    match found:
        case None:
            return None
        case StructType() if storage and not _is_ref(scope, left):
            scope.error(
                "C0213", node, "an inline struct cannot be None", "", f"write `Ref[{found}] | None` for a reference"
            )
            return None
        case StructType() | ArrayType():
            return RefType(found, nullable=True)
        case RefType(target=target):
            return RefType(target, nullable=True)
        case FunctionType(parameters=parameters, result=result):
            return FunctionType(parameters, result, nullable=True)
    scope.error("C0213", node, f"`{found}` cannot be None", "only references and function pointers can be")
    return None


def _is_ref(scope: Scope, node: ast.expr) -> bool:
    return isinstance(node, ast.Subscript) and resolve(scope, node.value) == Word("exotool.lang", "Ref")


def _subscript(scope: Scope, node: ast.Subscript, head: ast.expr, inner: ast.expr) -> Type | None:
    entity = resolve(scope, head)
    arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if isinstance(entity, StructName):
        found = [any_type(scope, a) for a in arguments]
        if any(f is None for f in found):
            return None
        return declare.struct_type(scope, entity, tuple(f for f in found if f is not None), node)
    if entity == Word("builtins", "tuple"):
        items = [value_type(scope, a) for a in arguments]
        made = TupleType(tuple(i for i in items if i is not None))
        return None if None in items else _bounded(scope, made, node)
    if entity == Word("collections.abc", "Callable"):
        return _callable(scope, node, arguments)
    if not isinstance(entity, Word) or entity.name not in ("Array", "Ptr", "UserPtr", "Ref", "Volatile", "Atomic"):
        scope.error("C0205", node, "this is no type")
        return None
    if len(arguments) != 1:
        scope.error("C0205", node, f"`{entity.name}` has one type between the brackets")
        return None
    return _memory(scope, entity.name, arguments[0])


def _memory(scope: Scope, name: str, argument: ast.expr) -> Type | None:
    target = any_type(scope, argument, storage=True)
    if target is None:
        return None
    if name == "Ref":
        if isinstance(target, StructType | ArrayType):
            return RefType(target)
        scope.error("C0214", argument, f"`Ref` refers to a struct, not to `{target}`", "", "use `Ptr` for scalars")
        return None
    if name in ("Volatile", "Atomic"):
        scalar = not isinstance(
            target, StructType | ArrayType | ViewType | TupleType | VolatileType | AtomicType | NoneType | NeverType
        )
        if name == "Atomic" and not isinstance(target, IntType | type(BOOL) | PtrType | RefType):
            scalar = False
        if not scalar:
            scope.error("C0214", argument, f"`{name}[{target}]`: one machine word is needed")
            return None
        return VolatileType(target) if name == "Volatile" else AtomicType(target)  # type: ignore[arg-type]
    if isinstance(target, TupleType | NoneType | NeverType):
        scope.error("C0214", argument, f"`{target}` cannot be in memory")
        return None
    if isinstance(target, ViewType) and name != "Array":
        scope.error("C0214", argument, "an array behind a pointer needs a length", "", f"use `{name}[...]` of a struct")
        return None
    element: StorageType = target  # type: ignore[assignment]
    if name == "Array":
        return ViewType(element)
    return PtrType(element) if name == "Ptr" else UserPtrType(element)


def _callable(scope: Scope, node: ast.expr, arguments: list[ast.expr]) -> Type | None:
    match arguments:
        case [ast.List(elts=parameters), result]:
            types = [value_type(scope, p) for p in parameters]
            value = result_type(scope, result, node)
            if None in types or value is None:
                return None
            return _bounded(scope, FunctionType(tuple(t for t in types if t is not None), value), node)
    scope.error("C0205", node, "a function pointer is written `Callable[[u64], None]`")
    return None
