"""One run of QEMU from its first byte to its end: serial line, QMP events and register polls -> `Evidence`.

Importing this module imports asyncio and qemu.qmp (80 ms), so `launcher` does it while QEMU is starting.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from io import FileIO
from typing import Any, BinaryIO, Final, Literal, NamedTuple, NoReturn

from qemu.qmp import EventListener, QMPClient, QMPError

from exotool.diagnostics import ToolError
from exotool.launch.process import QemuProcess
from exotool.launch.registers import Cpu, parse_cpus
from exotool.launch.serial import SerialText, serial_file_error
from exotool.launch.signals import Signals
from exotool.launch.startup import check_version

POLL_SECONDS: Final = 0.05
"""Between two looks at the registers; two in a row must find every CPU dead."""

START_SECONDS: Final = 60.0
"""QEMU that does not answer on QMP by then will not."""

ANSWER_SECONDS: Final = 5.0
"""For a QMP command at the end of a run."""

LATE_SECONDS: Final = 0.5
"""For a slow reader of stdout once the time limit is over."""

MAX_LOG: Final = 256 << 10
"""Bytes kept of what QEMU printed last; one exception in its log takes 1.2 KB."""

MAX_SAMPLES: Final = 40
CHUNK: Final = 64 << 10

SHOWN_CHUNK: Final = 1 << 10
"""Bytes of the serial line shown at once: made visible, each can become four, and a page can be written at once to a
pipe that is ready."""

MAX_UNSHOWN: Final = 1 << 20
"""Bytes of the serial line that wait for a slow reader of stdout; after that the guest waits for it."""

READY_SECONDS: Final = 0.01
"""Between two looks whether stdout takes more."""

Ended = Literal["exited", "reset", "shutdown", "panicked", "dead", "time_out", "interrupted", "mute"]
"""How a run ended. exited: QEMU did by itself; reset, shutdown, panicked: by QMP event; dead: every CPU is halted with
interrupts off; mute: QEMU never answered."""


class Sample(NamedTuple):
    """Where a CPU was at a poll."""

    cpu: int
    rip: int
    halted: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one run of QEMU showed.

    `started` tells whether the guest ran at all. `status` is QEMU's exit status if it ended by itself, negative for a
    signal. `cpus` is the state at the end, if QEMU still had it; `log` the last that QEMU printed to stderr;
    `seconds` counts from the guest's first instruction; `version` is QEMU's, (0, 0) if it never answered.
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


class _Log:
    """The last `MAX_LOG` bytes of a stream."""

    def __init__(self) -> None:
        self._parts: deque[bytes] = deque()
        self._size = 0

    def add(self, data: bytes) -> None:
        self._parts.append(data)
        self._size += len(data)
        while self._size - len(self._parts[0]) >= MAX_LOG:
            self._size -= len(self._parts.popleft())

    def text(self) -> str:
        return b"".join(self._parts).decode("utf-8", "replace")


def watch(
    qemu: QemuProcess, serial: SerialText, raw: BinaryIO | None, signals: Signals, timeout: float, *, gdb: bool
) -> Evidence:
    """Run the guest to its end and return what was seen.

    `serial` gets the serial line and `raw` its bytes. With `gdb` the guest is left stopped for the debugger, without
    time limit. Errors of writing (a closed stdout, a full disk) come out as they are; QEMU is the caller's to end.
    """
    return asyncio.run(_Session(qemu, serial, raw, signals).run(timeout, gdb))


class _Session:
    def __init__(self, qemu: QemuProcess, serial: SerialText, raw: BinaryIO | None, signals: Signals) -> None:
        self.qemu, self.serial, self.raw, self.signals = qemu, serial, raw, signals
        self.log = _Log()
        self.samples: deque[Sample] = deque(maxlen=MAX_SAMPLES)
        self.client = QMPClient("exotool")
        self.client.logger.disabled = True  # it reports QEMU's end, which is no error here
        self.started_at: float | None = None
        self.version = (0, 0)
        self.received = 0
        self.unshown = bytearray()
        self.arrived = asyncio.Event()
        self.closed = False

    async def run(self, timeout: float, gdb: bool) -> Evidence:
        pump = asyncio.create_task(self.pump_serial())
        serial = asyncio.create_task(self.show_serial(pump))
        stderr = asyncio.create_task(self.pump_stderr())
        interrupted = asyncio.create_task(self.wait_for_signal())
        # Not listening before `cont` would lose the events of a guest that is quick to end.
        with self.client.listener(("SHUTDOWN", "GUEST_PANICKED")) as events:
            watchers = [serial, interrupted]
            starter = asyncio.create_task(self.start(gdb))
            try:
                ended = await _first([*watchers, starter], START_SECONDS) or "mute"
                if ended == "mute" and self.started_at is not None:
                    watchers += [asyncio.create_task(self.watch_events(events))]
                    watchers += [] if gdb else [asyncio.create_task(self.watch_cpus())]
                    ended = await _first(watchers, None if gdb else timeout) or "time_out"
                if ended == "time_out" and stderr.done():  # the guest did end, but stdout's reader is slow
                    ended = await _first([serial, interrupted], None) or "exited"
                seconds = time.monotonic() - (self.started_at or time.monotonic())
                cpus = () if ended in ("exited", "mute") else await self.last_look()
                await self.drain(
                    [serial, interrupted],
                    LATE_SECONDS if ended == "time_out" else max(ANSWER_SECONDS, timeout - seconds),
                )
                status = None
                if ended == "shutdown":
                    await self.quit()
                    if await _first([serial, interrupted], None) == "interrupted":
                        ended = "interrupted"
                if ended in ("exited", "shutdown"):
                    status = await self.exit_status(stderr)
                if ended == "shutdown" and status:
                    ended, cpus = "exited", ()
                if serial.done():
                    serial.result()  # writing may have failed since
                self.serial.finish()
            finally:
                await self.close([*watchers, starter, pump, stderr])
        name = self.signals.received.name if self.signals.received else ""
        samples = tuple(self.samples)
        # gdb can start the guest before we do; only the guest ends QEMU with such a status then.
        started = self.started_at is not None or (gdb and status is not None and status > 1 and status % 2 == 1)
        return Evidence(ended, started, status, cpus, samples, self.log.text(), seconds, self.version, name)

    async def start(self, gdb: bool) -> None:
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
            await _never()  # the serial line's end tells the rest
        self.started_at = time.monotonic()
        if not gdb:
            with contextlib.suppress(QMPError, OSError, EOFError):
                await self.client.execute("cont")

    def greeted_version(self) -> tuple[int, int]:
        greeting = self.client.greeting
        version: Any = greeting.QMP.version.get("qemu") if greeting is not None else None
        return (version["major"], version["minor"]) if version else (0, 0)

    async def pump_serial(self) -> None:
        """Take in the serial line until QEMU has closed it, which it does when it ends."""
        try:
            async for data in _chunks(self.qemu.serial):
                if self.raw is not None:
                    _write_raw(self.raw, data)
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
                await asyncio.sleep(0)
        await pump  # for its error, if it had one
        return "exited"

    async def pump_stderr(self) -> None:
        async for data in _chunks(self.qemu.stderr):
            self.log.add(data)

    async def wait_for_signal(self) -> Ended:
        woken = asyncio.Event()
        loop = asyncio.get_running_loop()
        self.signals.wake = lambda: loop.call_soon_threadsafe(woken.set)
        if self.signals.received is None:
            await woken.wait()
        return "interrupted"

    async def watch_events(self, events: EventListener) -> Ended:
        while True:
            event: dict[str, Any] = dict(await events.get())
            if event["event"] == "GUEST_PANICKED":
                return "panicked"
            reason = event.get("data", {}).get("reason")
            if reason in ("guest-reset", "guest-shutdown"):
                return "reset" if reason == "guest-reset" else "shutdown"

    async def watch_cpus(self) -> Ended:
        dead_before = False
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                cpus = await self.registers()
            except (QMPError, OSError, EOFError):
                return await _never()
            self.samples.extend(Sample(cpu.number, cpu.rip, cpu.halted) for cpu in cpus)
            dead = bool(cpus) and all(cpu.is_dead for cpu in cpus)
            if dead and dead_before:
                return "dead"
            dead_before = dead

    async def registers(self) -> list[Cpu]:
        command = {"command-line": "info registers -a"}
        return parse_cpus(str(await self.client.execute("human-monitor-command", command)))

    async def last_look(self) -> tuple[Cpu, ...]:
        """Stop the guest, and return its registers if QEMU tells them."""
        with contextlib.suppress(QMPError, OSError, EOFError, TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self.client.execute("stop")
                return tuple(await self.registers())
        return ()

    async def drain(self, until: Sequence[asyncio.Task[Ended]], patience: float) -> None:
        """Take what the stopped guest has left on its serial line; a slow reader of stdout gets `patience`.

        QEMU passes on what its UART still holds when its main loop runs, so each round asks it something.
        """
        with contextlib.suppress(QMPError, OSError, EOFError, TimeoutError):
            async with asyncio.timeout(patience):
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
        self.qemu.kill()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(QMPError, OSError, EOFError):
            await self.client.disconnect()


async def _first(tasks: Sequence[asyncio.Task[Ended] | asyncio.Task[None]], timeout: float | None) -> Ended | None:
    """Return the result of the first task that is done, the earlier in the list the better; None after `timeout`."""
    done, _ = await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    return next((task.result() for task in tasks if task in done), None)


async def _chunks(stream: FileIO) -> AsyncIterator[bytes]:
    """Yield what arrives until the other side has closed, and let others run after every piece."""
    fd, loop = stream.fileno(), asyncio.get_running_loop()
    os.set_blocking(fd, False)
    arrived = asyncio.Event()
    while True:
        try:
            data = os.read(fd, CHUNK)
        except BlockingIOError:
            arrived.clear()
            loop.add_reader(fd, arrived.set)
            try:
                await arrived.wait()
            finally:
                loop.remove_reader(fd)
            continue
        if not data:
            return
        yield data
        await asyncio.sleep(0)


def _write_raw(file: BinaryIO, data: bytes) -> None:
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise ToolError(serial_file_error(file.name, error)) from None


async def _never() -> NoReturn:
    while True:
        await asyncio.sleep(3600)
