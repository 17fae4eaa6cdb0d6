"""What the tool says about its input: errors and warnings with their place, for people and for programs.

Every part reports through `Diagnostic`; a part that can go on after an error collects into a `Collector`, so that
one run names every fault that it can find. A `ToolError` carries the diagnostics of a run that cannot go on to the
command line, which prints them and exits with its code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any

JSON_SCHEMA = 1
"""Version of the JSON form of everything that `--json` prints."""

MAX_ERRORS = 50
"""A `Collector` keeps this many errors and counts the rest: a page of them is read, a thousand are not."""


TAB_WIDTH = 8
"""A tab of a source line is shown as blanks to the next multiple of this, as terminals do."""


class ExitCode(IntEnum):
    """Exit codes of every command; the same names, in lower case, stand in the JSON."""

    SUCCESS = 0
    FAILED = 1
    USAGE = 2
    PANIC = 3
    TRIPLE_FAULT = 4
    NO_TESTS = 5
    HANG = 6
    TIME_OUT = 124
    TOOL_MISSING = 127
    INTERRUPTED = 130


class Severity(Enum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an input file.

    `line` and the columns count from 1; 0 means the file, or the line, as a whole. `end_column` is the column after
    the last character meant. `source` is the text of the line, without its newline, when it is known.
    """

    path: str
    line: int = 0
    column: int = 0
    end_column: int = 0
    source: str | None = None

    def __str__(self) -> str:
        """Return `path:line:column` as far as they are known, the form that editors jump to."""
        parts = [self.path]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that belongs to a diagnostic, at a place of its own or at none."""

    message: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error or warning.

    `message` says what is wrong, in lower case and without a full stop; `label`, under the caret, what was needed and
    what was found; `context` names a place that is not in a text, such as a section and offset; `help` says what to do.
    """

    code: str
    message: str
    place: Place | None = None
    label: str = ""
    context: str = ""
    notes: tuple[Note, ...] = ()
    help: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR


class ToolError(Exception):
    """A run that cannot go on, with what to tell the user about it."""

    def __init__(self, *diagnostics: Diagnostic, exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = diagnostics
        self.exit_code = exit_code


class Collector:
    """Gathers diagnostics, so that a pass can report all that it finds instead of only the first."""

    def __init__(self) -> None:
        self.errors: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []
        self.dropped = 0

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic, or count it when there are `MAX_ERRORS` already."""
        if diagnostic.severity is Severity.WARNING:
            self.warnings.append(diagnostic)
        elif len(self.errors) < MAX_ERRORS:
            self.errors.append(diagnostic)
        else:
            self.dropped += 1

    def check(self) -> None:
        """Raise `ToolError` with everything collected if there was an error."""
        if not self.errors:
            return
        found = [*self.warnings, *self.errors]
        if self.dropped:
            found.append(Diagnostic("T0001", f"{self.dropped} more errors are not shown"))
        raise ToolError(*found)


def did_you_mean(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return one line of help that names the closest known word, or nothing if none is close."""
    import difflib  # only who mistypes pays for it

    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return (f"did you mean `{close[0]}`?",) if close else ()


class _Style:
    def __init__(self, color: bool) -> None:
        self.color = color

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text

    def severity(self, text: str, severity: Severity) -> str:
        return self.paint(text, "1;31" if severity is Severity.ERROR else "1;33")

    def frame(self, text: str) -> str:
        return self.paint(text, "1;34")


def _visible(text: str) -> str:
    """Expand tabs and make control characters of the input harmless to the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text.expandtabs(TAB_WIDTH))


def _excerpt(place: Place, label: str, severity: Severity, style: _Style) -> list[str]:
    if place.source is None or not place.line:
        return [f"   {style.frame('=')} {label}"] if label else []
    number = str(place.line)
    margin = " " * len(number)
    source = place.source.rstrip()
    lines = [f"{margin} {style.frame('|')}", f"{style.frame(number + ' |')} {_visible(source)}".rstrip()]
    if place.column:
        start = len(_visible(source[: place.column - 1]))
        end = max(start + 1, len(_visible(source[: max(0, place.end_column - 1)])))
        caret = style.severity("^" * (end - start) + (f" {label}" if label else ""), severity)
        lines.append(f"{margin} {style.frame('|')} {' ' * start}{caret}")
    elif label:
        lines.append(f"{margin} {style.frame('=')} {label}")
    return lines


def wants_color() -> bool:
    """Tell whether stderr gets colors where no option says so: NO_COLOR, FORCE_COLOR, then whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stderr.isatty()


def unwritable(error: OSError) -> Diagnostic:
    """Return what to say when stdout takes nothing."""
    return Diagnostic("T0108", f"cannot write to stdout: {(error.strerror or str(error)).lower()}")


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """Return a diagnostic as lines of text for a terminal, without a final newline."""
    style = _Style(color)
    head = style.severity(f"{diagnostic.severity.value}[{diagnostic.code}]", diagnostic.severity)
    lines = [f"{head}: {style.paint(_visible(diagnostic.message), '1')}"]
    where = f"   ({diagnostic.context})" if diagnostic.context else ""
    if diagnostic.place is not None:
        lines.append(f"  {style.frame('-->')} {_visible(str(diagnostic.place))}{where}")
        lines += _excerpt(diagnostic.place, diagnostic.label, diagnostic.severity, style)
    else:
        if where:
            lines.append(f"  {style.frame('-->')} {diagnostic.context}")
        if diagnostic.label:
            lines.append(f"   {style.frame('=')} {diagnostic.label}")
    for note in diagnostic.notes:
        at = f" at {_visible(str(note.place))}" if note.place is not None else ""
        lines.append(f"   {style.frame('=')} {style.paint('note', '1')}: {_visible(note.message)}{at}")
    for text in diagnostic.help:
        lines.append(f"   {style.frame('=')} {style.paint('help', '1')}: {_visible(text)}")
    return "\n".join(lines)


def _place_json(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {"path": place.path, "line": place.line, "column": place.column, "end_column": place.end_column}


def to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic as plain data, for `--json`."""
    return {
        "schema": JSON_SCHEMA,
        "type": "diagnostic",
        "severity": diagnostic.severity.value,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "place": _place_json(diagnostic.place),
        "label": diagnostic.label,
        "context": diagnostic.context,
        "notes": [{"message": n.message, "place": _place_json(n.place)} for n in diagnostic.notes],
        "help": list(diagnostic.help),
    }
