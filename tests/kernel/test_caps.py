"""Capabilities case by case: every verdict and its place in the order, the ends of tables, and what ends with what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import cache, partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel import capmodel
from tests.kernel.caplives import Life, Native, native, simulated
from tests.kernel.capmodel import (
    ALL,
    BUDGET,
    DERIVE,
    EACCES,
    EAGAIN,
    EBUSY,
    EINVAL,
    ENOSPC,
    EPOCH_MISMATCH,
    ERANGE,
    ERRNO,
    EXDEV,
    FRAMES,
    GRANT,
    INSUFFICIENT_RIGHTS,
    INVALID_ID,
    IRQ,
    LAST_GENERATION,
    OUT_OF_RANGE,
    PORTS,
    REVOKE,
    REVOKED,
    SLICE,
    SUCCESS,
    WRONG_TYPE,
    ZONE_VIOLATION,
    Kernels,
    Node,
)

WAYS: dict[str, Callable[[], AbstractContextManager[Life]]] = {
    "cpython": simulated,
    "dev": partial(native, "dev"),
    "release": partial(native, "release"),
}
READ = 1
A, B = 0, 1
"""Two environments."""


@pytest.fixture(params=WAYS)
def kernel(request: pytest.FixtureRequest) -> Iterator[Kernels]:
    with WAYS[request.param]() as life:
        kernels = Kernels([life])
        yield kernels
        kernels.verify()


def root(kernel: Kernels, kind: int = FRAMES, base: int = 0, count: int = 16, rights: int = ALL) -> Node:
    node = kernel.new(A, kind, base, count, rights)
    assert node is not None
    return node


def child(kernel: Kernels, parent: Node, to: int | None = None, rights: int = ALL) -> Node:
    env = parent.env if to is None else to
    zone = kernel.zones[env]
    made = kernel.derive(parent.env, parent.ident, env, parent.base, parent.limit, rights & parent.rights, zone)
    return kernel.nodes[env, made]


def spoil(kernel: Kernels, codes: set[int]) -> tuple[int, int, int, int, int]:
    """Make a capability and a use that has all the faults in `codes`."""
    frames = capmodel.ENV  # of the kinds that have epochs
    node = kernel.new(A, frames, 7, 1, READ)
    assert node is not None
    if REVOKED in codes:
        kernel.drop(A, node.ident)
        other = kernel.new(A, frames, 7, 1, READ)
        assert other is not None and other.slot == node.slot
    if EPOCH_MISMATCH in codes:
        kernel.died(capmodel.ENV, 7)
    if ZONE_VIOLATION in codes:
        kernel.cross(A, 1)
    ident = node.ident | 1 << 62 if INVALID_ID in codes else node.ident
    kind = FRAMES if WRONG_TYPE in codes else frames
    rights = ALL if INSUFFICIENT_RIGHTS in codes else READ
    return ident, kind, rights, 7, 9 if OUT_OF_RANGE in codes else 8


FAULTS = (INVALID_ID, REVOKED, EPOCH_MISMATCH, WRONG_TYPE, INSUFFICIENT_RIGHTS, OUT_OF_RANGE, ZONE_VIOLATION)


@pytest.mark.parametrize("mask", range(1 << len(FAULTS)))
def test_the_first_fault_in_the_order_of_the_codes_is_the_verdict(mask: int) -> None:
    codes = {code for i, code in enumerate(FAULTS) if mask >> i & 1}
    with native("release") as life:
        kernel = Kernels([life])
        assert kernel.check(A, *spoil(kernel, codes)) == min(codes, default=SUCCESS)


@pytest.mark.parametrize("code", FAULTS)
def test_every_verdict_alone(kernel: Kernels, code: int) -> None:
    assert kernel.check(A, *spoil(kernel, {code})) == code
    assert kernel.call("errno_of", code) == ERRNO[code]


def test_success_has_no_errno(kernel: Kernels) -> None:
    assert kernel.check(A, *spoil(kernel, set())) == kernel.call("errno_of", SUCCESS) == 0


@pytest.mark.parametrize("ident", [0, 1 << 32, 63, 64, 1 << 14, 0xFFFF_FFFF, 1 << 63, (1 << 64) - 1])
def test_ids_that_were_never_given(kernel: Kernels, ident: int) -> None:
    assert kernel.check(A, ident, 0, 0, 0, 0) == INVALID_ID
    assert kernel.drop(A, ident) == kernel.move(A, ident, B) == kernel.revoke(A, ident, keep=True) == ERRNO[INVALID_ID]


def test_an_id_means_nothing_in_another_table(kernel: Kernels) -> None:
    assert kernel.check(B, root(kernel).ident, 0, 0, 0, 0) == INVALID_ID


def test_the_ends_of_a_range(kernel: Kernels) -> None:
    node = root(kernel)
    verdicts = {
        (node.base, node.limit): SUCCESS,
        (node.base, node.limit + 1): OUT_OF_RANGE,
        (node.base - 1, node.limit): OUT_OF_RANGE,
        (node.limit, node.limit): SUCCESS,  # empty
        (node.limit, node.limit + 1): OUT_OF_RANGE,
        (0, (1 << 64) - 1): OUT_OF_RANGE,
    }
    for (first, end), verdict in verdicts.items():
        assert kernel.check(A, node.ident, FRAMES, READ, first, end) == verdict


u64 = st.integers(0, (1 << 64) - 1)
small = st.integers(0, 6)
values = st.one_of(u64, small)
mask = st.integers(0, 0xFFFF)


@cache
def decisions() -> Life:
    """Return a life for the decisions that need no memory."""
    return Native("release")


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 9), mask, values, values, st.integers(0, 9), mask, values, values)
def test_a_use_is_allowed_only_for_what_the_capability_has(
    kind: int, rights: int, base: int, limit: int, wanted: int, wanted_rights: int, first: int, end: int
) -> None:
    code = decisions().call("judge_use", kind, rights, base, limit, wanted, wanted_rights, first, end)
    if wanted not in (0, kind):
        assert code == WRONG_TYPE
    elif wanted_rights & ~rights:
        assert code == INSUFFICIENT_RIGHTS
    else:
        inside = first >= end or (base <= first and end <= limit)
        assert code == (SUCCESS if inside else OUT_OF_RANGE)


@settings(max_examples=300, deadline=None)
@given(mask, values, values, mask, values, values)
def test_less_can_be_derived_and_more_cannot(
    rights: int, base: int, limit: int, new: int, first: int, end: int
) -> None:
    code = decisions().call("derive_allowed", rights, base, limit, new, first, end)
    allowed = first < end and new & ~rights == 0 and base <= first and end <= limit
    assert (code == 0) == allowed
    assert code in (0, EINVAL, EACCES, ERANGE)


def test_a_capability_is_told_of_as_long_as_it_is_live(kernel: Kernels) -> None:
    (life,) = kernel.lives
    kernel.died(capmodel.DOOR, 5)
    node = root(kernel, capmodel.DOOR, 5, 1, rights=ALL & ~REVOKE)
    told = {"base": 5, "limit": 6, "kind": capmodel.DOOR, "rights": ALL & ~REVOKE, "zone": 0, "epoch": 1}
    assert life.validate(A, node.ident) == (SUCCESS, told | {"bindings": 0, "children": 0})
    child(kernel, node)
    kernel.died(capmodel.DOOR, 5)
    assert life.validate(A, node.ident) == (EPOCH_MISMATCH, told | {"bindings": 0, "children": 1})
    irq = root(kernel, IRQ, 3, 1)
    kernel.bind(irq)
    assert life.validate(A, irq.ident)[1]["bindings"] == 1
    kernel.drop(A, irq.ident)
    nothing = dict.fromkeys((*told, "bindings", "children"), 0)
    assert life.validate(A, irq.ident) == (REVOKED, nothing)
    assert life.validate(A, irq.ident + (1 << 32)) == (INVALID_ID, nothing)


def test_derive_refuses_what_is_not_less(kernel: Kernels) -> None:
    node = root(kernel)
    less = child(kernel, node, rights=DERIVE | READ)

    def derive(first: int, end: int, rights: int, to: int = A) -> int:
        return kernel.derive(A, less.ident, to, first, end, rights, 0)

    assert derive(node.base, node.limit, DERIVE | READ) > 0
    assert derive(node.base, node.limit, ALL) == EACCES
    assert derive(node.base, node.limit + 1, READ) == ERANGE
    assert derive(node.base - 1, node.limit, READ) == ERANGE
    assert derive(node.base, node.base, READ) == EINVAL
    assert derive(node.limit, node.base, READ) == EINVAL
    assert derive(node.base, node.limit, READ, to=B) == EACCES  # GRANT is missing
    granted = child(kernel, node, to=B, rights=GRANT)
    assert kernel.derive(B, granted.ident, B, node.base, node.limit, 0, 0) == EACCES  # DERIVE is missing
    assert kernel.derive(B, granted.ident, A, node.base, node.limit, 0, 0) > 0


def test_zones_are_crossed_only_where_the_caller_says_so(kernel: Kernels) -> None:
    node = root(kernel)
    kernel.cross(B, 1)
    assert kernel.derive(A, node.ident, B, node.base, node.limit, ALL, 0) == EXDEV
    assert kernel.move(A, node.ident, B) == EXDEV
    over = kernel.derive(A, node.ident, B, node.base, node.limit, ALL, 1)
    assert kernel.check(B, over, FRAMES, ALL, node.base, node.limit) == SUCCESS
    kernel.cross(B, 0)
    assert kernel.check(B, over, FRAMES, ALL, node.base, node.limit) == ZONE_VIOLATION
    assert kernel.drop(B, over) == 0  # giving up is always possible


def test_what_has_ended_can_be_given_up(kernel: Kernels) -> None:
    node = root(kernel, capmodel.DOOR, 5, 1)
    below = child(kernel, node, to=B)
    kernel.died(capmodel.DOOR, 5)
    assert kernel.check(B, below.ident, 0, 0, 0, 0) == EPOCH_MISMATCH
    assert kernel.revoke(A, node.ident, keep=False) == ERRNO[EPOCH_MISMATCH]
    assert kernel.drop(A, node.ident) == 0
    assert kernel.check(B, below.ident, 0, 0, 0, 0) == REVOKED
    assert kernel.lives[0].events == []  # the door has ended already


def test_a_slot_that_has_had_all_its_lives_is_never_used_again(kernel: Kernels) -> None:
    kernel.age(A, 1)
    last_but_one = root(kernel)
    assert last_but_one.ident >> 32 == LAST_GENERATION - 1
    kernel.drop(A, last_but_one.ident)
    last = root(kernel)
    assert (last.slot, last.ident >> 32) == (last_but_one.slot, LAST_GENERATION)
    kernel.drop(A, last.ident)
    kernel.verify()
    assert kernel.call("table_free", A) == 62
    for _ in range(62):
        assert root(kernel, IRQ).slot != last.slot
    assert kernel.new(A, IRQ, 0, 1) is None
    for ident in (last.ident, last_but_one.ident):
        assert kernel.check(A, ident, 0, 0, 0, 0) == REVOKED
    assert kernel.check(A, last.ident + (1 << 32), 0, 0, 0, 0) == INVALID_ID


def test_a_table_grows_up_to_its_directory() -> None:
    with native("release") as life:
        kernel = Kernels([life])
        page = life.page(kernel.free_pages.pop())
        for frames in range(2, 257):
            assert life.call("table_grow", A, page) == frames * 64
        assert life.call("table_grow", A, page) == ENOSPC
        assert life.call("table_free", A) == (1 << 14) - 1
        assert life.call("table_frames", A) == 256


def test_a_full_table_takes_nothing(kernel: Kernels) -> None:
    node = root(kernel)
    for _ in range(62):
        child(kernel, node)
    assert kernel.derive(A, node.ident, A, node.base, node.limit, 0, 0) == ENOSPC
    assert kernel.new(A, FRAMES, 0, 1) is None
    granted = child(kernel, node, to=B)
    assert kernel.move(B, granted.ident, A) == ENOSPC
    kernel.grow(A)
    assert kernel.move(B, granted.ident, A) > 0


def test_an_environment_without_a_table_gets_nothing(kernel: Kernels) -> None:
    node = root(kernel)
    kernel.call("table_forget", B)
    assert kernel.call("cap_derive", A, node.ident, B, node.base, node.limit, 0, 0) == ENOSPC
    assert kernel.call("cap_move", A, node.ident, B) == ENOSPC
    assert kernel.call("cap_check", B, 1, 0, 0, 0, 0) == INVALID_ID
    kernel.create(B)


def test_revocation_ends_the_tree_in_all_tables_and_nothing_beside_it(kernel: Kernels) -> None:
    node = root(kernel)
    mine, beside = child(kernel, node), child(kernel, node)
    theirs = child(kernel, child(kernel, mine, to=B), to=A)
    assert kernel.revoke(A, mine.ident, keep=True) == 0
    assert kernel.check(A, theirs.ident, 0, 0, 0, 0) == REVOKED
    assert set(kernel.nodes.values()) == {node, mine, beside}
    assert kernel.revoke(A, mine.ident, keep=False) == 0
    assert set(kernel.nodes.values()) == {node, beside}


def test_revocation_needs_the_right_to(kernel: Kernels) -> None:
    node = child(kernel, root(kernel), rights=ALL & ~REVOKE)
    assert kernel.revoke(A, node.ident, keep=False) == EACCES
    assert kernel.drop(A, node.ident) == 0


@pytest.mark.parametrize("deep", [False, True])
def test_revocation_of_many_takes_several_calls(kernel: Kernels, deep: bool) -> None:
    kernel.grow(A)
    kernel.grow(A)
    at = node = root(kernel)
    count = 150
    for _ in range(count):
        made = child(kernel, at)
        at = made if deep else at
    calls = 1
    while kernel.revoke(A, node.ident, keep=True, force=True) == EAGAIN:
        kernel.verify()
        calls += 1
    assert set(kernel.nodes.values()) == {node}
    assert count / BUDGET < calls <= 2 * count / BUDGET + 1


def test_dropping_hands_children_to_the_parent_and_a_first_one_takes_all_along(kernel: Kernels) -> None:
    node = root(kernel)
    middle = child(kernel, node, to=B)
    leaf = child(kernel, middle, to=A)
    assert kernel.drop(B, middle.ident) == 0
    assert leaf.parent is node and kernel.check(A, leaf.ident, 0, 0, 0, 0) == SUCCESS
    assert kernel.drop(A, node.ident) == 0
    assert not kernel.nodes


def test_dropping_with_many_children_takes_several_calls(kernel: Kernels) -> None:
    kernel.grow(A)
    top = root(kernel)
    middle = child(kernel, top)
    for _ in range(80):
        child(kernel, middle)
    assert kernel.move(A, middle.ident, B) == EBUSY
    assert kernel.drop(A, middle.ident) == EAGAIN
    assert kernel.check(A, middle.ident, 0, 0, 0, 0) == SUCCESS
    assert kernel.drop(A, middle.ident) == 0
    assert len(top.children) == 80


def test_what_was_bound_is_taken_back_once(kernel: Kernels) -> None:
    events = kernel.lives[0].events
    for kind, told in (
        (FRAMES, lambda n: ("unmap", A, n.slot, 2)),
        (IRQ, lambda n: ("unroute", A, n.slot)),
        (PORTS, lambda n: ("close", A, n.slot)),
        (SLICE, lambda n: ("unschedule", n.base, n.limit, n.ref)),
    ):
        node = child(kernel, root(kernel, kind, 3, 4))
        kernel.bind(node)
        kernel.bind(node)
        assert kernel.move(A, node.ident, B) == EBUSY
        assert kernel.drop(A, node.ident) == 0
        assert events == [told(node)]
        assert root(kernel, IRQ).slot == node.slot
        events.clear()


def test_a_resource_goes_back_with_its_first_capability_only(kernel: Kernels) -> None:
    for kind, name in ((capmodel.ENV, "end_env"), (capmodel.DOOR, "end_door"), (capmodel.ZONE, "end_zone")):
        node = root(kernel, kind, 9, 1)
        below = child(kernel, node)
        kernel.drop(A, below.ident)
        assert kernel.lives[0].events == []
        moved = kernel.move(A, node.ident, B)
        kernel.drop(B, moved)
        assert kernel.lives[0].events == [(name, 9)]
        kernel.lives[0].events.clear()
    frames = root(kernel)
    kernel.drop(A, child(kernel, frames).ident)
    assert kernel.used[0] == 16
    kernel.drop(A, frames.ident)
    assert kernel.used[0] == 0


def test_only_a_free_frame_of_ones_own_is_consumed(kernel: Kernels) -> None:
    many, one = root(kernel, count=2), root(kernel, count=1)
    assert kernel.consume(root(kernel, IRQ)) == kernel.consume(many) == EINVAL
    below = child(kernel, one)
    assert kernel.consume(below) == EINVAL
    assert kernel.consume(one) == EBUSY
    kernel.drop(A, below.ident)
    kernel.bind(one)
    assert kernel.consume(one) == EBUSY
    fresh = root(kernel, count=1)
    assert kernel.consume(fresh) == fresh.base
    assert kernel.check(A, fresh.ident, 0, 0, 0, 0) == REVOKED


def test_an_empty_table_again_gives_ids_from_the_start(kernel: Kernels) -> None:
    node = root(kernel)
    theirs = child(kernel, child(kernel, node, to=B), to=B)
    kernel.destroy(A, 1)
    assert kernel.check(B, theirs.ident, 0, 0, 0, 0) == REVOKED
    assert root(kernel).ident == node.ident
