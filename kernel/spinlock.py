"""Mutual exclusion between CPUs, and with the interrupts of this one."""

from exotool.lang import Atomic, Order, Struct, u32, u64
from kernel.cpu import cpu_pause, irq_restore, irq_save, mycpu


class SpinLock(Struct):
    """Held by one CPU at a time, interrupts off. `with lock:` holds it for the length of the block.

    Interrupts are as they were before, once the last lock is given back: locks are given back in the opposite order of
    taking, which `with` sees to. A CPU that would wait for itself says so. A spin lock is the innermost kind: within
    one, neither another one nor the big lock is taken (kernel/biglock.py), so that no two CPUs can wait for each other.
    """

    held: Atomic[u32]  # 0, or the number of the CPU that holds it + 1
    rflags: u64

    def __enter__(self) -> None:
        # Off before the lock is taken: an interrupt between the two would wait for it for ever.
        rflags = irq_save()
        cpu = mycpu()
        assert self.held.load(order=Order.RELAXED) != cpu.index + 1, "a spin lock is taken twice by one CPU"
        assert cpu.spins == 0, "a spin lock is taken within another one"
        while not self.held.cas(0, cpu.index + 1, order=Order.ACQUIRE):
            cpu_pause()
        cpu.spins = 1
        self.rflags = rflags

    def __exit__(self, *exc: object) -> None:
        rflags = self.rflags  # the next holder's, once the lock is free
        mycpu().spins = 0
        self.held.store(0, order=Order.RELEASE)
        irq_restore(rflags)
