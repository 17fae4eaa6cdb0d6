"""QEMU's log of interrupts (`-d int,cpu_reset`) -> the exceptions that led to a triple fault.

The log has `check_exception old: 0x.. new 0x..` for each exception that is raised (old is the one being delivered at
that moment, all ones if there is none), then, when delivery begins, a line with `v=` (vector), `e=` (error code) and
`pc=`, and the registers. A fault while delivering #DF is a triple fault: Intel SDM volume 3, 6.15, "Double Fault".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from exotool.launch.registers import Cpu, parse_cpu

_RAISED: Final = re.compile(r"^check_exception old: 0x([0-9a-f]+) new 0x([0-9a-f]+)$", re.MULTILINE)
_DELIVERED: Final = re.compile(r"^ *\d+: v=([0-9a-f]{2}) e=([0-9a-f]{4}) i=(\d) cpl=\d .*?pc=([0-9a-f]+)", re.MULTILINE)
_NONE: Final = 0xFFFFFFFF
TRIPLE_FAULT: Final = "Triple fault"

PAGE_FAULT: Final = 14
DOUBLE_FAULT: Final = 8

NAMES: Final = {
    0: ("#DE", "divide error"),
    1: ("#DB", "debug exception"),
    2: ("NMI", "non-maskable interrupt"),
    3: ("#BP", "breakpoint"),
    4: ("#OF", "overflow"),
    5: ("#BR", "bound range exceeded"),
    6: ("#UD", "invalid opcode"),
    7: ("#NM", "device not available"),
    8: ("#DF", "double fault"),
    10: ("#TS", "invalid TSS"),
    11: ("#NP", "segment not present"),
    12: ("#SS", "stack-segment fault"),
    13: ("#GP", "general protection fault"),
    14: ("#PF", "page fault"),
    16: ("#MF", "x87 floating-point error"),
    17: ("#AC", "alignment check"),
    18: ("#MC", "machine check"),
    19: ("#XM", "SIMD floating-point exception"),
    20: ("#VE", "virtualization exception"),
    21: ("#CP", "control protection exception"),
}
"""Vectors and names: Intel SDM volume 3, table 6-1."""

_WITH_ERROR_CODE: Final = frozenset({8, 10, 11, 12, 13, 14, 17, 21})


@dataclass(frozen=True, slots=True)
class ExceptionRecord:
    """One exception of a chain.

    `raised` is what the CPU met, `vector` what it then delivered: #DF when something else was being delivered. The
    last one of a triple fault is never delivered: it has no error code and no CPU state.
    """

    raised: int
    vector: int
    error_code: int | None
    pc: int
    cpu: Cpu | None

    @property
    def title(self) -> str:
        """Name and mnemonic of what was delivered."""
        return title(self.vector)

    @property
    def cr2(self) -> int | None:
        """The address whose access raised a page fault."""
        return self.cpu.values.get("cr2") if self.cpu is not None and self.vector == PAGE_FAULT else None

    def explain(self) -> str:
        """Return what the error code says, or nothing."""
        if self.error_code is None or self.vector not in _WITH_ERROR_CODE:
            return ""
        if self.vector == PAGE_FAULT:
            at = f"{self.cr2:#x}: " if self.cr2 is not None else ""
            return at + page_fault_reason(self.error_code)
        if self.vector == DOUBLE_FAULT or not self.error_code:
            return ""
        return selector_reason(self.error_code)

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain data; addresses are hexadecimal texts."""
        return {
            "vector": self.vector,
            "raised": self.raised,
            "name": self.title,
            "error_code": self.error_code,
            "pc": f"{self.pc:#x}",
            "cr2": None if self.cr2 is None else f"{self.cr2:#x}",
            "explanation": self.explain(),
        }


def title(vector: int) -> str:
    """Return the name and mnemonic of a vector: `page fault (#PF)`."""
    mnemonic, name = NAMES.get(vector, (f"vector {vector:#x}", "interrupt"))
    return f"{name} ({mnemonic})"


def page_fault_reason(code: int) -> str:
    """Return the meaning of a page fault's error code: Intel SDM volume 3, 4.7."""
    access = "instruction fetch" if code & 16 else "write" if code & 2 else "read"
    who = "user mode" if code & 4 else "supervisor mode"
    if code & 8:
        why = "a reserved bit is set in a page-table entry"
    elif code & 32:
        why = "a protection key forbids it"
    elif code & 1:
        why = "the page is present but does not allow it"
    else:
        why = "the page is not present"
    return f"{access} in {who}, {why}"


def selector_reason(code: int) -> str:
    """Return the meaning of a selector error code: Intel SDM volume 3, 6.13."""
    index = code >> 3
    table = f"IDT vector {index}" if code & 2 else f"{'LDT' if code & 4 else 'GDT'} selector {code & 0xFFF8:#x}"
    return f"{table}{', external event' if code & 1 else ''}"


def triple_fault_chain(log: str) -> list[ExceptionRecord]:
    """Return the exceptions that led to the last triple fault in a log, in order.

    The list is empty when the log has no triple fault, or too little before it.
    """
    end = log.rfind(f"\n{TRIPLE_FAULT}")
    if end < 0:
        return []
    raised = list(_RAISED.finditer(log, 0, end + 1))
    first = next((i for i in range(len(raised) - 1, -1, -1) if int(raised[i][1], 16) == _NONE), None)
    if first is None:
        return []
    chain: list[ExceptionRecord] = []
    for match, following in zip(raised[first:], [*raised[first + 1 :], None], strict=True):
        stop = following.start() if following is not None else end
        vector = int(match[2], 16)
        found = _delivered(log, match.end(), stop, vector)
        chain.append(found or ExceptionRecord(vector, vector, None, chain[-1].pc if chain else 0, None))
    cause = _cause(log, raised[first].start(), chain[0])
    return [cause, *chain] if cause is not None else chain


def _cause(log: str, end: int, first: ExceptionRecord) -> ExceptionRecord | None:
    """Return the interrupt or exception whose delivery raised `first`, if it was one that QEMU forgets.

    QEMU remembers only contributory exceptions as being delivered (SDM table 6-5). That `first` came from the gate of
    another vector is told by its error code: bit 1 is IDT, and the index is the vector.
    """
    if not first.error_code or not first.error_code & 2 or first.vector == PAGE_FAULT:
        return None
    before = list(_DELIVERED.finditer(log, 0, end))[-1:]
    if not before or int(before[0][1], 16) != first.error_code >> 3:
        return None
    return _delivered(log, before[0].start(), end, first.error_code >> 3)


def _delivered(log: str, start: int, end: int, raised: int) -> ExceptionRecord | None:
    """Return the first exception that the log shows as being delivered between two places."""
    found = _DELIVERED.search(log, start, end)
    if found is None:
        return None
    cpu = parse_cpu(log[found.end() : end])
    return ExceptionRecord(raised, int(found[1], 16), int(found[2], 16), int(found[4], 16), cpu)
