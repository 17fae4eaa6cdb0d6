"""A core, read for people: where every CPU was, who called, what CR2 says, and what was printed last."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from exotool.diagnostics import JSON_SCHEMA
from exotool.files import open_input, read_input
from exotool.launch.core import Core
from exotool.launch.image import load_segments
from exotool.launch.outcome import MAX_CPUS_SHOWN
from exotool.launch.paging import Walk, walk_memory
from exotool.launch.registers import CR0_PG, Cpu, describe
from exotool.launch.serial import harmless
from exotool.launch.symbols import CALL_BYTES, ImageSymbolizer
from exotool.launch.unwind import STACK_BYTES, follows_call, unwind

MAX_LINES: Final = 1000
"""Lines of each part of the story that a core tells; more is not ours."""

MAX_LENGTH: Final = 4096


@dataclass(frozen=True, slots=True)
class CpuReport:
    """One CPU: its state, where it was, its callers (innermost first), and the walk for CR2 if there was a fault."""

    cpu: Cpu
    where: str
    callers: tuple[str, ...]
    walk: Walk | None


@dataclass(slots=True)
class CoreReport:
    """What a core says; `outcome` and the three lists are what exotool knew when it wrote the core."""

    path: str
    cpus: list[CpuReport]
    outcome: str = ""
    message: str = ""
    exceptions: list[str] = field(default_factory=list)
    instructions: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def render(self) -> str:
        """Return the report as lines of text."""
        word = f"{self.outcome.replace('_', ' ')}: {self.message}" if self.outcome else "a guest's memory"
        lines = [f"core {self.path}: {word}"]
        for title, body in self._sections():
            lines += [f"  {title}", *(f"    {line}" for line in body)]
        return "\n".join([*lines, *(f"   = note: {note}" for note in self.notes)])

    def _sections(self) -> list[tuple[str, list[str]]]:
        sections = [("exceptions, first to last:", self.exceptions)] if self.exceptions else []
        for report in self.cpus[:MAX_CPUS_SHOWN]:
            number = report.cpu.number
            place = f"{report.cpu.rip:#x} {report.where}".rstrip()
            sections.append((f"registers of CPU {number}, at {place}:", describe(report.cpu)))
            if report.callers:
                sections.append((f"CPU {number} was called from:", list(report.callers)))
            if report.walk is not None:
                sections.append((f"page-table walk for CR2 of CPU {number}:", report.walk.lines()))
        if self.instructions:
            sections.append(("executed last:", self.instructions))
        if self.console:
            sections.append(("printed last:", self.console))
        return sections

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data; addresses and registers are hexadecimal texts."""
        return {
            "schema": JSON_SCHEMA,
            "type": "core",
            "outcome": self.outcome,
            "message": self.message,
            "cpus": [_cpu_json(report) for report in self.cpus],
            "exceptions": self.exceptions,
            "instructions": self.instructions,
            "console": self.console,
            "notes": self.notes,
        }


def report_core(path: Path, image: Path | None) -> CoreReport:
    """Return what a core says, with the names of an ELF image if there is one.

    Raises `ToolError` T01xx when a file cannot be read, R0230 and R0231 when the core is none, R0101 to R0103 when the
    image is no ELF file.
    """
    data = read_input(image, "image") if image is not None else b""
    names = ImageSymbolizer(data, load_segments(data, str(image))) if image is not None else None
    with open_input(path, "core", limit=None) as file:
        core = Core(file, str(path))
        report = CoreReport(str(path), [_cpu_report(core, cpu, names) for cpu in core.cpus])
    story = core.story
    report.outcome, report.message = _text(story.get("outcome")), _text(story.get("message"))
    report.exceptions = _texts(story.get("exceptions"))
    report.instructions = _texts(story.get("instructions"))
    report.console = _texts(story.get("console"))
    report.notes = _texts(story.get("notes"))
    if not core.has_control:
        report.notes.append(
            "the core has no notes of QEMU: control registers, and with them page tables, are not known"
        )
    known = story.get("sha256")
    if image is None:
        report.notes.append("for functions and lines name the image: `--kernel FILE`")
    elif known and known != hashlib.sha256(data).hexdigest():
        report.notes.append(f"`{image}` is not the image that was booted: names and lines may be wrong")
    if len(core.cpus) > MAX_CPUS_SHOWN:
        report.notes.append(f"CPUs {MAX_CPUS_SHOWN} to {len(core.cpus) - 1} are told with `--json`")
    return report


def _cpu_report(core: Core, cpu: Cpu, names: ImageSymbolizer | None) -> CpuReport:
    def where(address: int, *, is_return: bool = False) -> str:
        return names.where(address, is_return=is_return) if names is not None else ""

    stack = core.virtual(cpu, cpu.values.get("rsp", 0), STACK_BYTES)
    found = unwind(cpu, stack, _is_return(core, cpu, names))
    callers = tuple(
        f"{'' if caller.certain else '? '}{caller.address:#x} {where(caller.address, is_return=True)}".rstrip()
        for caller in found
    )
    cr2 = cpu.values.get("cr2", 0)
    is_paged = bool(cpu.values.get("cr0", 0) & CR0_PG)
    walk = walk_memory(cpu, cr2, core.physical) if cr2 and is_paged else None
    return CpuReport(cpu, where(cpu.rip, is_return=cpu.halted), callers, walk)


def _is_return(core: Core, cpu: Cpu, names: ImageSymbolizer | None) -> Callable[[int], bool]:
    """Return what tells return addresses: by the image's code, or without one by that in memory."""
    if names is not None:
        return names.is_return
    known: dict[int, bool] = {}

    def is_return(address: int) -> bool:
        if address not in known:
            known[address] = follows_call(core.virtual(cpu, address - CALL_BYTES, CALL_BYTES))
        return known[address]

    return is_return


def _text(value: object) -> str:
    """Return a text of the story, made harmless: whoever made the core wrote it."""
    return harmless(value[:MAX_LENGTH], color=False) if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [_text(line) for line in value[-MAX_LINES:]] if isinstance(value, list) else []


def _cpu_json(report: CpuReport) -> dict[str, Any]:
    cpu = report.cpu
    return {
        "cpu": cpu.number,
        "rip": f"{cpu.rip:#x}",
        "where": report.where,
        "rflags": f"{cpu.rflags:#x}",
        "cpl": cpu.cpl,
        "halted": cpu.halted,
        **{name: f"{value:#x}" for name, value in (cpu.selectors | cpu.values).items()},
        "callers": list(report.callers),
        "page_table_walk": report.walk.lines() if report.walk is not None else [],
    }
