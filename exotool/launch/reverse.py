"""gdb on a recorded boot, backwards too: gdb -> here -> the gdb stub of a QEMU that replays.

Packets go through as they are, but for those that resume the guest. Forwards the end of the record is a stop. A step
back (`bs`) is a replay to one instruction less; `reverse-continue` (`bc`) replays ever longer parts before the place
where the guest is, with gdb's breakpoints, and goes to the last hit. gdb does the rest: `reverse-step`, `reverse-next`
and `reverse-finish` are made of these two. The packets are those of the GDB manual, appendix E.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from pathlib import Path
from typing import Final, Self

from exotool.diagnostics import Diagnostic, ToolError
from exotool.launch.gdbremote import INTERRUPT, MAX_PACKET, closed, packed, read_packet
from exotool.launch.recording import Record
from exotool.launch.replay import Replay

FIRST_WINDOW: Final = 1000
"""Instructions before the guest's place in which a breakpoint's last hit is looked for first; ten times more then."""

MAX_HITS: Final = 32
"""Hits that are gone through one by one; with more of them the part that is looked at is halved."""

_ERRORS: Final = (OSError, EOFError, TimeoutError, ValueError)


class ReverseServer:
    """Serves one gdb at a Unix socket from a thread of its own; the guest begins at the end of the record.

    A context. `check` raises `ToolError` R0233 when the replay failed.
    """

    def __init__(self, record: Record, path: Path, seconds: float) -> None:
        self._record, self._path, self._seconds = record, path, seconds
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()
        # QEMU dies with the thread that started it, so that the thread lives as long as gdb.
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()

    def check(self) -> None:
        """Raise what went wrong."""
        if isinstance(self._error, ToolError):
            raise self._error
        if self._error is not None:
            reason = str(self._error) or "QEMU did not answer"
            raise ToolError(Diagnostic("R0233", f"the replay failed: {reason}"))

    def _run(self) -> None:
        from qemu.qmp import QMPError

        try:
            asyncio.run(self._serve())
        except (QMPError, ToolError, *_ERRORS) as error:
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = self._loop.create_future()

        def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close() if connected.done() else connected.set_result((reader, writer))

        rewinder = Rewinder(self._record, self._seconds)
        stopped = asyncio.create_task(self._stopped.wait())
        session = asyncio.create_task(_session(rewinder, connected))
        try:
            await rewinder.seek(self._record.icount)
            async with await asyncio.start_unix_server(connect, self._path, limit=MAX_PACKET):
                self._ready.set()
                await asyncio.wait([session, stopped], return_when=asyncio.FIRST_COMPLETED)
        finally:
            tasks = (session, stopped)
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            await rewinder.close()
            if connected.done() and not connected.cancelled():
                await closed(connected.result()[1])
        if isinstance(results[0], Exception):
            raise results[0]


async def _session(
    rewinder: Rewinder, connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
) -> bool:
    reader, writer = await asyncio.shield(connected)
    await rewinder.serve(reader, writer)
    return True


class Rewinder:
    """A replay that gdb sees as one guest which can go both ways."""

    def __init__(self, record: Record, seconds: float) -> None:
        self._record, self._seconds = record, seconds
        self._replay = Replay(record)
        self._breakpoints: dict[bytes, None] = {}
        self._settings: dict[bytes, bytes] = {}
        self._interrupted = False
        self._is_running = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer gdb until it goes."""
        packets: asyncio.Queue[bytes | None] = asyncio.Queue()
        listener = asyncio.create_task(self._listen(reader, writer, packets))
        try:
            while (packet := await packets.get()) is not None:
                answer = await self._answer(packet)
                if answer is None:
                    return
                writer.write(packed(answer))
        finally:
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)

    async def close(self) -> None:
        """End QEMU."""
        await self._replay.close()

    async def seek(self, icount: int) -> bytes:
        """Bring the guest to an instruction count in a new QEMU, and return the stop reply."""
        await self._replay.close()
        self._replay = Replay(self._record)
        await self._replay.start()
        await self._replay.run_to(icount, self._seconds)
        return await self._replay.prepare(self._settings.values(), self._breakpoints)

    async def _listen(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, packets: asyncio.Queue[bytes | None]
    ) -> None:
        try:
            while True:
                packet = await read_packet(reader, writer)
                if packet != INTERRUPT:
                    await packets.put(packet)
                    continue
                self._interrupted = True
                if self._is_running:
                    self._replay.writer.write(INTERRUPT)
        except (OSError, EOFError, ValueError):
            await packets.put(None)

    async def _answer(self, packet: bytes) -> bytes | None:
        """Return the answer to a packet, None when gdb wants the guest to end."""
        self._interrupted = False
        if packet == b"bs":
            return await self._step_back()
        if packet == b"bc":
            return await self._run_back()
        if packet[:1] in (b"c", b"s", b"C", b"S") or packet.startswith(b"vCont;"):
            return await self._run_on(packet)
        if packet[:1] == b"k" or packet.startswith(b"vKill"):
            return None
        answer = await self._ask(packet)
        if packet[:1] == b"Z" and answer == b"OK":
            self._breakpoints[packet] = None
        elif packet[:1] == b"z":
            self._breakpoints.pop(b"Z" + packet[1:], None)
        elif packet.startswith(b"qSupported"):
            self._settings[b"qSupported"] = packet
            missing = [b"Reverse" + what for what in (b"Step+", b"Continue+") if b"Reverse" + what not in answer]
            return b";".join([answer, *missing])
        elif packet.startswith((b"Hg", b"Hc")):
            self._settings[packet[:2]] = packet
        return answer

    async def _ask(self, packet: bytes) -> bytes:
        self._replay.writer.write(packed(packet))
        return await self._replay.packet()

    async def _run_on(self, packet: bytes) -> bytes:
        """Resume the guest forwards, to the end of the record at most."""
        if await self._replay.position() >= self._record.icount:
            return await self._stop_reply(b"05replaylog:end;")
        await self._replay.break_at(self._record.icount)
        self._is_running = True
        try:
            answer = await self._ask(packet)
        finally:
            self._is_running = False
        if await self._replay.position() >= self._record.icount:
            return await self._stop_reply(b"05replaylog:end;")
        return answer

    async def _stop_reply(self, why: bytes) -> bytes:
        return b"T" + why + b"thread:" + (await self._ask(b"qC"))[2:] + b";"

    async def _step_back(self) -> bytes:
        position = await self._replay.position()
        if position == 0:
            return await self._stop_reply(b"05replaylog:begin;")
        return await self.seek(position - 1)

    async def _run_back(self) -> bytes:
        """Go to the last stop at a breakpoint before this place, or to the beginning of the record."""
        here = end = await self._replay.position()
        window = FIRST_WINDOW
        while end > 0:
            start = max(0, end - window)
            hit = await self._last_hit(start, end)
            if self._interrupted:
                await self.seek(here)
                return await self._stop_reply(b"02")
            if hit is not None:
                position, why = hit
                await self.seek(position)
                return why
            end, window = start, window * 10
        await self.seek(0)
        return await self._stop_reply(b"05replaylog:begin;")

    async def _last_hit(self, start: int, end: int) -> tuple[int, bytes] | None:
        """Return where, in instructions, the last breakpoint of a part of the record is hit, and the stop reply."""
        found: tuple[int, bytes] | None = None
        while start < end and not self._interrupted:
            last, is_all = await self._hits(start, end)
            if last is not None:
                found = last
                if is_all:
                    return found
                # Nearer to the end there may be more of them, which are not gone through one by one.
                middle = (last[0] + 1 + end) // 2
                later, is_all = await self._hits(middle, end)
                if later is not None:
                    found = later
                    if is_all:
                        return found
                    start = later[0] + 1
                else:
                    start, end = last[0] + 1, middle
            else:
                return found
        return found

    async def _hits(self, start: int, end: int) -> tuple[tuple[int, bytes] | None, bool]:
        """Return the last of up to `MAX_HITS` stops between two places, and whether there are no others."""
        why = await self.seek(start)
        last: tuple[int, bytes] | None = None
        if self._is_at_breakpoint(await self._pointer()):
            last = (start, why)
        await self._replay.break_at(end)
        for _ in range(MAX_HITS):
            position, why = await self._next_hit(end)
            if position >= end:
                return last, True
            last = (position, why)
        return last, False

    async def _next_hit(self, end: int) -> tuple[int, bytes]:
        """Run on to the next stop and return where that is; the end is one too."""
        if self._is_at_breakpoint(await self._pointer()):
            why = await self._ask(b"vCont;s")
            if self._is_at_breakpoint(await self._pointer()) or b"watch:" in why:
                return await self._replay.position(), why
        if await self._replay.position() >= end:
            return end, b""
        self._is_running = True
        try:
            why = await self._ask(b"vCont;c")
        finally:
            self._is_running = False
        return await self._replay.position(), why

    async def _pointer(self) -> int:
        from exotool.launch.registers import parse_cpus

        answer = await self._replay.execute("human-monitor-command", {"command-line": "info registers"})
        return next((cpu.rip for cpu in parse_cpus(str(answer))), 0)

    def _is_at_breakpoint(self, pointer: int) -> bool:
        """Tell whether a breakpoint, software (Z0) or hardware (Z1), is at an instruction."""
        return any(
            packet[:3] in (b"Z0,", b"Z1,") and int(packet[3:].partition(b",")[0], 16) == pointer
            for packet in self._breakpoints
        )
