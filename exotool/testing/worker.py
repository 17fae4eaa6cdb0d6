"""One job -> its result. Runs in a thread here, or in a worker of a cluster: everything in and out can be pickled."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from exotool.diagnostics import Diagnostic, ToolError
from exotool.expectations import BootTest
from exotool.image.booting import prepared
from exotool.launch import Outcome
from exotool.launch.guest import Guest, GuestError
from exotool.launch.options import MAX_TIMEOUT
from exotool.testing.ktap import Case, KtapParser
from exotool.testing.plan import TESTS_PARAMETER, Job, isolated

JobStatus = Literal["passed", "failed", "error"]

STEP_SECONDS: Final = 10.0
KEPT_LINES: Final = 2000
"""Lines of the serial line that a result carries; a bundle has them."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a job went: `failed` when the guest did not do what is expected, `error` when there was no boot at all.

    `problems` say why, one line each. `outcome` is the JSON form of the boot's outcome, `report` its text. `attempts`
    counts the boots that it took; a job that passed at a later attempt is flaky.
    """

    name: str
    status: JobStatus
    problems: tuple[str, ...]
    seconds: float
    cases: tuple[Case, ...] = ()
    outcome: dict[str, Any] = dataclasses.field(default_factory=dict)
    report: str = ""
    lines: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    attempts: int = 1
    bundle: str = ""

    @property
    def is_flaky(self) -> bool:
        """Tell whether the job passed, but not at once."""
        return self.status == "passed" and self.attempts > 1


class Stopper:
    """Ends the boots that are running, from another thread, and keeps new ones from starting."""

    def __init__(self) -> None:
        self.stopped = False
        self._guests: set[Guest] = set()

    @contextlib.contextmanager
    def watching(self, guest: Guest) -> Iterator[None]:
        """Be in charge of a guest while this context lasts."""
        self._guests.add(guest)
        if self.stopped:
            guest.stop()
        try:
            yield
        finally:
            self._guests.discard(guest)

    def stop(self) -> None:
        """End all guests."""
        self.stopped = True
        for guest in list(self._guests):
            guest.stop()


def run_job(
    job: Job, image: bytes | None = None, module: bytes | None = None, stopper: Stopper | None = None
) -> Result:
    """Boot and judge; `image` and `module` have the bytes where the job's paths lead nowhere: on another computer."""
    if image is None:
        return _run(job, stopper or Stopper())
    with tempfile.TemporaryDirectory(prefix="exotool-") as folder:
        kernel = Path(folder, job.options.kernel.name)
        kernel.write_bytes(image)
        options = dataclasses.replace(job.options, kernel=kernel)
        if module is not None:
            options = dataclasses.replace(options, module=Path(folder, "module"))
            Path(folder, "module").write_bytes(module)
        return _run(dataclasses.replace(job, options=options), stopper or Stopper())


def list_cases(job: Job) -> tuple[list[str], tuple[str, ...]]:
    """Ask the guest for the names of its tests; the second list says what is wrong when there are none."""
    if job.test.tests:
        return list(job.test.tests), ()
    listing = isolated(job, "list")
    result = run_job(dataclasses.replace(listing, test=dataclasses.replace(job.test, ktap="auto")))
    names = [case.name for case in result.cases]
    if not names:
        message = f"the guest did not list its tests when `{TESTS_PARAMETER}=list` was on its command line"
        return [], (message, *(result.problems if result.status == "error" else ()))
    return names, ()


def _run(job: Job, stopper: Stopper) -> Result:
    begun = time.monotonic()
    problems: list[str] = []
    try:
        with prepared(job.options) as options, Guest(options) as guest, stopper.watching(guest):
            problems += _dialogue(guest, job.test)
            outcome = guest.stop() if problems else guest.wait(MAX_TIMEOUT)
    except ToolError as error:
        messages = tuple(f"{d.code}: {d.message}" for d in error.diagnostics)
        return Result(job.name, "error", messages, time.monotonic() - begun, diagnostics=error.diagnostics)
    cases = _cases(guest.lines, job, outcome)
    problems = problems or judge(job, outcome, guest.lines, cases)
    return Result(
        job.name,
        "failed" if problems else "passed",
        tuple(problems),
        time.monotonic() - begun,
        tuple(cases),
        json.loads(json.dumps(outcome.to_json())),
        outcome.render(),
        tuple(guest.lines[-KEPT_LINES:]),
        tuple(guest.command),
    )


def _dialogue(guest: Guest, test: BootTest) -> list[str]:
    for number, step in enumerate(test.steps, 1):
        try:
            if step.expect:
                guest.expect(step.expect, step.timeout or STEP_SECONDS)
            if step.send:
                guest.send(step.send)
        except GuestError as error:
            return [f"step {number}: {str(error).splitlines()[0]}"]
    return []


def _cases(lines: Sequence[str], job: Job, outcome: Outcome) -> list[Case]:
    if job.test.ktap == "off":
        return []
    parser = KtapParser()
    for line in lines:
        parser.take(line)
    cases = parser.finish()
    if not parser.found and job.test.ktap == "required":
        return [Case("test lines", "failed", f"the guest printed none ({outcome.kind}: {outcome.message})")]
    return cases if parser.found else []


def judge(job: Job, outcome: Outcome, lines: Sequence[str], cases: Sequence[Case]) -> list[str]:
    """Return what is not as the test expects."""
    test = job.test
    problems: list[str] = []
    if outcome.kind != test.outcome:
        problems.append(f"expected {test.outcome}, got {outcome.kind}: {outcome.message}")
    at = 0
    for pattern in test.contains:
        found = next((n for n in range(at, len(lines)) if re.search(pattern, lines[n])), None)
        if found is None:
            problems.append(f"no line matches `{pattern}`" + (" behind the line before" if at else ""))
        else:
            at = found + 1
    for pattern in test.absent:
        bad = next((line for line in lines if re.search(pattern, line)), None)
        if bad is not None:
            problems.append(f"a line matches `{pattern}`: {bad}")
    failed = [case for case in cases if case.status == "failed"]
    problems += [f"{case.name}: {case.message}" for case in failed[:20]]
    if len(failed) > 20:
        problems.append(f"{len(failed) - 20} more tests of the guest failed")
    if job.case and not any(case.name == job.case for case in cases):
        problems.append(f"the guest did not report its test `{job.case}`")
    return problems
