"""Control transfer, doors, notifications."""

from typing import Final

from exotool.lang import Array, Ptr, addressof, array, extern, i64, symbol_address, u64
from kernel.abi.numbers import (
    CALL,
    ENV_CALLING,
    ENV_WAITING,
    INFO_DOORS_FREE,
    INFO_ENV_EPOCH,
    INFO_ENV_INDEX,
    READ,
    UPCALL_NOTIFICATION,
)
from kernel.errno import EACCES, EAGAIN, EDEADLK, EINVAL, ENFILE, ENOSPC, EOWNERDEAD, EPIPE, ESTALE
from libos.calls import (
    exo_cap_derive,
    exo_cap_grant,
    exo_clock,
    exo_door_create,
    exo_door_return,
    exo_door_revoke,
    exo_env_destroy,
    exo_env_state,
    exo_exit,
    exo_info,
    exo_notify,
    exo_notify_take,
    exo_pct_set,
    exo_wait,
    exo_yield,
)
from libos.memory import drop, frames_of
from libos.start import StartPage
from libos.upcalls import DoorCall, Transfer, door_entry, handlers, pct_entry
from libos.words import DoorWords, PctWords, exo_door_call, exo_pct, spin_pause
from user.usertests.harness import check, equal, need, same, test
from user.usertests.support import (
    ALL,
    NOTE,
    PATIENCE,
    catch,
    catch_faults,
    children,
    given,
    goes_on,
    join,
    page_of,
    start,
    told,
    watch,
)

STACK: Final = 8192
ROUNDS: Final = 200
W0: Final = 0x0101_0101_0101_0101

stack: Array[u64] = array(STACK // 8)
ids: Array[u64] = array(512)
my_page: u64 = 0


@extern
def pct_call(env: u64, words: PctWords) -> i64:
    """Transfer control, and come back by a transfer from there."""
    return 0


@extern
def pct_back() -> None:
    """Where transfers come back."""


def stack_top() -> u64:
    """Return the end of the stack on which others enter."""
    return (addressof(stack) + STACK) & ~u64(15)


def myself() -> u64:
    """Return how others are told of this environment."""
    return u64(exo_info(INFO_ENV_INDEX, 0)) << 32 | u64(exo_info(INFO_ENV_EPOCH, 0))


def give_way_back(number: u64) -> None:
    """Give a child the right to enter this program."""
    base, limit = frames_of(given.env)
    page_of(number).words[0] = need(exo_cap_grant(children[number].env, given.env, base, limit, CALL, 0), "grant")


def waits(number: u64) -> bool:
    """Let others run until a child waits; False after a long time."""
    end = exo_clock() + PATIENCE
    while exo_env_state(children[number].env) != ENV_WAITING:
        if exo_clock() > end:
            return False
        exo_yield(0)
    return True


# Control transfer.


def answer_transfer(address: u64) -> None:
    """Send the words back, each one more, the caller's name in the last."""
    transfer = Transfer.at(address)
    words = PctWords(
        w0=transfer.w0 + 1,
        w1=transfer.w1 + 1,
        w2=transfer.w2 + 1,
        w3=transfer.w3 + 1,
        w4=transfer.w4 + 1,
        w5=transfer.caller,
    )
    StartPage.at(my_page).words[1] += 1
    exo_pct(StartPage.at(my_page).words[0], words)
    exo_exit(3)


def serve_transfers(page: u64) -> u64:
    """Wait for transfers for ever."""
    global my_page
    my_page = page
    if not told(page, 0):
        return 1
    handlers.transfer = answer_transfer
    exo_pct_set(addressof(pct_entry), stack_top())
    exo_wait()
    return 2


def transfers() -> None:
    equal(exo_pct_set(addressof(pct_back), stack_top()), 0, "pct_set")
    if start(0, serve_transfers, 0):
        give_way_back(0)
        check(waits(0), "the child waits")
        words = PctWords(w0=W0, w1=2, w2=3, w3=4, w4=5, w5=6)
        equal(pct_call(children[0].env, words), 0, "there and back")
        same(words.w0, W0 + 1, "w0")
        same(words.w1, 3, "w1")
        same(words.w2, 4, "w2")
        same(words.w3, 5, "w3")
        same(words.w4, 6, "w4")
        same(words.w5, myself(), "who the child was told that it is")
        base, _ = frames_of(children[0].env)
        same(Ptr[u64](symbol_address("pct_caller"))[0] >> 32, base, "who came back")
        for i in range(ROUNDS):
            words.w0 = u64(i)
            equal(pct_call(children[0].env, words), 0, "there and back")
            same(words.w0, u64(i) + 1, "w0")
        same(page_of(0).words[1], ROUNDS + 1, "transfers that the child has seen")
        exo_env_destroy(children[0].env)
        join(0)
    exo_pct_set(0, 0)


def spin(page: u64) -> u64:
    """Count, and wait for nothing."""
    mine = StartPage.at(page)
    while True:
        mine.words[0] += 1
        spin_pause()


def just_wait(page: u64) -> u64:
    """Wait for a notification."""
    return u64(exo_wait())


def transfers_refused() -> None:
    words = PctWords()
    if start(0, spin, 0):
        check(goes_on(0, 0), "the child runs")
        equal(exo_pct(children[0].env, words), -EAGAIN, "to one that does not wait")
        exo_env_destroy(children[0].env)
        join(0)
    if start(0, just_wait, 0):
        check(waits(0), "the child waits")
        equal(exo_pct(children[0].env, words), -EAGAIN, "to one without an entry")
        base, limit = frames_of(children[0].env)
        reader = need(exo_cap_derive(children[0].env, base, limit, READ), "derive")
        equal(exo_pct(reader, words), -EACCES, "without CALL")
        drop(reader)
        exo_env_destroy(children[0].env)
        equal(exo_pct(children[0].env, words), -EOWNERDEAD, "to a dead one")
        join(0)


# Doors.


def answer_call(address: u64) -> None:
    """Answer with the sum, the cookie, the caller and the number of calls."""
    call = DoorCall.at(address)
    mine = StartPage.at(my_page)
    mine.words[1] += 1
    call.w0 = call.w0 + call.w1 + call.w2 + call.w3 + call.w4
    call.w1 = call.cookie
    call.w2 = call.caller
    call.w3 = mine.words[1]
    call.w4 = W0


def serve_calls(page: u64) -> u64:
    """Make a door, give it to the maker, and serve it for ever."""
    handlers.door_call = answer_call
    return open_and_wait(page, 0xC00C1E)


def open_and_wait(page: u64, cookie: u64) -> u64:
    """Make a door; word 0 is a right to the maker, which gets the door as word 2, in its own table."""
    global my_page
    my_page = page
    mine = StartPage.at(page)
    exo_pct_set(addressof(pct_entry), stack_top())
    door = exo_door_create(addressof(door_entry), cookie)
    if door < 0 or not told(page, 0):
        return 1
    base, limit = frames_of(u64(door))
    mine.words[3] = u64(door)
    mine.words[2] = u64(exo_cap_grant(mine.words[0], u64(door), base, limit, ALL, 0))
    exo_wait()
    return 2


def open_server(number: u64) -> u64:
    """Let a server that has been started give its door; return that, 0 if it does not."""
    base, limit = frames_of(given.env)
    page_of(number).words[0] = need(
        exo_cap_grant(children[number].env, given.env, base, limit, ALL, 0), "a right to this program"
    )
    if not waits(number):
        check(False, "the server waits")
        return 0
    return page_of(number).words[2]


def end_server(number: u64) -> None:
    """End a server."""
    exo_env_destroy(children[number].env)
    join(number)


def door_calls() -> None:
    if start(0, serve_calls, 0):
        door = open_server(0)
        words = DoorWords(w0=1, w1=20, w2=300, w3=4000, w4=50000)
        equal(exo_door_call(door, words), 0, "call")
        same(words.w0, 54321, "the sum of the words")
        same(words.w1, 0xC00C1E, "the cookie")
        same(words.w2, myself(), "who calls")
        same(words.w3, 1, "calls so far")
        same(words.w4, W0, "the last word")
        for i in range(ROUNDS):
            words.w0 = u64(i)
            words.w1 = 0
            words.w2 = 0
            words.w3 = 0
            words.w4 = 0
            equal(exo_door_call(door, words), 0, "call")
            same(words.w0, u64(i), "the answer")
        same(words.w3, ROUNDS + 1, "calls so far")
        end_server(0)
        drop(door)


def call_on(address: u64) -> None:
    """Answer a call by another one."""
    call = DoorCall.at(address)
    words = DoorWords(w0=call.w0, w1=call.w1, w2=call.w2, w3=call.w3, w4=call.w4)
    result = exo_door_call(StartPage.at(my_page).words[5], words)
    call.w0 = words.w0
    call.w1 = u64(result)
    call.w2 = words.w1


def serve_by_calling(page: u64) -> u64:
    """Serve a door with the help of another one, which is word 5."""
    handlers.door_call = call_on
    return open_and_wait(page, 0xAB)


def give_door(number: u64, door: u64) -> None:
    """Give a door to a child, which finds it in word 5."""
    base, limit = frames_of(door)
    page_of(number).words[5] = need(exo_cap_grant(children[number].env, door, base, limit, ALL, 0), "grant a door")


def nested_calls() -> None:
    if start(0, serve_calls, 0) and start(1, serve_by_calling, 0) and start(2, serve_by_calling, 0):
        innermost = open_server(0)
        middle = open_server(1)
        outermost = open_server(2)
        give_door(1, innermost)
        give_door(2, middle)
        words = DoorWords(w0=7, w1=1, w2=1, w3=1, w4=1)
        equal(exo_door_call(outermost, words), 0, "call")
        same(words.w0, 11, "the answer of the innermost")
        same(words.w1, 0, "the outermost one's call")
        equal(exo_door_call(middle, words), 0, "call the one in the middle")
        for number in range(3):
            end_server(u64(number))
        drop(innermost)
        drop(middle)
        drop(outermost)


def cycles() -> None:
    if start(0, serve_by_calling, 0) and start(1, serve_by_calling, 0):
        first = open_server(0)
        second = open_server(1)
        give_door(0, second)
        give_door(1, first)
        words = DoorWords()
        equal(exo_door_call(first, words), 0, "the first server's answer")
        same(words.w1, 0, "its call of the second")
        same(words.w0, 0, "the second one's answer")
        give_door(0, first)
        equal(exo_door_call(first, words), 0, "the first server's answer")
        same(words.w1, u64(-EDEADLK), "its call of itself")
        end_server(0)
        end_server(1)
        drop(first)
        drop(second)


def server_dies_serving(address: u64) -> None:
    """Exit instead of answering."""
    exo_exit(9)


def serve_and_die(page: u64) -> u64:
    """Serve one call badly."""
    handlers.door_call = server_dies_serving
    return open_and_wait(page, 1)


def a_server_that_dies() -> None:
    if start(0, serve_and_die, 0):
        door = open_server(0)
        words = DoorWords()
        equal(exo_door_call(door, words), -EPIPE, "a call that is not answered")
        equal(join(0), 9, "the server's status")
        equal(exo_door_call(door, words), -ESTALE, "a call of a dead server's door")
        drop(door)


def spin_serving(address: u64) -> None:
    """Never answer."""
    mine = StartPage.at(my_page)
    mine.words[6] = 1
    while mine.words[7] == 0:
        exo_yield(0)


def serve_slowly(page: u64) -> u64:
    """Serve calls until word 7 says that it is enough."""
    handlers.door_call = spin_serving
    return open_and_wait(page, 1)


def call_and_report(page: u64) -> u64:
    """Call the door in word 5 and exit with the result, made positive."""
    mine = StartPage.at(page)
    if not told(page, 5):
        return 1
    words = DoorWords(w0=5)
    mine.words[1] = 1
    return u64(-exo_door_call(mine.words[5], words))


def calls(number: u64) -> bool:
    """Let others run until a child is in a door call; False after a long time."""
    end = exo_clock() + PATIENCE
    while exo_env_state(children[number].env) != ENV_CALLING:
        if exo_clock() > end:
            return False
        exo_yield(0)
    return True


def a_queue_of_callers() -> None:
    if start(0, serve_slowly, 0) and start(1, call_and_report, 0) and start(2, call_and_report, 0):
        door = open_server(0)
        give_door(1, door)
        check(calls(1), "the first one calls")
        give_door(2, door)
        check(calls(2), "the second one waits")
        page_of(0).words[7] = 1
        equal(join(1), 0, "the first one's answer")
        equal(join(2), 0, "the second one's answer")
        end_server(0)
        drop(door)


def a_queue_whose_server_dies() -> None:
    if start(0, serve_slowly, 0) and start(1, call_and_report, 0) and start(2, call_and_report, 0):
        door = open_server(0)
        give_door(1, door)
        check(calls(1), "the first one calls")
        give_door(2, door)
        check(calls(2), "the second one waits")
        end_server(0)
        equal(join(1), EPIPE, "the first one's answer")
        equal(join(2), EPIPE, "the second one's answer")
        drop(door)


def a_caller_dies() -> None:
    if start(0, serve_slowly, 0) and start(1, call_and_report, 0) and start(2, call_and_report, 0):
        door = open_server(0)
        give_door(1, door)
        check(calls(1), "the first one calls")
        give_door(2, door)
        check(calls(2), "the second one waits")
        end_server(2)
        end_server(1)
        page_of(0).words[7] = 1
        check(waits(0), "the server goes on, and waits")
        words = DoorWords(w0=8)
        equal(exo_door_call(door, words), 0, "it serves others")
        end_server(0)
        drop(door)


def a_door_that_is_closed() -> None:
    if start(0, serve_slowly, 0) and start(1, call_and_report, 0):
        door = open_server(0)
        give_door(1, door)
        check(calls(1), "the child calls")
        equal(exo_door_revoke(door), 0, "close the door")
        equal(join(1), EPIPE, "the caller's answer")
        words = DoorWords()
        equal(exo_door_call(door, words), -EOWNERDEAD, "a call of a closed door")
        page_of(0).words[7] = 1
        check(waits(0), "the server goes on")
        end_server(0)
        drop(door)


def doors_refused() -> None:
    words = DoorWords()
    equal(exo_door_return(1, 2, 3, 4, 5), -EINVAL, "an answer without a call")
    door = need(exo_door_create(addressof(door_entry), 1), "a door into oneself")
    equal(exo_door_call(door, words), -EDEADLK, "calling oneself")
    base, limit = frames_of(door)
    closed = need(exo_cap_derive(door, base, limit, READ), "derive")
    equal(exo_door_call(closed, words), -EACCES, "calling without CALL")
    equal(exo_door_revoke(closed), -EACCES, "closing without REVOKE")
    equal(exo_door_create(0xFFFF_FFFF_8010_0000, 1), -EINVAL, "an entry in the kernel")
    drop(door)


def no_door_is_left() -> None:
    free = exo_info(INFO_DOORS_FREE, 0)
    count: u64 = 0
    while count < len(ids):
        door = exo_door_create(addressof(door_entry), count)
        if door < 0:
            check(door == -ENFILE or door == -ENOSPC, "no door or no slot")
            break
        ids[count] = u64(door)
        count += 1
    check(count > 64, "more than 64 doors")
    equal(exo_info(INFO_DOORS_FREE, 0), free - i64(count), "free doors")
    for i in range(count):
        equal(drop(ids[i]), 0, "drop")
    equal(exo_info(INFO_DOORS_FREE, 0), free, "free doors afterwards")


# Notifications.


def notify_maker(page: u64) -> u64:
    """Set bits of the maker, whom word 0 names."""
    mine = StartPage.at(page)
    if not told(page, 0):
        return 1
    return u64(-exo_notify(mine.words[0], mine.value))


def notified_while_waiting() -> None:
    if start(0, notify_maker, 0x50):
        give_way_back(0)
        equal(exo_wait(), 0x50, "the bits")
        equal(join(0), 0, "the child's call")
    equal(exo_notify_take(0x7FFF_FFFF_FFFF_FFFF), 0, "they are taken")


def notified_before() -> None:
    equal(exo_notify(0, 0b1011), 0, "notify oneself")
    equal(exo_notify(0, 0b0100), 0, "and again")
    equal(exo_notify_take(0b0011), 0b0011, "take two bits")
    equal(exo_notify_take(0b0011), 0, "they are taken")
    equal(exo_wait(), 0b1100, "wait returns at once")
    equal(exo_notify(0, 0), -EINVAL, "no bits")
    equal(exo_notify(0, 1 << 63), -EINVAL, "the sign")


def notified_by_upcall() -> None:
    catch(NOTE, 1 << UPCALL_NOTIFICATION, 2)
    equal(exo_notify(0, 0x33), 0, "notify oneself")
    equal(watch.count, 1, "upcalls")
    equal(watch.kind, UPCALL_NOTIFICATION, "type")
    same(watch.info, 0x33, "bits")
    equal(exo_notify_take(0xFF), 0, "they are taken")
    if start(0, notify_maker, 0x44):
        give_way_back(0)
        end = exo_clock() + PATIENCE
        while watch.count < 2 and exo_clock() < end:
            exo_yield(0)
        equal(watch.count, 2, "upcalls")
        same(watch.info, 0x44, "bits")
        equal(join(0), 0, "the child's call")
    catch_faults()


def wait_for_bits(page: u64) -> u64:
    """Exit with the bits that come."""
    return u64(exo_wait())


def a_child_is_woken() -> None:
    if start(0, wait_for_bits, 0):
        check(waits(0), "it waits")
        equal(exo_notify(children[0].env, 0x7777), 0, "notify")
        equal(join(0), 0x7777, "its bits")


def notifying_refused() -> None:
    if start(0, wait_for_bits, 0):
        base, limit = frames_of(children[0].env)
        reader = need(exo_cap_derive(children[0].env, base, limit, READ), "derive")
        equal(exo_notify(reader, 1), -EACCES, "without CALL")
        equal(exo_notify(children[0].env, 1), 0, "with it")
        equal(join(0), 1, "its bits")
        drop(reader)


def run() -> None:
    """Run these tests."""
    test("ipc.transfer", transfers)
    test("ipc.transfer_refused", transfers_refused)
    test("ipc.door", door_calls)
    test("ipc.door_nested", nested_calls)
    test("ipc.door_cycle", cycles)
    test("ipc.door_server_dies", a_server_that_dies)
    test("ipc.door_queue", a_queue_of_callers)
    test("ipc.door_queue_dies", a_queue_whose_server_dies)
    test("ipc.door_caller_dies", a_caller_dies)
    test("ipc.door_closed", a_door_that_is_closed)
    test("ipc.door_refused", doors_refused)
    test("ipc.door_exhausted", no_door_is_left)
    test("ipc.notify_waiting", notified_while_waiting)
    test("ipc.notify_before", notified_before)
    test("ipc.notify_upcall", notified_by_upcall)
    test("ipc.notify_child", a_child_is_woken)
    test("ipc.notify_refused", notifying_refused)
