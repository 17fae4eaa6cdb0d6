"""Zones and their quotas: against a tree of plain objects, under CPython and in machine code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from exotool.lang import Reason, Trap
from tests.kernel.caplives import Life, native, simulated

MEMORY = 1000
ROOT = 0
ZONES = 64
LAST_EPOCH = 0x7FFF_FFFF
EBUSY, EINVAL, ENFILE, ENOMEM = -16, -22, -23, -12


@dataclass(eq=False)
class Zone:
    """What the model knows of a zone: its own frames, and the zones that it has made."""

    number: int
    quota: int
    parent: Zone | None
    own: int = 0
    doomed: bool = False
    locked: bool = False
    children: set[Zone] = field(default_factory=set)

    def used(self) -> int:
        """Return what it has, with what it has given away."""
        return self.own + sum(child.quota for child in self.children)


class Zones(RuleBasedStateMachine):
    """Every operation on zones."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.lives: list[Life] = [self.stack.enter_context(simulated()), self.stack.enter_context(native("release"))]
        self.zones = {ROOT: Zone(ROOT, MEMORY, None)}
        self.call("zone_init", MEMORY)

    def teardown(self) -> None:
        self.stack.close()

    def call(self, name: str, *arguments: int) -> int:
        first, *others = [life.call(name, *arguments) for life in self.lives]
        assert all(other == first for other in others)
        return first

    def pick(self, number: int) -> Zone:
        return self.zones[sorted(self.zones)[number % len(self.zones)]]

    def forget(self, zone: Zone) -> None:
        """End a zone, and those above that were only waiting for it."""
        at: Zone | None = zone
        while at is not None and at.parent is not None and not at.used():
            del self.zones[at.number]
            at.parent.children.remove(at)
            at = at.parent if at.parent.doomed else None

    @rule(number=st.integers(0, 70), quota=st.one_of(st.integers(1, 30), st.integers(1, 2 * MEMORY)))
    def create(self, number: int, quota: int) -> None:
        parent = self.pick(number)
        made = self.call("create", parent.number, quota)
        if len(self.zones) == ZONES:
            assert made == ENFILE
        elif quota > parent.quota - parent.used():
            assert made == ENOMEM
        else:
            assert made not in self.zones and 0 < made < ZONES
            self.zones[made] = Zone(made, quota, parent)
            parent.children.add(self.zones[made])

    @rule(number=st.integers(0, 70), count=st.one_of(st.integers(0, 9), st.integers(0, MEMORY), st.just((1 << 64) - 1)))
    def charge(self, number: int, count: int) -> None:
        zone = self.pick(number)
        allowed = count <= zone.quota - zone.used()
        assert self.call("charge", zone.number, count) == allowed
        if allowed:
            zone.own += count

    @rule(number=st.integers(0, 70), part=st.integers(0, 100), all_of_it=st.booleans())
    def credit(self, number: int, part: int, all_of_it: bool) -> None:
        zone = self.pick(number)
        count = zone.own if all_of_it else zone.own * part // 100
        self.call("credit", zone.number, count)
        zone.own -= count
        if zone.doomed:
            self.forget(zone)

    @rule(number=st.integers(0, 70))
    def destroy(self, number: int) -> None:
        zone = self.pick(number)
        result = self.call("destroy", zone.number)
        if zone.number == ROOT or zone.used():
            assert result == EBUSY
        else:
            assert result == 0
            self.forget(zone)

    @rule(number=st.integers(0, 70))
    def doom(self, number: int) -> None:
        zone = self.pick(number)
        if zone.number != ROOT:
            self.call("doom", zone.number)
            zone.doomed = True
            self.forget(zone)

    @rule(number=st.integers(0, 70))
    def lock(self, number: int) -> None:
        zone = self.pick(number)
        assert self.call("lock", zone.number) == (EBUSY if zone.locked else 0)
        zone.locked = True

    @rule(number=st.integers(0, 70))
    def unlock(self, number: int) -> None:
        zone = self.pick(number)
        assert self.call("unlock", zone.number) == (0 if zone.locked else EINVAL)
        zone.locked = False

    @invariant()
    def the_zones_are_those_of_the_model(self) -> None:
        assert self.call("free_count") == ZONES - len(self.zones)
        for number, zone in self.zones.items():
            assert self.call("used", number) == zone.used() <= zone.quota
            assert self.call("has_children", number) == bool(zone.children)
            assert (self.call("quota", number), self.call("is_locked", number)) == (zone.quota, zone.locked)


def run(examples: int) -> None:
    run_state_machine_as_test(
        Zones,
        settings=settings(
            max_examples=examples, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_zones_do_what_the_model_does() -> None:
    run(examples=10)


@pytest.mark.slow
def test_zones_for_longer() -> None:
    run(examples=150)


@pytest.fixture(params=["cpython", "release"])
def life(request: pytest.FixtureRequest) -> Iterator[Life]:
    with simulated() if request.param == "cpython" else native("release") as life:
        life.call("zone_init", MEMORY)
        yield life


def test_more_than_was_had_cannot_go_back(life: Life) -> None:
    assert life.call("charge", ROOT, 5) == 1
    with pytest.raises(Trap) as caught:
        life.call("credit", ROOT, 6)
    assert caught.value.reason is Reason.ASSERTION


def test_a_row_of_doomed_zones_ends_with_the_last_frame_of_the_innermost(life: Life) -> None:
    zone = ROOT
    for quota in range(ZONES, 1, -1):
        zone = life.call("create", zone, quota)
        assert zone > 0
    assert life.call("create", ROOT, 1) == ENFILE
    assert life.call("charge", zone, 2) == 1
    for number in range(1, ZONES):
        life.call("doom", number)
    assert life.call("free_count") == 0
    life.call("credit", zone, 1)
    assert life.call("free_count") == 0
    life.call("credit", zone, 1)
    assert (life.call("free_count"), life.call("used", ROOT)) == (ZONES - 1, 0)


def test_the_number_of_a_zone_that_has_had_all_epochs_is_not_used_again(life: Life) -> None:
    life.static("objects", "zone_epochs")[1] = LAST_EPOCH - 1
    for number in (1, 2):
        assert life.call("create", ROOT, 5) == number
        assert life.call("destroy", number) == 0
        life.call("zone_died", number)
    assert life.static("objects", "zone_epochs")[1] == LAST_EPOCH
