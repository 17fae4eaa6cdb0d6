"""A page allocator: a bitmap with a summary word for each 64 words."""

from typing import Final

from exotool.lang import Array, Struct, array, count_trailing_zeros, export, u64

PAGES: Final = 1 << 16
NONE: Final = u64(0xFFFF_FFFF_FFFF_FFFF)


class Pages(Struct):
    free: Array[u64] = array(PAGES >> 6)
    summary: Array[u64] = array(PAGES >> 12)


pages: Pages = Pages()


@export
def pages_init(count: u64) -> None:
    for page in range(count):
        pages_free(page)


@export
def pages_alloc() -> u64:
    for group in range(len(pages.summary)):
        if pages.summary[group] != 0:
            word = (group << 6) + count_trailing_zeros(pages.summary[group])
            bit = u64(count_trailing_zeros(pages.free[word]))
            pages.free[word] &= ~(u64(1) << bit)
            if pages.free[word] == 0:
                pages.summary[group] &= ~(u64(1) << (word & 63))
            return (word << 6) + bit
    return NONE


@export
def pages_free(page: u64) -> None:
    word = page >> 6
    pages.free[word] |= u64(1) << (page & 63)
    pages.summary[word >> 6] |= u64(1) << (word & 63)


@export
def pages_run(rounds: u64) -> u64:
    total: u64 = 0
    for _ in range(rounds):
        first = pages_alloc()
        second = pages_alloc()
        total += first ^ second
        pages_free(first)
        third = pages_alloc()
        total += third
        pages_free(second)
        pages_free(third)
    return total
