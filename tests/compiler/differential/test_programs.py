"""Random programs give the same in all lives.

CI runs a few, always the same. For hours, and with other programs each time:

    KERNEL_PYTHON_PROGRAMS=100000 pytest tests/compiler/differential/test_programs.py
    KERNEL_PYTHON_PROGRAMS=100000 KERNEL_PYTHON_SEED=7 pytest tests/compiler/differential/test_programs.py
"""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError

from .harness import TRAPPING, WRAPPING, disagreements
from .programs import Writer

PROGRAMS = int(os.environ.get("KERNEL_PYTHON_PROGRAMS", "0"))
SEED = int(os.environ.get("KERNEL_PYTHON_SEED", "0"))
FEW = 30


FOLDED = {"C0305", "C0323", "C0324", "C0364", "C0366"}
"""What the compiler refuses because it would trap for certain: such a program has no other life."""


def check(source: str) -> list[str]:
    """Return the disagreements about a program."""
    try:
        return run_check(source)
    except ToolError as error:
        if {d.code for d in error.diagnostics} <= FOLDED:
            return []
        raise


def run_check(source: str) -> list[str]:
    """Return the disagreements about a program that the compiler must accept."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "kp_random.py"
        path.write_text(source, "utf-8")
        return [line for lives in (TRAPPING, WRAPPING) for line in disagreements(path, lives)]


@settings(
    max_examples=FEW,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
@pytest.mark.slow
def test_programs_that_shrink(data: st.DataObject) -> None:
    source = Writer(lambda n: data.draw(st.integers(0, n - 1))).program()
    note(source)
    found = check(source)
    assert not found, "\n".join(found[:5])


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_many_programs() -> None:
    """Programs from seeds: a failure names its seed."""
    for seed in range(SEED, SEED + (PROGRAMS or FEW)):
        choices = random.Random(seed)
        source = Writer(choices.randrange).program()
        found = check(source)
        assert not found, f"seed {seed}:\n{source}\n" + "\n".join(found[:5])
