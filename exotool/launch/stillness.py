"""Whether a silent guest is working, or will never do anything again.

Nothing printed for a while proves nothing: a guest may compute. It hangs when every CPU that runs goes round a small
loop, comes back to the same registers again and again, is not interrupted, and changes nothing in memory where the
loop writes. Each part is looked at, the cheap ones first:

1. The registers, sampled all the time: the states that a spinning CPU is found in are few and come again.
2. The interrupts, logged during the second half of the wait: none may be delivered (TCG; without a log, as under KVM,
   only a CPU with RFLAGS.IF clear counts).
3. The instructions, traced one by one for a moment: few addresses, what they write stays the same, and none of them
   asks a UART for input (TCG).

What is found moving restarts the wait, twice as long.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Protocol

from exotool.launch.memory import GuestMemory, Monitor
from exotool.launch.registers import RFLAGS_IF, Cpu
from exotool.launch.trace import Step, has_interrupt, parse_trace

LEAST_LOOKS: Final = 12
"""A busy computer may sample less often than it should."""

MAX_STATES: Final = 64
"""Distinct register states of a CPU in a small loop."""

MAX_LOOP: Final = 64
"""Instructions of a small loop."""

UARTS: Final = (0x3F8, 0x2F8)
"""COM1 and COM2; a poll of the line status is a wait for input, as HLT with interrupts on is."""

TRACE_SECONDS: Final = 0.03
LONGEST_WAIT: Final = 60.0


class Hold(Monitor, Protocol):
    """What this needs of a running session."""

    async def execute(self, command: str, arguments: dict[str, Any] | None = None) -> Any:
        """Return the answer to a QMP command."""

    async def registers(self) -> list[Cpu]:
        """Return the state of every CPU."""

    async def logged_since(self, mark: int) -> str:
        """Return what QEMU logged since `mark`, all that it has written by now."""

    @property
    def log_mark(self) -> int:
        """The end of the log."""

    @property
    def log_items(self) -> str:
        """What QEMU logs by itself, as its `log` command takes it; empty when the log does not come to us."""


class Stillness:
    """Watches one guest; `look` is called with each sample of its registers."""

    def __init__(self, hold: Hold, seconds: float) -> None:
        self.hold, self.seconds = hold, seconds
        self.loop: tuple[Step, ...] = ()
        self._received = -1
        self._restart()

    def _restart(self) -> None:
        self._since = time.monotonic()
        self._states: dict[int, Counter[tuple[int, ...]]] = {}
        self._halted: Counter[int] = Counter()
        self._looks = 0
        self._listening: int | None = None
        self._heard_since = self._since
        self._heard_looks = 0

    async def look(self, cpus: Sequence[Cpu], received: int) -> bool:
        """Take a sample, and return True once the guest hangs; it is stopped then and `loop` is what it executes.

        `received` counts the bytes that the guest has printed.
        """
        if received != self._received or not cpus:
            self._received = received
            await self._stop_listening()
            self._restart()
            return False
        self._looks += 1
        for cpu in cpus:
            self._halted[cpu.number] += cpu.halted
            self._states.setdefault(cpu.number, Counter())[cpu.state] += 1
        waited = time.monotonic() - self._since
        if self._looks < LEAST_LOOKS or waited < self.seconds / 2:
            return False
        if not self._is_still():
            await self._stop_listening()
            self._restart()
            return False
        if self._listening is None and self.hold.log_items:
            self._listening = self.hold.log_mark
            await self.hold.hmp(f"log int,{self.hold.log_items}")
            self._heard_since = time.monotonic()
            self._heard_looks = self._looks
        if waited < self.seconds or not self._has_heard_enough():
            return False
        if await self._is_undisturbed(cpus) and await self._loops():
            return True
        await self._stop_listening()
        self.seconds = min(2 * self.seconds, LONGEST_WAIT)
        self._restart()
        return False

    def _has_heard_enough(self) -> bool:
        """Tell whether interrupts were logged for half of the wait: a busy computer may have begun with it late."""
        if self._listening is None:
            return True
        looks = self._looks - self._heard_looks
        return looks >= LEAST_LOOKS // 2 and time.monotonic() - self._heard_since >= self.seconds / 2

    def _is_still(self) -> bool:
        """Tell whether each CPU is halted always, or was never and repeats itself; one at least runs."""
        running = 0
        for number, states in self._states.items():
            if self._halted[number] == self._looks:
                continue
            running += 1
            if self._halted[number] or len(states) > min(MAX_STATES, self._looks // 2):
                return False
        return running > 0

    async def _is_undisturbed(self, cpus: Sequence[Cpu]) -> bool:
        if self._listening is None:
            return not any(cpu.rflags & RFLAGS_IF for cpu in cpus)
        return not has_interrupt(await self.hold.logged_since(self._listening))

    async def _stop_listening(self) -> None:
        if self._listening is not None:
            await self.hold.hmp(f"log {self.hold.log_items}")
            self._listening = None

    async def _loops(self) -> bool:
        """Tell whether the CPUs that run go round small loops that change nothing; if so, the guest is left stopped."""
        if not self.hold.log_items:
            return True  # the samples are all that there is
        log = await trace_live(self.hold)
        steps = parse_trace(log)
        bodies: dict[int, set[int]] = {}
        for step in steps:
            bodies.setdefault(step.cpu, set()).add(step.address)
        small = bool(bodies) and all(len(body) <= MAX_LOOP for body in bodies.values())
        if small and not has_interrupt(log) and await self._changes_nothing(await self.hold.registers(), bodies):
            self.loop = tuple(steps)
            return True
        await self.hold.execute("cont")
        return False

    async def _changes_nothing(self, cpus: Sequence[Cpu], bodies: dict[int, set[int]]) -> bool:
        """Tell whether what the loops write stays as it is; the guest is stopped before and after."""
        written: list[tuple[GuestMemory, int]] = []
        for cpu in cpus:
            memory = GuestMemory(self.hold, cpu.number)
            for address in sorted(bodies.get(cpu.number, ())):
                places = written_places(cpu, address, await memory.virtual(address, 15))
                if places is None:
                    return False
                written += [(memory, place) for place in places]
        before = [await memory.virtual(place, 8) for memory, place in written]
        await self.hold.execute("cont")
        await asyncio.sleep(TRACE_SECONDS)
        await self.hold.execute("stop")
        return before == [await memory.virtual(place, 8) for memory, place in written]


async def trace_live(hold: Hold) -> str:
    """Log what a running guest executes for a moment, and return that; the guest is stopped then.

    Only a stop makes QEMU leave the translated blocks that are chained to each other without a log.
    """
    await hold.execute("stop")
    mark = hold.log_mark
    # `singlestep` up to QEMU 8.0, `one-insn-per-tb` since: the one that is unknown does nothing.
    for command in ("singlestep on", "one-insn-per-tb on", f"log int,exec,nochain,{hold.log_items}"):
        await hold.hmp(command)
    await hold.execute("cont")
    await asyncio.sleep(TRACE_SECONDS)
    await hold.execute("stop")
    for command in (f"log {hold.log_items}", "singlestep off", "one-insn-per-tb off"):
        await hold.hmp(command)
    return await hold.logged_since(mark)


def written_places(cpu: Cpu, address: int, code: bytes) -> list[int] | None:
    """Return where the instruction at `address` writes by an explicit operand.

    None means that more than memory decides how the loop goes on: it is not known where the instruction writes, or it
    reads a UART, which somebody may type on.
    """
    import capstone
    from capstone import x86

    decoder = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64 if cpu.is_64bit else capstone.CS_MODE_32)
    decoder.detail = True
    instruction = next(decoder.disasm(code, address, 1), None)
    if instruction is None:
        return None
    if instruction.id in (x86.X86_INS_IN, x86.X86_INS_INSB):
        port = instruction.operands[1]
        number = port.imm if port.type == x86.X86_OP_IMM else cpu.values.get("rdx", 0)
        return None if number & 0xFFFF & ~7 in UARTS else []
    places: list[int] = []
    for operand in instruction.operands:
        if operand.type != x86.X86_OP_MEM or not operand.access & capstone.CS_AC_WRITE:
            continue
        memory = operand.mem
        if memory.segment in (x86.X86_REG_FS, x86.X86_REG_GS):
            return None
        place = memory.disp
        for register, scale in ((memory.base, 1), (memory.index, memory.scale)):
            name = str(instruction.reg_name(register) or "")
            value = _register(cpu, name, instruction.address + instruction.size)
            if value is None:
                return None
            place += value * scale
        places.append(place & (1 << (64 if cpu.is_64bit else 32)) - 1)
    return places


def _register(cpu: Cpu, name: str, following: int) -> int | None:
    if name in ("", "riz", "eiz"):
        return 0
    if name in ("rip", "eip"):
        return following
    wide = f"r{name[1:]}" if name.startswith("e") else name
    return cpu.values.get(wide)
