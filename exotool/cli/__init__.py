"""The command line: every command is a thin call into the library, which it imports when it runs.

Results go to stdout, everything else to stderr. Errors reach the user as diagnostics (see `diagnostics`), or with
`--json` as one JSON object a line. `context` has what all commands share; `make`, `boot`, `debug`, `look` and
`verify` have the commands.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

import click

from exotool.cli import boot, debug, image, look, make, verify
from exotool.cli.context import Context, exotool
from exotool.diagnostics import ExitCode, ToolError, unwritable

__all__ = ["boot", "debug", "exotool", "image", "look", "make", "run_command_line", "verify"]


def run_command_line(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code, with every error that it raised printed."""
    context = Context(Path.cwd())
    try:
        # Without its standalone mode click returns the code that a command leaves with.
        code = exotool.main(list(arguments), prog_name="exotool", standalone_mode=False, obj=context)
    except ToolError as error:
        try:
            context.diagnose(error.diagnostics)
        except ToolError as silent:
            context.json = False
            context.diagnose((*error.diagnostics, *silent.diagnostics))
        return error.exit_code
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        context.diagnose([unwritable(error)])  # click's own output, as of --help; files have errors of their own
        return ExitCode.FAILED
    except click.Abort:
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    return code if isinstance(code, int) else ExitCode.SUCCESS
