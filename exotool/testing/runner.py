"""All jobs -> their results: several at once, again after a failure, here or on a cluster."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol, Self

from exotool.testing.plan import Job, isolated
from exotool.testing.worker import Result, Stopper, list_cases, run_job

WAIT_SECONDS: Final = 0.5
"""Between two chances for an interrupt while boots are awaited."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How often a job is run: `repeat` times whatever happens, each up to `retries` times more while it fails."""

    repeat: int = 1
    retries: int = 0
    fail_fast: bool = False


class Pool(Protocol):
    """Something that runs jobs."""

    def submit(self, job: Job) -> Future[Result]:
        """Run a job some time from now."""

    def stop(self) -> None:
        """End what is running."""


class LocalPool(AbstractContextManager["LocalPool"]):
    """Boots on this computer, several at once; leaving the context ends those that are still running.

    Threads do: a boot is QEMU, a process of its own, and its thread mostly waits.
    """

    def __init__(self, jobs: int) -> None:
        self._threads = ThreadPoolExecutor(jobs, "boot")
        self._stopper = Stopper()

    def submit(self, job: Job) -> Future[Result]:
        """Run a job when a thread is free."""
        return self._threads.submit(run_job, job, stopper=self._stopper)

    def stop(self) -> None:
        """End the boots that are running, and start none of those that wait."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._stopper.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._threads.shutdown()


def expand(jobs: Iterable[Job]) -> tuple[list[Job], list[Result]]:
    """Return the jobs with those that isolate the guest's tests split up, and a failure for each that cannot be.

    The guest lists its tests once for each entry of `[[test.boot]]`, on the first machine of its matrix.
    """
    found: list[Job] = []
    failures: list[Result] = []
    known: dict[str, list[str]] = {}
    for job in jobs:
        if not job.test.isolate:
            found.append(job)
            continue
        if job.test.name not in known:
            names, problems = list_cases(job)
            known[job.test.name] = names
            if problems:
                failures.append(Result(job.name, "failed", problems, 0.0))
        found += [isolated(job, name) for name in known[job.test.name]]
    return found, failures


def run_all(
    jobs: Sequence[Job],
    pool: Pool,
    rules: Rules,
    done: Callable[[Job, Result], Result],
    interrupted: Callable[[], bool] = lambda: False,
) -> list[Result]:
    """Run the jobs and return their results, in the order of the jobs.

    `done` gets each result as it comes, and returns it, perhaps with more. Once `interrupted` says so, or with
    `fail_fast` after a failure, no other job is started; those that run are ended.
    """
    results: dict[int, Result] = {}
    waiting: dict[Future[Result], _Attempt] = {}
    for attempt in _attempts(jobs, rules):
        waiting[pool.submit(attempt.job)] = attempt
    stopped = False
    while waiting and not stopped:
        finished, _ = wait(waiting, WAIT_SECONDS, FIRST_COMPLETED)
        if interrupted():
            stopped = True
            break
        for future in sorted(finished, key=lambda f: waiting[f].index):
            attempt = waiting.pop(future)
            if future.cancelled():
                continue
            result = dataclasses.replace(future.result(), name=attempt.job.name, attempts=attempt.number)
            if result.status == "failed" and attempt.number <= rules.retries:
                again = dataclasses.replace(attempt, number=attempt.number + 1)
                waiting[pool.submit(again.job)] = again
                continue
            results[attempt.index] = done(attempt.job, result)
            if rules.fail_fast and result.status != "passed":
                stopped = True
                break
    if stopped:
        pool.stop()
    return [results[index] for index in sorted(results)]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One boot of a job: its place among all results, and how many boots it makes with those before."""

    index: int
    job: Job
    number: int = 1


def _attempts(jobs: Sequence[Job], rules: Rules) -> Iterator[_Attempt]:
    index = 0
    for round_ in range(1, rules.repeat + 1):
        for job in jobs:
            name = f"{job.name}#{round_}" if rules.repeat > 1 else job.name
            yield _Attempt(index, dataclasses.replace(job, name=name))
            index += 1
