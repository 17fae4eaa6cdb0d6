"""Small kernels, built by the tool itself, and a reporter that remembers."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from exotool.elf.constants import PF_R, PF_W, PF_X
from exotool.launch import BootOptions, Outcome, boot, load_machine
from exotool.launch.qemu import PROGRAM
from exotool.launch.serial import Line
from exotool.layout import Layout, OutputSection, Segment

KERNELS = Path(__file__).parent / "kernels"
KERNBASE = 0xFFFFFFFF80000000

LAYOUT = Layout(
    (
        Segment("text", PF_R | PF_X, (OutputSection(".text", (".text",)),), KERNBASE + 0x100000, 0x100000),
        Segment("rodata", PF_R, (OutputSection(".rodata", (".rodata",)), OutputSection(".note.Xen", (".note.Xen",)))),
        Segment("bss", PF_R | PF_W, (OutputSection(".bss", (".bss",)),)),
    )
)


@functools.cache
def kernel_bytes(name: str) -> bytes:
    """Return the image of `kernels/NAME.S`."""
    from exotool.asm import Options, assemble
    from exotool.link import link

    source = KERNELS / f"{name}.S"
    assembly = assemble(source.read_bytes(), source, Options(include=(KERNELS,), debug=True, root=KERNELS))
    return link([assembly.object], LAYOUT, "_start").data


@dataclass
class Recorder:
    """A reporter that keeps what it is told."""

    color: bool = False
    command: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def ready(self) -> bool:
        return True

    def started(self, command: Sequence[str]) -> None:
        self.command = list(command)

    def text(self, text: str) -> None:
        self.texts.append(text)

    def line(self, line: Line) -> None:
        self.lines.append(line)

    def say(self, text: str) -> None:
        self.said.append(text)

    def outcome(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


Kernel = Callable[[str], Path]


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    """Build `kernels/NAME.S` and return the path of its image."""

    def build(name: str) -> Path:
        path = tmp_path / f"{name}.elf"
        path.write_bytes(kernel_bytes(name))
        return path

    return build


Boot = Callable[..., Outcome]


@pytest.fixture
def run(kernel: Kernel, recorder: Recorder) -> Boot:
    """Boot `kernels/NAME.S` in QEMU; the test is skipped where there is none."""
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")

    def start(name: str, machine: str = "q35", **options: Any) -> Outcome:
        options.setdefault("timeout", 60.0)
        return boot(BootOptions(kernel(name), load_machine(machine), **options), recorder)

    return start
