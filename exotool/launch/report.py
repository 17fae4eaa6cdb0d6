"""Where a boot's output goes: text for people, or one JSON object a line for programs."""

from __future__ import annotations

import json
import select
import shlex
from collections.abc import Sequence
from typing import Protocol, TextIO

from exotool.diagnostics import JSON_SCHEMA, Diagnostic, ToolError
from exotool.launch.outcome import Outcome
from exotool.launch.serial import Line


class Reporter(Protocol):
    """What a boot tells while it goes on. `color` says whether the guest's colors are wanted."""

    color: bool

    def ready(self) -> bool:
        """Tell whether a page of text can be written without waiting for their reader."""

    def started(self, command: Sequence[str]) -> None:
        """Tell that QEMU was started by this command."""

    def text(self, text: str) -> None:
        """Take what the guest printed, perhaps without a newline yet."""

    def line(self, line: Line) -> None:
        """Take a line that the guest has finished, and that `text` had before."""

    def say(self, text: str) -> None:
        """Tell something that a person should know now."""

    def outcome(self, outcome: Outcome) -> None:
        """Take how the boot ended."""


class TextReporter:
    """The serial line goes to `out` as it arrives, everything else to `err`."""

    def __init__(self, out: TextIO, err: TextIO, *, color: bool = False, verbose: bool = False) -> None:
        self.color = color
        self._out, self._err, self._verbose = out, err, verbose

    def ready(self) -> bool:
        """Ask the system."""
        return _ready(self._out)

    def started(self, command: Sequence[str]) -> None:
        """Show the command, for `--verbose`."""
        if self._verbose:
            self.say(shlex.join(command))

    def text(self, text: str) -> None:
        """Pass on what the guest prints, at once."""
        _write(self._out, text)

    def line(self, line: Line) -> None:
        """Nothing: `text` has shown it."""

    def say(self, text: str) -> None:
        """Print a line to `err`."""
        _write(self._err, f"{text}\n")

    def outcome(self, outcome: Outcome) -> None:
        """Print the outcome to `err`."""
        self.say(outcome.render(color=self.color))


def _ready(stream: TextIO) -> bool:
    """Tell whether a write of a page would not block; a pipe that poll(2) calls writable has room for one."""
    try:
        return bool(select.select([], [stream], [], 0)[1])
    except (OSError, ValueError):  # not a descriptor, or one beyond FD_SETSIZE: nothing is known
        return True


def _write(stream: TextIO, text: str) -> None:
    """Write text at once, with escapes for what the stream's encoding does not have.

    Raises `ToolError` R0217 when that fails for another reason than that the reader has gone.
    """
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ToolError(Diagnostic("R0217", f"cannot write what the guest printed: {reason}")) from None


class JsonReporter:
    """Events of types `start`, `serial`, `message` and `outcome`, one JSON object a line of `out`."""

    color = False

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def ready(self) -> bool:
        """Ask the system."""
        return _ready(self._out)

    def started(self, command: Sequence[str]) -> None:
        """Write the event `start`."""
        self._emit(type="start", command=list(command))

    def text(self, text: str) -> None:
        """Nothing: `line` writes whole lines."""

    def line(self, line: Line) -> None:
        """Write the event `serial`."""
        self._emit(type="serial", line=line.text, where=line.annotation)

    def say(self, text: str) -> None:
        """Write the event `message`."""
        self._emit(type="message", text=text)

    def outcome(self, outcome: Outcome) -> None:
        """Write the event `outcome`."""
        self._emit(**outcome.to_json())

    def _emit(self, **fields: object) -> None:
        _write(self._out, json.dumps({"schema": JSON_SCHEMA, **fields}) + "\n")
