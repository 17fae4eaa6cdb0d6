"""`fprint` and `copy`: statements that look like calls."""

from __future__ import annotations

import ast
import hashlib

from exotool.compiler import declare, functions
from exotool.compiler.dispatch import NoneValue, Untyped, check_operand, coerce, convert, kind_of, place_of, typed
from exotool.compiler.scope import Scope, sure
from exotool.compiler.text import Piece, Text
from exotool.compiler.tree import (
    Assign,
    Call,
    Constant,
    Convert,
    Copy,
    CopyView,
    Element,
    Evaluate,
    Expression,
    Function,
    Global,
    GlobalPlace,
    If,
    Read,
    Reference,
    Span,
    Statement,
    StoragePlace,
    Store,
    View,
)
from exotool.compiler.types import (
    I64,
    NONE,
    U8,
    U32,
    U64,
    ArrayType,
    BitsType,
    BoolType,
    EnumType,
    IntType,
    PtrType,
    RefType,
    StructType,
    ValueType,
    ViewType,
)

_WRITERS: dict[str, tuple[ValueType, ...]] = {
    "write": (ViewType(U8),),
    "write_unsigned": (U64, U32, U32, U32),
    "write_signed": (I64, U32, U32),
}


def check_fprint(scope: Scope, node: ast.Call) -> tuple[Statement, ...] | None:
    """Check `fprint(out, text)`: one call of a writer for each part of the text."""
    if len(node.args) != 2 or node.keywords:
        scope.error(
            "C0359",
            node,
            "`fprint` takes 2 arguments",
            f"{len(node.args) + len(node.keywords)} given",
            'write `fprint(console, f"...")`',
        )
        return None
    operand = check_operand(scope, node.args[0])
    out = typed(scope, operand) if operand is not None else None
    text = check_operand(scope, node.args[1])
    if out is None or text is None:
        return None
    if not isinstance(text, Text):
        scope.error("C0357", node.args[1], "`fprint` takes text", "a literal, an f-string or a `str` parameter")
        return None
    if not isinstance(out.type, RefType) or out.type.nullable or not isinstance(out.type.target, StructType):
        scope.error("C0374", node.args[0], f"`{out.type}` has no writers", "a struct with `write` is needed")
        return None
    writer = _Writer(scope, node, out, out.type.target)
    return writer.write(text)


class _Writer:
    """Writes one text to one struct."""

    def __init__(self, scope: Scope, node: ast.Call, out: Expression, struct: StructType) -> None:
        self.scope = scope
        self.node = node
        self.span = scope.span(node)
        self.struct = struct
        self.statements: list[Statement] = []
        self.out = self._kept(out)

    def write(self, text: Text) -> tuple[Statement, ...] | None:
        """Python makes the whole text before it writes any of it: all values are evaluated first."""
        parts = [p if isinstance(p, str) else Piece(self._kept(p.value), p.spec) for p in text.parts]
        for part in parts:
            if not (self._literal(part) if isinstance(part, str) else self._value(part)):
                return None
        return tuple(self.statements)

    def _kept(self, value: Expression) -> Expression:
        if isinstance(value, Constant | Read) or (
            isinstance(value, Reference) and isinstance(value.place, GlobalPlace)
        ):
            return value
        local = self.scope.temporary(kind_of(value), self.span)
        self.statements.append(Assign(local, value, self.span))
        return Read(local, self.span)

    def _function(self, name: str) -> Function | None:
        entity = declare.struct_name(self.scope.unit, self.struct).methods.get(name)
        wanted = _WRITERS[name]
        if entity is not None and not entity.static:
            found = functions.function_of(self.scope, entity, self.node, owner=self.struct)
            if found is None:
                return None
            if tuple(p.type for p in found.parameters[1:]) == wanted and found.result == NONE:
                return found
        arguments = ", ".join(f"{n}: {t}" for n, t in zip(("value", "base", "width", "flags"), wanted, strict=False))
        if name == "write_signed":
            arguments = "value: i64, width: u32, flags: u32"
        elif name == "write":
            arguments = "text: Array[u8]"
        self.scope.error(
            "C0374",
            self.node.args[0],
            f"struct `{self.struct}` cannot write this",
            f"`{name}` is needed",
            f"define `def {name}(self, {arguments}) -> None`",
        )
        return None

    def _call(self, name: str, *arguments: Expression) -> Statement | None:
        function = self._function(name)
        if function is None:
            return None
        return Evaluate(Call(function, (self.out, *arguments), self.span), self.span)

    def _add(self, statement: Statement | None) -> bool:
        if statement is not None:
            self.statements.append(statement)
        return statement is not None

    def _literal(self, text: str) -> bool:
        return not text or self._add(self._call("write", literal_view(self.scope, text.encode(), self.span)))

    def _value(self, piece: Piece) -> bool:
        value, spec = piece.value, piece.spec
        if spec.base == 0:
            return self._character(value)
        width, flags = Constant(spec.width, U32, self.span), Constant(spec.flags, U32, self.span)
        match value.type:
            case ViewType():
                return self._add(self._call("write", value))
            case BoolType():
                true = self._call("write", literal_view(self.scope, b"True", self.span))
                false = self._call("write", literal_view(self.scope, b"False", self.span))
                if true is None or false is None:
                    return False
                return self._add(If(value, (true,), (false,), self.span))
            case IntType(signed=True) if spec.base == 10:
                return self._add(self._call("write_signed", convert(value, I64), width, flags))
            case IntType(signed=True):
                self.scope.error(
                    "C0312",
                    self.node.args[1],
                    f"a hexadecimal format for `{value.type}`",
                    "its sign has no place there",
                    "convert it: `u64(x)`",
                )
                return False
            case EnumType(storage=IntType(signed=True) as storage):
                wide = Convert(Convert(value, storage, self.span), I64, self.span)
                return self._add(self._call("write_signed", wide, width, flags))
            case EnumType(storage=storage) | BitsType(storage=storage):
                value = Convert(value, storage, self.span)
            case PtrType():
                value = Convert(value, U64, self.span)
        base = Constant(spec.base, U32, self.span)
        return self._add(self._call("write_unsigned", convert(value, U64), base, width, flags))

    def _character(self, value: Expression) -> bool:
        if value.type != U8:
            self.scope.error(
                "C0312", self.node.args[1], f"one character of `{value.type}`", "`u8` is needed", "convert it: `u8(x)`"
            )
            return False
        place = StoragePlace(self.scope.storage("character", ArrayType(U8, 1), self.span), self.span)
        element = Element(place, Constant(0, U64, self.span), U8, self.span)
        self.statements.append(Store(element, value, self.span))
        return self._add(self._call("write", View(place, ViewType(U8), self.span)))


def literal_view(scope: Scope, data: bytes, span: Span) -> Expression:
    """Return a view of read-only bytes; the same bytes stand once in a module."""
    name = scope.module.name
    key = ("literal", name, data)
    if key not in scope.unit.instances:
        symbol = f"{name}.text.{hashlib.sha256(data).hexdigest()[:16]}"
        made = Global("text", symbol, name, ArrayType(U8, len(data)), span, data, read_only=True)
        scope.unit.instances[key] = made
        scope.unit.program.globals.append(made)
    target = sure(scope.unit.instances[key], Global)
    return View(GlobalPlace(target, span), ViewType(U8), span)


def check_copy(scope: Scope, node: ast.Call) -> tuple[Statement, ...] | None:
    """Check `copy(destination, source)`."""
    if len(node.args) != 2 or node.keywords:
        scope.error("C0359", node, "`copy` takes 2 arguments", "", "write `copy(destination, source)`")
        return None
    pair: list[Expression] = []
    for argument in node.args:
        operand = check_operand(scope, argument)
        if operand is None:
            return None
        if isinstance(operand, Untyped | NoneValue | Text):
            scope.error("C0375", argument, "this is no struct or array")
            return None
        value = typed(scope, operand)
        if value is None:
            return None
        pair.append(value)
    destination, source = pair
    span = scope.span(node)
    if _is_read_only(destination):
        scope.error("C0353", node.args[0], "a `Final` static cannot be written", "it is in read-only memory")
        return None
    match destination.type, source.type:
        case RefType(target=a, nullable=False), RefType(target=b, nullable=False) if a == b and isinstance(
            a, StructType | ArrayType
        ):
            return (Copy(place_of(destination), place_of(source), span),)
        case (ViewType() | RefType(target=ArrayType())) as to, (ViewType() | RefType(target=ArrayType())) as origin:
            element = to.element if isinstance(to, ViewType) else to.target.element  # type: ignore[union-attr]
            view = ViewType(element)
            if origin == view or (isinstance(origin, RefType) and origin.target.element == element):  # type: ignore[union-attr]
                left, right = coerce(scope, destination, view), coerce(scope, source, view)
                return None if left is None or right is None else (CopyView(left, right, span),)
    scope.error(
        "C0375",
        node,
        f"`copy` from `{source.type}` to `{destination.type}`",
        "both must be the same struct, or arrays of the same elements",
    )
    return None


def _is_read_only(value: Expression) -> bool:
    return isinstance(value, Reference) and isinstance(value.place, GlobalPlace) and value.place.target.read_only
