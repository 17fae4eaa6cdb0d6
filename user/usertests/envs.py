"""Environments: made, started, held, changed, ended, exhausted."""

from typing import Final

from exotool.lang import Array, addressof, array, i64, u64
from kernel.abi.numbers import (
    ENV_NEW,
    ENV_RUNNING,
    ENV_STOPPED,
    ENV_ZOMBIE,
    INFO_ENV_INDEX,
    INFO_ENVS,
    INFO_ENVS_FREE,
    READ,
    STATUS_KILLED,
    WRITE,
)
from kernel.errno import EACCES, EBADF, EBUSY, EDEADLK, EINVAL, ENFILE, ENOMEM, ENOSPC, EOWNERDEAD, ESRCH
from kernel.trapframe import TrapFrame
from libos.calls import (
    exo_cap_derive,
    exo_cap_grant,
    exo_cap_move,
    exo_clock,
    exo_env_create,
    exo_env_destroy,
    exo_env_get,
    exo_env_resume,
    exo_env_set,
    exo_env_start,
    exo_env_state,
    exo_env_stop,
    exo_env_wait,
    exo_exit,
    exo_info,
    exo_map,
    exo_notify,
    exo_null,
    exo_protect,
    exo_query,
    exo_slice_bind,
    exo_unmap,
    exo_yield,
)
from libos.memory import alloc, drop, frames_of
from libos.spawn import STACK_TOP
from libos.start import StartPage
from libos.words import spin_pause
from user.usertests.harness import check, equal, need, same, test
from user.usertests.support import (
    AREA,
    KERNEL_TEXT,
    NEVER,
    NOT_CANONICAL,
    PAGE,
    PATIENCE,
    children,
    comes,
    given,
    goes_on,
    join,
    slice_for,
    stands_still,
    start,
)

MANY: Final = 256

ids: Array[u64] = array(MANY)


def give_value(page: u64) -> u64:
    """Exit with what the maker gave."""
    return StartPage.at(page).value


def count_for_ever(page: u64) -> u64:
    """Count in a word."""
    mine = StartPage.at(page)
    while True:
        mine.words[0] += 1
        spin_pause()


def call_for_ever(page: u64) -> u64:
    """Count in a word, a system call each."""
    mine = StartPage.at(page)
    while True:
        mine.words[0] += 1
        exo_null()


def came_here(page: u64) -> u64:
    """Where a child is sent that was held."""
    return 77


def exit_statuses() -> None:
    for i in range(5):
        if start(0, give_value, u64(i) * 1000):
            equal(join(0), i64(i) * 1000, "the status")
    if start(0, give_value, 0xFFFF_FFFF):
        equal(join(0), 0xFFFF_FFFF, "the greatest status")
    equal(exo_exit(1 << 32), -EINVAL, "a greater one")


def several_at_once() -> None:
    for i in range(6):
        start(u64(i), give_value, 100 + u64(i))
    for i in range(6):
        equal(join(u64(i)), 100 + i64(i), "the status")


def again_and_again() -> None:
    for i in range(50):
        if start(0, give_value, u64(i)):
            equal(join(0), i64(i), "the status")


def an_own_copy_of_data(page: u64) -> u64:
    """Tell whether data is as the program's file has it."""
    if ids[0] != 0:
        return 1
    ids[0] = 5
    return 0


def data_is_not_shared() -> None:
    ids[0] = 9
    if start(0, an_own_copy_of_data, 0):
        equal(join(0), 0, "a child's data")
    same(ids[0], 9, "this program's data")


def started_once() -> None:
    if start(0, count_for_ever, 0):
        env = children[0].env
        equal(exo_env_start(env, addressof(came_here), STACK_TOP, 0), -EBUSY, "starting it again")
        equal(exo_env_destroy(env), 0, "destroy")
        join(0)


def started_hostile() -> None:
    env = need(exo_env_create(0), "an environment")
    equal(exo_env_state(env), ENV_NEW, "its state")
    equal(exo_env_start(env, KERNEL_TEXT, STACK_TOP, 0), -EINVAL, "code in the kernel")
    equal(exo_env_start(env, NOT_CANONICAL, STACK_TOP, 0), -EINVAL, "code nowhere")
    equal(exo_env_start(env, AREA, KERNEL_TEXT, 0), -EINVAL, "a stack in the kernel")
    equal(exo_env_start(NEVER, AREA, AREA, 0), -EBADF, "an environment that there is not")
    equal(exo_env_state(env), ENV_NEW, "its state afterwards")
    equal(exo_env_destroy(env), 0, "destroy")
    drop(env)


def started_without_memory() -> None:
    env = need(exo_env_create(0), "an environment")
    slices = slice_for(0, 1)
    equal(exo_slice_bind(slices, env), 0, "a slice")
    equal(exo_env_start(env, AREA, STACK_TOP, 0), 0, "start where nothing is")
    equal(exo_env_wait(env), 0x2_0000_0000 + 14, "it dies of a page fault")
    drop(env)
    drop(slices)


def held_and_let_go() -> None:
    if start(0, count_for_ever, 0):
        env = children[0].env
        check(goes_on(0, 0), "it counts")
        equal(exo_env_stop(env), 0, "stop")
        check(stands_still(0, 0), "it does not count")
        equal(exo_env_state(env), ENV_STOPPED, "its state")
        equal(exo_env_stop(env), 0, "stop again")
        equal(exo_env_resume(env), 0, "let go once")
        check(stands_still(0, 0), "it is held twice")
        equal(exo_env_resume(env), 0, "let go twice")
        check(goes_on(0, 0), "it counts again")
        equal(exo_env_resume(env), -EINVAL, "letting go what is not held")
        exo_env_destroy(env)
        join(0)


def registers_of_a_held_one() -> None:
    if start(0, count_for_ever, 0):
        env = children[0].env
        registers = TrapFrame()
        equal(exo_env_get(env, registers), -EBUSY, "registers of one that runs")
        check(goes_on(0, 0), "it counts")
        equal(exo_env_stop(env), 0, "stop")
        equal(exo_env_get(env, registers), 0, "registers")
        check(registers.rsp < STACK_TOP and registers.rsp > STACK_TOP - 4 * PAGE, "its stack")
        equal(exo_query(0, registers.rip & ~u64(PAGE - 1)) & 4095, 5, "its code")
        same(registers.cs, 0x2B, "CS")
        registers.rip = addressof(came_here)
        registers.rsp = STACK_TOP - 64 - 8
        registers.cs = 8
        registers.ss = 16
        registers.rflags = 0x3000
        equal(exo_env_set(env, registers), 0, "send it elsewhere")
        equal(exo_env_get(env, registers), 0, "registers")
        same(registers.cs, 0x2B, "CS stays")
        same(registers.rflags & 0x3200, 0x200, "IF stays, IOPL is 0")
        registers.rip = KERNEL_TEXT
        equal(exo_env_set(env, registers), -EINVAL, "RIP in the kernel")
        registers.rip = NOT_CANONICAL
        equal(exo_env_set(env, registers), -EINVAL, "RIP nowhere")
        registers.rip = addressof(leave_with_77)
        equal(exo_env_set(env, registers), 0, "send it elsewhere again")
        equal(exo_env_resume(env), 0, "let go")
        equal(join(0), 77, "where it was sent")


def leave_with_77() -> None:
    """Where a child is sent that was held."""
    exo_exit(77)


def held_in_a_call() -> None:
    if start(0, call_for_ever, 0):
        env = children[0].env
        for _ in range(20):
            check(goes_on(0, 0), "it counts")
            equal(exo_env_stop(env), 0, "stop")
            registers = TrapFrame()
            equal(exo_env_get(env, registers), 0, "registers")
            check(exo_query(0, registers.rip & ~u64(PAGE - 1)) > 0, "it is in its code")
            equal(exo_env_resume(env), 0, "let go")
        exo_env_destroy(env)
        join(0)


def destroyed_while_it_runs() -> None:
    if start(0, count_for_ever, 0):
        check(goes_on(0, 0), "it counts")
        equal(exo_env_destroy(children[0].env), 0, "destroy")
        equal(exo_env_state(children[0].env), -EOWNERDEAD, "its capability")
        join(0)


def destroy_itself(page: u64) -> u64:
    """End by destroying oneself."""
    exo_env_destroy(0)
    return 1


def destroyed_by_itself() -> None:
    if start(0, destroy_itself, 0):
        result = join(0)
        check(result == STATUS_KILLED or result == -EOWNERDEAD, "it is not alive")


def stop_itself(page: u64) -> u64:
    """Hold oneself; somebody else lets go."""
    mine = StartPage.at(page)
    mine.words[0] = 1
    result = exo_env_stop(0)
    mine.words[1] = 1
    return 0 if result == 0 else 1


def stopped_by_itself() -> None:
    if start(0, stop_itself, 0):
        check(comes(0, 0, 1), "it began")
        check(stands_still(0, 1), "it is held")
        equal(exo_env_state(children[0].env), ENV_STOPPED, "its state")
        equal(exo_env_resume(children[0].env), 0, "let go")
        equal(join(0), 0, "its stop returned 0")


def wait_for_oneself() -> None:
    equal(exo_env_wait(given.env), -EDEADLK, "waiting for oneself")
    equal(exo_env_state(0), ENV_RUNNING, "one's own state")
    equal(exo_env_state(given.env), ENV_RUNNING, "by the capability")


def rights_over_another() -> None:
    env = need(exo_env_create(0), "an environment")
    base, limit = frames_of(env)
    reader = need(exo_cap_derive(env, base, limit, READ), "derive")
    equal(exo_env_state(reader), ENV_NEW, "reading its state")
    equal(exo_env_stop(reader), -EACCES, "holding it")
    equal(exo_env_destroy(reader), -EACCES, "destroying it")
    equal(exo_env_start(reader, AREA, AREA, 0), -EACCES, "starting it")
    writer = need(exo_cap_derive(env, base, limit, WRITE), "derive")
    equal(exo_env_state(writer), -EACCES, "reading its state without READ")
    equal(exo_env_destroy(writer), 0, "destroying it")
    drop(reader)
    drop(writer)
    drop(env)


def no_environment_is_left() -> None:
    free = exo_info(INFO_ENVS_FREE, 0)
    check(free < exo_info(INFO_ENVS, 0), "this one is one")
    count: u64 = 0
    while count < MANY:
        env = exo_env_create(0)
        if env < 0:
            check(env == -ENFILE or env == -ENOMEM or env == -ENOSPC, "a full table, or no memory")
            equal(exo_env_create(0), env, "and once more")
            break
        ids[count] = u64(env)
        count += 1
    check(count >= 32, "at least 32")
    equal(exo_info(INFO_ENVS_FREE, 0), free - i64(count), "free ones")
    for i in range(count):
        equal(exo_env_destroy(ids[i]), 0, "destroy")
        equal(drop(ids[i]), 0, "drop")
    equal(exo_info(INFO_ENVS_FREE, 0), free, "free ones afterwards")


def dropped_instead_of_destroyed() -> None:
    env = need(exo_env_create(0), "an environment")
    equal(drop(env), 0, "dropping the only capability ends it")
    if start(0, count_for_ever, 0):
        check(goes_on(0, 0), "it counts")
        equal(drop(children[0].env), 0, "dropping one that runs")
        check(stands_still(0, 0), "it does not count")
        children[0].env = 0
        join(0)


def dead_and_waited_for_late() -> None:
    if start(0, give_value, 5):
        for _ in range(20):
            exo_yield(0)
        equal(join(0), 5, "the status is kept")


def the_memory_of_a_dead_one() -> None:
    """See that nothing is left to be changed of an environment whose status waits to be asked for."""
    if start(0, give_value, 6):
        env = children[0].env
        end = exo_clock() + PATIENCE
        while exo_env_state(env) != ENV_ZOMBIE and exo_clock() < end:
            exo_yield(0)
        frames = need(alloc(1), "allocate")
        first, limit = frames_of(frames)
        equal(exo_query(env, STACK_TOP), -ESRCH, "query")
        equal(exo_unmap(env, STACK_TOP, 1), -ESRCH, "unmap")
        equal(exo_protect(env, STACK_TOP, 1, READ), -ESRCH, "protect")
        check(exo_map(env, frames, AREA, 0, 1, READ) < 0, "map")
        check(exo_cap_grant(env, frames, first, limit, READ, 0) < 0, "grant")
        check(exo_cap_move(env, frames) < 0, "move")
        equal(exo_env_start(env, AREA, AREA, 0), -EBUSY, "start")
        equal(exo_env_stop(env), -ESRCH, "stop")
        equal(exo_notify(env, 1), -ESRCH, "notify")
        equal(exo_slice_bind(children[0].slices, env), -ESRCH, "a slice")
        drop(frames)
        equal(join(0), 6, "its status")


def number_of(page: u64) -> u64:
    """Return one's own number."""
    return u64(exo_info(INFO_ENV_INDEX, 0))


def numbers_are_known() -> None:
    if start(0, number_of, 0):
        base, _ = frames_of(children[0].env)
        equal(join(0), i64(base), "the number in its capability")


def run() -> None:
    """Run these tests."""
    test("env.exit", exit_statuses)
    test("env.several", several_at_once)
    test("env.again", again_and_again)
    test("env.own_data", data_is_not_shared)
    test("env.start_once", started_once)
    test("env.start_hostile", started_hostile)
    test("env.start_without_memory", started_without_memory)
    test("env.stop", held_and_let_go)
    test("env.registers", registers_of_a_held_one)
    test("env.stop_in_call", held_in_a_call)
    test("env.destroy_running", destroyed_while_it_runs)
    test("env.destroy_itself", destroyed_by_itself)
    test("env.stop_itself", stopped_by_itself)
    test("env.wait_itself", wait_for_oneself)
    test("env.rights", rights_over_another)
    test("env.exhausted", no_environment_is_left)
    test("env.dropped", dropped_instead_of_destroyed)
    test("env.late_wait", dead_and_waited_for_late)
    test("env.dead_memory", the_memory_of_a_dead_one)
    test("env.number", numbers_are_known)
