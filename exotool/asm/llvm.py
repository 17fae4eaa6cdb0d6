"""LLVM's assembler as a second opinion: the same text through llvmlite, section by section against ours.

It runs in a child process: an error in it ends the process that it runs in. llvmlite brings a parser for the machine's
own processor only: elsewhere than on x86 this ends in T0202.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

from exotool.asm import Assembly, Options
from exotool.asm.assembler import Assembler
from exotool.asm.source import place_of
from exotool.diagnostics import Diagnostic, ExitCode, Place, ToolError
from exotool.elf import ObjectFile, Section, read_object
from exotool.elf.constants import SHF_ALLOC

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


def assemble_with_llvm(text: bytes, arch: str, folder: Path) -> bytes:
    """Return the object that LLVM makes of a text; `ToolError` A0603 when it refuses it, T0202 when it is missing."""
    made, said = run_llvm(text, arch, folder)
    if made is None:
        first = next((line for line in said.splitlines() if "error" in line), said[:200] or "it ended without a word")
        raise ToolError(Diagnostic("A0603", f"LLVM's assembler refuses the source: {first.strip()}"))
    return made


def check(source: bytes, path: Path, options: Options) -> Assembly:
    """Assemble a source twice; return our assembly, or raise `ToolError` A0603 where LLVM's bytes are others."""
    assembler = Assembler(source, path, options)
    assembly = assembler.run()
    lines = Assembler(source, path, options)
    text = "\n".join(line.text for line in lines.files.lines(lines.file, lines.collector)) + "\n"
    made = assemble_with_llvm(text.encode(errors="surrogateescape"), options.arch, path.parent)
    theirs = read_object(made, "LLVM")
    differences = _differences(assembler, assembly.object, theirs)
    if differences:
        raise ToolError(*assembly.warnings, *differences)
    return assembly


def _contents(obj: ObjectFile) -> dict[str, Section]:
    return {section.name: section for section in obj.sections if section.sh_flags & SHF_ALLOC and section.sh_size}


def _differences(assembler: Assembler, ours: ObjectFile, theirs: ObjectFile) -> list[Diagnostic]:
    found = []
    first, second = _contents(ours), _contents(theirs)
    for name in sorted(first.keys() ^ second.keys()):
        who = "exotool" if name in first else "LLVM"
        found.append(Diagnostic("A0603", f"only {who} makes a section `{name}`"))
    for name in sorted(first.keys() & second.keys()):
        one, two = bytes(first[name].data), bytes(second[name].data)
        if name == ".eh_frame":
            continue  # padded and ordered otherwise, with the same meaning
        if one != two:
            found.append(_difference(assembler, name, one, two))
    return found


def _difference(assembler: Assembler, name: str, one: bytes, two: bytes) -> Diagnostic:
    """Return what is said about the first byte that differs in a section."""
    at = next((i for i, pair in enumerate(zip(one, two, strict=False)) if pair[0] != pair[1]), min(len(one), len(two)))
    place: Place | None = None
    start, end = at, at + 8
    for chunk in assembler.sections[name].ordered():
        for item in chunk.items:
            if item.offset <= at < item.offset + item.size:
                place = place_of(item.where.origin.outermost, item.where.text, item.where.column)
                start, end = item.offset, item.offset + item.size
    label = f"exotool makes {one[start:end].hex(' ') or 'nothing'}, LLVM {two[start:end].hex(' ') or 'nothing'}"
    message = f"LLVM's assembler makes other bytes at {name}+{at:#x}"
    help_ = "both may be right: assemblers choose between encodings of one meaning"
    return Diagnostic("A0603", message, place, label, help=(help_,))
