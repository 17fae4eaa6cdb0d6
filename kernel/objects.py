"""Epochs of the kernel's objects: an object that ends takes all capabilities for it along, without a look at them.

The epoch of an object is in each capability for it. It counts up when the object ends, and then no capability from
before fits.
"""

from typing import Final

from exotool.lang import Array, array, u32, u64
from kernel.captypes import DOOR, ENV, ZONE
from kernel.layout import ENVS

DOORS: Final = 256
ZONES: Final = 64

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


def env_died(env: u32) -> None:
    """End an environment."""
    env_epochs[env] = (env_epochs[env] + 1) & 0x7FFF_FFFF


def door_died(door: u32) -> None:
    """End a door."""
    door_epochs[door] = (door_epochs[door] + 1) & 0x7FFF_FFFF


def zone_died(zone: u32) -> None:
    """End a zone."""
    zone_epochs[zone] = (zone_epochs[zone] + 1) & 0x7FFF_FFFF


def zone_of(env: u32) -> u32:
    """Return the zone of an environment."""
    return env_zones[env]


def env_moved(env: u32, zone: u32) -> None:
    """Put an environment into a zone."""
    env_zones[env] = zone
