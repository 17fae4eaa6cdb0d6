"""Options of the commands that boot, and what they mean to the library."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from exotool.expectations import Check, Matrix

_Function = TypeVar("_Function", bound=Callable[..., Any])

_CHECKS = [
    click.option("--check-line", metavar="TEXT", help="Success is this line on the serial line."),
    click.option("--check-regex", metavar="REGEX", help="Success is a line that matches."),
    click.option("--check-prompt", metavar="TEXT", help="Success is this text at the end of an unfinished line."),
    click.option("--check-exit", metavar="VALUE", help="Success is this value, written to the exit port (0xf4)."),
    click.option("--check-event", metavar="EVENT", help="Success is this QMP event, as SHUTDOWN:guest-shutdown."),
    click.option("--check-panic", metavar="REGEX", multiple=True, help="A line that matches is a panic."),
    click.option("--check-fail", metavar="REGEX", multiple=True, help="A line that matches is a failure."),
]


def check_options(function: _Function) -> _Function:
    """Add the options that say what success is, for kernels that do not keep exotool's own protocol."""
    for option in reversed(_CHECKS):
        function = option(function)
    return function


def take_check(given: dict[str, Any], configured: Check) -> Check:
    """Take the options of `check_options` out of `given` and return them over what the project says.

    An option that says what success is replaces all that the project says of it. Raises `ToolError` P0205.
    """
    from exotool.expectations import MAX_EXIT_VALUE, Check, check_option
    from exotool.tables import parse_size

    values = {key: given.pop(f"check_{key}") for key in ("line", "regex", "prompt", "exit", "event", "panic", "fail")}
    value = parse_size(values["exit"]) if values["exit"] is not None else None
    if values["exit"] is not None and (value is None or not 1 <= value <= MAX_EXIT_VALUE):
        raise click.BadParameter(f"must be a number between 1 and {MAX_EXIT_VALUE:#x}", param_hint="--check-exit")
    for key in ("panic", "fail"):
        values[key] = tuple(check_option(f"--check-{key}", pattern) for pattern in values[key])
    own = Check(
        values["line"] or "",
        check_option("--check-regex", values["regex"] or ""),
        values["prompt"] or "",
        value,
        values["event"] or "",
    )
    chosen = own if own.is_custom else configured
    return dataclasses.replace(
        chosen, panic=(*configured.panic, *values["panic"]), fail=(*configured.fail, *values["fail"])
    )


def matrix_of(
    machine: tuple[str, ...], cpu: tuple[str, ...], smp: tuple[int, ...], memory: tuple[str, ...], boot: tuple[str, ...]
) -> Matrix:
    """Return the matrix that a command line asks for; raises `ToolError` P0203 for what is no memory size."""
    from exotool.expectations import Matrix
    from exotool.launch import parse_memory

    return Matrix(machine, cpu, smp, tuple(parse_memory(text) for text in memory), boot)
