"""Zones: what a group of environments may have together.

A zone has a quota of frames, taken from that of the zone which made it: the quotas of the zones that there are never
exceed the memory that there is. Every frame that an environment gets, and every one that the kernel needs for it,
counts.
"""

from typing import Final

from exotool.lang import Array, Struct, array, i64, u32, u64
from kernel.captypes import ZONE
from kernel.errno import EBUSY, EINVAL, ENFILE, ENOMEM
from kernel.objects import ZONES, is_worn_out

ROOT: Final = 0


class Zone(Struct):
    """A zone. `used` includes what it has given to zones of its own."""

    alive: u32
    parent: u32
    locked: u32
    doomed: u32  # ends when it has nothing any more
    children: u32
    quota: u64
    used: u64


zones: Array[Zone] = array(ZONES)
zone_count: u32 = 0


def zone_init(frames: u64) -> None:
    """Make the first zone, which may have all memory."""
    global zone_count
    zones[ROOT].alive = 1
    zones[ROOT].quota = frames
    zone_count = 1


def charge(zone: u32, count: u64) -> bool:
    """Let a zone have `count` more frames; False, and nothing changed, beyond its quota."""
    z = zones[zone]
    if count > z.quota - z.used:
        return False
    z.used += count
    return True


def grow(zone: u32, count: u64) -> None:
    """Let a zone have `count` frames that it has already, beyond those that are free."""
    zones[zone].quota += count
    zones[zone].used += count


def credit(zone: u32, count: u64) -> None:
    """Take it back. The last frame of a zone that is doomed ends it, and so may go on with the zone that made it."""
    at = zone
    given = count
    for _ in range(ZONES):
        z = zones[at]
        assert given <= z.used, "a zone gives back more than it had"
        z.used -= given
        if z.doomed == 0 or z.used != 0:
            return
        at = z.parent
        given = z.quota
        forget(z)


def forget(z: Zone) -> None:
    """Make a zone's number free."""
    global zone_count
    z.alive = 0
    z.doomed = 0
    zones[z.parent].children -= 1
    zone_count -= 1


def create(parent: u32, quota: u64) -> i64:
    """Make a zone out of a part of another's quota. Returns its number, -ENFILE or -ENOMEM."""
    global zone_count
    for number in range(u32(ZONES)):
        z = zones[number]
        if z.alive == 0 and not is_worn_out(ZONE, number):
            if not charge(parent, quota):
                return -ENOMEM
            z.alive = 1
            z.parent = parent
            z.locked = 0
            z.doomed = 0
            z.children = 0
            z.quota = quota
            z.used = 0
            zones[parent].children += 1
            zone_count += 1
            return i64(number)
    return -ENFILE


def destroy(zone: u32) -> i64:
    """Forget a zone that has nothing any more; its quota goes back. -EBUSY if it has something, or is the first."""
    z = zones[zone]
    if zone == ROOT or z.used != 0:
        return -EBUSY
    forget(z)
    credit(z.parent, z.quota)
    return 0


def doom(zone: u32) -> None:
    """End a zone as soon as it has nothing any more."""
    zones[zone].doomed = 1
    destroy(zone)


def has_children(zone: u32) -> bool:
    """Tell whether a zone has zones of its own."""
    return zones[zone].children != 0


def lock(zone: u32) -> i64:
    """Note that the environments of a zone are held; -EBUSY if they are."""
    if zones[zone].locked != 0:
        return -EBUSY
    zones[zone].locked = 1
    return 0


def unlock(zone: u32) -> i64:
    """Note that they are not held any more; -EINVAL if they are not."""
    if zones[zone].locked == 0:
        return -EINVAL
    zones[zone].locked = 0
    return 0


def is_locked(zone: u32) -> bool:
    """Tell whether the environments of a zone are held."""
    return zones[zone].locked != 0


def used(zone: u32) -> u64:
    """Return how many frames a zone has."""
    return zones[zone].used


def quota(zone: u32) -> u64:
    """Return how many frames a zone may have."""
    return zones[zone].quota


def free_count() -> u32:
    """Return how many more zones can be made."""
    return ZONES - zone_count
