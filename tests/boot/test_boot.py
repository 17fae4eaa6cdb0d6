"""ExoV6 boots on every machine, says what it proved, and stops with the reason where it cannot run."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from exotool.launch import load_machine
from tests.boot.exov6 import CHECKS, REPOSITORY, boot_kernel

MACHINES = ("q35", "pc", "microvm")


def proved(lines: list[str]) -> tuple[str, ...]:
    """Return the names of the checks that the kernel reported, in order, and the lines around them removed."""
    assert lines[0].startswith("ExoV6 x86_64, started by PVH: ")
    return tuple(line.partition(":")[0] for line in lines[1:-1])


@pytest.mark.parametrize("machine", MACHINES)
def test_all_checks_pass(exov6: Path, machine: str) -> None:
    outcome, lines = boot_kernel(exov6, machine, nonce="c0ffee")
    assert outcome.kind == "success", outcome.render()
    assert proved(lines) == CHECKS
    assert lines[-1] == "exotool: ok c0ffee"


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("bios", ["qboot.rom", ""], ids=["qboot", "seabios"])
@pytest.mark.parametrize("cpu", ["max", "qemu64", "EPYC", "Skylake-Client", "qemu64,-pge"])
@pytest.mark.parametrize(("smp", "memory"), [(1, 64 << 20), (4, 6 << 30)], ids=["small", "large"])
def test_machines_firmwares_and_cpus(exov6: Path, machine: str, bios: str, cpu: str, smp: int, memory: int) -> None:
    profile = dataclasses.replace(load_machine(machine, [REPOSITORY / "qemu"]), bios=bios)
    outcome, lines = boot_kernel(exov6, profile, cpu=cpu, smp=smp, memory=memory)
    assert outcome.kind == "success", outcome.render()
    assert proved(lines) == CHECKS


def test_the_banner_counts_the_memory(exov6: Path) -> None:
    """The sum of the map's RAM; the first MiB is never all RAM."""
    for mebibytes in (64, 512):
        _, lines = boot_kernel(exov6, memory=mebibytes << 20)
        counted = int(lines[0].split(": ")[1].removesuffix(" MiB RAM"))
        assert mebibytes - 2 <= counted <= mebibytes


def test_with_instructions_counted_instead_of_time(exov6: Path) -> None:
    """The timer and the bounded waits must do with QEMU's counted time as well."""
    outcome, _ = boot_kernel(exov6, qemu_args=("-icount", "shift=0,sleep=off"))
    assert outcome.kind == "success", outcome.render()


@pytest.mark.parametrize(
    ("cpu", "lacks"),
    [
        ("486", "LM (64-bit long mode)"),
        ("qemu32", "LM (64-bit long mode)"),
        ("qemu64,-lm", "LM (64-bit long mode)"),
        ("qemu64,-pae", "PAE (physical address extension)"),
        ("qemu64,-msr", "MSR (model-specific registers)"),
        ("qemu64,-tsc", "TSC (time-stamp counter)"),
        ("qemu64,-apic", "APIC (local interrupt controller)"),
        ("qemu64,-syscall", "SYSCALL"),
    ],
)
def test_a_cpu_that_lacks_something_is_told_so(exov6: Path, cpu: str, lacks: str) -> None:
    outcome, lines = boot_kernel(exov6, cpu=cpu)
    assert outcome.kind == "panic", outcome.render()
    assert lines[0] == f"panic: this CPU lacks {lacks}"


def test_without_a_nonce_there_is_no_success(exov6: Path) -> None:
    outcome, lines = boot_kernel(exov6, qemu_args=("-append", "quiet"))
    assert outcome.kind == "failed", outcome.render()
    assert outcome.exit_value == 0x10
    assert lines[-1] == "all went well; no exotool.nonce on the command line to report it with"


def test_words_of_the_command_line_are_taken_whole(exov6: Path) -> None:
    """Neither a longer name nor a name inside a value is the parameter; the first of several counts."""
    words = "xexotool.nonce=1 exotool.nonces=2 a=exotool.nonce=3  exotool.nonce=4 exotool.nonce=5"
    _, lines = boot_kernel(exov6, qemu_args=("-append", words))
    assert lines[-1] == "exotool: ok 4"


def test_a_command_line_that_does_not_fit_is_cut(exov6: Path) -> None:
    outcome, lines = boot_kernel(exov6, append="x" * 6000 + " exov6.fault=panic")
    assert outcome.kind == "success", outcome.render()
    assert "the command line is longer than 4095 bytes; the rest is ignored" in lines


def test_without_a_uart_the_kernel_runs_to_its_end(exov6: Path) -> None:
    """Nothing is printed, no wait for the UART hangs, and the exit value alone is no success."""
    profile = load_machine("microvm", [REPOSITORY / "qemu"])
    assert "isa-serial=on" in profile.machine
    profile = dataclasses.replace(profile, machine=profile.machine.replace("isa-serial=on", "isa-serial=off"))
    outcome, lines = boot_kernel(exov6, profile)
    assert (outcome.kind, outcome.exit_value, lines) == ("failed", 0x10, [])
