"""Races between CPUs. With one CPU most of these are no races, and are left out."""

from typing import Final

from exotool.lang import i64, u64
from kernel import errno
from kernel.abi.numbers import INFO_CPU, READ, REVOKE_KEEP, STATUS_FAULT, WRITE
from kernel.errno import ENOMEM, ESTALE
from libos.calls import (
    exo_cap_derive,
    exo_cap_grant,
    exo_clock,
    exo_env_create,
    exo_env_destroy,
    exo_env_resume,
    exo_env_stop,
    exo_info,
    exo_map,
    exo_notify,
    exo_notify_take,
    exo_null,
    exo_protect,
    exo_wait,
)
from libos.memory import alloc, alloc_at, drop, frames_of, word_at
from libos.start import StartPage
from libos.words import DoorWords, exo_door_call, spin_pause
from user.usertests.caps import revoke
from user.usertests.envs import call_for_ever, count_for_ever
from user.usertests.harness import check, equal, need, same, skip, test
from user.usertests.ipc import give_door, give_way_back, open_server, serve_calls
from user.usertests.support import (
    ALL,
    AREA,
    PATIENCE,
    SECOND,
    children,
    comes,
    given,
    goes_on,
    join,
    page_of,
    probe_read,
    start_on,
    told,
)

ROUNDS: Final = 100
LAST: Final = 4  # children at most, one for each CPU


def others() -> u64:
    """Return how many CPUs there are besides the first, as far as tests use them."""
    return min(given.cpus - 1, LAST)


def is_alone() -> bool:
    """Tell whether there is only one CPU, and say so."""
    if given.cpus == 1:
        skip("one CPU")
        return True
    return False


def where_it_runs(page: u64) -> u64:
    """Exit with the number of the CPU."""
    for _ in range(100):
        spin_pause()
    return u64(exo_info(INFO_CPU, 0))


def every_cpu_runs() -> None:
    for cpu in range(given.cpus):
        if start_on(cpu, 0, where_it_runs, 0):
            equal(join(0), i64(cpu), "the CPU")


def all_at_once() -> None:
    if is_alone():
        return
    for i in range(others()):
        start_on(i + 1, i, count_for_ever, 0)
    for i in range(others()):
        check(goes_on(i, 0), "it counts")
    page = page_of(0)
    before = page.words[0]
    begun = exo_clock()
    while page.words[0] == before and exo_clock() < begun + PATIENCE:
        spin_pause()
    check(page.words[0] != before, "while this program keeps its CPU")
    for i in range(others()):
        equal(exo_env_destroy(children[i].env), 0, "destroy one that runs elsewhere")
        join(i)


def read_for_ever(page: u64) -> u64:
    """Map what word 1 names, and read it as fast as can be."""
    mine = StartPage.at(page)
    if not told(page, 1) or exo_map(0, mine.words[1], AREA, 0, 1, READ) != 0:
        return 1
    while True:
        mine.words[3] = probe_read(AREA)
        mine.words[2] += 1


def revoked_on_another_cpu() -> None:
    """See that a page that was taken away is not seen any more by anybody, whatever is in a TLB."""
    if is_alone():
        return
    for _ in range(10):
        frames = need(alloc_at(AREA, 1), "allocate")
        first, end = frames_of(frames)
        word_at(AREA)[0] = 0x600D
        if start_on(1, 0, read_for_ever, 0):
            granted = need(exo_cap_grant(children[0].env, frames, first, end, READ, 0), "grant")
            page_of(0).words[1] = granted
            check(comes(0, 3, 0x600D), "the other CPU reads it")
            equal(revoke(frames, REVOKE_KEEP), 0, "revoke")
            word_at(AREA)[0] = 0xBAD
            page = page_of(0)
            begun = exo_clock()
            while exo_clock() < begun + SECOND // 200:
                spin_pause()
            same(page.words[3], 0x600D, "what it has seen last")
            equal(join(0), STATUS_FAULT + 14, "its end")
        drop(frames)


def write_for_ever(page: u64) -> u64:
    """Map what word 1 names, and count in it as fast as can be."""
    mine = StartPage.at(page)
    if not told(page, 1) or exo_map(0, mine.words[1], AREA, 0, 1, READ | WRITE) != 0:
        return 1
    mine.words[2] = 1
    while True:
        word_at(AREA)[0] += 1


def protected_on_another_cpu() -> None:
    """See that a page that was made read-only is not written any more by anybody."""
    if is_alone():
        return
    frames = need(alloc_at(AREA, 1), "allocate")
    first, end = frames_of(frames)
    if start_on(1, 0, write_for_ever, 0):
        granted = need(exo_cap_grant(children[0].env, frames, first, end, READ | WRITE, 0), "grant")
        page_of(0).words[1] = granted
        check(comes(0, 2, 1), "the other CPU writes")
        begun = exo_clock()
        while word_at(AREA)[0] == 0 and exo_clock() < begun + SECOND:
            spin_pause()
        equal(exo_protect(children[0].env, AREA, 1, READ), 1, "protect")
        last = word_at(AREA)[0]
        check(last != 0, "it has written")
        begun = exo_clock()
        while exo_clock() < begun + SECOND // 100:
            spin_pause()
        same(word_at(AREA)[0], last, "it does not write any more")
        equal(join(0), STATUS_FAULT + 14, "its end")
    drop(frames)


def allocate_and_free(page: u64) -> u64:
    """Take and give frames back, each marked with the own number as long as it is held."""
    mine = StartPage.at(page)
    for i in range(ROUNDS):
        frames = alloc_at(AREA, 1 + u64(i) % 4)
        if frames < 0:
            return 1
        if word_at(AREA)[0] != 0:
            return 2
        word_at(AREA)[0] = mine.value
        exo_null()
        if word_at(AREA)[0] != mine.value:
            return 3
        if drop(u64(frames)) != 0:
            return 4
    return 0


def frames_race() -> None:
    if is_alone():
        return
    for i in range(others()):
        start_on(i + 1, i, allocate_and_free, 0x1000 + i)
    for i in range(others()):
        equal(join(i), 0, "a child")


def derive_for_ever(page: u64) -> u64:
    """Derive from word 1 and drop again until it is gone; exit with the error."""
    mine = StartPage.at(page)
    if not told(page, 1):
        return 1
    first, end = frames_of(mine.words[1])
    while True:
        part = exo_cap_derive(mine.words[1], first, end, READ)
        if part < 0:
            return u64(-part)
        exo_map(0, u64(part), AREA, 0, 1, READ)
        mine.words[2] += 1
        drop(u64(part))


def revocation_races_with_derivation() -> None:
    if is_alone():
        return
    frames = need(alloc(1), "allocate")
    first, end = frames_of(frames)
    for i in range(others()):
        if start_on(i + 1, i, derive_for_ever, 0):
            page_of(i).words[1] = need(exo_cap_grant(children[i].env, frames, first, end, ALL, 0), "grant")
    for i in range(others()):
        check(goes_on(i, 2), "it derives")
    equal(revoke(frames, REVOKE_KEEP), 0, "revoke under load")
    for i in range(others()):
        equal(join(i), ESTALE, "its last error")
    drop(frames)


def children_of_children(page: u64) -> u64:
    """Make environments and destroy them."""
    for _ in range(ROUNDS // 10):
        env = exo_env_create(0)
        if env < 0:
            return u64(-env)
        if exo_env_destroy(u64(env)) != 0:
            return 1
        drop(u64(env))
    return 0


def environments_race() -> None:
    if is_alone():
        return
    for i in range(others()):
        start_on(i + 1, i, children_of_children, 0)
    for i in range(others()):
        status = join(i)
        check(status == 0 or status == ENOMEM, "a child")


def destroyed_at_any_time() -> None:
    """Environments that make calls on another CPU are destroyed in the middle of whatever they do."""
    if is_alone():
        return
    for i in range(ROUNDS // 8):
        if start_on(1, 0, call_for_ever, 0):
            for _ in range(i * 7):
                spin_pause()
            equal(exo_env_destroy(children[0].env), 0, "destroy")
            join(0)


def stopped_at_any_time() -> None:
    if is_alone():
        return
    if start_on(1, 0, call_for_ever, 0):
        page = page_of(0)
        check(goes_on(0, 0), "it counts")
        for i in range(ROUNDS // 4):
            equal(exo_env_stop(children[0].env), 0, "stop")
            for _ in range(i * 5):
                spin_pause()
            equal(exo_env_resume(children[0].env), 0, "let go")
        check(goes_on(0, 0), "it goes on")
        check(page.words[0] != 0, "and has counted")
        exo_env_destroy(children[0].env)
        join(0)


def play_ball(page: u64) -> u64:
    """Answer each notification by one."""
    mine = StartPage.at(page)
    if not told(page, 0):
        return 1
    for _ in range(ROUNDS):
        if exo_wait() != 1:
            return 2
        if exo_notify(mine.words[0], 2) != 0:
            return 3
    return 0


def notifications_between_cpus() -> None:
    if is_alone():
        return
    if start_on(1, 0, play_ball, 0):
        give_way_back(0)
        for _ in range(ROUNDS):
            equal(exo_notify(children[0].env, 1), 0, "notify")
            equal(exo_wait(), 2, "the answer")
        equal(join(0), 0, "the child")
    equal(exo_notify_take(0xFF), 0, "nothing is left")


def call_many_times(page: u64) -> u64:
    """Call the door in word 5; exit with the number of wrong answers."""
    mine = StartPage.at(page)
    if not told(page, 5):
        return 1000
    wrong: u64 = 0
    for i in range(ROUNDS):
        words = DoorWords(w0=u64(i), w1=1)
        if exo_door_call(mine.words[5], words) != 0 or words.w0 != u64(i) + 1:
            wrong += 1
    return wrong


def one_server_many_callers() -> None:
    if is_alone():
        return
    if start_on(0, 7, serve_calls, 0):
        door = open_server(7)
        for i in range(others()):
            if start_on(i + 1, i, call_many_times, 0):
                give_door(i, door)
        for i in range(others()):
            equal(join(i), 0, "wrong answers")
        same(page_of(7).words[1], ROUNDS * others(), "calls that were served")
        exo_env_destroy(children[7].env)
        join(7)
        drop(door)


def call_until_it_fails(page: u64) -> u64:
    """Call the door in word 5 until there is an error, and exit with it."""
    mine = StartPage.at(page)
    if not told(page, 5):
        return 1000
    while True:
        words = DoorWords(w0=1)
        result = exo_door_call(mine.words[5], words)
        mine.words[1] += 1
        if result != 0:
            return u64(-result)


def is_gone(status: i64) -> bool:
    """Tell whether an error says that a door or its server is not there any more."""
    match status:
        case errno.EPIPE | errno.ESTALE | errno.EOWNERDEAD:
            return True
        case _:
            return False


def a_server_dies_under_load() -> None:
    if is_alone():
        return
    if start_on(0, 7, serve_calls, 0):
        door = open_server(7)
        for i in range(others()):
            if start_on(i + 1, i, call_until_it_fails, 0):
                give_door(i, door)
        for i in range(others()):
            check(goes_on(i, 1), "it calls")
        exo_env_destroy(children[7].env)
        join(7)
        for i in range(others()):
            status = join(i)
            check(is_gone(status), "the last answer is an error")


def run() -> None:
    """Run these tests."""
    test("smp.every_cpu", every_cpu_runs)
    test("smp.at_once", all_at_once)
    test("smp.revoked", revoked_on_another_cpu)
    test("smp.protected", protected_on_another_cpu)
    test("smp.frames", frames_race)
    test("smp.revoke_race", revocation_races_with_derivation)
    test("smp.environments", environments_race)
    test("smp.destroyed", destroyed_at_any_time)
    test("smp.stopped", stopped_at_any_time)
    test("smp.notify", notifications_between_cpus)
    test("smp.door", one_server_many_callers)
    test("smp.door_dies", a_server_dies_under_load)
