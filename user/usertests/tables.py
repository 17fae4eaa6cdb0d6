"""Tables of capabilities: full ones, and how they grow."""

from exotool.lang import i64, u64
from kernel.abi.numbers import INFO_CAPS_FREE, INFO_CAPS_USED, READ
from kernel.errno import EBUSY, EINVAL, ENOSPC
from libos.calls import exo_cap_derive, exo_cap_grant, exo_caps_grow, exo_env_create, exo_info, exo_zone_create
from libos.memory import alloc, alloc_at, drop, frames_of
from libos.start import StartPage
from user.usertests.caps import ids
from user.usertests.harness import check, equal, need, test
from user.usertests.support import ALL, AREA, children, given, join, page_of, start, told


def a_full_table() -> None:
    free = exo_info(INFO_CAPS_FREE, 0)
    used = exo_info(INFO_CAPS_USED, 0)
    count: u64 = 0
    while count < len(ids):
        got = exo_cap_derive(given.console, 0, 1, READ)
        if got < 0:
            equal(got, -ENOSPC, "no slot is free")
            break
        ids[count] = u64(got)
        count += 1
    equal(i64(count), free, "as many as were free")
    equal(exo_info(INFO_CAPS_FREE, 0), 0, "free slots")
    equal(exo_info(INFO_CAPS_USED, 0), used + free, "used slots")
    equal(alloc(1), -ENOSPC, "frames without a slot")
    equal(exo_env_create(0), -ENOSPC, "an environment without a slot")
    equal(exo_zone_create(1), -ENOSPC, "a zone without a slot")
    for i in range(count):
        equal(drop(ids[i]), 0, "drop")
    equal(exo_info(INFO_CAPS_FREE, 0), free, "free slots afterwards")


def growing_refused() -> None:
    two = need(alloc(2), "allocate two frames")
    equal(exo_caps_grow(two), -EINVAL, "two frames")
    one = need(alloc_at(AREA, 1), "allocate one")
    equal(exo_caps_grow(one), -EBUSY, "a frame that is mapped")
    first, end = frames_of(two)
    part = need(exo_cap_derive(two, first, first + 1, ALL), "derive")
    equal(exo_caps_grow(part), -EINVAL, "a frame that is not a root's")
    check(end == first + 2, "two frames")
    parent = need(alloc(1), "allocate one")
    start_, end_ = frames_of(parent)
    need(exo_cap_derive(parent, start_, end_, READ), "derive")
    equal(exo_caps_grow(parent), -EBUSY, "a frame that others have a right to")
    drop(parent)
    drop(one)
    drop(two)


def grow_far(page: u64) -> u64:
    """Grow the table of a child, and fill it."""
    mine = StartPage.at(page)
    before = exo_info(INFO_CAPS_FREE, 0)
    for _ in range(10):
        frame = alloc(1)
        if frame < 0 or exo_caps_grow(u64(frame)) < 0:
            return 1
    if exo_info(INFO_CAPS_FREE, 0) != before + 640:
        return 2
    for _ in range(before + 640):
        if exo_cap_derive(mine.console, 0, 1, READ) < 0:
            return 3
    return 4 if exo_cap_derive(mine.console, 0, 1, READ) != -ENOSPC else 0


def grow_too_far(page: u64) -> u64:
    """Grow the table of a child to its end."""
    for _ in range(300):
        frame = alloc(1)
        if frame < 0:
            return 1
        if exo_caps_grow(u64(frame)) == -ENOSPC:
            return 0
    return 2


def console_can_be_derived(number: u64) -> None:
    """Give a child a console capability that it may derive from."""
    granted = exo_cap_grant(children[number].env, given.console, 0, 1, ALL, 0)
    page_of(number).console = u64(granted)


def growing() -> None:
    if start(0, wait_then_grow, 0):
        console_can_be_derived(0)
        page_of(0).words[0] = 1
        equal(join(0), 0, "a table that grows by ten frames, and is full then")


def wait_then_grow(page: u64) -> u64:
    """Wait for the console, then grow."""
    if not told(page, 0):
        return 9
    return grow_far(page)


def growing_to_the_end() -> None:
    if start(0, grow_too_far, 0):
        equal(join(0), 0, "a table of the greatest size")


def run() -> None:
    """Run these tests."""
    test("cap.exhausted", a_full_table)
    test("cap.grow_refused", growing_refused)
    test("cap.grow", growing)
    test("cap.grow_to_the_end", growing_to_the_end)
