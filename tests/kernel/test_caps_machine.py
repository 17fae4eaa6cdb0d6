"""Capabilities as a state machine: the same operations on a model, under CPython and in machine code.

After each operation the tables of all kernels are read and compared with the model.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.kernel import capmodel
from tests.kernel.caplives import Life, native, simulated
from tests.kernel.capmodel import ALL, ENVS, OBJECTS, ZONES, Kernels, Node

Way = Callable[[], AbstractContextManager[Life]]
KINDS = (capmodel.FRAMES, capmodel.FRAMES, *OBJECTS, capmodel.IRQ, capmodel.PORTS, capmodel.SLICE, capmodel.CONSOLE)
ONE_FRAME = (capmodel.FRAMES, 1, None)
numbers = st.integers(0, 1 << 16)
envs = st.sampled_from(ENVS)
sizes = st.sampled_from((1, 1, 2, 9))
rights = st.one_of(st.just(ALL), st.integers(0, ALL))


class Capabilities(RuleBasedStateMachine):
    """Four environments in two zones."""

    ways: tuple[Way, ...] = ()
    operations = 0

    def __init__(self) -> None:
        super().__init__()
        self.lives = ExitStack()
        self.kernels = Kernels([self.lives.enter_context(way()) for way in self.ways])

    def teardown(self) -> None:
        with self.lives:
            for env in ENVS:
                self.kernels.destroy(env, 1000)
            self.kernels.verify()
            assert not self.kernels.nodes and not self.kernels.used.total()
            type(self).operations += self.kernels.count

    def pick(self, number: int) -> Node:
        """Return a capability; where there is none, one is made."""
        if not self.kernels.nodes:
            self.roots()
        nodes = list(self.kernels.nodes.values())
        return nodes[number % len(nodes)]

    def an_id(self, number: int, change: int) -> tuple[int, int]:
        """Return an environment and an id: one that is live, one that has ended, or one that is neither."""
        ended = sorted(self.kernels.ended)
        node = self.pick(number)
        env, ident = node.env, node.ident
        if change == 1 and ended:
            return ended[number % len(ended)]
        if change == 2:
            return env, ident + (1 << 32)
        if change == 3:
            return env, ident ^ (1 << number % 64)
        return (ENVS[number % len(ENVS)], ident) if change == 4 else (env, ident)

    @initialize()
    def roots(self) -> None:
        for env, kind in zip(ENVS, (capmodel.FRAMES, *OBJECTS), strict=True):
            assert self.kernels.new(env, kind, 0, 8 if kind == capmodel.FRAMES else 1)

    @rule(
        env=envs,
        kind=st.sampled_from(KINDS),
        base=st.integers(0, 3),
        count=st.sampled_from((1, 1, 2, 9)),
        rights=rights,
    )
    def new(self, env: int, kind: int, base: int, count: int, rights: int) -> None:
        self.kernels.new(env, kind, base, 1 if kind in OBJECTS else count, rights)

    @rule(
        number=numbers,
        change=st.integers(0, 9),
        kind=st.integers(0, 9),
        rights=rights,
        ends=st.tuples(numbers, numbers),
    )
    def check(self, number: int, change: int, kind: int, rights: int, ends: tuple[int, int]) -> None:
        env, ident = self.an_id(number, change)
        node = self.kernels.nodes.get((env, ident))
        if node is None or change == 5:
            self.kernels.check(env, ident, kind, rights, *ends)
        else:
            first, end = (node.base + e % 12 - 1 & 0xFFFF_FFFF for e in ends)
            rights = rights if change == 6 else rights & node.rights
            self.kernels.check(env, ident, kind if change == 7 else node.kind, rights, first, end)

    @rule(
        number=numbers,
        change=st.integers(0, 15),
        to=envs,
        cut=st.tuples(st.integers(-1, 2), st.integers(-1, 2)),
        rights=rights,
        within=st.booleans(),
    )
    def derive(self, number: int, change: int, to: int, cut: tuple[int, int], rights: int, within: bool) -> None:
        env, ident = self.an_id(number, change)
        node = self.kernels.nodes.get((env, ident))
        first, end, zone = 0, 1, self.kernels.zones[to]
        if node is not None:
            first, end = max(node.base + cut[0], 0), max(node.limit - cut[1], 0)
            rights = rights & node.rights if within else rights
        self.kernels.derive(env, ident, to, first, end, rights, zone ^ (change == 6))

    @rule(number=numbers, count=st.integers(1, 70), deep=st.booleans(), holders=st.lists(envs, min_size=1, max_size=3))
    def grow_tree(self, number: int, count: int, deep: bool, holders: list[int]) -> None:
        """Derive many: each from the one before, or all from one."""
        node = self.pick(number)
        for step in range(count):
            to = holders[step % len(holders)]
            zone = self.kernels.zones[to]
            made = self.kernels.derive(node.env, node.ident, to, node.base, node.limit, node.rights, zone)
            if made < 0:
                break
            if deep:
                node = self.kernels.nodes[to, made]

    @rule(number=numbers, change=st.integers(0, 15), to=envs)
    def move(self, number: int, change: int, to: int) -> None:
        self.kernels.move(*self.an_id(number, change), to)

    @rule(number=numbers, change=st.integers(0, 15), budget=st.sampled_from((1, 2, 7, 64)))
    def drop(self, number: int, change: int, budget: int) -> None:
        self.kernels.drop(*self.an_id(number, change), budget)

    @rule(number=numbers, change=st.integers(0, 15), keep=st.booleans(), force=st.booleans(), calls=st.integers(1, 4))
    def revoke(self, number: int, change: int, keep: bool, force: bool, calls: int) -> None:
        chosen = self.an_id(number, change)
        for _ in range(calls):
            if self.kernels.revoke(*chosen, keep, force) != capmodel.EAGAIN:
                break
            self.kernels.verify()

    @rule(number=numbers, budget=st.integers(1, 5))
    def prune(self, number: int, budget: int) -> None:
        self.kernels.prune(self.pick(number), budget)

    @rule(number=numbers)
    def bind(self, number: int) -> None:
        self.kernels.bind(self.pick(number))

    @rule(number=numbers)
    def consume(self, number: int) -> None:
        frames = [n for n in self.kernels.nodes.values() if (n.kind, n.limit - n.base, n.parent) == ONE_FRAME]
        self.kernels.consume(frames[number % len(frames)] if frames else self.pick(number))

    @rule(env=envs)
    def grow(self, env: int) -> None:
        self.kernels.grow(env)

    @rule(env=envs, budget=st.integers(1, 4), often=st.integers(0, 3))
    def destroy(self, env: int, budget: int, often: int) -> None:
        if often == 0:
            self.kernels.destroy(env, budget)

    @rule(env=envs, lives_left=st.integers(0, 2))
    def age(self, env: int, lives_left: int) -> None:
        self.kernels.age(env, lives_left)

    @rule(kind=st.sampled_from(sorted(OBJECTS)), base=st.integers(0, 3))
    def died(self, kind: int, base: int) -> None:
        self.kernels.died(kind, base)

    @rule(env=envs, zone=st.sampled_from(ZONES), often=st.integers(0, 2))
    def cross(self, env: int, zone: int, often: int) -> None:
        self.kernels.cross(env, zone if often == 0 else 0)

    @invariant()
    def tables_are_as_the_model_says(self) -> None:
        self.kernels.verify()


def run(ways: tuple[Way, ...], examples: int, steps: int) -> int:
    """Run the machine. Returns how many calls of the kernel were made."""
    Capabilities.ways = ways
    Capabilities.operations = 0
    run_state_machine_as_test(
        Capabilities,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    return Capabilities.operations


def test_cpython_and_machine_code_do_what_the_model_does() -> None:
    assert run((simulated, partial(native, "release")), examples=12, steps=30) > 0


@pytest.mark.slow
def test_cpython_and_machine_code_for_longer() -> None:
    assert run((simulated, partial(native, "release")), examples=120, steps=80) > 0


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_hundred_thousand_operations() -> None:
    assert run((partial(native, "dev"), partial(native, "release")), examples=700, steps=100) > 100_000
