"""The initial bytes of static storage, with the addresses that the linker puts into them."""

from __future__ import annotations

import ast
from typing import Final

from exotool.compiler import declare
from exotool.compiler.annotations import resolve
from exotool.compiler.dispatch import check_operand, coerce
from exotool.compiler.names import StaticName, StructName, Word
from exotool.compiler.places import in_order
from exotool.compiler.scope import Scope, Unit
from exotool.compiler.tree import (
    Constant,
    Convert,
    Field,
    Function,
    FunctionAddress,
    Global,
    GlobalPlace,
    Place,
    Reference,
)
from exotool.compiler.types import (
    U8,
    ArrayType,
    AtomicType,
    EnumType,
    FunctionType,
    RefType,
    StorageType,
    StructType,
    VolatileType,
    scalar_in,
    size_of,
)
from exotool.diagnostics import did_you_mean

MAX_DATA: Final = 64 << 20
"""Bytes of one static that is not all zero."""


def initialise(unit: Unit, entity: StaticName) -> None:
    """Put the initial value into a static, which has been declared."""
    target, node = entity.target, entity.node
    if target is None:
        return
    scope = Scope(unit, entity.module)
    if node.value is None:
        if isinstance(target.type, StructType | AtomicType | ArrayType):
            scope.error(
                "C0236",
                node,
                f"static `{entity.name}` has no value",
                "Python would not define it",
                f"write `= {_maker(target.type)}`",
            )
        else:
            scope.error(
                "C0236",
                node,
                f"static `{entity.name}` has no value",
                "Python would not define it",
                f"write `{entity.name}: {target.type} = 0`",
            )
        return
    image = _Image(scope, size_of(target.type))
    image.put(target.type, node.value, 0)
    if any(image.data) or image.relocations:
        target.data = bytes(image.data)
        target.relocations = tuple(sorted(image.relocations, key=lambda r: r[0]))


def _maker(storage: StorageType) -> str:
    return "array(16)" if isinstance(storage, ArrayType) else f"{storage}()"


class _Image:
    """The bytes of one static while they are put together; they stay empty as long as all are zero."""

    def __init__(self, scope: Scope, size: int) -> None:
        self.scope = scope
        self.size = size
        self.data = bytearray()
        self.relocations: list[tuple[int, Global | Function, int]] = []

    def put(self, storage: StorageType, node: ast.expr, offset: int) -> None:
        """Put the value of an expression at an offset."""
        match storage:
            case ArrayType():
                self._array(storage, node, offset)
            case StructType():
                self._struct(storage, node, offset)
            case AtomicType(target=target):
                inner = self._wrapped(node, "Atomic")
                if inner is not None:
                    self.put(target, inner, offset)
            case VolatileType(target=target):
                self.put(target, node, offset)
            case _:
                self._scalar(storage, node, offset)

    def _wrapped(self, node: ast.expr, name: str) -> ast.expr | None:
        match node:
            case ast.Call(func=func, args=[value], keywords=[]):
                head = func.value if isinstance(func, ast.Subscript) else func
                if resolve(self.scope, head) == Word("exotool.lang", name):
                    return value
        self.scope.error("C0237", node, f"an `{name}` starts as `{name}(0)`")
        return None

    def _struct(self, struct: StructType, node: ast.expr, offset: int) -> None:
        if not isinstance(node, ast.Call) or not self._makes(struct, node):
            self.scope.error("C0237", node, f"a `{struct}` starts as `{struct}()`")
            return
        if node.args:
            self.scope.error("C0237", node.args[0], "fields are given by name", "", f"write `{struct}(name=...)`")
        for keyword in node.keywords:
            field = struct.fields.get(keyword.arg or "")
            if field is None:
                self.scope.error(
                    "C0346",
                    keyword,
                    f"struct `{struct}` has no field `{keyword.arg}`",
                    "",
                    *did_you_mean(keyword.arg or "", struct.fields),
                )
            else:
                self.put(field.type, keyword.value, offset + field.offset)

    def _makes(self, struct: StructType, node: ast.Call) -> bool:
        head = node.func.value if isinstance(node.func, ast.Subscript) else node.func
        entity = resolve(self.scope, head)
        if not in_order(self.scope, entity, head):
            return True
        return isinstance(entity, StructName) and entity is declare.struct_name(self.scope.unit, struct)

    def _array(self, storage: ArrayType, node: ast.expr, offset: int) -> None:
        if isinstance(node, ast.Call) and resolve(self.scope, node.func) == Word("exotool.lang", "array"):
            if len(node.args) == 1 and isinstance(node.args[0], ast.List):
                node = node.args[0]
            elif (
                len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, bytes)
            ):
                if storage.element != U8:
                    self.scope.error("C0237", node, f"bytes for elements of `{storage.element}`", "`u8` is needed")
                    return
                data = node.args[0].value
                if len(data) != storage.length:
                    self.scope.error("C0237", node, f"{len(data)} bytes for {storage.length} elements")
                    return
                self._bytes(data, offset, node)
                return
            else:
                return
        if not isinstance(node, ast.List):
            self.scope.error("C0237", node, "an array starts as `array(16)` or `array([1, 2])`")
            return
        if len(node.elts) != storage.length:
            self.scope.error("C0237", node, f"{len(node.elts)} elements, {storage.length} are needed")
            return
        for number, element in enumerate(node.elts):
            self.put(storage.element, element, offset + number * size_of(storage.element))

    def _scalar(self, storage: StorageType, node: ast.expr, offset: int) -> None:
        wanted = scalar_in(storage)
        if wanted is None:
            raise AssertionError("structs, arrays and atomics have their own initial values")
        operand = check_operand(self.scope, node, wanted)
        value = coerce(self.scope, operand, wanted) if operand is not None else None
        if value is None:
            return
        while isinstance(value, Convert) and isinstance(value.type, RefType | FunctionType):
            value = value.operand
        match value:
            case Constant(value=None):
                return
            case Constant(value=number) if number is not None:
                if isinstance(storage, EnumType) and number not in storage.members.values():
                    return
                size = size_of(storage)
                self._bytes((int(number) & ((1 << 8 * size) - 1)).to_bytes(size, "little"), offset, node)
                return
            case FunctionAddress(function=function):
                self._relocation(offset, function, 0, node)
                return
            case Reference(place=place):
                found = _static_address(place)
                if found is not None:
                    self._relocation(offset, *found, node)
                    return
        self.scope.error(
            "C0230",
            node,
            "this is not known at compile time",
            "statics have constant values",
            "set it in a function that runs first",
        )

    def _relocation(self, offset: int, target: Global | Function, addend: int, node: ast.expr) -> None:
        self._bytes(bytes(8), offset, node)
        self.relocations.append((offset, target, addend))

    def _bytes(self, data: bytes, offset: int, node: ast.expr) -> None:
        if not any(data) and not self.data:
            return
        if not self.data:
            if self.size > MAX_DATA:
                self.scope.error(
                    "C0237",
                    node,
                    f"a static of {self.size} bytes that is not all zero",
                    "",
                    "fill it in a function that runs first",
                )
                self.size = 0
            self.data = bytearray(self.size)
        if self.size:
            self.data[offset : offset + len(data)] = data


def _static_address(place: Place) -> tuple[Global, int] | None:
    offset = 0
    while isinstance(place, Field):
        offset += place.field.offset
        place = place.base
    return (place.target, offset) if isinstance(place, GlobalPlace) else None
