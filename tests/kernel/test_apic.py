"""Interrupt controllers: what is written to their registers, in memory and as MSRs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest

from exotool.lang import Reason, Trap, memory, models
from kernel import acpi, apic, cpu
from kernel.layout import DEVBASE
from tests.kernel.machine import Interrupts

CPUS = 0x6000_0000
IO_APIC = 0xFEC0_0000
MASKED = 0x1_0000
LEVEL = 0x8000
LOW = 0x2000
X2APIC = 1 << 53


@dataclass
class Local:
    """A local APIC whose registers are in memory. The ICR is pending for a while after each write."""

    registers: dict[int, int] = field(default_factory=lambda: {0x20: 5 << 24})
    writes: list[tuple[int, int]] = field(default_factory=list)
    pending: int = 0

    def read(self, offset: int, size: int) -> int:
        assert size == 4
        assert offset % 16 == 0
        if offset == 0x300 and self.pending:
            self.pending -= 1
            return self.registers[offset] | 0x1000
        return self.registers.get(offset, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        assert size == 4
        assert offset % 16 == 0
        self.registers[offset] = value
        self.writes.append((offset, value))
        if offset == 0x300:
            assert not self.pending, "the ICR is written while it is busy"
            self.pending = 3


@dataclass
class Io:
    """An I/O APIC with 24 lines."""

    version: int = 0x17_0020
    select: int = 0
    registers: dict[int, int] = field(default_factory=dict)

    def read(self, offset: int, size: int) -> int:
        assert (offset, size) == (0x10, 4)
        return self.version if self.select == 1 else self.registers.get(self.select, 0)

    def write(self, offset: int, size: int, value: int) -> None:
        assert size == 4
        if offset == 0:
            self.select = value
        else:
            assert offset == 0x10
            self.registers[self.select] = value

    def line(self, number: int) -> tuple[int, int]:
        return self.registers[0x10 + 2 * number], self.registers.get(0x11 + 2 * number, 0)


@dataclass
class Msrs:
    """The MSRs of a CPU."""

    values: dict[int, int] = field(default_factory=lambda: {0x1B: 0xFEE0_0900, 0x802: 0x12345})
    writes: list[tuple[int, int]] = field(default_factory=list)
    stuck: int = 0

    def read(self, msr: int) -> int:
        return self.values.get(msr, 0)

    def write(self, msr: int, value: int) -> None:
        self.values[msr] = int(value) & ~self.stuck
        self.writes.append((int(msr), int(value)))


@dataclass
class Machine:
    local: Local
    io: Io
    msrs: Msrs


@contextmanager
def machine(monkeypatch: pytest.MonkeyPatch, *, features: int = 0, io: Io | None = None) -> Iterator[Machine]:
    m = Machine(Local(), io or Io(), Msrs())
    memory.map(CPUS, 0x1000)
    memory.set_symbol("cpus", CPUS)
    monkeypatch.setattr(acpi, "find_rsdp", lambda: 0)
    monkeypatch.setattr(apic, "map_kernel_page", lambda va, pa, flags: None)
    monkeypatch.setattr(apic, "map_device", lambda pa, size: pa)
    with ExitStack() as stack:
        stack.enter_context(memory.device(DEVBASE, 4096, m.local))
        stack.enter_context(memory.device(IO_APIC, 4096, m.io))
        stack.enter_context(Interrupts().installed())
        stack.enter_context(
            models(rdmsr=m.msrs.read, wrmsr=m.msrs.write, cpuid_features=lambda: features, initial_apic_id=lambda: 5)
        )
        yield m


def test_start_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    with machine(monkeypatch) as m:
        apic.apic_init()
        assert not apic.x2apic
        assert apic.apic_id() == 5
        assert m.local.registers[0x80] == 0
        assert m.local.registers[0xF0] == 0x1FF
        assert m.local.registers[0x320] & MASKED
        assert m.local.registers[0x350] == MASKED
        assert m.local.registers[0x360] == 0x400
        assert all(m.io.line(i)[0] == MASKED for i in range(24))
        apic.eoi()
        assert m.local.writes[-1] == (0xB0, 0)


def test_send_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The destination first, then the command, which sends; and no second one before the first is gone."""
    with machine(monkeypatch) as m:
        apic.apic_init()
        m.local.writes.clear()
        apic.send(7, apic.SEND_FIXED | 0xF1)
        apic.send(3, apic.SEND_STARTUP | 8)
        assert m.local.writes == [(0x310, 7 << 24), (0x300, 0x40F1), (0x310, 3 << 24), (0x300, 0x4608)]


def test_x2apic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything by MSRs, ids of 32 bits, and one write to send."""
    with machine(monkeypatch, features=X2APIC) as m:
        apic.apic_init()
        assert apic.x2apic
        assert m.msrs.values[0x1B] & 0xC00 == 0xC00
        assert apic.apic_id() == 0x12345
        assert m.msrs.values[0x80F] == 0x1FF
        assert m.msrs.values[0x836] == 0x400
        apic.send(0x54321, apic.SEND_INIT)
        assert m.msrs.writes[-1] == (0x830, 0x54321 << 32 | 0x4500)
        apic.eoi()
        assert m.msrs.writes[-1] == (0x80B, 0)
        assert m.local.writes == []


def test_x2apic_that_firmware_has_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with machine(monkeypatch) as m:
        m.msrs.values[0x1B] |= 0x400
        apic.apic_init()
        assert apic.x2apic


def test_from_off_to_x2apic_by_way_of_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """SDM vol. 3A, figure 11-9: the direct way is a general protection."""
    with machine(monkeypatch, features=X2APIC) as m:
        m.msrs.values[0x1B] = 0xFEE0_0000
        apic.apic_init()
        modes = [value & 0xC00 for msr, value in m.msrs.writes if msr == 0x1B]
        assert modes == [0x800, 0xC00]


def test_an_apic_that_cannot_be_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with machine(monkeypatch) as m:
        m.msrs.values[0x1B] = 0xFEE0_0000
        m.msrs.stuck = 0x800
        with pytest.raises(Trap) as caught:
            apic.apic_init()
        assert caught.value.reason is Reason.ASSERTION
        assert caught.value.message == "the local APIC cannot be switched on"


def test_lines_of_isa_and_pci(monkeypatch: pytest.MonkeyPatch) -> None:
    with machine(monkeypatch) as m:
        apic.apic_init()
        acpi.add_override(0, 2, 0)
        acpi.add_override(9, 9, 0b1111)
        cpu.cpu_at(3).apic_id = 6
        assert apic.irq_route(0, 0x40, 0)
        assert apic.irq_route(9, 0x49, 3)
        assert apic.irq_route(20, 0x54, 3)
        assert m.io.line(2) == (MASKED | 0x40, 0)
        assert m.io.line(9) == (MASKED | LEVEL | LOW | 0x49, 6 << 24)
        assert m.io.line(20) == (MASKED | LEVEL | LOW | 0x54, 6 << 24)
        apic.irq_unmask(20)
        assert m.io.line(20)[0] == LEVEL | LOW | 0x54
        apic.irq_hold(20)
        assert m.io.line(20)[0] == MASKED | LEVEL | LOW | 0x54
        apic.irq_unmask(0)
        apic.irq_hold(0)
        assert m.io.line(2)[0] == 0x40, "an edge would be lost"
        apic.irq_mask(0)
        assert m.io.line(2)[0] == MASKED | 0x40


@pytest.mark.parametrize("irq", [24, 63, 0xFFFF_FFFF])
def test_a_line_that_the_machine_has_not(monkeypatch: pytest.MonkeyPatch, irq: int) -> None:
    with machine(monkeypatch) as m:
        apic.apic_init()
        before = dict(m.io.registers)
        assert not apic.irq_route(irq, 0x7F, 0)
        apic.irq_mask(irq)
        apic.irq_unmask(irq)
        assert m.io.registers == before


def test_a_cpu_whose_id_an_io_apic_cannot_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    with machine(monkeypatch, features=X2APIC) as m:
        apic.apic_init()
        cpu.cpu_at(1).apic_id = 0x100
        assert not apic.irq_route(4, 0x44, 1)
        assert m.io.line(4)[0] == MASKED


def test_no_io_apic(monkeypatch: pytest.MonkeyPatch) -> None:
    with machine(monkeypatch, io=Io(version=0xFFFF_FFFF)):
        apic.apic_init()
        assert apic.io_apic_count == 0
        assert not apic.irq_route(4, 0x44, 0)
