"""A lock is held with interrupts off, and gives them back as they were."""

from __future__ import annotations

import pytest

from exotool.lang import Trap, memory, models
from kernel.biglock import big_lock
from kernel.spinlock import SpinLock
from tests.kernel.machine import Interrupts


@pytest.mark.parametrize("enabled", [True, False])
def test_interrupts_are_off_inside_and_as_before_after(enabled: bool) -> None:
    lock = SpinLock()
    with Interrupts(enabled).installed() as interrupts:
        with lock:
            assert not interrupts.enabled
            assert lock.held.load() == 1
        assert interrupts.enabled == enabled
        assert lock.held.load() == 0


def test_it_waits_for_the_holder() -> None:
    lock = SpinLock()
    lock.held.store(2)
    waited = []

    def pause() -> None:
        waited.append(1)
        if len(waited) == 3:
            lock.held.store(0)

    with Interrupts().installed(), models(cpu_pause=pause), lock:
        assert len(waited) == 3


def test_a_cpu_that_would_wait_for_itself_says_so() -> None:
    lock = SpinLock()
    with Interrupts().installed(), lock, pytest.raises(Trap, match="taken twice by one CPU"):
        lock.__enter__()


def test_no_lock_is_taken_within_a_spin_lock() -> None:
    lock = SpinLock()
    with Interrupts().installed(), lock:
        with pytest.raises(Trap, match="within another one"):
            SpinLock().__enter__()
        memory.set_symbol("big_lock", 0x6100_0800)
        with pytest.raises(Trap, match="big lock is taken within a spin lock"):
            big_lock.acquire()
    big_lock.acquire()
    assert memory.read(0x6100_0800, 4) == 1
    with pytest.raises(Trap, match="big lock is taken twice by one CPU"):
        big_lock.acquire()
