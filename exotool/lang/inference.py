"""The static type of an expression, as far as the coercions need it.

A bare number takes the type of its context, and the context may be code that does not run: in `x if c else 0` the 0 has
the type of x even when c is false. So the type of such an expression is read off the source, with the module's own
objects at hand: this happens when the expression first runs. None stands for "not known"; the values then speak for
themselves.
"""

from __future__ import annotations

import ast
import enum
import inspect
from types import ModuleType
from typing import Any, Final

from exotool.lang import arrays, atomics, bitrecords, builtins, intrinsics, pointers, structs
from exotool.lang.integers import Integer, i64, join, u32, u64
from exotool.lang.kinds import (
    ANY,
    BOOL,
    INTEGER_KINDS,
    NONE,
    ClassKind,
    EnumKind,
    FunctionKind,
    IntKind,
    Kind,
    RefKind,
    TupleKind,
    describe,
)
from exotool.lang.traps import KernelTypeError

__tracebackhide__ = True

LITERAL: Final = Kind()
"""The type of a bare number."""

U64: Final = INTEGER_KINDS[u64]
U32: Final = INTEGER_KINDS[u32]
UNKNOWN: Final = object()
_U64_RESULTS: Final = (
    builtins.length,
    intrinsics.addressof,
    intrinsics.symbol_address,
    intrinsics.sizeof,
    intrinsics.offsetof,
)


class Scope:
    """What a function's source says of its local names; `annotations` of parameters and variables, as text."""

    def __init__(self, namespace: dict[str, Any], owner: str, receiver: str) -> None:
        self.namespace = namespace
        self.owner = owner
        self.receiver = receiver
        self.annotations: dict[str, str] = {}
        self.first: dict[str, tuple[str, ast.expr]] = {}
        self.unknown: set[str] = set()
        self._found: dict[str, Kind | None] = {}

    def bound(self, bindings: dict[str, Any]) -> Scope:
        """Return this scope where type variables, and a generic class, stand for what they are bound to."""
        made = Scope({**self.namespace, **bindings}, self.owner, self.receiver)
        made.annotations, made.first, made.unknown = self.annotations, self.first, self.unknown
        return made

    def local(self, name: str) -> Kind | None:
        """Return the type of a local variable."""
        if name not in self._found:
            self._found[name] = None
            self._found[name] = self._local(name)
        return self._found[name]

    def _local(self, name: str) -> Kind | None:
        if name in self.annotations:
            return _known(describe(self.annotations[name], self.namespace))
        if name == self.receiver and self.owner:
            return RefKind(lambda: self.namespace[self.owner], self.owner)
        if name not in self.first:
            return None
        how, expression = self.first[name]
        if how == "value":
            found = self.infer(expression)
            return None if found is LITERAL else found
        if how == "loop":
            return self._element(expression)
        if how.startswith("item"):
            whole = self.infer(expression)
            return whole.items[int(how[4:])] if isinstance(whole, TupleKind) else None
        return None

    def _element(self, iterable: ast.expr) -> Kind | None:
        """Return the type of what a `for` walks over."""
        if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Name):
            name, arguments = iterable.func.id, iterable.args
            if name == "reversed" and arguments:
                return self._element(arguments[0])
            if name == "range":
                found = self._join_all(arguments[:2])
                if found is LITERAL:
                    negative = any(isinstance(a, ast.UnaryOp) for a in arguments[:2])
                    return INTEGER_KINDS[i64] if negative else U64
                return found
        return _value_of(getattr(self.infer(iterable), "element", None))

    def _join_all(self, expressions: list[ast.expr]) -> Kind | None:
        kinds = [self.infer(e) for e in expressions]
        found = kinds[0] if kinds else None
        for kind in kinds[1:]:
            found = join_kinds(found, kind)
        return found

    # --- expressions -----------------------------------------------------------------------------------------------

    def infer(self, node: ast.expr) -> Kind | None:
        """Return the type of an expression, LITERAL for a bare number, None if it is not known."""
        match node:
            case ast.Constant(value=value):
                return BOOL if isinstance(value, bool) else LITERAL if isinstance(value, int) else _none(value)
            case ast.Name() | ast.Attribute():
                return self._named(node)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                return BOOL
            case ast.UnaryOp(operand=operand):
                return self.infer(operand)
            case ast.BinOp(left=left, op=ast.LShift() | ast.RShift()):
                return self.infer(left)
            case ast.BinOp(left=left, right=right):
                return self._arithmetic(self.infer(left), self.infer(right))
            case ast.IfExp(body=body, orelse=orelse):
                return join_kinds(self.infer(body), self.infer(orelse))
            case ast.Call():
                return self._call(node)
            case ast.Subscript(value=base, slice=index):
                return self._subscript(base, index)
            case ast.Tuple(elts=items):
                kinds = [self.infer(item) for item in items]
                known = [k for k in kinds if k is not None and k is not LITERAL]
                return TupleKind(tuple(known)) if len(known) == len(kinds) else None
        return None

    def _arithmetic(self, left: Kind | None, right: Kind | None) -> Kind | None:
        if isinstance(left, ClassKind):
            return INTEGER_KINDS[i64] if isinstance(right, ClassKind) else left
        return join_kinds(left, right)

    def _static(self, node: ast.expr) -> Any:
        """Return the object that a name of the module, or a dotted name, stands for; UNKNOWN for anything else."""
        if isinstance(node, ast.Name):
            if node.id in self.annotations or node.id in self.first or node.id in self.unknown:
                return UNKNOWN
            if node.id == self.receiver and self.owner:
                return UNKNOWN
            return self.namespace.get(node.id, builtins.REPLACED.get(node.id, UNKNOWN))
        if isinstance(node, ast.Attribute):
            base = self._static(node.value)
            if isinstance(base, (ModuleType, type)):
                return getattr(base, node.attr, UNKNOWN)
        if isinstance(node, ast.Subscript):
            base = self._static(node.value)
            if isinstance(base, (structs.StructMeta, pointers.PointerMeta)):
                text = ast.unparse(node)
                return eval(text, dict(self.namespace))  # noqa: S307 - an expression of the module itself
        return UNKNOWN

    def _named(self, node: ast.Name | ast.Attribute) -> Kind | None:
        found = self._static(node)
        if found is not UNKNOWN:
            return self._static_kind(node, found)
        if isinstance(node, ast.Name):
            statics = self.namespace["__kpy__"].statics
            return self.local(node.id) or _known(statics.get(node.id, ANY))
        base = self.infer(node.value)
        cls = getattr(base, "cls", None)
        if isinstance(cls, structs.StructMeta):
            cls.__kpy_lay_out__()
            field = cls.__kpy_fields__.get(node.attr)
            return _value_of(field.kind) if field is not None else None
        if isinstance(cls, bitrecords.BitsMeta) and node.attr in cls.__kpy_fields__:
            return describe(cls.__kpy_fields__[node.attr].type, self.namespace)
        return None

    def _static_kind(self, node: ast.Name | ast.Attribute, found: Any) -> Kind | None:
        module = self.namespace if isinstance(node, ast.Name) else getattr(self._static(node.value), "__dict__", {})
        runtime = module.get("__kpy__")
        name = node.id if isinstance(node, ast.Name) else node.attr
        if runtime is not None and name in runtime.statics:
            return _known(runtime.statics[name])
        return kind_of_value(found)

    def _call(self, node: ast.Call) -> Kind | None:
        function = self._static(node.func)
        if function is not UNKNOWN:
            return self._result(function, node.args)
        if isinstance(node.func, ast.Attribute):
            return self._method(node.func, node.args)
        pointer = self.infer(node.func)
        return _known(pointer.result()) if isinstance(pointer, FunctionKind) and pointer.result else None

    def _method(self, node: ast.Attribute, arguments: list[ast.expr]) -> Kind | None:
        owner = self._static(node.value)
        if isinstance(owner, structs.StructMeta) and node.attr == "at":
            return RefKind(lambda: owner, owner.__name__)
        base = self.infer(node.value)
        if isinstance(base, atomics.AtomicKind):
            return BOOL if node.attr == "cas" else None if node.attr == "store" else base.target
        cls = getattr(base, "cls", None)
        if isinstance(cls, bitrecords.BitsMeta):
            return base
        if isinstance(cls, structs.StructMeta):
            if isinstance(cls.__dict__.get(node.attr), (structs.Field, structs.UnlaidField)):
                field = self._named(node)
                return _known(field.result()) if isinstance(field, FunctionKind) and field.result else None
            return self._result(getattr(cls, node.attr, UNKNOWN), arguments)
        return None

    def _result(self, function: Any, arguments: list[ast.expr]) -> Kind | None:
        if isinstance(function, type):
            if issubclass(function, builtins.Range):
                return None
            if function is bool or issubclass(function, (Integer, structs.Struct, enum.IntEnum)):
                return describe(function, self.namespace)
            return describe(function, self.namespace) if hasattr(function, "__kpy_kind__") else None
        if getattr(function, "__func__", None) is structs.Struct.at.__func__:  # type: ignore[attr-defined]
            return RefKind(lambda: function.__self__, function.__self__.__name__)
        if function in (builtins.minimum, builtins.maximum):
            return self._join_all(arguments)
        if function in _U64_RESULTS:
            return U64
        if function in (intrinsics.popcount, intrinsics.count_leading_zeros, intrinsics.count_trailing_zeros):
            return U32
        if function in (intrinsics.byteswap, intrinsics.rotate_left):
            return self.infer(arguments[0])
        if function in (intrinsics.checked_add, intrinsics.checked_sub, intrinsics.checked_mul):
            joined = self._join_all(arguments)
            return TupleKind((joined, BOOL)) if isinstance(joined, IntKind) else None
        plain = inspect.unwrap(function) if callable(function) else None
        annotation = getattr(plain, "__annotations__", {}).get("return")
        return _known(describe(annotation, plain.__globals__)) if isinstance(annotation, str) and plain else None

    def _subscript(self, base: ast.expr, index: ast.expr) -> Kind | None:
        whole = self.infer(base)
        if isinstance(whole, TupleKind) and isinstance(index, ast.Constant):
            return whole.items[index.value] if isinstance(index.value, int) else None
        if isinstance(index, ast.Slice):
            element = getattr(whole, "element", None)
            return arrays.ViewKind(element) if isinstance(element, Kind) else None
        if isinstance(whole, ClassKind) and isinstance(whole.cls, pointers.PointerMeta):
            return _value_of(whole.cls.element())  # type: ignore[attr-defined]
        return _value_of(getattr(whole, "element", None))


def _none(value: object) -> Kind | None:
    return NONE if value is None else None


def _known(kind: Kind) -> Kind | None:
    if kind is ANY or (isinstance(kind, TupleKind) and ANY in kind.items):
        return None
    return kind


def _value_of(kind: Kind | None) -> Kind | None:
    """Return the type of the value that reading such storage gives."""
    if isinstance(kind, structs.StructKind):
        cls = kind.cls
        return RefKind(lambda: cls, kind.name)
    return kind


def kind_of_value(value: Any) -> Kind | None:
    """Return the type of an object of the module."""
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, Integer):
        return INTEGER_KINDS[type(value)]
    if isinstance(value, enum.IntEnum):
        return EnumKind(type(value))
    if type(value) is int:
        return LITERAL
    if isinstance(value, arrays.Array):
        return arrays.ViewKind(value.element)
    if isinstance(value, (structs.Struct, bitrecords.Bits, pointers.Pointer)):
        return describe(type(value), {})
    return None


def join_kinds(a: Kind | None, b: Kind | None) -> Kind | None:
    """Return the type in which two values meet."""
    if a is NONE or b is NONE:
        other = b if a is NONE else a
        return other.or_none() if isinstance(other, (RefKind, FunctionKind)) else None
    if a is LITERAL or b is LITERAL:
        return b if a is LITERAL else a
    if isinstance(a, IntKind) and isinstance(b, IntKind):
        try:
            return INTEGER_KINDS[join(a.cls, b.cls)]
        except KernelTypeError:
            return None
    if isinstance(a, RefKind) and isinstance(b, RefKind):
        return a if a.nullable else b
    return a if a is not None and b is not None and a.name == b.name else None
