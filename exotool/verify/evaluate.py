"""Expressions, with the meaning that `compiler.lower_expressions` gives them."""

from __future__ import annotations

from typing import assert_never

import z3

from exotool.compiler.lower_types import integer_of, registers, value_type
from exotool.compiler.tree import (
    AtomicOperation,
    Binary,
    BinaryOperator,
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
    BoolType,
    EnumType,
    FunctionType,
    PtrType,
    RefType,
    ResultType,
    TupleType,
    Type,
    ValueType,
    ViewType,
    size_of,
)
from exotool.verify import terms
from exotool.verify.operations import Operations
from exotool.verify.path import Failure, MustFork, NotModelled
from exotool.verify.places import integer, scalar_bits
from exotool.verify.terms import Bits, Scalar, Truth, Value, number, truth


class Evaluation(Operations):
    """One execution, with the expressions of the function that runs."""

    def expression(self, expression: Expression) -> Value:
        """Return the scalars of an expression's value."""
        match expression:
            case Read(local=local):
                return self.running.locals[local]
            case Constant(value=value, type=kind):
                return self._constant(value, kind)
            case Load(place=place):
                return (self.load(self.place(place), expression.span),)
            case Binary(left=left, right=right, operator=operator, type=kind, span=span):
                first, second = number(self.expression(left)[0]), number(self.expression(right)[0])
                return (self.binary(operator, integer(kind), first, second, integer(right.type), span),)
            case Convert(operand=operand, type=kind, span=span):
                return self._convert(self.expression(operand), value_type(operand), kind, span)
            case Compare(left=left, right=right, operator=operator):
                return (self.compare(operator, value_type(left), self.expression(left)[0], self.expression(right)[0]),)
            case Call(function=function, arguments=arguments, span=span):
                return self.call(function, [self.expression(a) for a in arguments], span)
            case Reference(place=place):
                return (self.place(place).value,)
            case Logic(conjunction=conjunction, left=left, right=right):
                return (self._logic(conjunction, truth(self.expression(left)[0]), right),)
            case Unary():
                return (self._unary(expression),)
            case View(place=place):
                array = self.place(place)
                return array.value, array.type.length if isinstance(array.type, ArrayType) else 1
            case Slice():
                return self._slice(expression)
            case Length(view=view):
                return (self.expression(view)[1],)
            case Let(local=local, value=value, body=body):
                self.running.locals[local] = self.expression(value)
                return self.expression(body)
            case Conditional():
                return self._conditional(expression)
            case CallPointer(callee=callee, arguments=arguments, span=span):
                function = self._callee(number(self.expression(callee)[0]), span)
                return self.call(function, [self.expression(a) for a in arguments], span)
            case FunctionAddress(function=function):
                return (self.functions[function],)
            case MakeTuple(items=items):
                return tuple(scalar for item in items for scalar in self.expression(item))
            case TupleItem(value=value, index=index):
                return self._tuple_item(self.expression(value), value.type, index)
            case PtrOffset(pointer=pointer, count=count, negative=negative, type=kind):
                start = number(self.expression(pointer)[0])
                distance = terms.multiply(self.index(count), _element_size(kind))
                return (terms.subtract(start, distance) if negative else terms.add(start, distance),)
            case PtrDifference(left=left, right=right):
                size = max(_element_size(left.type), 1)
                first, second = number(self.expression(left)[0]), number(self.expression(right)[0])
                return (terms.divide(terms.subtract(first, second), size, 64, sign=True)[0],)
            case BitsGet(value=value, field=part, span=span):
                bits = number(self.expression(value)[0])
                return (self.bits_get(bits, part, span),)
            case BitsReplace():
                return (self.bits_replace(expression),)
            case AtomicOperation():
                return self.atomic(expression)
            case Intrinsic():
                return self.intrinsic(expression)
            case _:
                assert_never(expression)

    def _constant(self, value: int | bool | None, kind: ValueType) -> Value:
        if isinstance(kind, BoolType):
            return (bool(value),)
        if isinstance(kind, ViewType):
            return 0, 0
        return ((value or 0) & ((1 << scalar_bits(kind)) - 1),)

    def _convert(self, value: Value, source: Type, target: Type, span: Span) -> Value:
        if isinstance(source, TupleType) and isinstance(target, TupleType):
            result: list[Scalar] = []
            start = 0
            for old, new in zip(source.items, target.items, strict=True):
                count = len(registers(old))
                result += self._convert(value[start : start + count], old, new, span)
                start += count
            return tuple(result)
        if isinstance(source, ViewType) or isinstance(target, ViewType | BoolType):
            return value
        return (self._convert_scalar(value[0], source, target, span),)

    def _convert_scalar(self, operand: Scalar, source: Type, target: Type, span: Span) -> Scalar:
        from_integer, to_integer = integer_of(source), integer_of(target)
        to_bits = to_integer.bits if to_integer is not None else 64
        if isinstance(source, BoolType):
            return terms.choose(truth(operand), 1, 0, to_bits)
        value = number(operand)
        if from_integer is not None:
            if isinstance(target, EnumType) and source is not target:
                self.check_member(value, from_integer, target, span)
            value = terms.resize(value, from_integer.bits, to_bits, sign=from_integer.signed)
        elif to_integer is not None:
            return terms.resize(value, 64, to_bits, sign=False)
        certain = isinstance(target, RefType | FunctionType) and not target.nullable
        if certain and (from_integer is not None or isinstance(source, PtrType)):
            self.check(terms.negate(terms.equal(value, 0)), Reason.NULL, span)
        return value

    # --- Operators ---------------------------------------------------------------------------------------------------
    def _unary(self, node: Unary) -> Scalar:
        (operand,) = self.expression(node.operand)
        match node.operator:
            case UnaryOperator.NOT:
                return terms.negate(truth(operand))
            case UnaryOperator.INVERT:
                bits = integer(node.type).bits
                return terms.bitwise(BinaryOperator.XOR, number(operand), (1 << bits) - 1, bits)
            case UnaryOperator.NEGATE:
                kind = integer(node.type)
                return self.binary(BinaryOperator.SUBTRACT, kind, 0, number(operand), kind, node.span)

    def _logic(self, conjunction: bool, left: Truth, right: Expression) -> Truth:
        if isinstance(left, z3.BoolRef) and self.effects.is_plain(right):
            guard = left if conjunction else z3.Not(left)
            try:
                with self.path.under(guard):
                    second = truth(self.expression(right)[0])
                return terms.both(left, second) if conjunction else terms.either(left, second)
            except MustFork:
                pass
        if self.path.branch(left) is not conjunction:
            return not conjunction
        return truth(self.expression(right)[0])

    def _conditional(self, node: Conditional) -> Value:
        test = truth(self.expression(node.test)[0])
        if isinstance(test, z3.BoolRef) and self.effects.is_plain(node.then) and self.effects.is_plain(node.otherwise):
            try:
                with self.path.under(test):
                    then = self.expression(node.then)
                with self.path.under(z3.Not(test)):
                    otherwise = self.expression(node.otherwise)
            except MustFork:
                pass
            else:
                return merge(test, then, otherwise, node.type)
        return self.expression(node.then if self.path.branch(test) else node.otherwise)

    # --- Tuples, views, functions ------------------------------------------------------------------------------------

    def _tuple_item(self, value: Value, kind: Type, index: int) -> Value:
        if not isinstance(kind, TupleType):
            raise TypeError(f"item of {kind}")
        start = sum(len(registers(item)) for item in kind.items[:index])
        return value[start : start + len(registers(kind.items[index]))]

    def _slice(self, node: Slice) -> Value:
        data, whole = (number(scalar) for scalar in self.expression(node.view))
        start = self.index(node.start) if node.start is not None else 0
        stop = self.index(node.stop) if node.stop is not None else whole
        if node.stop is not None:
            self.check(terms.negate(terms.below(whole, stop)), Reason.SLICE, node.span)
        self.check(terms.negate(terms.below(stop, start)), Reason.SLICE, node.span)
        return terms.add(data, terms.multiply(start, _element_size(node.type))), terms.subtract(stop, start)

    def _callee(self, address: Bits, span: Span) -> Function:
        if not isinstance(address, int):
            picked = self.path.value(address, len(self.functions))
            if picked is None:
                raise NotModelled(span, "a call of a function that can be any")
            address = picked
        for function, place in self.functions.items():
            if place == address:
                return function
        self.path.act()
        self.path.require(False, Failure(None, "a call of what is no function", span, tuple(self.path.calls), "stray"))
        raise AssertionError("the way goes on behind a failure that is certain")


def merge(test: Truth, then: Value, otherwise: Value, kind: ResultType) -> Value:
    """Return `then if test else otherwise`, scalar by scalar."""
    return tuple(
        terms.choose_scalar(test, one, other, 8 * part.size)
        for one, other, part in zip(then, otherwise, registers(kind), strict=True)
    )


def _element_size(kind: Type) -> int:
    if not isinstance(kind, PtrType | ViewType):
        raise TypeError(f"{kind} is no pointer")
    return size_of(kind.element)
