"""What the entry of system calls calls: the checks of each call's arguments, then its body.

Generated from kernel/abi/calls.toml by `python -m kernel.abi.generate`; do not edit.
"""

from exotool.lang import Ptr, UserPtr, addressof, export, i64, sizeof, u8, u32, u64
from kernel.abi.numbers import (
    CALL,
    CAP_CONSOLE,
    CAP_DOOR,
    CAP_FRAMES,
    CAP_IRQ,
    CAP_PORTS,
    CAP_SLICE,
    CAP_ZONE,
    DERIVE,
    DMA,
    EXEC,
    FRAME_LOW32,
    GRANT,
    READ,
    REVOKE,
    REVOKE_ASK,
    REVOKE_FORCE,
    REVOKE_KEEP,
    WRITE,
)
from kernel.abi.types import CapInfo, Repossession
from kernel.arguments import find_cap, find_env, is_page, is_user, pages_fit
from kernel.caps import cap_at
from kernel.captypes import Capability
from kernel.env import env_at, myproc
from kernel.errno import EFAULT, EINVAL
from kernel.sys_cap import (
    sys_cap_derive,
    sys_cap_drop,
    sys_cap_grant,
    sys_cap_move,
    sys_cap_read,
    sys_cap_revoke,
    sys_cap_validate,
    sys_caps_grow,
    sys_repossessed,
)
from kernel.sys_device import (
    sys_irq_ack,
    sys_irq_bind,
    sys_port_bind,
    sys_port_unbind,
    sys_slice_bind,
    sys_slice_unbind,
    sys_yield,
)
from kernel.sys_env import (
    sys_env_create,
    sys_env_destroy,
    sys_env_get,
    sys_env_resume,
    sys_env_set,
    sys_env_start,
    sys_env_state,
    sys_env_stop,
    sys_env_wait,
    sys_exit,
)
from kernel.sys_ipc import (
    sys_door_call,
    sys_door_create,
    sys_door_return,
    sys_door_revoke,
    sys_notify,
    sys_notify_take,
    sys_pct,
    sys_pct_set,
    sys_upcall_return,
    sys_upcall_set,
    sys_wait,
)
from kernel.sys_memory import sys_frame_alloc, sys_frame_next_free, sys_map, sys_protect, sys_query, sys_unmap
from kernel.sys_misc import sys_clock, sys_info, sys_null, sys_read, sys_write
from kernel.sys_zone import sys_zone_create, sys_zone_destroy, sys_zone_enter, sys_zone_lock, sys_zone_unlock
from kernel.trapframe import TrapFrame
from kernel.usercopy import copy_in, copy_out

# Under the big lock.
registers_buffer: TrapFrame = TrapFrame()
capinfo_buffer: CapInfo = CapInfo()
repossession_buffer: Repossession = Repossession()


@export
def call_null() -> i64:
    """null()."""
    me = myproc()
    return sys_null(me)


@export
def call_info(what: u64, index: u64) -> i64:
    """info(what, index)."""
    if what > 17:
        return -EINVAL
    me = myproc()
    return sys_info(me, what, index)


@export
def call_clock() -> i64:
    """clock()."""
    me = myproc()
    return sys_clock(me)


@export
def call_write(console_given: u64, buffer_given: u64, length: u64) -> i64:
    """write(console, buffer, length)."""
    if not is_user(buffer_given, length):
        return -EFAULT
    me = myproc()
    console_slot = find_cap(me.index, console_given, CAP_CONSOLE, WRITE)
    if console_slot < 0:
        return console_slot
    console = cap_at(me.index, u32(console_slot))
    return sys_write(me, console, UserPtr[u8](buffer_given), length)


@export
def call_read(console_given: u64) -> i64:
    """read(console)."""
    me = myproc()
    console_slot = find_cap(me.index, console_given, CAP_CONSOLE, READ)
    if console_slot < 0:
        return console_slot
    console = cap_at(me.index, u32(console_slot))
    return sys_read(me, console)


@export
def call_env_create(zone_given: u64) -> i64:
    """env_create(zone)."""
    me = myproc()
    zone: Capability | None = None
    if zone_given != 0:
        zone_slot = find_cap(me.index, zone_given, CAP_ZONE, WRITE)
        if zone_slot < 0:
            return zone_slot
        zone = cap_at(me.index, u32(zone_slot))
    return sys_env_create(me, zone)


@export
def call_env_start(env_given: u64, rip: u64, rsp: u64, arg: u64) -> i64:
    """env_start(env, rip, rsp, arg)."""
    if not is_user(rip, 0):
        return -EINVAL
    if not is_user(rsp, 0):
        return -EINVAL
    me = myproc()
    env_index = find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_env_start(me, env, rip, rsp, arg)


@export
def call_env_resume(env_given: u64) -> i64:
    """env_resume(env)."""
    me = myproc()
    env_index = find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_env_resume(me, env)


@export
def call_env_state(env_given: u64) -> i64:
    """env_state(env)."""
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, READ)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_env_state(me, env)


@export
def call_env_get(env_given: u64, registers_given: u64) -> i64:
    """env_get(env, registers)."""
    if not is_user(registers_given, sizeof(TrapFrame)):
        return -EFAULT
    me = myproc()
    env_index = find_env(me, env_given, READ)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    result = sys_env_get(me, env, registers_buffer)
    if result < 0:
        return result
    if not copy_out(UserPtr[u8](registers_given), Ptr[u8](addressof(registers_buffer)), sizeof(TrapFrame)):
        return -EFAULT
    return result


@export
def call_env_set(env_given: u64, registers_given: u64) -> i64:
    """env_set(env, registers)."""
    if not is_user(registers_given, sizeof(TrapFrame)):
        return -EFAULT
    me = myproc()
    env_index = find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    if not copy_in(Ptr[u8](addressof(registers_buffer)), UserPtr[u8](registers_given), sizeof(TrapFrame)):
        return -EFAULT
    return sys_env_set(me, env, registers_buffer)


@export
def call_frame_alloc(first: u64, count: u64, align: u64, flags: u64) -> i64:
    """frame_alloc(first, count, align, flags)."""
    if count < 1 or count > 512:
        return -EINVAL
    if align < 1 or align > 0x4_0000:
        return -EINVAL
    if flags & ~u64(FRAME_LOW32) != 0:
        return -EINVAL
    me = myproc()
    return sys_frame_alloc(me, first, count, align, flags)


@export
def call_frame_next_free(start: u64) -> i64:
    """frame_next_free(start)."""
    me = myproc()
    return sys_frame_next_free(me, start)


@export
def call_map(env_given: u64, frames_given: u64, va: u64, page: u64, count: u64, rights: u64) -> i64:
    """map(env, frames, va, page, count, rights)."""
    if not is_page(va):
        return -EINVAL
    if count > 512 or not pages_fit(va, count):
        return -EINVAL
    if rights & ~u64(READ | WRITE | EXEC) != 0:
        return -EINVAL
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    frames_slot = find_cap(env.index, frames_given, CAP_FRAMES, rights)
    if frames_slot < 0:
        return frames_slot
    frames = cap_at(env.index, u32(frames_slot))
    return sys_map(me, env, frames, u32(frames_slot), va, page, count, rights)


@export
def call_unmap(env_given: u64, va: u64, count: u64) -> i64:
    """unmap(env, va, count)."""
    if not is_page(va):
        return -EINVAL
    if count > 512 or not pages_fit(va, count):
        return -EINVAL
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_unmap(me, env, va, count)


@export
def call_protect(env_given: u64, va: u64, count: u64, rights: u64) -> i64:
    """protect(env, va, count, rights)."""
    if not is_page(va):
        return -EINVAL
    if count > 512 or not pages_fit(va, count):
        return -EINVAL
    if rights & ~u64(READ | WRITE | EXEC) != 0:
        return -EINVAL
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_protect(me, env, va, count, rights)


@export
def call_query(env_given: u64, va: u64) -> i64:
    """query(env, va)."""
    if not is_page(va):
        return -EINVAL
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, READ)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_query(me, env, va)


@export
def call_cap_derive(cap: u64, base: u64, limit: u64, rights: u64) -> i64:
    """cap_derive(cap, base, limit, rights)."""
    if rights & ~u64(READ | WRITE | EXEC | CALL | GRANT | DERIVE | REVOKE | DMA) != 0:
        return -EINVAL
    me = myproc()
    return sys_cap_derive(me, cap, base, limit, rights)


@export
def call_cap_grant(env_given: u64, cap: u64, base: u64, limit: u64, rights: u64, zone_given: u64) -> i64:
    """cap_grant(env, cap, base, limit, rights, zone)."""
    if rights & ~u64(READ | WRITE | EXEC | CALL | GRANT | DERIVE | REVOKE | DMA) != 0:
        return -EINVAL
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    zone: Capability | None = None
    if zone_given != 0:
        zone_slot = find_cap(me.index, zone_given, CAP_ZONE, GRANT)
        if zone_slot < 0:
            return zone_slot
        zone = cap_at(me.index, u32(zone_slot))
    return sys_cap_grant(me, env, cap, base, limit, rights, zone)


@export
def call_cap_move(env_given: u64, cap: u64) -> i64:
    """cap_move(env, cap)."""
    me = myproc()
    env_index = find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_cap_move(me, env, cap)


@export
def call_repossessed(record_given: u64) -> i64:
    """repossessed(record)."""
    if not is_user(record_given, sizeof(Repossession)):
        return -EFAULT
    me = myproc()
    result = sys_repossessed(me, repossession_buffer)
    if result < 0:
        return result
    if not copy_out(UserPtr[u8](record_given), Ptr[u8](addressof(repossession_buffer)), sizeof(Repossession)):
        return -EFAULT
    return result


@export
def call_cap_validate(cap: u64, kind: u64, rights: u64, base: u64, limit: u64) -> i64:
    """cap_validate(cap, kind, rights, base, limit)."""
    if kind > 9:
        return -EINVAL
    if rights & ~u64(READ | WRITE | EXEC | CALL | GRANT | DERIVE | REVOKE | DMA) != 0:
        return -EINVAL
    me = myproc()
    return sys_cap_validate(me, cap, kind, rights, base, limit)


@export
def call_cap_read(cap: u64, info_given: u64) -> i64:
    """cap_read(cap, info)."""
    if not is_user(info_given, sizeof(CapInfo)):
        return -EFAULT
    me = myproc()
    result = sys_cap_read(me, cap, capinfo_buffer)
    if result < 0:
        return result
    if not copy_out(UserPtr[u8](info_given), Ptr[u8](addressof(capinfo_buffer)), sizeof(CapInfo)):
        return -EFAULT
    return result


@export
def call_caps_grow(frames_given: u64) -> i64:
    """caps_grow(frames)."""
    me = myproc()
    frames_slot = find_cap(me.index, frames_given, CAP_FRAMES, READ | WRITE)
    if frames_slot < 0:
        return frames_slot
    frames = cap_at(me.index, u32(frames_slot))
    return sys_caps_grow(me, frames, u32(frames_slot))


@export
def call_pct_set(entry: u64, stack: u64) -> i64:
    """pct_set(entry, stack)."""
    if not is_user(entry, 0):
        return -EINVAL
    if not is_user(stack, 0):
        return -EINVAL
    me = myproc()
    return sys_pct_set(me, entry, stack)


@export
def call_door_create(entry: u64, cookie: u64) -> i64:
    """door_create(entry, cookie)."""
    if not is_user(entry, 0):
        return -EINVAL
    me = myproc()
    return sys_door_create(me, entry, cookie)


@export
def call_notify_take(mask: u64) -> i64:
    """notify_take(mask)."""
    if mask > 0x7FFF_FFFF_FFFF_FFFF:
        return -EINVAL
    me = myproc()
    return sys_notify_take(me, mask)


@export
def call_irq_bind(irq_given: u64, number: u64, bits: u64) -> i64:
    """irq_bind(irq, number, bits)."""
    if number > 63:
        return -EINVAL
    if bits < 1 or bits > 0x7FFF_FFFF_FFFF_FFFF:
        return -EINVAL
    me = myproc()
    irq_slot = find_cap(me.index, irq_given, CAP_IRQ, READ)
    if irq_slot < 0:
        return irq_slot
    irq = cap_at(me.index, u32(irq_slot))
    return sys_irq_bind(me, irq, u32(irq_slot), number, bits)


@export
def call_port_bind(ports_given: u64) -> i64:
    """port_bind(ports)."""
    me = myproc()
    ports_slot = find_cap(me.index, ports_given, CAP_PORTS, READ | WRITE)
    if ports_slot < 0:
        return ports_slot
    ports = cap_at(me.index, u32(ports_slot))
    return sys_port_bind(me, ports, u32(ports_slot))


@export
def call_port_unbind(ports_given: u64) -> i64:
    """port_unbind(ports)."""
    me = myproc()
    ports_slot = find_cap(me.index, ports_given, CAP_PORTS, 0)
    if ports_slot < 0:
        return ports_slot
    ports = cap_at(me.index, u32(ports_slot))
    return sys_port_unbind(me, ports, u32(ports_slot))


@export
def call_slice_bind(slices_given: u64, env_given: u64) -> i64:
    """slice_bind(slices, env)."""
    me = myproc()
    slices_slot = find_cap(me.index, slices_given, CAP_SLICE, WRITE)
    if slices_slot < 0:
        return slices_slot
    slices = cap_at(me.index, u32(slices_slot))
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_slice_bind(me, slices, u32(slices_slot), env)


@export
def call_zone_create(quota: u64) -> i64:
    """zone_create(quota)."""
    if quota < 1 or quota > 0xFF_FFFF:
        return -EINVAL
    me = myproc()
    return sys_zone_create(me, quota)


@export
def call_zone_unlock(zone_given: u64) -> i64:
    """zone_unlock(zone)."""
    me = myproc()
    zone_slot = find_cap(me.index, zone_given, CAP_ZONE, WRITE)
    if zone_slot < 0:
        return zone_slot
    zone = cap_at(me.index, u32(zone_slot))
    return sys_zone_unlock(me, zone)


@export
def call_zone_enter(env_given: u64, zone_given: u64) -> i64:
    """zone_enter(env, zone)."""
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    zone_slot = find_cap(me.index, zone_given, CAP_ZONE, GRANT)
    if zone_slot < 0:
        return zone_slot
    zone = cap_at(me.index, u32(zone_slot))
    return sys_zone_enter(me, env, zone)


@export
def call_exit(frame: TrapFrame) -> i64:
    """exit(status)."""
    status = frame.rdi
    if status > 0xFFFF_FFFF:
        return -EINVAL
    me = myproc()
    return sys_exit(me, frame, status)


@export
def call_env_stop(frame: TrapFrame) -> i64:
    """env_stop(env)."""
    env_given = frame.rdi
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_env_stop(me, frame, env)


@export
def call_env_destroy(frame: TrapFrame) -> i64:
    """env_destroy(env)."""
    env_given = frame.rdi
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, WRITE)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_env_destroy(me, frame, env)


@export
def call_env_wait(frame: TrapFrame) -> i64:
    """env_wait(env)."""
    env_given = frame.rdi
    me = myproc()
    env_index = find_env(me, env_given, READ)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_env_wait(me, frame, env)


@export
def call_cap_drop(frame: TrapFrame) -> i64:
    """cap_drop(cap)."""
    cap = frame.rdi
    me = myproc()
    return sys_cap_drop(me, frame, cap)


@export
def call_cap_revoke(frame: TrapFrame) -> i64:
    """cap_revoke(cap, flags)."""
    cap = frame.rdi
    flags = frame.rsi
    if flags & ~u64(REVOKE_KEEP | REVOKE_ASK | REVOKE_FORCE) != 0:
        return -EINVAL
    me = myproc()
    return sys_cap_revoke(me, frame, cap, flags)


@export
def call_upcall_set(frame: TrapFrame) -> i64:
    """upcall_set(entry, stack, mask, depth)."""
    entry = frame.rdi
    stack = frame.rsi
    mask = frame.rdx
    depth = frame.r10
    if not is_user(entry, 0):
        return -EINVAL
    if not is_user(stack, 0):
        return -EINVAL
    if mask & ~u64(62) != 0:
        return -EINVAL
    if depth < 1 or depth > 16:
        return -EINVAL
    me = myproc()
    return sys_upcall_set(me, frame, entry, stack, mask, depth)


@export
def call_upcall_return(frame: TrapFrame) -> i64:
    """upcall_return(registers)."""
    registers_given = frame.rdi
    if not is_user(registers_given, sizeof(TrapFrame)):
        return -EFAULT
    me = myproc()
    return sys_upcall_return(me, frame, UserPtr[u8](registers_given))


@export
def call_pct(frame: TrapFrame) -> i64:
    """pct(env, w0, w1, w2, w3, w4)."""
    env_given = frame.rdi
    me = myproc()
    env_index = find_env(me, env_given, CALL)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_pct(me, frame, env)


@export
def call_wait(frame: TrapFrame) -> i64:
    """wait()."""
    me = myproc()
    return sys_wait(me, frame)


@export
def call_door_call(frame: TrapFrame) -> i64:
    """door_call(door, w0, w1, w2, w3, w4)."""
    door_given = frame.rdi
    me = myproc()
    door_slot = find_cap(me.index, door_given, CAP_DOOR, CALL)
    if door_slot < 0:
        return door_slot
    door = cap_at(me.index, u32(door_slot))
    return sys_door_call(me, frame, door)


@export
def call_door_return(frame: TrapFrame) -> i64:
    """door_return(w0, w1, w2, w3, w4)."""
    me = myproc()
    return sys_door_return(me, frame)


@export
def call_door_revoke(frame: TrapFrame) -> i64:
    """door_revoke(door)."""
    door_given = frame.rdi
    me = myproc()
    door_slot = find_cap(me.index, door_given, CAP_DOOR, REVOKE)
    if door_slot < 0:
        return door_slot
    door = cap_at(me.index, u32(door_slot))
    return sys_door_revoke(me, frame, door)


@export
def call_notify(frame: TrapFrame) -> i64:
    """notify(env, bits)."""
    env_given = frame.rdi
    bits = frame.rsi
    if bits < 1 or bits > 0x7FFF_FFFF_FFFF_FFFF:
        return -EINVAL
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, CALL)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_notify(me, frame, env, bits)


@export
def call_irq_ack(frame: TrapFrame) -> i64:
    """irq_ack(irq, number)."""
    irq_given = frame.rdi
    number = frame.rsi
    if number > 63:
        return -EINVAL
    me = myproc()
    irq_slot = find_cap(me.index, irq_given, CAP_IRQ, READ)
    if irq_slot < 0:
        return irq_slot
    irq = cap_at(me.index, u32(irq_slot))
    return sys_irq_ack(me, frame, irq, number)


@export
def call_slice_unbind(frame: TrapFrame) -> i64:
    """slice_unbind(slices)."""
    slices_given = frame.rdi
    me = myproc()
    slices_slot = find_cap(me.index, slices_given, CAP_SLICE, WRITE)
    if slices_slot < 0:
        return slices_slot
    slices = cap_at(me.index, u32(slices_slot))
    return sys_slice_unbind(me, frame, slices, u32(slices_slot))


@export
def call_yield(frame: TrapFrame) -> i64:
    """yield(env)."""
    env_given = frame.rdi
    me = myproc()
    env_index = i64(me.index) if env_given == 0 else find_env(me, env_given, CALL)
    if env_index < 0:
        return env_index
    env = env_at(u32(env_index))
    return sys_yield(me, frame, env)


@export
def call_zone_lock(frame: TrapFrame) -> i64:
    """zone_lock(zone)."""
    zone_given = frame.rdi
    me = myproc()
    zone_slot = find_cap(me.index, zone_given, CAP_ZONE, WRITE)
    if zone_slot < 0:
        return zone_slot
    zone = cap_at(me.index, u32(zone_slot))
    return sys_zone_lock(me, frame, zone)


@export
def call_zone_destroy(frame: TrapFrame) -> i64:
    """zone_destroy(zone)."""
    zone_given = frame.rdi
    me = myproc()
    zone_slot = find_cap(me.index, zone_given, CAP_ZONE, WRITE | REVOKE)
    if zone_slot < 0:
        return zone_slot
    zone = cap_at(me.index, u32(zone_slot))
    return sys_zone_destroy(me, frame, zone, u32(zone_slot))
