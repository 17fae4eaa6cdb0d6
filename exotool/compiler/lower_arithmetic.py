"""Operators on integers, with the meaning that Python gives them and the checks that LLVM's own operations need."""

from __future__ import annotations

from typing import Final

from exotool.compiler.lower_checks import Checks, is_constant
from exotool.compiler.lower_types import integer_of
from exotool.compiler.tree import BinaryOperator, Comparison, Reason, Span
from exotool.compiler.types import BoolType, IntType, Type

_WRAPPING: Final = {
    BinaryOperator.ADD: "add",
    BinaryOperator.SUBTRACT: "sub",
    BinaryOperator.MULTIPLY: "mul",
    BinaryOperator.AND: "and",
    BinaryOperator.OR: "or",
    BinaryOperator.XOR: "xor",
}
_CHECKED: Final = {BinaryOperator.ADD: "add", BinaryOperator.SUBTRACT: "sub", BinaryOperator.MULTIPLY: "mul"}
_PREDICATES: Final = {
    Comparison.EQUAL: "eq",
    Comparison.NOT_EQUAL: "ne",
    Comparison.LESS: "lt",
    Comparison.LESS_EQUAL: "le",
    Comparison.GREATER: "gt",
    Comparison.GREATER_EQUAL: "ge",
}


class Arithmetic(Checks):
    """A function's text, with operators."""

    @property
    def checks_overflow(self) -> bool:
        """Tell whether arithmetic of this function traps when it wraps."""
        return self.context.options.overflow == "trap" and not self.function.wrapping

    def binary(
        self, operator: BinaryOperator, kind: IntType, left: str, right: str, amount: IntType, span: Span
    ) -> str:
        """Return `left operator right` of type `kind`; `amount` is the type of a shift's right operand."""
        match operator:
            case BinaryOperator.SHIFT_LEFT | BinaryOperator.SHIFT_RIGHT:
                return self._shift(operator, kind, left, right, amount, span)
            case BinaryOperator.FLOOR_DIVIDE | BinaryOperator.MODULO:
                return self._divide(operator, kind, left, right, span)
            case _ if operator in _CHECKED and self.checks_overflow:
                result, wrapped = self.with_overflow(_CHECKED[operator], kind, left, right)
                self.check(self.value(f"xor i1 {wrapped}, true"), Reason.OVERFLOW, span)
                return result
            case _:
                return self.value(f"{_WRAPPING[operator]} i{kind.bits} {left}, {right}")

    def with_overflow(self, operation: str, kind: IntType, left: str, right: str) -> tuple[str, str]:
        """Return the wrapped result of add, sub or mul, and an i1 that says whether it wrapped."""
        llvm = f"i{kind.bits}"
        name = f"llvm.{'s' if kind.signed else 'u'}{operation}.with.overflow.{llvm}"
        function = self.context.intrinsic(name, f"{{{llvm}, i1}}", f"{llvm}, {llvm}")
        both = self.value(f"call {{{llvm}, i1}} {function}({llvm} {left}, {llvm} {right})")
        result = self.value(f"extractvalue {{{llvm}, i1}} {both}, 0")
        return result, self.value(f"extractvalue {{{llvm}, i1}} {both}, 1")

    def negate(self, kind: IntType, operand: str, span: Span) -> str:
        """Return `-operand`."""
        return self.binary(BinaryOperator.SUBTRACT, kind, "0", operand, kind, span)

    def _shift(
        self, operator: BinaryOperator, kind: IntType, left: str, right: str, amount: IntType, span: Span
    ) -> str:
        instruction = "shl" if operator is BinaryOperator.SHIFT_LEFT else "ashr" if kind.signed else "lshr"
        if is_constant(right) and 0 <= int(right) < kind.bits:
            return self.value(f"{instruction} i{kind.bits} {left}, {right}")
        if self.context.options.shift == "trap":
            # As unsigned, a negative amount is above every width: the widths fit the smallest type, even signed.
            inside = self.value(f"icmp ult i{amount.bits} {right}, {kind.bits}")
            self.check(inside, Reason.SHIFT, span)
            count = self.resize(right, IntType(amount.bits, signed=False), kind)
        else:
            whole = self.resize(right, IntType(amount.bits, signed=False), kind)
            count = self.value(f"and i{kind.bits} {whole}, {kind.bits - 1}")
        return self.value(f"{instruction} i{kind.bits} {left}, {count}")

    def _divide(self, operator: BinaryOperator, kind: IntType, left: str, right: str, span: Span) -> str:
        llvm = f"i{kind.bits}"
        constant = is_constant(right)
        if not constant or int(right) == 0:
            self.check(self.value(f"icmp ne {llvm} {right}, 0"), Reason.DIVISION, span)
        divides = operator is BinaryOperator.FLOOR_DIVIDE
        if not kind.signed:
            return self.value(f"{'udiv' if divides else 'urem'} {llvm} {left}, {right}")
        # LLVM leaves MIN / -1 and MIN % -1 undefined: divide by 1 instead, and negate the quotient.
        minus_one, divisor = "false", right
        if not constant or int(right) == -1:
            minus_one = self.value(f"icmp eq {llvm} {right}, -1")
            divisor = self.value(f"select i1 {minus_one}, {llvm} 1, {llvm} {right}")
        rest = self.value(f"srem {llvm} {left}, {divisor}")
        inexact = self.value(f"icmp ne {llvm} {rest}, 0")
        signs = self.value(f"xor {llvm} {rest}, {right}")
        differ = self.value(f"icmp slt {llvm} {signs}, 0")
        down = self.value(f"and i1 {inexact}, {differ}")
        if not divides:
            return self.value(f"add {llvm} {rest}, {self.value(f'select i1 {down}, {llvm} {right}, {llvm} 0')}")
        quotient = self.value(f"sdiv {llvm} {left}, {divisor}")
        floored = self.value(f"add {llvm} {quotient}, {self.value(f'sext i1 {down} to {llvm}')}")
        if minus_one == "false":
            return floored
        if self.checks_overflow:
            least = self.value(f"icmp eq {llvm} {left}, {kind.minimum}")
            wraps = self.value(f"and i1 {minus_one}, {least}")
            self.check(self.value(f"xor i1 {wraps}, true"), Reason.OVERFLOW, span)
        negated = self.value(f"sub {llvm} 0, {left}")
        return self.value(f"select i1 {minus_one}, {llvm} {negated}, {llvm} {floored}")

    def compare(self, operator: Comparison, kind: Type, left: str, right: str) -> str:
        """Return the i1 of a comparison of two scalars of type `kind`."""
        predicate = _PREDICATES[operator]
        integer = integer_of(kind)
        if len(predicate) == 2 and predicate not in ("eq", "ne"):
            predicate = ("s" if integer is not None and integer.signed else "u") + predicate
        llvm = f"i{integer.bits}" if integer is not None else "i1" if isinstance(kind, BoolType) else "ptr"
        return self.value(f"icmp {predicate} {llvm} {left}, {right}")

    def resize(self, operand: str, source: IntType, target: IntType) -> str:
        """Return an integer extended by its sign, or truncated, to another width."""
        if source.bits == target.bits:
            return operand
        if is_constant(operand):
            return str(target.wrap(source.wrap(int(operand))))
        if source.bits > target.bits:
            return self.value(f"trunc i{source.bits} {operand} to i{target.bits}")
        return self.value(f"{'sext' if source.signed else 'zext'} i{source.bits} {operand} to i{target.bits}")

    def extend_bool(self, operand: str, target: IntType) -> str:
        """Return 0 or 1."""
        return self.value(f"zext i1 {operand} to i{target.bits}")

    def address_in(self, operand: str, kind: Type) -> str:
        """Return the i64 of a pointer, or of an integer extended by its sign."""
        integer = integer_of(kind)
        if integer is None:
            return self.value(f"ptrtoint ptr {operand} to i64")
        return self.resize(operand, integer, IntType(64, signed=False))
