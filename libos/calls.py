"""The system calls, as functions: docs/syscalls.md.

Generated from kernel/abi/calls.toml by `python -m kernel.abi.generate`; do not edit.
"""

from exotool.lang import extern, i64, u64
from kernel.abi.types import CapInfo, Repossession
from kernel.trapframe import TrapFrame


@extern
def exo_null() -> i64:
    """Do nothing."""
    return 0


@extern
def exo_info(what: u64, index: u64) -> i64:
    """Tell a number of the kernel's: which one, see the INFO constants."""
    return 0


@extern
def exo_clock() -> i64:
    """Tell the time."""
    return 0


@extern
def exo_write(console: u64, buffer: u64, length: u64) -> i64:
    """Write to the serial console."""
    return 0


@extern
def exo_read(console: u64) -> i64:
    """Read from the serial console."""
    return 0


@extern
def exo_exit(status: u64) -> i64:
    """End the caller.

    What it had goes back; its status stays until the last ENV capability is gone. Does not return.
    """
    return 0


@extern
def exo_env_create(zone: u64) -> i64:
    """Make an environment with an empty address space and an empty table, in a zone or in the caller's. It is NEW."""
    return 0


@extern
def exo_env_start(env: u64, rip: u64, rsp: u64, arg: u64) -> i64:
    """Let a NEW environment begin at `rip`, with `arg` in RDI and all other registers 0.

    It runs when it has a slice.
    """
    return 0


@extern
def exo_env_stop(env: u64) -> i64:
    """Hold an environment. It counts: as many `env_resume` let it go on."""
    return 0


@extern
def exo_env_resume(env: u64) -> i64:
    """Take back one `env_stop`."""
    return 0


@extern
def exo_env_destroy(env: u64) -> i64:
    """End an environment, whatever it does."""
    return 0


@extern
def exo_env_wait(env: u64) -> i64:
    """Sleep until an environment is dead."""
    return 0


@extern
def exo_env_state(env: u64) -> i64:
    """Tell what an environment does."""
    return 0


@extern
def exo_env_get(env: u64, registers: TrapFrame) -> i64:
    """Read the registers of an environment."""
    return 0


@extern
def exo_env_set(env: u64, registers: TrapFrame) -> i64:
    """Change the registers of an environment. Segments and the flags of the system stay as they are."""
    return 0


@extern
def exo_frame_alloc(first: u64, count: u64, align: u64, flags: u64) -> i64:
    """Take `count` frames that follow each other.

    They begin at number `first`, or (-1) at the lowest multiple of `align` where so many are free. They are zero.
    """
    return 0


@extern
def exo_frame_next_free(start: u64) -> i64:
    """Tell the lowest free frame at or above a number."""
    return 0


@extern
def exo_map(env: u64, frames: u64, va: u64, page: u64, count: u64, rights: u64) -> i64:
    """Map `count` frames from the capability's frame `page` on at `va`. The capability is one of `env`'s."""
    return 0


@extern
def exo_unmap(env: u64, va: u64, count: u64) -> i64:
    """Take pages out of an address space, on all CPUs."""
    return 0


@extern
def exo_protect(env: u64, va: u64, count: u64, rights: u64) -> i64:
    """Change the rights of pages that are mapped."""
    return 0


@extern
def exo_query(env: u64, va: u64) -> i64:
    """Tell what is mapped at a page."""
    return 0


@extern
def exo_cap_derive(cap: u64, base: u64, limit: u64, rights: u64) -> i64:
    """Make a capability for part of what one allows."""
    return 0


@extern
def exo_cap_grant(env: u64, cap: u64, base: u64, limit: u64, rights: u64, zone: u64) -> i64:
    """Make such a capability in the table of another environment.

    In another zone that needs a capability of that zone.
    """
    return 0


@extern
def exo_cap_move(env: u64, cap: u64) -> i64:
    """Give a capability away; what was derived from it stays derived from it."""
    return 0


@extern
def exo_cap_drop(cap: u64) -> i64:
    """Give a capability up, and what was bound with it.

    What was derived from it stays; but with the root of a resource all goes, and the resource is free.
    """
    return 0


@extern
def exo_cap_revoke(cap: u64, flags: u64) -> i64:
    """Take away all that was derived from a capability, in every table, and what was bound with it; and itself."""
    return 0


@extern
def exo_repossessed(record: Repossession) -> i64:
    """Read what was taken by force from the caller since it asked last."""
    return 0


@extern
def exo_cap_validate(cap: u64, kind: u64, rights: u64, base: u64, limit: u64) -> i64:
    """Tell whether a capability allows something; kind 0 is any type, and an empty range is within every other."""
    return 0


@extern
def exo_cap_read(cap: u64, info: CapInfo) -> i64:
    """Read what a capability says."""
    return 0


@extern
def exo_caps_grow(frames: u64) -> i64:
    """Give the kernel a frame for 64 more slots of the caller's table.

    The capability is used up; the frame comes back when the environment ends.
    """
    return 0


@extern
def exo_upcall_set(entry: u64, stack: u64, mask: u64, depth: u64) -> i64:
    """Say where upcalls go, on which stack, which types (1 << type), and how many may be open at once.

    Entry 0: none.
    """
    return 0


@extern
def exo_upcall_return(registers: TrapFrame) -> i64:
    """End an upcall: go on with the registers of its frame, perhaps changed.

    Segments and the flags of the system are the kernel's. Returns only an error.
    """
    return 0


@extern
def exo_pct_set(entry: u64, stack: u64) -> i64:
    """Say where control transfers and door calls come in, on which stack. Entry 0: none come."""
    return 0


@extern
def exo_wait() -> i64:
    """Wait for a control transfer, a door call or a notification. Only the last one lets the call return."""
    return 0


@extern
def exo_door_create(entry: u64, cookie: u64) -> i64:
    """Make a door into the caller.

    A call of it comes in at `entry` on the stack of `pct_set`, with the cookie in RDI, the words in RSI RDX R10 R8
    R9, and the calling environment's index << 32 | epoch in R12.
    """
    return 0


@extern
def exo_door_return(w0: u64, w1: u64, w2: u64, w3: u64, w4: u64) -> i64:
    """Answer the open door call, and wait for the next transfer, call or notification.

    Registers are not kept, and a notification comes in at the entry of `pct_set` with RDI 0 and its bits in RSI.
    Returns only an error.
    """
    return 0


@extern
def exo_door_revoke(door: u64) -> i64:
    """Close a door for ever: who calls or waits gets EPIPE."""
    return 0


@extern
def exo_notify(env: u64, bits: u64) -> i64:
    """Set notification bits of an environment, which wakes it if it waits."""
    return 0


@extern
def exo_notify_take(mask: u64) -> i64:
    """Take notification bits without waiting."""
    return 0


@extern
def exo_irq_bind(irq: u64, number: u64, bits: u64) -> i64:
    """Let an interrupt notify the caller. It is masked when it comes, until `irq_ack`."""
    return 0


@extern
def exo_irq_ack(irq: u64, number: u64) -> i64:
    """Let a bound interrupt come again."""
    return 0


@extern
def exo_port_bind(ports: u64) -> i64:
    """Let the caller execute IN and OUT on these ports."""
    return 0


@extern
def exo_port_unbind(ports: u64) -> i64:
    """Take `port_bind` back."""
    return 0


@extern
def exo_slice_bind(slices: u64, env: u64) -> i64:
    """Let an environment run in these slices. Slice n of CPU c is number c * 64 + n."""
    return 0


@extern
def exo_slice_unbind(slices: u64) -> i64:
    """Take back what was bound with this capability."""
    return 0


@extern
def exo_yield(env: u64) -> i64:
    """Give the rest of the slice to an environment, or (0) let the next slice begin."""
    return 0


@extern
def exo_zone_create(quota: u64) -> i64:
    """Make a zone, whose environments may have `quota` frames together. They are the caller's zone's until then."""
    return 0


@extern
def exo_zone_lock(zone: u64) -> i64:
    """Hold all environments of a zone."""
    return 0


@extern
def exo_zone_unlock(zone: u64) -> i64:
    """Let them go on."""
    return 0


@extern
def exo_zone_destroy(zone: u64) -> i64:
    """End all environments of a zone, and the zone. Its quota goes back to the zone that it came from."""
    return 0


@extern
def exo_zone_enter(env: u64, zone: u64) -> i64:
    """Put a NEW environment into another zone, before it has pages.

    The capabilities that it has by then are not valid there.
    """
    return 0
