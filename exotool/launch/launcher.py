"""A whole boot: image -> QEMU -> evidence -> outcome, and more runs to explain a fault (see `explain`)."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from exotool.diagnostics import ToolError
from exotool.files import NewFile, read_input
from exotool.launch.check import CheckState
from exotool.launch.console import Console
from exotool.launch.control import Control
from exotool.launch.coredump import core_file, keep_core
from exotool.launch.image import check_image
from exotool.launch.options import MAX_TIMEOUT, BootOptions
from exotool.launch.outcome import Outcome
from exotool.launch.process import QemuProcess
from exotool.launch.qemu import control_arguments, find_qemu, machine_command
from exotool.launch.report import Reporter
from exotool.launch.serial import Frame, SerialText, serial_file_error
from exotool.launch.signals import Signals
from exotool.launch.symbols import ImageSymbolizer, image_symbols

if TYPE_CHECKING:
    from exotool.launch.session import Evidence


def qemu_command(options: BootOptions) -> list[str]:
    """Return the command that boots the guest, with its serial line on stdin and stdout.

    It can be pasted into a shell. `boot` adds `control_arguments` to it, which name an inherited socket. Raises
    `ToolError` as `find_qemu` and `machine_command` do.
    """
    return machine_command(options, find_qemu())


def dry_run(options: BootOptions) -> str:
    """Return what `--dry-run` prints: the command, and in a comment what `boot` adds to it."""
    added = shlex.join(control_arguments(3, options.qemu_args)).replace("fd=3", "fd=N")
    return f"{shlex.join(qemu_command(options))}\n# exotool adds, to control it: {added}"


def boot(options: BootOptions, reporter: Reporter, control: Control | None = None) -> Outcome:
    """Boot a kernel and return how it ended; `reporter` gets the serial line as it arrives, and the outcome.

    `control` lets other threads send input and QMP commands, and end the boot.

    Raises `ToolError` when there is nothing to boot or no way to: T01xx for an image that cannot be read, R01xx for
    one that QEMU would not boot, R02xx for QEMU. A closed stdout comes out as BrokenPipeError. QEMU is dead when this
    returns or raises.
    """
    data = read_input(options.kernel, "kernel")
    image = check_image(data, str(options.kernel), options.memory_size)
    symbols = image_symbols(data, image, options.symbols)
    qemu = find_qemu()
    with Signals() as signals, core_file(options.core) as core:
        evidence, outcome = _boot(options, reporter, signals, qemu, symbols, control, core)
        untold = outcome.kind == "reset" and (options.accelerator == "kvm" or "-D" in options.qemu_args)
        dead = outcome.kind == "hang" and evidence.ended == "dead"
        if options.explain and (untold or dead or outcome.kind == "triple_fault"):
            from exotool.launch.explain import explain

            outcome = explain(options, evidence, outcome, signals, qemu, symbols)
        kept = keep_core(core, evidence, outcome, options, data) if core is not None else ""
    reporter.outcome(outcome)
    if kept:
        reporter.say(kept)
    return outcome


def _boot(
    options: BootOptions,
    reporter: Reporter,
    signals: Signals,
    qemu: str,
    symbols: ImageSymbolizer,
    control: Control | None,
    core: NewFile | None,
) -> tuple[Evidence, Outcome]:
    def annotate(frame: Frame) -> str:
        # Above the innermost frame stand return addresses.
        return symbols.where(frame.address, is_return=frame.number > 0)

    check = CheckState(options.check)
    console = Console() if options.interactive else None
    serial = SerialText(
        options.nonce,
        reporter.text,
        reporter.line,
        annotate,
        reporter.ready,
        color=reporter.color,
        raw=console is not None and console.is_terminal,
        check=check,
        names=symbols.names,
    )
    command = machine_command(options, qemu)
    inherit = (core.file.fileno(),) if core is not None else ()
    with (
        _serial_file(options.serial_file) as raw,
        _gdb_socket(options.gdb),
        QemuProcess(command, inherit=inherit, holds_exit=options.keeps_machine) as process,
    ):
        reporter.started(process.command)
        if options.gdb is not None:
            reporter.say(f"waiting for gdb: {_gdb_command(options)}")
        if console is not None and console.is_terminal:
            reporter.say("the keyboard is the guest's; Ctrl-] x ends, Ctrl-] ? helps")
        # Imported only now: QEMU needs its time to start anyway.
        from exotool.launch.session import Orders, watch
        from exotool.launch.startup import start_error
        from exotool.launch.verdict import decide

        timeout = MAX_TIMEOUT if options.interactive or options.graphics else options.timeout
        orders = Orders(timeout, options.gdb is not None, options.hang_after, check, control, console)
        orders.core = inherit[0] if inherit else None
        with console or contextlib.nullcontext():
            evidence = watch(process, serial, raw, signals, orders)
    if not evidence.started and evidence.ended != "interrupted":
        raise start_error(evidence.log, evidence.status, qemu)
    return evidence, decide(evidence, serial, check, options, symbols)


@contextlib.contextmanager
def _serial_file(path: Path | None) -> Iterator[BinaryIO | None]:
    """Open the file of `--serial`, unbuffered; raises `ToolError` R0207 when it cannot be."""
    if path is None:
        yield None
        return
    try:
        file = path.open("wb", buffering=0)
    except OSError as error:
        raise ToolError(serial_file_error(str(path), error)) from None
    with file:
        yield file


@contextlib.contextmanager
def _gdb_socket(gdb: str | int | None) -> Iterator[None]:
    """Remove gdb's socket in the end: a QEMU that is killed leaves it behind."""
    try:
        yield
    finally:
        if isinstance(gdb, str) and Path(gdb).is_socket():
            Path(gdb).unlink(missing_ok=True)


def _gdb_command(options: BootOptions) -> str:
    """Return the command that attaches gdb to the waiting guest."""
    target = f":{options.gdb}" if isinstance(options.gdb, int) else str(options.gdb)
    return shlex.join(["gdb", str(options.symbols or options.kernel), "-ex", f"target remote {target}"])
