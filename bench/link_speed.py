"""Linkers side by side on synthetic sets: `python -m bench.link_speed [RELOCATIONS...]`, by default 10^4, 10^5, 10^6.

Each linker makes a static program of the same objects; wall time is the median of three runs, and memory the largest
resident size of the process that was started. GNU ld, lld and mold are measured where they are installed.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.synthetic import write_set

SIZES: Final = (10_000, 100_000, 1_000_000)
ROUNDS: Final = 3
LINKERS: Final = {"GNU ld": "ld.bfd", "lld": "ld.lld", "mold": "mold"}


def measure(command: Sequence[str]) -> tuple[float, float]:
    """Run a command; return its wall time in seconds and its largest resident size in MiB."""
    start = time.perf_counter()
    child = subprocess.Popen(command)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main(sizes: Sequence[int]) -> None:
    """Measure all linkers on all sizes and print a line for each."""
    commands = {name: [path] for name, program in LINKERS.items() if (path := shutil.which(program))}
    commands["exotool ld"] = [sys.executable, "-m", "exotool", "ld"]
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            objects = write_set(Path(folder), size)
            listing = Path(folder, "objects")
            listing.write_text("\n".join(map(str, objects)))
            for name, command in commands.items():
                output = Path(folder, "program")
                runs = [measure([*command, "-static", "-o", str(output), f"@{listing}"]) for _ in range(ROUNDS)]
                seconds, memory = statistics.median(t for t, _ in runs), max(m for _, m in runs)
                sys.stdout.write(f"{size:>9,} relocations  {name:<10}  {seconds:7.2f} s  {memory:6.0f} MiB\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or SIZES)
