"""The command line of a program."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.lang import array
from libos import cmdline

WORDS = st.lists(st.text(alphabet="ab=1", min_size=1, max_size=6), max_size=6)


def line(text: str) -> Any:
    return array(text.encode() + b"\0" * 4)


@given(WORDS, st.sampled_from(["a=", "ab=", "b="]))
def test_the_first_word_that_begins_so(words: list[str], name: str) -> None:
    text = " ".join(words)
    found = cmdline.value_of(line(text), array(name.encode()))
    first = next((word for word in words if word.startswith(name)), None)
    if first is None:
        assert found == cmdline.NOWHERE
    else:
        assert text[found:].startswith(first[len(name) :])
        assert [len(text[: found - len(name)].split(" ")) - 1] == [words.index(first)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("n=5", 5),
        ("m=1 n=17 n=18", 17),
        ("n=", 0),
        ("n=12x", 12),
        ("", 99),
        ("nn=5", 99),
        ("n=99999999999999999999", None),
    ],
)
def test_numbers(text: str, number: int | None) -> None:
    got = cmdline.number_of(line(text), array(b"n="), 99)
    if number is None:
        assert 1 << 56 <= got < 1 << 64
    else:
        assert got == number


def test_a_line_that_is_not_ended() -> None:
    assert cmdline.value_of(array(b"a b=1"), array(b"b=")) == 4
    assert cmdline.number_of(array(b"a b=1"), array(b"b="), 0) == 1
