"""One run of QEMU from its first byte to its end: serial line, QMP events and register polls -> `Evidence`.

Importing this module imports asyncio and qemu.qmp (80 ms), so `launcher` does it while QEMU is starting.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, BinaryIO, Final, Literal, NamedTuple

from qemu.qmp import EventListener, QMPClient, QMPError

from exotool.expectations import Check
from exotool.launch.check import CheckState
from exotool.launch.console import HELP, Console
from exotool.launch.control import Control
from exotool.launch.postmortem import PostMortem, examine
from exotool.launch.process import QemuProcess
from exotool.launch.registers import Cpu, parse_cpus
from exotool.launch.serial import SerialText
from exotool.launch.signals import Signals
from exotool.launch.startup import check_version
from exotool.launch.stillness import Stillness, trace_live
from exotool.launch.streams import CHUNK, InputPipe, Log, chunks, never, write_raw
from exotool.launch.trace import Step, parse_trace

POLL_SECONDS: Final = 0.05
"""Between two looks at the registers; two in a row must find every CPU dead."""

PANIC_POLL_SECONDS: Final = 0.02
"""Once the guest has said that it panicked, nothing is slowed down by looking more often."""

START_SECONDS: Final = 60.0
"""QEMU that does not answer on QMP by then will not."""

ANSWER_SECONDS: Final = 5.0
"""For a QMP command at the end of a run."""

LATE_SECONDS: Final = 0.5
"""For a slow reader of stdout once the time limit is over."""

SETTLED_LOOKS: Final = 25
"""A guest that has said it panicked, and then nothing for so many polls, has said all that it will."""

MAX_SAMPLES: Final = 40

NO_CORE: Final = "QEMU had ended"

SHOWN_CHUNK: Final = 1 << 10
"""Bytes of the serial line shown at once: made visible, each can become four, and a page can be written at once to a
pipe that is ready."""

MAX_UNSHOWN: Final = 1 << 20
"""Bytes of the serial line that wait for a slow reader of stdout; after that the guest waits for it."""

READY_SECONDS: Final = 0.01
"""Between two looks whether stdout takes more."""

Ended = Literal[
    "exited",
    "reset",
    "shutdown",
    "panicked",
    "dead",
    "spinning",
    "decided",
    "settled",
    "time_out",
    "interrupted",
    "mute",
]
"""How a run ended. exited: QEMU did by itself, or the guest wrote to an exit port that is held; reset, shutdown,
panicked: by QMP event; dead: every CPU is halted with interrupts off; spinning: nothing will ever change (see
`stillness`); decided: the `[check]` is; settled: silent after a panic; mute: QEMU never answered."""


class Sample(NamedTuple):
    """Where a CPU was at a poll."""

    cpu: int
    rip: int
    halted: bool


@dataclass(slots=True)
class Orders:
    """What a run is watched for.

    `timeout` is in seconds from the guest's first instruction; with `gdb` there is none, and the guest is left stopped
    for the debugger. After `hang_after` seconds without output it is looked for a hang by spinning, 0 means never.
    `record` is for a QEMU that records (`-icount rr=record`): it is left to end by itself, so that its record is whole.
    `core` is the descriptor, which QEMU has too, of the file for the guest's memory.
    """

    timeout: float
    gdb: bool = False
    hang_after: float = 0.0
    check: CheckState = field(default_factory=lambda: CheckState(Check()))
    control: Control | None = None
    console: Console | None = None
    record: bool = False
    core: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one run of QEMU showed.

    `started` tells whether the guest ran at all. `status` is QEMU's exit status if it ended by itself, negative for a
    signal. `cpus` is the state at the end, if QEMU still had it (`answered` tells whether it did when asked), and
    `post` the memory that goes with it; `steps` are the instructions executed last, if they were logged; `icount` how
    many there were in all, if QEMU counted. `log` is the last that QEMU printed to stderr; `seconds` counts from the
    guest's first instruction; `version` is QEMU's, (0, 0) if it never answered. `signal` says what interrupted.
    `core_error` says why the guest's memory was not written, and is empty when it was.
    """

    ended: Ended
    started: bool
    status: int | None
    cpus: tuple[Cpu, ...]
    samples: tuple[Sample, ...]
    log: str
    seconds: float
    version: tuple[int, int]
    signal: str = ""
    post: PostMortem = field(default_factory=PostMortem)
    steps: tuple[Step, ...] = ()
    icount: int | None = None
    answered: bool = True
    core_error: str = NO_CORE


def watch(qemu: QemuProcess, serial: SerialText, raw: BinaryIO | None, signals: Signals, orders: Orders) -> Evidence:
    """Run the guest to its end and return what was seen.

    `serial` gets the serial line and `raw` its bytes. Errors of writing (a closed stdout, a full disk) come out as
    they are; QEMU is the caller's to end.
    """
    return asyncio.run(_Session(qemu, serial, raw, signals, orders).run())


class _Session:
    def __init__(
        self, qemu: QemuProcess, serial: SerialText, raw: BinaryIO | None, signals: Signals, orders: Orders
    ) -> None:
        self.qemu, self.serial, self.raw, self.signals, self.orders = qemu, serial, raw, signals, orders
        self.log = Log()
        self.samples: deque[Sample] = deque(maxlen=MAX_SAMPLES)
        self.client = QMPClient("exotool")
        self.client.logger.disabled = True  # it reports QEMU's end, which is no error here
        self.started_at: float | None = None
        self.version = (0, 0)
        self.received = 0
        self.unshown = bytearray()
        self.arrived = asyncio.Event()
        self.alarmed = asyncio.Event()
        self.decided = asyncio.Event()
        self.left = ""
        self.woken = asyncio.Event()
        self.closed = False
        self.answered = True
        self.post = PostMortem()
        self.steps: tuple[Step, ...] = ()
        self.icount: int | None = None
        self.core_error = NO_CORE
        self.exit_value: int | None = None
        self.input = InputPipe(qemu.input)
        self.log_items = _log_items(qemu.command)

    async def run(self) -> Evidence:
        orders = self.orders
        pump = asyncio.create_task(self.pump_serial())
        serial = asyncio.create_task(self.show_serial(pump))
        stderr = asyncio.create_task(self.pump_stderr())
        interrupted = asyncio.create_task(self.wait_for_interrupt())
        helpers = [pump, stderr, asyncio.create_task(self.input.pump())]
        # Not listening before `cont` would lose the events of a guest that is quick to end.
        with self.client.listener(self.awaited_events()) as events:
            watchers = [serial, interrupted]
            starter = asyncio.create_task(self.start())
            try:
                if orders.console is not None:
                    helpers.append(asyncio.create_task(self.read_console(orders.console)))
                ended = await _first([*watchers, starter], START_SECONDS) or "mute"
                if ended == "mute" and self.started_at is not None:
                    watchers += [asyncio.create_task(self.watch_events(events)), asyncio.create_task(self.decide())]
                    if self.qemu.exit_port is not None:
                        watchers.append(asyncio.create_task(self.watch_exit_port(self.qemu.exit_port)))
                    watchers += [] if orders.gdb else [asyncio.create_task(self.watch_cpus())]
                    ended = await _first(watchers, None if orders.gdb else orders.timeout) or "time_out"
                if ended == "time_out" and stderr.done():  # the guest did end, but stdout's reader is slow
                    ended = await _first([serial, interrupted], None) or "exited"
                seconds = time.monotonic() - (self.started_at or time.monotonic())
                if ended not in ("mute", "interrupted") and self.take_exit_value():
                    ended = "exited"  # and what the guest did after it does not count
                there = ended != "mute" and (ended != "exited" or self.exit_value is not None)
                cpus = await self.last_look(ended) if there else ()
                # Who ends gdb at a breakpoint wants to see what the guest had printed by then.
                await self.drain(
                    [serial] if ended == "interrupted" else [serial, interrupted],
                    LATE_SECONDS
                    if ended in ("time_out", "interrupted")
                    else max(ANSWER_SECONDS, orders.timeout - seconds),
                )
                status = None
                if ended == "shutdown" or orders.record:
                    await self.quit()
                    if await _first([serial, interrupted], None) == "interrupted":
                        ended = "interrupted"
                if self.exit_value is not None:
                    status = (self.exit_value << 1 | 1) & 0xFF  # as that of isa-debug-exit
                elif ended in ("exited", "shutdown") or orders.record:
                    status = await self.exit_status(stderr)
                if ended == "shutdown" and status:
                    ended, cpus = "exited", ()
                if serial.done():
                    serial.result()  # writing may have failed since
                self.serial.finish()
            finally:
                await self.close([*watchers, starter, *helpers])
        # gdb can start the guest before we do; only the guest ends QEMU with such a status then.
        by_gdb = orders.gdb and status is not None and status > 1 and status % 2 == 1
        return Evidence(
            ended,
            self.started_at is not None or by_gdb,
            status,
            cpus,
            tuple(self.samples),
            self.log.text(),
            seconds,
            self.version,
            self.left or (self.signals.received.name if self.signals.received else ""),
            self.post,
            self.steps,
            self.icount,
            self.answered,
            self.core_error,
        )

    def awaited_events(self) -> set[str]:
        event = self.orders.check.check.event.partition(":")[0]
        return {"SHUTDOWN", "GUEST_PANICKED"} | ({event} if event else set())

    async def start(self) -> None:
        """Take hold of the stopped guest, then let it run."""
        try:
            await self.client.connect(self.qemu.monitor)
            self.version = self.greeted_version()
            too_old = check_version(self.version)
            if too_old is not None:
                raise too_old
            # The guest's state then stays there to be read.
            actions = {"reboot": "shutdown", "shutdown": "pause", "panic": "pause"}
            await self.client.execute("set-action", actions)
        except (QMPError, OSError, EOFError):
            await never()  # the serial line's end tells the rest
        self.started_at = time.monotonic()
        if self.orders.control is not None:
            self.orders.control.attach(self)
        if not self.orders.gdb:
            with contextlib.suppress(QMPError, OSError, EOFError):
                await self.client.execute("cont")

    def greeted_version(self) -> tuple[int, int]:
        greeting = self.client.greeting
        version: Any = greeting.QMP.version.get("qemu") if greeting is not None else None
        return (version["major"], version["minor"]) if version else (0, 0)

    async def pump_serial(self) -> None:
        """Take in the serial line until QEMU has closed it, which it does when it ends."""
        try:
            async for data in chunks(self.qemu.serial):
                if self.raw is not None:
                    write_raw(self.raw, data)
                self.received += len(data)
                self.unshown += data
                self.arrived.set()
                while len(self.unshown) > MAX_UNSHOWN:
                    await asyncio.sleep(READY_SECONDS)
        finally:
            self.closed = True
            self.arrived.set()

    async def show_serial(self, pump: asyncio.Task[None]) -> Ended:
        """Pass on the serial line as fast as it is read: a write that blocks would block time limit and signals too."""
        while not self.closed or self.unshown:
            if not self.unshown:
                self.arrived.clear()
                await self.arrived.wait()
            elif not self.serial.ready():
                await asyncio.sleep(READY_SECONDS)
            else:
                data = bytes(self.unshown[:SHOWN_CHUNK])
                del self.unshown[:SHOWN_CHUNK]
                self.serial.feed(data)
                if self.serial.panic:
                    self.alarmed.set()
                await asyncio.sleep(0)
        await pump  # for its error, if it had one
        return "exited"

    async def pump_stderr(self) -> None:
        async for data in chunks(self.qemu.stderr):
            self.log.add(data)

    def give_input(self, data: bytes) -> None:
        self.input.give(data)

    def leave(self, why: str) -> None:
        self.left = self.left or why
        self.woken.set()

    async def wait_for_interrupt(self) -> Ended:
        loop = asyncio.get_running_loop()
        self.signals.wake = lambda: loop.call_soon_threadsafe(self.woken.set)
        if self.signals.received is None:
            await self.woken.wait()
        return "interrupted"

    async def read_console(self, console: Console) -> None:
        """Pass on what is typed, no faster than the guest takes it."""
        typed, loop = asyncio.Event(), asyncio.get_running_loop()
        try:
            loop.add_reader(console.fd, typed.set)
        except PermissionError:  # a file: epoll does not take what never blocks
            typed.set()
        try:
            while True:
                await typed.wait()
                taken = console.read()
                if taken is None:
                    return
                data, command = taken
                self.input.give(data)
                if command == "x":
                    self.leave("the escape key")
                elif command:
                    sys.stderr.write(HELP)
                    sys.stderr.flush()
                while len(self.input.waiting) > CHUNK:
                    await asyncio.sleep(READY_SECONDS)
                if loop.remove_reader(console.fd):
                    typed.clear()
                    loop.add_reader(console.fd, typed.set)
                await asyncio.sleep(0)
        finally:
            loop.remove_reader(console.fd)

    async def decide(self) -> Ended:
        """Wait until the check is decided."""
        self.orders.check.changed = self.decided.set
        if not self.orders.check.is_decided:
            await self.decided.wait()
        return "decided"

    async def watch_exit_port(self, port: socket.socket) -> Ended:
        """Wait for what the guest writes to an exit port that does not end QEMU."""
        written = asyncio.Event()
        asyncio.get_running_loop().add_reader(port, written.set)
        try:
            await written.wait()
        finally:
            asyncio.get_running_loop().remove_reader(port)
        return "exited" if self.take_exit_value() else await never()

    def take_exit_value(self) -> bool:
        """Tell whether the guest has written to an exit port that is held, and remember the value."""
        port = self.qemu.exit_port
        if self.exit_value is None and port is not None:
            with contextlib.suppress(OSError):
                data = port.recv(1, socket.MSG_DONTWAIT)
                self.exit_value = data[0] if data else None
        return self.exit_value is not None

    async def watch_events(self, events: EventListener) -> Ended:
        while True:
            event: dict[str, Any] = dict(await events.get())
            self.orders.check.take_event(event)
            if self.orders.check.is_decided:
                return "decided"
            if event["event"] == "GUEST_PANICKED":
                return "panicked"
            reason = event.get("data", {}).get("reason")
            if reason == "host-ui":
                self.leave("the window's end")
            if reason in ("guest-reset", "guest-shutdown"):
                return "reset" if reason == "guest-reset" else "shutdown"

    async def watch_cpus(self) -> Ended:
        stillness = Stillness(self, self.orders.hang_after)
        dead_before, silent, received = False, 0, -1
        while True:
            if self.alarmed.is_set():
                await asyncio.sleep(PANIC_POLL_SECONDS)
            else:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self.alarmed.wait()  # then the first look is at once
            try:
                cpus = await self.registers()
                self.samples.extend(Sample(cpu.number, cpu.rip, cpu.halted) for cpu in cpus)
                if self.orders.hang_after and await stillness.look(cpus, self.received):
                    self.steps = stillness.loop
                    return "spinning"
            except (QMPError, OSError, EOFError):
                return await never()
            dead = bool(cpus) and all(cpu.is_dead for cpu in cpus)
            if dead and dead_before:
                return "dead"
            dead_before = dead
            silent = silent + 1 if self.received == received and not self.unshown else 0
            received = self.received
            if self.serial.panic and silent >= SETTLED_LOOKS:
                return "settled"

    async def execute(self, command: str, arguments: dict[str, Any] | None = None) -> Any:
        return await self.client.execute(command, arguments)

    async def hmp(self, command: str, cpu: int = 0) -> str:
        return str(await self.execute("human-monitor-command", {"command-line": command, "cpu-index": cpu}))

    async def registers(self) -> list[Cpu]:
        return parse_cpus(await self.hmp("info registers -a"))

    @property
    def log_mark(self) -> int:
        return self.log.total

    async def logged_since(self, mark: int) -> str:
        """Return what QEMU has logged; once it has answered, all of it is in the pipe."""
        await self.execute("query-status")
        total = -1
        while total != self.log.total:
            total = self.log.total
            await asyncio.sleep(READY_SECONDS)
        return self.log.text(mark)

    async def last_look(self, ended: Ended) -> tuple[Cpu, ...]:
        """Stop the guest, and return its registers if QEMU tells them; what else there is to know goes to fields."""
        cpus: tuple[Cpu, ...] = ()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if ended == "time_out" and self.log_items and not self.orders.record:
                    self.steps = tuple(parse_trace(await trace_live(self)))
                await self.execute("stop")
                cpus = tuple(await self.registers())
                if self.orders.record:
                    self.icount = int((await self.execute("query-replay"))["icount"])
                if ended != "interrupted":
                    self.post = await examine(self, cpus)
            if self.orders.core is not None:
                await self.dump(self.orders.core)
        except TimeoutError:
            self.answered = False
        except (QMPError, OSError, EOFError):
            pass  # QEMU is gone: what it had said before is all there is
        return cpus

    async def dump(self, core: int) -> None:
        """Let QEMU write the guest's memory and registers to a file that it inherited."""
        arguments = {"paging": False, "protocol": f"file:/dev/fd/{core}"}
        try:
            await self.client.execute("dump-guest-memory", arguments)
            self.core_error = ""
        except QMPError as error:
            self.core_error = str(error)

    async def drain(self, until: Sequence[asyncio.Task[Ended]], patience: float) -> None:
        """Take what the stopped guest has left on its serial line; a slow reader of stdout gets `patience`.

        QEMU passes on what its UART still holds when its main loop runs, so each round asks it something.
        """
        with contextlib.suppress(QMPError, OSError, EOFError, TimeoutError):
            async with asyncio.timeout(patience if self.answered else 0):
                while not any(task.done() for task in until):
                    received = self.received
                    await self.registers()
                    if self.received == received and not self.unshown:
                        break
                    await asyncio.sleep(READY_SECONDS if self.unshown else 0)

    async def quit(self) -> None:
        """Let QEMU end after a shutdown, for its status.

        In QEMU 10 (not in 7.2) a write to the exit port is a shutdown too: `shutdown=pause` holds it like a power-off
        by ACPI, and the value waits for QEMU to end.
        """
        with contextlib.suppress(QMPError, OSError, EOFError, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.client.execute("quit")

    async def exit_status(self, stderr: asyncio.Task[None]) -> int | None:
        await asyncio.wait([stderr], timeout=ANSWER_SECONDS)
        return self.qemu.wait(ANSWER_SECONDS)

    async def close(self, tasks: list[asyncio.Task[Any]]) -> None:
        self.signals.wake = lambda: None
        if self.orders.control is not None:
            self.orders.control.detach()
        self.qemu.kill()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(QMPError, OSError, EOFError):
            await self.client.disconnect()


def _log_items(command: Sequence[str]) -> str:
    """Return what QEMU logs to us: nothing when it logs to a file, or when nothing can be logged, as under KVM."""
    if "-D" in command or "kvm" in command:
        return ""
    return next((items for option, items in reversed(list(pairwise(command))) if option == "-d"), "")


async def _first(tasks: Sequence[asyncio.Task[Ended] | asyncio.Task[None]], timeout: float | None) -> Ended | None:
    """Return the result of the first task that is done, the earlier in the list the better; None after `timeout`."""
    done, _ = await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    return next((task.result() for task in tasks if task in done), None)
