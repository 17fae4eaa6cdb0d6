"""docs/linker.md and docs/linker-scripts.md name every file of the linker."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("folder", "document"), [("link", "linker.md"), ("link/script", "linker-scripts.md")])
def test_every_file_is_named(folder: str, document: str) -> None:
    named = set(re.findall(r"`(?:\w+/)*(\w+)(?:\.py)?`", (ROOT / "docs" / document).read_text()))
    files = {path.stem for path in (ROOT / "exotool" / folder).glob("*.py")} - {"__init__"}
    assert files - named == set()
