"""How long a boot takes to each line that it prints: in milliseconds of an ordinary boot, and in instructions, exactly.

The instructions come from a recorded boot (see `recording`). A line's moment is when its newline has been written, and
that is looked for in replays: each stops at some counts of instructions, where the bytes printed so far tell which
lines come later, and the next one narrows each line down until it is known to the instruction. This needs no knowledge
of the guest's code or of the form of QEMU's record. A second record must give the same.
"""

from __future__ import annotations

import asyncio
import io
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from exotool.diagnostics import JSON_SCHEMA, Diagnostic, ToolError
from exotool.expectations import check_option
from exotool.launch.control import Control, Running
from exotool.launch.launcher import boot
from exotool.launch.options import BootOptions
from exotool.launch.outcome import Outcome
from exotool.launch.recording import Record, record_limit, recorded
from exotool.launch.replay import Replay
from exotool.launch.report import Reporter
from exotool.launch.serial import Line, harmless

MAX_MARKS: Final = 200
"""Lines whose moment is looked for."""

MAX_PRINTED: Final = 1 << 20
"""Bytes of the serial line that are looked at."""

STOPS: Final = 32
"""In how many places a replay is stopped, shared by the lines that are not known yet: a stop takes a twentieth of the
time that a replay takes to start."""

WIDTH: Final = 40
_START_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A line: instructions from the reset to its newline, and milliseconds; None if that boot printed other lines."""

    text: str
    instructions: int
    milliseconds: float | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The marked lines in their order, and how many there are besides."""

    marks: tuple[Mark, ...]
    left_out: int = 0

    def render(self) -> str:
        """Return a chart as lines of text: a bar for the instructions since the mark before."""
        if not self.marks:
            return "no line was marked"
        total = self.marks[-1].instructions
        count = len(f"{total:,}")
        wide = max(count, len("instructions"))
        lines = [f"{'ms':>9}  {'instructions':>{wide}}  {'since':>{count}}"]
        before = 0
        for mark in self.marks:
            since = mark.instructions - before
            start, end = (round(place * WIDTH / total) for place in (before, mark.instructions))
            bar = " " * min(start, WIDTH - 1) + "█" * max(end - start, 1)
            shown = f"{mark.milliseconds:9.1f}" if mark.milliseconds is not None else " " * 9
            lines.append(f"{shown}  {mark.instructions:>{wide},}  {since:>{count},}  {bar:<{WIDTH + 1}} {mark.text}")
            before = mark.instructions
        if self.left_out:
            lines.append(f"({self.left_out} more lines; an expression chooses among them)")
        return "\n".join(line.rstrip() for line in lines)

    def to_json(self) -> dict[str, Any]:
        """Return the timeline as plain data."""
        marks = [
            {"line": mark.text, "instructions": mark.instructions, "milliseconds": mark.milliseconds}
            for mark in self.marks
        ]
        return {"schema": JSON_SCHEMA, "type": "timeline", "marks": marks, "left_out": self.left_out}


def timeline(options: BootOptions, pattern: str, reporter: Reporter) -> tuple[Outcome, Timeline]:
    """Boot a kernel and return how it ended, and the moments of the lines that an expression is found in.

    Raises `ToolError` P0205 for an expression that is none, R0235 when a second record differs, R0233 when a replay
    fails, and as `boot` and `recorded` do.
    """
    wanted = re.compile(check_option("--timeline", pattern))
    watch = _Watch(reporter)
    outcome = boot(options, watch, watch.control)
    found: list[tuple[list[tuple[str, int]], list[int]]] = []
    for _ in range(2):
        head = _Head()
        with recorded(options, record_limit(outcome, options.hang_after), head, holds_exit=False) as record:
            lines = marked_lines(head.getvalue(), wanted)
            known = found[0][1] if found and found[0][0] == lines else None
            moments = _moments(record, [end for _, end in lines[:MAX_MARKS]], known, 4 * outcome.seconds)
            found.append((lines, moments))
    if found[0] != found[1]:
        raise ToolError(
            Diagnostic(
                "R0235",
                "the timeline is not repeatable: a second boot printed other lines, or at other instructions",
                help=("something that is not counted decides what the guest does, such as a disk",),
            )
        )
    lines, moments = found[0]
    timed = [(text, ms) for text, ms in watch.lines if text and wanted.search(text)]
    same = [text for text, _ in timed] == [text for text, _ in lines]
    marks = [
        Mark(text, moment, timed[number][1] if same else None)
        for number, ((text, _), moment) in enumerate(zip(lines, moments, strict=False))
    ]
    return outcome, Timeline(tuple(marks), len(lines) - len(marks))


def marked_lines(printed: bytes, wanted: re.Pattern[str]) -> list[tuple[str, int]]:
    """Return the finished lines that an expression is found in, each with the number of bytes up to its end."""
    lines: list[tuple[str, int]] = []
    end = 0
    for raw in printed.split(b"\n")[:-1]:
        end += len(raw) + 1
        text = harmless(raw.decode("utf-8", "backslashreplace").strip("\r"), color=False)
        if text and wanted.search(text):
            lines.append((text, end))
    return lines


def _moments(record: Record, ends: Sequence[int], known: Sequence[int] | None, seconds: float) -> list[int]:
    from qemu.qmp import QMPError

    try:
        return asyncio.run(_search(record, ends, known, seconds + _START_SECONDS))
    except (QMPError, OSError, EOFError, TimeoutError) as error:
        raise ToolError(Diagnostic("R0233", f"the replay failed: {error or 'QEMU did not answer'}")) from None


async def _search(record: Record, ends: Sequence[int], known: Sequence[int] | None, seconds: float) -> list[int]:
    """Return for each number of bytes after how many instructions so many have been printed.

    With `known` moments those are looked at first: if they are right nothing has to be searched.
    """
    # Instructions after which fewer bytes than `ends` were printed, and as many or more.
    low, high = [0] * len(ends), [record.icount] * len(ends)
    # First by powers of two: nothing is known yet of where in the boot the lines are.
    powers = (1 << power for power in range(14, record.icount.bit_length()))
    stops = sorted({place for moment in known or () for place in (moment - 1, moment)} or set(powers))
    while True:
        for place, printed in await _printed_at(record, stops, seconds):
            for number, end in enumerate(ends):
                if printed < end:
                    low[number] = max(low[number], place)
                else:
                    high[number] = min(high[number], place)
        gaps = sorted({(a, b) for a, b in zip(low, high, strict=True) if b - a > 1})
        if not gaps:
            return high
        parts = max(2, 1 + STOPS // len(gaps))
        stops = sorted({a + (b - a) * part // parts for a, b in gaps for part in range(1, parts)} - {0})


async def _printed_at(record: Record, places: Sequence[int], seconds: float) -> list[tuple[int, int]]:
    """Replay once, and return how many bytes had been printed at each of some counts of instructions.

    The end of QEMU by the guest's exit port, as it was recorded, stands for all places behind it.
    """
    from qemu.qmp import QMPError

    found: list[tuple[int, int]] = []
    if not places:
        return found
    replay = Replay(record)
    try:
        await replay.start()
        for place in places:
            try:
                await replay.run_to(place, seconds)
            except (QMPError, OSError, EOFError):
                if record.status is None or replay.status() != record.status:
                    raise
                return [*found, (place, MAX_PRINTED)]
            found.append((place, replay.printed()))
    finally:
        await replay.close()
    return found


class _Head(io.BytesIO):
    """A file that keeps what is written first."""

    name = "the recorded serial line"

    def write(self, data: Any, /) -> int:
        super().write(bytes(data)[: max(0, MAX_PRINTED - self.tell())])
        return len(data)


class _Clock(Control):
    """Knows when the guest began."""

    begun = 0.0

    def attach(self, session: Running) -> None:
        self.begun = time.monotonic()
        super().attach(session)


class _Watch:
    """A reporter that passes everything on and notes when each line came, in milliseconds."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self.color = reporter.color
        self.control = _Clock()
        self.lines: list[tuple[str, float]] = []

    def ready(self) -> bool:
        return self._reporter.ready()

    def started(self, command: Sequence[str]) -> None:
        self._reporter.started(command)

    def text(self, text: str) -> None:
        self._reporter.text(text)

    def line(self, line: Line) -> None:
        if len(self.lines) < MAX_PRINTED:
            self.lines.append((line.text, round((time.monotonic() - self.control.begun) * 1000, 1)))
        self._reporter.line(line)

    def say(self, text: str) -> None:
        self._reporter.say(text)

    def outcome(self, outcome: Outcome) -> None:
        self._reporter.outcome(outcome)
