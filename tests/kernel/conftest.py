"""The kernel, loaded as Kernel Python under CPython; every test gets the simulated memory as imports left it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from exotool.lang import memory
from exotool.lang.loader import install
from exotool.lang.state import save

CPUS = 0x6100_0000

install(Path(__file__).parents[2], ["kernel"])


@pytest.fixture(autouse=True)
def machine_as_imported() -> Iterator[None]:
    restore = save()
    memory.map(CPUS, 4096)
    memory.set_symbol("cpus", CPUS)
    yield
    restore()
