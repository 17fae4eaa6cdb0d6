"""What a verdict costs: the overhead of `exotool run`, the time to each outcome, and a matrix of 100 boots.

    python -m bench.boots [--rounds N] [--jobs N]

The guests are the small kernels of tests/launch. "Verdict" is the time from the start of QEMU to the outcome, inside
one process, as a test run has it; for a panic, the time from its last line to the outcome.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.end_to_end import Row, copy_project, environment, exotool, run
from bench.table import milliseconds, print_table
from exotool.launch import BootOptions, Outcome, boot, load_machine, qemu_command
from exotool.launch.serial import Line
from tests.launch.conftest import kernel_bytes

OUTCOMES = (
    ("success", "success", ""),
    ("panic", "panic", "with 0x12"),
    ("panic_halt", "panic", "then halted"),
    ("tests_failed", "tests_failed", ""),
    ("reset", "reset", ""),
    ("power_off", "power_off", ""),
    ("triple_fault", "triple_fault", "chain, page tables, last 100 instructions; goal 2000"),
    ("halt", "hang", "halted, interrupts off; last 100 instructions"),
    ("spin", "hang", "endless loop, after 2 s of silence; goal 3000"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        print_table(f"overhead ({asked.rounds} rounds)", overhead_rows(Path(scratch), asked.rounds))
        print_table(f"time to the verdict ({asked.rounds} rounds)", verdict_rows(Path(scratch), asked.rounds))
        print_table(f"100 boots, {asked.jobs} at once", matrix_rows(Path(scratch), asked.jobs))


def overhead_rows(folder: Path, rounds: int) -> list[Row]:
    kernel = folder / "success.elf"
    kernel.write_bytes(kernel_bytes("success"))
    bare = qemu_command(BootOptions(kernel, load_machine("q35")))
    tool = [sys.executable, "-m", "exotool", "run", "--kernel", str(kernel)]

    def start_qemu() -> None:
        subprocess.run(bare, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)

    return [
        ("bare QEMU command", milliseconds(start_qemu, rounds), ""),
        ("exotool run --kernel", milliseconds(lambda: run(tool), rounds), "with the start of Python"),
    ]


@dataclass
class Clock:
    """A reporter that remembers when the last line came."""

    color: bool = False
    last: float = field(default_factory=time.perf_counter)

    def ready(self) -> bool:
        return True

    def started(self, command: Sequence[str]) -> None:
        pass

    def text(self, text: str) -> None:
        pass

    def line(self, line: Line) -> None:
        self.last = time.perf_counter()

    def say(self, text: str) -> None:
        pass

    def outcome(self, outcome: Outcome) -> None:
        pass


def verdict_rows(folder: Path, rounds: int) -> list[Row]:
    rows: list[Row] = []
    for name, kind, remark in OUTCOMES:
        kernel = folder / f"{name}.elf"
        kernel.write_bytes(kernel_bytes(name))
        after: list[float] = []

        def once(kernel: Path = kernel, kind: str = kind, after: list[float] = after) -> None:
            clock = Clock()
            outcome = boot(BootOptions(kernel, load_machine("q35")), clock)
            after.append((time.perf_counter() - clock.last) * 1000)
            if outcome.kind != kind:
                raise SystemExit(outcome.render())

        rows.append((f"{kind} ({name})", milliseconds(once, rounds), remark))
        if kind == "panic":
            rows.append(("  after the panic's last line", sorted(after), "goal 100"))
    return rows


def matrix_rows(folder: Path, jobs: int) -> list[Row]:
    root = folder / "project"
    copy_project(root)
    with (root / "exotool.toml").open("a") as file:
        file.write('\n[[test.boot]]\nname = "hundred"\nmatrix = { machine = ["q35", "pc", "microvm", "q35"],')
        file.write(' smp = [1, 2, 3, 4, 5], memory = ["64M", "128M", "256M", "512M", "1G"] }\n')
    run(exotool(root, "link"))
    command = exotool(root, "test", "--suite", "boot", "--boot-test", "hundred", "-j", str(jobs))
    shutil.rmtree(root / "tests", ignore_errors=True)

    def hundred() -> None:
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
        if "100 passed" not in done.stdout:
            raise SystemExit(done.stdout[-2000:] + done.stderr)

    return [("ExoV6 on machines x CPUs x memory", milliseconds(hundred, 1), "all checks of the kernel in each")]


if __name__ == "__main__":
    main()
