"""What ExoV6's paths cost, in instructions: exact and the same on every machine, counted by QEMU (`-icount shift=0`).

    python -m bench.exov6 [--save]

The kernel is built with the profile `release`, and so is user/bench, which measures. Beside each number stand the goal
and the last saved number (bench/exov6.json, `--save` writes it), so that a change shows. What others publish is
beneath, each with its source: instructions of another machine or another design are an order of magnitude, no contest.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.end_to_end import copy_project, exotool, run
from exotool.launch import BootOptions, load_machine, qemu_command

SAVED = Path(__file__).with_name("exov6.json")
ICOUNT = ("-icount", "shift=0,sleep=off", "-rtc", "base=2020-01-01T00:00:00,clock=vm")
NONCE = "0123456789abcdef"

GOALS = {
    "null call": 60,
    "control transfer, one way": 150,
    "door call and answer": 400,
    "context switch": 300,
    "page fault to the handler and back": 300,
    "image, bytes of text and data": 200_000,
}

PUBLISHED = (
    (
        "Aegis (MIPS R3000)",
        "exception to the handler 18, protected control transfer 30",
        "Engler, Kaashoek, O'Toole: Exokernel, SOSP 1995, section 5",
    ),
    (
        "L4Re (x86_64)",
        "system call 148, IPC between address spaces 587, retired instructions on a Xeon 8352S",
        "l4re.org, Performance Overview",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--save", action="store_true", help="make these the numbers to compare with")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch) / "exov6"
        copy_project(root)
        numbers = measure(root)
    print_numbers(numbers, json.loads(SAVED.read_text()) if SAVED.exists() else {})
    if asked.save:
        SAVED.write_text(json.dumps(numbers, indent=1) + "\n")


def measure(root: Path) -> dict[str, int]:
    """Build and boot, and return what the guest measured."""
    settings = root / "exotool.toml"
    text = settings.read_text()
    settings.write_text(text.replace('entry = "start64"', 'entry = "start64"\nprofile = "release"', 1))
    run(exotool(root, "link"))
    run(exotool(root, "link", "--image", "bench"))
    kernel, program = root / "build" / "kernel.elf", root / "build" / "bench.elf"
    options = BootOptions(kernel, load_machine("q35"), module=program, nonce=NONCE, qemu_args=ICOUNT)
    started = time.perf_counter()
    guest = subprocess.run(
        qemu_command(options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False, timeout=120
    )
    seconds = time.perf_counter() - started
    output = guest.stdout.decode(errors="replace")
    if f"exotool: ok {NONCE}" not in output:
        sys.exit(f"the guest did not finish:\n{output}")
    numbers = {name: int(count) for name, count in re.findall(r"^bench: (.+) (\d+)\r?$", output, re.MULTILINE)}
    numbers["context switch"] = numbers.pop("yield to another environment and back") // 2
    numbers["image, bytes of text and data"] = loaded_size(kernel)
    numbers["boot to the end of this, ms"] = round(seconds * 1000)
    return numbers


def loaded_size(kernel: Path) -> int:
    """Return how many bytes of a file are loaded."""
    from elftools.elf.elffile import ELFFile

    with kernel.open("rb") as file:
        return sum(segment["p_filesz"] for segment in ELFFile(file).iter_segments("PT_LOAD"))


def print_numbers(numbers: dict[str, int], saved: dict[str, int]) -> None:
    width = max(map(len, numbers))
    out = sys.stdout
    out.write(f"{'':{width}}      count       goal      saved     change\n")
    for name, count in numbers.items():
        goal = f"{GOALS[name]:,}" if name in GOALS else ""
        before = saved.get(name)
        change = f"{(count - before) / before:+.1%}" if before else ""
        out.write(f"{name:{width}} {count:10,} {goal:>10} {before or '':>10} {change:>10}\n".rstrip() + "\n")
    out.write("\npublished by others\n")
    for who, what, source in PUBLISHED:
        out.write(f"  {who}: {what} ({source})\n")


if __name__ == "__main__":
    main()
