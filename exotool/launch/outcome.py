"""How a boot ended, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from exotool.diagnostics import JSON_SCHEMA, ExitCode
from exotool.launch.exceptions import ExceptionRecord, title
from exotool.launch.registers import Cpu, describe

Kind = Literal[
    "success",
    "tests_failed",
    "failed",
    "panic",
    "triple_fault",
    "reset",
    "power_off",
    "hang",
    "time_out",
    "interrupted",
    "qemu_error",
]

EXIT_CODES: Final[dict[Kind, ExitCode]] = {
    "success": ExitCode.SUCCESS,
    "tests_failed": ExitCode.FAILED,
    "failed": ExitCode.FAILED,
    "panic": ExitCode.PANIC,
    "triple_fault": ExitCode.TRIPLE_FAULT,
    "reset": ExitCode.TRIPLE_FAULT,
    "power_off": ExitCode.FAILED,
    "hang": ExitCode.HANG,
    "time_out": ExitCode.TIME_OUT,
    "interrupted": ExitCode.INTERRUPTED,
    "qemu_error": ExitCode.FAILED,
}

MAX_CPUS_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a CPU was: at the end (`share` is 0), or in that many of every hundred looks at it."""

    cpu: int
    address: int
    where: str
    share: int = 0

    def __str__(self) -> str:
        """Return `0xffffffff80101234 spin+0x2 (kernel.S:9)`."""
        return f"{self.address:#x} {self.where}".rstrip()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a boot ended. What does not apply is empty.

    `exit_value` is what the guest wrote to the exit port. `exceptions` is the chain that led to a triple fault, with
    `exception_spots` the place of each, and `walk` the page-table walk for the address that faulted. `instructions` are
    the last hundred that were executed. `cpus` are the registers at the end, `spots` where those CPUs were, `callers`
    what their stacks say of how they came there, `samples` where they were on the way. `panic` and `backtrace` are what
    the guest printed, `serial` its last lines, `qemu` what QEMU itself said.
    """

    kind: Kind
    message: str
    seconds: float = 0.0
    exit_value: int | None = None
    exceptions: tuple[ExceptionRecord, ...] = ()
    exception_spots: tuple[Spot, ...] = ()
    walk: tuple[str, ...] = ()
    instructions: tuple[str, ...] = ()
    cpus: tuple[Cpu, ...] = ()
    spots: tuple[Spot, ...] = ()
    callers: tuple[tuple[str, ...], ...] = ()
    samples: tuple[Spot, ...] = ()
    panic: str = ""
    backtrace: tuple[str, ...] = ()
    serial: tuple[str, ...] = ()
    qemu: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    help: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of `exotool run`."""
        return EXIT_CODES[self.kind]

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as plain data; addresses and registers are hexadecimal texts."""
        return {
            "schema": JSON_SCHEMA,
            "type": "outcome",
            "outcome": self.kind,
            "exit_code": int(self.exit_code),
            "message": self.message,
            "seconds": round(self.seconds, 3),
            "exit_value": self.exit_value,
            "exceptions": [
                {**e.to_json(), "where": spot.where}
                for e, spot in zip(self.exceptions, self.exception_spots, strict=True)
            ],
            "page_table_walk": list(self.walk),
            "instructions": list(self.instructions),
            "cpus": [_cpu_json(cpu, spot) for cpu, spot in zip(self.cpus, self.spots, strict=True)],
            "callers": [list(callers) for callers in self.callers],
            "samples": [
                {"cpu": s.cpu, "rip": f"{s.address:#x}", "where": s.where, "percent": s.share} for s in self.samples
            ],
            "panic": self.panic,
            "backtrace": list(self.backtrace),
            "serial": list(self.serial),
            "qemu": list(self.qemu),
            "notes": list(self.notes),
            "help": list(self.help),
        }

    def render(self, *, color: bool = False) -> str:
        """Return the outcome as lines for a terminal, without a final newline.

        What the guest printed is left out: the terminal has it just above.
        """

        def paint(text: str, code: str) -> str:
            return f"\x1b[{code}m{text}\x1b[0m" if color else text

        word = self.kind.replace("_", " ")
        bad = "1;32" if self.kind == "success" else "1;31"
        lines = [f"{paint(word, bad)}: {paint(self.message, '1')}"]
        for title_, body in self._sections():
            lines.append(f"  {paint(title_, '1;34')}")
            lines += [f"    {line}" for line in body]
        lines += [f"   {paint('=', '1;34')} {paint('note', '1')}: {note}" for note in self.notes]
        lines += [f"   {paint('=', '1;34')} {paint('help', '1')}: {help_}" for help_ in self.help]
        return "\n".join(lines)

    def _sections(self) -> list[tuple[str, list[str]]]:
        sections = []
        if self.exceptions:
            sections.append(("exceptions, first to last:", self.exception_lines()))
        if self.walk:
            sections.append(("page-table walk:", list(self.walk)))
        if self.samples:
            sections.append(("where it was:", [f"{s.share:3d} % CPU {s.cpu} at {s}" for s in self.samples]))
        for cpu, spot in list(zip(self.cpus, self.spots, strict=True))[:MAX_CPUS_SHOWN]:
            sections.append((f"registers of CPU {cpu.number}, at {spot}:", describe(cpu)))
            callers = next((c for c, other in zip(self.callers, self.cpus, strict=False) if other is cpu), ())
            if callers:
                sections.append((f"CPU {cpu.number} was called from:", list(callers)))
        if self.instructions:
            sections.append(("executed last:", list(self.instructions)))
        if self.qemu:
            sections.append(("QEMU said:", list(self.qemu)))
        return sections

    def exception_lines(self) -> list[str]:
        """Return the chain of exceptions as text."""
        lines = []
        before, place = "", ""
        for number, (record, spot) in enumerate(zip(self.exceptions, self.exception_spots, strict=True), 1):
            name = title(record.raised)
            if before:
                name += f" while delivering {before}"
                end = "triple fault" if record.cpu is None else "double fault (#DF)"
                name += f": {end}" if record.cpu is None or record.vector != record.raised else ""
            code = (
                f", error code {record.error_code:#x}" if record.error_code and record.vector == record.raised else ""
            )
            lines.append(f"{number}. {name}{code}" + (f" at {spot}" if str(spot) != place else ""))
            explanation = record.explain()
            lines += [f"   {explanation}"] if explanation else []
            before, place = title(record.vector), str(spot)
        return lines


def _cpu_json(cpu: Cpu, spot: Spot) -> dict[str, Any]:
    return {
        "cpu": cpu.number,
        "rip": f"{cpu.rip:#x}",
        "where": spot.where,
        "rflags": f"{cpu.rflags:#x}",
        "cpl": cpu.cpl,
        "halted": cpu.halted,
        **{name: f"{value:#x}" for name, value in (cpu.selectors | cpu.values).items()},
    }
