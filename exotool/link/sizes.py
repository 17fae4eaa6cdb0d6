"""How large an image is, and what made it larger than another one (`exotool size`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from exotool.link.image import ImageFile

KINDS: Final = ("code", "constants", "data", "zeros")
SHOWN: Final = 20
"""So many symbols are listed."""


def size_table(image: ImageFile) -> str:
    """Return the sizes of an image: by kind, by section, and the largest symbols."""
    kinds = by_kind(image)
    lines = [f"{image.path}: {sum(kinds.values()):,} bytes in memory, {image.file_size:,} in the file"]
    lines += [f"  {kind:<12} {kinds[kind]:>12,}" for kind in KINDS]
    lines += ["", f"{'address':<18} {'size':>12}  section"]
    lines += [f"{s.address:#018x} {s.size:>12,}  {s.name}" for s in image.sections if s.kind != "debug" and s.size]
    if image.symbols:
        lines += ["", f"{'address':<18} {'size':>12}  symbol"]
        lines += [f"{address:#018x} {size:>12,}  {name}" for name, address, size in image.symbols[:SHOWN]]
    return "\n".join(lines)


def by_kind(image: ImageFile) -> dict[str, int]:
    """Return how much memory each kind of section takes."""
    return {kind: sum(s.size for s in image.sections if s.kind == kind) for kind in KINDS}


def compare_sizes(old: ImageFile, new: ImageFile) -> str:
    """Return what grew and what shrank, the largest differences first."""
    before, after = by_kind(old), by_kind(new)
    total = sum(after.values()) - sum(before.values())
    lines = [f"{new.path} takes {_change(total)} bytes in memory against {old.path}"]
    lines += [
        f"  {kind:<12} {before[kind]:>12,} {after[kind]:>12,} {_change(after[kind] - before[kind])}" for kind in KINDS
    ]
    for what, a, b in (("section", _sections(old), _sections(new)), ("symbol", _symbols(old), _symbols(new))):
        rows = differences(a, b)
        if rows:
            lines += ["", f"{'before':>12} {'after':>12} {'change':>12}  {what}"]
            lines += [
                f"{_size(was):>12} {_size(now):>12} {_change((now or 0) - (was or 0)):>12}  {name}"
                for name, was, now in rows[:SHOWN]
            ]
            if len(rows) > SHOWN:
                lines.append(f"{'':38}  and {len(rows) - SHOWN} more")
    return "\n".join(lines)


def comparison(old: ImageFile, new: ImageFile) -> dict[str, Any]:
    """Return the same as plain data."""
    return {
        "kinds": {kind: [by_kind(old)[kind], by_kind(new)[kind]] for kind in KINDS},
        "sections": [list(row) for row in differences(_sections(old), _sections(new))],
        "symbols": [list(row) for row in differences(_symbols(old), _symbols(new))],
    }


def differences(old: Mapping[str, int], new: Mapping[str, int]) -> list[tuple[str, int | None, int | None]]:
    """Return name, size before and size after of everything that is not as large as it was; None where it is not."""
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    names.sort(key=lambda name: (-abs(new.get(name, 0) - old.get(name, 0)), name))
    return [(name, old.get(name), new.get(name)) for name in names]


def _sections(image: ImageFile) -> dict[str, int]:
    found: dict[str, int] = {}
    for section in image.sections:
        if section.kind != "debug":
            found[section.name] = found.get(section.name, 0) + section.size
    return found


def _symbols(image: ImageFile) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, _, size in image.symbols:
        found[name] = found.get(name, 0) + size
    return found


def _size(size: int | None) -> str:
    return "-" if size is None else f"{size:,}"


def _change(difference: int) -> str:
    return f"{difference:+,}" if difference else "0"
