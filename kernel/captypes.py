"""What a capability is, and the decisions about it that need no memory but the two at hand."""

from typing import Final

from exotool.lang import Struct, i64, sizeof, u8, u16, u32, u64
from kernel.errno import EACCES, EBADF, EINVAL, EOWNERDEAD, EPROTOTYPE, ERANGE, ESTALE, EXDEV

NONE: Final = 0
FRAMES: Final = 1  # [base, limit): frame numbers
ENV: Final = 2  # base: the environment's number
DOOR: Final = 3
IRQ: Final = 4
PORTS: Final = 5
DISK: Final = 6  # sectors
SLICE: Final = 7  # cpu * 64 + number
ZONE: Final = 8
CONSOLE: Final = 9

READ: Final = 1
WRITE: Final = 2
EXEC: Final = 4
CALL: Final = 8
GRANT: Final = 16  # may be given to another environment
DERIVE: Final = 32
REVOKE: Final = 64
DMA: Final = 128
ALL_RIGHTS: Final = 255

SUCCESS: Final = 0
INVALID_ID: Final = 1
REVOKED: Final = 2
EPOCH_MISMATCH: Final = 3
WRONG_TYPE: Final = 4
INSUFFICIENT_RIGHTS: Final = 5
OUT_OF_RANGE: Final = 6
ZONE_VIOLATION: Final = 7

SLOT_BITS: Final = 14
SLOTS: Final = 1 << SLOT_BITS
NO_REF: Final = 0xFFFF_FFFF
LAST_GENERATION: Final = 0x7FFF_FFFF  # an id is not negative


class Capability(Struct, align=64):
    """A slot of a table: a right to [base, limit) of a resource, and its place among what was derived from what.

    References are an environment's number << 14 | slot. `generation` counts the lives of the slot; of a slot that is
    free, `kind` is NONE and `next` the next free one. `bindings` counts what was bound with it.
    """

    base: u64
    limit: u64
    generation: u32
    kind: u8
    flags: u8
    rights: u16
    zone: u32
    epoch: u32
    parent: u32
    child: u32
    next: u32
    prev: u32
    bindings: u32


assert sizeof(Capability) == 64


def slot_of(ident: u64) -> u32:
    """Return which slot an id names."""
    return u32(ident)


def generation_of(ident: u64) -> u32:
    """Return which life of the slot an id names."""
    return u32(ident >> 32)


def id_of(slot: u32, generation: u32) -> u64:
    """Return the id of a slot in one of its lives."""
    return u64(generation) << 32 | slot


def judge_id(kind: u32, generation: u32, wanted: u32) -> u32:
    """Decide whether a slot still is what an id meant: never after it was freed, and not before it was given."""
    if generation == wanted and kind != NONE:
        return SUCCESS
    return REVOKED if wanted < generation else INVALID_ID


def judge_use(
    kind: u32, rights: u32, base: u64, limit: u64, wanted_kind: u32, wanted_rights: u32, first: u64, end: u64
) -> u32:
    """Decide whether a live capability allows a use. Kind 0 is any; an empty range is within every other."""
    if wanted_kind != NONE and kind != wanted_kind:
        return WRONG_TYPE
    if wanted_rights & ~rights != 0:
        return INSUFFICIENT_RIGHTS
    if first < end and (first < base or end > limit):
        return OUT_OF_RANGE
    return SUCCESS


def derive_allowed(rights: u32, base: u64, limit: u64, new_rights: u32, first: u64, end: u64) -> i64:
    """Decide whether a capability may be made from another one: only with less or the same. 0 or a negative errno."""
    if first >= end:
        return -EINVAL
    if new_rights & ~rights != 0:
        return -EACCES
    if first < base or end > limit:
        return -ERANGE
    return 0


def errno_of(code: u32) -> i64:
    """Return the negative errno of a verdict, 0 for SUCCESS."""
    match code:
        case 0:
            return 0
        case 1:
            return -EBADF
        case 2:
            return -ESTALE
        case 3:
            return -EOWNERDEAD
        case 4:
            return -EPROTOTYPE
        case 5:
            return -EACCES
        case 6:
            return -ERANGE
        case _:
            return -EXDEV
