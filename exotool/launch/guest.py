"""A guest that a test talks to: boot it, wait for what it prints, type, ask QEMU, see how it ends."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from exotool.diagnostics import ToolError
from exotool.launch.control import Control
from exotool.launch.launcher import boot
from exotool.launch.options import BootOptions
from exotool.launch.outcome import Outcome
from exotool.launch.serial import Line

MAX_TEXT: Final = 1 << 20
"""Characters of the guest's output that are kept; `expect` must keep up with a guest that prints more."""

MAX_LINES: Final = 100_000
TAIL: Final = 15
EXPECT_SECONDS: Final = 10.0
END_SECONDS: Final = 30.0


class GuestError(AssertionError):
    """The guest did not do what was expected of it; the message has its last lines, and how it ended if it did."""


class Guest:
    """One boot, in a thread of its own; a context that ends the guest when it is left.

    `command` is QEMU's, `lines` are the finished lines so far, `text` the last MiB of what the guest printed.
    """

    def __init__(self, options: BootOptions) -> None:
        self.options = options
        self.command: list[str] = []
        self.lines: list[str] = []
        self._control = Control()
        self._changed = threading.Condition()
        self._text = ""
        self._searched = 0
        self._outcome: Outcome | None = None
        self._error: BaseException | None = None
        # QEMU dies with the thread that started it, so that the thread lives as long as the boot.
        self._thread = threading.Thread(target=self._boot, daemon=True)
        self._thread.start()

    def expect(self, pattern: str | re.Pattern[str], timeout: float = EXPECT_SECONDS) -> re.Match[str]:
        """Wait until a regular expression is found in what the guest printed after the last match, and return it.

        Raises `GuestError` after `timeout` seconds, and at once when the guest has ended without printing it;
        `ToolError` when there was no boot.
        """
        compiled, end = re.compile(pattern), time.monotonic() + timeout
        with self._changed:
            while True:
                match = compiled.search(self._text, self._searched)
                if match is not None:
                    self._searched = match.end()
                    return match
                if self._ended:
                    raise GuestError(self._describe(f"the guest ended before it printed {compiled.pattern!r}"))
                left = end - time.monotonic()
                if left <= 0:
                    raise GuestError(self._describe(f"{compiled.pattern!r} was not printed within {timeout:g} s"))
                self._changed.wait(left)

    def send(self, text: str | bytes) -> None:
        """Type on the guest's serial line; raises `GuestError` when the guest has ended."""
        self._await_attached()
        if not self._control.send(text.encode() if isinstance(text, str) else text):
            raise GuestError(self._describe("the guest has ended and takes no input"))

    def qmp(self, command: str, **arguments: Any) -> Any:
        """Return QEMU's answer to a QMP command; raises `ToolError` R0218 when it fails."""
        self._await_attached()
        return self._control.qmp(command, {key.replace("_", "-"): value for key, value in arguments.items()})

    def wait(self, timeout: float = END_SECONDS) -> Outcome:
        """Wait until the guest has ended by itself and return how; raises `GuestError` when it has not."""
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise GuestError(self._describe(f"the guest did not end within {timeout:g} s"))
        return self._result()

    def stop(self) -> Outcome:
        """End the guest now, if it has not ended, and return how it ended."""
        self._control.stop()
        self._thread.join()
        return self._result()

    @property
    def text(self) -> str:
        """What the guest has printed."""
        with self._changed:
            return self._text

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._control.stop()
        self._thread.join()

    def _take(self, text: str) -> None:
        """Remember what the guest printed, and wake who waits for it."""
        with self._changed:
            self._text += text
            if len(self._text) > 2 * MAX_TEXT:
                cut = len(self._text) - MAX_TEXT
                self._text, self._searched = self._text[cut:], max(0, self._searched - cut)
            self._changed.notify_all()

    def _boot(self) -> None:
        try:
            boot(self.options, _Listener(self), self._control)
        except (ToolError, OSError) as error:
            self._error = error
        finally:
            self._control.attached.set()
            with self._changed:
                self._changed.notify_all()

    @property
    def _ended(self) -> bool:
        return self._outcome is not None or self._error is not None

    def _await_attached(self) -> None:
        self._control.attached.wait()
        if isinstance(self._error, ToolError):
            raise self._error

    def _result(self) -> Outcome:
        if self._outcome is None:
            raise self._error or GuestError("the boot ended without an outcome")
        return self._outcome

    def _describe(self, problem: str) -> str:
        if isinstance(self._error, ToolError):
            raise self._error
        parts = [problem]
        if self._outcome is not None:
            parts.append(self._outcome.render())
        parts += ["the last that it printed:", *(f"  {line}" for line in self._text.splitlines()[-TAIL:])]
        return "\n".join(parts)


class _Listener:
    """The guest's reporter: keeps everything for the tests' side."""

    color = False

    def __init__(self, guest: Guest) -> None:
        self._guest = guest

    def ready(self) -> bool:
        return True

    def started(self, command: Sequence[str]) -> None:
        self._guest.command = list(command)

    def text(self, text: str) -> None:
        self._guest._take(text)

    def line(self, line: Line) -> None:
        self._guest.lines.append(f"{line.text}  {line.annotation}".rstrip())
        del self._guest.lines[:-MAX_LINES]

    def say(self, text: str) -> None:
        pass

    def outcome(self, outcome: Outcome) -> None:
        self._guest._outcome = outcome
