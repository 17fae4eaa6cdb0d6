"""Links by GNU ld scripts: addresses, symbols, bytes, entry and segments are those of GNU ld."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .ldgolden import GOLDEN, VERSION, golden, jobs
from .ldjobs import facts, gnu_version, kernel_objects, our_ld, write_objects

KEPT = json.loads(GOLDEN.read_text())


def ours(name: str, folder: Path) -> dict[str, Any]:
    objects = write_objects(folder, kernel_objects())
    image = our_ld(folder, *jobs()[name], *objects).image
    assert image is not None
    return facts(image.data)


@pytest.mark.parametrize("name", list(jobs()))
def test_as_gnu_ld_made_it(name: str, tmp_path: Path) -> None:
    found = ours(name, tmp_path)
    for key, value in KEPT[name].items():
        assert found[key] == value, key


@pytest.mark.skipif(gnu_version() != VERSION, reason=f"GNU ld {VERSION} is not installed")
@pytest.mark.parametrize("name", list(jobs()))
def test_the_kept_facts_are_those_of_gnu_ld(name: str) -> None:
    assert json.loads(json.dumps(golden(name))) == KEPT[name]


def test_every_job_is_kept() -> None:
    assert set(KEPT) == set(jobs())
