"""The command `exotool`, and what stands between a fault and the user: no traceback reaches a terminal."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from exotool.diagnostics import ExitCode


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    try:
        from exotool.cli import run_command_line

        code = run_command_line(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Who read our output is gone; nothing more can be said, not even at interpreter exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = ExitCode.FAILED
    except Exception as error:  # noqa: BLE001 -- the one place where a fault of the tool itself ends
        code = _report_bug(error)
    sys.exit(int(code))


def _report_bug(error: Exception) -> ExitCode:
    """Save what a report needs to a file and say so; a fault of the tool must not look like one of its input."""
    import platform
    import tempfile
    import traceback

    from exotool import __version__

    trace = "".join(traceback.format_exception(error))
    if os.environ.get("EXOTOOL_TRACEBACK"):
        sys.stderr.write(trace)
    name = "(it could not be saved; run again with EXOTOOL_TRACEBACK=1 to see it)"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="exotool-bug-", suffix=".txt", delete=False) as file:
            file.write(f"exotool {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
            file.write(f"command: {sys.argv[1:]}\n\n{trace}")
            name = file.name
    except OSError:
        pass
    sys.stderr.write(
        f"internal error[T0002]: {type(error).__name__}: {error}\n"
        "   = this is a bug in exotool, not in your input\n"
        f"   = help: please report it with the command that you ran and the file {name}\n"
    )
    return ExitCode.FAILED


if __name__ == "__main__":
    main()
