"""Where in a project's sources a symbol is defined, for the question why the linker did not find it.

A search by pattern, not by parsing: it answers "you forgot to add this file", and may miss what macros make.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from exotool.diagnostics import Place

_PATTERNS: Final = {
    (".S", ".s", ".asm"): r"^[ \t]*(?:[A-Z_]{4,}\()?(?P<name>%s)(?:\)|[ \t]*:)",
    (".c", ".cc", ".cpp"): r"^(?![ \t#/*])[^;{}\n]*\b(?P<name>%s)[ \t]*(?:\([^;\n]*$|=|\[|;)",
    (".rs",): r"^[^/\n]*\bfn[ \t]+(?P<name>%s)\b",
    (".py",): r"^@export(?:\([ \t]*[\"']|[ \t]*\n(?:@[^\n]*\n)*def[ \t]+)(?P<name>%s)\b",
}
"""By suffix: how a definition of the name %s looks at the start of a line (a label, `ENTRY(name)`, a function)."""

_SKIPPED: Final = {"build", "node_modules", "target", "__pycache__"}
_MAX_FILES: Final = 5000
_MAX_SIZE: Final = 1 << 20


def find_definitions(symbol: str, root: Path, linked: set[str]) -> list[Place]:
    """Return where files below `root` that are not in `linked` (paths relative to it) define the symbol."""
    found = []
    for path in _sources(root):
        shown = path.relative_to(root).as_posix()
        if shown in linked:
            continue
        pattern = next(p for suffixes, p in _PATTERNS.items() if path.suffix in suffixes) % re.escape(symbol)
        text = _text(path)
        match = re.search(pattern, text, re.MULTILINE) if symbol in text else None
        if match is not None:
            start, end = match.span("name")
            line = text.count("\n", 0, start) + 1
            column = start - (text.rfind("\n", 0, start) + 1) + 1
            source = text.splitlines()[line - 1]
            found.append(Place(shown, line, column, column + end - start, source))
    return found


def _sources(root: Path) -> Iterator[Path]:
    suffixes = {suffix for group in _PATTERNS for suffix in group}
    count = 0
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if n not in _SKIPPED and not n.startswith("."))
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix in suffixes:
                count += 1
                if count > _MAX_FILES:
                    return
                yield path


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace") if path.is_file() and path.stat().st_size <= _MAX_SIZE else ""
    except OSError:
        return ""
