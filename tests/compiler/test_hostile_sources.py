"""Whatever a source says, checking it ends in a program or in errors that can be shown."""

from __future__ import annotations

import random
import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.compiler.frontend import check_program
from exotool.diagnostics import ToolError, render

from .programs import VOCABULARY
from .test_expressions import GENERIC, TEXT, TYPES

WHOLE = VOCABULARY + TYPES + TEXT.replace("def f(", "def g(") + GENERIC
WORDS = re.findall(r"\w+|[^\w\s]|\s+", WHOLE)


def damaged(seed: int) -> str:
    """Return the program with a few words replaced, moved, doubled or gone."""
    draw = random.Random(seed)
    words = list(WORDS)
    for _ in range(draw.randint(1, 5)):
        place = draw.randrange(len(words))
        match draw.randrange(4):
            case 0:
                words[place] = draw.choice(WORDS)
            case 1:
                del words[place]
            case 2:
                words.insert(place, draw.choice(WORDS))
            case _:
                other = draw.randrange(len(words))
                words[place], words[other] = words[other], words[place]
    return "".join(words)


def outcome(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "main.py")
        path.write_bytes(data)
        try:
            check_program([path], Path(folder))
        except ToolError as error:
            assert all(render(d) for d in error.diagnostics)


def test_the_undamaged_program_is_right(tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_text(WHOLE, "utf-8")
    assert check_program([path], tmp_path).functions


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 1 << 32))
def test_damaged_programs(seed: int) -> None:
    outcome(damaged(seed).encode())


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes(data: bytes) -> None:
    outcome(data)
