"""Recorded boots, and gdb that goes backwards in them."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from exotool.diagnostics import ToolError
from exotool.launch import BootOptions, load_machine
from exotool.launch.gdbremote import ask, closed, packed, read_packet
from exotool.launch.qemu import PROGRAM
from exotool.launch.recording import Record, recorded
from exotool.launch.reverse import MAX_HITS, ReverseServer
from exotool.launch.symbols import ImageSymbolizer
from tests.conftest import REPOSITORY
from tests.launch.conftest import Kernel, kernel_bytes
from tests.launch.test_process import LIMIT

_T = TypeVar("_T")

needs_gdb = pytest.mark.skipif(shutil.which("gdb") is None, reason="needs gdb")
pytestmark = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"{PROGRAM} is not installed")


def debug(kernel: Path, *commands: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    extra = [part for command in (*commands, "quit") for part in ("--ex", command)]
    return subprocess.run(
        [sys.executable, "-m", "exotool", "debug", "--reverse", "--kernel", kernel.name, *options, *extra],
        cwd=kernel.parent,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


@needs_gdb
def test_steps_back_from_a_panic(kernel: Kernel) -> None:
    """From behind `hlt` to the instruction that wrote to the exit port, and to the one before."""
    show = "x/i $rip"
    done = debug(kernel("panic"), *["reverse-stepi", show] * 3, "print/x $rax", "stepi", show)
    assert re.findall(r"=> 0x\w+ <panic\+\d+>:\t(\w+)", done.stdout) == ["hlt", "out", "mov", "out"], done.stderr
    assert "$1 = 0xa" in done.stdout
    assert done.stderr.startswith("panic: the fourth level was reached")
    assert re.search(r"^recorded: [\d,]+ instructions", done.stderr, re.MULTILINE)
    assert [path.name for path in kernel("panic").parent.iterdir()] == ["panic.elf"]


@needs_gdb
@pytest.mark.slow
def test_runs_back_to_breakpoints_and_writes(kernel: Kernel) -> None:
    commands = ("reverse-continue", "backtrace 2", "watch *(long *)$rsp", "reverse-continue", "x/i $rip", "delete")
    done = debug(kernel("panic"), *commands, "reverse-continue", "continue", options=("--break", "level2"))
    assert "Breakpoint 1, level2 ()" in done.stdout, done.stderr
    assert "in level1 ()" in done.stdout
    # The return address to level1 is what the watchpoint was set on: the call wrote it.
    assert re.search(r"<level1\+4>:\tcall", done.stdout)
    assert done.stdout.count("No more reverse-execution history.") == 2


@needs_gdb
def test_a_triple_fault_begins_at_its_cause(kernel: Kernel) -> None:
    done = debug(kernel("triple_fault"), "x/i $rip", "reverse-stepi", "x/i $rip")
    assert re.findall(r"=> 0x\w+ <(poke\S*)>:", done.stdout) == ["poke+10", "poke"]


@needs_gdb
def test_what_cannot_go_backwards(kernel: Kernel) -> None:
    for options, message in (
        (("--smp", "2"), "error[R0234]: a guest with several CPUs cannot be debugged backwards"),
        (("--qemu-arg=-icount", "--qemu-arg=shift=0"), "error[R0232]: a recorded boot counts instructions in its own"),
    ):
        done = debug(kernel("panic_halt"), options=options)
        assert done.returncode == 2
        assert message in done.stderr


# Without gdb: its protocol, spoken by the tests.


@pytest.fixture(scope="module")
def panic() -> Iterator[Record]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "panic.elf")
        path.write_bytes(kernel_bytes("panic"))
        with recorded(BootOptions(path, load_machine("q35")), 20) as record:
            yield record


class Client:
    """A gdb as small as it can be."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, packet: str) -> str:
        return (await ask(self.reader, self.writer, packet.encode())).decode()

    async def pointer(self) -> int:
        """Return RIP, the seventeenth register of eight bytes."""
        return int.from_bytes(bytes.fromhex((await self.ask("g"))[256:272]), "little")


def converse(record: Record, folder: Path, talk: Any) -> Any:
    """Run `talk(client)` against a server for the record."""

    async def connect(path: Path) -> Any:
        reader, writer = await asyncio.open_unix_connection(path)
        try:
            return await talk(Client(reader, writer))
        finally:
            await closed(writer)

    with ReverseServer(record, folder / "gdb", 20) as server:
        server.check()
        result = run(connect(folder / "gdb"))
    server.check()
    return result


def run(coroutine: Coroutine[Any, Any, _T]) -> _T:
    return asyncio.run(coroutine)


def address(name: str) -> int:
    found = ImageSymbolizer(kernel_bytes("panic"), ()).address(name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["level1", "print_frame", "putc64"])
def test_runs_back_through_every_hit(panic: Record, tmp_path: Path, name: str) -> None:
    """As many hits as forwards, in the reverse order; of `putc64` there are more than are gone through one by one."""
    place = address(name)

    async def talk(client: Client) -> tuple[int, int]:
        assert "ReverseStep+;ReverseContinue+" in await client.ask("qSupported:multiprocess+;vContSupported+")
        await client.ask("?")
        while "replaylog:begin" not in await client.ask("bc"):
            pass
        assert await client.ask(f"Z1,{place:x},1") == "OK"
        forwards = backwards = 0
        while "replaylog:end" not in await client.ask("c"):
            assert await client.pointer() == place
            forwards += 1
            assert await client.ask(f"z1,{place:x},1") == "OK"
            await client.ask("s")
            assert await client.ask(f"Z1,{place:x},1") == "OK"
        # Back by the first, the last and some between them: each is a replay or more.
        for _ in range(min(forwards, 4)):
            assert "T05" in await client.ask("bc")
            assert await client.pointer() == place
            backwards += 1
        while forwards <= 4 and "replaylog:begin" not in await client.ask("bc"):
            backwards += 1
        return forwards, backwards

    forwards, backwards = converse(panic, tmp_path, talk)
    assert backwards == min(forwards, 4)
    assert (forwards > MAX_HITS) == (name == "putc64")


def test_steps_back_and_forth_are_the_same(panic: Record, tmp_path: Path) -> None:
    async def talk(client: Client) -> tuple[list[int], list[int]]:
        await client.ask("?")
        back = [await client.pointer()]
        for _ in range(6):
            assert (await client.ask("bs")).startswith("T05")
            back.append(await client.pointer())
        forth = [back[-1]]
        for _ in range(5):
            await client.ask("s")
            forth.append(await client.pointer())
        assert "replaylog:end" in await client.ask("s")
        forth.append(await client.pointer())
        assert "replaylog:end" in await client.ask("c")
        return back, forth[::-1]

    back, forth = converse(panic, tmp_path, talk)
    assert back == forth
    assert len(set(back)) > 3


def test_a_gdb_that_goes_at_once_and_one_that_talks_nonsense(panic: Record, tmp_path: Path) -> None:
    async def leave(client: Client) -> None:
        client.writer.write(b"+")

    async def babble(client: Client) -> str:
        client.writer.write(b"\x00\xff+++$" + packed(b"nonsense"))
        return (await read_packet(client.reader, client.writer)).decode()

    converse(panic, tmp_path, leave)
    (tmp_path / "b").mkdir()
    assert converse(panic, tmp_path / "b", babble) == ""


def test_a_replay_that_fails_is_told(panic: Record, tmp_path: Path) -> None:
    gone = dataclasses.replace(load_machine("q35"), machine="nosuch")
    broken = panic._replace(command=tuple(gone.machine if word == "q35" else word for word in panic.command))
    with ReverseServer(broken, tmp_path / "gdb", 5) as server, pytest.raises(ToolError) as caught:
        server.check()
    assert caught.value.diagnostics[0].code == "R0233"


def test_a_qemu_that_is_killed_ends_the_session(panic: Record, tmp_path: Path) -> None:
    async def talk(client: Client) -> str:
        await client.ask("?")
        for children in Path("/proc/self/task").glob("*/children"):
            for child in children.read_text().split():
                if b"rr=replay" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(int(child), signal.SIGKILL)
        try:
            return await client.ask("g")
        except (OSError, EOFError):
            return "gone"

    with pytest.raises(ToolError) as caught:
        converse(panic, tmp_path, talk)
    assert caught.value.diagnostics[0].message.startswith("the replay failed: ")
