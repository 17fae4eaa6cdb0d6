"""Refused input: for every source in tests/negative/asm, the messages are exactly those in the .txt beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.asm.objects import errors
from tests.conftest import REPOSITORY

FOLDER = REPOSITORY / "tests" / "negative" / "asm"
SOURCES = sorted(path for path in FOLDER.iterdir() if path.suffix in (".s", ".S"))


def expected(path: Path) -> Path:
    return path.with_name(path.name + ".txt")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_messages(path: Path) -> None:
    assert errors(path.read_bytes(), str(path), root=FOLDER) + "\n" == expected(path).read_text()
