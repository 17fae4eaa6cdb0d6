"""`exotool run --watch`: a boot that starts again whenever a file of the project changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from exotool.launch.control import Control

_REASON: Final = "a changed file"
_SETTLE_MS: Final = 200
"""Editors write a file in several steps."""


class Watcher:
    """Watches a folder and all below it, but for `ignored` and what version control and Python keep for themselves."""

    def __init__(self, root: Path, ignored: Path) -> None:
        self._root, self._ignored = root, ignored
        self._changed, self._stop = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._control: Control | None = None
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def run(self, boot: Callable[[Control], bool]) -> None:
        """Call `boot` at once and after every change, until it returns False; its control ends it at a change."""
        while True:
            control = Control()
            with self._lock:
                self._changed.clear()
                self._control = control
            if not boot(control):
                return
            with self._lock:
                self._control = None
            while not self._changed.wait(0.2):  # a wait without an end would not take Ctrl-C
                pass

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        from watchfiles import Change, DefaultFilter, watch

        usual = DefaultFilter()

        def wanted(change: Change, path: str) -> bool:
            return usual(change, path) and not Path(path).is_relative_to(self._ignored)

        for _ in watch(
            self._root, watch_filter=wanted, debounce=_SETTLE_MS, stop_event=self._stop, raise_interrupt=False
        ):
            with self._lock:
                self._changed.set()
                control = self._control
            if control is not None:
                control.stop(_REASON)


def was_changed(reason: str) -> bool:
    """Tell whether an interrupted boot was ended by a change: its outcome's message begins with the reason."""
    return reason.startswith(f"by {_REASON}")
