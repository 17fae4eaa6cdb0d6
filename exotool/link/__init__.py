"""The linker: objects and a typed layout -> an ELF image for x86_64, with its map.

`linker.link` is the list of the passes; each pass is a file of its name. May import `elf`, `layout`, `diagnostics`
and `files`; pyelftools is loaded by the pass that reads back, LIEF by a process that writes, so that errors come
without them. What is named here is loaded when it is asked for: NumPy comes with it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from exotool.link.default import default_layout
    from exotool.link.linker import LinkedImage, link

__all__ = ["LinkedImage", "default_layout", "link"]

_HOMES: Final = {"LinkedImage": "linker", "default_layout": "default", "link": "linker"}


def __getattr__(name: str) -> Any:
    """Load a public name."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
