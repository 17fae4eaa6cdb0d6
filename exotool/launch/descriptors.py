"""What is wrong with a CPU's descriptor tables, as far as its memory shows: Intel SDM volume 3, chapters 3, 6 and 7.

A triple fault is an exception that could not be delivered, and delivery goes IDT gate -> GDT code segment -> TSS stack
-> handler. Each step that cannot work for a vector of the chain becomes one line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from exotool.launch.exceptions import title
from exotool.launch.registers import CR0_PE, EFER_LMA, Cpu

RESET_TABLE: Final = (0, 0xFFFF)
"""Base and limit of the IDT after reset: Intel SDM volume 3, table 10-1."""

MAX_TABLE: Final = 4096
"""Bytes of a descriptor table that are looked at: all 256 gates of 64-bit mode."""

TSS_BYTES: Final = 104
_TASK_GATE: Final = 5
_LONG_GATES: Final = (0xE, 0xF)
_LEGACY_GATES: Final = (_TASK_GATE, 6, 7, *_LONG_GATES)


class Tables(NamedTuple):
    """The memory behind a CPU's IDT, GDT and TSS, as much of it as could be read."""

    idt: bytes = b""
    gdt: bytes = b""
    task: bytes = b""


class _Gate(NamedTuple):
    offset: int
    selector: int
    stack: int
    kind: int
    present: bool


def faults(cpu: Cpu, tables: Tables, vectors: Iterable[int], where: Callable[[int], str]) -> list[str]:
    """Return what keeps the CPU from delivering exceptions, each fault once; `where` names a code address."""
    long_mode = bool(cpu.values.get("efer", 0) & EFER_LMA)
    base, limit = cpu.idt
    if cpu.idt == RESET_TABLE:
        return ["the IDT was still that of the CPU's reset (base 0): no `lidt` was executed before"]
    if not cpu.values.get("cr0", 0) & CR0_PE:
        return []
    size = 16 if long_mode else 8
    wanted = list(dict.fromkeys(vectors))
    beyond = [str(vector) for vector in wanted if limit < size * (vector + 1) - 1]
    found: list[str] = []
    if beyond:
        found.append(f"the IDT at {base:#x} with limit {limit:#x} has no gate for vector {', '.join(beyond)}")
    for vector in wanted:
        if str(vector) in beyond:
            continue
        raw = tables.idt[size * vector : size * (vector + 1)]
        if len(raw) < size:
            found.append(f"the IDT at {base:#x} is not mapped where the gate for vector {vector} should be")
            continue
        found += _gate_faults(cpu, tables, vector, _gate(raw), where)
    return list(dict.fromkeys(found))


def _gate(raw: bytes) -> _Gate:
    low = int.from_bytes(raw[:8], "little")
    offset = low & 0xFFFF | (low >> 48 & 0xFFFF) << 16 | int.from_bytes(raw[8:12], "little") << 32
    return _Gate(offset, low >> 16 & 0xFFFF, low >> 32 & 7, low >> 40 & 0x1F, bool(low >> 47 & 1))


def _gate_faults(cpu: Cpu, tables: Tables, vector: int, gate: _Gate, where: Callable[[int], str]) -> list[str]:
    long_mode = bool(cpu.values.get("efer", 0) & EFER_LMA)
    name = f"the IDT gate for {title(vector)}"
    if not gate.present:
        return [f"{name} is not present"]
    if gate.kind not in (_LONG_GATES if long_mode else _LEGACY_GATES):
        return [f"{name} has type {gate.kind:#x}, which is neither an interrupt nor a trap gate"]
    if gate.kind == _TASK_GATE:
        return []  # the handler is where its TSS says
    found = _code_segment_faults(cpu, tables, gate.selector, name, long_mode)
    if long_mode and gate.offset >> 47 not in (0, 0x1FFFF):
        found.append(f"{name} points to {gate.offset:#x}, which is not a canonical address")
    elif not where(gate.offset):
        found.append(f"{name} points to {gate.offset:#x}, which is no code of the image")
    if long_mode and gate.stack:
        found += _stack_faults(cpu, tables, gate.stack, name)
    return found


def _code_segment_faults(cpu: Cpu, tables: Tables, selector: int, name: str, long_mode: bool) -> list[str]:
    if not selector & ~7:
        return [f"{name} has the null code selector"]
    if selector & 4:
        return []  # in the LDT, which is not read
    offset = selector & ~7
    raw = tables.gdt[offset : offset + 8]
    if offset + 7 > cpu.gdt[1] or len(raw) < 8:
        return [f"{name} has code selector {selector:#x}, which is beyond the GDT (limit {cpu.gdt[1]:#x})"]
    descriptor = int.from_bytes(raw, "little")
    if not descriptor >> 47 & 1:
        return [f"{name} has code selector {selector:#x}, whose GDT entry is not present"]
    if descriptor >> 43 & 3 != 3:
        return [f"{name} has code selector {selector:#x}, whose GDT entry is no code segment"]
    if long_mode and not descriptor >> 53 & 1:
        return [f"{name} has code selector {selector:#x}, whose GDT entry is no 64-bit code segment (L is clear)"]
    return []


def _stack_faults(cpu: Cpu, tables: Tables, number: int, name: str) -> list[str]:
    selector = cpu.selectors.get("tr", 0)
    if not selector & ~7:
        return [f"{name} wants stack IST{number}, but no task register was loaded (`ltr`)"]
    at = 0x24 + 8 * (number - 1)
    raw = tables.task[at : at + 8]
    if at + 7 > cpu.task[1] or len(raw) < 8:
        return [f"{name} wants stack IST{number}, which is beyond the TSS at {cpu.task[0]:#x}"]
    pointer = int.from_bytes(raw, "little")
    if not pointer:
        return [f"{name} wants stack IST{number}, which is 0 in the TSS"]
    if pointer >> 47 not in (0, 0x1FFFF):
        return [f"{name} wants stack IST{number}, which is {pointer:#x}: not a canonical address"]
    return []
