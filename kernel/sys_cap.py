"""System calls: capabilities. docs/syscalls.md."""

from typing import Final

from exotool.lang import i64, u32, u64
from kernel import caps
from kernel.abi.types import CapInfo, Repossession
from kernel.captypes import NO_REF, NONE, SLOT_BITS, SUCCESS, Capability, errno_of, slot_of
from kernel.captypes import REVOKE as RIGHT_REVOKE
from kernel.env import Env, env_at
from kernel.errno import EAGAIN, ENOSPC, EXDEV
from kernel.paging import phys
from kernel.sched import kick_env
from kernel.trapframe import TrapFrame
from kernel.upcall import REVOCATION, request

KEEP: Final = 1
ASK: Final = 2
FORCE: Final = 4
ASKED: Final = 64  # holders that are asked in one call


def sys_cap_derive(me: Env, cap: u64, base: u64, limit: u64, rights: u64) -> i64:
    """Make a capability for part of what one allows."""
    return caps.cap_derive(me.index, cap, me.index, base, limit, u32(rights), me.zone)


def sys_cap_grant(me: Env, env: Env, cap: u64, base: u64, limit: u64, rights: u64, zone: Capability | None) -> i64:
    """Make such a capability for another environment."""
    if env.zone != me.zone and (zone is None or zone.base != env.zone):
        return -EXDEV
    return caps.cap_derive(me.index, cap, env.index, base, limit, u32(rights), env.zone)


def sys_cap_move(me: Env, env: Env, cap: u64) -> i64:
    """Give a capability away."""
    return caps.cap_move(me.index, cap, env.index)


def sys_cap_drop(me: Env, frame: TrapFrame, cap: u64) -> i64:
    """Give a capability up."""
    return caps.cap_drop(me.index, cap)


def sys_cap_revoke(me: Env, frame: TrapFrame, cap: u64, flags: u64) -> i64:
    """Take away what was derived from a capability."""
    code = caps.cap_check(me.index, cap, NONE, RIGHT_REVOKE, 0, 0)
    if code != SUCCESS:
        return errno_of(code)
    if flags & ASK != 0:
        return ask(caps.ref_of(me.index, slot_of(cap)))
    caps.record_taken = flags & FORCE != 0
    result = caps.cap_revoke(me.index, cap, flags & KEEP != 0)
    caps.record_taken = False
    return result


def ask(ref: u32) -> i64:
    """Ask who holds what was derived directly from a capability to give it back; 0 if there is nobody."""
    at = caps.by_ref(ref).child
    if at == NO_REF:
        return 0
    for _ in range(ASKED):
        if at == NO_REF:
            break
        holder = env_at(at >> SLOT_BITS)
        if request(holder, REVOCATION):
            kick_env(holder)
        at = caps.by_ref(at).next
    return -EAGAIN


def sys_repossessed(me: Env, record: Repossession) -> i64:
    """Tell what was taken by force."""
    record.count = me.taken_count
    record.type = me.taken_type
    record.base = me.taken_base
    record.limit = me.taken_limit
    me.taken_count = 0
    return 0


def sys_cap_validate(me: Env, cap: u64, kind: u64, rights: u64, base: u64, limit: u64) -> i64:
    """Tell whether a capability allows something."""
    return caps.cap_check(me.index, cap, u32(kind), u32(rights), base, limit)


def sys_cap_read(me: Env, cap: u64, info: CapInfo) -> i64:
    """Tell what a capability says."""
    return caps.cap_validate_unified(me.index, cap, info)


def sys_caps_grow(me: Env, frames: Capability, frames_slot: u32) -> i64:
    """Make the caller's table larger by a frame of its own."""
    if caps.table_frames(me.index) == caps.MAX_FRAMES:
        return -ENOSPC
    frame = caps.cap_consume(me.index, frames_slot)
    if frame < 0:
        return frame
    me.tables += 1
    return caps.table_grow(me.index, phys(u64(frame) << 12))
