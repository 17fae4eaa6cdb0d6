"""What proofs about capability tables start from: a table of one frame with any content."""

from typing import Final

from exotool.lang import Array, Ptr, Struct, array, assume, havoc, provide_memory, u32, u64
from kernel.caps import IN_FRAME, cap_at, tables
from kernel.captypes import DOOR, ENV, NO_REF, NONE, SLOT_BITS, ZONE, Capability
from kernel.layout import ENVS, PHYSBASE
from kernel.objects import DOORS, ZONES, door_epochs, env_epochs, env_zones, zone_epochs

DIRECTORY: Final = PHYSBASE + 0x10_0000
SLOTS_OF_ONE: Final = PHYSBASE + 0x20_0000
DIRECTORY_OF_OTHER: Final = PHYSBASE + 0x30_0000
SLOTS_OF_OTHER: Final = PHYSBASE + 0x40_0000


class SlotFrame(Struct):
    """A frame of a table."""

    slots: Array[Capability] = array(IN_FRAME)


def any_objects() -> None:
    """Let all objects be in any epoch, and the environments in any zone."""
    havoc(env_epochs)
    havoc(door_epochs)
    havoc(zone_epochs)
    havoc(env_zones)


def any_table(env: u32, directory: u64, frame: u64) -> None:
    """Let an environment have a table with one frame of slots, which hold anything."""
    table = tables[env]
    havoc(table)
    havoc(SlotFrame.at(frame))
    Ptr[u64](directory)[0] = frame
    table.directory = directory
    table.frames = 1


def one_table(env: u32) -> None:
    """Let one environment have a table with any content."""
    assume(env < ENVS)
    provide_memory(DIRECTORY, 4096)
    provide_memory(SLOTS_OF_ONE, 4096)
    any_objects()
    any_table(env, DIRECTORY, SLOTS_OF_ONE)


def plausible(cap: Capability) -> bool:
    """Tell whether a slot that is taken holds a capability as the kernel makes them: of objects that exist."""
    if cap.base >= cap.limit:
        return False
    if cap.kind == ENV:
        return cap.limit <= ENVS
    if cap.kind == DOOR:
        return cap.limit <= DOORS
    if cap.kind == ZONE:
        return cap.limit <= ZONES
    return cap.kind != NONE


def in_table(ref: u32, env: u32) -> bool:
    """Tell whether a reference is to a slot of the one frame that an environment has, or none."""
    slot = ref & ((1 << SLOT_BITS) - 1)
    return ref == NO_REF or (ref >> SLOT_BITS == env and slot != 0 and slot < IN_FRAME)


def free_list_is_sound(env: u32) -> None:
    """Assume of the free list what a taken slot needs: its first slot exists and is free, or there is none."""
    table = tables[env]
    assume(table.free < IN_FRAME and table.used < IN_FRAME)
    if table.free != 0:
        assume(cap_at(env, table.free).kind == NONE)
