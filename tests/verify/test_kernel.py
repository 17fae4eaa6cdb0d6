"""The proofs of ExoV6 hold of the sources that are shipped, and fail of every source with a fault in it."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

pytest.importorskip("z3", reason="the extra `verify` is not installed")

from exotool.diagnostics import render
from exotool.verify.run import Options, run

from ..conftest import REPOSITORY

PROOFS = sorted((REPOSITORY / "kernel" / "proofs").glob("*.py"))
SECONDS = 300.0  # for a slow computer: all proofs together take a tenth of it


@pytest.mark.slow
@pytest.mark.parametrize("path", PROOFS, ids=lambda path: path.stem)
def test_shipped_sources_are_proved(path: Path) -> None:
    if "@proof" not in path.read_text("utf-8"):
        pytest.skip("what other proofs start from")
    for outcome in run([path], REPOSITORY, Options(seconds=SECONDS)):
        assert outcome.proved, "\n".join(render(diagnostic) for diagnostic in outcome.diagnostics)


FAULTS = tomllib.loads(Path(__file__).with_name("faults.toml").read_text("utf-8"))["fault"]


def test_the_faults_fit_the_sources() -> None:
    """A fault that the source has outgrown shows nothing: put it where it belongs now."""
    for fault in FAULTS:
        text = (REPOSITORY / "kernel" / fault["file"]).read_text("utf-8")
        assert text.count(fault["old"]) == 1, f"{fault['file']} has it {text.count(fault['old'])} times: {fault['old']}"


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(FAULTS)), ids=lambda n: f"{FAULTS[n]['proofs'][0]}-{n}")
def test_a_fault_in_the_source_is_found(number: int, tmp_path: Path) -> None:
    """The proofs that are named refute it, by values that lead CPython to the same place."""
    fault = FAULTS[number]
    shutil.copytree(REPOSITORY / "kernel", tmp_path / "kernel", ignore=shutil.ignore_patterns("__pycache__"))
    source = tmp_path / "kernel" / fault["file"]
    text = source.read_text("utf-8")
    source.write_text(text.replace(fault["old"], fault["new"]), "utf-8")
    module = fault.get("in", {"captypes": "caps"}.get(source.stem, source.stem))
    path = tmp_path / "kernel" / "proofs" / f"{module}.py"
    for outcome in run([path], tmp_path, Options(names=tuple(fault["proofs"]), seconds=SECONDS)):
        assert outcome.verdict in ("refuted", "vacuous"), f"{outcome.name}: {outcome.verdict}"
        assert all(diagnostic.code != "V0207" for diagnostic in outcome.diagnostics), [
            render(diagnostic) for diagnostic in outcome.diagnostics
        ]
