"""Register dumps of QEMU, as `info registers -a` and `-d int` print them (target/i386/cpu-dump.c), -> numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

RFLAGS_IF: Final = 1 << 9
EFER_LMA: Final = 1 << 10
CR0_PE: Final = 1
CR0_PG: Final = 1 << 31
CR4_PSE: Final = 1 << 4
CR4_PAE: Final = 1 << 5
CR4_LA57: Final = 1 << 12

_GENERAL: Final = re.compile(r"\b(R[A-D]X|R[SD]I|R[BS]P|R8|R9|R1[0-5]|E[A-D]X|E[SD]I|E[BS]P) *=([0-9a-f]{8,16})\b")
_CONTROL: Final = re.compile(r"\b(CR[0234]|EFER)=([0-9a-f]{8,16})\b")
_POINTER: Final = re.compile(r"\b([RE])IP=([0-9a-f]{8,16}) [RE]FL=([0-9a-f]{8})\b.* CPL=(\d)\b.* HLT=(\d)\b")
_TABLE: Final = re.compile(r"^(GDT|IDT)= *([0-9a-f]{8,16}) ([0-9a-f]{8})", re.MULTILINE)
_TASK: Final = re.compile(r"^TR *=[0-9a-f]{4} ([0-9a-f]{8,16}) ([0-9a-f]{8})", re.MULTILINE)
_SEGMENT: Final = re.compile(r"^(CS|SS|TR) *=([0-9a-f]{4}) ", re.MULTILINE)
_CPU: Final = re.compile(r"^CPU#(\d+)\s*$", re.MULTILINE)

ORDER: Final = (
    *("rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp"),
    *("r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"),
)


@dataclass(frozen=True, slots=True)
class Cpu:
    """The state of one CPU.

    `values` has the general registers and cr0, cr2, cr3, cr4, efer; names are the 64-bit ones. `idt`, `gdt` and `task`
    are base and limit of the descriptor tables and of the task-state segment. `is_64bit` tells whether the CPU ran
    64-bit code.
    """

    number: int
    rip: int
    rflags: int
    cpl: int
    halted: bool
    is_64bit: bool
    values: dict[str, int]
    selectors: dict[str, int]
    idt: tuple[int, int]
    gdt: tuple[int, int] = (0, 0)
    task: tuple[int, int] = (0, 0)

    @property
    def is_dead(self) -> bool:
        """Tell whether no maskable interrupt can wake the CPU: halted with RFLAGS.IF clear."""
        return self.halted and not self.rflags & RFLAGS_IF

    @property
    def state(self) -> tuple[int, ...]:
        """All that decides what the CPU does next, short of memory and devices: equal states loop."""
        return (self.rip, self.rflags, *self.values.values())


def parse_cpus(text: str) -> list[Cpu]:
    """Return the CPUs of an `info registers -a`; an incomplete dump is left out."""
    parts = _CPU.split(text)
    cpus = (parse_cpu(body, int(number)) for number, body in zip(parts[1::2], parts[2::2], strict=True))
    return [cpu for cpu in cpus if cpu is not None]


def parse_cpu(text: str, number: int = 0) -> Cpu | None:
    """Return the CPU of one register dump, or None when there is no instruction pointer in it."""
    pointer = _POINTER.search(text)
    if pointer is None:
        return None
    tables = {name: (int(base, 16), int(limit, 16)) for name, base, limit in _TABLE.findall(text)}
    task = _TASK.search(text)
    values = {_wide(name): int(value, 16) for name, value in _GENERAL.findall(text)}
    values |= {name.lower(): int(value, 16) for name, value in _CONTROL.findall(text)}
    return Cpu(
        number,
        int(pointer[2], 16),
        int(pointer[3], 16),
        int(pointer[4]),
        pointer[5] == "1",
        pointer[1] == "R",
        values,
        {name.lower(): int(value, 16) for name, value in _SEGMENT.findall(text)},
        tables.get("IDT", (0, 0)),
        tables.get("GDT", (0, 0)),
        (int(task[1], 16), int(task[2], 16)) if task else (0, 0),
    )


def _wide(name: str) -> str:
    return name.lower() if name.startswith("R") else f"r{name[1:].lower()}"


def describe(cpu: Cpu) -> list[str]:
    """Return the registers as lines of text, four to a line."""
    width = 16 if cpu.is_64bit else 8
    head = f"rip={cpu.rip:0{width}x} rflags={cpu.rflags:08x} cpl={cpu.cpl} hlt={int(cpu.halted)}"
    lines = [" ".join([head, *(f"{name}={value:04x}" for name, value in cpu.selectors.items())])]
    names: list[str] = [name for name in ORDER if name in cpu.values and (cpu.is_64bit or name in ORDER[:8])]
    names += [name for name in ("cr0", "cr2", "cr3", "cr4", "efer") if name in cpu.values]
    cells = [f"{name:>4}={cpu.values[name]:0{width}x}" for name in names]
    lines += [" ".join(cells[start : start + 4]) for start in range(0, len(cells), 4)]
    return lines
