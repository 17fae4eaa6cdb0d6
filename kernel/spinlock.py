"""Mutual exclusion between CPUs, and with the interrupts of this one."""

from exotool.lang import Atomic, Order, Struct, u32, u64
from kernel.cpu import cpu_pause, irq_restore, irq_save


class SpinLock(Struct):
    """Held by one CPU at a time, interrupts off. `with lock:` holds it for the length of the block.

    Not to be taken twice by one CPU. Interrupts are as they were before, once the last lock is given back: locks are
    given back in the opposite order of taking, which `with` sees to.
    """

    held: Atomic[u32]
    rflags: u64

    def __enter__(self) -> None:
        # Off before the lock is taken: an interrupt between the two would wait for it for ever.
        rflags = irq_save()
        while not self.held.cas(0, 1, order=Order.ACQUIRE):
            cpu_pause()
        self.rflags = rflags

    def __exit__(self, *exc: object) -> None:
        rflags = self.rflags  # the next holder's, once the lock is free
        self.held.store(0, order=Order.RELEASE)
        irq_restore(rflags)
