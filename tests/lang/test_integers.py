"""Typed integers: ranges, meeting types, literals, shifts, division, the two modes of overflow."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.lang.integers import INTEGERS, Integer, i8, i32, i64, settings, u8, u16, u32, u64
from exotool.lang.traps import KernelTypeError, LiteralError, Reason, Trap

from .conftest import Load

classes = st.sampled_from(sorted(INTEGERS.values(), key=lambda c: c.__name__))


def numbers(cls: type[Integer]) -> st.SearchStrategy[int]:
    corner = st.sampled_from([0, 1, 2, cls.MINIMUM, cls.MINIMUM + 1, cls.MAXIMUM, cls.MAXIMUM - 1])
    return corner | st.integers(cls.MINIMUM, cls.MAXIMUM)


pairs = classes.flatmap(lambda c: st.tuples(st.just(c), numbers(c), numbers(c)))


@given(pairs, st.sampled_from(["+", "-", "*", "//", "%", "&", "|", "^"]))
def test_an_operator_gives_the_exact_number_or_traps(pair: tuple[type[Integer], int, int], symbol: str) -> None:
    cls, a, b = pair
    if symbol in ("//", "%") and b == 0:
        with pytest.raises(Trap) as caught:
            eval(f"a {symbol} b", {"a": cls(a), "b": cls(b)})
        assert caught.value.reason is Reason.DIVISION
        return
    exact = eval(f"a {symbol} b", {"a": a, "b": b})
    if cls.MINIMUM <= exact <= cls.MAXIMUM:
        result = eval(f"a {symbol} b", {"a": cls(a), "b": cls(b)})
        assert type(result) is cls
        assert int(result) == exact
    else:
        with pytest.raises(Trap) as caught:
            eval(f"a {symbol} b", {"a": cls(a), "b": cls(b)})
        assert caught.value.reason is Reason.OVERFLOW


@given(classes, st.integers(-(1 << 70), 1 << 70))
def test_a_cast_keeps_the_low_bits(cls: type[Integer], number: int) -> None:
    value = cls(number)
    assert (int(value) - number) % (1 << cls.BITS) == 0
    assert cls.MINIMUM <= value <= cls.MAXIMUM


def test_wrap_mode_wraps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "overflow", "wrap")
    assert u8(255) + 1 == 0
    assert -i8(-128) == i8(-128)
    assert i32(-(1 << 31)) // -1 == -(1 << 31)
    assert u64(0) - 1 == (1 << 64) - 1


def test_shift_amounts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert u8(0x81) << 1 == 2
    assert i8(-128) >> 7 == -1
    for amount in (8, 255, i8(-1)):
        with pytest.raises(Trap) as caught:
            u8(1) << amount
        assert caught.value.reason is Reason.SHIFT
    monkeypatch.setattr(settings, "shift", "mask")
    assert u8(1) << 9 == 2


@pytest.mark.parametrize(
    ("a", "b", "meet"),
    [(u8(1), u64(2), u64), (u8(1), i32(2), i32), (i8(1), i64(2), i64), (u32(1), i64(2), i64), (u16(1), u16(2), u16)],
)
def test_the_type_that_holds_both_wins(a: Any, b: Any, meet: type[Integer]) -> None:
    assert type(a + b) is meet
    assert type(b + a) is meet


@pytest.mark.parametrize(("a", "b"), [(u64(1), i64(1)), (u32(1), i32(1)), (u8(1), i8(1)), (u32(1), i8(1))])
@pytest.mark.parametrize("symbol", ["+", "-", "*", "//", "&", "<", "=="])
def test_types_that_do_not_meet_need_a_cast(a: Any, b: Any, symbol: str) -> None:
    with pytest.raises(KernelTypeError, match="write a cast"):
        eval(f"a {symbol} b", {"a": a, "b": b})


@pytest.mark.parametrize("text", ["u8(1) + 256", "u8(1) + -1", "300 - u8(1)", "i8(1) * 128"])
def test_a_literal_must_fit(text: str) -> None:
    with pytest.raises(LiteralError):
        eval(text, dict(INTEGERS))


@pytest.mark.parametrize("text", ["u8(1) / 2", "2 / u8(1)", "u8(1) ** 2", "1 << u8(1)", "u8(1) + True", "u8(1) + 1.5"])
def test_what_integers_do_not_do(text: str) -> None:
    with pytest.raises(TypeError):
        eval(text, dict(INTEGERS))


def test_they_look_like_what_they_are() -> None:
    assert repr(u8(7)) == "u8(7)"
    assert f"{u8(7)} {i64(-7):x}" == "7 -7"
    assert hash(u8(7)) == hash(7)
    assert type(pickle.loads(pickle.dumps(u16(3)))) is u16


def test_a_wrapping_function_wraps_and_what_it_calls_does_not(load: Load) -> None:
    module = load(
        """
        def checked(a: u8) -> u8:
            return a + 1

        @wrapping
        def f(a: u8, b: u8) -> u8:
            c = a + b
            c -= 7
            c *= 2
            return -c

        @wrapping
        def g(a: u8) -> u8:
            return checked(a)
        """
    )
    assert module.f(250, 10) == (-(((260 - 7) * 2) % 256)) % 256
    with pytest.raises(Trap):
        module.g(255)


def test_literals_take_the_type_of_their_context(load: Load) -> None:
    module = load(
        """
        N: Final = 4096

        def parameter(a: u8) -> u8:
            b: u8 = 7
            b = 200
            return a + b

        def branch(a: u8) -> u8:
            c = 0 if a < 10 else a
            return c - 1

        def later(a: u8) -> u16:
            if a > 100:
                x = u16(a)
            else:
                x = 65535
            return x + 1

        def result() -> tuple[u8, i64]:
            return 1, -1

        def page(a: u64) -> u64:
            return a // N * N
        """
    )
    assert module.parameter(55) == 255
    assert type(module.parameter(0)) is u8
    for name in ("branch", "later"):
        with pytest.raises(Trap) as caught:
            getattr(module, name)(1)
        assert caught.value.reason is Reason.OVERFLOW
    assert [type(x) for x in module.result()] == [u8, i64]
    assert module.page(10_000) == 8192
    with pytest.raises(LiteralError):
        module.parameter(256)
    with pytest.raises(KernelTypeError, match="True where u8 is needed"):
        module.parameter(True)
    with pytest.raises(KernelTypeError, match=r"write u8\(\.\.\.\)"):
        module.parameter(u64(1))
