"""Doors, control transfer, notifications and death together, as a state machine against queues.

The kernel's functions run under CPython. A switch of stacks does nothing there, so each call returns where on the
machine it would have left off, and what it would return later is in the caller's registers or its `answer`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exotool.lang import i64, memory
from kernel import door, life, sched
from kernel.env import CALLING, FREE, NO_ENV, READY, RUNNING, WAITING, ZOMBIE, Env
from tests.kernel.running import CPU, Kernel

EPIPE, EDEADLK, ELOOP, EAGAIN, EINVAL = -32, -35, -40, -11, -22
ENTRY, STACK = 0x40_1000, 0x50_0000
COUNT = 5


class Doors(RuleBasedStateMachine):
    """Environments with a door each, that call each other, answer, notify, and die."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = Kernel(COUNT)
        self.doors: list[int] = []
        for env in self.kernel.envs:
            env.pct_entry, env.pct_stack = ENTRY, STACK
            env.state = READY
            self.doors.append(int(door.door_take(env, ENTRY, 7)))
        self.waits_for: dict[int, int] = {}  # caller -> server, until answered
        self.queue: dict[int, list[int]] = {i: [] for i in range(COUNT)}
        self.served: dict[int, int] = {}  # server -> caller
        self.bits = [0] * COUNT
        self.word = 0

    def teardown(self) -> None:
        self.kernel.close()

    def env(self, who: int) -> Env:
        return self.kernel.envs[who]

    def alive(self, who: int) -> bool:
        return self.env(who).state not in (ZOMBIE, FREE)

    def able(self, who: int) -> bool:
        """Tell whether an environment executes, or would if it had a CPU."""
        return self.env(who).state in (READY, RUNNING)

    def let_run(self, who: int) -> None:
        self.kernel.preempt()
        sched.activate(self.env(who))

    @rule(caller=st.integers(0, COUNT - 1), server=st.integers(0, COUNT - 1))
    def call(self, caller: int, server: int) -> None:
        if not self.able(caller) or not self.alive(server):
            return
        chain, at = [server], server
        while at in self.waits_for:
            at = self.waits_for[at]
            chain.append(at)
        self.let_run(caller)
        env = self.env(caller)
        self.word += 1
        env.frame().rsi = self.word
        waiting = self.env(server).state == WAITING
        result = int(door.door_call(self.doors[server], env.frame()))
        if caller in chain:
            assert result == EDEADLK
            return
        assert env.state == CALLING
        self.waits_for[caller] = server
        if waiting:
            self.served[server] = caller
            frame = self.env(server).frame()
            assert (frame.rip, frame.rdi, frame.rsi) == (ENTRY, 7, self.word)
            assert self.env(server).state == RUNNING
        else:
            self.queue[server].append(caller)

    @rule(server=st.integers(0, COUNT - 1))
    def answer(self, server: int) -> None:
        if not self.able(server):
            return
        self.let_run(server)
        env = self.env(server)
        self.word += 1
        env.frame().rdi = self.word
        result = int(door.door_return(env.frame()))
        if not env_serves(self, server):
            assert result == EINVAL
            return
        caller = self.served.pop(server)
        if caller != -1:
            del self.waits_for[caller]
            assert self.env(caller).frame().rsi == self.word
            assert self.able(caller)
        self.next_or_wait(server)

    def next_or_wait(self, server: int) -> None:
        if self.queue[server]:
            self.served[server] = self.queue[server].pop(0)
            assert self.able(server)
            assert self.env(server).frame().rip == ENTRY
        elif self.bits[server]:
            assert self.able(server)
            assert self.env(server).frame().rsi == self.bits[server]
            self.bits[server] = 0
        else:
            assert self.env(server).state == WAITING

    @rule(who=st.integers(0, COUNT - 1))
    def wait(self, who: int) -> None:
        if not self.able(who):
            return
        self.let_run(who)
        env = self.env(who)
        if who in self.served:
            assert door.wait() == EINVAL
        elif self.bits[who]:
            assert door.wait() == self.bits[who]
            self.bits[who] = 0
        elif self.queue[who]:
            assert door.wait() == 0
            self.served[who] = self.queue[who].pop(0)
            assert env.frame().rip == ENTRY
        else:
            with pytest.raises(Blocked), self.kernel.blocking(Blocked):
                door.wait()
            assert env.state == WAITING

    @rule(who=st.integers(0, COUNT - 1), bits=st.integers(1, 7))
    def notify(self, who: int, bits: int) -> None:
        if not self.alive(who):
            return
        env = self.env(who)
        waited, restarts = env.state == WAITING, env.restarts != 0
        door.notify(env, bits)
        self.bits[who] |= bits
        if waited:
            assert self.able(who)
            if restarts:
                assert env.frame().rsi == self.bits[who]
                self.bits[who] = 0

    @rule(caller=st.integers(0, COUNT - 1), callee=st.integers(0, COUNT - 1))
    def transfer(self, caller: int, callee: int) -> None:
        if not self.able(caller) or caller == callee or caller in self.served or self.queue[caller]:
            return
        self.let_run(caller)
        env, other = self.env(caller), self.env(callee)
        waited = other.state == WAITING
        self.word += 1
        env.frame().rsi = self.word
        result = int(door.pct(other, env.frame()))
        if not waited:
            assert result == EAGAIN
            return
        assert other.state == RUNNING
        assert (other.frame().rip, other.frame().rsi) == (ENTRY, self.word)
        if self.bits[caller]:
            assert env.frame().rsi == self.bits[caller]
            self.bits[caller] = 0
        else:
            assert env.state == WAITING

    @rule(who=st.integers(0, COUNT - 1))
    def revoke(self, who: int) -> None:
        if not self.alive(who):
            return
        door.door_close(self.doors[who])
        self.fail_callers(who)
        self.doors[who] = int(door.door_take(self.env(who), ENTRY, 7))

    def fail_callers(self, server: int) -> None:
        failed = self.queue[server]
        if self.served.get(server, -1) != -1:
            failed = [self.served[server], *failed]
            self.served[server] = -1  # it answers nobody
        self.queue[server] = []
        for caller in failed:
            assert i64(self.env(caller).frame().rax) == EPIPE
            assert self.able(caller)
            del self.waits_for[caller]

    @rule(who=st.integers(0, COUNT - 1))
    def die(self, who: int) -> None:
        if not self.alive(who) or sum(map(self.alive, range(COUNT))) == 1:
            return
        self.kernel.preempt()
        life.kill(self.env(who), 1)
        life.reap_dead()
        assert self.env(who).state == ZOMBIE
        self.fail_callers(who)
        self.served.pop(who, None)
        server = self.waits_for.pop(who, None)
        if server is not None:
            if who in self.queue[server]:
                self.queue[server].remove(who)
            else:
                self.served[server] = -1

    @invariant()
    def everybody_is_where_the_model_says(self) -> None:
        for who in range(COUNT):
            env = self.env(who)
            if not self.alive(who):
                continue
            assert (env.state == CALLING) == (who in self.waits_for), who
            queue, at = [], int(env.queue_head)
            while at != NO_ENV:
                queue.append(at - 1)
                at = int(self.kernel.at(at).queue_next)
            assert queue == self.queue[who]
            assert (env.queue_tail == NO_ENV) == (not queue)
            if who in self.served:
                assert env.serving == 1
                assert env.caller == (NO_ENV if self.served[who] == -1 else self.served[who] + 1)
            else:
                assert env.serving == 0
            assert env.state != RUNNING or memory.read(CPU + 32, 8) != 0


def env_serves(machine: Doors, who: int) -> bool:
    return who in machine.served


class Blocked(Exception):  # noqa: N818 - it is no error
    """The environment gave the CPU up."""


TestDoors = Doors.TestCase
TestDoors.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    kernel = Kernel(12)
    for env in kernel.envs:
        env.pct_entry, env.pct_stack, env.state = ENTRY, STACK, READY
    yield kernel
    kernel.close()


def test_eight_may_wait_for_each_other(kernel: Kernel) -> None:
    doors = [int(door.door_take(env, ENTRY, 0)) for env in kernel.envs]
    for i in range(8):
        kernel.preempt()
        sched.activate(kernel.envs[i])
        door.door_call(doors[i + 1], kernel.envs[i].frame())
        assert kernel.envs[i].state == CALLING
    kernel.preempt()
    sched.activate(kernel.envs[9])
    assert door.door_call(doors[0], kernel.envs[9].frame()) == ELOOP
    sched.activate(kernel.envs[8])
    assert door.door_call(doors[0], kernel.envs[8].frame()) in (EDEADLK, ELOOP)


def test_a_door_can_be_revoked_while_its_server_waits_for_another(kernel: Kernel) -> None:
    first, server, behind = kernel.envs[:3]
    doors = [int(door.door_take(env, ENTRY, 0)) for env in kernel.envs[:3]]
    for env in (server, behind):
        kernel.run(env)
        with pytest.raises(Blocked), kernel.blocking(Blocked):
            door.wait()
    kernel.run(first)
    door.door_call(doors[1], first.frame())
    door.door_call(doors[2], server.frame())
    door.door_close(doors[1])
    assert first.state == READY
    assert i64(first.frame().rax) == EPIPE
    assert server.state == CALLING
