"""Which object defines a symbol and which ones use it (`--cref`, `--trace-symbol`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from exotool.elf import ObjectFile
from exotool.elf.constants import SHN_COMMON, STB_WEAK

_WIDTH = 50


def cross_reference(objects: Sequence[ObjectFile]) -> str:
    """Return a table of all global symbols: the file that defines one first, then those that refer to it."""
    files: dict[str, dict[str, bool]] = {}
    for obj in objects:
        for symbol in obj.symbols:
            if symbol.is_global and symbol.name:
                defines = symbol.is_defined or symbol.section == SHN_COMMON
                known = files.setdefault(symbol.name, {})
                known[obj.path] = known.get(obj.path, False) or defines
    lines = ["", "Cross Reference Table", "", f"{'Symbol':<{_WIDTH}}File"]
    for name in sorted(files):
        users = sorted(files[name].items(), key=lambda item: not item[1])
        for number, (path, _) in enumerate(users):
            lines.append(f"{name if not number else '':<{_WIDTH}}{path}".rstrip())
    return "\n".join(lines) + "\n"


def traced(objects: Sequence[ObjectFile], names: Collection[str]) -> str:
    """Return a line for each object that defines or refers to one of the names."""
    lines = []
    for obj in objects:
        for symbol in obj.symbols:
            if symbol.name in names and symbol.is_global:
                kind = "reference to"
                if symbol.section == SHN_COMMON:
                    kind = "common definition of"
                elif symbol.is_defined:
                    kind = "weak definition of" if symbol.bind == STB_WEAK else "definition of"
                lines.append(f"{obj.path}: {kind} {symbol.name}")
    return "\n".join(lines)
