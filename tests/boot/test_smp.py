"""CPUs beyond the first: started on every machine, asked and answered, and stopped by a panic on any of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exotool.launch import Outcome
from tests.boot.exov6 import CHECKS, boot_kernel, build

GIB = 1 << 30
FEATURES = ("nx", "smep", "smap", "umip", "pcid", "fsgsbase", "x2apic", "pdpe1gb", "pge", "mce")


def frames_by_cpu(outcome: Outcome, lines: list[str]) -> dict[str, int]:
    """Return how many frames were printed for each CPU that was stopped."""
    found: dict[str, int] = {}
    cpu = ""
    for line in lines:
        if line.startswith("cpu ") and line.endswith(" was at"):
            cpu = line.split()[1]
            found[cpu] = 0
        elif cpu and line.startswith("  #"):
            found[cpu] += 1
    return found


@pytest.mark.parametrize("machine", ["q35", "pc", "microvm"])
@pytest.mark.parametrize("smp", [2, pytest.param(4, marks=pytest.mark.slow), 8])
def test_all_cpus_start(exov6: Path, machine: str, smp: int) -> None:
    outcome, lines = boot_kernel(exov6, machine, smp=smp)
    assert outcome.kind == "success", outcome.render()
    assert tuple(line.partition(":")[0] for line in lines[1:-1]) == CHECKS


def test_more_cpus_than_the_kernel_has_room_for(exov6: Path) -> None:
    outcome, lines = boot_kernel(exov6, smp=10)
    assert outcome.kind == "success", outcome.render()
    assert "more than 8 CPUs; 2 of them are not used" in lines


@pytest.mark.slow
@pytest.mark.parametrize("feature", FEATURES)
def test_without_a_feature(exov6: Path, feature: str) -> None:
    outcome, _ = boot_kernel(exov6, cpu=f"max,-{feature}", smp=2)
    assert outcome.kind == "success", outcome.render()


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["q35", "pc", "microvm"])
def test_without_no_execute_pages(exov6: Path, machine: str) -> None:
    """An entry with bit 63 set would be a page fault with the reserved bit."""
    outcome, _ = boot_kernel(exov6, machine, cpu="qemu64,-nx", smp=2)
    assert outcome.kind == "success", outcome.render()


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["q35", "pc", "microvm"])
def test_without_acpi_there_is_one_cpu(exov6: Path, machine: str) -> None:
    outcome, lines = boot_kernel(exov6, machine, qemu_args=("-no-acpi",), smp=2)
    assert outcome.kind == "success", outcome.render()
    outcome, lines = boot_kernel(exov6, machine, qemu_args=("-no-acpi",), smp=2, append="exov6.fault=other-panic")
    assert "panic: the deliberate fault had no effect" in lines


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["q35", "pc", "microvm"])
@pytest.mark.parametrize("gib", [3, 6, 64])
def test_memory_around_and_far_above_4_gib(exov6: Path, machine: str, gib: int) -> None:
    """The host does not have so much: QEMU reserves none, and the kernel touches little of it."""
    ram = f"memory-backend-ram,id=ram,size={gib}G,reserve=off"
    arguments = ("-object", ram, "-machine", "memory-backend=ram")
    outcome, lines = boot_kernel(exov6, machine, memory=gib * GIB, smp=2, qemu_args=arguments)
    assert outcome.kind == "success", outcome.render()
    assert (gib << 10) - 2 <= int(lines[0].split(": ")[1].removesuffix(" MiB RAM")) <= gib << 10


@pytest.mark.parametrize("machine", ["q35", "pc", "microvm"])
def test_the_smallest_memory(exov6: Path, machine: str) -> None:
    outcome, _ = boot_kernel(exov6, machine, memory=32 << 20, smp=8)
    assert outcome.kind == "success", outcome.render()


@pytest.mark.slow
@pytest.mark.parametrize("smp", [1, 4])
def test_with_instructions_counted_cpus_run_one_at_a_time(exov6: Path, smp: int) -> None:
    outcome, _ = boot_kernel(exov6, smp=smp, qemu_args=("-icount", "shift=0,sleep=off"))
    assert outcome.kind == "success", outcome.render()


def test_a_panic_stops_the_other_cpus(exov6: Path) -> None:
    outcome, lines = boot_kernel(exov6, append="exov6.fault=panic", smp=4)
    assert outcome.kind == "panic", outcome.render()
    outcome, lines = boot_kernel(exov6, append="exov6.fault=other-panic", smp=4)
    assert outcome.kind == "panic", outcome.render()
    assert "panic: exov6.fault=panic (cpu 3)" in lines
    assert {cpu: count > 0 for cpu, count in frames_by_cpu(outcome, lines).items()} == {"0": True, "1": True, "2": True}


def test_a_stack_overflow_on_another_cpu_is_found(exov6: Path) -> None:
    outcome, lines = boot_kernel(exov6, append="exov6.fault=other-overflow", smp=2)
    assert outcome.kind == "panic", outcome.render()
    assert lines[1].startswith("panic: #DF double fault, ")
    assert lines[1].endswith(", overflow into the guard page of the kernel stack (cpu 1)")
    assert list(frames_by_cpu(outcome, lines)) == ["0"]


MUTATIONS = {
    "a CPU takes the stack of another one": (
        "kernel_asm/ap.S",
        "\timulq\t$CPU_STACKS, %rdi, %rax\n",
        "\txorl\t%eax, %eax\n",
    ),
    "a CPU takes the data of another one": (
        "kernel_asm/gdt.S",
        "\timulq\t$CPU_SIZE, %rbx, %rax\n",
        "\txorl\t%eax, %eax\n",
    ),
    "all CPUs have one TSS": ("kernel_asm/gdt.S", "\timulq\t$TSS_SPACE, %rbx, %rax\n", "\txorl\t%eax, %eax\n"),
    "no startup IPI": ("kernel/smp.py", "SEND_STARTUP | AP_START", "SEND_INIT | AP_START"),
    "another CPU keeps the temporary page tables": (
        "kernel_asm/ap.S",
        "\tmovq\t$kernel_pml4 - KERNBASE, %rax\n\tmovq\t%rax, %cr3\n",
        "",
    ),
    "requests are not answered": ("kernel/smp.py", "    cpu.request.and_(~asked)\n", ""),
    "only the first CPU is asked": (
        "kernel/smp.py",
        "        if u32(i) != me and cpu.online",
        "        if i == 1 and cpu.online",
    ),
    "another CPU without SYSCALL": ("kernel_asm/ap.S", "\tcall\tsyscall_init\n", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_wrong_with_another_cpu_is_found(exov6: Path, tmp_path: Path, name: str) -> None:
    file, right, wrong = MUTATIONS[name]
    folder = tmp_path / "project"
    shutil.copytree(exov6.parents[1], folder)
    text = (folder / file).read_text()
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1))
    outcome, _ = boot_kernel(build(folder), smp=4, timeout=60.0)
    assert outcome.kind != "success", outcome.render()
