"""`exotool ld` as a command of its own: like GNU ld it is started many times, so it comes without what others need."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from exotool.diagnostics import Diagnostic, ExitCode, ToolError, render, unwritable, wants_color
from exotool.link.driver import run_ld


def run(arguments: Sequence[str]) -> ExitCode:
    """Carry out a command line of GNU ld; messages go to stderr."""
    try:
        result = run_ld(arguments, Path.cwd())
        _tell(result.warnings)
        _print(result.printed)
    except ToolError as error:
        _tell(error.diagnostics)
        return error.exit_code
    return ExitCode.SUCCESS


def _tell(diagnostics: Sequence[Diagnostic]) -> None:
    color = wants_color()
    for diagnostic in diagnostics:
        sys.stderr.write(render(diagnostic, color=color) + "\n\n")


def _print(texts: Sequence[str]) -> None:
    try:
        for text in texts:
            sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ToolError(unwritable(error)) from None
