"""Proofs with random values under CPython, which needs no z3: they find what z3 finds, if they are lucky."""

from __future__ import annotations

import importlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exotool.lang.loader import install, uninstall
from exotool.lang.traps import Trap
from exotool.verify.sampling import sample

from ..conftest import REPOSITORY

TEXT = """
from enum import IntEnum
from exotool.lang import Array, Reason, Struct, arbitrary, array, assume, extern, havoc, model, proof, u8, u16, u32, u64

class Kind(IntEnum):
    NOTHING = 0
    FRAME = 3

class Cap(Struct):
    base: u64
    kind: Kind
    live: bool

table: Array[Cap] = array(64)

@extern
def number() -> u8:
    return 4

@model("number")
def any_number() -> u8:
    return arbitrary(u8)

@proof
def holds(a: u32, kind: Kind, live: bool, cap: Cap) -> None:
    havoc(table)
    assume(a < 64)
    assert table[a].kind == Kind.FRAME or table[a].kind == Kind.NOTHING
    assert (cap.live and live) == (live and cap.live)
    assert kind == Kind.FRAME or kind == Kind.NOTHING

@proof
def wrong(a: u16, b: u16) -> None:
    assume(a < b)
    assert b - a < 1000

@proof
def model_is_used() -> None:
    assert number() == 4

@proof(traps=Reason.DIVISION)
def expected(a: u32) -> None:
    a // (a - a)
"""


@pytest.fixture
def program(tmp_path: Path) -> Iterator[ModuleType]:
    (tmp_path / "sampled.py").write_text(TEXT, "utf-8")
    finder = install(tmp_path, ["sampled"])
    yield importlib.import_module("sampled")
    uninstall(finder)


def runs(proof: object, count: int) -> int:
    chooser = random.Random(1)
    return sum(sample(proof, chooser) for _ in range(count))  # type: ignore[arg-type]


def test_what_holds_holds(program: ModuleType) -> None:
    assert 20 < runs(program.holds, 100) < 100
    assert runs(program.expected, 20) == 20


def test_what_does_not_hold_is_found(program: ModuleType) -> None:
    with pytest.raises(Trap, match="ASSERTION"):
        runs(program.wrong, 500)


def test_models_stand_for_externs(program: ModuleType) -> None:
    with pytest.raises(Trap, match="ASSERTION"):
        runs(program.model_is_used, 50)
    assert program.number() == 4


KERNEL = {
    "caps": [
        *("order_is_reflexive", "order_is_transitive", "order_is_antisymmetric", "less_allows_less", "a_use_is_within"),
        *("an_id_is_not_negative", "only_the_present_generation_validates", "drop_ends_one_and_keeps_the_tree"),
        "revoke_takes_all_and_only_what_is_below",
    ],
    "kalloc": ["mask_has_just_the_bits_asked_for", "next_in_word_finds_the_first"],
    "paging": ["no_page_is_writable_and_executable", "protect_changes_rights_only", "user_pages_are_below_the_kernel"],
}


@pytest.fixture
def kernel() -> Iterator[None]:
    finder = install(REPOSITORY, ["kernel"])
    before = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "kernel"}
    yield
    uninstall(finder)
    sys.modules.update(before)


@pytest.mark.parametrize("name", [f"{file}.{name}" for file, names in KERNEL.items() for name in names])
@pytest.mark.usefixtures("kernel")
def test_proofs_of_the_kernel_hold_for_random_values(name: str) -> None:
    file, _, proof = name.partition(".")
    function = getattr(importlib.import_module(f"kernel.proofs.{file}"), proof)

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(st.randoms())
    def check(chooser: random.Random) -> None:
        sample(function, chooser)

    check()
