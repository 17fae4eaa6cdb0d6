"""The `[check]` of a boot, followed as the guest prints."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from exotool.expectations import Check


class CheckState:
    """What of a check has been seen. `changed` is called when a text or event completes or fails it."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.changed: Callable[[], object] = lambda: None
        self.failure = ""
        self.panic = ""
        self._missing = {key for key in ("line", "regex", "prompt", "event") if getattr(check, key)}
        self._regex = re.compile(check.regex)
        self._panics = [re.compile(pattern) for pattern in check.panic]
        self._fails = [re.compile(pattern) for pattern in check.fail]

    @property
    def is_met(self) -> bool:
        """Tell whether everything but the exit value has been seen."""
        return not self._missing

    @property
    def is_decided(self) -> bool:
        """Tell whether the run need not go on."""
        met = self.check.is_custom and self.check.exit is None and self.is_met
        return bool(met or self.failure)

    def missing(self) -> tuple[str, ...]:
        """Return what has not been seen, in words."""
        return tuple(f"{key} `{getattr(self.check, key)}`" for key in sorted(self._missing))

    def take_line(self, text: str) -> None:
        """Take a finished line."""
        if not self.panic and any(pattern.search(text) for pattern in self._panics):
            self.panic = text
        if not self.failure and any(pattern.search(text) for pattern in self._fails):
            self.failure = text
            self.changed()
        self._see("line", text.rstrip() == self.check.line.rstrip())
        self._see("regex", self._regex.search(text) is not None)

    def take_partial(self, text: str) -> None:
        """Take the last line as far as it has come."""
        self._see("prompt", text.endswith(self.check.prompt))

    def take_event(self, event: dict[str, Any]) -> None:
        """Take a QMP event."""
        name, _, reason = self.check.event.partition(":")
        self._see("event", event["event"] == name and reason in ("", event.get("data", {}).get("reason")))

    def _see(self, key: str, seen: bool) -> None:
        if seen and key in self._missing:
            self._missing.discard(key)
            if self.is_decided:
                self.changed()
