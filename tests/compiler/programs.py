"""Small Kernel Python programs for the tests of the front end."""

from __future__ import annotations

from pathlib import Path

from exotool.compiler.frontend import check_program
from exotool.compiler.tree import Function, Program, Return
from exotool.diagnostics import ToolError

VOCABULARY = """\
from __future__ import annotations
from collections.abc import Callable
from enum import IntEnum
from typing import Final, Generic, NoReturn, TypeAlias, TypeVar
from exotool.lang import Array, Atomic, Bits, Order, Ptr, Ref, Struct, UserPtr, Volatile, addressof, array, bit, bits
from exotool.lang import byteswap, checked_add, copy, count_leading_zeros, export, extern, fence, fprint, i8, i16, i32
from exotool.lang import i64, offsetof, popcount, recursive, rotate_left, sizeof, stored_as, symbol_address, u8, u16
from exotool.lang import u32, u64, wrapping
"""
LINES = VOCABULARY.count("\n")


def write(folder: Path, files: dict[str, str]) -> list[Path]:
    """Write a tree of files; return their paths in order."""
    paths = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        paths.append(path)
    return paths


def check(folder: Path, text: str) -> Program:
    """Check one module that has the whole vocabulary."""
    return check_program(write(folder, {"program.py": VOCABULARY + text}), folder)


def errors(folder: Path, text: str) -> list[str]:
    """Return what is wrong with a module: `code line: message`, lines counted from the text given."""
    try:
        check(folder, text)
    except ToolError as error:
        found = error.diagnostics
        return [f"{d.code} {d.place.line - LINES if d.place else 0}: {d.message}" for d in found]
    return []


def function(program: Program, name: str) -> Function:
    """Return the function of a name."""
    (found,) = [f for f in program.functions if f.name == name]
    return found


def returned(program: Program, name: str = "f") -> object:
    """Return the expression that a function of one statement returns."""
    body = function(program, name).body
    assert body is not None
    assert isinstance(body[-1], Return)
    return body[-1].value
