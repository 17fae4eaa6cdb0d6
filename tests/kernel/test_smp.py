"""What CPUs ask of each other: each request is answered once, and only by CPUs that are there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from exotool.lang import Trap, memory, models
from kernel import apic, cpu, smp
from tests.kernel.machine import boot_tables

CPUS = 0x6000_0000


@dataclass
class Machine:
    """CPUs whose interrupts are taken at once. `deaf` are those that take none."""

    deaf: set[int] = field(default_factory=set)
    running: int = 0
    flushes: list[tuple[int, str]] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    ns: int = 0

    def send(self, target: int, what: int) -> None:
        self.sent.append(int(target))
        if int(target) in self.deaf or what != apic.SEND_FIXED | smp.T_REQUEST:
            return
        before, self.running = self.running, int(target)
        smp.on_request()
        self.running = before

    def now(self) -> int:
        self.ns += 1_000_000_000
        return self.ns

    @contextmanager
    def installed(self, monkeypatch: pytest.MonkeyPatch, count: int) -> Iterator[None]:
        memory.map(CPUS, 0x1000)
        memory.set_symbol("cpus", CPUS)
        for i in range(count):
            cpu.cpu_at(i).index = i
            cpu.cpu_at(i).apic_id = i
            cpu.cpu_at(i).online.store(1)
        smp.count = count
        for name, value in {"send": self.send, "now_ns": self.now, "eoi": lambda: None}.items():
            monkeypatch.setattr(smp, name, value)
        with models(
            current_cpu=lambda: CPUS + 256 * self.running,
            tlb_flush=lambda: self.flushes.append((self.running, "user")),
            tlb_flush_global=lambda: self.flushes.append((self.running, "all")),
        ):
            yield


@pytest.mark.parametrize("me", [0, 2])
def test_a_shootdown_reaches_all_others_once(monkeypatch: pytest.MonkeyPatch, me: int) -> None:
    m = Machine(running=me)
    with m.installed(monkeypatch, 4):
        smp.tlb_shootdown()
        others = [i for i in range(4) if i != me]
        assert m.flushes == [(i, "user") for i in others]
        smp.tlb_shootdown_global()
        assert m.flushes[3:] == [(i, "all") for i in others]
        assert [cpu.cpu_at(i).done.load() for i in others] == [2, 2, 2]
        assert [cpu.cpu_at(i).request.load() for i in range(4)] == [0, 0, 0, 0]


def test_a_cpu_that_is_not_online_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    m = Machine()
    with m.installed(monkeypatch, 3):
        cpu.cpu_at(1).online.store(0)
        smp.tlb_shootdown()
        smp.kick_cpu(1)
        assert m.sent == [2]


def test_a_request_that_comes_while_a_cpu_waits_is_answered_by_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    m = Machine(running=1)
    with m.installed(monkeypatch, 2):
        smp.poll()
        assert m.flushes == []
        cpu.cpu_at(1).request.or_(cpu.FLUSH | cpu.FLUSH_ALL)
        smp.poll()
        smp.on_request()
        assert m.flushes == [(1, "all")]
        assert cpu.cpu_at(1).done.load() == 1


def test_a_cpu_that_does_not_answer_is_a_panic_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    m = Machine(deaf={1})
    with m.installed(monkeypatch, 2):
        with pytest.raises(Trap, match="a CPU does not answer"):
            smp.tlb_shootdown()
        assert m.ns < 100_000_000_000


@pytest.mark.parametrize(
    ("start", "size", "free"), [(0x7000, 0x1000, True), (0x7000, 0x1001, False), (0x8FFF, 1, False), (0x9000, 1, True)]
)
def test_modules_and_the_page_where_cpus_start(start: int, size: int, free: bool) -> None:
    with boot_tables([], [(start, size)]):
        assert smp.trampoline_is_free() is free
