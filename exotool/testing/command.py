"""What `exotool test` does: the boots of `[[test.boot]]`, then pytest, one verdict and one report of both."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from exotool.build import build_image
from exotool.diagnostics import Diagnostic, ExitCode, ToolError, did_you_mean
from exotool.expectations import Matrix
from exotool.files import read_input, write_output
from exotool.launch.qemu import find_qemu
from exotool.launch.signals import Signals
from exotool.project import Project
from exotool.testing.bundle import write_bundle
from exotool.testing.cluster import ClusterPool
from exotool.testing.plan import Job, plan, select, shard
from exotool.testing.report import (
    counts,
    github_annotations,
    junit,
    pytest_suites,
    result_json,
    result_line,
    summary_json,
)
from exotool.testing.runner import LocalPool, Rules, expand, run_all
from exotool.testing.worker import Result

Suite = Literal["all", "boot", "pytest"]

SHOWN_PROBLEMS: Final = 5
SHOWN_LINES: Final = 12
NO_TESTS_OF_PYTEST: Final = 5
"""Exit code of pytest when it collected none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What `exotool test` was asked. `pytest` are pytest's own arguments; `part` is the shard, i of n."""

    suite: Suite = "all"
    patterns: tuple[str, ...] = ()
    over: Matrix = field(default_factory=Matrix)
    jobs: int = 0
    part: tuple[int, int] = (1, 1)
    rules: Rules = field(default_factory=Rules)
    durations: int = 0
    scheduler: str = ""
    junit: Path | None = None
    json_report: Path | None = None
    github: bool = False
    bundles: Path | None = None
    list_only: bool = False
    pytest: tuple[str, ...] = ()


def parse_suite(suite: str | None, arguments: Sequence[str]) -> Suite:
    """Return which tests run: arguments that are pytest's are for pytest alone, unless something else was asked for."""
    if suite == "boot":
        return "boot"
    if suite == "pytest":
        return "pytest"
    return "pytest" if arguments and suite is None else "all"


@dataclass(frozen=True, slots=True)
class Printer:
    """Where the command tells what it does: `line` for people, `event` for `--json`, `progress` for `--verbose`."""

    line: Callable[[str], None]
    event: Callable[[dict[str, Any]], None]
    progress: Callable[[str], None]
    json: bool = False


def run_tests(project: Project, options: Asked, printer: Printer) -> ExitCode:
    """Run what was asked and return the exit code: success, failed, no tests, interrupted.

    Raises `ToolError` for what is wrong in the project or the options, and for reports that cannot be written.
    """
    begun = time.monotonic()
    results: list[Result] = []
    codes: list[ExitCode] = []
    if options.suite != "pytest":
        if project.boot_tests and not options.scheduler:
            find_qemu()  # one error, and not one for each boot
        jobs, results = _jobs(project, options, printer)
        if options.list_only:
            for job in jobs:
                printer.event({"type": "job", "name": job.name}) if printer.json else printer.line(job.name)
            return ExitCode.SUCCESS
        for result in results:
            _tell(result, printer)
        found, interrupted = _boot(project, jobs, options, printer) if jobs else ([], False)
        results += found
        if interrupted:
            return ExitCode.INTERRUPTED
        if results:
            _summarize(results, options, printer, time.monotonic() - begun)
            failed = any(result.status != "passed" for result in results)
            codes.append(ExitCode.FAILED if failed else ExitCode.SUCCESS)
    suites: list[ET.Element] = []
    stopped = options.rules.fail_fast and ExitCode.FAILED in codes
    if options.suite != "boot" and not stopped and _has_pytest(project, options):
        code, suites = _pytest(project, options)
        codes += [code] if code is not ExitCode.NO_TESTS else []
    if options.junit is not None:
        write_output(options.junit, junit(results, suites))
    return max(codes, default=ExitCode.NO_TESTS)


def _jobs(project: Project, options: Asked, printer: Printer) -> tuple[list[Job], list[Result]]:
    """Return the jobs of this shard, and failures of tests that could not be split up."""
    tests = select(project.boot_tests, options.patterns)
    if options.patterns and not tests:
        names = [test.name for test in project.boot_tests]
        raise ToolError(
            Diagnostic(
                "P0207",
                f"no boot test is called `{options.patterns[0]}`",
                help=(*did_you_mean(options.patterns[0], names), f"boot tests: {', '.join(names) or 'none'}"),
            ),
            exit_code=ExitCode.USAGE,
        )
    jobs, failures = expand(plan(project, tests, _Images(project, printer).find, options.over))
    return shard(jobs, options.part), failures


class _Images:
    """Builds each image once."""

    def __init__(self, project: Project, printer: Printer) -> None:
        self._project, self._printer = project, printer
        self._built: dict[str, Path] = {}

    def find(self, name: str) -> Path:
        if name not in self._built:
            built = build_image(self._project, self._project.image(name or None), report=self._printer.progress)
            self._built[name] = built.output
        return self._built[name]


def _boot(project: Project, jobs: Sequence[Job], options: Asked, printer: Printer) -> tuple[list[Result], bool]:
    """Run the jobs; the truth value tells whether a signal ended them."""
    bundles = options.bundles or project.root / "build" / "failures"

    def done(job: Job, result: Result) -> Result:
        if result.status == "failed" and result.outcome:
            written = write_bundle(bundles, job, result)
            result = dataclasses.replace(result, bundle=os.path.relpath(written))
        _tell(result, printer)
        return result

    pool: AbstractContextManager[LocalPool | ClusterPool]
    pool = ClusterPool(options.scheduler) if options.scheduler else LocalPool(options.jobs or os.cpu_count() or 1)
    with Signals() as signals, pool as running:
        results = run_all(jobs, running, options.rules, done, lambda: signals.received is not None)
    return results, signals.received is not None


def _tell(result: Result, printer: Printer) -> None:
    if printer.json:
        printer.event(result_json(result))
        return
    printer.line(result_line(result))
    if result.status == "passed":
        return
    for problem in result.problems[:SHOWN_PROBLEMS]:
        printer.line(f"    {problem}")
    if result.lines:
        printer.line("  the guest's last lines:")
        for line in result.lines[-SHOWN_LINES:]:
            printer.line(f"    {line}")
    if result.bundle:
        printer.line(f"  replay: exotool run --replay {result.bundle}")


def _summarize(results: Sequence[Result], options: Asked, printer: Printer, seconds: float) -> None:
    found = counts(results)
    if options.json_report is not None:
        report = summary_json(results, seconds) | {"tests": [result_json(result) for result in results]}
        write_output(options.json_report, json.dumps(report, indent=1).encode() + b"\n")
    if printer.json:
        printer.event(summary_json(results, seconds))
        return
    for result in sorted(results, key=lambda r: -r.seconds)[: options.durations]:
        printer.line(f"{result.seconds:8.2f} s  {result.name}")
    if options.github:
        for annotation in github_annotations(results):
            printer.line(annotation)
    words = ", ".join(f"{number} {word}" for word, number in found.items() if number or word == "passed")
    printer.line(f"boots: {words}, in {seconds:.2f} s")


def _has_pytest(project: Project, options: Asked) -> bool:
    """Tell whether there is something for pytest: arguments, or one of the folders of `[test] paths`."""
    if not options.pytest and options.suite == "all" and not any((project.root / p).exists() for p in project.tests):
        return False
    if importlib.util.find_spec("pytest") is None:
        raise ToolError(
            Diagnostic("T0107", "pytest is not installed", help=("pip install 'exotool[test]'",)),
            exit_code=ExitCode.TOOL_MISSING,
        )
    return True


def _pytest(project: Project, options: Asked) -> tuple[ExitCode, list[ET.Element]]:
    """Run pytest, one process a CPU, and return its verdict and the suites of its JUnit file, if one is wanted."""
    arguments = list(options.pytest)
    parallel = importlib.util.find_spec("xdist") is not None and "-n" not in arguments
    command = [sys.executable, "-m", "pytest", *(["-n", str(options.jobs or "auto")] if parallel else []), *arguments]
    command += ["-x"] if options.rules.fail_fast else []
    command += [f"--durations={options.durations}"] if options.durations else []
    command += [f"--exotool-shard={options.part[0]}/{options.part[1]}"] if options.part != (1, 1) else []
    named = any(not argument.startswith("-") for argument in arguments)
    command += [] if named else project.tests
    with tempfile.TemporaryDirectory(prefix="exotool-") as folder:
        report = Path(folder, "junit.xml")
        command += [f"--junit-xml={report}"] if options.junit is not None else []
        try:
            status = subprocess.run(command, cwd=project.root, check=False).returncode
        except KeyboardInterrupt:
            return ExitCode.INTERRUPTED, []
        suites = pytest_suites(read_input(report, "report")) if report.is_file() else []
    if status == NO_TESTS_OF_PYTEST:
        return ExitCode.NO_TESTS, suites
    known = (ExitCode.SUCCESS, ExitCode.FAILED, ExitCode.USAGE)
    return next((code for code in known if code == status), ExitCode.FAILED), suites
