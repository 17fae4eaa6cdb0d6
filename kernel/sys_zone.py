"""System calls: zones. docs/syscalls.md."""

from exotool.lang import i64, u32, u64
from kernel import caps, zone
from kernel.captypes import ALL_RIGHTS, ZONE, Capability
from kernel.env import FREE, NEW, Env, envs
from kernel.errno import EAGAIN, EBUSY
from kernel.layout import ENVS
from kernel.life import STACK_FRAMES, TABLES, end_zone_members, env_resume, env_stop, reap_dead
from kernel.objects import env_moved, zone_died
from kernel.trapframe import TrapFrame


def sys_zone_create(me: Env, quota: u64) -> i64:
    """Make a zone with a part of the quota of the caller's."""
    number = zone.create(me.zone, quota)
    if number < 0:
        return number
    ident = caps.cap_new(me.index, ZONE, ALL_RIGHTS, u64(number), u64(number) + 1, me.zone)
    if ident < 0:
        zone.destroy(u32(number))
    return ident


def sys_zone_lock(me: Env, frame: TrapFrame, zone_cap: Capability) -> i64:
    """Hold all environments of a zone."""
    number = u32(zone_cap.base)
    problem = zone.lock(number)
    if problem != 0:
        return problem
    for i in range(ENVS):
        if envs[i].state != FREE and envs[i].zone == number:
            env_stop(envs[i])
    return 0


def sys_zone_unlock(me: Env, zone_cap: Capability) -> i64:
    """Let them go on."""
    number = u32(zone_cap.base)
    problem = zone.unlock(number)
    if problem != 0:
        return problem
    for i in range(ENVS):
        if envs[i].state != FREE and envs[i].zone == number:
            env_resume(envs[i])
    return 0


def sys_zone_destroy(me: Env, frame: TrapFrame, zone_cap: Capability, zone_slot: u32) -> i64:
    """End a zone and all that is in it; -EAGAIN while one of its environments still runs on another CPU.

    With an environment go the zones that it has made: what it held was their first capabilities.
    """
    number = u32(zone_cap.base)
    if number == me.zone or number == zone.ROOT:
        return -EBUSY
    end_zone_members(number)
    reap_dead()
    for i in range(ENVS):
        if envs[i].state != FREE and envs[i].zone == number:
            return -EAGAIN
    if zone.has_children(number):
        return -EAGAIN
    problem = zone.destroy(number)
    if problem == 0:
        zone_died(number)
    return problem


def sys_zone_enter(me: Env, env: Env, zone_cap: Capability) -> i64:
    """Put a new environment into another zone. What it was given in the one before is of no use to it there."""
    number = u32(zone_cap.base)
    if env.state != NEW or env.tables != TABLES:
        return -EBUSY
    if not zone.charge(number, env.tables + STACK_FRAMES):
        return -EBUSY
    zone.credit(env.zone, env.tables + STACK_FRAMES)
    if zone.is_locked(env.zone):
        env_resume(env)
    env.zone = number
    if zone.is_locked(number):
        env_stop(env)
    env_moved(env.index, number)
    return 0
