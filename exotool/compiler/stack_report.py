"""What people read about stacks: the table of `exotool inspect --stack`, and the errors of the key `stack`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from exotool.compiler.stack import Depth, stack_depths
from exotool.diagnostics import Diagnostic, Note, Place

_SHOWN: Final = 12
"""Functions of a chain that are shown: the first ones; the deepest frames are listed by `inspect`."""


def check_stack(data: bytes, path: str, limit: int, recursion: Mapping[str, int]) -> list[Diagnostic]:
    """Return an error for each entry that can take more than `limit` bytes (C0605), or any number of them (C0606)."""
    errors = []
    for depth in stack_depths(data, path, recursion):
        notes = tuple(Note(f"`{name}` takes {frame} bytes") for name, frame in depth.chain[:_SHOWN])
        if depth.unbounded:
            errors.append(
                Diagnostic(
                    "C0606",
                    f"the stack of `{depth.name}` has no bound",
                    Place(path),
                    label=depth.unbounded,
                    notes=notes,
                    help=("write a loop, or say how deep it goes: recursion = { NAME = N } beside `stack`",),
                )
            )
        elif depth.depth > limit:
            errors.append(
                Diagnostic(
                    "C0605",
                    f"`{depth.name}` can take {depth.depth} bytes of stack",
                    Place(path),
                    label=f"the image allows {limit}",
                    notes=notes,
                    help=(
                        "make large arrays static, or give the stack more room in exotool.toml and where it is made",
                    ),
                )
            )
    return errors


def table(depths: Sequence[Depth]) -> str:
    """Return the depths as text: an entry a paragraph, its chain of calls below it."""
    lines = ["  depth   frame  function"]
    for depth in depths:
        number = "no bound" if depth.unbounded else f"{depth.depth:7}"
        lines.append(f"{number:>8} {depth.frame:7}  {depth.name}")
        lines += [f"{'':8} {frame:7}    -> {name}" for name, frame in depth.chain[1:]]
        lines += [f"{'':18}! {text}" for text in (*([depth.unbounded] if depth.unbounded else []), *depth.remarks)]
    return "\n".join(lines)


def to_json(depth: Depth) -> dict[str, Any]:
    """Return a depth as plain data."""
    return {
        "function": depth.name,
        "frame": depth.frame,
        "depth": None if depth.unbounded else depth.depth,
        "chain": [{"function": name, "frame": frame} for name, frame in depth.chain],
        "remarks": list(depth.remarks),
        "unbounded": depth.unbounded,
    }
