"""Everything that Kernel Python refuses: one program each, and exactly what the compiler says about it.

tests/negative/kernel_python has NAME.py, or a folder NAME with main.py, and NAME.txt.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exotool.compiler.frontend import check_program
from exotool.diagnostics import ToolError, render

from ..conftest import REPOSITORY

FOLDER = REPOSITORY / "tests" / "negative" / "kernel_python"
EXPECTED = sorted(FOLDER.glob("*.txt"))

WITHOUT_FIXTURE = {
    "C0104": "the root is an argument of the call; tests of modules have it",
    "C0386": "Python's own grammar keeps slices between brackets",
    "C0409": "statements of later versions of Python",
}


def source_of(expected: Path) -> tuple[Path, Path]:
    """Return the file to compile and the root of its modules."""
    folder = expected.with_suffix("")
    return (folder / "main.py", folder) if folder.is_dir() else (expected.with_suffix(".py"), FOLDER)


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.stem)
def test_refused_with_exactly_this_message(expected: Path) -> None:
    path, root = source_of(expected)
    with pytest.raises(ToolError) as caught:
        check_program([path], root)
    found = "\n\n".join(render(diagnostic) for diagnostic in caught.value.diagnostics) + "\n"
    assert found == expected.read_text("utf-8")


def test_every_program_has_its_message() -> None:
    sources = {path.stem for path in FOLDER.iterdir() if path.suffix == ".py" or path.is_dir()} - {"__pycache__"}
    assert sources == {path.stem for path in EXPECTED}


def test_every_code_of_the_front_end_has_a_program() -> None:
    compiler = REPOSITORY / "exotool" / "compiler"
    used = {code for path in compiler.glob("*.py") for code in re.findall(r'"(C0[1-5]\d\d)"', path.read_text("utf-8"))}
    shown = {
        code for path in EXPECTED for code in re.findall(r"^error\[(C\d{4})\]", path.read_text("utf-8"), re.MULTILINE)
    }
    assert used - shown - set(WITHOUT_FIXTURE) == set()
    assert not shown & set(WITHOUT_FIXTURE)
