"""SIGINT, SIGTERM and SIGHUP end a boot in order: QEMU is ended, and there is an outcome."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Final, Self

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """Remembers the first signal that comes inside the context and calls `wake` then.

    A second one raises KeyboardInterrupt, which also ends a write to a stdout that nobody reads. Signals that are
    ignored (nohup) stay so, and outside the main thread, where Python takes no signals, nothing changes.
    """

    def __init__(self) -> None:
        self.received: signal.Signals | None = None
        self.wake: Callable[[], object] = lambda: None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self.received is not None:
            raise KeyboardInterrupt
        self.received = signal.Signals(number)
        self.wake()
