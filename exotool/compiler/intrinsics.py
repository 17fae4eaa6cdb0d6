"""Calls of the words of the language: lengths, sizes, bit counts, checked arithmetic, atomics, fences."""

from __future__ import annotations

import ast
from typing import Final

from exotool.compiler import declare
from exotool.compiler.annotations import any_type, resolve
from exotool.compiler.conditions import check_condition
from exotool.compiler.dispatch import Operand, Untyped, check_operand, coerce, load, typed
from exotool.compiler.names import PackageName, Word
from exotool.compiler.operators import common, not_a_number
from exotool.compiler.places import check_element, check_field
from exotool.compiler.scope import Scope, sure
from exotool.compiler.tree import (
    AtomicOperation,
    AtomicOperator,
    Constant,
    Element,
    Expression,
    Field,
    FunctionAddress,
    Intrinsic,
    IntrinsicOperator,
    Length,
    Order,
    Place,
    Reference,
    StoragePlace,
    Target,
    View,
)
from exotool.compiler.types import (
    BOOL,
    NONE,
    U32,
    U64,
    ArrayType,
    AtomicType,
    BitsType,
    BoolType,
    EnumType,
    IntType,
    RefType,
    StorageType,
    StructType,
    TupleType,
    ViewType,
    size_of,
)

_ONE: Final = {
    "popcount": IntrinsicOperator.POPCOUNT,
    "count_leading_zeros": IntrinsicOperator.COUNT_LEADING_ZEROS,
    "count_trailing_zeros": IntrinsicOperator.COUNT_TRAILING_ZEROS,
    "byteswap": IntrinsicOperator.BYTE_SWAP,
}
_TWO: Final = {
    "min": IntrinsicOperator.MIN,
    "max": IntrinsicOperator.MAX,
    "checked_add": IntrinsicOperator.CHECKED_ADD,
    "checked_sub": IntrinsicOperator.CHECKED_SUBTRACT,
    "checked_mul": IntrinsicOperator.CHECKED_MULTIPLY,
}
_REFUSED: Final = {
    "bool": ("`bool(...)`", "compare: `x != 0`"),
    "int": ("`int(...)`", "choose a width: `u64(...)`"),
    "str": ("`str(...)`", 'write an f-string: `fprint(out, f"{x}")`'),
    "range": ("`range` outside of a `for`", ""),
    "enumerate": ("`enumerate` outside of a `for`", ""),
    "reversed": ("`reversed` outside of a `for`", ""),
    "array": ("an array within an expression", "give it a name: `buffer: Array[u8] = array(16)`"),
}


def check_intrinsic(scope: Scope, node: ast.Call, word: Word) -> Operand | None:
    """Check the call of a word that is no cast."""
    name = word.name
    if name in _REFUSED:
        what, help_ = _REFUSED[name]
        scope.error("C0367", node, f"{what} is no part of Kernel Python", "", *([help_] if help_ else []))
        return None
    if name == "fence":
        order = _order(scope, node)
        return Intrinsic(IntrinsicOperator.FENCE, (), NONE, scope.span(node), order=order) if order else None
    if node.keywords:
        scope.error("C0360", node.keywords[0], f"`{name}` takes no arguments by name")
        return None
    counts = {"provide_memory": 2, "min": 2, "max": 2, "rotate_left": 2, "offsetof": 2, **dict.fromkeys(_TWO, 2)}
    if len(node.args) != counts.get(name, 1):
        scope.error("C0359", node, f"`{name}` takes {counts.get(name, 1)} arguments", f"{len(node.args)} given")
        return None
    match name:
        case "len":
            return _length(scope, node)
        case "sizeof" | "offsetof":
            return _size(scope, node, name)
        case "addressof":
            return _address(scope, node)
        case "symbol_address":
            return _symbol(scope, node)
        case "rotate_left":
            return _rotate(scope, node)
        case "assume" | "arbitrary" | "havoc" | "provide_memory":
            return _proof_word(scope, node, name)
        case _ if name in _ONE:
            return _one(scope, node, name)
        case _ if name in _TWO:
            return _two(scope, node, name)
    scope.error("C0344", node.func, f"`{name}` cannot be called here")
    return None


def _length(scope: Scope, node: ast.Call) -> Operand | None:
    operand = check_operand(scope, node.args[0])
    value = typed(scope, operand) if operand is not None else None
    if value is None:
        return None
    match value.type:
        case RefType(target=ArrayType(length=length), nullable=False):
            return Constant(length, U64, scope.span(node))
        case ViewType():
            return Length(value, U64, scope.span(node))
    scope.error("C0368", node, f"`{value.type}` has no length", "an array is needed")
    return None


def _size(scope: Scope, node: ast.Call, name: str) -> Operand | None:
    argument = node.args[0]
    found = any_type(scope, argument, storage=True)
    if found is None:
        return None
    if isinstance(found, ViewType | TupleType) or found == NONE:
        scope.error("C0369", argument, f"`{found}` has no size in memory")
        return None
    if isinstance(found, StructType) and not declare.layout(scope, found, argument):
        return None
    if name == "sizeof":
        storage: StorageType = found  # type: ignore[assignment]
        return Constant(size_of(storage), U64, scope.span(node))
    match found, node.args[1]:
        case StructType(fields=fields), ast.Constant(value=str(field)) if field in fields:
            return Constant(fields[field].offset, U64, scope.span(node))
    scope.error("C0369", node, "`offsetof` takes a struct and the name of a field", "", 'write `offsetof(Point, "x")`')
    return None


def _address(scope: Scope, node: ast.Call) -> Operand | None:
    argument = node.args[0]
    span = scope.span(node)
    place = _storage(scope, argument)
    if place is not None:
        value: Expression = load(place, span)
        if not isinstance(value, Reference):
            # A scalar has no reference type of its own: its address is that of a view of this one element.
            value = View(place, ViewType(place.type), span)
    else:
        operand = check_operand(scope, argument)
        found = typed(scope, operand) if operand is not None else None
        if found is None:
            return None
        value = found
    match value:
        case Reference(place=at) if _in_frame(at):
            pass
        case View(place=at) if _in_frame(at):
            pass
        case FunctionAddress():
            return Intrinsic(IntrinsicOperator.ADDRESS_OF, (value,), U64, span)
        case _ if isinstance(value.type, ViewType) or (isinstance(value.type, RefType) and not value.type.nullable):
            return Intrinsic(IntrinsicOperator.ADDRESS_OF, (value,), U64, span)
        case _:
            scope.error(
                "C0370",
                argument,
                f"`{value.type}` has no address",
                "a static, a field, an element or a function is needed",
            )
            return None
    scope.error(
        "C0370", argument, "locals have no address", "the frame is gone when the function returns", "make it a static"
    )
    return None


def _storage(scope: Scope, node: ast.expr) -> Place | None:
    """Return the place of a scalar field, element or static."""
    from exotool.compiler.names import StaticName
    from exotool.compiler.places import static_place

    entity = resolve(scope, node)
    if isinstance(entity, StaticName):
        return static_place(scope, entity, scope.span(node))
    if entity is not None or not isinstance(node, ast.Attribute | ast.Subscript):
        return None
    if isinstance(node, ast.Attribute) and isinstance(resolve(scope, node.value), PackageName):
        return None
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        return None
    operand = check_operand(scope, node.value)
    value = typed(scope, operand) if operand is not None else None
    if value is None:
        return None
    return check_field(scope, value, node) if isinstance(node, ast.Attribute) else check_element(scope, value, node)


def _in_frame(place: Place) -> bool:
    base: object = place
    while isinstance(base, Field | Element):
        base = base.base
    if isinstance(base, Target):
        return isinstance(base.reference, Reference) and _in_frame(base.reference.place)
    return isinstance(base, StoragePlace)


def _symbol(scope: Scope, node: ast.Call) -> Operand | None:
    match node.args[0]:
        case ast.Constant(value=str(name)) if name and name.isascii() and name.isprintable() and '"' not in name:
            return Intrinsic(IntrinsicOperator.SYMBOL_ADDRESS, (), U64, scope.span(node), symbol=name)
    scope.error("C0371", node.args[0], "the name of a symbol is a literal")
    return None


def _integer(scope: Scope, node: ast.expr, what: str) -> Expression | None:
    operand = check_operand(scope, node)
    value = typed(scope, operand) if operand is not None else None
    if value is not None and not isinstance(value.type, IntType):
        not_a_number(scope, value, f"`{what}`")
        return None
    return value


def _one(scope: Scope, node: ast.Call, name: str) -> Operand | None:
    value = _integer(scope, node.args[0], name)
    if value is None:
        return None
    result = value.type if name == "byteswap" else U32
    return Intrinsic(_ONE[name], (value,), result, scope.span(node))


def _rotate(scope: Scope, node: ast.Call) -> Operand | None:
    value = _integer(scope, node.args[0], "rotate_left")
    operand = check_operand(scope, node.args[1])
    if value is None or operand is None:
        return None
    amount = coerce(scope, operand, U32) if isinstance(operand, Untyped) else typed(scope, operand)
    if amount is None:
        return None
    if not isinstance(amount.type, IntType):
        not_a_number(scope, amount, "`rotate_left`")
        return None
    return Intrinsic(IntrinsicOperator.ROTATE_LEFT, (value, amount), value.type, scope.span(node))


def _two(scope: Scope, node: ast.Call, name: str) -> Operand | None:
    left, right = (check_operand(scope, a) for a in node.args)
    if left is None or right is None:
        return None
    span = scope.span(node)
    if isinstance(left, Untyped) and isinstance(right, Untyped) and name in ("min", "max"):
        return Untyped(min(left.value, right.value) if name == "min" else max(left.value, right.value), span)
    both = common(scope, left, right, span, f"`{name}`")
    if both is None:
        return None
    kind = sure(both[0].type, IntType)
    result = TupleType((kind, BOOL)) if name.startswith("checked_") else kind
    return Intrinsic(_TWO[name], both, result, span)


def _proof_word(scope: Scope, node: ast.Call, name: str) -> Operand | None:
    """Check a word that only proofs have; the function that uses it cannot be compiled."""
    span = scope.span(node)
    owner = scope.owner()
    owner.proof_word = owner.proof_word or span
    operator = IntrinsicOperator(name)
    if operator is IntrinsicOperator.ASSUME:
        test = check_condition(scope, node.args[0])
        if test is None:
            return None
        scope.not_none |= frozenset(test.when_true)
        return Intrinsic(operator, (test.value,), NONE, span)
    if operator is IntrinsicOperator.ARBITRARY:
        found = any_type(scope, node.args[0])
        if found is not None and not isinstance(found, IntType | BoolType | EnumType | BitsType):
            scope.error("C0369", node.args[0], f"`arbitrary` of `{found}`", "an integer, bool, enum or bit record")
            return None
        return Intrinsic(operator, (), found, span) if found is not None else None
    operands = [check_operand(scope, a) for a in node.args]
    if any(operand is None for operand in operands):
        return None
    if operator is IntrinsicOperator.PROVIDE_MEMORY:
        numbers = [coerce(scope, operand, U64) for operand in operands if operand is not None]
        constant = [number for number in numbers if isinstance(number, Constant)]
        if len(constant) != 2:
            scope.error("C0369", node, "`provide_memory` takes an address and a size", "both must be constants")
            return None
        return Intrinsic(operator, tuple(constant), NONE, span)
    value = typed(scope, operands[0]) if operands[0] is not None else None
    if value is None:
        return None
    kind = value.type
    whole = isinstance(kind, RefType) and not kind.nullable and isinstance(kind.target, StructType | ArrayType)
    if not whole and not isinstance(kind, ViewType):
        scope.error("C0369", node.args[0], f"`havoc` of `{value.type}`", "a struct or an array is needed")
        return None
    return Intrinsic(operator, (value,), NONE, span)


_ATOMICS: Final = {
    "load": (AtomicOperator.LOAD, 0),
    "store": (AtomicOperator.STORE, 1),
    "swap": (AtomicOperator.SWAP, 1),
    "cas": (AtomicOperator.CAS, 2),
    "add": (AtomicOperator.ADD, 1),
    "sub": (AtomicOperator.SUB, 1),
    "and_": (AtomicOperator.AND, 1),
    "or_": (AtomicOperator.OR, 1),
    "xor": (AtomicOperator.XOR, 1),
}
_ARITHMETIC: Final = (AtomicOperator.ADD, AtomicOperator.SUB, AtomicOperator.AND, AtomicOperator.OR, AtomicOperator.XOR)


def check_atomic(scope: Scope, node: ast.Call, name: str, place: Place) -> Operand | None:
    """Check a method of an `Atomic`."""
    kind = sure(place.type, AtomicType)
    if name not in _ATOMICS:
        scope.error("C0372", node.func, f"`{kind}` has no method `{name}`", "", f"there are {', '.join(_ATOMICS)}")
        return None
    operator, count = _ATOMICS[name]
    if len(node.args) != count:
        scope.error("C0359", node, f"`{name}` takes {count} arguments and `order=`", f"{len(node.args)} given")
        return None
    if operator in _ARITHMETIC and not isinstance(kind.target, IntType):
        scope.error("C0372", node.func, f"`{name}` on `{kind}`", "an integer is needed")
        return None
    order = _order(scope, node)
    arguments: list[Expression] = []
    for argument in node.args:
        operand = check_operand(scope, argument, kind.target)
        value = coerce(scope, operand, kind.target) if operand is not None else None
        if value is None:
            return None
        arguments.append(value)
    if order is None:
        return None
    wrong = {AtomicOperator.LOAD: (Order.RELEASE, Order.ACQ_REL), AtomicOperator.STORE: (Order.ACQUIRE, Order.ACQ_REL)}
    if order in wrong.get(operator, ()):
        scope.error("C0373", node, f"`{name}` with the order {order.name}", "a load acquires, a store releases")
        return None
    result = NONE if operator is AtomicOperator.STORE else BOOL if operator is AtomicOperator.CAS else kind.target
    return AtomicOperation(operator, place, tuple(arguments), order, result, scope.span(node))


def _order(scope: Scope, node: ast.Call) -> Order | None:
    """Return the order that a call names; `fence` takes it as its argument too."""
    given = [k.value for k in node.keywords if k.arg == "order"]
    other = [k for k in node.keywords if k.arg != "order"]
    if isinstance(node.func, ast.Name | ast.Attribute) and resolve(scope, node.func) == Word("exotool.lang", "fence"):
        given += node.args
    if other or len(given) > 1:
        scope.error("C0360", node, "only `order=` is given by name here")
        return None
    if not given:
        return Order.SEQ_CST
    match given[0]:
        case ast.Attribute(value=base, attr=name) if resolve(scope, base) == Word("exotool.lang", "Order"):
            if name in Order.__members__:
                return Order[name]
    scope.error("C0373", given[0], "no memory order", f"there are {', '.join('Order.' + n for n in Order.__members__)}")
    return None
