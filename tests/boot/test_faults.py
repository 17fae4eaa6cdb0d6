"""Every deliberate failure ends in the outcome that its name promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.launch import Outcome
from tests.boot.exov6 import CHECKS, KERNEL, boot_kernel


def functions(outcome: Outcome) -> list[str]:
    """Return the functions of the backtrace that the guest printed, innermost first."""
    return [frame.split()[2].partition("+")[0] for frame in outcome.backtrace]


def test_panic(exov6: Path) -> None:
    outcome, lines = boot_kernel(exov6, append="exov6.fault=panic")
    assert outcome.kind == "panic", outcome.render()
    assert outcome.exit_value == 0x12
    assert "panic: exov6.fault=panic" in lines
    assert functions(outcome) == [
        "fault_panic_inner",
        "fault_panic_middle",
        "fault_panic",
        "deliberate_fault",
        "kmain",
        "start64",
    ]


def test_failed_check_of_the_compiler(exov6: Path) -> None:
    """It says the file and line, what was wrong, and who called."""
    outcome, lines = boot_kernel(exov6, append="exov6.fault=bounds")
    assert outcome.kind == "panic", outcome.render()
    line = (KERNEL / "kfault.py").read_text().split("table[", maxsplit=1)[0].count("\n") + 1
    assert lines[1].startswith(f"panic: kernel/kfault.py:{line}:5: index out of bounds: ")
    assert lines[1].endswith(", limit 8")
    assert functions(outcome) == ["fault_bounds", "deliberate_fault", "kmain", "start64"]


def test_invalid_opcode(exov6: Path) -> None:
    outcome, lines = boot_kernel(exov6, append="exov6.fault=ud")
    assert outcome.kind == "panic", outcome.render()
    assert lines[1].startswith("panic: #UD invalid opcode, error code 0x0000000000000000, CR2 ")
    assert lines[2].startswith("  rip    0xffffffff801")
    assert "  cs     0x0000000000000008" in lines[2]
    assert functions(outcome) == ["fault_ud", "deliberate_fault", "kmain", "start64"]


def test_double_fault(exov6: Path) -> None:
    outcome, lines = boot_kernel(exov6, append="exov6.fault=df")
    assert outcome.kind == "panic", outcome.render()
    assert lines[1] == "panic: #DF double fault, error code 0x0000000000000000, CR2 0x0000000000000ff8"
    assert functions(outcome)[:2] == ["fault_df", "deliberate_fault"]


def test_stack_overflow(exov6: Path) -> None:
    """The guard page turns it into a double fault, which has a stack of its own to report from."""
    outcome, lines = boot_kernel(exov6, append="exov6.fault=stack-overflow")
    assert outcome.kind == "panic", outcome.render()
    assert lines[1].startswith("panic: #DF double fault, ")
    assert lines[1].endswith(", overflow into the guard page of the kernel stack")
    assert functions(outcome) == ["fault_stack_overflow"] * 32


def test_triple_fault(exov6: Path) -> None:
    """The IDT is empty: the #UD becomes a #GP about it (bit 1 of the error code), and that has no gate either.

    QEMU 10 logs the #UD too, 7.2 begins with the #GP.
    """
    outcome, _ = boot_kernel(exov6, append="exov6.fault=triple")
    assert outcome.kind == "triple_fault", outcome.render()
    first = next(record for record in outcome.exceptions if record.raised == 13)
    assert outcome.exceptions.index(first) <= 1
    assert first.error_code is not None
    assert first.error_code & 2
    assert outcome.exception_spots[0].where.startswith("fault_triple")


def test_reset(exov6: Path) -> None:
    outcome, _ = boot_kernel(exov6, append="exov6.fault=reset")
    assert outcome.kind == "reset", outcome.render()


def test_hang(exov6: Path) -> None:
    outcome, _ = boot_kernel(exov6, append="exov6.fault=hang")
    assert outcome.kind == "hang", outcome.render()
    assert outcome.spots[0].where.startswith("fault_hang")


def test_spin(exov6: Path) -> None:
    outcome, _ = boot_kernel(exov6, append="exov6.fault=spin", timeout=1.0)
    assert outcome.kind == "time_out", outcome.render()
    assert all(spot.where.startswith("fault_spin") for spot in outcome.spots)


def test_failed(exov6: Path) -> None:
    outcome, lines = boot_kernel(exov6, append="exov6.fault=fail")
    assert outcome.kind == "tests_failed", outcome.render()
    assert lines[-1] == "FAIL: exov6.fault=fail"


@pytest.mark.parametrize("name", ["", "panics", "pani", "unheard-of"])
def test_an_unknown_fault_is_a_failure(exov6: Path, name: str) -> None:
    outcome, lines = boot_kernel(exov6, append=f"exov6.fault={name}")
    assert outcome.kind == "tests_failed", outcome.render()
    assert lines[-1] == "FAIL: unknown exov6.fault"


@pytest.mark.parametrize("check", [pytest.param(c, marks=pytest.mark.slow) if c == "timer" else c for c in CHECKS])
def test_each_check_can_fail(exov6: Path, check: str) -> None:
    outcome, lines = boot_kernel(exov6, append=f"exov6.fail={check}")
    assert outcome.kind == "tests_failed", outcome.render()
    assert outcome.exit_value == 0x11
    assert lines[-1].startswith(f"FAIL: {check}: ")
    assert not any(line.startswith("exotool: ok") for line in lines)
