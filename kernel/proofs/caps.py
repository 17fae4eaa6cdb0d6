"""Proofs about capabilities (kernel/captypes.py, kernel/caps.py): less is less, stale is stale, and revoked is gone."""

from typing import Final

from exotool.lang import Array, arbitrary, array, assume, i64, proof, provide_memory, u8, u16, u32, u64
from kernel.caps import (
    IN_FRAME,
    cap_at,
    cap_check,
    cap_derive,
    cap_drop,
    cap_new,
    cap_revoke,
    give_slot,
    has_slot,
    ref_of,
    table_create,
    table_used,
    tables,
    take_slot,
)
from kernel.captypes import (
    ALL_RIGHTS,
    DISK,
    FRAMES,
    LAST_GENERATION,
    NO_REF,
    NONE,
    REVOKED,
    SLOTS,
    SUCCESS,
    derive_allowed,
    generation_of,
    id_of,
    judge_use,
    slot_of,
)
from kernel.proofs.tables import DIRECTORY, SLOTS_OF_ONE, free_list_is_sound, in_table, one_table, plausible

# --- the order of capabilities ------------------------------------------------------------------------------------


@proof
def order_is_reflexive(rights: u16, base: u64, limit: u64) -> None:
    """Every capability can be derived from itself."""
    assume(base < limit)
    assert derive_allowed(rights, base, limit, rights, base, limit) == 0


@proof
def order_is_transitive(
    rights: u16, base: u64, limit: u64, rights2: u16, base2: u64, limit2: u64, rights3: u16, base3: u64, limit3: u64
) -> None:
    """What can be derived from a derived capability can be derived from the first."""
    assume(derive_allowed(rights, base, limit, rights2, base2, limit2) == 0)
    assume(derive_allowed(rights2, base2, limit2, rights3, base3, limit3) == 0)
    assert derive_allowed(rights, base, limit, rights3, base3, limit3) == 0


@proof
def order_is_antisymmetric(rights: u16, base: u64, limit: u64, rights2: u16, base2: u64, limit2: u64) -> None:
    """Two capabilities that can be derived from each other are the same."""
    assume(derive_allowed(rights, base, limit, rights2, base2, limit2) == 0)
    assume(derive_allowed(rights2, base2, limit2, rights, base, limit) == 0)
    assert rights == rights2 and base == base2 and limit == limit2


@proof
def less_allows_less(
    kind: u8,
    rights: u16,
    base: u64,
    limit: u64,
    rights2: u16,
    base2: u64,
    limit2: u64,
    wanted: u16,
    first: u64,
    end: u64,
) -> None:
    """A use that a derived capability allows is one that its parent allows."""
    assume(derive_allowed(rights, base, limit, rights2, base2, limit2) == 0)
    assume(judge_use(kind, rights2, base2, limit2, kind, wanted, first, end) == SUCCESS)
    assert judge_use(kind, rights, base, limit, kind, wanted, first, end) == SUCCESS


@proof
def a_use_is_within(rights: u16, base: u64, limit: u64, wanted: u16, first: u64, end: u64) -> None:
    """What is allowed has no right and no piece of the range that the capability has not."""
    assume(judge_use(FRAMES, rights, base, limit, FRAMES, wanted, first, end) == SUCCESS)
    assert wanted & ~rights == 0
    assert first >= end or (base <= first and end <= limit)


# --- derive -------------------------------------------------------------------------------------------------------


@proof
def derive_never_grows(env: u32, name: u64, first: u64, end: u64, rights: u32, zone: u32, other: u32) -> None:
    """In a table with any content, a derived capability has no more than its parent, and no other one has changed."""
    one_table(env)
    assume(has_slot(env, slot_of(name)))
    parent = cap_at(env, slot_of(name))
    assume(plausible(parent) and in_table(parent.child, env))
    free_list_is_sound(env)
    assume(has_slot(env, other))
    bystander = cap_at(env, other)
    old_rights = bystander.rights
    old_base = bystander.base
    old_limit = bystander.limit
    old_kind = bystander.kind
    made = cap_derive(env, name, env, first, end, rights, zone)
    assume(made >= 0)
    child = cap_at(env, slot_of(u64(made)))
    assert child.kind == parent.kind and child.zone == zone
    assert child.rights & ~parent.rights == 0
    assert parent.base <= child.base and child.base < child.limit and child.limit <= parent.limit
    assert child.parent == ref_of(env, slot_of(name)) and parent.child == ref_of(env, slot_of(u64(made)))
    assert generation_of(u64(made)) == child.generation
    if other != slot_of(u64(made)):
        assert bystander.rights == old_rights and bystander.kind == old_kind
        assert bystander.base == old_base and bystander.limit == old_limit


# --- ids ----------------------------------------------------------------------------------------------------------


@proof
def only_the_present_generation_validates(env: u32, name: u64, kind: u32, rights: u32, first: u64, end: u64) -> None:
    """In a table with any content, an id of another life of its slot, or of a free one, is not valid for any use."""
    one_table(env)
    if has_slot(env, slot_of(name)):
        cap = cap_at(env, slot_of(name))
        assume(cap.generation != generation_of(name) or cap.kind == NONE)
    assert cap_check(env, name, kind, rights, first, end) != SUCCESS


@proof
def a_freed_id_is_stale(env: u32, name: u64, kind: u32, rights: u32, first: u64, end: u64) -> None:
    """An id is not valid after its slot was freed, nor when the slot has its next capability."""
    one_table(env)
    assume(has_slot(env, slot_of(name)))
    cap = cap_at(env, slot_of(name))
    assume(plausible(cap) and cap.generation == generation_of(name) and cap.generation <= LAST_GENERATION)
    assume(tables[env].used != 0 and tables[env].retired < IN_FRAME)
    give_slot(env, slot_of(name))
    assert cap_check(env, name, kind, rights, first, end) == REVOKED
    assert cap.kind == NONE
    if cap.generation <= LAST_GENERATION:
        assert take_slot(env) == slot_of(name)
        cap.kind = FRAMES
        assert id_of(slot_of(name), cap.generation) > name
        assert cap_check(env, name, kind, rights, first, end) == REVOKED


@proof
def generations_never_fall(env: u32, slot: u32, other: u32) -> None:
    """Freeing a slot counts its generation up; after the last one, the slot is not used again."""
    one_table(env)
    assume(has_slot(env, slot) and has_slot(env, other))
    assume(tables[env].used != 0 and tables[env].retired < IN_FRAME and tables[env].free != slot)
    cap = cap_at(env, slot)
    bystander = cap_at(env, other)
    before = cap.generation
    assume(before <= LAST_GENERATION)
    others = bystander.generation
    give_slot(env, slot)
    assert cap.generation == before + 1
    assert (tables[env].free == slot) == (before < LAST_GENERATION)
    assert other == slot or bystander.generation == others


@proof
def an_id_is_not_negative(slot: u32, generation: u32) -> None:
    """No id looks like an errno, and it names the slot and the life that it was made of."""
    assume(slot < SLOTS and generation <= LAST_GENERATION)
    name = id_of(slot, generation)
    assert i64(name) >= 0
    assert slot_of(name) == slot and generation_of(name) == generation


# --- revoke -------------------------------------------------------------------------------------------------------

NODES: Final = 5
SMALL: Final = 4
ENV: Final = 1

ids: Array[u64] = array(NODES)
parents: Array[u32] = array(NODES)


def choose_below(limit: u32) -> u32:
    """Return any number below a limit, one way for each."""
    chosen = arbitrary(u32)
    assume(chosen < limit)
    number: u32 = 0
    while number != chosen:
        number += 1
    return number


def grow_tree(nodes: u32) -> None:
    """Derive any tree of capabilities: each from any of those before."""
    provide_memory(DIRECTORY, 4096)
    provide_memory(SLOTS_OF_ONE, 4096)
    table_create(ENV, DIRECTORY, SLOTS_OF_ONE)
    root = cap_new(ENV, DISK, ALL_RIGHTS, 0, 100, 0)
    assert root >= 0
    ids[0] = u64(root)
    for i in range(1, nodes):
        parents[i] = choose_below(i)
        made = cap_derive(ENV, ids[parents[i]], ENV, i, 100 - i, ALL_RIGHTS, 0)
        assert made >= 0
        ids[i] = u64(made)


def is_below(node: u32, root: u32) -> bool:
    """Tell whether a capability was derived from another one, directly or not."""
    at = node
    while at != 0:
        at = parents[at]
        if at == root:
            return True
    return False


def is_valid(node: u32) -> bool:
    """Tell whether the id that a capability had is still good."""
    return cap_check(ENV, ids[node], DISK, 0, 0, 0) == SUCCESS


@proof
def revoke_takes_all_and_only_what_is_below() -> None:
    """In every tree, revoking any capability ends all that was derived from it, and nothing else."""
    grow_tree(NODES)
    revoked = choose_below(NODES)
    assert cap_revoke(ENV, ids[revoked], True) == 0
    left: u32 = 0
    for node in range(u32(NODES)):
        assert is_valid(node) == (not is_below(node, revoked))
        left += u32(is_valid(node))
    assert table_used(ENV) == left
    assert cap_at(ENV, slot_of(ids[revoked])).child == NO_REF


@proof
def drop_ends_one_and_keeps_the_tree() -> None:
    """In every tree, giving up any capability but the first ends that one only; its parent is above the rest."""
    grow_tree(SMALL)
    dropped = 1 + choose_below(SMALL - 1)
    above = parents[dropped]
    assert cap_drop(ENV, ids[dropped]) == 0
    for node in range(u32(SMALL)):
        assert is_valid(node) == (node != dropped)
    assert cap_revoke(ENV, ids[above], True) == 0
    for node in range(u32(SMALL)):
        assert is_valid(node) == (not is_below(node, above))


@proof
def drop_of_the_first_ends_all() -> None:
    """When the first capability of a resource is given up, nothing that was derived from it is left."""
    grow_tree(SMALL)
    assert cap_drop(ENV, ids[0]) == 0
    for node in range(u32(SMALL)):
        assert not is_valid(node)
    assert table_used(ENV) == 0
