"""Each feature of the language gives the same under CPython and in machine code, checks on and off."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exotool.compiler.frontend import check_program

from . import integers
from .harness import TRAPPING, WRAPPING, Life, calls_of, disagreements, under_cpython

FEATURES = sorted((Path(__file__).parent / "features").glob("*.py"))


@pytest.fixture(params=[*FEATURES, *integers.TYPES], ids=lambda p: p.stem if isinstance(p, Path) else p)
def feature(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a program in a directory of its own."""
    if isinstance(request.param, Path):
        path = tmp_path / f"kp_{request.param.name}"
        shutil.copy(request.param, path)
    else:
        path = tmp_path / f"kp_{request.param}.py"
        path.write_text(integers.source(request.param), "utf-8")
    return path


def test_all_lives_agree(feature: Path) -> None:
    program = check_program([feature], feature.parent)
    for lives in (TRAPPING, WRAPPING):
        found = disagreements(feature, lives, program)
        assert not found, f"{len(found)} disagreements:\n" + "\n".join(found[:12])


def test_calls_reach_results_and_traps(tmp_path: Path) -> None:
    """The corners are no good if every call traps, or none does."""
    path = tmp_path / "kp_i32.py"
    path.write_text(integers.source("i32"), "utf-8")
    calls = calls_of(path.read_text("utf-8"))
    outcomes = under_cpython(path, calls, Life(None, "trap", "trap"))
    assert {"OVERFLOW", "DIVISION", "SHIFT"} == {o for o in outcomes if isinstance(o, str)}
    assert sum(isinstance(o, tuple) for o in outcomes) > len(outcomes) // 2
