"""Zones: quotas, confinement, holding and ending all at once."""

from typing import Final

from exotool.lang import Array, array, i64, u64
from kernel.abi.numbers import (
    INFO_ENVS_FREE,
    INFO_FRAMES_FREE,
    INFO_ZONE,
    INFO_ZONE_QUOTA,
    INFO_ZONE_USED,
    INFO_ZONES_FREE,
    READ,
    WRITE,
)
from kernel.errno import EACCES, EAGAIN, EBUSY, EINVAL, ENFILE, ENOMEM, ENOSPC, EOWNERDEAD, ESTALE, EXDEV
from libos.calls import (
    exo_cap_derive,
    exo_cap_grant,
    exo_env_create,
    exo_env_destroy,
    exo_env_resume,
    exo_env_state,
    exo_env_stop,
    exo_info,
    exo_map,
    exo_yield,
    exo_zone_create,
    exo_zone_destroy,
    exo_zone_enter,
    exo_zone_lock,
    exo_zone_unlock,
)
from libos.memory import alloc, drop, frames_of
from libos.start import StartPage
from user.usertests.envs import count_for_ever, give_value
from user.usertests.harness import check, equal, need, test
from user.usertests.support import AREA, PAGE, children, given, goes_on, join, page_of, stands_still, start_in

QUOTA: Final = 64

ids: Array[u64] = array(512)


def end_zone(zone: u64) -> None:
    """End a zone."""
    while True:
        result = exo_zone_destroy(zone)
        if result != -EAGAIN:
            break
    equal(result, 0, "destroy the zone")
    drop(zone)


def use_up(page: u64) -> u64:
    """Allocate to the end of the quota; exit with 0 if it is what the kernel tells."""
    quota = exo_info(INFO_ZONE_QUOTA, 0)
    if quota != QUOTA:
        return 1
    count: u64 = 0
    left = quota - exo_info(INFO_ZONE_USED, 0)
    while True:
        frames = alloc(1)
        if frames < 0:
            break
        ids[count] = u64(frames)
        count += 1
    if frames != -ENOMEM or i64(count) != left:
        return 2
    if exo_info(INFO_ZONE_USED, 0) != quota:
        return 3
    if exo_env_create(0) != -ENOMEM or alloc(2) != -ENOMEM:
        return 4
    if drop(ids[0]) != 0 or exo_info(INFO_ZONE_USED, 0) != quota - 1:
        return 5
    if exo_map(0, ids[1], 0x6000_0000_0000, 0, 1, READ) != -ENOMEM:
        return 6
    return 0


def quotas() -> None:
    zone = need(exo_zone_create(QUOTA), "a zone")
    free = exo_info(INFO_FRAMES_FREE, 0)
    if start_in(zone, 0, 0, use_up, 0):
        equal(join(0), 0, "the child")
    equal(exo_info(INFO_FRAMES_FREE, 0), free, "free frames afterwards")
    end_zone(zone)


def quotas_refused() -> None:
    equal(exo_zone_create(0), -EINVAL, "a zone of nothing")
    equal(exo_zone_create(1 << 24), -EINVAL, "a zone of too much")
    left = exo_info(INFO_ZONE_QUOTA, 0) - exo_info(INFO_ZONE_USED, 0)
    equal(exo_zone_create(u64(left) + 1), -ENOMEM, "a zone of more than is left")
    zone = need(exo_zone_create(2), "a zone of two frames")
    equal(exo_env_create(zone), -ENOMEM, "an environment that does not fit")
    end_zone(zone)


def a_zone_within_a_zone(page: u64) -> u64:
    """Make a zone of the own quota."""
    used = exo_info(INFO_ZONE_USED, 0)
    zone = exo_zone_create(10)
    if zone < 0:
        return 1
    if exo_info(INFO_ZONE_USED, 0) != used + 10:
        return 2
    if exo_zone_create(QUOTA) != -ENOMEM:
        return 3
    if exo_zone_destroy(u64(zone)) != 0:
        return 4
    return 0 if exo_info(INFO_ZONE_USED, 0) == used else 5


def nested_zones() -> None:
    zone = need(exo_zone_create(QUOTA), "a zone")
    if start_in(zone, 0, 0, a_zone_within_a_zone, 0):
        equal(join(0), 0, "the child")
    end_zone(zone)


def reach_out(page: u64) -> u64:
    """Try to give something to one who lives in another zone; word 0 is a capability for it."""
    mine = StartPage.at(page)
    frames = alloc(1)
    if frames < 0:
        return 1
    first, end = frames_of(u64(frames))
    while mine.words[0] == 0:
        exo_yield(0)
    if exo_cap_grant(mine.words[0], u64(frames), first, end, READ, 0) != -EXDEV:
        return 2
    mine.words[1] = u64(exo_info(INFO_ZONE, 0))
    return 0


def confined() -> None:
    zone = need(exo_zone_create(QUOTA), "a zone")
    if start_in(zone, 0, 0, reach_out, 0):
        base, limit = frames_of(given.env)
        page = page_of(0)
        page.words[0] = need(exo_cap_grant(children[0].env, given.env, base, limit, WRITE | READ, zone), "grant")
        status = wait_keeping_page(0)
        equal(status, 0, "the child")
    end_zone(zone)


def wait_keeping_page(number: u64) -> i64:
    """Wait for a child, and see that it was in another zone."""
    page = page_of(number)
    for _ in range(1000):
        if page.words[1] != 0:
            break
        exo_yield(0)
    check(i64(page.words[1]) != exo_info(INFO_ZONE, 0), "its zone is another one")
    return join(number)


def locked() -> None:
    zone = need(exo_zone_create(2 * QUOTA), "a zone")
    if start_in(zone, 0, 0, count_for_ever, 0) and start_in(zone, 0, 1, count_for_ever, 0):
        check(goes_on(0, 0) and goes_on(1, 0), "they count")
        equal(exo_zone_lock(zone), 0, "lock")
        check(stands_still(0, 0) and stands_still(1, 0), "they do not count")
        equal(exo_zone_lock(zone), -EBUSY, "lock again")
        equal(exo_zone_unlock(zone), 0, "unlock")
        check(goes_on(0, 0) and goes_on(1, 0), "they count again")
        equal(exo_zone_unlock(zone), -EINVAL, "unlock again")
    end_zone(zone)
    for number in range(2):
        equal(exo_env_state(children[number].env), -EOWNERDEAD, "its environments are dead")
        join(u64(number))


def started_in_a_locked_zone() -> None:
    zone = need(exo_zone_create(QUOTA), "a zone")
    equal(exo_zone_lock(zone), 0, "lock")
    if start_in(zone, 0, 0, count_for_ever, 0):
        check(stands_still(0, 0), "it does not count")
        equal(exo_zone_unlock(zone), 0, "unlock")
        check(goes_on(0, 0), "it counts")
    end_zone(zone)
    join(0)


def destroyed_with_all() -> None:
    free = exo_info(INFO_ENVS_FREE, 0)
    zone = need(exo_zone_create(6 * QUOTA), "a zone")
    for i in range(5):
        start_in(zone, 0, u64(i), count_for_ever, 0)
    end_zone(zone)
    equal(exo_zone_destroy(zone), -ESTALE, "destroying it again")
    for i in range(5):
        join(u64(i))
    equal(exo_info(INFO_ENVS_FREE, 0), free, "environments that are free")


def zones_refused() -> None:
    equal(exo_zone_destroy(given.zone), -EBUSY, "destroying the first zone")
    zone = need(exo_zone_create(QUOTA), "a zone")
    base, limit = frames_of(zone)
    reader = need(exo_cap_derive(zone, base, limit, READ), "derive")
    equal(exo_zone_lock(reader), -EACCES, "locking without WRITE")
    equal(exo_zone_destroy(reader), -EACCES, "destroying without WRITE")
    equal(exo_env_create(reader), -EACCES, "an environment there without WRITE")
    end_zone(zone)


def entered() -> None:
    zone = need(exo_zone_create(QUOTA), "a zone")
    env = need(exo_env_create(0), "an environment")
    frames = need(alloc(1), "allocate")
    first, end = frames_of(frames)
    before = need(exo_cap_grant(env, frames, first, end, READ, 0), "grant")
    equal(exo_zone_enter(env, zone), 0, "enter")
    equal(exo_map(env, before, AREA + PAGE, 0, 1, READ), -EXDEV, "what it was given in the zone before")
    equal(exo_cap_grant(env, frames, first, end, READ, 0), -EXDEV, "it is in another zone now")
    granted = need(exo_cap_grant(env, frames, first, end, READ, zone), "grant")
    equal(exo_map(env, granted, AREA + PAGE, 0, 1, READ), 0, "map")
    equal(exo_zone_enter(env, given.zone), -EBUSY, "back, with a page")
    equal(exo_env_destroy(env), 0, "destroy")
    drop(env)
    drop(frames)
    end_zone(zone)


def entered_while_locked() -> None:
    first = need(exo_zone_create(2 * QUOTA), "a zone")
    second = need(exo_zone_create(2 * QUOTA), "another zone")
    env = need(exo_env_create(first), "an environment")
    equal(exo_zone_lock(second), 0, "lock the other zone")
    equal(exo_zone_enter(env, second), 0, "enter it")
    equal(exo_env_resume(env), 0, "it was held once")
    equal(exo_env_resume(env), -EINVAL, "and not more")
    equal(exo_env_stop(env), 0, "hold it again")
    equal(exo_zone_enter(env, first), 0, "back")
    equal(exo_env_resume(env), -EINVAL, "it is not held there")
    equal(exo_env_destroy(env), 0, "destroy")
    drop(env)
    end_zone(second)
    end_zone(first)


def no_zone_is_left() -> None:
    free = exo_info(INFO_ZONES_FREE, 0)
    count: u64 = 0
    while count < len(ids):
        zone = exo_zone_create(1)
        if zone < 0:
            check(zone == -ENFILE or zone == -ENOSPC, "no zone or no slot")
            break
        ids[count] = u64(zone)
        count += 1
    check(count > 8, "more than eight zones")
    equal(exo_info(INFO_ZONES_FREE, 0), free - i64(count), "free zones")
    for i in range(count):
        end_zone(ids[i])
    equal(exo_info(INFO_ZONES_FREE, 0), free, "free zones afterwards")


def dropped() -> None:
    zone = need(exo_zone_create(QUOTA), "a zone")
    equal(drop(zone), 0, "drop the only capability")
    other = need(exo_zone_create(2 * QUOTA), "another zone")
    if start_in(other, 0, 0, give_value, 3):
        equal(join(0), 3, "a child there")
    end_zone(other)


def run() -> None:
    """Run these tests."""
    test("zone.quota", quotas)
    test("zone.quota_refused", quotas_refused)
    test("zone.nested", nested_zones)
    test("zone.confined", confined)
    test("zone.lock", locked)
    test("zone.start_locked", started_in_a_locked_zone)
    test("zone.destroy", destroyed_with_all)
    test("zone.refused", zones_refused)
    test("zone.enter", entered)
    test("zone.enter_locked", entered_while_locked)
    test("zone.exhausted", no_zone_is_left)
    test("zone.dropped", dropped)
