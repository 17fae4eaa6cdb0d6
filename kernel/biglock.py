"""The kernel's one lock: held from the entry of ring 3 to the return there, so that every operation is atomic.

One lock is enough because no path through the kernel is long: what could be (revocation) stops after a bounded part and
is begun again. Peters, Danis, Elphinstone, Heiser: For a Microkernel, a Big Lock Is Fine, APSys 2015. It is not of one
stack: an environment that is switched away leaves it to the next. kernel_asm/env.S and pct.S take it inline.
"""

from typing import Final

from exotool.lang import Atomic, Order, Struct, export, symbol_address, u32
from kernel.cpu import cpu_pause, mycpu
from kernel.smp import poll

FREE: Final = 0


class LockWord(Struct):
    """`big_lock` in kernel_asm/env.S: 0 if it is free. A CPU that tries leaves its number."""

    held: Atomic[u32]


class BigLock(Struct):
    """`with big_lock:` holds the lock for the length of the block. Interrupts are off already."""

    unused: u32

    def acquire(self) -> None:
        """Take the lock."""
        self.wait(LockWord.at(symbol_address("big_lock")).held.load())

    def wait(self, found: u32) -> None:
        """Wait for the lock, in which this CPU has found `found`: its own number if it would wait for itself."""
        cpu = mycpu()
        assert found != cpu.index + 1, "the big lock is taken twice by one CPU"
        assert cpu.spins == 0, "the big lock is taken within a spin lock"
        word = LockWord.at(symbol_address("big_lock"))
        while not word.held.cas(FREE, cpu.index + 1, order=Order.ACQUIRE):
            poll()
            cpu_pause()

    def release(self) -> None:
        """Give the lock back."""
        LockWord.at(symbol_address("big_lock")).held.store(FREE, order=Order.RELEASE)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *exc: object) -> None:
        self.release()


big_lock: BigLock = BigLock()


@export
def big_lock_acquire(found: u32) -> None:
    """Wait for the lock: for assembly, whose own try has found it taken."""
    big_lock.wait(found)
