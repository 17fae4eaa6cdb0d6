"""The suite is worth something only if it sees a compiler that is wrong: each of these is, on purpose, in one place."""

from __future__ import annotations

import dataclasses
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exotool.compiler import lower_arithmetic
from exotool.compiler.lower_arithmetic import Arithmetic
from exotool.compiler.lower_expressions import Expressions
from exotool.compiler.lower_types import value_type
from exotool.compiler.tree import Binary, BinaryOperator, Comparison
from exotool.compiler.types import IntType

from . import integers
from .harness import TRAPPING, WRAPPING, disagreements
from .programs import Writer

Break = Callable[[pytest.MonkeyPatch], None]


def signed_compare(patch: pytest.MonkeyPatch) -> None:
    """Compare unsigned numbers as signed ones."""
    right = Arithmetic.compare

    def compare(self: Any, operator: Comparison, kind: Any, left: str, right_: str) -> str:
        wrong = dataclasses.replace(kind, signed=True) if isinstance(kind, IntType) else kind
        return right(self, operator, wrong, left, right_)

    patch.setattr(Arithmetic, "compare", compare)


def truncating_division(patch: pytest.MonkeyPatch) -> None:
    """Round quotients to zero, as C does."""
    right = Arithmetic._divide

    def divide(self: Any, operator: Any, kind: IntType, left: str, right_: str, span: Any) -> str:
        if not kind.signed:
            return right(self, operator, kind, left, right_, span)
        # What the processor itself faults at is not what is to be seen here: 0 and -1 divide as 1 does.
        above = self.value(f"add i{kind.bits} {right_}, 1")
        faults = self.value(f"icmp ult i{kind.bits} {above}, 2")
        divisor = self.value(f"select i1 {faults}, i{kind.bits} 1, i{kind.bits} {right_}")
        name = "sdiv" if operator is BinaryOperator.FLOOR_DIVIDE else "srem"
        return str(self.value(f"{name} i{kind.bits} {left}, {divisor}"))

    patch.setattr(Arithmetic, "_divide", divide)


def no_sign_extension(patch: pytest.MonkeyPatch) -> None:
    """Widen signed numbers with zeros."""
    right = Arithmetic.resize

    def resize(self: Any, operand: str, source: IntType, target: IntType) -> str:
        wrong = dataclasses.replace(source, signed=False) if target.bits > source.bits else source
        return right(self, operand, wrong, target)

    patch.setattr(Arithmetic, "resize", resize)


def logical_shift(patch: pytest.MonkeyPatch) -> None:
    """Shift zeros into signed numbers."""
    right = Arithmetic._shift

    def shift(self: Any, operator: Any, kind: IntType, *rest: Any) -> str:
        return right(self, operator, dataclasses.replace(kind, signed=False), *rest)

    patch.setattr(Arithmetic, "_shift", shift)


def no_overflow_check(patch: pytest.MonkeyPatch) -> None:
    """Let arithmetic wrap where it should trap."""
    patch.setattr(Arithmetic, "checks_overflow", False)


def swapped_predicates(patch: pytest.MonkeyPatch) -> None:
    """Take `<=` for `<`."""
    wrong = {**lower_arithmetic._PREDICATES, Comparison.LESS: "le"}
    patch.setattr(lower_arithmetic, "_PREDICATES", wrong)


def swapped_order(patch: pytest.MonkeyPatch) -> None:
    """Evaluate the right operand of an operator before the left one."""

    def binary(self: Any, node: Binary) -> str:
        (second,), (first,) = self.expression(node.right), self.expression(node.left)
        return str(self.binary(node.operator, node.type, first, second, value_type(node.right), node.span))

    patch.setattr(Expressions, "_binary", binary)


BROKEN: dict[str, tuple[Break, str]] = {
    "signed_compare": (signed_compare, "u32"),
    "truncating_division": (truncating_division, "i16"),
    "no_sign_extension": (no_sign_extension, "i8"),
    "logical_shift": (logical_shift, "i64"),
    "no_overflow_check": (no_overflow_check, "u16"),
    "swapped_predicates": (swapped_predicates, "control"),
    "swapped_order": (swapped_order, "control"),
}


def program(name: str, directory: Path) -> Path:
    """Return a feature's program in a directory of its own."""
    path = directory / f"kp_{name}.py"
    if name in integers.TYPES:
        path.write_text(integers.source(name), "utf-8")
    else:
        shutil.copy(Path(__file__).parent / "features" / f"{name}.py", path)
    return path


@pytest.mark.parametrize("name", BROKEN)
def test_a_feature_catches_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil, feature = BROKEN[name]
    path = program(feature, tmp_path)
    spoil(monkeypatch)
    assert disagreements(path, TRAPPING[:2])


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_random_programs_catch_it(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within the first forty programs."""
    BROKEN[name][0](monkeypatch)
    lives = TRAPPING[:2] if name in ("no_overflow_check", "swapped_order") else WRAPPING[:2]
    for seed in range(40):
        path = tmp_path / f"kp_random{seed}.py"
        path.write_text(Writer(random.Random(seed).randrange).program(), "utf-8")
        if disagreements(path, lives):
            return
    pytest.fail("no program saw it")
