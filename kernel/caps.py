"""Capability tables: one for each environment, in frames of the kernel; and the tree of what was derived from what.

A table is a directory of frames, each with 64 slots. All loops over trees are cut into steps of constant cost, so that
an operation on a tree of any size ends after a bounded time and can be begun again: taking a subtree away moves the
children of a child up to the root, then removes the child. So each step is progress, and none needs a stack.
"""

from typing import Final

from exotool.lang import Array, Ptr, Struct, array, hot, i64, offsetof, sizeof, u8, u16, u32, u64
from kernel import binding
from kernel.abi.types import CapInfo
from kernel.captypes import (
    DERIVE,
    EPOCH_MISMATCH,
    FRAMES,
    GRANT,
    INVALID_ID,
    LAST_GENERATION,
    NO_REF,
    NONE,
    REVOKE,
    REVOKED,
    SLOT_BITS,
    SLOTS,
    SUCCESS,
    ZONE_VIOLATION,
    Capability,
    derive_allowed,
    errno_of,
    generation_of,
    id_of,
    judge_id,
    judge_use,
    slot_of,
)
from kernel.errno import EAGAIN, EBUSY, EINVAL, ENOSPC, EXDEV
from kernel.layout import ENVS
from kernel.objects import epoch_of, zone_of

IN_FRAME: Final = 64  # slots in a frame
MAX_FRAMES: Final = SLOTS // IN_FRAME
BUDGET: Final = 64  # steps of one operation


class CapTable(Struct):
    """A table. `directory` and the frames in it are addresses in the direct map. Slot 0 is never used: 0 ends lists."""

    directory: u64
    frames: u32
    used: u32
    free: u32  # first free slot
    retired: u32  # slots whose generations are used up
    unused: u64


assert sizeof(CapTable) == 32
assert offsetof(CapTable, "frames") == 8
assert offsetof(Capability, "generation") == 16
assert offsetof(Capability, "kind") == 20
assert offsetof(Capability, "rights") == 22
assert offsetof(Capability, "zone") == 24
assert offsetof(Capability, "epoch") == 28

tables: Array[CapTable] = array(ENVS)
record_taken: bool = False  # holders are told what ends now: it is taken by force


# --- tables -------------------------------------------------------------------------------------------------------


def table_create(env: u32, directory: u64, first: u64) -> None:
    """Make an environment's table out of two empty frames: the directory, and the first 64 slots."""
    table = tables[env]
    table.directory = directory
    table.frames = 0
    table.used = 0
    table.free = 0
    table.retired = 0
    table_grow(env, first)


def table_grow(env: u32, frame: u64) -> i64:
    """Add 64 slots in a frame, whose content is lost. Returns how many there are, or -ENOSPC."""
    table = tables[env]
    if table.frames == MAX_FRAMES:
        return -ENOSPC
    Ptr[u64](table.directory)[table.frames] = frame
    first = table.frames * IN_FRAME
    table.frames += 1
    for i in reversed(range(IN_FRAME)):
        slot = first + u32(i)
        if slot != 0:
            cap = cap_at(env, slot)
            cap.generation = 0
            cap.kind = NONE
            cap.next = table.free
            table.free = slot
    return i64(table.frames * IN_FRAME)


def table_used(env: u32) -> u32:
    """Return how many capabilities an environment has."""
    return tables[env].used


def table_free(env: u32) -> u32:
    """Return how many slots are free."""
    table = tables[env]
    return table.frames * IN_FRAME - 1 - table.used - table.retired if table.frames != 0 else 0


def table_frames(env: u32) -> u32:
    """Return how many frames of slots there are."""
    return tables[env].frames


def table_frame(env: u32, number: u32) -> u64:
    """Return the address of a frame of slots."""
    return Ptr[u64](tables[env].directory)[number]


def table_forget(env: u32) -> None:
    """Leave an environment without a table: it can get nothing. The caller has emptied it, and takes the frames."""
    tables[env].frames = 0
    tables[env].directory = 0
    tables[env].free = 0


def has_slot(env: u32, slot: u32) -> bool:
    """Tell whether a table has a slot of this number."""
    return slot != 0 and slot >> 6 < tables[env].frames


def cap_at(env: u32, slot: u32) -> Capability:
    """Return a slot that the table has."""
    return Capability.at(Ptr[u64](tables[env].directory)[slot >> 6] + (slot & 63) * sizeof(Capability))


def ref_of(env: u32, slot: u32) -> u32:
    """Return the reference of a slot."""
    return env << SLOT_BITS | slot


def by_ref(ref: u32) -> Capability:
    """Return the capability of a reference."""
    return cap_at(ref >> SLOT_BITS, ref & (SLOTS - 1))


def take_slot(env: u32) -> u32:
    """Take a free slot, or return 0."""
    table = tables[env]
    slot = table.free
    if slot != 0:
        table.free = cap_at(env, slot).next
        table.used += 1
    return slot


def give_slot(env: u32, slot: u32) -> None:
    """Free a slot. Its next life has the next generation; a slot that has had its last one is never used again."""
    table = tables[env]
    cap = cap_at(env, slot)
    cap.kind = NONE
    cap.generation += 1
    table.used -= 1
    if cap.generation > LAST_GENERATION:
        table.retired += 1
        return
    cap.next = table.free
    table.free = slot


# --- validation ---------------------------------------------------------------------------------------------------


@hot
def cap_check(env: u32, ident: u64, kind: u32, rights: u32, first: u64, end: u64) -> u32:
    """Validate an id for a use: 0 or the first reason against it, in the order of the codes."""
    slot = slot_of(ident)
    if not has_slot(env, slot):
        return INVALID_ID
    cap = cap_at(env, slot)
    code = judge_id(cap.kind, cap.generation, generation_of(ident))
    if code != SUCCESS:
        return code
    if cap.epoch != epoch_of(cap.kind, cap.base):
        return EPOCH_MISMATCH
    code = judge_use(cap.kind, cap.rights, cap.base, cap.limit, kind, rights, first, end)
    if code != SUCCESS:
        return code
    return SUCCESS if cap.zone == zone_of(env) else ZONE_VIOLATION


def cap_validate_unified(env: u32, ident: u64, out: CapInfo) -> u32:
    """Validate an id for any use, and tell what the capability says; nothing is told of one that is not live."""
    code = cap_check(env, ident, NONE, 0, 0, 0)
    if code != INVALID_ID and code != REVOKED:
        cap = cap_at(env, slot_of(ident))
        out.base = cap.base
        out.limit = cap.limit
        out.kind = cap.kind
        out.rights = cap.rights
        out.zone = cap.zone
        out.epoch = cap.epoch
        out.bindings = cap.bindings
        out.children = u32(cap.child != NO_REF)
    return code


# --- the tree -----------------------------------------------------------------------------------------------------


def link(ref: u32, parent: u32) -> None:
    """Make a capability the first child of another one; with NO_REF a root."""
    cap = by_ref(ref)
    cap.parent = parent
    cap.prev = NO_REF
    cap.next = NO_REF
    if parent != NO_REF:
        above = by_ref(parent)
        cap.next = above.child
        if above.child != NO_REF:
            by_ref(above.child).prev = ref
        above.child = ref


def unlink(cap: Capability) -> None:
    """Take a capability out of its parent's children."""
    if cap.prev != NO_REF:
        by_ref(cap.prev).next = cap.next
    elif cap.parent != NO_REF:
        by_ref(cap.parent).child = cap.next
    if cap.next != NO_REF:
        by_ref(cap.next).prev = cap.prev


def make(env: u32, kind: u32, rights: u32, first: u64, end: u64, zone: u32, parent: u32) -> i64:
    """Make a capability. Returns its id, or -ENOSPC."""
    slot = take_slot(env)
    if slot == 0:
        return -ENOSPC
    cap = cap_at(env, slot)
    cap.base = first
    cap.limit = end
    cap.kind = u8(kind)
    cap.flags = 0
    cap.rights = u16(rights)
    cap.zone = zone
    cap.epoch = epoch_of(kind, first)
    cap.child = NO_REF
    cap.bindings = 0
    link(ref_of(env, slot), parent)
    return i64(id_of(slot, cap.generation))


def cap_new(env: u32, kind: u32, rights: u32, first: u64, end: u64, zone: u32) -> i64:
    """Make the first capability for a resource. Returns its id, or -ENOSPC."""
    return make(env, kind, rights, first, end, zone, NO_REF)


def cap_derive(env: u32, ident: u64, target: u32, first: u64, end: u64, rights: u32, zone: u32) -> i64:
    """Make a capability in the table of `target` from one that `env` has, with rights and range not greater.

    `zone` is the new one's: the zone of `target`, once the caller has seen that it may be crossed to. In the same table
    the right DERIVE is needed, for another one GRANT. Returns the new id, or a negative errno.
    """
    code = cap_check(env, ident, NONE, DERIVE if env == target else GRANT, 0, 0)
    if code != SUCCESS:
        return errno_of(code)
    if zone != zone_of(target):
        return -EXDEV
    slot = slot_of(ident)
    cap = cap_at(env, slot)
    problem = derive_allowed(cap.rights, cap.base, cap.limit, rights, first, end)
    if problem != 0:
        return problem
    return make(target, cap.kind, rights, first, end, zone, ref_of(env, slot))


def cap_move(env: u32, ident: u64, target: u32) -> i64:
    """Move a capability to another table of the same zone; it keeps its place in the tree.

    Returns its id there, -EBUSY if something is bound with it or it has more than BUDGET children, or another errno.
    """
    code = cap_check(env, ident, NONE, GRANT, 0, 0)
    if code != SUCCESS:
        return errno_of(code)
    slot = slot_of(ident)
    cap = cap_at(env, slot)
    if zone_of(target) != cap.zone:
        return -EXDEV
    count: u32 = 0
    ref = cap.child
    while ref != NO_REF and count <= BUDGET:
        ref = by_ref(ref).next
        count += 1
    if cap.bindings != 0 or count > BUDGET:
        return -EBUSY
    made = make(target, cap.kind, cap.rights, cap.base, cap.limit, cap.zone, cap.parent)
    if made < 0:
        return made
    new_slot = slot_of(u64(made))
    new_ref = ref_of(target, new_slot)
    new = cap_at(target, new_slot)
    new.child = cap.child
    ref = cap.child
    while ref != NO_REF:
        below = by_ref(ref)
        below.parent = new_ref
        ref = below.next
    unlink(cap)
    give_slot(env, slot)
    return made


def remove(ref: u32) -> None:
    """End a capability without children, and what was bound with it; with a root its resource goes back."""
    cap = by_ref(ref)
    if record_taken:
        binding.note_taken(ref >> SLOT_BITS, cap)
    if cap.bindings != 0:
        binding.unbind(ref >> SLOT_BITS, ref & (SLOTS - 1), cap)
    unlink(cap)
    if cap.parent == NO_REF:
        binding.release(cap)
    give_slot(ref >> SLOT_BITS, ref & (SLOTS - 1))


def prune(ref: u32, budget: u32) -> u32:
    """Remove what was derived from a capability, in at most `budget` steps. Returns those left: 0, not done."""
    root = by_ref(ref)
    left = budget
    while left != 0 and root.child != NO_REF:
        child_ref = root.child
        child = by_ref(child_ref)
        if child.child != NO_REF:
            below = child.child
            unlink(by_ref(below))
            link(below, ref)
        else:
            remove(child_ref)
        left -= 1
    return left


def adopt(ref: u32, budget: u32) -> u32:
    """Give the children of a capability to its parent, as `prune` counts."""
    cap = by_ref(ref)
    left = budget
    while left != 0 and cap.child != NO_REF:
        below = cap.child
        unlink(by_ref(below))
        link(below, cap.parent)
        left -= 1
    return left


def drop(ref: u32, budget: u32) -> i64:
    """End a capability: its children become its parent's; those of a root end too. 0, or -EAGAIN if not done."""
    left = prune(ref, budget) if by_ref(ref).parent == NO_REF else adopt(ref, budget)
    if left == 0:
        return -EAGAIN
    remove(ref)
    return 0


def cap_drop(env: u32, ident: u64) -> i64:
    """Give a capability up. Any live one can be, whatever zone or epoch it is of. 0, -EAGAIN or another errno."""
    slot = slot_of(ident)
    code: u32 = INVALID_ID
    if has_slot(env, slot):
        cap = cap_at(env, slot)
        code = judge_id(cap.kind, cap.generation, generation_of(ident))
    if code != SUCCESS:
        return errno_of(code)
    return drop(ref_of(env, slot), BUDGET)


def cap_revoke(env: u32, ident: u64, keep: bool) -> i64:
    """End all that was derived from a capability, and itself unless it is kept. 0, -EAGAIN or another errno."""
    code = cap_check(env, ident, NONE, REVOKE, 0, 0)
    if code != SUCCESS:
        return errno_of(code)
    ref = ref_of(env, slot_of(ident))
    if prune(ref, BUDGET) == 0:
        return -EAGAIN
    if not keep:
        remove(ref)
    return 0


def table_empty(env: u32, budget: u32) -> bool:
    """End all capabilities of an environment by at most `budget` drops of BUDGET steps; False if some are left."""
    left = budget
    table = tables[env]
    for slot in range(1, table.frames * IN_FRAME):
        if table.used == 0:
            return True
        while cap_at(env, slot).kind != NONE:
            if left == 0:
                return False
            left -= 1
            drop(ref_of(env, slot), BUDGET)
    return True


def cap_consume(env: u32, slot: u32) -> i64:
    """Take the one frame of a first capability away for the kernel. Returns its number, or -EINVAL or -EBUSY."""
    cap = cap_at(env, slot)
    if cap.kind != FRAMES or cap.parent != NO_REF or cap.limit - cap.base != 1:
        return -EINVAL
    if cap.child != NO_REF or cap.bindings != 0:
        return -EBUSY
    frame = cap.base
    give_slot(env, slot)
    return i64(frame)
