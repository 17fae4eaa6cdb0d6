"""Epochs of the kernel's objects: an object that ends takes all capabilities for it along, without a look at them.

The epoch of an object is in each capability for it. It counts up when the object ends, and then no capability from
before fits. An epoch never comes again: a number that has had its last one is not to be given to an object again.
"""

from typing import Final

from exotool.lang import Array, array, u32, u64
from kernel.captypes import DOOR, ENV, ZONE
from kernel.layout import ENVS

DOORS: Final = 256
ZONES: Final = 64
LAST_EPOCH: Final = 0x7FFF_FFFF

env_epochs: Array[u32] = array(ENVS)
door_epochs: Array[u32] = array(DOORS)
zone_epochs: Array[u32] = array(ZONES)
env_zones: Array[u32] = array(ENVS)


def epoch_of(kind: u32, base: u64) -> u32:
    """Return the epoch of the object that a capability of a kind names; 0 for resources, which do not end."""
    if kind == ENV:
        return env_epochs[base]
    if kind == DOOR:
        return door_epochs[base]
    if kind == ZONE:
        return zone_epochs[base]
    return 0


def is_worn_out(kind: u32, base: u64) -> bool:
    """Tell whether a number has had its last epoch, and no object can have it any more."""
    return epoch_of(kind, base) == LAST_EPOCH


def next_epoch(epoch: u32) -> u32:
    """Return what follows an epoch."""
    return epoch if epoch == LAST_EPOCH else epoch + 1


def env_died(env: u32) -> None:
    """End an environment."""
    env_epochs[env] = next_epoch(env_epochs[env])


def door_died(door: u32) -> None:
    """End a door."""
    door_epochs[door] = next_epoch(door_epochs[door])


def zone_died(zone: u32) -> None:
    """End a zone."""
    zone_epochs[zone] = next_epoch(zone_epochs[zone])


def zone_of(env: u32) -> u32:
    """Return the zone of an environment."""
    return env_zones[env]


def env_moved(env: u32, zone: u32) -> None:
    """Put an environment into a zone."""
    env_zones[env] = zone
