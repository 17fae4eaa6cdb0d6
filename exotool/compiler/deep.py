"""Python's own recursion, as deep as the deepest tree that the front end accepts needs it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Final

RECURSION_LIMIT: Final = 12_000
"""Python frames for the deepest tree that `source.MAX_DEPTH` allows, with a wide margin."""


@contextlib.contextmanager
def deep_recursion() -> Iterator[None]:
    """Within the block, Python code may recurse as deep as the deepest accepted tree needs."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
