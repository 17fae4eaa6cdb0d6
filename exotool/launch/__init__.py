"""Boot a kernel image in QEMU, watch it, and say how it ended.

`boot` is the whole way: check the image, start QEMU, stream the serial line, decide on an outcome, and after a triple
fault boot once more with QEMU's log of interrupts on. `qemu_command` is what it runs. Files stand in that order:
`machine`, `options`, `image`, `qemu`, `process`, `session` (with `serial` and `registers`), `verdict`, `exceptions`,
`outcome`; `report` prints. Nothing here knows any particular kernel: what a guest must do to succeed is in `verdict`.

May import `elf`, `diagnostics`, `files` and `tables`. asyncio and qemu.qmp are imported by `session`, which `boot`
imports when QEMU is already starting.
"""

from exotool.launch.accelerator import choose_accelerator
from exotool.launch.devices import Disk, Forward, parse_disk, parse_forward
from exotool.launch.launcher import boot, dry_run, qemu_command
from exotool.launch.machine import Machine, load_machine
from exotool.launch.options import BootOptions, parse_duration, parse_gdb, parse_memory
from exotool.launch.outcome import Outcome
from exotool.launch.report import JsonReporter, Reporter, TextReporter

__all__ = [
    "BootOptions",
    "Disk",
    "Forward",
    "JsonReporter",
    "Machine",
    "Outcome",
    "Reporter",
    "TextReporter",
    "boot",
    "choose_accelerator",
    "dry_run",
    "load_machine",
    "parse_disk",
    "parse_duration",
    "parse_forward",
    "parse_gdb",
    "parse_memory",
    "qemu_command",
]
