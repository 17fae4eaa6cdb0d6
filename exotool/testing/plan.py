"""A project's `[[test.boot]]` entries and a command line -> the jobs to run, in a fixed order."""

from __future__ import annotations

import dataclasses
import fnmatch
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from exotool.diagnostics import Diagnostic, ExitCode, ToolError
from exotool.expectations import FORMATS, BootTest, Matrix
from exotool.launch import BootOptions, Machine, load_machine
from exotool.project import Project, find_module

DETERMINISTIC: Final = ("-icount", "shift=0,sleep=off", "-rtc", "base=2020-01-01T00:00:00,clock=vm")
"""Instructions instead of time: the same image then executes the same instructions in every run."""

TESTS_PARAMETER: Final = "exotool.tests"
"""On the kernel's command line: names one test of the guest, or `list` for their names."""

FindImage = Callable[[str], Path]
"""Returns the image that a test boots, built, by its name in the project; an empty name means the first."""


@dataclass(frozen=True, slots=True)
class Job:
    """One boot. `case` is the test of the guest that has this boot for itself."""

    name: str
    test: BootTest
    options: BootOptions
    case: str = ""


def plan(project: Project, tests: Sequence[BootTest], find_image: FindImage, over: Matrix) -> list[Job]:
    """Return the jobs of some tests; what `over` gives takes the place of each test's own matrix."""
    jobs: list[Job] = []
    for test in tests:
        files = find_image(test.image), find_module(project, test.module or project.run.module, find_image)
        for labels, machine, values in _points(project, test, over):
            label = ",".join(f"{key}={value}" for key, value in labels)
            options = _options(project, test, files, machine, values)
            jobs.append(Job(f"{test.name}[{label}]" if label else test.name, test, options))
    return jobs


def isolated(job: Job, case: str) -> Job:
    """Return the job that runs one test of the guest alone."""
    append = f"{job.options.append} {TESTS_PARAMETER}={case}".strip()
    return Job(f"{job.name}/{case}", job.test, dataclasses.replace(job.options, append=append), case)


def select(tests: Sequence[BootTest], patterns: Sequence[str]) -> list[BootTest]:
    """Return the tests that one of the shell patterns fits; all of them without patterns."""
    if not patterns:
        return list(tests)
    return [test for test in tests if any(fnmatch.fnmatchcase(test.name, pattern) for pattern in patterns)]


def parse_shard(text: str) -> tuple[int, int]:
    """Return i and n of `i/n`, counting from 1; raises `ToolError` P0206 for anything else."""
    first, _, second = text.partition("/")
    if first.isdecimal() and second.isdecimal() and 1 <= int(first) <= int(second) <= 10_000:
        return int(first), int(second)
    message = f"`{text}` is not a shard"
    raise ToolError(Diagnostic("P0206", message, help=("write 1/4 for the first of four",)), exit_code=ExitCode.USAGE)


def shard(jobs: Sequence[Job], part: tuple[int, int]) -> list[Job]:
    """Return every n-th job: each is in exactly one shard, and the parts of a matrix are spread."""
    index, count = part
    return list(jobs[index - 1 :: count])


@dataclass(frozen=True, slots=True)
class _Values:
    cpu: str | None
    smp: int | None
    memory: int | None
    format: str


def _points(project: Project, test: BootTest, over: Matrix) -> list[tuple[list[tuple[str, object]], Machine, _Values]]:
    """Return the points of a matrix: labels of what varies, the machine and the other values."""
    matrix, own = over, test.matrix
    machines = matrix.machine or own.machine or (project.run.machine,)
    ways = matrix.boot or own.boot or ("profile",)
    cpus: tuple[str | None, ...] = matrix.cpu or own.cpu or (None,)
    counts: tuple[int | None, ...] = matrix.smp or own.smp or (None,)
    sizes: tuple[int | None, ...] = matrix.memory or own.memory or (None,)
    points = []
    for name, way, cpu, smp, memory in itertools.product(machines, ways, cpus, counts, sizes):
        labels: list[tuple[str, object]] = []
        labels += [("machine", name)] if matrix.machine or own.machine else []
        labels += [("boot", way)] if way != "profile" else []
        labels += [("cpu", cpu)] if cpu else []
        labels += [("smp", smp)] if smp else []
        labels += [("memory", f"{memory >> 20}M")] if memory else []
        points.append((labels, _machine(project, name, way), _Values(cpu, smp, memory, way if way in FORMATS else "")))
    return points


def _machine(project: Project, name: str, way: str) -> Machine:
    path = str(project.root / name) if name.endswith(".toml") else name
    machine = load_machine(path, [project.root / "qemu"])
    if way == "profile" or way in FORMATS:
        return machine
    return dataclasses.replace(machine, bios="qboot.rom" if way == "qboot" else "")


def _options(
    project: Project, test: BootTest, files: tuple[Path, Path | None], machine: Machine, values: _Values
) -> BootOptions:
    return BootOptions(
        kernel=files[0],
        module=files[1],
        machine=machine,
        timeout=test.timeout or project.run.timeout,
        smp=values.smp,
        memory=values.memory,
        format=values.format,
        cpu=values.cpu,
        append=" ".join(filter(None, (project.run.append, test.append))),
        qemu_args=(*(DETERMINISTIC if test.deterministic else ()), *test.qemu_args),
        check=project.run.check,
        hang_after=project.run.hang_after,
        # What a test expects needs no explanation.
        explain=test.outcome not in ("triple_fault", "hang", "reset"),
    )
