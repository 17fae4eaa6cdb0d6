"""The kernel's formatter writes what Python's `format()` writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.lang import Array, Reason, Struct, Trap, array, u8
from kernel.format import LEFT, LONGEST, PLUS, PREFIX, UPPER_CASE, ZERO_FILL, format_number


class Line(Struct):
    """Room for one number."""

    text: Array[u8] = array(LONGEST)


def formatted(value: int, base: int, width: int, flags: int) -> str:
    line = Line()
    length = format_number(line.text, value < 0, abs(value), base, width, flags)
    return bytes(line.text[:length]).decode()


def expected(value: int, base: int, width: int, flags: int) -> str:
    """Say the same in Python's format language."""
    align = "<" if flags & LEFT else "=" if flags & ZERO_FILL else ">"
    fill = "0" if flags & ZERO_FILL and not flags & LEFT else " "
    letter = {2: "b", 8: "o", 10: "d", 16: "x"}[base]
    text = format(value, f"{fill}{align}{'+' if flags & PLUS else ''}{'#' if flags & PREFIX else ''}{width}{letter}")
    return text.upper() if flags & UPPER_CASE else text


numbers = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.integers(-300, 300),
    st.sampled_from([2**63, 2**64 - 1, -(2**63), 10**19, 10**19 - 1]),
)


@given(numbers, st.sampled_from([2, 8, 10, 16]), st.integers(1, LONGEST), st.integers(0, 31))
def test_as_python(value: int, base: int, width: int, flags: int) -> None:
    assert formatted(value, base, width, flags) == expected(value, base, width, flags)


def test_the_largest_number_fits() -> None:
    assert len(formatted(-(2**63), 2, 1, PREFIX)) == 67


def test_a_field_wider_than_the_buffer_is_caught() -> None:
    with pytest.raises(Trap) as caught:
        formatted(1, 10, LONGEST + 1, 0)
    assert caught.value.reason is Reason.BOUNDS
