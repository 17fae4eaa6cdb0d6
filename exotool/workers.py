"""Work in other processes: several sources at once, and code that may end its process without taking this one along."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

_P = ParamSpec("_P")
_R = TypeVar("_R")


class WorkerDiedError(Exception):
    """A worker's process ended in the middle of its work: it crashed, or somebody killed it."""


class Workers:
    """Processes that do work until the block that they are used in ends; an interrupt ends them at once.

    `limit` is how many work at once, 0 for one a CPU; `most` how many there can be work for. With one at once, `submit`
    works in this very process, `isolate` never does.
    """

    def __init__(self, limit: int = 0, most: int = 1 << 10) -> None:
        at_once = limit or os.cpu_count() or 1
        self.parallel = at_once > 1
        self._count = max(1, min(at_once, most))
        self._pool: ProcessPoolExecutor | None = None
        self._ends: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._pool is None or self._ends is None:
            return
        if error is None:
            self._pool.shutdown()
        os.close(self._ends[1])  # after an interrupt, this ends the workers in the middle of their work
        self._pool.shutdown(cancel_futures=True)
        os.close(self._ends[0])

    def submit(self, work: Callable[_P, _R], *arguments: _P.args, **keywords: _P.kwargs) -> Callable[[], _R]:
        """Have work done; calling the result waits for it. Raises `WorkerDiedError` there."""
        if self.parallel:
            return self.isolate(work, *arguments, **keywords)
        return lambda: work(*arguments, **keywords)

    def isolate(self, work: Callable[_P, _R], *arguments: _P.args, **keywords: _P.kwargs) -> Callable[[], _R]:
        """Have work done in another process; calling the result waits for it. Raises `WorkerDiedError` there."""
        from concurrent.futures.process import BrokenProcessPool

        try:
            future: Future[_R] = self._started().submit(work, *arguments, **keywords)
        except BrokenProcessPool:
            return _dead

        def wait() -> _R:
            try:
                return future.result()
            except BrokenProcessPool:
                raise WorkerDiedError from None

        return wait

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            self._ends = os.pipe()
            # Forked workers start in a millisecond with every module loaded; there are no threads yet that fork would
            # lose.
            context = multiprocessing.get_context("fork")
            self._pool = ProcessPoolExecutor(self._count, context, _die_with_parent, self._ends)
        return self._pool


def _dead() -> Any:
    raise WorkerDiedError


def _die_with_parent(read_end: int, write_end: int) -> None:
    """End this worker when its parent is gone, however it went: then nobody holds the pipe's other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.close(write_end)

    def wait() -> None:
        os.read(read_end, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
