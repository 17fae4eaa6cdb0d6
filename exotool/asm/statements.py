"""Lines -> statements: comments go, separators split, line markers of another preprocessor are followed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from exotool.asm.source import AsmError, Line, Origin, SourceFile, Statement

_SPECIAL: Final = re.compile(
    r'"(?:\\.|[^"\\])*(?P<open>$)|"(?:\\.|[^"\\])*"'  # a string, perhaps not closed
    r"|'(?:\\.|[^\\])'?"  # a character: 'a or 'a'
    r"|(?P<comment>/\*)|(?P<line>#|//)|(?P<separator>;)",
    re.DOTALL,
)
_QUICK: Final = re.compile(r"[\"'#;/]")
_MARKER: Final = re.compile(r'#\s*(?:line\s+)?(\d+)\s+"((?:\\.|[^"\\])*)"')
_WHITE: Final = " \t\f\v\r"


def split_lines(lines: Iterable[Line], marked: Callable[[str], SourceFile] | None = None) -> Iterator[Statement]:
    """Yield the statements of some lines.

    `marked` returns the file for the name in `# 12 "file"`, which gives the place of the lines after it. Raises
    `AsmError` A0201 for a block comment that does not end; the place is that of the last line.
    """
    in_comment = False
    shift: tuple[SourceFile, int] | None = None
    for line in lines:
        text, origin = line.text, line.origin
        if marked is not None and text.startswith("#"):
            marker = _MARKER.match(text)
            if marker:
                shift = (marked(marker[2]), int(marker[1]) - origin.line - 1)
                continue
        if shift is not None:
            origin = Origin(shift[0], origin.line + shift[1], origin.expansion)
        if not in_comment and not _QUICK.search(text):
            stripped = text.strip(_WHITE)
            if stripped:
                yield Statement(stripped, origin, text.index(stripped[0]))
            continue
        parts, in_comment = _split(text, in_comment)
        for column, part in parts:
            yield Statement(part, origin, column)
    if in_comment:
        raise AsmError("A0201", "block comment does not end")


def _split(text: str, in_comment: bool) -> tuple[list[tuple[int, str]], bool]:
    """Return the statements of one line with their columns, and whether a block comment goes on."""
    parts: list[tuple[int, str]] = []
    kept = ""  # comments become blanks, so that columns stay true
    begin = at = 0
    if in_comment:
        end = text.find("*/")
        if end < 0:
            return [], True
        begin = at = end + 2

    def finish(end: int) -> None:
        nonlocal kept, begin
        whole = kept + text[at:end]
        stripped = whole.strip(_WHITE)
        if stripped:
            parts.append((begin + whole.index(stripped[0]), stripped))
        kept = ""

    first = len(text) - len(text.lstrip(_WHITE))
    if text.startswith("/", first) and not text.startswith("/*", first) and not in_comment:
        return [], False
    scan = at
    while match := _SPECIAL.search(text, scan):
        scan = match.end()
        if match["line"]:
            finish(match.start())
            return parts, False
        if match["separator"]:
            finish(match.start())
            begin = at = match.end()
        elif match["comment"]:
            end = text.find("*/", scan)
            if end < 0:
                finish(match.start())
                return parts, True
            kept += text[at : match.start()] + " " * (end + 2 - match.start())
            at = scan = end + 2
    finish(len(text))
    return parts, False
