"""`exotool verify` as one call: files -> the outcome of each proof, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from exotool.compiler.frontend import check_program
from exotool.compiler.lower_options import options_for
from exotool.compiler.tree import Function, Program
from exotool.diagnostics import Diagnostic
from exotool.project import Profile
from exotool.verify import report
from exotool.verify.execute import DEFAULT_UNROLL
from exotool.verify.explore import Limits, Proved, Refuted, Unknown, Unsupported, Vacuous, verify
from exotool.verify.find import full_name, proofs_of
from exotool.verify.replay import replay
from exotool.workers import WorkerDiedError, Workers


@dataclass(frozen=True, slots=True)
class Options:
    """Which proofs, and how far to go; `profile` says what traps, as for compiled code."""

    names: tuple[str, ...] = ()
    unroll: int | None = None
    seconds: float = 60.0
    profile: Profile = "dev"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a proof: "proved", "refuted", "vacuous", "unknown" or "unsupported", and what to say of it."""

    name: str
    verdict: str
    ways: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()
    values: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def proved(self) -> bool:
        """Tell whether the proof holds."""
        return self.verdict == "proved"

    @property
    def undecided(self) -> bool:
        """Tell whether time was up."""
        return self.verdict == "unknown"


@dataclass(frozen=True, slots=True)
class _Task:
    """What the processes that prove inherit when they start: it is too much to be sent to them."""

    program: Program
    proofs: list[Function]
    root: Path
    options: Options


_task: _Task | None = None


def run(files: Sequence[Path], root: Path, options: Options, jobs: int = 1) -> Iterator[Outcome]:
    """Prove the proofs of some files, `jobs` at once; `root` is where dotted names of modules start.

    Raises `ToolError` with what the compiler finds, and V0102 if there is nothing to prove.
    """
    global _task
    program = check_program(files, root) if files else Program()
    proofs = proofs_of(program, files, root, options.names)
    _task = _Task(program, proofs, root, options)
    with Workers(jobs, len(proofs)) as workers:
        waiting = [workers.submit(_prove, number) for number in range(len(proofs))]
        for proof, wait in zip(proofs, waiting, strict=True):
            try:
                yield wait()
            except WorkerDiedError:
                yield Outcome(full_name(proof), "unknown", diagnostics=(report.died(program, proof),))


def _prove(number: int) -> Outcome:
    """Prove one proof of the task that this process was started for."""
    if _task is None:
        raise AssertionError("there is no task")
    program, proof, root, options = _task.program, _task.proofs[number], _task.root, _task.options
    name = full_name(proof)
    compiled = options_for(options.profile)
    overflow, shift = compiled.overflow == "trap", compiled.shift == "trap"
    limits = Limits(options.unroll or DEFAULT_UNROLL, options.seconds)
    verdict = verify(program, proof, limits, overflow=overflow, shift=shift)
    match verdict:
        case Proved(ways=ways, seconds=seconds):
            return Outcome(name, "proved", ways, seconds=seconds)
        case Refuted(failure=failure):
            ending = None
            if failure.kind in ("trap", "no trap"):
                ending = replay(root, proof, verdict, overflow=overflow, shift=shift)
            said = report.refutation(program, proof, verdict, ending)
            return Outcome(name, "refuted", 0, tuple(said), tuple(report.values(verdict, limit=None)))
        case Vacuous():
            return Outcome(name, "vacuous", 0, (report.vacuity(program, proof, verdict),))
        case Unknown(ways=ways):
            return Outcome(name, "unknown", ways, (report.unknown(program, proof, verdict, options.seconds),))
        case Unsupported():
            return Outcome(name, "unsupported", 0, (report.unsupported(program, proof, verdict),))
