"""Executed instructions, from QEMU's log (`-d exec,nochain` with one instruction a block).

Each line of the log is one instruction that was begun: `Trace CPU: host [cs_base/pc/flags/cflags] symbol`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

_LINE: Final = re.compile(r"^Trace (\d+): \S+ \[[0-9a-f]+/([0-9a-f]+)/([0-9a-f]+)/", re.MULTILINE)
_INTERRUPT: Final = re.compile(r"^(?:Servicing hardware INT|SMM: |SMI)|^ *\d+: v=", re.MULTILINE)

_CS64: Final = 1 << 15
"""HF_CS64_MASK of QEMU's target/i386/cpu.h, in the flags of a translated block."""

TRACED: Final = 100
"""Instructions that a report tells."""

MAX_PERIOD: Final = 24


class Step(NamedTuple):
    """An instruction that a CPU began."""

    cpu: int
    address: int
    is_64bit: bool = True


def parse_trace(log: str) -> list[Step]:
    """Return the instructions in a log, in order; a last line that was cut off does not count."""
    whole = log[: log.rfind("\n") + 1]
    return [Step(int(match[1]), int(match[2], 16), bool(int(match[3], 16) & _CS64)) for match in _LINE.finditer(whole)]


def has_interrupt(log: str) -> bool:
    """Tell whether the log shows that an interrupt or exception was delivered."""
    return _INTERRUPT.search(log) is not None


def trace_lines(steps: Sequence[Step], describe: Callable[[Step], str]) -> list[str]:
    """Return the steps as text, one a line.

    Rounds of a loop are counted instead of repeated, and so are instructions that nothing is known about.
    """
    several = len({step.cpu for step in steps}) > 1
    lines: list[str] = []
    at = 0
    while at < len(steps):
        unknown = next((i for i, step in enumerate(steps[at:]) if describe(step)), len(steps) - at)
        if unknown > 1:
            first, last = steps[at].address, steps[at + unknown - 1].address
            lines.append(f"({unknown} instructions outside of the image, from {first:#x} to {last:#x})")
            at += unknown
            continue
        period, rounds = _repetition(steps, at)
        for step in steps[at : at + period]:
            lines.append((f"CPU {step.cpu} " if several else "") + f"{step.address:#x} {describe(step)}".rstrip())
        if rounds > 1:
            what = "the last instruction" if period == 1 else f"these {period} instructions"
            lines.append(f"({what} {rounds} times)")
        at += period * rounds
    return lines


def _repetition(steps: Sequence[Step], at: int) -> tuple[int, int]:
    """Return length and rounds of the shortest loop that begins at a place and goes round three times or more."""
    for period in range(1, MAX_PERIOD + 1):
        body = steps[at : at + period]
        rounds = 1
        while steps[at + rounds * period : at + (rounds + 1) * period] == body:
            rounds += 1
        if rounds >= 3:
            return period, rounds
    return 1, 1
