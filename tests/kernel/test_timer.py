"""Clocks: the TSC measured against clocks of known frequency, on hosts that get in the way, and without them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from exotool.lang import models
from kernel import acpi, timer

PM_PORT = 0x608


@dataclass
class Time:
    """Virtual time in ns, and the clocks of a machine. Each access takes a while, sometimes a long one."""

    tsc_hz: int
    apic_hz: int = 1_000_000_000
    pm: bool = False
    pit: bool = False
    stalls: int = 0
    ns: float = 12345.0
    random: random.Random = field(default_factory=lambda: random.Random(7))
    latched: int = 0
    latch_low: bool = True
    pit_start: float = 0.0
    apic_start: float = 0.0

    def spend(self, ns: float) -> None:
        self.ns += ns
        if self.stalls and self.random.randrange(200) == 0:
            self.ns += self.stalls

    def rdtsc(self) -> int:
        self.spend(1000)
        return int(self.ns * self.tsc_hz / 1e9)

    def inl(self, port: int) -> int:
        assert port == PM_PORT
        self.spend(2000)
        return int(self.ns * 3_579_545 / 1e9) & 0xFF_FFFF if self.pm else 0xFFFF_FFFF

    def pit_count(self) -> int:
        return int((self.ns - self.pit_start) * 1_193_182 / 1e9)

    def inb(self, port: int) -> int:
        self.spend(1000)
        if not self.pit:
            return 0xFF
        if port == 0x61:
            return 0x20 if self.pit_count() > 0xFFFF else 0
        assert port == 0x42
        self.latch_low = not self.latch_low
        return self.latched & 0xFF if not self.latch_low else self.latched >> 8

    def outb(self, port: int, value: int) -> None:
        self.spend(1000)
        if port == 0x42:
            self.pit_start = self.ns
        elif port == 0x43 and value == 0x80:
            self.latched = (0xFFFF - self.pit_count()) & 0xFFFF
            self.latch_low = True

    def apic_begin(self) -> None:
        self.spend(1000)
        self.apic_start = self.ns

    def apic_now(self) -> int:
        self.spend(1000)
        return max(0, 0xFFFF_FFFF - int((self.ns - self.apic_start) * self.apic_hz / 1e9))

    @contextmanager
    def installed(self, monkeypatch: pytest.MonkeyPatch, told: int = 0) -> Iterator[None]:
        monkeypatch.setattr(timer, "lapic_timer_count", self.apic_begin)
        monkeypatch.setattr(timer, "lapic_timer_current", self.apic_now)
        monkeypatch.setattr(timer, "lapic_timer_stop", lambda: None)
        acpi.pm_timer = PM_PORT if self.pm else 0
        with models(rdtsc=self.rdtsc, inl=self.inl, inb=self.inb, outb=self.outb, cpuid_tsc_hz=lambda: told):
            yield


def close(value: int, right: int, permille: float) -> bool:
    return abs(int(value) - right) * 1000 <= right * permille


@pytest.mark.parametrize("tsc_hz", [100_000_000, 2_400_000_000, 5_800_000_000])
@pytest.mark.parametrize("clock", ["pm", "pit"])
def test_measured_by_a_clock(monkeypatch: pytest.MonkeyPatch, tsc_hz: int, clock: str) -> None:
    time = Time(tsc_hz, pm=clock == "pm", pit=clock == "pit")
    with time.installed(monkeypatch):
        timer.timer_init()
        assert close(timer.tsc_hz(), tsc_hz, 0.5)
        assert close(timer.apic_hz, time.apic_hz, 1)


@pytest.mark.parametrize("clock", ["pm", "pit"])
def test_on_a_busy_host(monkeypatch: pytest.MonkeyPatch, clock: str) -> None:
    """The virtual CPU stands still for milliseconds now and then, also between readings of two clocks."""
    time = Time(2_000_000_000, stalls=3_000_000, pm=clock == "pm", pit=clock == "pit")
    with time.installed(monkeypatch):
        timer.timer_init()
        assert close(timer.tsc_hz(), 2_000_000_000, 1)


def test_what_cpuid_tells_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with Time(2_000_000_000).installed(monkeypatch, told=1_999_999_999):
        timer.timer_init()
        assert timer.tsc_hz() == 1_999_999_999


@pytest.mark.slow
def test_without_clocks_the_apic_timer_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with Time(3_000_000_000).installed(monkeypatch):
        timer.timer_init()
        assert close(timer.tsc_hz(), 3_000_000_000, 1)
        assert timer.clock == timer.APIC


def test_a_clock_that_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with Time(2_000_000_000, pit=True).installed(monkeypatch):
        acpi.pm_timer = PM_PORT
        timer.timer_init()
        assert close(timer.tsc_hz(), 2_000_000_000, 1)
        assert timer.clock == timer.PIT


def test_time_does_not_overflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred years at the highest frequency that is believed."""
    timer.cycles = timer.HIGHEST
    for seconds in (1, 86_400, 80 * 31_536_000 // 27):
        with models(rdtsc=lambda s=seconds: s * timer.HIGHEST + 50):
            assert timer.now_ns() == seconds * 1_000_000_000
