"""A whole boot: image -> QEMU -> evidence -> outcome, and a second run to explain a triple fault."""

from __future__ import annotations

import contextlib
import dataclasses
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from exotool.diagnostics import ToolError
from exotool.files import read_input
from exotool.launch.image import check_image
from exotool.launch.options import BootOptions
from exotool.launch.outcome import Outcome
from exotool.launch.process import QemuProcess
from exotool.launch.qemu import control_arguments, find_qemu, machine_command
from exotool.launch.registers import CR0_PE, EFER_LMA
from exotool.launch.report import Reporter
from exotool.launch.serial import Frame, SerialText, serial_file_error
from exotool.launch.signals import Signals
from exotool.launch.symbols import ImageSymbolizer, Symbolizer

if TYPE_CHECKING:
    from exotool.launch.exceptions import ExceptionRecord

_TRACE: Final = ("-d", "int,cpu_reset")
"""The last `-d` counts. Exceptions then stand in QEMU's log with their registers."""

_RESET_IDT: Final = (0, 0xFFFF)
"""Base and limit of the IDT after reset: Intel SDM volume 3, table 10-1."""

_SECOND_RUN_SECONDS: Final = 10.0
"""Beyond four times what the first run took: logging slows a guest with many interrupts down."""


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


def boot(options: BootOptions, reporter: Reporter) -> Outcome:
    """Boot a kernel and return how it ended; `reporter` gets the serial line as it arrives, and the outcome.

    Raises `ToolError` when there is nothing to boot or no way to: T01xx for an image that cannot be read, R01xx for
    one that QEMU would not boot, R02xx for QEMU. A closed stdout comes out as BrokenPipeError. QEMU is dead when this
    returns or raises.
    """
    data = read_input(options.kernel, "kernel")
    image = check_image(data, str(options.kernel), options.memory_size)
    symbols = ImageSymbolizer(read_input(options.symbols, "symbol file") if options.symbols else data, image.segments)
    qemu = find_qemu()
    with Signals() as signals:
        outcome = _boot(options, reporter, signals, qemu, symbols)
        untold = outcome.kind == "reset" and (options.accelerator == "kvm" or "-D" in options.qemu_args)
        if outcome.kind == "triple_fault" or untold:
            outcome = _explain(options, outcome, signals, qemu, symbols)
    reporter.outcome(outcome)
    return outcome


def _boot(options: BootOptions, reporter: Reporter, signals: Signals, qemu: str, symbols: Symbolizer) -> Outcome:
    def annotate(frame: Frame) -> str:
        # Above the innermost frame stand return addresses.
        return symbols.where(frame.address, is_return=frame.number > 0)

    serial = SerialText(options.nonce, reporter.text, reporter.line, annotate, reporter.ready, color=reporter.color)
    command = machine_command(options, qemu)
    with _serial_file(options.serial_file) as raw, _gdb_socket(options.gdb), QemuProcess(command) as process:
        reporter.started(process.command)
        if options.gdb is not None:
            reporter.say(f"waiting for gdb: {_gdb_command(options)}")
        # Imported only now: QEMU needs its time to start anyway.
        from exotool.launch.session import watch
        from exotool.launch.startup import start_error
        from exotool.launch.verdict import decide

        evidence = watch(process, serial, raw, signals, options.timeout, gdb=options.gdb is not None)
    if not evidence.started and evidence.ended != "interrupted":
        raise start_error(evidence.log, evidence.status, qemu)
    return decide(evidence, serial, options, symbols)


def _explain(options: BootOptions, outcome: Outcome, signals: Signals, qemu: str, symbols: Symbolizer) -> Outcome:
    """Boot once more, silently and with QEMU's log of interrupts on, and add what led to the triple fault."""
    from exotool.launch.exceptions import triple_fault_chain
    from exotool.launch.session import watch
    from exotool.launch.verdict import spots_of

    cpu = "max" if (options.cpu or options.machine.cpu) == "host" else options.cpu
    again = dataclasses.replace(
        options, accel="tcg", cpu=cpu, gdb=None, serial_file=None, qemu_args=without_log(options.qemu_args)
    )
    serial = SerialText(options.nonce, lambda _: None, lambda _: None, lambda _: "", color=False)
    with QemuProcess(machine_command(again, qemu), _TRACE) as process:
        evidence = watch(process, serial, None, signals, 4 * outcome.seconds + _SECOND_RUN_SECONDS, gdb=False)
    chain = triple_fault_chain(evidence.log)
    if not chain:
        note = "a second run with QEMU's log of interrupts on did not triple-fault, so that the cause is not known"
        return dataclasses.replace(outcome, notes=(*outcome.notes, note))
    first, spots = chain[0], spots_of(chain, symbols)
    return dataclasses.replace(
        outcome,
        kind="triple_fault",
        message=f"{first.title} at {spots[0].where or hex(first.pc)}, which the CPU could not deliver",
        exceptions=tuple(chain),
        exception_spots=spots,
        notes=(*outcome.notes, *_idt_note(chain)),
    )


def _idt_note(chain: list[ExceptionRecord]) -> tuple[str, ...]:
    """Return what is wrong with the interrupt descriptor table, if that can be seen from its base and limit."""
    cpu, vector = chain[0].cpu, chain[0].vector
    if cpu is None:
        return ()
    base, limit = cpu.idt
    if cpu.idt == _RESET_IDT:
        return ("the IDT was still that of the CPU's reset (base 0): no `lidt` was executed before",)
    gate = 16 if cpu.values.get("efer", 0) & EFER_LMA else 8
    if cpu.values.get("cr0", 0) & CR0_PE and limit < gate * (vector + 1) - 1:
        return (f"the IDT at {base:#x} with limit {limit:#x} has no gate for vector {vector}",)
    return ()


def without_log(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return arguments for QEMU without `-D FILE` and `-d ITEMS`, so that the log comes to us."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if not skip and argument not in ("-D", "-d"):
            kept.append(argument)
        skip = not skip and argument in ("-D", "-d")
    return tuple(kept)


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
