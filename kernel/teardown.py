"""How bindings end: the functions of the modules above kernel/caps.py that kernel/binding.py calls by name."""

from exotool.lang import export, u32
from kernel import door, zone
from kernel.abi.numbers import STATUS_KILLED
from kernel.device import irqs_unbind
from kernel.env import ZOMBIE, env_at
from kernel.life import end_zone_members, env_retire, kill
from kernel.objects import door_died, zone_died
from kernel.ports import ports_unbind
from kernel.sched import slices_unbind
from kernel.space import unmap_slot


@export
def binding_unmap(env: u32, slot: u32, count: u32) -> None:
    """Unmap what a capability has mapped."""
    unmap_slot(env_at(env), slot, count)


@export
def binding_unroute(env: u32, slot: u32) -> None:
    """Take the interrupts back that a capability has bound."""
    irqs_unbind(env, slot)


@export
def binding_close(env: u32, slot: u32) -> None:
    """Close the ports that a capability has opened."""
    ports_unbind(env_at(env), slot)


@export
def binding_unschedule(first: u32, end: u32, by: u32) -> None:
    """Take the slices back that a capability has bound."""
    slices_unbind(first, end, by)


@export
def binding_end_env(number: u32) -> None:
    """End an environment whose status nobody can ask for any more."""
    env = env_at(number)
    env.owned = 0
    if env.state == ZOMBIE:
        env_retire(env)
    else:
        kill(env, STATUS_KILLED)


@export
def binding_end_door(number: u32) -> None:
    """Close a door."""
    door.door_close(number)
    door_died(number)


@export
def binding_end_zone(number: u32) -> None:
    """End what is in a zone, and the zone as soon as it has nothing any more."""
    zone.doom(number)
    end_zone_members(number)
    zone_died(number)
