"""Capabilities: forged, stale, derived, granted, moved, revoked, exhausted."""

from typing import Final

from exotool.lang import Array, addressof, array, i64, u64
from kernel.abi.numbers import (
    CAP_CONSOLE,
    CAP_ENV,
    CAP_FRAMES,
    DERIVE,
    GRANT,
    INFO_ENV_INDEX,
    INFO_FRAMES_FREE,
    INFO_ZONE,
    READ,
    REVOKE_ASK,
    REVOKE_FORCE,
    REVOKE_KEEP,
    STATUS_FAULT,
    UPCALL_REVOCATION,
    WRITE,
)
from kernel.abi.types import CapInfo, Repossession
from kernel.errno import EACCES, EAGAIN, EBADF, EBUSY, EINVAL, ENOENT, EOWNERDEAD, EPROTOTYPE, ERANGE, ESTALE, EXDEV
from libos.calls import (
    exo_cap_derive,
    exo_cap_drop,
    exo_cap_grant,
    exo_cap_move,
    exo_cap_read,
    exo_cap_revoke,
    exo_cap_validate,
    exo_caps_grow,
    exo_clock,
    exo_env_create,
    exo_env_destroy,
    exo_info,
    exo_map,
    exo_query,
    exo_repossessed,
    exo_write,
    exo_yield,
    exo_zone_create,
    exo_zone_destroy,
)
from libos.memory import alloc, alloc_at, drop, frames_of, word_at
from libos.start import StartPage
from user.usertests.harness import check, equal, need, same, test
from user.usertests.support import (
    ALL,
    AREA,
    NEVER,
    NOTE,
    PAGE,
    PATIENCE,
    SECOND,
    as_mapped,
    catch,
    catch_faults,
    children,
    comes,
    given,
    join,
    page_of,
    probe_read,
    read_fails,
    start,
    told,
    watch,
)

SUCCESS: Final = 0
INVALID_ID: Final = 1
REVOKED: Final = 2
EPOCH_MISMATCH: Final = 3
WRONG_TYPE: Final = 4
INSUFFICIENT_RIGHTS: Final = 5
OUT_OF_RANGE: Final = 6
GENERATION: Final = 1 << 32
MANY: Final = 200

ids: Array[u64] = array(1024)


def revoke(cap: u64, flags: u64) -> i64:
    """Revoke to the end."""
    while True:
        result = exo_cap_revoke(cap, flags)
        if result != -EAGAIN:
            return result


def forged_ids() -> None:
    frames = need(alloc(1), "allocate")
    equal(exo_cap_validate(frames, 0, 0, 0, 0), SUCCESS, "the capability")
    equal(exo_cap_validate(frames + GENERATION, 0, 0, 0, 0), INVALID_ID, "of the next generation")
    equal(exo_cap_validate(frames + 1000 * GENERATION, 0, 0, 0, 0), INVALID_ID, "of a later generation")
    equal(exo_cap_validate(0, 0, 0, 0, 0), INVALID_ID, "slot 0")
    equal(exo_cap_validate(GENERATION, 0, 0, 0, 0), INVALID_ID, "slot 0 of a generation")
    equal(exo_cap_validate(NEVER, 0, 0, 0, 0), INVALID_ID, "all ones")
    equal(exo_cap_validate(16384, 0, 0, 0, 0), INVALID_ID, "a slot beyond all tables")
    equal(exo_cap_validate(16383, 0, 0, 0, 0), INVALID_ID, "a slot beyond this table")
    equal(exo_cap_validate(frames | 0x8000, 0, 0, 0, 0), INVALID_ID, "a slot with another bit")
    equal(exo_map(0, NEVER, AREA, 0, 1, READ), -EBADF, "mapping by a forged id")
    equal(exo_cap_drop(frames + GENERATION), -EBADF, "dropping a forged id")
    drop(frames)


def forged_ids_at_random() -> None:
    state: u64 = 88172645463325252
    for _ in range(2000):
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        code = exo_cap_validate(state, 0, 0, 0, 0)
        check(code != SUCCESS, "a random id is no capability")


def stale_ids() -> None:
    frames = need(alloc_at(AREA, 1), "allocate")
    equal(drop(frames), 0, "drop")
    equal(exo_cap_validate(frames, 0, 0, 0, 0), REVOKED, "a dropped capability")
    equal(exo_map(0, frames, AREA, 0, 1, READ), -ESTALE, "mapping by it")
    equal(exo_cap_drop(frames), -ESTALE, "dropping it again")
    equal(exo_cap_derive(frames, 0, 1, READ), -ESTALE, "deriving from it")
    equal(exo_cap_revoke(frames, 0), -ESTALE, "revoking it")
    equal(exo_cap_move(given.env, frames), -ESTALE, "moving it")


def a_slot_that_is_used_again() -> None:
    first = need(alloc(1), "allocate")
    drop(first)
    again = first
    for _ in range(1000):
        frames = need(alloc(1), "allocate")
        if frames & 0xFFFF_FFFF == first & 0xFFFF_FFFF:
            check(frames != again, "a slot's new id is not its last")
            again = frames
            equal(exo_cap_validate(first, 0, 0, 0, 0), REVOKED, "the slot's first id")
        drop(frames)
    check(again != first, "the slot was used again")


def wrong_types() -> None:
    frames = need(alloc(1), "allocate")
    equal(exo_cap_validate(frames, CAP_ENV, 0, 0, 0), WRONG_TYPE, "frames are no environment")
    equal(exo_cap_validate(frames, CAP_FRAMES, 0, 0, 0), SUCCESS, "frames are frames")
    equal(exo_write(frames, addressof(ids), 1), -EPROTOTYPE, "writing to frames")
    equal(exo_map(0, given.console, AREA, 0, 1, READ), -EPROTOTYPE, "mapping the console")
    equal(exo_env_destroy(given.console), -EPROTOTYPE, "destroying the console")
    equal(exo_caps_grow(given.env), -EPROTOTYPE, "growing by an environment")
    drop(frames)


def missing_rights() -> None:
    reader = need(exo_cap_derive(given.console, 0, 1, READ), "derive")
    equal(exo_cap_validate(reader, CAP_CONSOLE, WRITE, 0, 1), INSUFFICIENT_RIGHTS, "WRITE of a reader")
    equal(exo_cap_validate(reader, CAP_CONSOLE, READ, 0, 1), SUCCESS, "READ of a reader")
    equal(exo_write(reader, addressof(ids), 1), -EACCES, "writing with it")
    equal(exo_cap_derive(reader, 0, 1, READ), -EACCES, "deriving without DERIVE")
    equal(exo_cap_revoke(reader, 0), -EACCES, "revoking without REVOKE")
    drop(reader)


def ranges() -> None:
    frames = need(alloc(8), "allocate")
    first, end = frames_of(frames)
    equal(exo_cap_validate(frames, CAP_FRAMES, READ, first, end), SUCCESS, "the range itself")
    equal(exo_cap_validate(frames, CAP_FRAMES, READ, first, end + 1), OUT_OF_RANGE, "one more")
    equal(exo_cap_validate(frames, CAP_FRAMES, READ, first - 1, end), OUT_OF_RANGE, "one before")
    equal(exo_cap_validate(frames, CAP_FRAMES, READ, 0, NEVER), OUT_OF_RANGE, "everything")
    equal(exo_cap_validate(frames, CAP_FRAMES, READ, first, first), SUCCESS, "an empty range")
    drop(frames)


def the_order_of_reasons() -> None:
    reader = need(exo_cap_derive(given.console, 0, 1, READ), "derive")
    equal(exo_cap_validate(reader, CAP_ENV, WRITE, 5, 9), WRONG_TYPE, "the type before rights and range")
    equal(exo_cap_validate(reader, CAP_CONSOLE, WRITE, 5, 9), INSUFFICIENT_RIGHTS, "rights before the range")
    drop(reader)
    equal(exo_cap_validate(reader, CAP_ENV, WRITE, 5, 9), REVOKED, "revocation before all")


def dead_objects() -> None:
    env = need(exo_env_create(0), "an environment")
    equal(exo_cap_validate(env, CAP_ENV, ALL, 0, 0), SUCCESS, "while it lives")
    equal(exo_env_destroy(env), 0, "destroy")
    equal(exo_cap_validate(env, CAP_ENV, ALL, 0, 0), EPOCH_MISMATCH, "when it is dead")
    equal(exo_env_destroy(env), -EOWNERDEAD, "destroying it again")
    other = need(exo_env_create(0), "another environment, perhaps in its slot")
    equal(exo_cap_validate(env, CAP_ENV, 0, 0, 0), EPOCH_MISMATCH, "the old one's capability")
    equal(exo_env_destroy(other), 0, "destroy")
    drop(env)
    drop(other)


def derive_only_shrinks() -> None:
    frames = need(alloc(8), "allocate")
    first, end = frames_of(frames)
    part = need(exo_cap_derive(frames, first + 2, first + 4, READ | DERIVE), "derive")
    info = CapInfo()
    equal(exo_cap_read(part, info), SUCCESS, "read it")
    same(info.base, first + 2, "base")
    same(info.limit, first + 4, "limit")
    same(info.rights, READ | DERIVE, "rights")
    equal(exo_cap_derive(part, first + 2, first + 5, READ), -ERANGE, "one frame more")
    equal(exo_cap_derive(part, first + 1, first + 4, READ), -ERANGE, "one frame before")
    equal(exo_cap_derive(part, 0, NEVER, READ), -ERANGE, "all frames")
    equal(exo_cap_derive(part, first + 2, first + 3, READ | WRITE), -EACCES, "one right more")
    equal(exo_cap_derive(part, first + 3, first + 3, READ), -EINVAL, "an empty range")
    equal(exo_cap_derive(part, first + 4, first + 2, READ), -EINVAL, "a range that ends before it begins")
    equal(exo_cap_derive(part, first + 2, first + 3, 256), -EINVAL, "a right that there is not")
    deeper = need(exo_cap_derive(part, first + 3, first + 4, READ), "derive from what was derived")
    equal(exo_cap_derive(deeper, first + 3, first + 4, READ), -EACCES, "which lacks DERIVE")
    drop(frames)
    equal(exo_cap_validate(deeper, 0, 0, 0, 0), REVOKED, "all goes with the root")
    same(end, first + 8, "frames")


def revoke_a_subtree() -> None:
    catch_faults()
    frames = need(alloc(4), "allocate")
    first, end = frames_of(frames)
    child = need(exo_cap_derive(frames, first, end, ALL), "derive")
    grandchild = need(exo_cap_derive(child, first, end, ALL), "derive twice")
    sibling = need(exo_cap_derive(frames, first, end, ALL), "derive again")
    equal(exo_map(0, grandchild, AREA, 0, 2, READ | WRITE), 0, "map by the grandchild")
    equal(exo_map(0, sibling, AREA + 8 * PAGE, 0, 2, READ | WRITE), 0, "map by the sibling")
    equal(revoke(child, REVOKE_KEEP), 0, "revoke what was derived from the child")
    equal(exo_cap_validate(child, 0, 0, 0, 0), SUCCESS, "the child")
    equal(exo_cap_validate(grandchild, 0, 0, 0, 0), REVOKED, "the grandchild")
    equal(exo_query(0, AREA), -ENOENT, "the grandchild's mapping")
    check(read_fails(AREA + PAGE), "reading there")
    check(not read_fails(AREA + 8 * PAGE), "the sibling's mapping")
    equal(revoke(child, 0), 0, "revoke the child")
    equal(exo_cap_validate(child, 0, 0, 0, 0), REVOKED, "the child")
    equal(exo_cap_validate(sibling, 0, 0, 0, 0), SUCCESS, "the sibling")
    drop(frames)


def a_long_chain() -> None:
    frames = need(alloc(1), "allocate")
    first, end = frames_of(frames)
    ids[0] = frames
    for i in range(1, MANY):
        ids[i] = need(exo_cap_derive(ids[i - 1], first, end, ALL), "derive")
    equal(revoke(frames, REVOKE_KEEP), 0, "revoke")
    equal(exo_cap_validate(frames, 0, 0, 0, 0), SUCCESS, "the root")
    for i in range(1, MANY):
        equal(exo_cap_validate(ids[i], 0, 0, 0, 0), REVOKED, "what was derived")
    drop(frames)


def many_children_with_mappings() -> None:
    frames = need(alloc(1), "allocate")
    first, end = frames_of(frames)
    for i in range(MANY):
        ids[i] = need(exo_cap_derive(frames, first, end, READ), "derive")
        equal(exo_map(0, ids[i], AREA + u64(i) * PAGE, 0, 1, READ), 0, "map")
    rounds: u64 = 1
    while exo_cap_revoke(frames, REVOKE_KEEP) == -EAGAIN:
        rounds += 1
    check(rounds > 1, "so much is not done in one call")
    for i in range(MANY):
        equal(exo_query(0, AREA + u64(i) * PAGE), -ENOENT, "a mapping")
    drop(frames)


def dropping_keeps_what_was_derived() -> None:
    frames = need(alloc(2), "allocate")
    first, end = frames_of(frames)
    child = need(exo_cap_derive(frames, first, end, ALL), "derive")
    grandchild = need(exo_cap_derive(child, first, end, ALL), "derive twice")
    equal(drop(child), 0, "drop the one between")
    equal(exo_cap_validate(grandchild, 0, 0, 0, 0), SUCCESS, "the grandchild")
    equal(revoke(frames, REVOKE_KEEP), 0, "revoke from the root")
    equal(exo_cap_validate(grandchild, 0, 0, 0, 0), REVOKED, "the grandchild is the root's now")
    drop(frames)


def dropping_the_root_frees() -> None:
    free = exo_info(INFO_FRAMES_FREE, 0)
    frames = need(alloc(100), "allocate")
    first, end = frames_of(frames)
    part = need(exo_cap_derive(frames, first, end, ALL), "derive")
    equal(exo_info(INFO_FRAMES_FREE, 0), free - 100, "frames that are free while they are held")
    equal(drop(frames), 0, "drop")
    equal(exo_info(INFO_FRAMES_FREE, 0), free, "and afterwards")
    equal(exo_cap_validate(part, 0, 0, 0, 0), REVOKED, "what was derived")


def grants() -> None:
    env = need(exo_env_create(0), "an environment")
    frames = need(alloc(2), "allocate")
    first, end = frames_of(frames)
    there = need(exo_cap_grant(env, frames, first, first + 1, READ, 0), "grant")
    equal(exo_map(env, there, AREA, 0, 1, READ), 0, "map there by what was granted")
    equal(exo_query(env, AREA), i64(first << 12 | as_mapped(READ)), "what is mapped there")
    equal(exo_map(env, there, AREA, 0, 1, READ | WRITE), -EACCES, "with more rights than granted")
    equal(exo_map(env, frames, AREA + PAGE, 0, 1, READ), -EBADF, "by an id of this table")
    private = need(exo_cap_derive(frames, first, end, READ | DERIVE), "derive without GRANT")
    equal(exo_cap_grant(env, private, first, end, READ, 0), -EACCES, "granting it")
    equal(exo_cap_grant(env, frames, first, end + 1, READ, 0), -ERANGE, "granting more")
    equal(revoke(frames, REVOKE_KEEP), 0, "revoke")
    equal(exo_query(env, AREA), -ENOENT, "the mapping there")
    equal(exo_env_destroy(env), 0, "destroy")
    drop(env)
    drop(frames)


def moves() -> None:
    env = need(exo_env_create(0), "an environment")
    frames = need(alloc(2), "allocate")
    first, end = frames_of(frames)
    part = need(exo_cap_derive(frames, first, end, READ | GRANT), "derive")
    equal(exo_map(0, part, AREA, 0, 1, READ), 0, "map")
    equal(exo_cap_move(env, part), -EBUSY, "moving what is mapped")
    fixed = need(exo_cap_derive(frames, first, end, READ), "derive without GRANT")
    equal(exo_cap_move(env, fixed), -EACCES, "moving it")
    whole = need(exo_cap_derive(frames, first, end, READ | GRANT), "derive")
    there = need(exo_cap_move(env, whole), "move")
    equal(exo_cap_validate(whole, 0, 0, 0, 0), REVOKED, "the id here")
    equal(exo_map(env, there, AREA, 0, 2, READ), 0, "map there")
    equal(revoke(frames, REVOKE_KEEP), 0, "revoke")
    equal(exo_query(env, AREA), -ENOENT, "it is still derived from the same")
    equal(exo_env_destroy(env), 0, "destroy")
    drop(env)
    drop(frames)


def a_dead_holder_holds_nothing() -> None:
    env = need(exo_env_create(0), "an environment")
    frames = need(alloc(1), "allocate")
    first, end = frames_of(frames)
    need(exo_cap_grant(env, frames, first, end, ALL, 0), "grant")
    equal(exo_env_destroy(env), 0, "destroy")
    equal(exo_cap_revoke(frames, REVOKE_KEEP | REVOKE_ASK), 0, "nobody is left to be asked")
    drop(env)
    drop(frames)


def other_zones() -> None:
    zone = need(exo_zone_create(64), "a zone")
    env = need(exo_env_create(zone), "an environment there")
    frames = need(alloc(1), "allocate")
    first, end = frames_of(frames)
    equal(exo_cap_grant(env, frames, first, end, READ, 0), -EXDEV, "granting without a capability of the zone")
    equal(exo_cap_grant(env, frames, first, end, READ, given.zone), -EXDEV, "granting with that of another zone")
    equal(exo_cap_move(env, frames), -EXDEV, "moving")
    there = need(exo_cap_grant(env, frames, first, end, READ, zone), "granting with it")
    equal(exo_map(env, there, AREA, 0, 1, READ), 0, "mapping there")
    equal(exo_env_destroy(env), 0, "destroy")
    while exo_zone_destroy(zone) == -EAGAIN:
        pass
    drop(env)
    drop(zone)
    drop(frames)


def reading_one() -> None:
    info = CapInfo()
    equal(exo_cap_read(given.env, info), SUCCESS, "read")
    same(info.kind, CAP_ENV, "type")
    equal(i64(info.base), exo_info(INFO_ENV_INDEX, 0), "the environment")
    same(info.rights, ALL, "rights")
    equal(info.zone, exo_info(INFO_ZONE, 0), "zone")
    equal(exo_cap_read(NEVER, info), INVALID_ID, "reading none")


# What children do whose capabilities are taken away.


def read_until_it_faults(page: u64) -> u64:
    """Map what was granted, and read it for ever."""
    mine = StartPage.at(page)
    if not told(page, 1) or exo_map(0, mine.words[1], AREA, 0, 1, READ) != 0:
        return 1
    mine.words[2] = 1
    while True:
        mine.words[3] = probe_read(AREA)
        exo_yield(0)


def revoked_in_use() -> None:
    frames = need(alloc_at(AREA, 1), "allocate")
    first, end = frames_of(frames)
    if start(0, read_until_it_faults, 0):
        granted = need(exo_cap_grant(children[0].env, frames, first, end, READ, 0), "grant")
        word_at(AREA)[0] = 0x5EC2E7
        page_of(0).words[1] = granted
        check(comes(0, 3, 0x5EC2E7), "the child reads it")
        equal(revoke(frames, REVOKE_KEEP), 0, "revoke")
        word_at(AREA)[0] = 0xF02B1D
        equal(join_with_word(3, 0x5EC2E7), STATUS_FAULT + 14, "the child faults")
    drop(frames)


def join_with_word(word: u64, last: u64) -> i64:
    """Wait for child 0, whose word must be as it was."""
    page = page_of(0)
    end = exo_clock() + SECOND // 10
    while exo_clock() < end:
        exo_yield(0)
        same(page.words[word], last, "what the child has seen last")
    return join(0)


def taken_by_force(page: u64) -> u64:
    """Report what was taken."""
    mine = StartPage.at(page)
    if not told(page, 0):
        return 1
    record = Repossession()
    exo_repossessed(record)
    mine.words[1] = record.count
    mine.words[2] = record.type
    mine.words[3] = record.base
    mine.words[4] = record.limit
    exo_repossessed(record)
    return record.count


def revoke_by_force() -> None:
    frames = need(alloc(3), "allocate")
    first, end = frames_of(frames)
    if start(0, taken_by_force, 0):
        page = page_of(0)
        need(exo_cap_grant(children[0].env, frames, first, first + 1, READ, 0), "grant")
        need(exo_cap_grant(children[0].env, frames, first + 1, end, READ, 0), "grant")
        equal(revoke(frames, REVOKE_KEEP | REVOKE_FORCE), 0, "revoke")
        page.words[0] = 1
        check(comes(0, 2, CAP_FRAMES), "the child sees its record")
        same(page.words[1], 2, "capabilities taken")
        check(page.words[3] == first or page.words[3] == first + 1, "base of the last")
        equal(join(0), 0, "what it reads is forgotten")
    drop(frames)


def give_back_when_asked(page: u64) -> u64:
    """Drop a capability once it is asked for."""
    mine = StartPage.at(page)
    catch(NOTE, 1 << UPCALL_REVOCATION, 2)
    if not told(page, 1):
        return 1
    mine.words[2] = 1
    end = exo_clock() + PATIENCE
    while watch.count == 0:
        if exo_clock() > end:
            return 2
        exo_yield(0)
    drop(mine.words[1])
    return 0 if watch.kind == UPCALL_REVOCATION else 3


def revoke_by_asking() -> None:
    frames = need(alloc(1), "allocate")
    first, end = frames_of(frames)
    if start(0, give_back_when_asked, 0):
        page_of(0).words[1] = need(exo_cap_grant(children[0].env, frames, first, end, READ, 0), "grant")
        check(comes(0, 2, 1), "the child is ready")
        equal(exo_cap_revoke(frames, REVOKE_KEEP | REVOKE_ASK), -EAGAIN, "somebody is asked")
        until = exo_clock() + PATIENCE
        while exo_cap_revoke(frames, REVOKE_KEEP | REVOKE_ASK) == -EAGAIN and exo_clock() < until:
            exo_yield(0)
        equal(exo_cap_revoke(frames, REVOKE_KEEP | REVOKE_ASK), 0, "and has given it back")
        equal(join(0), 0, "the child")
    drop(frames)


def run() -> None:
    """Run these tests."""
    test("cap.forged", forged_ids)
    test("cap.forged_random", forged_ids_at_random)
    test("cap.stale", stale_ids)
    test("cap.reused_slot", a_slot_that_is_used_again)
    test("cap.type", wrong_types)
    test("cap.rights", missing_rights)
    test("cap.range", ranges)
    test("cap.order", the_order_of_reasons)
    test("cap.epoch", dead_objects)
    test("cap.derive", derive_only_shrinks)
    test("cap.revoke", revoke_a_subtree)
    test("cap.chain", a_long_chain)
    test("cap.revoke_many", many_children_with_mappings)
    test("cap.drop_between", dropping_keeps_what_was_derived)
    test("cap.drop_root", dropping_the_root_frees)
    test("cap.grant", grants)
    test("cap.move", moves)
    test("cap.dead_holder", a_dead_holder_holds_nothing)
    test("cap.zones", other_zones)
    test("cap.read", reading_one)
    test("cap.revoked_in_use", revoked_in_use)
    test("cap.force", revoke_by_force)
    test("cap.ask", revoke_by_asking)
