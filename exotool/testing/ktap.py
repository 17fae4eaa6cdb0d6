"""Test lines that a guest prints -> results: KTAP version 1 and TAP 12 to 14.

KTAP is Linux's form (Documentation/dev-tools/ktap.rst), TAP 14 is testanything.org's. They agree on what counts here:
a plan `1..N`, results `ok N name` and `not ok N name` with directives after `#`, subtests indented and followed by
their parent's result, and `Bail out!`. Everything else is the guest's other output and belongs to the next result.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

Status = Literal["passed", "failed", "skipped"]

MAX_OUTPUT: Final = 50
"""Other lines kept for a result."""

MAX_CASES: Final = 100_000
MAX_DEPTH: Final = 32

_STAMP: Final = re.compile(r"^(?:<\d>)?\[ *\d+\.\d+\] ?")
"""What Linux's console puts before a line."""

_VERSION: Final = re.compile(r"(?:K?TAP version \d+)\s*")
_PLAN: Final = re.compile(r"1\.\.(\d{1,6})\s*(?:#.*)?")
_RESULT: Final = re.compile(r"(ok|not ok)\b(?:\s+(\d{1,6}))?(?:\s+-)?\s*(.*)")
_DIRECTIVE: Final = re.compile(r"(.*?)\s*(?<!\\)#\s*(SKIP|TODO|XFAIL|TIMEOUT|ERROR)\b\S*\s*(.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Case:
    """One test of the guest; the names of its parents come first, separated by `/`."""

    name: str
    status: Status
    message: str = ""
    output: tuple[str, ...] = ()


@dataclass(slots=True)
class _Level:
    """A list of tests at one depth of indentation."""

    indent: int
    planned: int | None = None
    seen: int = 0
    cases: list[Case] = field(default_factory=list)


class KtapParser:
    """Takes lines one by one. `found` tells whether any test line came."""

    def __init__(self) -> None:
        self.found = False
        self.bailed = ""
        self._levels: list[_Level] = [_Level(0)]
        self._children: list[Case] | None = None
        self._output: list[str] = []
        self._in_yaml = False
        self._count = 0

    def take(self, line: str) -> None:
        """Take one line of the guest's output."""
        text = _STAMP.sub("", line).rstrip().expandtabs()
        body = text.lstrip(" ")
        # A subtest of TAP 14 may announce itself: `# Subtest: name`.
        if self._in_yaml or body == "---":
            self._in_yaml = body != "..."
            self._note(body)
        elif body.startswith("Bail out!"):
            self.found, self.bailed = True, body.removeprefix("Bail out!").strip() or "the guest bailed out"
        elif _VERSION.fullmatch(body):
            self.found = True
            self._level(len(text) - len(body))
        elif plan := _PLAN.fullmatch(body):
            self._level(len(text) - len(body)).planned = int(plan[1])
            self.found = True
        elif (result := _RESULT.fullmatch(body)) and self._count < MAX_CASES:
            self._result(len(text) - len(body), result)
        else:
            self._note(body)

    def finish(self) -> list[Case]:
        """Return the results; tests that were planned and never reported have failed."""
        while len(self._levels) > 1:
            self._close()
        self._missing(self._levels[0])
        cases = self._levels[0].cases + (self._children or [])
        if self.bailed:
            cases.append(Case("bail out", "failed", self.bailed))
        return cases

    def _note(self, body: str) -> None:
        if body and len(self._output) < MAX_OUTPUT:
            self._output.append(body)

    def _level(self, indent: int) -> _Level:
        """Return the list of tests at an indentation; deeper ones that were open are closed."""
        while self._levels[-1].indent > indent:
            self._close()
        if self._levels[-1].indent < indent and len(self._levels) < MAX_DEPTH:
            self._levels.append(_Level(indent))
        return self._levels[-1]

    def _close(self) -> None:
        """End a list of subtests: its results wait for their parent's."""
        level = self._levels.pop()
        self._missing(level)
        self._children = (self._children or []) + level.cases

    def _missing(self, level: _Level) -> None:
        for number in range(level.seen + 1, min(level.planned or 0, MAX_CASES) + 1):
            message = f"planned as one of {level.planned} tests, but never reported"
            level.cases.append(Case(f"test {number}", "failed", message))
        level.seen = max(level.seen, level.planned or 0)

    def _result(self, indent: int, match: re.Match[str]) -> None:
        self.found = True
        level = self._level(indent)
        children, self._children = self._children, None
        output, self._output = tuple(self._output), []
        level.seen += 1
        self._count += 1
        name, status, message = _judge(match[1] == "ok", match[3].strip())
        name = name or f"test {level.seen}"
        if match[2] and int(match[2]) != level.seen:
            status, message = "failed", f"numbered {match[2]}, where {level.seen} is due: test lines were lost"
            level.seen = max(level.seen, min(int(match[2]), MAX_CASES))
        if children:
            inner = [Case(f"{name}/{c.name}", c.status, c.message, c.output) for c in children]
            level.cases += inner
            told = any(case.status == "failed" for case in inner)
            if status != "failed" or told:
                return
        level.cases.append(Case(name, status, message, output if status == "failed" else ()))


def _judge(ok: bool, text: str) -> tuple[str, Status, str]:
    """Return name, status and message of a result line's text."""
    directive = _DIRECTIVE.fullmatch(text)
    name = (directive[1] if directive else text).replace("\\#", "#").strip()
    word, reason = (directive[2].upper(), directive[3].strip()) if directive else ("", "")
    if word == "SKIP":
        return name, "skipped", reason
    if word in ("TODO", "XFAIL") and not ok:
        return name, "skipped", f"expected to fail: {reason}".rstrip(": ")
    if word in ("TIMEOUT", "ERROR"):
        return name, "failed", f"{word.lower()}: {reason}".rstrip(": ")
    return name, "passed" if ok else "failed", reason or ("" if ok else "not ok")
