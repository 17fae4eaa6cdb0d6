"""The frame allocator against a set of numbers."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from exotool.lang import Reason, Trap
from kernel.kalloc import FRAMES, NONE, FrameMap

EDGES = (0, 1, 63, 64, 65, 4095, 4096, 4097, 262_143, 262_144, 262_145, FRAMES - 65, FRAMES - 64, FRAMES - 1, FRAMES)
"""Around the ends of a word on each of the levels."""

near_edges = st.builds(
    lambda edge, offset: max(0, min(FRAMES, edge + offset)), st.sampled_from(EDGES), st.integers(-70, 70)
)


class Frames(RuleBasedStateMachine):
    """Every operation on the map, and the same on a plain set."""

    def __init__(self) -> None:
        super().__init__()
        self.map = FrameMap()
        self.free: set[int] = set()

    @rule(first=near_edges, count=st.integers(0, 200), free=st.booleans())
    def set_range(self, first: int, count: int, free: bool) -> None:
        end = min(first + count, FRAMES)
        self.map.set_range(first, end, free)
        if free:
            self.free |= set(range(first, end))
        else:
            self.free -= set(range(first, end))

    @rule(frame=near_edges)
    def next_free(self, frame: int) -> None:
        later = [f for f in self.free if f >= frame]
        assert self.map.next_free(frame) == (min(later) if later else NONE)

    @rule(frame=near_edges)
    def is_free(self, frame: int) -> None:
        assert self.map.is_free(frame) == (frame in self.free)

    @rule(first=near_edges, count=st.integers(0, 130))
    def take(self, first: int, count: int) -> None:
        wanted = set(range(first, first + count))
        possible = count > 0 and wanted <= self.free
        assert self.map.take(first, count) == possible
        if possible:
            self.free -= wanted

    @rule(count=st.integers(1, 130), shift=st.integers(0, 8))
    def find_run(self, count: int, shift: int) -> None:
        align = 1 << shift
        starts = sorted({f // align * align for f in self.free} | {-(-f // align) * align for f in self.free})
        fits = [s for s in starts if self.free.issuperset(range(s, s + count))]
        assert self.map.find_run(count, align) == (fits[0] if fits else NONE)

    @precondition(lambda self: self.free)
    @rule(data=st.data(), count=st.integers(1, 70))
    def give(self, data: st.DataObject, count: int) -> None:
        first = data.draw(st.sampled_from(sorted(self.free)[:200]))
        with pytest.raises(Trap) as caught:
            self.map.give(first, count)
        assert caught.value.reason is Reason.ASSERTION

    @rule(first=near_edges, count=st.integers(1, 70))
    def give_back(self, first: int, count: int) -> None:
        frames = set(range(first, first + count))
        if first + count <= FRAMES and not frames & self.free:
            self.map.give(first, count)
            self.free |= frames

    @invariant()
    def count(self) -> None:
        assert self.map.count == len(self.free)


Frames.TestCase.settings = settings(
    max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestFrames = Frames.TestCase
