"""A capability check: does one of a process's capabilities cover a range with these rights."""

from typing import Final

from exotool.lang import Array, Struct, array, export, u32, u64

READ: Final = 1
WRITE: Final = 2


class Capability(Struct):
    base: u64
    limit: u64
    rights: u32
    generation: u32


class Space(Struct):
    generation: u32
    count: u32
    caps: Array[Capability] = array(64)


space: Space = Space()


@export
def caps_check(space: Space, start: u64, end: u64, rights: u32) -> bool:
    if start > end:
        return False
    for i in range(u64(space.count)):
        cap = space.caps[i]
        if (
            cap.generation == space.generation
            and cap.rights & rights == rights
            and cap.base <= start
            and end <= cap.limit
        ):
            return True
    return False


@export
def caps_init(count: u64) -> None:
    space.generation = 7
    space.count = 32
    for i in range(u64(32)):
        cap = space.caps[i]
        cap.base = i * 0x10000
        cap.limit = i * 0x10000 + 0x8000
        cap.rights = READ | WRITE if i & 1 != 0 else READ
        cap.generation = 7


@export
def caps_run(rounds: u64) -> u64:
    good: u64 = 0
    for i in range(rounds):
        start = (i * 0x3217) & 0x1F_FFFF
        if caps_check(space, start, start + 64, READ | WRITE):
            good += 1
    return good
