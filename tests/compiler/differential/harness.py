"""One program, several lives: the same calls in the same order, and what each of them gave.

A program is a module of Kernel Python. Its functions named `t_...` are called with values from the corners of their
parameters' types; statics keep what earlier calls left, in every life. An outcome is the result as 64-bit words, or the
reason of the trap.
"""

from __future__ import annotations

import ast
import itertools
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from exotool.compiler.frontend import check_program
from exotool.compiler.native import load_native
from exotool.compiler.tree import Program
from exotool.lang.integers import Integer, settings
from exotool.lang.loader import install, uninstall
from exotool.lang.traps import Trap

MASK = (1 << 64) - 1
MOST_CALLS = 150

Outcome = tuple[int, ...] | str
Calls = list[tuple[str, tuple[Any, ...]]]
Profile = Literal["dev", "release"]
Overflow = Literal["trap", "wrap"]
Shift = Literal["trap", "mask"]


@dataclass(frozen=True)
class Life:
    """A way to run a program; `profile` is None for CPython."""

    profile: Profile | None
    overflow: Overflow
    shift: Shift

    def __str__(self) -> str:
        return f"{self.profile or 'cpython'}-{self.overflow}-{self.shift}"


TRAPPING = (Life(None, "trap", "trap"), Life("dev", "trap", "trap"), Life("release", "trap", "trap"))
WRAPPING = (Life(None, "wrap", "mask"), Life("dev", "wrap", "mask"), Life("release", "wrap", "mask"))


def corners(kind: str) -> list[Any]:
    """Return values of a parameter's type at which mistakes show."""
    if kind == "bool":
        return [False, True]
    bits = int(kind[1:])
    if kind[0] == "u":
        top = (1 << bits) - 1
        return sorted({0, 1, 2, 3, 5, 7, 8, 100, top, top - 1, top >> 1, (top >> 1) + 1, bits - 1, bits & top})
    top = (1 << (bits - 1)) - 1
    return sorted({0, 1, 2, 3, 7, 100, -1, -2, -3, -7, top, top - 1, -top, -top - 1, bits - 1})


def calls_of(source: str) -> Calls:
    """Return the calls of a program's functions, in the order of the source; the same on every run."""
    calls: Calls = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("t_"):
            kinds = [ast.unparse(a.annotation) for a in node.args.args if a.annotation is not None]
            chosen = list(itertools.product(*map(corners, kinds)))
            if len(chosen) > MOST_CALLS:
                chosen = random.Random(node.name).sample(chosen, MOST_CALLS)
            calls += [(node.name, arguments) for arguments in chosen]
    return calls


def words(value: Any) -> tuple[int, ...]:
    """Return a result as 64-bit words."""
    if value is None:
        return ()
    if isinstance(value, tuple):
        return tuple(word for item in value for word in words(item))
    return (int(value) & MASK,)


def outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Outcome:
    """Return what a call gives."""
    try:
        return words(function(*arguments))
    except Trap as trap:
        return trap.reason.name


@contextmanager
def imported(path: Path) -> Iterator[Any]:
    """Import one file as Kernel Python."""
    finder = install(path.parent, [path.stem])
    try:
        __import__(path.stem)
        yield sys.modules[path.stem]
    finally:
        uninstall(finder)


def under_cpython(path: Path, calls: Calls, life: Life) -> list[Outcome]:
    """Run the calls in the module as CPython imports it."""
    before = settings.overflow, settings.shift
    settings.overflow, settings.shift = life.overflow, life.shift
    try:
        with imported(path) as module:
            return [outcome(getattr(module, name), arguments) for name, arguments in calls]
    finally:
        settings.overflow, settings.shift = before


def native(program: Program, module: str, calls: Calls, life: Life) -> list[Outcome]:
    """Run the calls in machine code of this process."""
    assert life.profile is not None
    loaded = load_native(program, life.profile, overflow=life.overflow, shift=life.shift)
    functions = {name: loaded.function(f"{module}.{name}") for name, _ in calls}
    return [outcome(functions[name], arguments) for name, arguments in calls]


def run(path: Path, calls: Calls, life: Life, program: Program | None) -> list[Outcome]:
    """Run the calls in one life."""
    if life.profile is None or program is None:
        return under_cpython(path, calls, life)
    return native(program, path.stem, calls, life)


def disagreements(path: Path, lives: tuple[Life, ...], program: Program | None = None) -> list[str]:
    """Return a line for each call that did not give the same in all lives."""
    calls = calls_of(path.read_text("utf-8"))
    assert calls, f"{path.name} has no function t_..."
    checked = program or check_program([path], path.parent)
    outcomes = [run(path, calls, life, checked) for life in lives]
    found = []
    for (name, arguments), *got in zip(calls, *outcomes, strict=True):
        if any(one != got[0] for one in got):
            shown = ", ".join(f"{life}: {one}" for life, one in zip(lives, got, strict=True))
            found.append(f"{name}{tuple(int(a) if isinstance(a, Integer) else a for a in arguments)}: {shown}")
    return found
