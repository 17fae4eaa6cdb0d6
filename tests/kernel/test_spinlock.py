"""A lock is held with interrupts off, and gives them back as they were."""

from __future__ import annotations

import pytest

from exotool.lang import models
from kernel.spinlock import SpinLock
from tests.kernel.machine import Interrupts


@pytest.mark.parametrize("enabled", [True, False])
def test_interrupts_are_off_inside_and_as_before_after(enabled: bool) -> None:
    lock, other = SpinLock(), SpinLock()
    with Interrupts(enabled).installed() as interrupts:
        with lock:
            assert not interrupts.enabled
            with other:
                assert not interrupts.enabled
            assert not interrupts.enabled
            assert lock.held.load() == 1
        assert interrupts.enabled == enabled
        assert lock.held.load() == 0


def test_it_waits_for_the_holder() -> None:
    lock = SpinLock()
    lock.held.store(1)
    waited = []

    def pause() -> None:
        waited.append(1)
        if len(waited) == 3:
            lock.held.store(0)

    with Interrupts().installed(), models(cpu_pause=pause), lock:
        assert len(waited) == 3
