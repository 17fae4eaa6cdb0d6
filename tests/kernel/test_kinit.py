"""What the kernel makes of the loader's memory map."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernel import kalloc
from kernel.bootinfo import memmap_count, module_count, ram_size, start_info
from tests.kernel.machine import BSS_END, KERNBASE, RAM, RESERVED, TEXT, Interrupts, boot_tables

MIB = 1 << 20


@pytest.fixture(autouse=True)
def one_cpu() -> Iterator[None]:
    with Interrupts().installed():
        yield


def free_frames(end: int) -> set[int]:
    return {frame for frame in range(end >> 12) if kalloc.frames.is_free(frame)}


def frames_of(start: int, end: int) -> set[int]:
    return set(range(-(-start // 4096), end // 4096))


def test_ram_without_what_is_in_use() -> None:
    ranges = [(0, 0x9FC00, RAM), (0xF0000, 0x10000, RESERVED), (MIB, 31 * MIB, RAM), (0, 0, 0)]
    with boot_tables(ranges, [(16 * MIB + 100, 5000)]):
        kalloc.kinit()
        assert ram_size() == 0x9FC00 + 31 * MIB
    expected = frames_of(MIB, 32 * MIB) - frames_of(TEXT - KERNBASE, BSS_END - KERNBASE)
    expected -= {(16 * MIB >> 12), (16 * MIB >> 12) + 1}
    assert free_frames(40 * MIB) == expected
    assert kalloc.frames.count == len(expected)


def test_half_frames_and_overlaps_are_not_free() -> None:
    with boot_tables([(8 * MIB + 1, 3 * 4096, RAM), (12 * MIB, MIB, RAM), (12 * MIB + 4095, 2, RESERVED)]):
        kalloc.kinit()
    expected = frames_of(8 * MIB + 4096, 8 * MIB + 3 * 4096) | frames_of(12 * MIB + 2 * 4096, 13 * MIB)
    assert free_frames(14 * MIB) == expected


def test_memory_beyond_the_map_of_frames_is_not_used() -> None:
    with boot_tables([(64 << 30, 1 << 30, RAM), ((64 << 30) - 8192, 16384, RAM)]):
        kalloc.kinit()
    assert kalloc.frames.count == 2


def test_the_counts_show_what_did_not_fit() -> None:
    with boot_tables([(0, MIB, RAM)], said=(200, 17)):
        assert (start_info().memmap_entries, memmap_count()) == (200, 1)
        assert (start_info().nr_modules, module_count()) == (17, 0)


def test_frames_come_and_go() -> None:
    with boot_tables([(8 * MIB, 4 * 4096, RAM)]):
        kalloc.kinit()
    first = 8 * MIB >> 12
    assert kalloc.kalloc_at(first + 1)
    assert not kalloc.kalloc_at(first + 1)
    assert [kalloc.kalloc() for _ in range(4)] == [first, first + 2, first + 3, kalloc.NONE]
    kalloc.kfree(first + 2)
    kalloc.kfree(first + 3)
    assert kalloc.kalloc_run(2, 2) == first + 2
    assert kalloc.kalloc_run(1, 1) == kalloc.NONE
    kalloc.kfree_run(first, 4)
    assert kalloc.frames.count == 4


@pytest.mark.parametrize(("count", "align"), [(0, 1), (1, 0), (1, 3), (kalloc.FRAMES + 1, 1), (1, 1 << 63)])
def test_a_run_that_makes_no_sense_is_refused(count: int, align: int) -> None:
    kalloc.frames.set_range(1024, 2048, True)
    assert kalloc.kalloc_run(count, align) == kalloc.NONE
    assert kalloc.frames.count == 1024
