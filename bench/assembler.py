"""5,000 instructions of kernel assembly: exotool cold, after a change, and unchanged, beside GNU as and LLVM.

    python -m bench.assembler [--rounds N]

Every row is a process of its own, with its start; the exotool rows in one process are without it. GNU as is left out
where it is not installed; LLVM's assembler runs through llvmlite.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from bench.table import milliseconds, print_table
from exotool.asm import Options, assemble, llvm, recipes, templates

REPOSITORY = Path(__file__).parent.parent
FUNCTIONS, LENGTH = 100, 50
_REGISTERS = ["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"]
_FORMS = (
    "movq %{r}, {d}(%rsp)", "movq {d}(%rsp), %{r}", "movq %{r}, %{s}", "leaq {d}(%{r},%{s},8), %{s}",
    "addq ${d}, %{r}", "subq %{r}, %{s}", "cmpq ${d}, {d}(%{r})", "testq %{r}, %{r}", "xorl %eax, %eax",
    "movl ${d}, {d}(%{r})", "pushq %{r}", "popq %{r}", "call helper{n}", "movq table{n}(%rip), %{r}",
    "leaq table{n}(%rip), %{r}", "movq %gs:{d}, %{r}", "lock xaddq %{r}, (%{s})", "shlq $3, %{r}",
    "movzbl {d}(%{r}), %eax", "je .Lend{f}", "jmp .Lend{f}", "rep stosb", "movq %cr3, %{r}", "imulq ${d}, %{r}, %{s}",
    "btsq ${d}, (%{r})", "cmovneq %{r}, %{s}", "andl $0xfff, %ecx", "orq %{r}, table{n}+{d}(%rip)", "rdmsr", "swapgs",
)  # fmt: skip


def function(number: int, seed: int) -> str:
    """Return one function; another seed gives it other instructions."""
    choose = random.Random(seed * 1000 + number)
    lines = [f"f{number}:", ".cfi_startproc"]
    for _ in range(LENGTH - 1):
        form = choose.choice(_FORMS)
        registers = {"r": choose.choice(_REGISTERS), "s": choose.choice(_REGISTERS)}
        number_of = {"d": choose.randrange(0, 2048, 8), "n": choose.randrange(50), "f": number}
        if "bts" in form or "cmpq $" in form:
            number_of["d"] %= 64
        lines.append("        " + form.format(**registers, **number_of))
    return "\n".join([*lines, f".Lend{number}: ret", ".cfi_endproc", f".size f{number}, .-f{number}", ""])


def source(changed: int = -1) -> str:
    """Return the whole text, with one function changed."""
    return "".join(function(number, 1 + (number == changed)) for number in range(FUNCTIONS))


def run(command: list[str], folder: Path, cache: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "EXOTOOL_CACHE": cache}
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")  # as in an installed package
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(command, cwd=folder, env=environment, check=True, stderr=subprocess.DEVNULL)


def forget(folder: Path) -> None:
    """Empty the caches, in memory and on disk."""
    recipes._known.clear()
    templates._cache.clear()
    shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cache = folder / "cache"
        (folder / "a.s").write_text(source())
        (folder / "changed.s").write_text(source(50))
        program = [sys.executable, "-c", "from exotool.__main__ import main_as; main_as()", "-o", "out.o"]

        def prepare() -> None:
            forget(cache)
            run([*program, "a.s"], folder, str(cache))

        rows = [
            ("exotool as, no cache", milliseconds(partial(run, [*program, "a.s"], folder, ""), rounds), ""),
            ("exotool as, cache empty",
             milliseconds(partial(run, [*program, "a.s"], folder, str(cache)), rounds, partial(forget, cache)), ""),
            ("exotool as, one function changed",
             milliseconds(partial(run, [*program, "changed.s"], folder, str(cache)), rounds, prepare), ""),
            ("exotool as, nothing changed",
             milliseconds(partial(run, [*program, "a.s"], folder, str(cache)), rounds), ""),
        ]  # fmt: skip
        if shutil.which("as"):
            rows.append(("GNU as", milliseconds(partial(run, ["as", "-o", "gnu.o", "a.s"], folder, ""), rounds), ""))
        text = (folder / "a.s").read_bytes()
        rows.append(
            ("LLVM (llvmlite)", milliseconds(lambda: llvm.assemble_with_llvm(text, "x86_64", folder), rounds), "")
        )
        print_table(f"{FUNCTIONS * LENGTH} instructions, a process each ({rounds} rounds)", rows)

        def once(data: bytes) -> None:
            assemble(data, Path("a.s"), Options(cache=cache))

        once(text)  # imports
        changed = (folder / "changed.s").read_bytes()

        def known() -> None:
            forget(cache)
            once(text)

        inner = [
            ("cold", milliseconds(partial(once, text), rounds, partial(forget, cache)), ""),
            ("one function changed", milliseconds(partial(once, changed), rounds, known), ""),
        ]
        print_table(f"{FUNCTIONS * LENGTH} instructions in one process ({rounds} rounds)", inner)


if __name__ == "__main__":
    main()
