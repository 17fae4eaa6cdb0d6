"""What is read from a stopped guest before QEMU is ended: stacks, the walk for CR2, and the descriptor tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from exotool.launch.descriptors import MAX_TABLE, TSS_BYTES, Tables
from exotool.launch.memory import GuestMemory, Monitor
from exotool.launch.paging import Walk, walk
from exotool.launch.registers import Cpu
from exotool.launch.unwind import STACK_BYTES

MAX_CPUS: Final = 4
"""CPUs whose stacks are read."""


@dataclass(frozen=True, slots=True)
class PostMortem:
    """Memory of a stopped guest: the top of each CPU's stack, and for the first CPU the walk for CR2 and the tables."""

    stacks: tuple[bytes, ...] = ()
    walk: Walk | None = None
    tables: Tables = field(default_factory=Tables)


async def examine(monitor: Monitor, cpus: Sequence[Cpu]) -> PostMortem:
    """Read it; raises what the monitor does. Unmapped memory comes back short."""
    if not cpus:
        return PostMortem()
    stacks = []
    for cpu in cpus[:MAX_CPUS]:
        stacks.append(await GuestMemory(monitor, cpu.number).virtual(cpu.values.get("rsp", 0), STACK_BYTES))
    first = cpus[0]
    memory = GuestMemory(monitor, first.number)
    tables = Tables(
        await _table(memory, first.idt, MAX_TABLE),
        await _table(memory, first.gdt, MAX_TABLE),
        await _table(memory, first.task, TSS_BYTES),
    )
    return PostMortem(tuple(stacks), await walk(first, first.values.get("cr2", 0), memory.physical), tables)


async def _table(memory: GuestMemory, place: tuple[int, int], most: int) -> bytes:
    base, limit = place
    return await memory.virtual(base, min(limit + 1, most)) if base else b""
