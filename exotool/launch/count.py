"""Exact instruction counts between two places of a guest: `--count-insns FROM..TO`.

QEMU counts instructions instead of time (`-icount shift=0`) and records what is not determined by them, so that its
clock stands still while the guest is stopped and `query-replay` tells how many instructions were executed. Breakpoints
stop it at the two places: the count is that of the instructions from the first one, which counts, up to the second one,
which does not. Hardware breakpoints match addresses before paging too; a symbol of the image's code is also looked for
at its physical address. Each count is taken twice, and given only when both are the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from exotool.diagnostics import Diagnostic, ExitCode, Note, ToolError
from exotool.files import read_input
from exotool.launch.gdbremote import ask
from exotool.launch.image import check_image
from exotool.launch.options import BootOptions
from exotool.launch.process import QemuProcess
from exotool.launch.qemu import find_qemu, machine_command
from exotool.launch.recording import CLOCK, record_file
from exotool.launch.registers import parse_cpus
from exotool.launch.startup import own_words
from exotool.launch.streams import Log, chunks
from exotool.launch.symbols import ImageSymbolizer, image_symbols

RESET: Final = "reset"
"""As FROM: the machine's first instruction."""

ROUNDS: Final = 2
_RANGE: Final = re.compile(r"(.+?)\.\.(.+)")
_PLACE: Final = re.compile(r"(?:(0x[0-9a-fA-F]{1,16})|([A-Za-z_.$][\w.$]*)(?:\+(0x[0-9a-fA-F]{1,8}|\d{1,9}))?)")
_ANSWER_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Count:
    """Instructions from one place to another, and how many were executed before the first since the reset."""

    start: str
    end: str
    before: int
    instructions: int

    def __str__(self) -> str:
        """Return `kmain..idle: 1,234 instructions`."""
        return f"{self.start}..{self.end}: {self.instructions:,} instructions"


def count_instructions(options: BootOptions, text: str) -> Count:
    """Boot the kernel and count from FROM to TO, the first time that the guest comes to each.

    Raises `ToolError`: P0208 when `text` is not `FROM..TO`, R0219 for a symbol that the image does not have, R0220
    when the guest does not come to a place, R0221 when two boots count differently.
    """
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise _usage("P0208", f"`{text}` is not a range of the guest's code", "write FROM..TO, as in kmain..user_init")
    data = read_input(options.kernel, "kernel")
    image = check_image(data, str(options.kernel), options.memory_size)
    symbols = image_symbols(data, image, options.symbols)
    first, second = (_addresses(place, symbols) for place in match.groups())
    counts = [asyncio.run(_count(options, match[1], first, match[2], second)) for _ in range(ROUNDS)]
    if len(set(counts)) > 1:
        found = " and ".join(f"{count.instructions:,}" for count in counts)
        raise ToolError(
            Diagnostic(
                "R0221",
                f"`{text}` is not repeatable: two boots counted {found} instructions",
                help=("something that is not counted decides what the guest does, such as a disk",),
            )
        )
    return counts[0]


def _usage(code: str, message: str, *help_: str) -> ToolError:
    return ToolError(Diagnostic(code, message, help=help_), exit_code=ExitCode.USAGE)


def _addresses(place: str, symbols: ImageSymbolizer) -> tuple[int, ...]:
    """Return where a place of the guest's code is: at its linked address, and at its physical one."""
    if place == RESET:
        return ()
    match = _PLACE.fullmatch(place)
    if match is None:
        raise _usage(
            "P0208", f"`{place}` is not a place of the guest's code", "write a symbol, symbol+0x10 or 0xADDRESS"
        )
    if match[1]:
        return (int(match[1], 16),)
    address = symbols.address(match[2])
    if address is None:
        raise _usage("R0219", f"the image has no symbol `{match[2]}`", *symbols.suggest(match[2]))
    linked = address + int(match[3] or "0", 0)
    return tuple(dict.fromkeys((linked, symbols.physical(linked))))


async def _count(options: BootOptions, start: str, first: Sequence[int], end: str, second: Sequence[int]) -> Count:
    ours, theirs = socket.socketpair()
    with ours, theirs, record_file() as (path, fds):
        extra = ["-icount", f"shift=0,rr=record,rrfile={path}", *CLOCK]
        extra += ["-chardev", f"socket,id=gdb,fd={theirs.fileno()}", "-gdb", "chardev:gdb"]
        command = machine_command(options, find_qemu())
        with QemuProcess(command, extra, (*fds, theirs.fileno())) as process:
            theirs.close()
            async with _Guest(process, ours, options.timeout) as guest:
                before = await guest.run_to(start, first) if first else 0
                return Count(start, end, before, await guest.run_to(end, second) - before)


class _Guest:
    """A guest under QEMU's gdb stub: GDB's remote serial protocol, as much of it as breakpoints need."""

    def __init__(self, process: QemuProcess, stub: socket.socket, timeout: float) -> None:
        from qemu.qmp import QMPClient

        self._process, self._stub, self._timeout = process, stub, timeout
        self._client = QMPClient("exotool")
        self._client.logger.disabled = True
        self._log = Log()
        self._readers: list[asyncio.Task[None]] = []
        self._at: tuple[int, ...] = ()

    async def __aenter__(self) -> Self:
        from qemu.qmp import QMPError

        self._readers = [asyncio.create_task(self._drain(number)) for number in range(2)]
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._client.connect(self._process.monitor)
                self._reader, self._writer = await asyncio.open_connection(sock=self._stub)
        except (QMPError, OSError, EOFError, TimeoutError):
            raise self._lost("QEMU did not start") from None
        return self

    async def __aexit__(self, *_: object) -> None:
        from qemu.qmp import QMPError

        self._process.kill()
        for task in self._readers:
            task.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(QMPError, OSError, EOFError):
            await self._client.disconnect()

    async def run_to(self, name: str, addresses: Sequence[int]) -> int:
        """Run until one of the addresses is about to be executed, and return the instructions executed so far."""
        from qemu.qmp import QMPError

        try:
            async with asyncio.timeout(self._timeout):
                if self._at:
                    await self._ask("s")  # away from here, should the next place be this one again
                for address in addresses:
                    await self._ask(f"Z1,{address:x},1")
                if await self._pointer() not in addresses:
                    await self._ask("c")
                pointer = await self._pointer()
                for address in addresses:
                    await self._ask(f"z1,{address:x},1")
                if pointer not in addresses:
                    raise self._lost(f"the guest ended before it came to `{name}`")
                self._at = tuple(addresses)
                return int((await self._client.execute("query-replay"))["icount"])
        except TimeoutError:
            raise self._lost(f"the guest did not come to `{name}` within {self._timeout:g} s") from None
        except (QMPError, OSError, EOFError):
            raise self._lost(f"the guest ended before it came to `{name}`") from None

    async def _pointer(self) -> int | None:
        answer = await self._client.execute("human-monitor-command", {"command-line": "info registers -a"})
        return next((cpu.rip for cpu in parse_cpus(str(answer))), None)

    async def _ask(self, command: str) -> bytes:
        return await ask(self._reader, self._writer, command.encode())

    async def _drain(self, number: int) -> None:
        async for data in chunks((self._process.stderr, self._process.serial)[number]):
            if number == 0:
                self._log.add(data)

    def _lost(self, message: str) -> ToolError:
        notes = tuple(Note(f"QEMU said: {line}") for line in own_words(self._log.text()))
        return ToolError(Diagnostic("R0220", message, notes=notes))
