"""Which of many strings in a buffer are equal, found with NumPy: names of symbols come in the hundred thousands."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.signedinteger[Any]]
Words = npt.NDArray[np.uint64]

WORD: Final = 8
LONGEST: Final = 1024
"""Strings are compared word by word, all at once: a single very long one would make as many steps for itself."""

_ROUNDS: Final = 8
"""After so many tables of hashes the rest, which is small or hostile, is sorted."""

_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio, which spreads the bits of its factor (Knuth, TAOCP volume 3, section 6.4)."""

_MASKS: Final = np.array([(1 << 8 * size) - 1 for size in range(WORD + 1)], np.uint64)


class Strings:
    """Strings of up to `LONGEST` bytes: `length[i]` bytes of `data` from `start[i]` on, all inside of it."""

    def __init__(self, data: bytes, start: Ints, length: Ints) -> None:
        self.data, self.start, self.length = data, start, length

    def __len__(self) -> int:
        return len(self.start)

    def texts(self, which: Ints) -> list[str]:
        """Return some of the strings."""
        data, start = self.data, self.start[which]
        bounds = zip(start.tolist(), (start + self.length[which]).tolist(), strict=True)
        return [data[first:stop].decode("utf-8", "backslashreplace") for first, stop in bounds]

    def distinct(self) -> tuple[Ints, Ints]:
        """Return the indices of the different strings, each where it comes first, and for each string which it is."""
        found = np.arange(len(self))
        rest = found
        octets = np.frombuffer(self.data + bytes(WORD), np.uint8)
        # Item k is the word that begins at byte k: items overlap, and need not be aligned.
        words: Words = np.ndarray(len(self.data) + 1, np.dtype("<u8"), octets.data, strides=(1,))
        bound = WORD
        while len(rest):
            # Strings of one class of lengths have equally many words; those of two classes differ anyway.
            is_in = self.length[rest] <= bound
            if is_in.all():
                which, rest = rest, rest[:0]
            else:
                which, rest = rest[is_in], rest[~is_in]
            if len(which):
                found[which] = which[_first_of_equals(self._columns(words, which, bound))]
            bound *= 2
        is_first = found == np.arange(len(found))
        return np.flatnonzero(is_first), (np.cumsum(is_first) - 1)[found]

    def _columns(self, words: Words, which: Ints, bound: int) -> list[Words]:
        """Return lengths and all words of strings of up to `bound` bytes; the last word overlaps the one before."""
        start, length = self.start[which], self.length[which]
        mask, last = _MASKS[np.minimum(length, WORD)], np.maximum(length - WORD, 0)
        ats = range(0, bound, WORD)
        return [length.astype(np.uint64), *(words[start + np.minimum(last, at)] & mask for at in ats)]


def _first_of_equals(columns: list[Words]) -> Ints:
    """Return for each row the first one that equals it in all columns."""
    found = _first_of_hashes(_hashes(columns))
    differs = np.zeros(len(found), np.bool_)
    for column in columns:
        differs |= column != column[found]
    seen: dict[tuple[int, ...], int] = {}
    for index in np.flatnonzero(differs).tolist():
        # Different strings with the same hash, which only happens to those who look for it.
        found[index] = seen.setdefault(tuple(int(column[index]) for column in columns), index)
    return found


def _hashes(columns: list[Words]) -> Words:
    hashes = columns[0]
    for column in columns[1:]:
        hashes = (hashes ^ column) * _MULTIPLIER
        hashes ^= hashes >> np.uint64(32)
    return hashes


def _first_of_hashes(hashes: Words) -> Ints:
    """Return for each hash the index of the first one that equals it."""
    found: Ints = np.arange(len(hashes))
    pending = found
    bits = max(1, len(hashes).bit_length() + 1)
    table = np.zeros(1 << bits, np.int64)
    spread = hashes
    for _ in range(_ROUNDS):
        if not len(pending):
            return found
        spread = spread * _MULTIPLIER
        slot = (spread >> np.uint64(64 - bits)).astype(np.int64)
        # Of several values for one place the last stays.
        table[slot[::-1]] = pending[::-1]
        first = table[slot]
        differs = hashes[first] != hashes[pending]
        found[pending] = first
        pending, spread = pending[differs], spread[differs]
    _, where, inverse = np.unique(hashes[pending], return_index=True, return_inverse=True)
    found[pending] = pending[where[inverse]]
    return found
