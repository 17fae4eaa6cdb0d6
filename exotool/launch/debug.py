"""gdb on a guest that waits at its first instruction, with the image's symbols and breakpoints set.

Breakpoints are hardware breakpoints: they need no memory to be mapped, so that one in the higher half is set before
paging is on and hit after the switch to 64-bit mode; a symbol gets one at its physical address too, where code runs
before that. QEMU's gdb stub tells the full 64-bit register set in every mode.
"""

from __future__ import annotations

import dataclasses
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from exotool.diagnostics import Diagnostic, ExitCode, ToolError
from exotool.files import read_input
from exotool.launch.control import Control
from exotool.launch.image import check_image
from exotool.launch.launcher import boot
from exotool.launch.machine import built_in
from exotool.launch.options import BootOptions
from exotool.launch.recording import record_limit, recorded
from exotool.launch.report import Reporter
from exotool.launch.reverse import ReverseServer
from exotool.launch.symbols import image_symbols

START_SECONDS: Final = 60.0
_SETTINGS: Final = ("set pagination off", "set confirm off", "set architecture i386:x86-64")


def debug(
    options: BootOptions,
    reporter: Reporter,
    breakpoints: Sequence[str],
    commands: Sequence[str],
    scripts: Sequence[Path] = (),
) -> int:
    """Run gdb in the terminal and return its exit code; the guest is ended with it, and gdb with nothing.

    Each of `commands` is given to gdb after the breakpoints, `scripts` (see `gdb_scripts`) before everything; with
    `quit` as the last command nobody has to type. Raises `ToolError` R0222 (exit code 127) without gdb, and what `boot`
    raises.
    """
    gdb = find_gdb()
    places = [place for name in breakpoints for place in break_places(options, name)]
    with tempfile.TemporaryDirectory(prefix="exotool-") as folder:
        path = Path(folder, "gdb")
        guest = _Waiting(dataclasses.replace(options, gdb=str(path), explain=False), reporter)
        try:
            guest.await_socket(path)
            return _run_debugger(gdb_command(gdb, options, path, places, commands, scripts))
        finally:
            guest.stop()


def debug_lldb(options: BootOptions, reporter: Reporter, breakpoints: Sequence[str], commands: Sequence[str]) -> int:
    """Run lldb as `debug` runs gdb; raises `ToolError` R0237 (exit code 127) without it."""
    lldb = shutil.which("lldb")
    if lldb is None:
        raise ToolError(
            Diagnostic(
                "R0237", "`lldb` is not installed or not in PATH", help=("install it, or leave `--lldb` out: gdb",)
            ),
            exit_code=ExitCode.TOOL_MISSING,
        )
    places = [place for name in breakpoints for place in break_places(options, name)]
    with tempfile.TemporaryDirectory(prefix="exotool-") as folder:
        path = Path(folder, "gdb")
        guest = _Waiting(dataclasses.replace(options, gdb=str(path), explain=False), reporter)
        try:
            guest.await_socket(path)
            return _run_debugger(lldb_command(lldb, options, path, places, commands))
        finally:
            guest.stop()


def lldb_command(
    lldb: str, options: BootOptions, path: Path, breakpoints: Sequence[str], commands: Sequence[str]
) -> list[str]:
    """Return the command that attaches lldb to a guest that listens at `path`."""
    lines = [f"process connect --plugin gdb-remote unix-connect://{path}"]
    lines += [f"breakpoint set --hardware {_lldb_place(place)}" for place in breakpoints]
    lines += commands
    # --no-lldbinit, as gdb's -nx; --arch: the first instruction is 16-bit code.
    start = [lldb, "--no-lldbinit", "--arch", "x86_64", str(options.symbols or options.kernel)]
    return [*start, *(part for line in lines for part in ("--one-line", line))]


def _lldb_place(place: str) -> str:
    if place.startswith("*"):
        return f"--address {place[1:]}"
    file, colon, line = place.rpartition(":")
    return f"--file {file} --line {line}" if colon and line.isdecimal() else f"--name {place}"


def debug_backwards(
    options: BootOptions,
    reporter: Reporter,
    breakpoints: Sequence[str],
    commands: Sequence[str],
    scripts: Sequence[Path] = (),
) -> int:
    """Boot to the end, record that, and run gdb on a replay that begins there and goes backwards too.

    Raises `ToolError` R0234 for more than one CPU, R0233 when the replay fails, and as `boot`, `recorded` and `debug`
    do.
    """
    gdb = find_gdb()
    if (options.smp or options.machine.smp) > 1:
        raise ToolError(
            Diagnostic(
                "R0234",
                "a guest with several CPUs cannot be debugged backwards",
                help=("gdb goes back on one CPU, and an instruction less is one of any of them: use `--smp 1`",),
            ),
            exit_code=ExitCode.USAGE,
        )
    places = [place for name in breakpoints for place in break_places(options, name)]
    outcome = boot(options, reporter)
    if outcome.kind == "interrupted":
        return int(outcome.exit_code)
    limit = record_limit(outcome, options.hang_after)
    with recorded(options, limit) as record, tempfile.TemporaryDirectory(prefix="exotool-") as folder:
        reporter.say(
            f"recorded: {record.icount:,} instructions; gdb begins at their end, and `reverse-stepi` leads back"
        )
        path = Path(folder, "gdb")
        with ReverseServer(record, path, 4 * outcome.seconds + START_SECONDS) as server:
            server.check()
            code = _run_debugger(gdb_command(gdb, options, path, places, commands, scripts))
            server.check()
            return code


def debug_core(core: Path, image: Path | None, commands: Sequence[str], scripts: Sequence[Path] = ()) -> int:
    """Run gdb on a core with some commands and return its exit code; raises `ToolError` as `debug` does."""
    lines = [*_SETTINGS, *_sourced(scripts), *([f"file {image}"] if image else []), f"core-file {core}", *commands]
    return _run_debugger([find_gdb(), "-q", "-nx", *(part for line in lines for part in ("-ex", line))])


def gdb_scripts(folders: Sequence[Path]) -> list[Path]:
    """Return the scripts for gdb: `gdb/*.py` of each folder, and the built-in ones that have other names."""
    found: dict[str, Path] = {}
    for folder in (*folders, built_in()):
        for path in sorted((folder / "gdb").glob("*.py")):
            found.setdefault(path.name, path)
    return list(found.values())


def _sourced(scripts: Sequence[Path]) -> list[str]:
    return [f"source {path}" for path in scripts]


def find_gdb() -> str:
    """Return the path of gdb; raises `ToolError` R0222 (exit code 127) when there is none."""
    gdb = shutil.which("gdb")
    if gdb is None:
        raise ToolError(
            Diagnostic(
                "R0222",
                "`gdb` is not installed or not in PATH",
                help=(
                    "without it: `exotool run --core FILE`, then `exotool debug --core FILE`",
                    "or attach another debugger to `exotool run --gdb PORT`",
                ),
            ),
            exit_code=ExitCode.TOOL_MISSING,
        )
    return gdb


def break_places(options: BootOptions, name: str) -> list[str]:
    """Return a breakpoint's place, and for a symbol that is loaded elsewhere than it is linked that address too."""
    data = read_input(options.kernel, "kernel")
    symbols = image_symbols(data, check_image(data, str(options.kernel), options.memory_size), options.symbols)
    address = symbols.address(name)
    if address is None or symbols.physical(address) == address:
        return [name]
    return [name, f"*{symbols.physical(address):#x}"]


def gdb_command(
    gdb: str,
    options: BootOptions,
    path: Path,
    breakpoints: Sequence[str],
    commands: Sequence[str],
    scripts: Sequence[Path] = (),
) -> list[str]:
    """Return the command that attaches gdb to a guest that listens at `path`."""
    lines = [
        *_SETTINGS,
        *_sourced(scripts),
        f"target remote {path}",
        *(f"hbreak {place}" for place in breakpoints),
        *commands,
    ]
    # -nx: what the user's .gdbinit does to a program of this computer would confuse a guest.
    return [
        gdb,
        "-q",
        "-nx",
        str(options.symbols or options.kernel),
        *(part for line in lines for part in ("-ex", line)),
    ]


def _run_debugger(command: Sequence[str]) -> int:
    """Run a debugger in the foreground; Ctrl-C is for it, and stops the guest."""
    sys.stdout.flush()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        # An ignored signal would be inherited.
        return subprocess.run(command, check=False, preexec_fn=_take_interrupts).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def _take_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class _Waiting:
    """A boot in a thread of its own, which waits for gdb."""

    def __init__(self, options: BootOptions, reporter: Reporter) -> None:
        self._options, self._reporter = options, reporter
        self._control = Control()
        self._error: ToolError | None = None
        self._thread = threading.Thread(target=self._boot, daemon=True)
        self._thread.start()

    def _boot(self) -> None:
        try:
            boot(self._options, self._reporter, self._control)
        except ToolError as error:
            self._error = error

    def await_socket(self, path: Path) -> None:
        end = time.monotonic() + START_SECONDS
        while not path.exists() and self._thread.is_alive() and time.monotonic() < end:
            time.sleep(0.01)
        if self._error is not None:
            raise self._error

    def stop(self) -> None:
        self._control.stop("the debugger's end")
        self._thread.join()
