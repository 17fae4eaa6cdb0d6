"""Doors, protected control transfer and notifications: how environments enter each other.

A transfer (`pct`) carries six words in registers to the fixed entry of an environment that waits, and the caller's time
with them: Engler, Kaashoek, O'Toole: Exokernel, SOSP 1995, 5.2. Its fast path is kernel_asm/pct.S; here is all that is
not fast. A door call keeps the caller's registers until the answer; the server runs on the caller's time, and callers
that find it busy stand in a queue. Whatever ends a door or its server gives the caller an error, never silence.
"""

from typing import Final

from exotool.lang import Array, Struct, array, hot, i64, inline, offsetof, sizeof, u32, u64
from kernel.captypes import DOOR
from kernel.env import CALLING, NO_ENV, WAITING, Env, enter_at, env_at, envs, myproc
from kernel.errno import EAGAIN, EDEADLK, EINVAL, ELOOP, ENFILE, EPIPE
from kernel.layout import ENVS
from kernel.objects import is_worn_out
from kernel.sched import kick_env, make_ready, sched, switch_to
from kernel.trapframe import TrapFrame
from kernel.upcall import NOTIFICATION, request

DOORS: Final = 256
CHAIN: Final = 8

OPEN: Final = 1


class Door(Struct):
    """An entry into an environment."""

    state: u32
    owner: u32
    entry: u64
    cookie: u64


assert offsetof(Door, "entry") == 8
assert sizeof(Door) == 24

doors: Array[Door] = array(DOORS)


@inline
def name_of(env: Env) -> u64:
    """Return what a callee is told of its caller: number and epoch, which no later environment has."""
    return u64(env.index) << 32 | env.epoch


def door_take(owner: Env, entry: u64, cookie: u64) -> i64:
    """Open a door and return its number, or -ENFILE."""
    for i in range(DOORS):
        door = doors[i]
        if door.state != OPEN and not is_worn_out(DOOR, u64(i)):
            door.state = OPEN
            door.owner = owner.index
            door.entry = entry
            door.cookie = cookie
            return i64(i)
    return -ENFILE


def door_close(number: u32) -> None:
    """Close a door: calls that wait for it, or that it serves, end with -EPIPE."""
    door = doors[number]
    door.state = 0
    server = env_at(door.owner)
    if server.serving != 0 and server.serves == number and server.caller != NO_ENV:
        caller = env_at(server.caller)
        server.caller = NO_ENV
        fail(caller)
    before: Env | None = None
    at = server.queue_head
    while at != NO_ENV:
        env = env_at(at)
        at = env.queue_next
        if env.door == number:
            if before is None:
                server.queue_head = at
            else:
                before.queue_next = at
            if at == NO_ENV:
                server.queue_tail = NO_ENV if before is None else before.index
            fail(env)
        else:
            before = env


def fail(caller: Env) -> None:
    """End a door call without an answer."""
    caller.donee = NO_ENV
    caller.queue_next = NO_ENV
    caller.frame().rax = u64(-EPIPE)
    make_ready(caller)


@inline
def ready_to_serve(env: Env) -> bool:
    """Tell whether an environment can be entered now."""
    return env.state == WAITING and env.stops == 0


def doors_free() -> u32:
    """Return how many more doors can be made."""
    count: u32 = 0
    for i in range(DOORS):
        if doors[i].state != OPEN and not is_worn_out(DOOR, u64(i)):
            count += 1
    return count


@hot
def serve(server: Env, caller: Env, words: TrapFrame) -> None:
    """Make the server's registers those of a door call: cookie, five words, and who calls."""
    door = doors[caller.door]
    server.caller = caller.index
    server.serving = 1
    server.serves = caller.door
    server.donee = NO_ENV
    enter_at(server, door.entry, server.pct_stack, door.cookie)
    frame = server.frame()
    frame.rsi = words.rsi
    frame.rdx = words.rdx
    frame.r10 = words.r10
    frame.r8 = words.r8
    frame.r9 = words.r9
    frame.r12 = name_of(caller)


@hot
def call_chain(server: Env, caller: Env) -> i64:
    """Return 0 if `caller` may wait for `server`, -EDEADLK if that one waits for it, -ELOOP if too many wait."""
    env = server
    for _ in range(CHAIN):
        if env.index == caller.index:
            return -EDEADLK
        if env.state != CALLING or env.donee == NO_ENV:
            return 0
        env = env_at(env.donee)
    return -ELOOP


@hot
def door_call(number: u32, frame: TrapFrame) -> i64:
    """Call a door that is open, with the words in the frame. Returns when it is answered: 0, and the words there.

    What ends the call has written the result into the frame, since it may let the caller go on without this function.
    """
    caller = myproc()
    server = env_at(doors[number].owner)
    problem = call_chain(server, caller)
    if problem != 0:
        return problem
    caller.state = CALLING
    caller.donee = server.index
    caller.door = number
    if ready_to_serve(server):
        serve(server, caller, frame)
        switch_to(server)
    else:
        caller.queue_next = NO_ENV
        if server.queue_tail == NO_ENV:
            server.queue_head = caller.index
        else:
            env_at(server.queue_tail).queue_next = caller.index
        server.queue_tail = caller.index
        sched()
    return i64(frame.rax)


@inline
def next_caller(server: Env) -> Env | None:
    """Take the oldest caller out of a server's queue."""
    if server.queue_head == NO_ENV:
        return None
    caller = env_at(server.queue_head)
    server.queue_head = caller.queue_next
    if server.queue_head == NO_ENV:
        server.queue_tail = NO_ENV
    caller.queue_next = NO_ENV
    return caller


def leave_queue(env: Env) -> None:
    """Take a caller that dies out of its server's queue."""
    server = env_at(env.donee)
    if server.serving != 0 and server.caller == env.index:
        server.caller = NO_ENV
        return
    before: Env | None = None
    at = server.queue_head
    while at != NO_ENV and at != env.index:
        before = env_at(at)
        at = before.queue_next
    if at == NO_ENV:
        return
    if before is None:
        server.queue_head = env.queue_next
    else:
        before.queue_next = env.queue_next
    if server.queue_tail == env.index:
        server.queue_tail = NO_ENV if before is None else before.index
    env.queue_next = NO_ENV


@hot
def door_return(frame: TrapFrame) -> i64:
    """Answer the call that is served with five words; then serve the next, or wait."""
    server = myproc()
    if server.serving == 0:
        return -EINVAL
    server.serving = 0
    answered: Env | None = None
    if server.caller != NO_ENV:
        caller = env_at(server.caller)
        answered = caller
        server.caller = NO_ENV
        words = caller.frame()
        words.rax = 0
        words.rsi = frame.rdi
        words.rdx = frame.rsi
        words.r10 = frame.rdx
        words.r8 = frame.r10
        words.r9 = frame.r8
        caller.donee = NO_ENV
    following = next_caller(server)
    if following is not None:
        if answered is not None:
            make_ready(answered)
        serve(server, following, following.frame())
        return 0
    wait_without_context(server)
    if answered is not None and answered.stops == 0:
        switch_to(answered)
    else:
        if answered is not None:
            make_ready(answered)
        sched()
    return 0


def wait_without_context(env: Env) -> None:
    """Let an environment wait whose registers are not kept: it goes on at its entry."""
    env.state = WAITING
    env.restarts = 1
    if env.notified != 0:
        notify_waiting(env)


def notify_waiting(env: Env) -> None:
    """Let a waiting environment go on because of a notification: in its call of wait(), or at its entry."""
    if env.restarts != 0:
        if env.pct_entry == 0:
            return
        enter_at(env, env.pct_entry, env.pct_stack, 0)
        env.frame().rsi = env.notified
        env.notified = 0
    make_ready(env)


def notify(env: Env, bits: u64) -> None:
    """Send bits to an environment: it has them at the latest when it asks, and is woken or interrupted if it wants."""
    env.notified |= bits
    if ready_to_serve(env):
        notify_waiting(env)
    elif request(env, NOTIFICATION):
        kick_env(env)


def wait() -> i64:
    """Wait to be entered or notified; returns the bits of notifications. Entered, the call never returns."""
    env = myproc()
    if env.serving != 0:
        return -EINVAL
    while env.notified == 0:
        following = next_caller(env)
        if following is not None:
            serve(env, following, following.frame())
            return 0
        env.state = WAITING
        env.restarts = 0
        sched()
    bits = env.notified
    env.notified = 0
    return i64(bits)


def pct(callee: Env, frame: TrapFrame) -> i64:
    """Transfer control to an environment that waits; the caller waits from now on. Returns only to report -EAGAIN."""
    caller = myproc()
    if not ready_to_serve(callee) or callee.pct_entry == 0:
        return -EAGAIN
    enter_at(callee, callee.pct_entry, callee.pct_stack, name_of(caller))
    words = callee.frame()
    words.rsi = frame.rsi
    words.rdx = frame.rdx
    words.r10 = frame.r10
    words.r8 = frame.r8
    words.r9 = frame.r9
    words.r12 = frame.r12
    callee.donee = NO_ENV
    caller.donee = callee.index
    wait_without_context(caller)
    switch_to(callee)
    return 0


def forget_env(env: Env) -> None:
    """Untie an environment that dies from all that wait for it, serve it, or run on its time."""
    if env.state == CALLING and env.donee != NO_ENV:
        leave_queue(env)
    if env.serving != 0 and env.caller != NO_ENV:
        caller = env_at(env.caller)
        env.caller = NO_ENV
        fail(caller)
    following = next_caller(env)
    while following is not None:
        fail(following)
        following = next_caller(env)
    for i in range(ENVS):
        if envs[i].donee == env.index:
            envs[i].donee = NO_ENV
