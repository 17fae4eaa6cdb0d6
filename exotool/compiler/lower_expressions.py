"""Expressions: every node of the tree that has a value, in Python's order of evaluation."""

from __future__ import annotations

from typing import assert_never

from exotool.compiler.lower_context import ModuleContext
from exotool.compiler.lower_machine import MachineOperations
from exotool.compiler.lower_types import Value, integer_of, registers, value_type
from exotool.compiler.tree import (
    AtomicOperation,
    Binary,
    BitsGet,
    BitsReplace,
    Call,
    CallPointer,
    Compare,
    Conditional,
    Constant,
    Convert,
    Expression,
    Function,
    FunctionAddress,
    Intrinsic,
    Length,
    Let,
    Load,
    Local,
    Logic,
    MakeTuple,
    PtrDifference,
    PtrOffset,
    Read,
    Reason,
    Reference,
    Slice,
    Span,
    TupleItem,
    Unary,
    UnaryOperator,
    View,
)
from exotool.compiler.types import (
    ArrayType,
    BitField,
    BitsType,
    BoolType,
    EnumType,
    FunctionType,
    IntType,
    PtrType,
    RefType,
    TupleType,
    Type,
    ValueType,
    ViewType,
    size_of,
)

U64 = IntType(64, signed=False)


class Expressions(MachineOperations):
    """A function's text, with expressions."""

    def __init__(self, context: ModuleContext, function: Function) -> None:
        super().__init__(context, function)
        self._lets: dict[Local, Value] = {}

    def expression(self, expression: Expression) -> Value:
        """Return the registers of an expression's value."""
        match expression:
            case Read(local=local):
                bound = self._lets.get(local)
                return self.read(local) if bound is None else bound
            case Constant():
                return self.constant(expression.value, expression.type)
            case Load(place=place):
                address = self.place(place)
                self.at(expression.span)
                return (self.load(address, expression.span),)
            case Binary():
                return (self._binary(expression),)
            case Convert(operand=operand):
                value = self.expression(operand)
                self.at(expression.span)
                return self.convert(value, value_type(operand), expression.type, expression.span)
            case Compare(left=left, right=right):
                (first,), (second,) = self.expression(left), self.expression(right)
                self.at(expression.span)
                return (self.compare(expression.operator, value_type(left), first, second),)
            case Call():
                return self.call(expression)
            case Reference(place=place):
                return (self.pointer(self.place(place)),)
            case Logic():
                return (self._logic(expression),)
            case Unary():
                return (self._unary(expression),)
            case View(place=place):
                array = self.place(place)
                length = array.type.length if isinstance(array.type, ArrayType) else 1
                return self.pointer(array), str(length)
            case Slice():
                return self._slice(expression)
            case Length(view=view):
                return (self.expression(view)[1],)
            case Let(local=local, value=value, body=body):
                self._lets[local] = self.expression(value)
                return self.expression(body)
            case Conditional():
                return self._conditional(expression)
            case CallPointer():
                return self.call_pointer(expression)
            case FunctionAddress(function=function):
                return (self.context.function_address(function),)
            case MakeTuple(items=items):
                return tuple(operand for item in items for operand in self.expression(item))
            case TupleItem():
                return self._tuple_item(expression)
            case PtrOffset():
                return (self._ptr_offset(expression),)
            case PtrDifference():
                return (self._ptr_difference(expression),)
            case BitsGet(value=value, field=field):
                (bits,) = self.expression(value)
                self.at(expression.span)
                return (self._bits_get(bits, _bits_type(value), field, expression.span),)
            case BitsReplace():
                return (self._bits_replace(expression),)
            case AtomicOperation():
                return self.atomic(expression)
            case Intrinsic():
                return self.intrinsic_operation(expression)
            case _:
                assert_never(expression)

    # --- Constants and conversions -----------------------------------------------------------------------------------

    def constant(self, value: int | bool | None, kind: ValueType) -> Value:
        """Return the operands of a constant."""
        if isinstance(kind, BoolType):
            return ("true" if value else "false",)
        if integer_of(kind) is not None:
            return (str(int(value or 0)),)
        if isinstance(kind, ViewType):
            return "null", "0"
        return (f"inttoptr (i64 {value} to ptr)" if value else "null",)

    def convert(self, value: Value, source: ValueType, target: ValueType, span: Span) -> Value:
        """Return a value in another type. Traps ENUM and NULL."""
        if isinstance(source, TupleType) and isinstance(target, TupleType):
            result: list[str] = []
            start = 0
            for old, new in zip(source.items, target.items, strict=True):
                count = len(registers(old))
                result += self.convert(value[start : start + count], old, new, span)
                start += count
            return tuple(result)
        if isinstance(source, ViewType) or isinstance(target, ViewType):
            return value
        return (self._convert_scalar(value[0], source, target, span),)

    def _convert_scalar(self, operand: str, source: ValueType, target: ValueType, span: Span) -> str:
        from_integer, to_integer = integer_of(source), integer_of(target)
        if isinstance(target, BoolType):
            return operand
        if to_integer is not None:
            if isinstance(source, BoolType):
                return self.extend_bool(operand, to_integer)
            if from_integer is None:
                return self.resize(self.value(f"ptrtoint ptr {operand} to i64"), U64, to_integer)
            if isinstance(target, EnumType) and source is not target:
                self.check_member(operand, from_integer, target, span)
            return self.resize(operand, from_integer, to_integer)
        if from_integer is not None:
            operand = self.value(f"inttoptr i64 {self.resize(operand, from_integer, U64)} to ptr")
        certain = isinstance(target, RefType | FunctionType) and not target.nullable
        if certain and (from_integer is not None or isinstance(source, PtrType)):
            self.check_not_null(operand, span)
        return operand

    # --- Operators ---------------------------------------------------------------------------------------------------

    def _binary(self, node: Binary) -> str:
        (left,), (right,) = self.expression(node.left), self.expression(node.right)
        self.at(node.span)
        return self.binary(node.operator, _integer(node.type), left, right, _integer(value_type(node.right)), node.span)

    def _unary(self, node: Unary) -> str:
        (operand,) = self.expression(node.operand)
        self.at(node.span)
        match node.operator:
            case UnaryOperator.NOT:
                return self.value(f"xor i1 {operand}, true")
            case UnaryOperator.INVERT:
                return self.value(f"xor i{_integer(node.type).bits} {operand}, -1")
            case UnaryOperator.NEGATE:
                return self.negate(_integer(node.type), operand, node.span)

    def _logic(self, node: Logic) -> str:
        (left,) = self.expression(node.left)
        self.at(node.span)
        right_block, merged = self.fresh("right"), self.fresh("decided")
        if node.conjunction:
            self.branch(left, right_block, merged)
        else:
            self.branch(left, merged, right_block)
        before = self.block
        self.start(right_block)
        (right,) = self.expression(node.right)
        last = self.block
        self.start(merged)
        return self.phi("i1", [("false" if node.conjunction else "true", before), (right, last)])

    def condition(self, test: Expression, then: str, otherwise: str) -> None:
        """Go to one of two blocks, without a value for what decides between them."""
        match test:
            case Logic(conjunction=conjunction, left=left, right=right):
                middle = self.fresh("right")
                if conjunction:
                    self.condition(left, middle, otherwise)
                else:
                    self.condition(left, then, middle)
                self.start(middle)
                self.condition(right, then, otherwise)
            case Unary(operator=UnaryOperator.NOT, operand=operand):
                self.condition(operand, otherwise, then)
            case _:
                (decided,) = self.expression(test)
                self.branch(decided, then, otherwise)

    def _conditional(self, node: Conditional) -> Value:
        then, otherwise, merged = self.fresh("then"), self.fresh("else"), self.fresh("chosen")
        self.condition(node.test, then, otherwise)
        self.start(then)
        first = self.expression(node.then)
        self.jump(merged)
        first_block = self.block
        self.start(otherwise)
        second = self.expression(node.otherwise)
        second_block = self.block
        self.start(merged)
        return tuple(
            self.phi(part.llvm, [(one, first_block), (other, second_block)])
            for part, one, other in zip(registers(node.type), first, second, strict=True)
        )

    # --- Tuples, views, pointers -------------------------------------------------------------------------------------

    def _tuple_item(self, node: TupleItem) -> Value:
        value = self.expression(node.value)
        kind = node.value.type
        if not isinstance(kind, TupleType):
            raise TypeError(f"item of {kind}")
        start = sum(len(registers(item)) for item in kind.items[: node.index])
        return value[start : start + len(registers(kind.items[node.index]))]

    def _slice(self, node: Slice) -> Value:
        data, length = self.expression(node.view)
        start = self.index(node.start) if node.start is not None else "0"
        stop = self.index(node.stop) if node.stop is not None else length
        self.at(node.span)
        if node.stop is not None:
            self.check(self.value(f"icmp ule i64 {stop}, {length}"), Reason.SLICE, node.span)
        if start == "0":
            return data, stop
        self.check(self.value(f"icmp ule i64 {start}, {stop}"), Reason.SLICE, node.span)
        kind = node.type
        if not isinstance(kind, ViewType):
            raise TypeError(f"slice of {kind}")
        return self.step(data, size_of(kind.element), start), self.value(f"sub i64 {stop}, {start}")

    def _ptr_offset(self, node: PtrOffset) -> str:
        (pointer,) = self.expression(node.pointer)
        count = self.index(node.count)
        self.at(node.span)
        if node.negative:
            count = self.value(f"sub i64 0, {count}")
        return self.step(pointer, _element_size(node.type), count)

    def _ptr_difference(self, node: PtrDifference) -> str:
        (left,), (right,) = self.expression(node.left), self.expression(node.right)
        self.at(node.span)
        first, second = (self.value(f"ptrtoint ptr {operand} to i64") for operand in (left, right))
        distance = self.value(f"sub i64 {first}, {second}")
        size = max(_element_size(value_type(node.left)), 1)
        if size & (size - 1) == 0:
            return self.value(f"ashr i64 {distance}, {size.bit_length() - 1}") if size > 1 else distance
        quotient = self.value(f"sdiv i64 {distance}, {size}")
        rest = self.value(f"srem i64 {distance}, {size}")
        down = self.value(f"icmp slt i64 {rest}, 0")
        return self.value(f"add i64 {quotient}, {self.value(f'sext i1 {down} to i64')}")

    # --- Bit records -------------------------------------------------------------------------------------------------

    def _bits_get(self, bits: str, record: BitsType, field: BitField, span: Span) -> str:
        storage = IntType(record.storage.bits, signed=False)
        width = field.high - field.low + 1
        moved = self.value(f"lshr i{storage.bits} {bits}, {field.low}") if field.low else bits
        if isinstance(field.type, BoolType):
            return self.value(f"trunc i{storage.bits} {moved} to i1")
        kind = _integer(field.type)
        if width < storage.bits:
            if kind.signed:
                high = self.value(f"shl i{storage.bits} {moved}, {storage.bits - width}")
                moved = self.value(f"ashr i{storage.bits} {high}, {storage.bits - width}")
                storage = record.storage
            else:
                moved = self.value(f"and i{storage.bits} {moved}, {(1 << width) - 1}")
        if isinstance(field.type, EnumType):
            self.check_member(moved, IntType(storage.bits, kind.signed), field.type, span)
        return self.resize(moved, IntType(storage.bits, kind.signed), kind)

    def _bits_replace(self, node: BitsReplace) -> str:
        (bits,) = self.expression(node.value)
        values = [self.expression(value)[0] for _, value in node.fields]
        self.at(node.span)
        storage = _integer(node.type).bits
        for (field, _), operand in zip(node.fields, values, strict=True):
            mask = ((1 << (field.high - field.low + 1)) - 1) << field.low
            part = self._field_bits(field, operand, storage, node.span)
            moved = self.value(f"shl i{storage} {part}, {field.low}") if field.low else part
            kept = self.value(f"and i{storage} {bits}, {~mask & ((1 << storage) - 1)}")
            bits = self.value(f"or i{storage} {kept}, {moved}")
        return bits

    def _field_bits(self, field: BitField, operand: str, storage: int, span: Span) -> str:
        """Return a field's value in the width of the record, all bits above the field 0. Traps OVERFLOW."""
        if isinstance(field.type, BoolType):
            return self.extend_bool(operand, IntType(storage, signed=False))
        kind = _integer(field.type)
        width = field.high - field.low + 1
        llvm = f"i{kind.bits}"
        if width < kind.bits:
            moved = self.value(f"add {llvm} {operand}, {1 << (width - 1)}") if kind.signed else operand
            self.check(self.value(f"icmp ule {llvm} {moved}, {(1 << width) - 1}"), Reason.OVERFLOW, span)
        whole = self.resize(operand, IntType(kind.bits, signed=False), IntType(storage, signed=False))
        if kind.signed and width < storage:
            return self.value(f"and i{storage} {whole}, {(1 << width) - 1}")
        return whole


def _integer(kind: Type) -> IntType:
    integer = integer_of(kind)
    if integer is None:
        raise TypeError(f"{kind} is no integer")
    return integer


def _bits_type(expression: Expression) -> BitsType:
    kind = expression.type
    if not isinstance(kind, BitsType):
        raise TypeError(f"{kind} is no bit record")
    return kind


def _element_size(kind: Type) -> int:
    if not isinstance(kind, PtrType) and not hasattr(kind, "element"):
        raise TypeError(f"{kind} is no pointer")
    return size_of(kind.element)
