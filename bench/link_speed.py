"""Linkers side by side: `python -m bench.link_speed [RELOCATIONS...]`, by default 10^4, 10^5, 10^6, and other jobs.

Each linker makes a static program of the same synthetic objects, and joins the largest set with `-r`; where g++ is, it
also links a C++ program with Debian's archives, and joins all of libstdc++.a. Wall time is the median of some rounds in
which all linkers take turns, and memory the largest resident size of the process that was started. GNU ld, lld and mold
are measured where they are installed.
"""

from __future__ import annotations

import os
import shlex
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
ROUNDS: Final = 5
PROGRAM: Final = """
#include <iostream>
#include <map>
#include <regex>
#include <thread>
int main(int argc, char **argv) {
    std::map<std::string, int> found;
    const std::regex wanted("a(b+)c");
    for (int i = 0; i < argc; i++) found[argv[i]] += std::regex_search(argv[i], wanted);
    std::thread([&] { std::cout << found.size() << '\\n'; }).join();
}
"""
LINKERS: Final = {"GNU ld": "ld.bfd", "lld": "ld.lld", "mold": "mold"}


def measure(command: Sequence[str]) -> tuple[float, float] | None:
    """Run a command; return its wall time in seconds and its largest resident size in MiB, None where it fails."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        return None
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def compare(job: str, arguments: Sequence[str], folder: Path) -> None:
    """Let all linkers do a job in turns, and print a line for each."""
    commands = {name: [path] for name, program in LINKERS.items() if (path := shutil.which(program))}
    commands["exotool ld"] = [sys.executable, "-m", "exotool", "ld"]
    runs: dict[str, list[tuple[float, float] | None]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            runs[name].append(measure([*command, "-o", str(folder / "out"), *arguments]))
    for name, found in runs.items():
        measured = [run for run in found if run is not None]
        if len(measured) < len(found):
            sys.stdout.write(f"{job:<26}  {name:<10}  cannot do this\n")
            continue
        seconds, memory = statistics.median(t for t, _ in measured), max(m for _, m in measured)
        sys.stdout.write(f"{job:<26}  {name:<10}  {seconds:7.2f} s  {memory:6.0f} MiB\n")
    sys.stdout.flush()


def foreign_jobs(folder: Path) -> dict[str, list[str]]:
    """Return jobs of others, by name: their arguments for a linker."""
    compiler = shutil.which("g++")
    if compiler is None:
        return {}
    (folder / "program.cc").write_text(PROGRAM)
    subprocess.run([compiler, "-O2", "-c", "program.cc"], cwd=folder, check=True)
    done = subprocess.run(
        [compiler, "-static", "-###", str(folder / "program.o")], capture_output=True, text=True, check=True
    )
    line = next(text for text in done.stderr.splitlines() if "collect2" in text)
    words = [word for word in shlex.split(line)[1:] if not word.startswith("-plugin") and not word.endswith(".so")]
    words = [word for word in words if "lto" not in word and not word.endswith(".res")]
    at = words.index("-o") if "-o" in words else len(words)
    archive = subprocess.run([compiler, "-print-file-name=libstdc++.a"], capture_output=True, text=True, check=True)
    return {
        "C++ program, static": [*words[:at], *words[at + 2 :]],
        "libstdc++.a, -r": ["-r", "--whole-archive", archive.stdout.strip()],
    }


def main(sizes: Sequence[int]) -> None:
    """Measure all linkers on all jobs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in sizes:
            listing = folder / f"objects-{size}"
            listing.write_text("\n".join(map(str, write_set(folder / str(size), size))))
            compare(f"{size:,} relocations", ["-static", f"@{listing}"], folder)
        compare(f"{sizes[-1]:,} relocations, -r", ["-r", f"@{folder / f'objects-{sizes[-1]}'}"], folder)
        for job, arguments in foreign_jobs(folder).items():
            compare(job, arguments, folder)


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or SIZES)
