"""Physical frames: which are free, as a tree of bits.

A frame's number is its physical address divided by 4096. Bit n of `free` says that frame n is free; bit n of each level
above says that word n of the level below is not 0. So the lowest free frame is four `count_trailing_zeros` away however
much memory there is, a frame is taken by its number in constant time, and nothing is kept in the frames themselves,
which the kernel does not map.
"""

from typing import Final

from exotool.lang import Array, Struct, array, count_trailing_zeros, export, popcount, symbol_address, u64
from kernel.bootinfo import MEMMAP_RAM, memmap_count, memmap_entry, module, module_count
from kernel.spinlock import SpinLock

FRAME_SHIFT: Final = 12
FRAME_SIZE: Final = 4096
FRAMES: Final = 1 << 24  # 64 GiB; memory beyond is not used
NONE: Final = u64(0xFFFF_FFFF_FFFF_FFFF)  # no frame, or no bit

KERNBASE: Final = 0xFFFF_FFFF_8000_0000
LOW_FRAMES: Final = 1 << 20  # below 4 GiB
LOW_MEMORY: Final = 0x10_0000  # below: firmware data and, later, the code that starts other CPUs
ALL_ONES: Final = u64(0xFFFF_FFFF_FFFF_FFFF)


def next_in_word(level: Array[u64], bit: u64) -> u64:
    """Return the first set bit from `bit` on in the word that `bit` is in; NONE if there is none, or no such word."""
    word = bit >> 6
    if word >= len(level):
        return NONE
    rest = level[word] >> (bit & 63)
    return bit + count_trailing_zeros(rest) if rest != 0 else NONE


def mask(first: u64, end: u64) -> u64:
    """Return a word with the bits from `first` up to but without `end` set; 0 <= first < end <= 64."""
    return (ALL_ONES >> (64 - (end - first))) << first


class FrameMap(Struct):
    """The free frames. `count` is their number."""

    lock: SpinLock
    count: u64
    free: Array[u64] = array(FRAMES >> 6)
    level1: Array[u64] = array(FRAMES >> 12)
    level2: Array[u64] = array(FRAMES >> 18)
    level3: Array[u64] = array(1)

    def set_word(self, word: u64, value: u64) -> None:
        """Change 64 bits of `free`, and what follows from them."""
        self.count += popcount(value)
        self.count -= popcount(self.free[word])
        self.free[word] = value
        self.summarise(self.level1, word, value)
        self.summarise(self.level2, word >> 6, self.level1[word >> 6])
        self.summarise(self.level3, word >> 12, self.level2[word >> 12])

    def summarise(self, level: Array[u64], bit: u64, below: u64) -> None:
        """Set or clear the bit of a level that says whether the word below it is not 0."""
        flag = u64(1) << (bit & 63)
        if below != 0:
            level[bit >> 6] |= flag
        else:
            level[bit >> 6] &= ~flag

    def is_free(self, frame: u64) -> bool:
        """Tell whether a frame is free. Frames that do not exist are not."""
        return frame < FRAMES and (self.free[frame >> 6] >> (frame & 63)) & 1 != 0

    def set_range(self, first: u64, end: u64, free: bool) -> None:
        """Make the frames from `first` up to but without `end` free, or taken, whatever they were."""
        frame = first
        end = min(end, FRAMES)
        while frame < end:
            word = frame >> 6
            stop = min(end, (word + 1) << 6)
            bits = mask(frame & 63, stop - (word << 6))
            old = self.free[word]
            self.set_word(word, old | bits if free else old & ~bits)
            frame = stop

    def next_free(self, frame: u64) -> u64:
        """Return the lowest free frame from `frame` on, or NONE."""
        found = next_in_word(self.free, frame)
        if found != NONE:
            return found
        word = next_in_word(self.level1, (frame >> 6) + 1)
        if word == NONE:
            group = next_in_word(self.level2, (((frame >> 6) + 1) >> 6) + 1)
            if group == NONE:
                top = next_in_word(self.level3, (((((frame >> 6) + 1) >> 6) + 1) >> 6) + 1)
                if top == NONE:
                    return NONE
                group = next_in_word(self.level2, top << 6)
            word = next_in_word(self.level1, group << 6)
        return next_in_word(self.free, word << 6)

    def first_taken(self, first: u64, end: u64) -> u64:
        """Return the lowest frame of a range that is not free, or NONE."""
        frame = first
        while frame < end:
            taken = ~self.free[frame >> 6] >> (frame & 63)
            if taken != 0:
                found = frame + count_trailing_zeros(taken)
                return found if found < end else NONE
            frame = ((frame >> 6) + 1) << 6
        return NONE

    def find_run(self, count: u64, align: u64, end: u64 = FRAMES) -> u64:
        """Return the first of `count` free frames in a row below `end`, a multiple of `align` (a power of two)."""
        first = self.next_free(0)
        while first != NONE:
            first = (first + align - 1) & ~(align - 1)
            if first >= end or count > end - first:
                return NONE
            taken = self.first_taken(first, first + count)
            if taken == NONE:
                return first
            first = self.next_free(taken)
        return NONE

    def take(self, first: u64, count: u64) -> bool:
        """Take frames by number; False, and nothing taken, if one of them is not free."""
        if count == 0 or first >= FRAMES or count > FRAMES - first:
            return False
        if self.first_taken(first, first + count) != NONE:
            return False
        self.set_range(first, first + count, False)
        return True

    def give(self, first: u64, count: u64) -> None:
        """Make taken frames free. One that is free already is a fault of the caller."""
        assert count > 0 and first < FRAMES and count <= FRAMES - first, "no such frame"
        free = self.next_free(first)
        assert free == NONE or free >= first + count, "frame freed twice"
        self.set_range(first, first + count, True)


frames: FrameMap = FrameMap()


def frame_up(address: u64) -> u64:
    """Return the number of the first frame that starts at or after an address."""
    return (address >> FRAME_SHIFT) + u64(address & (FRAME_SIZE - 1) != 0)


def reserve(start: u64, end: u64) -> None:
    """Take every frame that a range of physical addresses touches."""
    frames.set_range(start >> FRAME_SHIFT, frame_up(end), False)


def kinit() -> None:
    """Find the free frames: RAM, without the first MiB, the kernel, and what the loader left for it."""
    with frames.lock:
        for i in range(memmap_count()):
            entry = memmap_entry(i)
            if entry.type == MEMMAP_RAM:
                frames.set_range(frame_up(entry.start), (entry.start + entry.size) >> FRAME_SHIFT, True)
        # A range that the map calls both RAM and something else is not RAM.
        for i in range(memmap_count()):
            entry = memmap_entry(i)
            if entry.type != MEMMAP_RAM:
                reserve(entry.start, entry.start + entry.size)
        reserve(0, LOW_MEMORY)
        reserve(symbol_address("__text_start") - KERNBASE, symbol_address("__bss_end") - KERNBASE)
        for i in range(module_count()):
            loaded = module(i)
            reserve(loaded.start, loaded.start + loaded.size)


@export
def kalloc() -> u64:
    """Take the lowest free frame and return its number, or NONE when memory is exhausted. Its content is undefined."""
    with frames.lock:
        frame = frames.next_free(0)
        if frame != NONE:
            frames.set_range(frame, frame + 1, False)
        return frame


@export
def kfree(frame: u64) -> None:
    """Give a frame back that was taken."""
    with frames.lock:
        frames.give(frame, 1)


@export
def kalloc_at(frame: u64) -> bool:
    """Take this very frame; False if it is not free."""
    with frames.lock:
        return frames.take(frame, 1)


def kalloc_run_at(first: u64, count: u64) -> bool:
    """Take these very frames; False, and none taken, if one of them is not free."""
    with frames.lock:
        return frames.take(first, count)


@export
def kalloc_run(count: u64, align: u64, end: u64 = FRAMES) -> u64:
    """Take `count` frames in a row below `end`, the first at a multiple of `align` (a power of two), or return NONE."""
    if count == 0 or align == 0 or align > FRAMES or align & (align - 1) != 0:
        return NONE
    with frames.lock:
        first = frames.find_run(count, align, end)
        if first != NONE:
            frames.set_range(first, first + count, False)
        return first


@export
def kfree_run(first: u64, count: u64) -> None:
    """Give frames in a row back."""
    with frames.lock:
        frames.give(first, count)
