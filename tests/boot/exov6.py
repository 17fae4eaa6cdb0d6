"""ExoV6 as the tests boot it: built by the tool from `exotool.toml`, in a copy of the project."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from exotool.build import build_image
from exotool.launch import BootOptions, Machine, Outcome, boot, load_machine
from exotool.launch.qemu import PROGRAM
from exotool.launch.serial import Line
from exotool.project import PROJECT_FILE, load_project

REPOSITORY = Path(__file__).parents[2]
KERNEL_ASM = REPOSITORY / "kernel_asm"
KERNEL = REPOSITORY / "kernel"

CHECKS = ("breakpoint", "pagefault", "instructions", "swtch", "timer", "paranoid", "user", "frames", "clock", "cpus")


def copy_project(folder: Path) -> None:
    """Copy what the kernel is made of to `folder`."""
    shutil.copytree(KERNEL_ASM, folder / KERNEL_ASM.name)
    shutil.copytree(KERNEL, folder / KERNEL.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / PROJECT_FILE, folder)


def build(folder: Path) -> Path:
    """Build the project in `folder` and return the path of the image."""
    project = load_project(folder)
    return build_image(project, project.image(), jobs=1).output


@dataclass
class Transcript:
    """A reporter that keeps what the guest printed, line by line."""

    color: bool = False
    lines: list[str] = field(default_factory=list)

    def ready(self) -> bool:
        return True

    def started(self, command: Sequence[str]) -> None:
        pass

    def text(self, text: str) -> None:
        pass

    def line(self, line: Line) -> None:
        self.lines.append(line.text)

    def say(self, text: str) -> None:
        pass

    def outcome(self, outcome: Outcome) -> None:
        pass


def boot_kernel(kernel: Path, machine: str | Machine = "q35", **options: Any) -> tuple[Outcome, list[str]]:
    """Boot an image and return the outcome and the lines that it printed; skips the test where there is no QEMU."""
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    profile = load_machine(machine, [REPOSITORY / "qemu"]) if isinstance(machine, str) else machine
    transcript = Transcript()
    options.setdefault("timeout", 60.0)
    outcome = boot(BootOptions(kernel, profile, **options), transcript)
    return outcome, transcript.lines
