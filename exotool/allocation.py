"""What glibc does with memory that is freed: it keeps it for the next column, or gives it back (mallopt(3))."""

from __future__ import annotations

import ctypes
import sys
from typing import Any, Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_MAX: Final = -4
_MOST: Final = (1 << 31) - 1


def keep_freed() -> None:
    """Let freed memory stay with the process: columns come and go, and new pages for each take a fifth of a link."""
    mallopt = _function("mallopt")
    if mallopt is not None:
        mallopt(_M_MMAP_MAX, 0)
        mallopt(_M_TRIM_THRESHOLD, _MOST)


def give_back() -> None:
    """Give the system what is free: another process is about to need memory."""
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def _function(name: str) -> Any:
    """Return a function of the C library, None where it is not glibc's."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
