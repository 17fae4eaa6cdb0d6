"""Each feature of the language gives the same under CPython and on the machine: all of the suite in one boot."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from exotool.launch.qemu import PROGRAM

from . import integers
from .harness import TRAPPING, WRAPPING, Life, calls_of, under_cpython
from .programs import Writer
from .qemu import in_qemu
from .test_broken_lowerings import no_sign_extension
from .test_features import FEATURES

RANDOM_PROGRAMS = 6

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"needs {PROGRAM}")]


def programs(directory: Path) -> list[Path]:
    """Return all programs of the suite, and some random ones, in one directory."""
    paths = []
    for feature in FEATURES:
        paths.append(directory / f"kp_{feature.name}")
        shutil.copy(feature, paths[-1])
    for kind in integers.TYPES:
        paths.append(directory / f"kp_{kind}.py")
        paths[-1].write_text(integers.source(kind), "utf-8")
    for seed in range(RANDOM_PROGRAMS):
        paths.append(directory / f"kp_random{seed}.py")
        paths[-1].write_text(Writer(random.Random(seed).randrange).program(), "utf-8")
    return paths


@pytest.mark.parametrize("life", [TRAPPING[1], TRAPPING[2], WRAPPING[2]], ids=str)
def test_the_machine_agrees_with_cpython(life: Life, tmp_path: Path) -> None:
    paths = programs(tmp_path)
    expected = []
    for path in paths:
        calls = calls_of(path.read_text("utf-8"))
        expected += under_cpython(path, calls, Life(None, life.overflow, life.shift))
    made, found = in_qemu(paths, tmp_path, life)
    assert len(found) == len(made) == len(expected)
    different = [
        f"{name}{arguments}: cpython: {one}, {life}: {other}"
        for (name, arguments), one, other in zip(made, expected, found, strict=True)
        if one != other
    ]
    assert not different, f"{len(different)} disagreements:\n" + "\n".join(different[:12])


def test_the_machine_shows_a_broken_lowering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kp_i8.py"
    path.write_text(integers.source("i8"), "utf-8")
    calls = calls_of(path.read_text("utf-8"))
    no_sign_extension(monkeypatch)
    _, found = in_qemu([path], tmp_path, TRAPPING[1])
    assert len(found) == len(calls)
    assert found != under_cpython(path, calls, TRAPPING[0])
