"""Who runs next: the choice of the scheduler against a search that anybody can check, and its fairness."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import sched
from kernel.env import CALLING, NO_ENV, READY, RUNNING, SLEEPING, STOPPED, WAITING
from tests.kernel.running import Kernel

COUNT = 6
STATES = st.sampled_from([READY, READY, READY, RUNNING, WAITING, CALLING, SLEEPING, STOPPED])


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    kernel = Kernel(COUNT)
    yield kernel
    kernel.close()


@given(
    owners=st.dictionaries(st.integers(0, 63), st.integers(0, COUNT - 1)),
    states=st.lists(STATES, min_size=COUNT, max_size=COUNT),
    donees=st.lists(st.integers(-1, COUNT - 1), min_size=COUNT, max_size=COUNT),
    position=st.integers(0, 63),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_next_slice_that_somebody_can_use(
    kernel: Kernel, owners: dict[int, int], states: list[int], donees: list[int], position: int
) -> None:
    for env, state, donee in zip(kernel.envs, states, donees, strict=True):
        env.state = state
        env.donee = NO_ENV if donee == -1 else kernel.envs[donee].index
    vector = sched.vectors[1]
    for number in range(64):
        owner = owners.get(number)
        sched.slice_bind(1, number, NO_ENV if owner is None else kernel.envs[owner].index, 1)
    vector.position = position

    def runner(who: int) -> int | None:
        for _ in range(sched.CHAIN):
            if states[who] == READY:
                return who
            if donees[who] == -1 or states[who] not in (CALLING, WAITING):
                return None
            who = donees[who]
        return None

    expected = None
    for step in range(1, 65):
        number = (position + step) % 64
        if number in owners and (who := runner(owners[number])) is not None:
            expected = (number, kernel.envs[who].index)
            break
    found = sched.pick(vector)
    if expected is None:
        assert found is None
        assert vector.position == position
    else:
        assert found is not None
        assert (vector.position, found.index) == expected


def test_time_goes_round_in_proportion_to_slices(kernel: Kernel) -> None:
    vector = sched.vectors[2]
    for env in kernel.envs:
        env.state, env.donee = READY, NO_ENV
    for number in range(60):
        sched.slice_bind(2, number, kernel.envs[number % 3].index, 1)
    for number in range(60, 64):
        sched.slice_bind(2, number, kernel.envs[4].index, 1)
    shares = dict.fromkeys((int(env.index) for env in kernel.envs), 0)
    for _ in range(640):
        picked = sched.pick(vector)
        assert picked is not None
        shares[int(picked.index)] += 1
    assert list(shares.values()) == [200, 200, 200, 0, 40, 0]


def test_an_environment_that_is_forgotten_has_no_slices(kernel: Kernel) -> None:
    for cpu in (3, 4):
        for number in (0, 31, 63):
            sched.slice_bind(cpu, number, kernel.envs[1].index, 1)
            sched.slice_bind(cpu, number ^ 1, kernel.envs[2].index, 1)
    sched.slices_forget(kernel.envs[1].index)
    assert [int(sched.vectors[cpu].owned) for cpu in (3, 4)] == [1 << 1 | 1 << 30 | 1 << 62] * 2


def test_slices_are_taken_back_from_whom_a_capability_has_given_them(kernel: Kernel) -> None:
    sched.slice_bind(5, 3, kernel.envs[1].index, 77)
    sched.slice_bind(5, 4, kernel.envs[1].index, 78)
    sched.slices_unbind(5 * 64, 6 * 64, 77)
    assert sched.vectors[5].owned == 1 << 4
