"""Interrupts in the hands of environments.

An interrupt arrives as a notification. A level-triggered line is masked until the driver acknowledges it, so that a
device whose driver does nothing cannot hold the machine up.
"""

from typing import Final

from exotool.lang import Array, Struct, array, i64, u8, u32, u64
from kernel.apic import irq_hold, irq_mask, irq_route, irq_unmask
from kernel.door import notify
from kernel.env import Env, env_at
from kernel.errno import EBUSY, EINVAL

IRQS: Final = 64
T_IRQ: Final = 0x40


class Irq(Struct):
    """Who has bound an interrupt, by which capability of its own. `again`: it was on its way when it was masked."""

    env: u32
    slot: u32
    bits: u64
    bound: u32
    masked: u32
    again: u32


irqs: Array[Irq] = array(IRQS)


def irq_bind(env: Env, slot: u32, number: u32, bits: u64) -> i64:
    """Have an interrupt notify an environment. -EBUSY if it is bound, -EINVAL if the machine has no such line."""
    irq = irqs[number]
    if irq.bound != 0:
        return -EBUSY
    if not irq_route(number, u8(T_IRQ + number), 0):
        return -EINVAL
    irq.env = env.index
    irq.slot = slot
    irq.bits = bits
    irq.bound = 1
    irq.masked = 0
    irq.again = 0
    irq_unmask(number)
    return 0


def irq_arrived(number: u32) -> None:
    """Mask the line and notify whoever has bound it, unless that one has not acknowledged the last."""
    irq_hold(number)
    irq = irqs[number]
    if irq.masked != 0:
        irq.again = 1
        return
    irq.masked = 1
    if irq.bound != 0:
        notify(env_at(irq.env), irq.bits)


def irq_ack(env: Env, number: u32) -> i64:
    """Open the line again. -EINVAL if it is not bound by this environment."""
    irq = irqs[number]
    if irq.bound == 0 or irq.env != env.index:
        return -EINVAL
    if irq.again != 0:
        irq.again = 0
        notify(env, irq.bits)
    elif irq.masked != 0:
        irq.masked = 0
        irq_unmask(number)
    return 0


def irqs_unbind(env: u32, slot: u32) -> None:
    """Take the interrupts back that a capability has bound."""
    for number in range(IRQS):
        irq = irqs[number]
        if irq.bound != 0 and irq.env == env and irq.slot == slot:
            irq.bound = 0
            irq_mask(u32(number))
