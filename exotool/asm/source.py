"""Where text comes from: files, lines, and the macro expansions that a line went through."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from exotool.diagnostics import Diagnostic, Note, Place, Severity

MAX_NOTES: Final = 6
"""A diagnostic names this many enclosing expansions and includes; deeper ones say nothing new."""


@dataclass(slots=True, eq=False)
class SourceFile:
    """An input file: `name` is what messages and debug information call it; `lines` have no newlines."""

    name: str
    path: Path
    lines: Sequence[str] = ()
    included_from: Origin | None = None


class Origin(NamedTuple):
    """The line that a text comes from; `expansion` says through which assembler macro, `None` for none."""

    file: SourceFile
    line: int
    expansion: Expansion | None = None

    @property
    def outermost(self) -> Origin:
        """The line in a source that started all expansions: what a debugger shows."""
        origin = self
        while origin.expansion is not None:
            origin = origin.expansion.origin
        return origin


@dataclass(frozen=True, slots=True)
class Expansion:
    """One expansion of a macro or repetition, and where it was asked for."""

    what: str
    origin: Origin
    depth: int


class Line(NamedTuple):
    """A line of text after preprocessing; it may differ from the line of the file that `origin` names."""

    text: str
    origin: Origin


class Statement(NamedTuple):
    """One statement: text without comments and separators, `column` (0-based) is where it begins in its line."""

    text: str
    origin: Origin
    column: int = 0


@dataclass(eq=False)
class AsmError(Exception):
    """A fault in a statement; `start` and `end` count characters of the statement's text (-1: all of it)."""

    code: str
    message: str
    start: int = -1
    end: int = -1
    label: str = ""
    help: tuple[str, ...] = ()
    notes: tuple[Note, ...] = field(default=())


T = TypeVar("T")


def certain(value: T | None, why: str) -> T:
    """Return a value that cannot be None for the reason given."""
    if value is None:
        raise AssertionError(why)
    return value


_TAIL: Final = re.compile(r"\s*$")


def place_of(origin: Origin, text: str = "", column: int = 0, start: int = -1, end: int = -1) -> Place:
    """Return the place of `text[start:end]` in the file's own line.

    The text may have gone through a preprocessor or a macro; then the columns are those of the same characters in
    the file's line, or of the whole line where they are not found.
    """
    lines = origin.file.lines
    if not 0 < origin.line <= len(lines):
        return Place(origin.file.name, max(origin.line, 0))
    source = lines[origin.line - 1]
    if start < 0:
        start, end = 0, len(text)
    wanted = text[start:end].strip()
    if wanted:
        start += len(text[start:end]) - len(text[start:end].lstrip())
        at = column + start if source[column + start :].startswith(wanted) else source.find(wanted)
        if at >= 0:
            return Place(origin.file.name, origin.line, at + 1, at + 1 + len(wanted), source)
    stripped = _TAIL.sub("", source)
    at = len(stripped) - len(stripped.lstrip())
    return Place(origin.file.name, origin.line, at + 1, max(len(stripped), at + 1) + 1, source)


def diagnostic_of(
    error: AsmError, origin: Origin, text: str = "", column: int = 0, severity: Severity = Severity.ERROR
) -> Diagnostic:
    """Return the diagnostic of a fault in `text`, with a note for every expansion and include around it."""
    notes = list(error.notes)
    expansion = origin.expansion
    file = origin.file
    while expansion is not None and len(notes) < MAX_NOTES:
        notes.append(Note(f"in expansion of {expansion.what}", place_of(expansion.origin)))
        expansion = expansion.origin.expansion
    while file.included_from is not None and len(notes) < MAX_NOTES:
        notes.append(Note("included", place_of(file.included_from)))
        file = file.included_from.file
    place = place_of(origin, text, column, error.start, error.end)
    return Diagnostic(error.code, error.message, place, error.label, "", tuple(notes), error.help, severity)


@dataclass(slots=True)
class Condition:
    """One `.if` or `#if`: whether this branch is read, whether a branch was taken, whether the outer text is read."""

    active: bool
    taken: bool
    outer: bool
    origin: Origin
    has_else: bool = False
