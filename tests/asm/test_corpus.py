"""The corpus against GNU as: the bytes of every section, every symbol, every relocation are the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.asm.golden import GOLDEN, VERSION, arch_of, preprocessed, sources
from tests.asm.objects import difference, ours, summarize
from tests.second_assembler import assemble_with_gnu, gnu_version

FILES = pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    objects: dict[str, Any] = json.loads(GOLDEN.read_text())["objects"]
    return objects


@FILES
def test_objects_are_those_of_gnu_as(path: Path, golden: dict[str, Any]) -> None:
    data = ours(path.read_bytes(), str(path), arch_of(path))
    assert not difference(golden[path.name], json.loads(json.dumps(summarize(data))))


@FILES
@pytest.mark.skipif(gnu_version() != VERSION, reason=f"needs GNU as {VERSION}")
def test_golden_data_is_what_gnu_as_makes(path: Path, golden: dict[str, Any]) -> None:
    if path.suffix == ".S" and shutil.which("gcc") is None:
        pytest.skip("needs gcc's preprocessor")
    data = assemble_with_gnu(preprocessed(path), arch_of(path))
    assert data is not None
    assert not difference(golden[path.name], json.loads(json.dumps(summarize(data))))
