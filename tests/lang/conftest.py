"""Programs of Kernel Python in the text of a test, imported as the loader imports them."""

from __future__ import annotations

import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from exotool.lang.loader import install, uninstall
from exotool.lang.state import save

Load = Callable[..., Any]

VOCABULARY = """\
from collections.abc import Callable
from enum import IntEnum
from typing import Final, Generic, NoReturn, TypeVar
from exotool.lang import *
"""

_numbers = itertools.count()


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Import a program and return its module; memory, models and settings are put back afterwards."""
    finders = []
    restore = save()

    def load(source: str, vocabulary: str = VOCABULARY) -> Any:
        name = f"program{next(_numbers)}"
        (tmp_path / f"{name}.py").write_text(vocabulary + textwrap.dedent(source), "utf-8")
        finders.append(install(tmp_path, [name]))
        __import__(name)
        return sys.modules[name]

    yield load
    for finder in finders:
        uninstall(finder)
    restore()
