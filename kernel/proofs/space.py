"""Proofs about address spaces (kernel/space.py): mapping a page keeps W^X, and touches nothing else."""

from typing import Final

from exotool.lang import Array, Ptr, Struct, array, assume, havoc, model, proof, provide_memory, u64
from kernel.captypes import Capability
from kernel.env import Env
from kernel.kalloc import FRAMES
from kernel.layout import PAGE_SIZE, PHYSBASE
from kernel.paging import ENTRIES, EXEC, NX, SLOTS, WRITE, P, U, W, find, index, leaf_frame, leaf_rights, leaf_slot
from kernel.space import map_pages

TOP: Final = 0x10_0000  # the tables on the way to a page, at these physical addresses
THIRD: Final = 0x10_1000
SECOND: Final = 0x10_2000
LAST: Final = 0x10_3000


@model("no_execute")
def no_execute() -> u64:
    """Let the CPU have pages that cannot be executed: without, W^X cannot be had."""
    return NX


class Table(Struct):
    """A page table."""

    entries: Array[u64] = array(ENTRIES)


def way_to(va: u64) -> Table:
    """Let there be tables on the way to a page, and return the last one, which holds anything."""
    provide_memory(PHYSBASE + TOP, PAGE_SIZE)
    provide_memory(PHYSBASE + THIRD, PAGE_SIZE)
    provide_memory(PHYSBASE + SECOND, PAGE_SIZE)
    provide_memory(PHYSBASE + LAST, PAGE_SIZE)
    Ptr[u64](PHYSBASE + TOP)[index(va, 39)] = THIRD | P | W | U
    Ptr[u64](PHYSBASE + THIRD)[index(va, 30)] = SECOND | P | W | U
    Ptr[u64](PHYSBASE + SECOND)[index(va, 21)] = LAST | P | W | U
    table = Table.at(PHYSBASE + LAST)
    havoc(table)
    return table


def can_be_both(entry: u64) -> bool:
    """Tell whether ring 3 can write and execute the page of an entry."""
    return leaf_rights(entry, NX) & (WRITE | EXEC) == WRITE | EXEC


@proof
def the_walk_ends_at_the_entry(va: u64) -> None:
    """`find` gives the entry of the last table that covers the page."""
    way_to(va)
    assert u64(find(TOP, va)) == PHYSBASE + LAST + index(va, 12) * 8


@proof
def mapping_keeps_w_xor_x(env: Env, cap: Capability, slot: u64, va: u64, frame: u64, rights: u64, other: u64) -> None:
    """In a space with any content, a page that is mapped has the rights asked for, never W and X; all else stays."""
    table = way_to(va)
    env.cr3 = TOP
    assume(slot < SLOTS and frame < FRAMES and other < ENTRIES and cap.bindings < 1 << 31)
    bindings = cap.bindings
    before = table.entries[other]
    mine = table.entries[index(va, 12)]
    assume(not can_be_both(before))
    result = map_pages(env, cap, slot, va, frame, 1, rights)
    assert not can_be_both(table.entries[other])
    assert other == index(va, 12) or table.entries[other] == before
    if result == 0:
        entry = table.entries[index(va, 12)]
        assert mine & P == 0
        assert leaf_rights(entry, NX) == rights and leaf_frame(entry) == frame and leaf_slot(entry) == slot
        assert cap.bindings == bindings + 1
    else:
        assert table.entries[index(va, 12)] == mine and cap.bindings == bindings
