"""Small programs with proofs, and what the verifier says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.diagnostics import render

pytest.importorskip("z3", reason="the extra `verify` is not installed")

from exotool.verify.run import Options, Outcome, run

WORDS = """\
from enum import IntEnum
from typing import Final, NoReturn, TypeVar
from collections.abc import Callable

from exotool.lang import (
    Array, Atomic, Bits, Order, Ptr, Reason, Ref, Struct, UserPtr, Volatile, addressof, arbitrary, array, assume, bit,
    bits, byteswap, checked_add, checked_mul, checked_sub, copy, count_leading_zeros, count_trailing_zeros, export,
    extern, fence, havoc, i8, i16, i32, i64, model, popcount, proof, provide_memory, recursive, rotate_left, sizeof,
    stored_as, symbol_address, u8, u16, u32, u64, wrapping,
)
"""


def outcomes(folder: Path, text: str, options: Options | None = None) -> dict[str, Outcome]:
    """Verify a program and return what became of each proof."""
    path = folder / "program.py"
    path.write_text(WORDS + text, "utf-8")
    found = run([path], folder, options or Options(seconds=120))
    return {outcome.name.removeprefix("program."): outcome for outcome in found}


def outcome(folder: Path, text: str, options: Options | None = None) -> Outcome:
    """Verify a program with one proof."""
    (found,) = outcomes(folder, text, options).values()
    return found


def said(found: Outcome) -> str:
    """Return what is said of a proof."""
    return "\n".join(render(diagnostic) for diagnostic in found.diagnostics)
