"""Boots in which QEMU counts instructions instead of time, and records what these do not determine (`-icount rr=`)."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from exotool.diagnostics import Diagnostic, ExitCode, Note, ToolError
from exotool.launch.check import CheckState
from exotool.launch.options import BootOptions
from exotool.launch.outcome import Outcome
from exotool.launch.process import QemuProcess
from exotool.launch.qemu import find_qemu, machine_command
from exotool.launch.serial import SerialText
from exotool.launch.signals import Signals
from exotool.launch.startup import own_words

if TYPE_CHECKING:
    from exotool.launch.session import Evidence

CLOCK: Final = ("-rtc", "base=2020-01-01T00:00:00,clock=vm")
"""The guest's clock begins at the same time in every boot, and goes by instructions."""

_END_SECONDS: Final = 30.0

UNKNOWN: Final = 1 << 62
"""More instructions than any boot has."""


class Record(NamedTuple):
    """A recorded boot: QEMU's command for the machine, where the record is, and instructions from the reset to its end.

    `inherit` are the descriptors that QEMU needs for it. A guest that ended QEMU by its exit port has `status`, QEMU's
    exit status, and an `icount` of `UNKNOWN`, which is beyond its end.
    """

    command: tuple[str, ...]
    path: str
    inherit: tuple[int, ...]
    icount: int
    holds_exit: bool = True
    status: int | None = None


@contextlib.contextmanager
def recorded(
    options: BootOptions, seconds: float, serial: BinaryIO | None = None, *, holds_exit: bool = True
) -> Iterator[Record]:
    """Boot a kernel silently to its end, `seconds` at most, and yield the record; `serial` gets what it prints.

    The device of an exit port that is held has an entry in the ACPI tables, which firmware copies: some hundred
    instructions more than in an ordinary boot. Disks are not written to and ports are not forwarded, and the guest gets
    no input, so that the same comes again. Raises `ToolError` as `boot` does, and R0232 when there is no record.
    """
    again = dataclasses.replace(counted_options(options), holds_exit=holds_exit)
    command = machine_command(again, find_qemu())
    if "-icount" in command:
        message = "a recorded boot counts instructions in its own way, and QEMU takes one `-icount`"
        raise ToolError(Diagnostic("R0232", message, help=("leave `-icount` out",)), exit_code=ExitCode.USAGE)
    with record_file() as (path, fds):
        extra = ("-icount", f"shift=0,sleep=off,rr=record,rrfile={path}", *CLOCK)
        with Signals() as signals:
            evidence = run_silently(command, extra, again, signals, seconds, fds, record=True, raw=serial)
        status = evidence.status if evidence.ended == "exited" and not holds_exit else None
        if evidence.icount is None and status is None:
            notes = tuple(Note(f"QEMU said: {line}") for line in own_words(evidence.log))
            why = "it was interrupted" if evidence.ended == "interrupted" else "QEMU ended"
            raise ToolError(Diagnostic("R0232", f"the boot could not be recorded: {why}", notes=notes))
        icount = UNKNOWN if evidence.icount is None else evidence.icount
        yield Record(tuple(command), path, fds, icount, holds_exit, status)


def record_limit(outcome: Outcome, hang_after: float) -> float:
    """Return for how long, in seconds, a boot that ended so is recorded: counting slows a guest down.

    One that has no end by itself is recorded up to where it did nothing new.
    """
    if outcome.kind == "time_out":
        return outcome.seconds
    if outcome.kind == "hang" and not all(cpu.is_dead for cpu in outcome.cpus):
        return 4 * max(0.0, outcome.seconds - hang_after) + 1
    return 4 * outcome.seconds + _END_SECONDS


def run_silently(
    command: Sequence[str],
    extra: Sequence[str],
    options: BootOptions,
    signals: Signals,
    seconds: float,
    inherit: Sequence[int],
    *,
    record: bool,
    raw: BinaryIO | None = None,
) -> Evidence:
    """Boot without a word and return the evidence; it is not looked for a hang by spinning."""
    from exotool.launch.session import Orders, watch

    check = CheckState(options.check)
    serial = SerialText(options.nonce, lambda _: None, lambda _: None, lambda _: "", color=False, check=check)
    with QemuProcess(command, extra, inherit, holds_exit=options.keeps_machine) as process:
        return watch(process, serial, raw, signals, Orders(seconds, check=check, record=record))


@contextlib.contextmanager
def record_file() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield a place for a record and the descriptors to inherit for it: memory, where the system has that."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("exotool-record")
        try:
            yield f"/proc/self/fd/{fd}", (fd,)
        finally:
            os.close(fd)
    else:
        with tempfile.TemporaryDirectory(prefix="exotool-") as folder:
            yield str(Path(folder, "record")), ()


def counted_options(options: BootOptions) -> BootOptions:
    """Return the options for a boot of the same guest that counts: under TCG, and without an effect outside of it."""
    cpu = "max" if (options.cpu or options.machine.cpu) == "host" else options.cpu
    return dataclasses.replace(
        options,
        accel="tcg",
        cpu=cpu,
        gdb=None,
        serial_file=None,
        core=None,
        interactive=False,
        graphics=False,
        qemu_args=without_log(options.qemu_args),
        disks=tuple(dataclasses.replace(disk, snapshot=True) for disk in options.disks),
        forwards=tuple(dataclasses.replace(forward, host=0) for forward in options.forwards),
    )


def without_log(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return arguments for QEMU without `-D FILE` and `-d ITEMS`, so that the log comes to us."""
    kept: list[str] = []
    skip = False
    for argument in arguments:
        if not skip and argument not in ("-D", "-d"):
            kept.append(argument)
        skip = not skip and argument in ("-D", "-d")
    return tuple(kept)
