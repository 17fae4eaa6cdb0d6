"""Integers that are known or not: Python's `int` (the bits, never negative) or a z3 bit vector; `bool` likewise.

Every operation gives a plain number where its result is known, so that what a proof does not leave open costs no more
than an interpreter.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import z3

from exotool.compiler.tree import BinaryOperator, Comparison

Bits: TypeAlias = "int | z3.BitVecRef"
Truth: TypeAlias = "bool | z3.BoolRef"
Scalar: TypeAlias = "int | bool | z3.BitVecRef | z3.BoolRef"
Value: TypeAlias = "tuple[Scalar, ...]"
"""The scalars of a value, one for each register that `lower_types.registers` gives for its type."""

WORD: Final = 64
_MOST_ZEROS: Final = 12


def numeral(term: z3.ExprRef) -> int | None:
    """Return the number that a term is, as written."""
    return int(term.as_long()) if isinstance(term, z3.BitVecNumRef) else None


def vector(value: Bits, bits: int) -> z3.BitVecRef:
    """Return a z3 term."""
    return z3.BitVecVal(value, bits) if isinstance(value, int) else value


def formula(value: Truth) -> z3.BoolRef:
    """Return a z3 formula."""
    return z3.BoolVal(value) if isinstance(value, bool) else value


def known(term: z3.BitVecRef) -> Bits:
    """Return a term in its simplest form: the number, if it is one."""
    simple = z3.simplify(term)
    value = numeral(simple)
    return simple if value is None else value


def decided(term: z3.BoolRef) -> Truth:
    """Return a formula in its simplest form: True or False, if it is one."""
    simple = z3.simplify(term)
    return True if z3.is_true(simple) else False if z3.is_false(simple) else simple


def substituted(value: Scalar, known_values: list[tuple[z3.BitVecRef, z3.BitVecRef]]) -> Scalar:
    """Return a value with numbers put in the place of variables."""
    if isinstance(value, int):
        return value
    changed = z3.substitute(value, *known_values)
    return decided(changed) if isinstance(value, z3.BoolRef) else known(changed)


def signed(value: int, bits: int) -> int:
    """Return the number that bits mean in two's complement."""
    return value - (1 << bits) if value >> (bits - 1) else value


def truth(value: Scalar) -> Truth:
    """Return a value of type `bool`."""
    if isinstance(value, bool | z3.BoolRef):
        return value
    raise TypeError("a bool was expected")


def number(value: Scalar) -> Bits:
    """Return a value of an integer type."""
    if isinstance(value, int | z3.BitVecRef) and not isinstance(value, bool):
        return value
    raise TypeError("an integer was expected")


# --- Logic -----------------------------------------------------------------------------------------------------------


def negate(value: Truth) -> Truth:
    """Return `not value`."""
    return not value if isinstance(value, bool) else decided(z3.Not(value))


def both(left: Truth, right: Truth) -> Truth:
    """Return `left and right`."""
    if isinstance(left, bool):
        return right if left else False
    if isinstance(right, bool):
        return left if right else False
    return decided(z3.And(left, right))


def either(left: Truth, right: Truth) -> Truth:
    """Return `left or right`."""
    return negate(both(negate(left), negate(right)))


def choose_truth(test: Truth, then: Truth, otherwise: Truth) -> Truth:
    """Return `then if test else otherwise`."""
    if isinstance(test, bool):
        return then if test else otherwise
    return decided(z3.If(test, formula(then), formula(otherwise)))


def choose(test: Truth, then: Bits, otherwise: Bits, bits: int) -> Bits:
    """Return `then if test else otherwise`."""
    if isinstance(test, bool):
        return then if test else otherwise
    if isinstance(then, int) and isinstance(otherwise, int) and then == otherwise:
        return then
    return known(z3.If(test, vector(then, bits), vector(otherwise, bits)))


def choose_scalar(test: Truth, then: Scalar, otherwise: Scalar, bits: int) -> Scalar:
    """Return `then if test else otherwise`; `bits` is 1 for bools."""
    if isinstance(then, bool | z3.BoolRef):
        return choose_truth(test, then, truth(otherwise))
    return choose(test, then, number(otherwise), bits)


# --- Integers --------------------------------------------------------------------------------------------------------


def resize(value: Bits, source: int, target: int, *, sign: bool) -> Bits:
    """Return an integer extended by its sign or by zeros, or truncated."""
    if source == target:
        return value
    if isinstance(value, int):
        return (signed(value, source) if sign else value) & ((1 << target) - 1)
    if source > target:
        return known(z3.Extract(target - 1, 0, value))
    return known((z3.SignExt if sign else z3.ZeroExt)(target - source, value))


def low_bits(value: Bits, bits: int) -> Bits:
    """Return the low bits of a value that has more."""
    return value & ((1 << bits) - 1) if isinstance(value, int) else known(z3.Extract(bits - 1, 0, value))


def extract(value: Bits, high: int, low: int) -> Bits:
    """Return bits `low` to `high`, both inclusive."""
    if isinstance(value, int):
        return (value >> low) & ((1 << (high - low + 1)) - 1)
    return known(z3.Extract(high, low, value))


def concat(high: Bits, high_bits: int, low: Bits, low_width: int) -> Bits:
    """Return the bits of two values one after the other."""
    if isinstance(high, int) and isinstance(low, int):
        return high << low_width | low
    return known(z3.Concat(vector(high, high_bits), vector(low, low_width)))


def add(left: Bits, right: Bits, bits: int = WORD) -> Bits:
    """Return the sum, modulo 2**bits."""
    if isinstance(left, int) and isinstance(right, int):
        return (left + right) & ((1 << bits) - 1)
    if isinstance(right, int) and right == 0:
        return left
    return known(vector(left, bits) + vector(right, bits))


def subtract(left: Bits, right: Bits, bits: int = WORD) -> Bits:
    """Return the difference, modulo 2**bits."""
    if isinstance(left, int) and isinstance(right, int):
        return (left - right) & ((1 << bits) - 1)
    if isinstance(right, int) and right == 0:
        return left
    return known(vector(left, bits) - vector(right, bits))


def multiply(left: Bits, right: Bits, bits: int = WORD) -> Bits:
    """Return the product, modulo 2**bits."""
    if isinstance(left, int) and isinstance(right, int):
        return (left * right) & ((1 << bits) - 1)
    return known(vector(left, bits) * vector(right, bits))


def bitwise(operator: BinaryOperator, left: Bits, right: Bits, bits: int) -> Bits:
    """Return AND, OR or XOR."""
    if isinstance(left, int) and isinstance(right, int):
        match operator:
            case BinaryOperator.AND:
                return left & right
            case BinaryOperator.OR:
                return left | right
            case _:
                return left ^ right
    first, second = vector(left, bits), vector(right, bits)
    match operator:
        case BinaryOperator.AND:
            return known(first & second)
        case BinaryOperator.OR:
            return known(first | second)
        case _:
            return known(first ^ second)


def shift(operator: BinaryOperator, left: Bits, amount: Bits, bits: int, *, sign: bool) -> Bits:
    """Return `left` shifted by less than `bits`; both have that width."""
    if isinstance(left, int) and isinstance(amount, int):
        if operator is BinaryOperator.SHIFT_LEFT:
            return left << amount & ((1 << bits) - 1)
        return (signed(left, bits) if sign else left) >> amount & ((1 << bits) - 1)
    value, count = vector(left, bits), vector(amount, bits)
    if operator is BinaryOperator.SHIFT_LEFT:
        return known(value << count)
    return known(value >> count if sign else z3.LShR(value, count))


def divide(left: Bits, right: Bits, bits: int, *, sign: bool) -> tuple[Bits, Bits]:
    """Return quotient and remainder, rounded to minus infinity; `right` is not 0. MIN // -1 wraps to MIN."""
    if isinstance(left, int) and isinstance(right, int):
        one, two = (signed(left, bits), signed(right, bits)) if sign else (left, right)
        mask = (1 << bits) - 1
        return (0, 0) if two == 0 else (one // two & mask, one % two & mask)
    first, second = vector(left, bits), vector(right, bits)
    if not sign:
        return known(z3.UDiv(first, second)), known(z3.URem(first, second))
    # z3's / rounds to zero, its % has the divisor's sign as Python's has.
    rest = first % second
    inexact = z3.And(rest != 0, (first < 0) != (second < 0))
    return known(z3.If(inexact, first / second - 1, first / second)), known(rest)


def wraps(operator: BinaryOperator, left: Bits, right: Bits, bits: int, *, sign: bool) -> Truth:
    """Tell whether the exact sum, difference or product is no value of the type."""
    if operator is BinaryOperator.MULTIPLY and not (isinstance(left, int) and isinstance(right, int)):
        first, second = vector(left, bits), vector(right, bits)
        fits = z3.BVMulNoOverflow(first, second, sign)
        return negate(decided(z3.And(fits, z3.BVMulNoUnderflow(first, second)) if sign else fits))
    if not sign and operator is BinaryOperator.SUBTRACT:
        return below(left, right, bits)
    wide = 2 * bits
    operate = {BinaryOperator.ADD: add, BinaryOperator.SUBTRACT: subtract}.get(operator, multiply)
    exact = operate(resize(left, bits, wide, sign=sign), resize(right, bits, wide, sign=sign), wide)
    again = resize(low_bits(exact, bits), bits, wide, sign=sign)
    return compare(Comparison.NOT_EQUAL, again, exact, wide, sign=False)


def compare(operator: Comparison, left: Bits, right: Bits, bits: int, *, sign: bool) -> Truth:
    """Return a comparison of two integers."""
    if isinstance(left, int) and isinstance(right, int):
        one, two = (signed(left, bits), signed(right, bits)) if sign else (left, right)
        return {
            Comparison.EQUAL: one == two,
            Comparison.NOT_EQUAL: one != two,
            Comparison.LESS: one < two,
            Comparison.LESS_EQUAL: one <= two,
            Comparison.GREATER: one > two,
            Comparison.GREATER_EQUAL: one >= two,
        }[operator]
    first, second = vector(left, bits), vector(right, bits)
    match operator:
        case Comparison.EQUAL:
            return decided(first == second)
        case Comparison.NOT_EQUAL:
            return decided(first != second)
        case Comparison.LESS:
            return decided(first < second if sign else z3.ULT(first, second))
        case Comparison.LESS_EQUAL:
            return decided(first <= second if sign else z3.ULE(first, second))
        case Comparison.GREATER:
            return decided(first > second if sign else z3.UGT(first, second))
        case Comparison.GREATER_EQUAL:
            return decided(first >= second if sign else z3.UGE(first, second))


def equal(left: Bits, right: Bits, bits: int = WORD) -> Truth:
    """Return `left == right`."""
    return compare(Comparison.EQUAL, left, right, bits, sign=False)


def below(left: Bits, right: Bits, bits: int = WORD) -> Truth:
    """Return `left < right`, unsigned."""
    return compare(Comparison.LESS, left, right, bits, sign=False)


# --- Operations of the machine ---------------------------------------------------------------------------------------


def popcount(value: Bits, bits: int) -> Bits:
    """Return how many bits are set, in the width of the value."""
    if isinstance(value, int):
        return value.bit_count()
    total = vector(0, bits)
    for index in range(bits):
        total = total + z3.ZeroExt(bits - 1, z3.Extract(index, index, value))
    return known(total)


def leading_zeros(value: Bits, bits: int) -> Bits:
    """Return the number of zeros above the highest bit that is set; `bits` for 0."""
    if isinstance(value, int):
        return bits - value.bit_length()
    result = vector(bits, bits)
    for index in range(bits):
        result = z3.If(z3.Extract(index, index, value) == 1, vector(bits - 1 - index, bits), result)
    return known(result)


def trailing_zeros(value: Bits, bits: int) -> Bits:
    """Return the number of zeros below the lowest bit that is set; `bits` for 0."""
    if isinstance(value, int):
        return (value & -value).bit_length() - 1 if value else bits
    result = vector(bits, bits)
    for index in reversed(range(bits)):
        result = z3.If(z3.Extract(index, index, value) == 1, vector(index, bits), result)
    return known(result)


def byte_swap(value: Bits, bits: int) -> Bits:
    """Return the bytes in the other order."""
    if isinstance(value, int):
        return int.from_bytes(value.to_bytes(bits // 8, "little"), "big")
    if bits == 8:
        return value
    return known(z3.Concat(*[z3.Extract(low + 7, low, value) for low in range(0, bits, 8)]))


def rotate_left(value: Bits, amount: Bits, bits: int) -> Bits:
    """Return the bits moved up round the end; the amount counts modulo the width."""
    if isinstance(value, int) and isinstance(amount, int):
        count = amount % bits
        return (value << count | value >> (bits - count)) & ((1 << bits) - 1)
    return known(z3.RotateLeft(vector(value, bits), vector(amount, bits) & (bits - 1)))


def alignment(value: Bits) -> int:
    """Return the largest power of two, 4096 at most, that a 64-bit value is certainly a multiple of."""
    return 1 << _zeros(vector(value, WORD), {})


def _zeros(term: z3.BitVecRef, seen: dict[int, int]) -> int:
    """Return how many low bits of a term are certainly 0, up to 12."""
    key = term.get_id()
    if key not in seen:
        seen[key] = min(_count_zeros(term, seen), term.size(), _MOST_ZEROS)
    return seen[key]


def _count_zeros(term: z3.BitVecRef, seen: dict[int, int]) -> int:
    value = numeral(term)
    if value is not None:
        return (value & -value).bit_length() - 1 if value else term.size()
    children = [child for child in term.children() if isinstance(child, z3.BitVecRef)]
    zeros = [_zeros(child, seen) for child in children]
    match term.decl().kind():
        case z3.Z3_OP_BADD | z3.Z3_OP_BOR | z3.Z3_OP_BXOR | z3.Z3_OP_BSUB | z3.Z3_OP_ITE:
            return min(zeros)
        case z3.Z3_OP_BMUL:
            return sum(zeros)
        case z3.Z3_OP_BAND:
            return max(zeros)
        case z3.Z3_OP_ZERO_EXT | z3.Z3_OP_SIGN_EXT:
            return int(zeros[0])
        case z3.Z3_OP_CONCAT:
            found = 0
            for child, part in zip(reversed(children), reversed(zeros), strict=True):
                found += part
                if part < child.size():
                    break
            return found
        case z3.Z3_OP_BSHL:
            return zeros[0] + (numeral(children[1]) or 0)
    return 0
