"""Operators, bit records, and the operations of the machine; and what only proofs can say."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import z3

from exotool.compiler.lower_types import integer_of, value_in
from exotool.compiler.tree import (
    AtomicOperation,
    AtomicOperator,
    BinaryOperator,
    BitsReplace,
    Comparison,
    Intrinsic,
    IntrinsicOperator,
    Reason,
    Span,
)
from exotool.compiler.types import (
    ArrayType,
    BitField,
    BoolType,
    EnumType,
    IntType,
    RefType,
    Type,
    ValueType,
    ViewType,
    size_of,
)
from exotool.verify import terms
from exotool.verify.effects import PROOF_WORDS
from exotool.verify.path import NotModelled
from exotool.verify.places import Address, Draw, Places, integer, scalar_bits
from exotool.verify.terms import Bits, Scalar, Truth, Value, number, truth

_BITWISE: Final = (BinaryOperator.AND, BinaryOperator.OR, BinaryOperator.XOR)
_CHECKED: Final = {
    IntrinsicOperator.CHECKED_ADD: BinaryOperator.ADD,
    IntrinsicOperator.CHECKED_SUBTRACT: BinaryOperator.SUBTRACT,
    IntrinsicOperator.CHECKED_MULTIPLY: BinaryOperator.MULTIPLY,
}


class Operations(Places):
    """One execution, with operations."""

    def binary(
        self, operator: BinaryOperator, kind: IntType, left: Bits, right: Bits, amount: IntType, span: Span
    ) -> Bits:
        """Return `left operator right` of type `kind`; `amount` is the type of a shift's right operand."""
        bits, sign = kind.bits, kind.signed
        match operator:
            case BinaryOperator.SHIFT_LEFT | BinaryOperator.SHIFT_RIGHT:
                if self._traps_shift:
                    self.check(terms.below(right, bits, amount.bits), Reason.SHIFT, span)
                count = terms.resize(right, amount.bits, bits, sign=False)
                count = terms.bitwise(BinaryOperator.AND, count, bits - 1, bits)
                return terms.shift(operator, left, count, bits, sign=sign)
            case BinaryOperator.FLOOR_DIVIDE | BinaryOperator.MODULO:
                self.check(terms.negate(terms.equal(right, 0, bits)), Reason.DIVISION, span)
                if sign and self._checks_overflow and operator is BinaryOperator.FLOOR_DIVIDE:
                    least = terms.equal(left, 1 << (bits - 1), bits)
                    minus_one = terms.equal(right, (1 << bits) - 1, bits)
                    self.check(terms.negate(terms.both(least, minus_one)), Reason.OVERFLOW, span)
                quotient, rest = terms.divide(left, right, bits, sign=sign)
                return quotient if operator is BinaryOperator.FLOOR_DIVIDE else rest
            case _ if operator in _BITWISE:
                return terms.bitwise(operator, left, right, bits)
        if self._checks_overflow:
            wraps = terms.wraps(operator, left, right, bits, sign=sign)
            self.check(terms.negate(wraps), Reason.OVERFLOW, span)
        operate = {BinaryOperator.ADD: terms.add, BinaryOperator.SUBTRACT: terms.subtract}.get(operator, terms.multiply)
        return operate(left, right, bits)

    @property
    def _checks_overflow(self) -> bool:
        return self._traps_overflow and not self.running.function.wrapping

    def compare(self, operator: Comparison, kind: ValueType, left: Scalar, right: Scalar) -> Truth:
        """Return a comparison of two scalars of one type."""
        if isinstance(kind, BoolType):
            same = terms.choose_truth(truth(left), truth(right), terms.negate(truth(right)))
            return same if operator is Comparison.EQUAL else terms.negate(same)
        found = integer_of(kind)
        sign = found is not None and found.signed
        return terms.compare(operator, number(left), number(right), scalar_bits(kind), sign=sign)

    # --- Bit records -------------------------------------------------------------------------------------------------

    def bits_get(self, bits: Bits, part: BitField, span: Span) -> Scalar:
        """Return a field of a bit record. Traps ENUM."""
        found = terms.extract(bits, part.high, part.low)
        width = part.high - part.low + 1
        if isinstance(part.type, BoolType):
            return terms.equal(terms.low_bits(found, 1) if width > 1 else found, 1, 1)
        kind = integer(part.type)
        wide = max(width, kind.bits)
        found = terms.resize(found, width, wide, sign=kind.signed)
        if isinstance(part.type, EnumType):
            self.check_member(found, IntType(wide, kind.signed), part.type, span)
        return terms.resize(found, wide, kind.bits, sign=kind.signed)

    def bits_replace(self, node: BitsReplace) -> Bits:
        """Return a bit record with some fields changed. Traps OVERFLOW."""
        bits = number(self.expression(node.value)[0])
        values = [self.expression(value)[0] for _, value in node.fields]
        storage = integer(node.type).bits
        for (part, _), operand in zip(node.fields, values, strict=True):
            width = part.high - part.low + 1
            mask = ((1 << width) - 1) << part.low
            kept = terms.bitwise(BinaryOperator.AND, bits, ~mask & ((1 << storage) - 1), storage)
            moved = terms.shift(
                BinaryOperator.SHIFT_LEFT, self._field(part, operand, storage, node.span), part.low, storage, sign=False
            )
            bits = terms.bitwise(BinaryOperator.OR, kept, moved, storage)
        return bits

    def _field(self, part: BitField, operand: Scalar, storage: int, span: Span) -> Bits:
        """Return a field's value in the width of the record, all bits above the field 0. Traps OVERFLOW."""
        if isinstance(part.type, BoolType):
            return terms.choose(truth(operand), 1, 0, storage)
        kind, value = integer(part.type), number(operand)
        width = part.high - part.low + 1
        if width < kind.bits:
            moved = terms.add(value, 1 << (width - 1), kind.bits) if kind.signed else value
            self.check(terms.below(moved, 1 << width, kind.bits), Reason.OVERFLOW, span)
        whole = terms.resize(value, kind.bits, storage, sign=False)
        return terms.bitwise(BinaryOperator.AND, whole, (1 << width) - 1, storage)

    # --- Operations of the machine -----------------------------------------------------------------------------------

    def atomic(self, node: AtomicOperation) -> Value:
        """Return the result of an atomic operation, as if nothing else ran."""
        address = self.place(node.place)
        arguments = [self.expression(argument)[0] for argument in node.arguments]
        kind = value_in(address.type)
        plain = replace(address, type=kind)
        if node.operator is AtomicOperator.STORE:
            self.store(plain, arguments[0], node.span)
            return ()
        old = self.load(plain, node.span)
        match node.operator:
            case AtomicOperator.LOAD:
                return (old,)
            case AtomicOperator.CAS:
                same = self.compare(Comparison.EQUAL, kind, old, arguments[0])
                new = terms.choose_scalar(same, arguments[1], old, scalar_bits(kind))
                self.store(plain, new, node.span)
                return (same,)
            case AtomicOperator.SWAP:
                self.store(plain, arguments[0], node.span)
                return (old,)
        bits = scalar_bits(kind)
        left, right = number(old), number(arguments[0])
        match node.operator:
            case AtomicOperator.ADD:
                new = terms.add(left, right, bits)
            case AtomicOperator.SUB:
                new = terms.subtract(left, right, bits)
            case _:
                new = terms.bitwise(BinaryOperator[node.operator.name], left, right, bits)
        self.store(plain, new, node.span)
        return (old,)

    def intrinsic(self, node: Intrinsic) -> Value:
        """Return the result of an operation of the machine."""
        operator = node.operator
        if operator in PROOF_WORDS:
            return self._proof_word(node)
        if operator is IntrinsicOperator.SYMBOL_ADDRESS:
            made = self.symbols.setdefault(node.symbol, z3.BitVec(f"symbol {node.symbol}", 64))
            return (made,)
        values = [self.expression(argument) for argument in node.arguments]
        if operator is IntrinsicOperator.FENCE:
            return ()
        if operator is IntrinsicOperator.ADDRESS_OF:
            return (values[0][0],)
        operands = [number(value[0]) for value in values]
        kind = integer(node.arguments[0].type)
        bits, sign = kind.bits, kind.signed
        match operator:
            case IntrinsicOperator.MIN | IntrinsicOperator.MAX:
                less = terms.compare(Comparison.LESS, operands[0], operands[1], bits, sign=sign)
                first, second = operands if operator is IntrinsicOperator.MIN else operands[::-1]
                return (terms.choose(less, first, second, bits),)
            case IntrinsicOperator.BYTE_SWAP:
                return (terms.byte_swap(operands[0], bits),)
            case IntrinsicOperator.ROTATE_LEFT:
                amount = terms.resize(operands[1], integer(node.arguments[1].type).bits, bits, sign=False)
                return (terms.rotate_left(operands[0], amount, bits),)
            case IntrinsicOperator.POPCOUNT:
                return (terms.resize(terms.popcount(operands[0], bits), bits, 32, sign=False),)
            case IntrinsicOperator.COUNT_LEADING_ZEROS:
                return (terms.resize(terms.leading_zeros(operands[0], bits), bits, 32, sign=False),)
            case IntrinsicOperator.COUNT_TRAILING_ZEROS:
                return (terms.resize(terms.trailing_zeros(operands[0], bits), bits, 32, sign=False),)
        plain = _CHECKED[operator]
        operate = {BinaryOperator.ADD: terms.add, BinaryOperator.SUBTRACT: terms.subtract}.get(plain, terms.multiply)
        wraps = terms.wraps(plain, operands[0], operands[1], bits, sign=sign)
        return operate(operands[0], operands[1], bits), wraps

    def _proof_word(self, node: Intrinsic) -> Value:
        match node.operator:
            case IntrinsicOperator.ASSUME:
                self.path.assume(truth(self.expression(node.arguments[0])[0]))
                return ()
            case IntrinsicOperator.ARBITRARY:
                return (self.arbitrary("arbitrary", node.type, node.span),)
            case IntrinsicOperator.PROVIDE_MEMORY:
                base, size = (number(self.expression(a)[0]) for a in node.arguments)
                if isinstance(base, int) and isinstance(size, int):
                    self.memory.provide(base, size, node.span)
                return ()
        (argument,) = node.arguments
        value = self.expression(argument)
        kind = argument.type
        if isinstance(kind, RefType):
            self.havoc(Address(number(value[0]), kind.target), node.span)
        elif isinstance(kind, ViewType):
            length = number(value[1])
            if not isinstance(length, int):
                raise NotModelled(node.span, "`havoc` of a view whose length is not known")
            self.havoc(Address(number(value[0]), ArrayType(kind.element, length)), node.span)
        return ()

    def havoc(self, address: Address, span: Span) -> None:
        """Let a struct or array have any content."""
        size = size_of(address.type)
        location = self.memory.locate(address.value, size, span, sure=address.sure, calls=tuple(self.path.calls))
        filling = self.memory.havoc(location, size, address.type, span)
        self.draws.append(Draw(location.object.name, address.type, filling, span))

    def arbitrary(self, name: str, kind: Type, span: Span) -> Scalar:
        """Return a variable that can have any value of a type."""
        self.path.act()
        made = self.memory.variable(name, scalar_bits(kind))
        value: Scalar = made
        if isinstance(kind, BoolType):
            value = terms.equal(made, 1, 1)
        elif isinstance(kind, EnumType):
            allowed: Truth = False
            for member in sorted(set(kind.members.values())):
                same = terms.equal(made, member & ((1 << kind.storage.bits) - 1), kind.storage.bits)
                allowed = terms.either(allowed, same)
            self.path.axiom(allowed)
        self.draws.append(Draw(name, kind, value, span))
        return value
