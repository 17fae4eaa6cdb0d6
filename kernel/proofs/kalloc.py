"""Proofs about the map of free frames (kernel/kalloc.py)."""

from typing import Final

from exotool.lang import Array, array, assume, havoc, proof, u64
from kernel.kalloc import FRAMES, NONE, FrameMap, frames, mask, next_in_word

WORDS: Final = 4

words: Array[u64] = array(WORDS)


@proof
def mask_has_just_the_bits_asked_for(first: u64, end: u64, bit: u64) -> None:
    """Bit n of mask(first, end) is set for first <= n < end, and for no other."""
    assume(first < end and end <= 64 and bit < 64)
    assert ((mask(first, end) >> bit) & 1 != 0) == (first <= bit and bit < end)


@proof
def next_in_word_finds_the_first(start: u64, bit: u64) -> None:
    """The bit that is found is set, in the same word, not before `start`; none in between is set; NONE means none."""
    havoc(words)
    assume(start < WORDS * 64 and bit < WORDS * 64)
    found = next_in_word(words, start)
    if found != NONE:
        assert found >= start and found >> 6 == start >> 6
        assert (words[found >> 6] >> (found & 63)) & 1 != 0
    if start <= bit and bit >> 6 == start >> 6 and bit < found:
        assert (words[bit >> 6] >> (bit & 63)) & 1 == 0


@proof
def beyond_the_last_word_is_nothing(start: u64) -> None:
    """No word, no bit."""
    assume(start >= WORDS * 64)
    assert next_in_word(words, start) == NONE


def sums_up(levels: FrameMap, frame: u64) -> bool:
    """Tell whether the three levels above say of a frame's word whether it is 0, and so on."""
    word = frame >> 6
    low = ((levels.level1[word >> 6] >> (word & 63)) & 1 != 0) == (levels.free[word] != 0)
    group = word >> 6
    middle = ((levels.level2[group >> 6] >> (group & 63)) & 1 != 0) == (levels.level1[group] != 0)
    top = group >> 6
    high = ((levels.level3[0] >> (top & 63)) & 1 != 0) == (levels.level2[top] != 0)
    return low and middle and high


@proof
def levels_stay_true(frame: u64, value: u64, other: u64) -> None:
    """In a map with any content, changing a word keeps what the levels say of it, and of every other word."""
    havoc(frames)
    assume(frame < FRAMES and other < FRAMES)
    assume(sums_up(frames, frame) and sums_up(frames, other))
    assume(frames.count >= 64 and frames.count <= FRAMES)
    old = frames.free[other >> 6]
    frames.set_word(frame >> 6, value)
    assert frames.free[frame >> 6] == value
    assert other >> 6 == frame >> 6 or frames.free[other >> 6] == old
    assert sums_up(frames, frame) and sums_up(frames, other)


@proof
def a_frame_that_is_found_is_free(start: u64) -> None:
    """In a map with any content whose levels are true where it is looked at, `next_free` gives a free frame."""
    havoc(frames)
    assume(start < FRAMES)
    found = frames.next_free(start)
    assume(found != NONE and sums_up(frames, found))
    assert found >= start
    assert frames.is_free(found)
