"""What the entry of system calls calls: the checks of each call's arguments, then its body.

Generated from kernel/abi/calls.toml by `python -m kernel.abi.generate`; do not edit.
"""

from exotool.lang import export, i64
from kernel.errno import ENOSYS
from kernel.trapframe import TrapFrame


@export
def call_null() -> i64:
    """null()."""
    return -ENOSYS


@export
def call_info() -> i64:
    """info(what, index)."""
    return -ENOSYS


@export
def call_clock() -> i64:
    """clock()."""
    return -ENOSYS


@export
def call_write() -> i64:
    """write(console, buffer, length)."""
    return -ENOSYS


@export
def call_read() -> i64:
    """read(console)."""
    return -ENOSYS


@export
def call_env_create() -> i64:
    """env_create(zone)."""
    return -ENOSYS


@export
def call_env_start() -> i64:
    """env_start(env, rip, rsp, arg)."""
    return -ENOSYS


@export
def call_env_resume() -> i64:
    """env_resume(env)."""
    return -ENOSYS


@export
def call_env_state() -> i64:
    """env_state(env)."""
    return -ENOSYS


@export
def call_env_get() -> i64:
    """env_get(env, registers)."""
    return -ENOSYS


@export
def call_env_set() -> i64:
    """env_set(env, registers)."""
    return -ENOSYS


@export
def call_frame_alloc() -> i64:
    """frame_alloc(first, count, align, flags)."""
    return -ENOSYS


@export
def call_frame_next_free() -> i64:
    """frame_next_free(start)."""
    return -ENOSYS


@export
def call_map() -> i64:
    """map(env, frames, va, page, count, rights)."""
    return -ENOSYS


@export
def call_unmap() -> i64:
    """unmap(env, va, count)."""
    return -ENOSYS


@export
def call_protect() -> i64:
    """protect(env, va, count, rights)."""
    return -ENOSYS


@export
def call_query() -> i64:
    """query(env, va)."""
    return -ENOSYS


@export
def call_cap_derive() -> i64:
    """cap_derive(cap, base, limit, rights)."""
    return -ENOSYS


@export
def call_cap_grant() -> i64:
    """cap_grant(env, cap, base, limit, rights, zone)."""
    return -ENOSYS


@export
def call_cap_move() -> i64:
    """cap_move(env, cap)."""
    return -ENOSYS


@export
def call_repossessed() -> i64:
    """repossessed(record)."""
    return -ENOSYS


@export
def call_cap_validate() -> i64:
    """cap_validate(cap, kind, rights, base, limit)."""
    return -ENOSYS


@export
def call_cap_read() -> i64:
    """cap_read(cap, info)."""
    return -ENOSYS


@export
def call_caps_grow() -> i64:
    """caps_grow(frames)."""
    return -ENOSYS


@export
def call_pct_set() -> i64:
    """pct_set(entry, stack)."""
    return -ENOSYS


@export
def call_door_create() -> i64:
    """door_create(entry, cookie)."""
    return -ENOSYS


@export
def call_notify_take() -> i64:
    """notify_take(mask)."""
    return -ENOSYS


@export
def call_irq_bind() -> i64:
    """irq_bind(irq, number, bits)."""
    return -ENOSYS


@export
def call_irq_ack() -> i64:
    """irq_ack(irq, number)."""
    return -ENOSYS


@export
def call_port_bind() -> i64:
    """port_bind(ports)."""
    return -ENOSYS


@export
def call_port_unbind() -> i64:
    """port_unbind(ports)."""
    return -ENOSYS


@export
def call_slice_bind() -> i64:
    """slice_bind(slices, env)."""
    return -ENOSYS


@export
def call_zone_create() -> i64:
    """zone_create(quota)."""
    return -ENOSYS


@export
def call_zone_unlock() -> i64:
    """zone_unlock(zone)."""
    return -ENOSYS


@export
def call_zone_enter() -> i64:
    """zone_enter(env, zone)."""
    return -ENOSYS


@export
def call_exit(frame: TrapFrame) -> i64:
    """exit(status)."""
    return -ENOSYS


@export
def call_env_stop(frame: TrapFrame) -> i64:
    """env_stop(env)."""
    return -ENOSYS


@export
def call_env_destroy(frame: TrapFrame) -> i64:
    """env_destroy(env)."""
    return -ENOSYS


@export
def call_env_wait(frame: TrapFrame) -> i64:
    """env_wait(env)."""
    return -ENOSYS


@export
def call_cap_drop(frame: TrapFrame) -> i64:
    """cap_drop(cap)."""
    return -ENOSYS


@export
def call_cap_revoke(frame: TrapFrame) -> i64:
    """cap_revoke(cap, flags)."""
    return -ENOSYS


@export
def call_upcall_set(frame: TrapFrame) -> i64:
    """upcall_set(entry, stack, mask, depth)."""
    return -ENOSYS


@export
def call_upcall_return(frame: TrapFrame) -> i64:
    """upcall_return(registers)."""
    return -ENOSYS


@export
def call_pct(frame: TrapFrame) -> i64:
    """pct(env, w0, w1, w2, w3, w4)."""
    return -ENOSYS


@export
def call_wait(frame: TrapFrame) -> i64:
    """wait()."""
    return -ENOSYS


@export
def call_door_call(frame: TrapFrame) -> i64:
    """door_call(door, w0, w1, w2, w3, w4)."""
    return -ENOSYS


@export
def call_door_return(frame: TrapFrame) -> i64:
    """door_return(w0, w1, w2, w3, w4)."""
    return -ENOSYS


@export
def call_door_revoke(frame: TrapFrame) -> i64:
    """door_revoke(door)."""
    return -ENOSYS


@export
def call_notify(frame: TrapFrame) -> i64:
    """notify(env, bits)."""
    return -ENOSYS


@export
def call_slice_unbind(frame: TrapFrame) -> i64:
    """slice_unbind(slices)."""
    return -ENOSYS


@export
def call_yield(frame: TrapFrame) -> i64:
    """yield(env)."""
    return -ENOSYS


@export
def call_zone_lock(frame: TrapFrame) -> i64:
    """zone_lock(zone)."""
    return -ENOSYS


@export
def call_zone_destroy(frame: TrapFrame) -> i64:
    """zone_destroy(zone)."""
    return -ENOSYS
