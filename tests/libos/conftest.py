"""libos, loaded as Kernel Python under CPython."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exotool.lang.loader import install
from exotool.lang.state import save

install(Path(__file__).parents[2], ["kernel", "libos"])


@pytest.fixture(autouse=True)
def program_as_imported() -> Iterator[None]:
    restore = save()
    yield
    restore()
