"""Capabilities, pages and revocation together: the system calls as a state machine, against a dictionary.

After each step the page tables of all environments must say what the model says; in the end nothing may have leaked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exotool.lang import u64
from kernel import caps, life, sys_cap, sys_memory, zone
from kernel.captypes import ALL_RIGHTS
from kernel.env import FREE
from kernel.layout import PAGE_SIZE
from kernel.paging import leaf_frame, leaf_rights, no_execute
from kernel.vm import user_entry
from tests.kernel.running import Kernel

ANY = 0xFFFF_FFFF_FFFF_FFFF
PAGES = [0x40_0000 + PAGE_SIZE * i for i in range(5)] + [0x3F_F000, 0x7FFF_FFFF_D000]
EAGAIN, EACCES, EEXIST, ERANGE, ESTALE = -11, -13, -17, -34, -116
DERIVE, GRANT, REVOKE = 32, 16, 64


@dataclass
class Cap:
    """What the model knows of a capability."""

    env: int
    ident: int
    base: int
    limit: int
    rights: int
    parent: Cap | None


class Space(RuleBasedStateMachine):
    """Three environments that take frames, map, hand on and revoke."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = Kernel(3)
        self.caps: list[Cap] = []
        self.gone: list[tuple[int, int]] = []
        self.pages: dict[tuple[int, int], tuple[int, int, Cap]] = {}

    def teardown(self) -> None:
        self.kernel.stop()
        for env in self.kernel.envs:
            env.owned = 0
            life.kill(env, 0)
        life.reap_dead()
        assert all(env.state == FREE for env in self.kernel.envs)
        assert self.kernel.free() == self.kernel.free_at_start
        assert zone.used(zone.ROOT) == self.kernel.used_at_start
        self.kernel.close()

    def pick(self, number: int) -> Cap | None:
        return self.caps[number % len(self.caps)] if self.caps else None

    def end(self, cap: Cap) -> None:
        """Forget a capability and what was mapped by it."""
        self.caps.remove(cap)
        self.gone.append((cap.env, cap.ident))
        for key in [key for key, page in self.pages.items() if page[2] is cap]:
            del self.pages[key]

    def end_tree(self, cap: Cap, keep: bool) -> None:
        for child in [c for c in self.caps if c.parent is cap]:
            self.end_tree(child, False)
        if not keep:
            self.end(cap)

    @rule(who=st.integers(0, 2), count=st.integers(1, 4))
    def alloc(self, who: int, count: int) -> None:
        env = self.kernel.run(self.kernel.envs[who])
        ident = int(sys_memory.sys_frame_alloc(env, ANY, count, 1, 0))
        assert ident > 0
        cap = caps.cap_at(env.index, ident & 0x3FFF)
        self.caps.append(Cap(who, ident, int(cap.base), int(cap.limit), ALL_RIGHTS, None))

    @rule(number=st.integers(0, 99), rights=st.integers(0, 255), cut=st.integers(0, 1), to=st.integers(0, 2))
    def hand_on(self, number: int, rights: int, cut: int, to: int) -> None:
        cap = self.pick(number)
        if cap is None:
            return
        me, other = self.kernel.run(self.kernel.envs[cap.env]), self.kernel.envs[to]
        base = cap.base + cut
        if to == cap.env:
            ident = int(sys_cap.sys_cap_derive(me, cap.ident, base, cap.limit, rights))
        else:
            ident = int(sys_cap.sys_cap_grant(me, other, cap.ident, base, cap.limit, rights, None))
        needed = DERIVE if to == cap.env else GRANT
        if not cap.rights & needed or rights & ~cap.rights:
            assert ident == (EACCES if not cap.rights & needed or base < cap.limit else -22)
        elif base == cap.limit:
            assert ident == -22
        else:
            assert ident > 0
            self.caps.append(Cap(to, ident, base, cap.limit, rights, cap))

    @rule(number=st.integers(0, 99), page=st.sampled_from(PAGES), skip=st.integers(0, 4), rights=st.integers(0, 7))
    def map(self, number: int, page: int, skip: int, rights: int) -> None:
        cap = self.pick(number)
        if cap is None:
            return
        env = self.kernel.run(self.kernel.envs[cap.env])
        slot = cap.ident & 0x3FFF
        if rights & ~cap.rights:
            return  # the dispatcher refuses it (kernel/calls.py)
        result = int(sys_memory.sys_map(env, env, caps.cap_at(env.index, slot), slot, page, skip, 1, rights))
        if skip >= cap.limit - cap.base:
            assert result == ERANGE
        elif not rights & 1 or rights & 6 == 6:
            assert result == EACCES
        elif (cap.env, page) in self.pages:
            assert result == EEXIST
        else:
            assert result == 0
            self.pages[cap.env, page] = (cap.base + skip, rights, cap)

    @rule(who=st.integers(0, 2), page=st.sampled_from(PAGES))
    def unmap(self, who: int, page: int) -> None:
        env = self.kernel.run(self.kernel.envs[who])
        assert sys_memory.sys_unmap(env, env, page, 1) == ((who, page) in self.pages)
        self.pages.pop((who, page), None)

    @rule(who=st.integers(0, 2), page=st.sampled_from(PAGES), rights=st.integers(0, 7))
    def protect(self, who: int, page: int, rights: int) -> None:
        env = self.kernel.run(self.kernel.envs[who])
        result = int(sys_memory.sys_protect(env, env, page, 1, rights))
        mapped = self.pages.get((who, page))
        if not rights & 1 or rights & 6 == 6 or (mapped and rights & ~mapped[2].rights):
            assert result == EACCES
        else:
            assert result == (mapped is not None)
            if mapped:
                self.pages[who, page] = (mapped[0], rights, mapped[2])

    @rule(number=st.integers(0, 99), keep=st.booleans())
    def revoke(self, number: int, keep: bool) -> None:
        cap = self.pick(number)
        if cap is None:
            return
        env = self.kernel.run(self.kernel.envs[cap.env])
        result = EAGAIN
        while result == EAGAIN:
            result = int(sys_cap.sys_cap_revoke(env, env.frame(), cap.ident, int(keep)))
        if not cap.rights & REVOKE:
            assert result == EACCES
        else:
            assert result == 0
            self.end_tree(cap, keep)

    @rule(number=st.integers(0, 99))
    def drop(self, number: int) -> None:
        cap = self.pick(number)
        if cap is None:
            return
        env = self.kernel.run(self.kernel.envs[cap.env])
        assert sys_cap.sys_cap_drop(env, env.frame(), cap.ident) == 0
        if cap.parent is None:
            self.end_tree(cap, False)
        else:
            for child in self.caps:
                if child.parent is cap:
                    child.parent = cap.parent
            self.end(cap)

    @rule(number=st.integers(0, 99), to=st.integers(0, 2))
    def move(self, number: int, to: int) -> None:
        cap = self.pick(number)
        if cap is None or to == cap.env:
            return
        env = self.kernel.run(self.kernel.envs[cap.env])
        ident = int(sys_cap.sys_cap_move(env, self.kernel.envs[to], cap.ident))
        if not cap.rights & GRANT:
            assert ident == EACCES
        elif any(page[2] is cap for page in self.pages.values()):
            assert ident == -16
        else:
            assert ident > 0
            self.gone.append((cap.env, cap.ident))
            cap.env, cap.ident = to, ident

    @invariant()
    def page_tables_say_what_was_mapped(self) -> None:
        for who, env in enumerate(self.kernel.envs):
            for page in PAGES:
                entry = user_entry(env.cr3, page)
                mapped = self.pages.get((who, page))
                if mapped is None:
                    assert u64(entry) == 0
                else:
                    assert leaf_frame(entry[0]) == mapped[0]
                    assert leaf_rights(entry[0], no_execute()) == mapped[1]

    @invariant()
    def ids_mean_what_they_meant(self) -> None:
        for cap in self.caps:
            slot = caps.cap_at(self.kernel.envs[cap.env].index, cap.ident & 0x3FFF)
            assert (slot.base, slot.limit, slot.rights) == (cap.base, cap.limit, cap.rights)
            assert slot.bindings == sum(page[2] is cap for page in self.pages.values())
        for who, ident in self.gone[-8:]:
            assert caps.cap_check(self.kernel.envs[who].index, ident, 0, 0, 0, 0) == 2


TestSpace = Space.TestCase
TestSpace.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    kernel = Kernel(2)
    yield kernel
    kernel.close()


def test_a_zone_that_has_its_quota_gets_no_more(kernel: Kernel) -> None:
    env = kernel.run(kernel.envs[0])
    left = int(zone.quota(zone.ROOT) - zone.used(zone.ROOT))
    assert sys_memory.sys_frame_alloc(env, ANY, left + 1, 1, 0) == -12
    assert sys_memory.sys_frame_alloc(env, ANY, left, 1, 0) > 0
    assert sys_memory.sys_frame_alloc(env, ANY, 1, 1, 0) == -12


def test_a_map_that_fails_in_the_middle_leaves_nothing(kernel: Kernel) -> None:
    env = kernel.run(kernel.envs[0])
    ident = int(sys_memory.sys_frame_alloc(env, ANY, 8, 1, 0))
    cap = caps.cap_at(env.index, ident & 0x3FFF)
    assert sys_memory.sys_map(env, env, cap, ident & 0x3FFF, 0x40_4000, 4, 1, 1) == 0
    assert sys_memory.sys_map(env, env, cap, ident & 0x3FFF, 0x40_0000, 0, 8, 1) == EEXIST
    assert cap.bindings == 1
    assert [u64(user_entry(env.cr3, 0x40_0000 + PAGE_SIZE * i)) != 0 for i in range(8)] == [i == 4 for i in range(8)]


def test_a_frame_that_the_kernel_took_for_a_table_is_no_ones_any_more(kernel: Kernel) -> None:
    env = kernel.run(kernel.envs[0])
    ident = int(sys_memory.sys_frame_alloc(env, ANY, 1, 1, 0))
    slot = ident & 0x3FFF
    free = int(caps.table_free(env.index))
    assert sys_cap.sys_caps_grow(env, caps.cap_at(env.index, slot), slot) == 128
    assert caps.cap_check(env.index, ident, 0, 0, 0, 0) == 2
    assert caps.table_free(env.index) == free + 64 + 1


def test_what_is_mapped_or_derived_from_is_not_consumed(kernel: Kernel) -> None:
    env = kernel.run(kernel.envs[0])
    ident = int(sys_memory.sys_frame_alloc(env, ANY, 1, 1, 0))
    slot = ident & 0x3FFF
    cap = caps.cap_at(env.index, slot)
    assert sys_memory.sys_map(env, env, cap, slot, 0x40_0000, 0, 1, 1) == 0
    assert sys_cap.sys_caps_grow(env, cap, slot) == -16
    assert sys_memory.sys_unmap(env, env, 0x40_0000, 1) == 1
    part = int(sys_cap.sys_cap_derive(env, ident, cap.base, cap.limit, 255))
    assert sys_cap.sys_caps_grow(env, cap, slot) == -16
    part_slot = part & 0x3FFF
    assert sys_cap.sys_caps_grow(env, caps.cap_at(env.index, part_slot), part_slot) == -22
