"""Interrupts and I/O ports in the hands of environments.

An interrupt arrives as a notification. Its line is masked until the driver acknowledges it, so that a device whose driver
does nothing cannot hold the machine up. Ports are bound, then used by IN and OUT without the kernel: the bitmap in the
TSS of the CPU is that of the environment that runs.
"""

from typing import Final

from exotool.lang import Array, Ptr, Struct, array, i64, u8, u16, u32, u64
from kernel.apic import irq_mask, irq_route, irq_unmask
from kernel.cpu import mycpu
from kernel.door import notify
from kernel.env import NO_ENV, PORT_RANGES, Env, env_at
from kernel.errno import EBUSY, EINVAL, ENOSPC
from kernel.layout import KSTACK_SIZE

IRQS: Final = 64
T_IRQ: Final = 0x40
TSS_BITMAP: Final = 0x68  # where the I/O permission bitmap starts


STACK_FRAMES: Final = KSTACK_SIZE >> 12


class Irq(Struct):
    """Who has bound an interrupt, by which capability of its own."""

    env: u32
    slot: u32
    bits: u64
    bound: u32
    masked: u32


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
    irq_unmask(number)
    return 0


def irq_arrived(number: u32) -> None:
    """Mask the line and notify whoever has bound it."""
    irq_mask(number)
    irq = irqs[number]
    irq.masked = 1
    if irq.bound != 0:
        notify(env_at(irq.env), irq.bits)


def irq_ack(env: Env, number: u32) -> i64:
    """Open the line again. -EINVAL if it is not bound by this environment."""
    irq = irqs[number]
    if irq.bound == 0 or irq.env != env.index:
        return -EINVAL
    if irq.masked != 0:
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


def ports_bind(env: Env, slot: u32, first: u32, last: u32) -> i64:
    """Open a range of ports to an environment. -EBUSY if the capability has done so, -ENOSPC if there is no room."""
    place: u32 = PORT_RANGES
    for i in range(PORT_RANGES):
        if env.port_slots[i] == slot:
            return -EBUSY
        if env.port_slots[i] == 0:
            place = u32(i)
    if place == PORT_RANGES:
        return -ENOSPC
    env.ports[place] = first << 16 | last
    env.port_slots[place] = slot
    env.port_count += 1
    ports_show(env)
    return 0


def ports_unbind(env: Env, slot: u32) -> bool:
    """Close what a capability has opened; False if there is nothing."""
    for i in range(PORT_RANGES):
        if env.port_slots[i] == slot:
            ports_hide(env)
            env.port_slots[i] = 0
            env.port_count -= 1
            ports_show(env)
            return True
    return False


def ports_set(env: Env, closed: bool) -> None:
    """Open or close an environment's ports on this CPU."""
    if env.port_count == 0 or env.cpu != mycpu().index:
        return
    bitmap = Ptr[u8](mycpu().tss + TSS_BITMAP)
    for i in range(PORT_RANGES):
        if env.port_slots[i] != 0:
            for port in range(env.ports[i] >> 16, (env.ports[i] & 0xFFFF) + 1):
                if closed:
                    bitmap[port >> 3] |= u8(1) << u8(port & 7)
                else:
                    bitmap[port >> 3] &= ~(u8(1) << u8(port & 7))


def ports_show(env: Env) -> None:
    """Open an environment's ports on the CPU that it runs on, which is this one."""
    ports_set(env, False)


def ports_hide(env: Env) -> None:
    """Close them."""
    ports_set(env, True)
