"""A recorded boot, replayed to any of its instructions.

QEMU replays only forwards. Going back is a new QEMU that replays the record from the reset up to where the guest is
wanted, by `replay-break` at an instruction count: as fast as the boot was, and exact. QEMU's own way back, snapshots of
the machine in a qcow2 disk (`rrsnapshot`), is not used: in 7.2 a second step back never ends, and in 9.1 a replay that
begins at a snapshot hangs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterable
from typing import Any, Final

from exotool.launch.gdbremote import MAX_PACKET, closed, packed, read_packet
from exotool.launch.process import QemuProcess
from exotool.launch.recording import CLOCK, Record
from exotool.launch.streams import CHUNK, chunks

ANSWER_SECONDS: Final = 10.0


class Replay:
    """One QEMU that replays a record, stopped at an instruction, with its gdb stub and its serial output.

    All methods raise QMPError, OSError, EOFError or TimeoutError when QEMU does not do what it should.
    """

    def __init__(self, record: Record) -> None:
        from qemu.qmp import QMPClient

        self._record = record
        self._client = QMPClient("exotool")
        self._client.logger.disabled = True
        self._process: QemuProcess | None = None
        self._drains: list[asyncio.Task[None]] = []
        self._has_stub = False
        self._place = 0
        self._printed = 0

    async def start(self) -> None:
        """Start QEMU with the guest at its reset."""
        self._stub, theirs = socket.socketpair()
        with theirs:
            extra = ["-icount", f"shift=0,sleep=off,rr=replay,rrfile={self._record.path}", *CLOCK]
            extra += ["-chardev", f"socket,id=gdb,fd={theirs.fileno()}", "-gdb", "chardev:gdb"]
            inherit = (*self._record.inherit, theirs.fileno())
            self._process = QemuProcess(self._record.command, extra, inherit, holds_exit=self._record.holds_exit)
        self._drains = [asyncio.create_task(self._drain(number)) for number in range(2)]
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._client.connect(self._process.monitor)
            self.reader, self.writer = await asyncio.open_connection(sock=self._stub, limit=MAX_PACKET)
            self._has_stub = True
        await self.execute("set-action", {"reboot": "shutdown", "shutdown": "pause", "panic": "pause"})

    async def close(self) -> None:
        """End QEMU."""
        from qemu.qmp import QMPError

        if self._process is None:
            return
        self._process.kill()
        for task in self._drains:
            task.cancel()
        await asyncio.gather(*self._drains, return_exceptions=True)
        if self._has_stub:
            await closed(self.writer)
        else:
            self._stub.close()
        with contextlib.suppress(QMPError, OSError, EOFError):
            await self._client.disconnect()
        self._process.__exit__(None, None, None)

    async def execute(self, command: str, arguments: dict[str, Any] | None = None) -> Any:
        """Return QEMU's answer to a QMP command."""
        async with asyncio.timeout(ANSWER_SECONDS):
            return await self._client.execute(command, arguments)

    async def position(self) -> int:
        """Return how many instructions were executed since the reset."""
        return int((await self.execute("query-replay"))["icount"])

    async def break_at(self, icount: int) -> None:
        """Let the guest stop at an instruction count when it gets there."""
        await self.execute("replay-break", {"icount": icount})

    async def run_to(self, icount: int, seconds: float) -> None:
        """Run to an instruction count, from where this brought the guest before; takes `seconds` at most.

        Raises EOFError when QEMU ends before.
        """
        if icount <= self._place:
            return
        self._place = icount
        await self.break_at(icount)
        with self._client.listener(("STOP",)) as stops:
            await self.execute("cont")
            stop = asyncio.create_task(stops.get())
            try:
                await asyncio.wait([stop, *self._drains], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stop.cancel()
            if not stop.done():
                raise EOFError("QEMU ended") if any(task.done() for task in self._drains) else TimeoutError()

    async def prepare(self, settings: Iterable[bytes], breakpoints: Iterable[bytes]) -> bytes:
        """Give the gdb stub packets that another one had, and return its word on why the guest stands still."""
        # `?` is for a gdb that begins: it removes all breakpoints.
        for data in (*settings, b"?", *breakpoints, b"qC"):
            self.writer.write(packed(data))
        why = b""
        # Before the answer to `qC` are those to the others, and what the stub said when the guest stopped.
        while not (answer := await self.packet()).startswith(b"QC"):
            why = answer if answer[:1] == b"T" else why
        return why

    async def packet(self) -> bytes:
        """Return the next packet of the gdb stub."""
        return await read_packet(self.reader, self.writer)

    async def _drain(self, number: int) -> None:
        process = self._started()
        async for data in chunks((process.stderr, process.serial)[number]):
            if number:
                self._printed += len(data)

    def status(self) -> int | None:
        """Return QEMU's exit status, None if it still runs."""
        return self._started().wait(ANSWER_SECONDS)

    def printed(self) -> int:
        """Return how many bytes the guest, which stands still, has printed."""
        process = self._started()
        with contextlib.suppress(BlockingIOError):
            while data := os.read(process.serial.fileno(), CHUNK):
                self._printed += len(data)
        return self._printed

    def _started(self) -> QemuProcess:
        if self._process is None:
            raise EOFError("QEMU is not there")
        return self._process
