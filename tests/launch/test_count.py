"""Exact instruction counts between two places of a guest."""

from __future__ import annotations

import shutil

import pytest

from exotool.diagnostics import ToolError
from exotool.launch import BootOptions, load_machine
from exotool.launch.count import Count, count_instructions
from exotool.launch.qemu import PROGRAM
from tests.launch.conftest import Kernel

pytestmark = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"needs {PROGRAM}")


def count(kernel: Kernel, name: str, text: str) -> Count:
    return count_instructions(BootOptions(kernel(name), load_machine("q35"), timeout=30.0), text)


@pytest.mark.parametrize(
    ("name", "text", "instructions"),
    [
        ("long", "_start..main", 2),  # movl, call
        ("long", "main..again", 1),
        ("long", "again..again", 11),  # movb, call, the seven of putc, decl, jnz
        ("long", "_start..0x100005", 1),
        ("halt", "_start+0x5..main", 1),
        ("triple_fault", "higher_half..poke", 4),  # in the higher half, behind the switch to long mode
    ],
)
def test_counts_that_can_be_read_off_the_source(kernel: Kernel, name: str, text: str, instructions: int) -> None:
    assert count(kernel, name, text).instructions == instructions


def test_from_the_reset_and_twice_the_same(kernel: Kernel) -> None:
    """The firmware's instructions, which no source here tells, and the loop of 512 rounds with 5 instructions each."""
    first, second = count(kernel, "triple_fault", "reset.._start"), count(kernel, "triple_fault", "reset.._start")
    assert first == second
    assert first.instructions > 1000
    whole = count(kernel, "triple_fault", "map..poke")
    assert whole.before == count(kernel, "triple_fault", "reset..map").instructions
    assert whole.instructions == 512 * 5 + 20 + 4


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("main", "P0208", "`main` is not a range of the guest's code"),
        ("main..1x", "P0208", "`1x` is not a place of the guest's code"),
        ("main..putz", "R0219", "the image has no symbol `putz`"),
        ("puts_ok..main", "R0220", "the guest ended before it came to `main`"),
    ],
)
def test_what_cannot_be_counted(kernel: Kernel, text: str, code: str, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        count(kernel, "success", text)
    assert (caught.value.diagnostics[0].code, caught.value.diagnostics[0].message) == (code, message)


def test_a_place_that_is_never_reached(kernel: Kernel) -> None:
    options = BootOptions(kernel("spin"), load_machine("q35"), timeout=1.0)
    with pytest.raises(ToolError, match=r"the guest did not come to `stop` within 1 s"):
        count_instructions(options, "main64..stop")
