"""Source files -> relocatable objects: the passes in their order, and LLVM in a process of its own.

LLVM ends its process for some faults of its input, so it never runs in the one that talks to the user.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from exotool.compiler.lower_options import X86_64_KERNEL, Options
from exotool.compiler.tree import Program
from exotool.diagnostics import Collector, Diagnostic, ToolError
from exotool.files import read_input
from exotool.workers import WorkerDiedError, Workers


@dataclass(frozen=True, slots=True)
class Unit:
    """What becomes one object: the module's path, "" for a whole program, and its text for LLVM."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Lowered:
    """A checked program as units, and the paths of all of its files below the root."""

    units: tuple[Unit, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """What LLVM made of a unit: an object's bytes, or the errors that there were instead."""

    data: bytes
    errors: tuple[Diagnostic, ...] = ()


def lower_files(files: Sequence[Path], root: Path, options: Options) -> Lowered:
    """Check files and what they import, below `root`, and write them for LLVM.

    Raises `ToolError` T01xx for files that cannot be read, and C01xx to C05xx with everything that is wrong in them.
    """
    from exotool.compiler.frontend import check_program

    errors = Collector()
    for file in files:
        try:
            read_input(file, "source")
        except ToolError as error:
            for diagnostic in error.diagnostics:
                errors.add(diagnostic)
    errors.check()
    return lower_units(check_program(files, root), options)


def lower_units(program: Program, options: Options) -> Lowered:
    """Write a checked program for LLVM."""
    from exotool.compiler.deep import deep_recursion
    from exotool.compiler.lower import lower_program

    paths = {module.name: module.path for module in program.modules}
    with deep_recursion():
        texts = lower_program(program, options, X86_64_KERNEL)
    units = tuple(Unit(paths.get(name, ""), text) for name, text in texts.items())
    return Lowered(units, tuple(sorted(paths.values())))


def compile_unit(unit: Unit, options: Options) -> Compiled:
    """Return the object of a unit; errors are part of the result, so that they can come from another process."""
    from exotool.compiler.backend import compile_module

    try:
        return Compiled(compile_module(unit.text, options, X86_64_KERNEL))
    except ToolError as error:
        return Compiled(b"", error.diagnostics)


def optimise_unit(unit: Unit, options: Options) -> Compiled:
    """Return the text of a unit as LLVM's optimiser leaves it."""
    from exotool.compiler.backend import optimised_text

    try:
        return Compiled(optimised_text(unit.text, options, X86_64_KERNEL).encode())
    except ToolError as error:
        return Compiled(b"", error.diagnostics)


def compile_units(
    units: Sequence[Unit], options: Options, workers: Workers, work: Callable[[Unit, Options], Compiled] = compile_unit
) -> list[Compiled]:
    """Return what LLVM makes of units, each in a worker's process: with `compile_unit`, objects.

    A unit whose worker died has error C0603.
    """
    waiting = [workers.isolate(work, unit, options) for unit in units]
    results = []
    for unit, wait in zip(units, waiting, strict=True):
        try:
            results.append(wait())
        except WorkerDiedError:
            what = f"`{unit.path}`" if unit.path else "the program"
            help_ = "there may be too little memory; else please report this program"
            results.append(Compiled(b"", (Diagnostic("C0603", f"LLVM ended while it compiled {what}", help=(help_,)),)))
    return results


def compile_files(
    files: Sequence[Path], root: Path, options: Options, *, text: bool = False
) -> tuple[bytes, tuple[str, ...]]:
    """Return one object of files and all that they import, and the paths of these below the root.

    With `text` it is what LLVM's optimiser leaves of them, for people to read. Raises `ToolError` C0xxx with all of the
    errors.
    """
    lowered = lower_files(files, root, replace(options, whole_program=True))
    with Workers(1) as workers:
        (compiled,) = compile_units(lowered.units, options, workers, optimise_unit if text else compile_unit)
    if compiled.errors:
        raise ToolError(*compiled.errors)
    return compiled.data, lowered.files
