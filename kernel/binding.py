"""What capabilities have bound, and how it is taken back: called when a capability ends (kernel/caps.py)."""

from exotool.lang import extern, u32
from kernel import zone
from kernel.captypes import DOOR, ENV, FRAMES, IRQ, PORTS, SLICE, SLOT_BITS, ZONE, Capability
from kernel.env import env_at
from kernel.kalloc import kfree_run
from kernel.objects import epoch_of


@extern("binding_unmap")
def unmap(env: u32, slot: u32, count: u32) -> None:
    """Unmap what a capability has mapped (kernel/teardown.py)."""


@extern("binding_unroute")
def unroute(env: u32, slot: u32) -> None:
    """Take interrupts back."""


@extern("binding_close")
def close_ports(env: u32, slot: u32) -> None:
    """Close ports."""


@extern("binding_unschedule")
def unschedule(first: u32, end: u32, by: u32) -> None:
    """Take slices back."""


@extern("binding_end_env")
def end_env(env: u32) -> None:
    """End an environment whose status nobody can ask for any more."""


@extern("binding_end_door")
def end_door(door: u32) -> None:
    """Close a door."""


@extern("binding_end_zone")
def end_zone(number: u32) -> None:
    """End a zone."""


def note_taken(number: u32, cap: Capability) -> None:
    """Write down for an environment what is taken from it."""
    env = env_at(number)
    env.taken_count += 1
    env.taken_type = cap.kind
    env.taken_base = cap.base
    env.taken_limit = cap.limit


def unbind(env: u32, slot: u32, cap: Capability) -> None:
    """Take back all that a capability of an environment has bound."""
    if cap.kind == FRAMES:
        unmap(env, slot, cap.bindings)
    elif cap.kind == IRQ:
        unroute(env, slot)
    elif cap.kind == PORTS:
        close_ports(env, slot)
    elif cap.kind == SLICE:
        unschedule(u32(cap.base), u32(cap.limit), env << SLOT_BITS | slot)


def release(cap: Capability) -> None:
    """Take back the resource of a first capability, if it has not ended by itself."""
    if cap.epoch != epoch_of(cap.kind, cap.base):
        return
    if cap.kind == FRAMES:
        kfree_run(cap.base, cap.limit - cap.base)
        zone.credit(cap.zone, cap.limit - cap.base)
    elif cap.kind == ENV:
        end_env(u32(cap.base))
    elif cap.kind == DOOR:
        end_door(u32(cap.base))
    elif cap.kind == ZONE:
        end_zone(u32(cap.base))
