"""A triple fault, or a CPU that halted for good -> what led to it, by booting again.

The first run has no log, since logging slows a guest with many interrupts down. So the guest is booted twice more:

1. with QEMU's log of interrupts on, while QEMU counts instructions and records what is not determined by them
   (`-icount rr=record`): the log has the chain of exceptions, and the end has an instruction count;
2. replaying that record, free up to `TRACED` instructions before the end, and from there one by one with every
   instruction logged. That costs milliseconds however long the guest had run.

A guest that behaves otherwise when its instructions are counted gets a plain logged run instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from exotool.launch.exceptions import ExceptionRecord, triple_fault_chain
from exotool.launch.options import BootOptions
from exotool.launch.outcome import Outcome
from exotool.launch.process import QemuProcess
from exotool.launch.qemu import machine_command
from exotool.launch.recording import counted_options, record_file, run_silently
from exotool.launch.session import Evidence
from exotool.launch.signals import Signals
from exotool.launch.streams import Log, chunks
from exotool.launch.symbols import Symbolizer
from exotool.launch.trace import TRACED, Step, parse_trace
from exotool.launch.verdict import fault_notes, spots_of, step_lines

if TYPE_CHECKING:
    from qemu.qmp import EventListener, QMPClient

_LOG: Final = ("-d", "int,cpu_reset")
"""The last `-d` counts. Exceptions then stand in QEMU's log with their registers."""

_AGAIN_SECONDS: Final = 10.0
"""Beyond four times what the first run took: counting and logging slow a guest down."""

_REPLAY_SECONDS: Final = 10.0


def explain(
    options: BootOptions, first: Evidence, outcome: Outcome, signals: Signals, qemu: str, symbols: Symbolizer
) -> Outcome:
    """Return the outcome with the exceptions and instructions that led to it, as far as they come again."""
    again = counted_options(dataclasses.replace(options, holds_exit=False))
    command = machine_command(again, qemu)
    evidence: Evidence | None = None
    steps: list[Step] = []
    if "-icount" not in command:
        with record_file() as (path, fds):
            record = ("-icount", f"shift=0,rr=record,rrfile={path}")
            limit = 4 * outcome.seconds + _AGAIN_SECONDS
            evidence = run_silently(command, (*record, *_LOG), again, signals, limit, fds, record=True)
            if _same_end(first, evidence) and evidence.icount and signals.received is None:
                replay = ("-icount", f"shift=0,rr=replay,rrfile={path}")
                steps = _last_steps(command, replay, fds, evidence.icount)
    if outcome.kind == "hang":
        if not steps:
            return outcome
        return dataclasses.replace(outcome, instructions=step_lines(steps, symbols))
    chain = triple_fault_chain(evidence.log) if evidence is not None else []
    if not chain and signals.received is None:
        limit = 4 * outcome.seconds + _AGAIN_SECONDS
        evidence = run_silently(command, _LOG, again, signals, limit, (), record=False)
        chain = triple_fault_chain(evidence.log)
    if not chain or evidence is None:
        note = "a second run with QEMU's log of interrupts on did not triple-fault, so that the cause is not known"
        return dataclasses.replace(outcome, notes=(*outcome.notes, note))
    return _explained(outcome, evidence, chain, steps, symbols)


def _explained(
    outcome: Outcome, evidence: Evidence, chain: list[ExceptionRecord], steps: list[Step], symbols: Symbolizer
) -> Outcome:
    first, spots = chain[0], spots_of(chain, symbols)
    walk = evidence.post.walk
    met = [record for record in chain if record.cr2 is not None]
    return dataclasses.replace(
        outcome,
        kind="triple_fault",
        message=f"{first.title} at {spots[0].where or hex(first.pc)}, which the CPU could not deliver",
        exceptions=tuple(chain),
        exception_spots=spots,
        walk=tuple(walk.lines()) if walk is not None and any(r.cr2 == walk.address for r in met) else (),
        instructions=step_lines(steps, symbols),
        notes=(*outcome.notes, *fault_notes(chain, evidence.post, symbols)),
    )


def _same_end(first: Evidence, second: Evidence) -> bool:
    """Tell whether two runs ended the same way at the same instruction."""
    ends = [[(cpu.rip, cpu.halted) for cpu in evidence.cpus] for evidence in (first, second)]
    return first.ended == second.ended and ends[0] == ends[1]


def _last_steps(command: Sequence[str], replay: Sequence[str], inherit: Sequence[int], icount: int) -> list[Step]:
    """Return the last instructions of a recorded run; none when the replay does not get there."""
    with QemuProcess(command, replay, inherit) as process:
        return asyncio.run(_replay(process, icount))


async def _replay(process: QemuProcess, icount: int) -> list[Step]:
    from qemu.qmp import QMPClient, QMPError

    log = Log()

    async def read_log() -> None:
        async for data in chunks(process.stderr):
            log.add(data)

    async def read_serial() -> None:
        async for _ in chunks(process.serial):
            pass

    readers = [asyncio.create_task(read_log()), asyncio.create_task(read_serial())]
    client = QMPClient("exotool")
    client.logger.disabled = True
    try:
        async with asyncio.timeout(_REPLAY_SECONDS):
            with client.listener(("STOP",)) as stops:
                await client.connect(process.monitor)
                await _trace_end(client, stops, icount)
                total = -1
                while total != log.total:
                    total = log.total
                    await asyncio.sleep(0.01)
    except (QMPError, OSError, EOFError, TimeoutError):
        return []
    finally:
        process.kill()
        for task in readers:
            task.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        with contextlib.suppress(QMPError, OSError, EOFError):
            await client.disconnect()
    return parse_trace(log.text())[-TRACED:]


async def _trace_end(client: QMPClient, stops: EventListener, icount: int) -> None:
    """Replay up to `TRACED` instructions before a count, and from there to it with a log of each instruction."""

    async def hmp(command: str) -> None:
        await client.execute("human-monitor-command", {"command-line": command})

    await client.execute("set-action", {"reboot": "shutdown", "shutdown": "pause", "panic": "pause"})
    if icount > TRACED:
        await client.execute("replay-break", {"icount": icount - TRACED})
        await client.execute("cont")
        await stops.get()
    for command in ("singlestep on", "one-insn-per-tb on", "log exec,nochain"):
        await hmp(command)
    await client.execute("cont")
    while int((await client.execute("query-replay"))["icount"]) < icount:
        await asyncio.sleep(0.01)
