"""The pipes of a running QEMU as asyncio sees them."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator
from io import FileIO
from typing import BinaryIO, Final, NoReturn

from exotool.diagnostics import ToolError
from exotool.launch.serial import serial_file_error

MAX_LOG: Final = 256 << 10
"""Bytes kept of what QEMU printed last; one exception in its log takes 1.2 KB."""

CHUNK: Final = 64 << 10


class Log:
    """The last `MAX_LOG` bytes of a stream; `total` counts all that came."""

    def __init__(self) -> None:
        self._parts: deque[bytes] = deque()
        self._size = 0
        self.total = 0

    def add(self, data: bytes) -> None:
        """Append what arrived."""
        self._parts.append(data)
        self._size += len(data)
        self.total += len(data)
        while self._size - len(self._parts[0]) >= MAX_LOG:
            self._size -= len(self._parts.popleft())

    def text(self, since: int = 0) -> str:
        """Return what is kept of what came after the first `since` bytes."""
        kept = b"".join(self._parts)
        return kept[max(0, since - (self.total - len(kept))) :].decode("utf-8", "replace")


class InputPipe:
    """The writing end of QEMU's stdin: takes anything at once, and writes as the guest reads."""

    def __init__(self, file: FileIO) -> None:
        self._fd = file.fileno()
        self.waiting = bytearray()
        self._wake = asyncio.Event()

    def give(self, data: bytes) -> None:
        """Append input for the guest."""
        self.waiting += data
        self._wake.set()

    async def pump(self) -> None:
        """Write for ever, or until QEMU has closed its end."""
        os.set_blocking(self._fd, False)
        while True:
            if not self.waiting:
                self._wake.clear()
                await self._wake.wait()
            try:
                del self.waiting[: os.write(self._fd, self.waiting[:CHUNK])]
            except BlockingIOError:
                await asyncio.sleep(0.01)
            except BrokenPipeError:
                await never()


async def chunks(stream: FileIO) -> AsyncIterator[bytes]:
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


def write_raw(file: BinaryIO, data: bytes) -> None:
    """Write all of it; raises `ToolError` R0207."""
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise ToolError(serial_file_error(file.name, error)) from None


async def never() -> NoReturn:
    """Wait until cancelled."""
    while True:
        await asyncio.sleep(3600)
