"""GNU-as-compatible x86 assembler: source text -> `ObjectFile`, one pass per module in the order of the work.

source -> preprocess (`.S` only) -> statements -> directives and macros -> operands -> rewrite -> encode (Keystone,
own tables; read back with Capstone) -> layout -> emit. May import `elf`, `diagnostics` and `files`. Everything heavy
is imported when `assemble` is called, so that importing this package costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from exotool.asm.recipes import NO_STATS, Stats
from exotool.diagnostics import Diagnostic
from exotool.elf import ObjectFile

__all__ = ["Assembly", "Options", "assemble"]


@dataclass(frozen=True, slots=True)
class Options:
    """What shapes an assembly besides the source.

    `include` holds the folders for `#include`, `.include` and `.incbin`, searched after the folder of the file that
    asks; `define` are preprocessor macros (name, text), and `prelude` is what the preprocessor reads first. Paths in
    messages and in debug information are relative to `root` (the current folder if None) when below it, else the bare
    file name. `debug` adds DWARF line information, unless the source has `.loc` of its own, whose line table then has
    at least version `dwarf` (3 to 5).

    `preprocess` says whether the source goes through the C preprocessor (None: if its suffix is `.S`). `defsym` are
    symbols that are numbers. `stack` adds `.note.GNU-stack` (True: an executable stack). `keep_locals` puts `.L`
    symbols into the symbol table; `relax_relocations` marks GOT loads that a linker may relax. `intel` and
    `naked_registers` are the syntax at the start of the source. `cache` is a folder for encodings that later runs may
    use; the bytes are the same with and without it.
    """

    arch: Literal["x86_64", "i386"] = "x86_64"
    include: tuple[Path, ...] = ()
    define: tuple[tuple[str, str], ...] = ()
    prelude: tuple[Path, ...] = ()
    debug: bool = False
    root: Path | None = None
    preprocess: bool | None = None
    defsym: tuple[tuple[str, int], ...] = ()
    stack: bool | None = None
    keep_locals: bool = False
    relax_relocations: bool = True
    intel: bool = False
    naked_registers: bool = False
    dwarf: int = 3
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class Assembly:
    """The result: the object, the warnings, every file that was read besides the source, `.print` texts, and counts."""

    object: ObjectFile
    warnings: tuple[Diagnostic, ...]
    dependencies: tuple[Path, ...]
    messages: tuple[str, ...] = ()
    stats: Stats = NO_STATS


def assemble(source: bytes, path: Path, options: Options | None = None) -> Assembly:
    """Assemble a source; `path` names it, and its suffix decides: `.S` is preprocessed, all else is not.

    Raises `ToolError` with all errors found: A01xx source and preprocessor, A02xx statements, directives and macros,
    A03xx expressions and symbols, A04xx instructions, A05xx layout and relocation.
    """
    from exotool.asm.assembler import Assembler

    return Assembler(source, path, options or Options()).run()
