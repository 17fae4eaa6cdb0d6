"""System calls: upcalls, control transfer, doors, notifications. docs/syscalls.md."""

from exotool.lang import UserPtr, i64, u8, u32, u64
from kernel import caps, door
from kernel.captypes import ALL_RIGHTS, DOOR, Capability
from kernel.env import ZOMBIE, Env
from kernel.errno import EFAULT, ESRCH
from kernel.objects import door_died
from kernel.trapframe import TrapFrame
from kernel.upcall import resume


def sys_upcall_set(me: Env, frame: TrapFrame, entry: u64, stack: u64, mask: u64, depth: u64) -> i64:
    """Say where upcalls go, or that there are none."""
    me.upcall_entry = entry
    me.upcall_stack = stack
    me.upcall_mask = u32(mask)
    me.upcall_limit = u32(depth)
    return 0


def sys_upcall_return(me: Env, frame: TrapFrame, registers: UserPtr[u8]) -> i64:
    """Go on with the registers that an upcall has laid down."""
    if not resume(frame, registers):
        return -EFAULT
    return i64(frame.rax)


def sys_pct_set(me: Env, entry: u64, stack: u64) -> i64:
    """Say where others enter."""
    me.pct_entry = entry
    me.pct_stack = stack
    return 0


def sys_pct(me: Env, frame: TrapFrame, env: Env) -> i64:
    """Transfer control to another environment."""
    return door.pct(env, frame)


def sys_wait(me: Env, frame: TrapFrame) -> i64:
    """Wait to be entered or notified."""
    return door.wait()


def sys_door_create(me: Env, entry: u64, cookie: u64) -> i64:
    """Open a door into the caller."""
    number = door.door_take(me, entry, cookie)
    if number < 0:
        return number
    ident = caps.cap_new(me.index, DOOR, ALL_RIGHTS, u64(number), u64(number) + 1, me.zone)
    if ident < 0:
        door.door_close(u32(number))
    return ident


def sys_door_call(me: Env, frame: TrapFrame, door_cap: Capability) -> i64:
    """Call a door and wait for the answer."""
    return door.door_call(u32(door_cap.base), frame)


def sys_door_return(me: Env, frame: TrapFrame) -> i64:
    """Answer a call."""
    return door.door_return(frame)


def sys_door_revoke(me: Env, frame: TrapFrame, door_cap: Capability) -> i64:
    """Close a door."""
    number = u32(door_cap.base)
    door.door_close(number)
    door_died(number)
    return 0


def sys_notify(me: Env, frame: TrapFrame, env: Env, bits: u64) -> i64:
    """Send bits to an environment."""
    if env.state == ZOMBIE:
        return -ESRCH
    door.notify(env, bits)
    return 0


def sys_notify_take(me: Env, mask: u64) -> i64:
    """Take bits that have come."""
    bits = me.notified & mask
    me.notified &= ~mask
    return i64(bits)
