"""LLVM's assembler in a child process: an error in it ends the process that it runs in, so that it has one of its own.

Where Keystone is missing it encodes the canonical texts of templates in Keystone's place; they are read back all the
same. llvmlite brings a parser for the machine's own processor only: elsewhere than on x86 this ends in T0202.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from exotool.diagnostics import Diagnostic, ExitCode, ToolError
from exotool.elf import read_object

_PROGRAM: Final = r"""
import sys
try:
    import llvmlite.binding as llvm
except ImportError as error:
    sys.exit(f"llvmlite cannot be loaded: {error}")
llvm.initialize_native_target()
llvm.initialize_native_asmprinter()
llvm.initialize_native_asmparser()
try:
    target = llvm.Target.from_triple(sys.argv[1])
except RuntimeError:
    sys.exit("llvmlite cannot assemble for x86 on this machine: it brings the parser of the machine's processor only")
text = "".join(f"\\{byte:02X}" for byte in sys.stdin.buffer.read())
module = llvm.parse_assembly(f'target triple = "{sys.argv[1]}"\nmodule asm "{text}"\n')
sys.stdout.buffer.write(target.create_target_machine().emit_object(module))
"""
TIME_OUT: Final = 60
MAX_REFUSED: Final = 50
"""LLVM ends at the first instruction that it refuses, and is begun anew without it: so often at most."""

_ERROR: Final = re.compile(r"<inline asm>:(\d+):\d+: error")
_FRAME: Final = bytes.fromhex("28c69f13a7b45ed1")
_EXCHANGE: Final = re.compile(r"(xchg[bwlq]) (%\w+), ?(%\w+)")
_HIGH_SOURCE: Final = re.compile(r"v\w+ (?:\$\w+, ?)?%[xy]mm(?:[89]|1[0-5]), ?%[xy]mm\d+, ?%[xy]mm\d+")
_SEPARATOR: Final = f".quad {hex(int.from_bytes(_FRAME, 'little'))}\n"


def run_llvm(text: bytes, arch: str, folder: Path) -> tuple[bytes | None, str]:
    """Return the object that LLVM makes of a text and what it says; None when it refuses the text.

    Raises `ToolError` A0603 when it does not end, T0202 when it is missing.
    """
    command = [sys.executable, "-c", _PROGRAM, f"{arch}-unknown-linux-gnu"]
    try:
        done = subprocess.run(command, input=text, capture_output=True, check=False, cwd=folder, timeout=TIME_OUT)
    except subprocess.TimeoutExpired:
        raise ToolError(Diagnostic("A0603", f"LLVM's assembler did not end within {TIME_OUT} seconds")) from None
    said = done.stderr.decode(errors="replace").strip()
    if said.startswith("llvmlite cannot"):
        help_ = ("install it with `pip install llvmlite`",) if "loaded" in said.partition(":")[0] else ()
        raise ToolError(Diagnostic("T0202", said, help=help_), exit_code=ExitCode.TOOL_MISSING)
    return (done.stdout if done.returncode == 0 and done.stdout else None), said


def encode_texts(mode: int, texts: Sequence[str]) -> list[bytes | None]:
    """Return the bytes of each canonical instruction, None where LLVM refuses it or would need a relocation."""
    codes: list[bytes | None] = [None] * len(texts)
    numbers = list(range(len(texts)))
    while numbers:
        found, said = _attempt(mode, [texts[number] for number in numbers])
        if found is not None:
            for number, code in zip(numbers, found, strict=True):
                codes[number] = code
            return codes
        # Line 1 is the mode; each instruction and its separator are two lines.
        refused = {(int(line) - 2) // 2 for line in _ERROR.findall(said)} & set(range(len(numbers)))
        if refused:
            if len(texts) - len(numbers) >= MAX_REFUSED:
                raise ToolError(Diagnostic("A0603", f"LLVM's assembler refuses more than {MAX_REFUSED} instructions"))
            numbers = [number for at, number in enumerate(numbers) if at not in refused]
        elif len(numbers) == 1:
            return codes
        else:
            middle = len(numbers) // 2
            for half in (numbers[:middle], numbers[middle:]):
                for number, code in zip(half, encode_texts(mode, [texts[n] for n in half]), strict=True):
                    codes[number] = code
            return codes
    return codes


def _in_llvm(text: str) -> str:
    """Return a canonical text so that LLVM chooses the encoding that Keystone and GNU as choose."""
    exchange = _EXCHANGE.fullmatch(text)
    if exchange:
        return f"{exchange[1]} {exchange[3]}, {exchange[2]}"
    # It exchanges the sources of a commutative instruction when that makes a two-byte VEX prefix do.
    return "{vex3} " + text if _HIGH_SOURCE.fullmatch(text) else text


def _attempt(mode: int, texts: Sequence[str]) -> tuple[list[bytes | None] | None, str]:
    """Return the bytes of all texts, or None and the messages if one is refused."""
    lines = "".join(f"{_in_llvm(text)}\n{_SEPARATOR}" for text in texts)
    made, said = run_llvm(f".code{mode}\n{lines}".encode(), "x86_64" if mode == 64 else "i386", Path())
    if made is None:
        return None, said
    section = next(section for section in read_object(made, "LLVM").sections if section.name == ".text")
    parts = bytes(section.data).split(_FRAME)
    if len(parts) != len(texts) + 1:
        return None, ""
    found: list[bytes | None] = []
    start = 0
    for part in parts[:-1]:
        open_ = any(start <= relocation.r_offset < start + len(part) for relocation in section.relocations)
        found.append(part if part and not open_ else None)
        start += len(part) + len(_FRAME)
    return found, said
