"""How generated Python is broken into lines: as a formatter would, so that it can be read and checked like the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

WIDTH: Final = 120


def bracketed(start: str, items: Sequence[str], end: str, indent: int = 0) -> list[str]:
    """Return `start`, items with commas between them, `end`: on one line, else the items on one, else one on each."""
    margin = " " * indent
    line = margin + start + ", ".join(items) + end
    if len(line) <= WIDTH:
        return [line]
    inner = margin + "    " + ", ".join(items)
    if len(inner) <= WIDTH:
        return [margin + start, inner, margin + end]
    return [margin + start, *(f"{margin}    {item}," for item in items), margin + end]


def imported(module: str, names: Sequence[str]) -> list[str]:
    """Return an import of names, in the order of linters: constants, classes, functions; numbers as numbers."""
    order = sorted(set(names), key=_rank)
    start = f"from {module} import "
    line = start + ", ".join(order)
    return [line] if len(line) <= WIDTH else [f"{start}(", *(f"    {name}," for name in order), ")"]


def _rank(name: str) -> tuple[int, list[str | int]]:
    parts: list[str | int] = [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
    return 0 if name.isupper() else 1 if name[0].isupper() else 2, parts
