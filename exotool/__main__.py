"""The command `exotool`, and what stands between a fault and the user: no traceback reaches a terminal."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from exotool.diagnostics import ExitCode


def main() -> NoReturn:
    """Run the command line and exit with its code."""
    if sys.argv[1:2] == ["ld"]:
        _run(partial(_command_line_ld, sys.argv[2:]), ends=_end_link)
    _run(_command_line)


def main_as() -> NoReturn:
    """Run the assembler with GNU as's command line (`exotool-as`) and exit with its code."""
    _run(_command_line_as)


def main_ld() -> NoReturn:
    """Run the linker with GNU ld's command line (`exotool-ld`) and exit with its code."""
    _run(partial(_command_line_ld, sys.argv[1:]), ends=_end_link)


def _command_line() -> int:
    from exotool.cli import run_command_line

    return run_command_line(sys.argv[1:])


def _command_line_as() -> ExitCode:
    from exotool.asm.driver import run

    return run(sys.argv[1:])


def _command_line_ld(arguments: Sequence[str]) -> int:
    from exotool.link import writer

    writer.start()
    # A process that ends with its link has no use for looking for garbage: of all that is made, nothing is.
    gc.disable()
    from exotool.allocation import keep_freed
    from exotool.link.command import run

    keep_freed()
    return run(arguments)


def _end_link(code: int) -> NoReturn:
    """End a process in which nothing but memory is left to be given back, object by object."""
    from exotool.link import writer

    writer.abandon()
    sys.stderr.flush()
    os._exit(code)


def _run(command: Callable[[], int], ends: Callable[[int], NoReturn] = sys.exit) -> NoReturn:
    _open_standard_streams()
    # NumPy multiplies no matrices here, and would start a thread for each processor to do so.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = command()
    except KeyboardInterrupt:
        code = _codes().INTERRUPTED
    except BrokenPipeError:
        code = _codes().FAILED  # who read our output is gone: nothing more can be said
    except Exception as error:  # noqa: BLE001 -- the one place where a fault of the tool itself ends
        code = _report_bug(error)
    flushed = _flush(quiet=bool(code))
    if "lief" not in sys.modules:  # which complains about what is left, and is here only where nothing is large
        gc.freeze()  # nobody looks for garbage in what ends with the process: after a large link that takes a while
    ends(int(code) or int(flushed))


def _open_standard_streams() -> None:
    """Make sure that descriptors 0 to 2 exist: the next file opened would get the number of a closed one."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.dup(2), "w", encoding="utf-8")


def _flush(*, quiet: bool) -> ExitCode:
    """Write what stdout still holds; when that fails, let the interpreter's own attempt at exit go nowhere.

    `quiet` is for a run that has failed already, and has said why.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if not quiet and not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"error[T0108]: cannot write to stdout: {(error.strerror or '').lower()}\n")
        return _codes().FAILED
    return _codes().SUCCESS


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
    return _codes().FAILED


def _codes() -> type[ExitCode]:
    """Return the exit codes, which come with much else: LIEF's process is on its way before."""
    from exotool.diagnostics import ExitCode

    return ExitCode


if __name__ == "__main__":
    main()
