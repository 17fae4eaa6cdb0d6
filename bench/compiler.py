"""The compiler of Kernel Python beside C compilers: how long it takes, how large and how fast what it makes is.

    python -m bench.compiler [--rounds N]

Each kernel of bench/kernels stands there in both languages, with the same interface. Sizes are of `.text` for the
freestanding kernel; run times are of the same functions in this process: Kernel Python in native mode, bounds checks
on, C as a shared object. `release` is optimised for size, `@hot` is the same with every function marked so. All code is
for x86-64 without vector registers.
"""

from __future__ import annotations

import argparse
import ctypes
import io
import math
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from elftools.elf.elffile import ELFFile

from bench.table import milliseconds, print_table
from exotool.compiler.backend import compile_module, load_llvm
from exotool.compiler.emit import lower_units
from exotool.compiler.frontend import check_program
from exotool.compiler.lower_options import X86_64_KERNEL, options_for
from exotool.compiler.native import load_native
from exotool.compiler.tree import Program

KERNELS = Path(__file__).parent / "kernels"
ROUNDS = {"pages": 3_000_000, "ring": 300_000, "walk": 2_000_000, "caps": 500_000, "number": 100_000, "crc": 1_500}
ROUNDS["radix"] = 5_000_000
PREPARED = 20_000

C_FLAGS = ["-std=c11", "-ffreestanding", "-mgeneral-regs-only", "-fno-stack-protector", "-fcf-protection=none"]
C_FLAGS += ["-fno-asynchronous-unwind-tables", "-fno-omit-frame-pointer", "-momit-leaf-frame-pointer"]
KERNEL_FLAGS = ["-mcmodel=kernel", "-mno-red-zone", "-fno-pic"]
COMPILERS = [(c, level) for c in ("gcc", "clang") if shutil.which(c) for level in ("-O2", "-Os")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    load_llvm()
    with tempfile.TemporaryDirectory() as scratch:
        compile_times(Path(scratch), rounds)
        sizes(Path(scratch))
        run_times(Path(scratch), rounds)


def checked(name: str, *, hot: bool = False) -> Program:
    program = check_program([KERNELS / f"{name}.py"], KERNELS)
    for function in program.functions:
        function.hot |= hot
    return program


# --- Compile time ----------------------------------------------------------------------------------------------------


def compile_times(scratch: Path, rounds: int) -> None:
    root = scratch / "project"
    lines = write_project(root)
    files = sorted(root.glob("*.py"))
    per = 1000 / lines
    rows = []
    for profile in ("dev", "release"):
        command = [sys.executable, "-m", "exotool", "-C", str(root), "compile", *(f.name for f in files)]
        command += ["-o", "out.o", "--profile", profile]
        cold = milliseconds(lambda command=command: subprocess.run(command, check=True), rounds)  # type: ignore[misc]
        rows.append((f"exotool compile, {profile}, a new process", [t * per for t in cold], ""))
    program = check_program(files, root)
    rows.append(("check", [t * per for t in milliseconds(lambda: check_program(files, root), rounds)], ""))
    for profile in ("dev", "release"):
        options = options_for(profile)  # type: ignore[arg-type]
        times = milliseconds(lambda options=options: lower_units(program, options), rounds)  # type: ignore[misc]
        rows.append((f"lower, {profile}", [t * per for t in times], ""))
        units = lower_units(program, options).units

        def compile_all(units: object = units, options: object = options) -> None:
            for unit in units:  # type: ignore[attr-defined]
                compile_module(unit.text, options, X86_64_KERNEL)  # type: ignore[arg-type]

        rows.append((f"LLVM, {profile}, one process", [t * per for t in milliseconds(compile_all, rounds)], ""))
    print_table(f"compile time for 1,000 lines, from a program of {lines:,} lines", rows)
    one = root / "changed.py"
    one.write_text("".join((root / f"{name}_0.py").read_text() for name in ("pages", "radix", "caps", "number")))
    one.write_text(re.sub(r"(?<=[a-z])_(?=(?:init|run|alloc|free|set|get|check|format)\b)", "_x_", one.read_text()))
    count = len(one.read_text().splitlines())
    dev = replace(options_for("dev"))

    def change() -> None:
        (unit,) = lower_units(check_program([one], root), dev).units
        compile_module(unit.text, dev, X86_64_KERNEL)

    title = f"dev compile of one changed file of {count} lines, after import"
    print_table(title, [("", milliseconds(change, rounds), "")])


def write_project(root: Path) -> int:
    """Write every kernel several times, each time with exports of its own; return the number of lines."""
    root.mkdir()
    lines = 0
    for copy in range(5):
        for name in ROUNDS:
            text = (KERNELS / f"{name}.py").read_text()
            text = re.sub(rf"\b({name}_\w+|walk)\b(?=\()", rf"\1_{copy}", text)
            (root / f"{name}_{copy}.py").write_text(text)
            lines += len(text.splitlines())
    return lines


# --- Size ------------------------------------------------------------------------------------------------------------


def sizes(scratch: Path) -> None:
    columns = ["release", "@hot", *(f"{c} {level}" for c, level in COMPILERS)]
    table = {}
    for name in ROUNDS:
        row = []
        for hot in (False, True):
            (unit,) = lower_units(checked(name, hot=hot), options_for("release")).units
            row.append(text_size(compile_module(unit.text, options_for("release"), X86_64_KERNEL)))
        for compiler, level in COMPILERS:
            output = scratch / f"{name}.o"
            source = str(KERNELS / f"{name}.c")
            subprocess.run([compiler, level, *C_FLAGS, *KERNEL_FLAGS, "-c", source, "-o", str(output)], check=True)
            row.append(text_size(output.read_bytes()))
        table[name] = [float(value) for value in row]
    print_matrix("size of .text in bytes", columns, table, 0)


def text_size(data: bytes) -> int:
    elf = ELFFile(io.BytesIO(data))
    return sum(s["sh_size"] for s in elf.iter_sections() if s["sh_flags"] & 4)


# --- Run time --------------------------------------------------------------------------------------------------------


def run_times(scratch: Path, rounds: int) -> None:
    columns = ["release", "@hot", *(f"{c} {level}" for c, level in COMPILERS)]
    table = {}
    for name, count in ROUNDS.items():
        runs: list[Callable[[int], int]] = []
        for hot in (False, True):
            native = load_native(checked(name, hot=hot), "release")
            native.function(f"{name}_init")(PREPARED)
            runs.append(native.function(f"{name}_run"))
        for compiler, level in COMPILERS:
            output = scratch / f"{name}{compiler}{level}.so"
            source = str(KERNELS / f"{name}.c")
            command = [compiler, level, *C_FLAGS, "-shared", "-fPIC", "-fno-semantic-interposition", "-Wl,-Bsymbolic"]
            subprocess.run([*command, source, "-o", str(output)], check=True)
            library = ctypes.CDLL(str(output))
            getattr(library, f"{name}_init")(ctypes.c_uint64(PREPARED))
            function = getattr(library, f"{name}_run")
            function.restype, function.argtypes = ctypes.c_uint64, [ctypes.c_uint64]
            runs.append(function)
        results = {run(1000) for run in runs}
        assert len(results) == 1, (name, results)
        best = [math.inf] * len(runs)
        for _ in range(rounds):
            for index, run in enumerate(runs):
                start = time.perf_counter()
                run(count)
                best[index] = min(best[index], (time.perf_counter() - start) * 1000)
        table[name] = best
    print_matrix("run time in ms, the best of some rounds", columns, table, 2)


def print_matrix(title: str, columns: list[str], table: dict[str, list[float]], digits: int) -> None:
    out = sys.stdout
    out.write(f"\n{title}\n  {'':10}" + "".join(f"{column:>12}" for column in columns) + "\n")
    for name, row in table.items():
        out.write(f"  {name:10}" + "".join(f"{value:12.{digits}f}" for value in row) + "\n")
    smallest = [min(row[2:], default=math.nan) for row in table.values()]
    means = []
    for index in range(len(columns)):
        ratios = [row[index] / least for row, least in zip(table.values(), smallest, strict=True)]
        means.append(math.exp(sum(map(math.log, ratios)) / len(ratios)))
    out.write(f"  {'to best C':10}" + "".join(f"{mean:12.3f}" for mean in means) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
