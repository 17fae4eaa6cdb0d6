"""Proofs about page-table entries (kernel/paging.py): no page is both writable and executable."""

from exotool.lang import assume, proof, u64
from kernel.kalloc import FRAMES
from kernel.paging import (
    EXEC,
    NX,
    SLOTS,
    WRITE,
    P,
    U,
    W,
    leaf,
    leaf_frame,
    leaf_rights,
    leaf_slot,
    rights_allowed,
    user_range,
    with_rights,
)


@proof
def no_page_is_writable_and_executable(frame: u64, rights: u64, slot: u64) -> None:
    """An entry with rights that are allowed can be written or executed, never both; ring 3 has what was asked for."""
    assume(rights_allowed(rights) and frame < FRAMES and slot < SLOTS)
    entry = leaf(frame, rights, slot, NX)
    assert entry & (W | NX) != W
    assert leaf_rights(entry, NX) == rights
    assert entry & (P | U) == P | U


@proof
def an_entry_says_what_it_was_made_of(frame: u64, rights: u64, slot: u64) -> None:
    """Frame and slot come out of an entry as they went in, with and without NX."""
    assume(rights_allowed(rights) and frame < FRAMES and slot < SLOTS)
    for not_executable in range(2):
        entry = leaf(frame, rights, slot, u64(not_executable) << 63)
        assert leaf_frame(entry) == frame and leaf_slot(entry) == slot


@proof
def protect_changes_rights_only(frame: u64, rights: u64, slot: u64, new: u64) -> None:
    """An entry with other rights is for the same frame, in the name of the same capability, and keeps W^X."""
    assume(rights_allowed(rights) and rights_allowed(new) and frame < FRAMES and slot < SLOTS)
    entry = with_rights(leaf(frame, rights, slot, NX), new, NX)
    assert entry == leaf(frame, new, slot, NX)
    assert entry & (W | NX) != W


@proof
def protect_tames_any_entry(entry: u64, rights: u64) -> None:
    """Whatever an entry was, it has no rights but those that are given, once they are."""
    assume(rights_allowed(rights))
    assert leaf_rights(with_rights(entry, rights, NX), NX) == rights


@proof
def rights_that_are_allowed(rights: u64) -> None:
    """W and X together are refused."""
    assume(rights & (WRITE | EXEC) == WRITE | EXEC)
    assert not rights_allowed(rights)


@proof
def user_pages_are_below_the_kernel(va: u64, count: u64, page: u64) -> None:
    """A range that ring 3 may map lies in the lower half, without its last page."""
    assume(user_range(va, count) and page < count)
    assert va + page * 4096 < 0x0000_7FFF_FFFF_F000
