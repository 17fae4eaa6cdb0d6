"""Operators on integers against Python's own, in process, as both profiles lower them."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.compiler.native import NativeFunction, NativeProgram
from exotool.compiler.tree import BinaryOperator, Intrinsic, IntrinsicOperator, Unary, UnaryOperator
from exotool.compiler.types import BOOL, INTEGERS, IntType, TupleType
from exotool.lang.traps import Reason, Trap
from exotool.project import Profile

from .trees import at, binary, compare, convert, function, give, native, parameter, read

PROFILES: tuple[Profile, ...] = ("dev", "release")
PYTHON: dict[BinaryOperator, Callable[[int, int], int]] = {
    BinaryOperator.ADD: operator.add,
    BinaryOperator.SUBTRACT: operator.sub,
    BinaryOperator.MULTIPLY: operator.mul,
    BinaryOperator.FLOOR_DIVIDE: operator.floordiv,
    BinaryOperator.MODULO: operator.mod,
    BinaryOperator.AND: operator.and_,
    BinaryOperator.OR: operator.or_,
    BinaryOperator.XOR: operator.xor,
    BinaryOperator.SHIFT_LEFT: operator.lshift,
    BinaryOperator.SHIFT_RIGHT: operator.rshift,
}
SHIFTS = (BinaryOperator.SHIFT_LEFT, BinaryOperator.SHIFT_RIGHT)
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@functools.cache
def operators(profile: Profile) -> NativeProgram:
    """A function for each operator and each type, and each pair of types that a conversion joins."""
    functions = []
    for name, kind in INTEGERS.items():
        a, b = parameter("a", kind), parameter("b", kind)
        for op in BinaryOperator:
            functions.append(function(f"{op.name}_{name}", [a, b], kind, [give(binary(op.value, read(a), read(b)))]))
        for op_text in COMPARISONS:
            functions.append(function(f"{op_text}_{name}", [a, b], BOOL, [give(compare(op_text, read(a), read(b)))]))
        for unary in (UnaryOperator.NEGATE, UnaryOperator.INVERT):
            node = Unary(unary, read(a), kind, at())
            functions.append(function(f"{unary.name}_{name}", [a], kind, [give(node)]))
        pair = TupleType((kind, BOOL))
        for checked in ("ADD", "SUBTRACT", "MULTIPLY"):
            call = Intrinsic(IntrinsicOperator[f"CHECKED_{checked}"], (read(a), read(b)), pair, at())
            functions.append(function(f"CHECKED_{checked}_{name}", [a, b], pair, [give(call)]))
        for other_name, other in INTEGERS.items():
            functions.append(function(f"{name}_to_{other_name}", [a], other, [give(convert(read(a), other))]))
    return native(functions, profile=profile)


@functools.cache
def compiled(profile: Profile, name: str) -> NativeFunction:
    return operators(profile).function(f"m.{name}")


def expected(op: BinaryOperator, kind: IntType, a: int, b: int, *, traps: bool) -> int | Reason:
    """What Python gives, wrapped into the type, or why it is a trap."""
    if op in SHIFTS:
        if not 0 <= b < kind.bits:
            if traps:
                return Reason.SHIFT
            b &= kind.bits - 1
        return kind.wrap(PYTHON[op](a, b))
    if b == 0 and op in (BinaryOperator.FLOOR_DIVIDE, BinaryOperator.MODULO):
        return Reason.DIVISION
    result = PYTHON[op](a, b)
    if traps and kind.wrap(result) != result:
        return Reason.OVERFLOW
    return kind.wrap(result)


def outcome(work: Callable[..., object], *arguments: object) -> object:
    try:
        return work(*arguments)
    except Trap as trap:
        return trap.reason


def numbers(kind: IntType) -> st.SearchStrategy[int]:
    edges = [kind.minimum, kind.minimum + 1, 0, 1, 2, 7, kind.bits - 1, kind.bits, kind.maximum - 1, kind.maximum]
    if kind.signed:
        edges += [-1, -2, -kind.bits]
    return st.sampled_from(edges) | st.integers(kind.minimum, kind.maximum)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", INTEGERS)
@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_operators(profile: Profile, name: str, data: st.DataObject) -> None:
    kind = INTEGERS[name]
    a, b = data.draw(numbers(kind)), data.draw(numbers(kind))
    for op in BinaryOperator:
        want = expected(op, kind, a, b, traps=profile == "dev")
        assert outcome(compiled(profile, f"{op.name}_{name}"), a, b) == want, (op, a, b)
    for text, python in COMPARISONS.items():
        assert compiled(profile, f"{text}_{name}")(a, b) is python(a, b)
    assert compiled(profile, f"INVERT_{name}")(a) == kind.wrap(~a)
    negated = Reason.OVERFLOW if profile == "dev" and kind.wrap(-a) != -a else kind.wrap(-a)
    assert outcome(compiled(profile, f"NEGATE_{name}"), a) == negated
    for checked in ("ADD", "SUBTRACT", "MULTIPLY"):
        whole = PYTHON[BinaryOperator[checked]](a, b)
        assert compiled(profile, f"CHECKED_{checked}_{name}")(a, b) == (kind.wrap(whole), kind.wrap(whole) != whole)


@pytest.mark.parametrize("profile", PROFILES)
@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_conversions(profile: Profile, data: st.DataObject) -> None:
    for name, kind in INTEGERS.items():
        value = data.draw(numbers(kind))
        for other_name, other in INTEGERS.items():
            assert compiled(profile, f"{name}_to_{other_name}")(value) == other.wrap(value)


def test_wrapping_functions_and_builds_that_say_so_wrap() -> None:
    u8 = INTEGERS["u8"]
    a, b = parameter("a", u8), parameter("b", u8)
    body = [give(binary("+", read(a), read(b)))]
    both = native([function("wraps", [a, b], u8, body, wrapping=True), function("traps", [a, b], u8, body)])
    assert both.function("m.wraps")(255, 2) == 1
    with pytest.raises(Trap, match="integer overflow"):
        both.function("m.traps")(255, 2)
    checked = native([function("traps", [a, b], u8, body)], profile="release", overflow="trap")
    with pytest.raises(Trap, match="integer overflow"):
        checked.function("m.traps")(255, 2)
    assert native([function("f", [a, b], u8, body)], overflow="wrap").function("m.f")(255, 2) == 1


@pytest.mark.parametrize("profile", PROFILES)
def test_operations_of_the_machine(profile: Profile) -> None:
    u16, u32, u64 = INTEGERS["u16"], INTEGERS["u32"], INTEGERS["u64"]
    functions = []
    for kind in (u16, u64):
        a, b = parameter("a", kind), parameter("b", kind)
        for op, arguments, result in (
            (IntrinsicOperator.COUNT_LEADING_ZEROS, (a,), u32),
            (IntrinsicOperator.COUNT_TRAILING_ZEROS, (a,), u32),
            (IntrinsicOperator.POPCOUNT, (a,), u32),
            (IntrinsicOperator.BYTE_SWAP, (a,), kind),
            (IntrinsicOperator.ROTATE_LEFT, (a, b), kind),
            (IntrinsicOperator.MIN, (a, b), kind),
            (IntrinsicOperator.MAX, (a, b), kind),
        ):
            node = Intrinsic(op, tuple(read(x) for x in arguments), result, at())
            functions.append(function(f"{op.value}_{kind}", arguments, result, [give(node)]))
    made = native(functions, profile=profile)

    def run(name: str, *arguments: int) -> object:
        return made.function(f"m.{name}")(*arguments)

    assert [run("count_leading_zeros_u16", x) for x in (0, 1, 0x8000)] == [16, 15, 0]
    assert [run("count_trailing_zeros_u64", x) for x in (0, 1, 1 << 63)] == [64, 0, 63]
    assert [run("popcount_u16", x) for x in (0, 0xFFFF, 0x0101)] == [0, 16, 2]
    assert run("byteswap_u16", 0x1234) == 0x3412
    assert run("byteswap_u64", 0x0102030405060708) == 0x0807060504030201
    assert run("rotate_left_u16", 0x8001, 17) == 0x0003
    assert run("rotate_left_u64", 1, 64) == 1
    assert (run("min_u64", 1, (1 << 64) - 1), run("max_u64", 1, (1 << 64) - 1)) == (1, (1 << 64) - 1)
