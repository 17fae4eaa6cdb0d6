"""System calls: interrupts, ports, time. docs/syscalls.md."""

from exotool.lang import i64, u32, u64
from kernel import caps, device, sched
from kernel.captypes import Capability
from kernel.env import READY, ZOMBIE, Env
from kernel.errno import EAGAIN, EBUSY, EINVAL, ERANGE, ESRCH
from kernel.ports import ports_bind, ports_unbind
from kernel.smp import cpu_count
from kernel.trapframe import TrapFrame


def sys_irq_bind(me: Env, irq: Capability, irq_slot: u32, number: u64, bits: u64) -> i64:
    """Have an interrupt arrive as a notification."""
    if number < irq.base or number >= irq.limit:
        return -ERANGE
    problem = device.irq_bind(me, irq_slot, u32(number), bits)
    if problem == 0:
        irq.bindings += 1
    return problem


def sys_irq_ack(me: Env, frame: TrapFrame, irq: Capability, number: u64) -> i64:
    """Let the next one come."""
    if number < irq.base or number >= irq.limit:
        return -ERANGE
    return device.irq_ack(me, u32(number))


def sys_port_bind(me: Env, ports: Capability, ports_slot: u32) -> i64:
    """Let the caller use ports without the kernel."""
    problem = ports_bind(me, ports_slot, u32(ports.base), u32(ports.limit - 1))
    if problem == 0:
        ports.bindings += 1
    return problem


def sys_port_unbind(me: Env, ports: Capability, ports_slot: u32) -> i64:
    """Take that back."""
    if not ports_unbind(me, ports_slot):
        return -EINVAL
    ports.bindings -= 1
    return 0


def sys_slice_bind(me: Env, slices: Capability, slices_slot: u32, env: Env) -> i64:
    """Let an environment run in slices."""
    if env.state == ZOMBIE:
        return -ESRCH
    if (slices.limit - 1) >> 6 >= cpu_count():
        return -EINVAL
    by = caps.ref_of(me.index, slices_slot)
    for i in range(slices.base, slices.limit):
        if not sched.slice_free_for(u64(i), by):
            return -EBUSY
    for i in range(slices.base, slices.limit):
        sched.slice_bind(u32(i >> 6), u32(i & 63), env.index, by)
    slices.bindings = 1
    return 0


def sys_slice_unbind(me: Env, frame: TrapFrame, slices: Capability, slices_slot: u32) -> i64:
    """Take slices back."""
    sched.slices_unbind(slices.base, slices.limit, caps.ref_of(me.index, slices_slot))
    slices.bindings = 0
    return 0


def sys_yield(me: Env, frame: TrapFrame, env: Env) -> i64:
    """Let another environment run: a certain one, for the rest of the slice, or whose slice is next."""
    if env.index == me.index:
        sched.yield_cpu()
        return 0
    if env.state != READY:
        return -EAGAIN
    sched.make_ready(me)
    sched.switch_to(env)
    return 0
