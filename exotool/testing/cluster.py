"""The same jobs on the workers of a Dask cluster (extra `cluster`), with every result in one report.

A job carries the kernel's bytes, so that a worker needs exotool, QEMU and nothing of the project. When a worker dies,
the scheduler gives its jobs to others; one that has lost `LOST` workers is run again from here, so that a worker which
dies of a job, or a scheduler that gives up on it, is seen as what it is: an error of that job, and of no other.
"""

from __future__ import annotations

import importlib
import importlib.util
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from exotool.diagnostics import Diagnostic, ExitCode, ToolError
from exotool.files import read_input
from exotool.testing.plan import Job
from exotool.testing.worker import Result, run_job

CONNECT_SECONDS: Final = 10
LOST: Final = 3
"""Workers that a job may lose before it is taken for their killer."""


class ClusterPool(AbstractContextManager["ClusterPool"]):
    """Workers behind a scheduler, `tcp://HOST:PORT`."""

    def __init__(self, scheduler: str) -> None:
        """Connect; raises `ToolError` T0110 without the library (exit code 127) and T0111 without a scheduler."""
        if importlib.util.find_spec("distributed") is None:
            raise ToolError(
                Diagnostic("T0110", "Dask is not installed", help=("pip install 'exotool[cluster]'",)),
                exit_code=ExitCode.TOOL_MISSING,
            )
        client: Any = importlib.import_module("distributed").Client
        try:
            self._client = client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            reason = str(error) or "it does not answer"
            raise ToolError(Diagnostic("T0111", f"cannot reach the scheduler `{scheduler}`: {reason}")) from None
        self._images: dict[Path, bytes] = {}

    def submit(self, job: Job) -> Future[Result]:
        """Run a job on some worker."""
        for path, role in ((job.options.kernel, "kernel"), (job.options.module, "module")):
            if path is not None and path not in self._images:
                self._images[path] = read_input(path, role)
        result: Future[Result] = Future()
        self._send(job, result, 1)
        return result

    def _send(self, job: Job, result: Future[Result], attempt: int) -> None:
        module = self._images[job.options.module] if job.options.module else None
        remote = self._client.submit(run_job, job, self._images[job.options.kernel], module, pure=False, retries=LOST)
        remote.add_done_callback(lambda finished: self._take(job, result, finished, attempt))

    def _take(self, job: Job, result: Future[Result], finished: Any, attempt: int) -> None:
        """Pass on how a job ended; called in a thread of the client."""
        if result.done():
            return
        if finished.status == "finished":
            result.set_result(finished.result())
        elif finished.status in ("lost", "cancelled") and attempt < LOST:
            self._send(job, result, attempt + 1)
        else:
            reason = str(finished.exception()) if finished.status == "error" else finished.status
            result.set_result(Result(job.name, "error", (f"no worker could run it: {reason}",), 0.0))

    def stop(self) -> None:
        """Forget what has not ended; workers end it when they learn of that."""
        self._client.close(timeout=CONNECT_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
