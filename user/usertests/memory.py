"""Frames and pages."""

from typing import Final

from exotool.lang import addressof, i64, symbol_address, u64
from kernel.abi.numbers import DERIVE, EXEC, FRAME_LOW32, INFO_FRAMES_FREE, READ, WRITE
from kernel.errno import EACCES, EBUSY, EEXIST, EINVAL, ENOENT, ENOMEM, ENOSPC, ERANGE
from libos.calls import (
    exo_cap_derive,
    exo_env_create,
    exo_frame_alloc,
    exo_frame_next_free,
    exo_info,
    exo_map,
    exo_protect,
    exo_query,
    exo_unmap,
)
from libos.memory import ANY_FRAME, alloc, alloc_at, drop, frames_of, word_at
from user.usertests.harness import check, equal, need, same, skip, test
from user.usertests.support import (
    AREA,
    KERNEL_RAM,
    KERNEL_TEXT,
    LEAVE,
    NEVER,
    NOT_CANONICAL,
    PAGE,
    as_mapped,
    catch_faults,
    has_nx,
    probe_call,
    read_fails,
    watch,
    write_fails,
)

RETURN: Final = 0xC3
USER_END: Final = 0x7FFF_FFFF_F000


def frames_are_zero() -> None:
    frames = need(alloc_at(AREA, 4), "allocate")
    for i in range(4 * 512):
        word_at(AREA)[i] = NEVER
    first, end = frames_of(frames)
    equal(drop(frames), 0, "drop")
    again = need(exo_frame_alloc(first, 4, 1, 0), "the same frames again")
    equal(exo_map(0, again, AREA, 0, 4, READ), 0, "map")
    dirty: u64 = 0
    for i in range(4 * 512):
        dirty |= word_at(AREA)[i]
    same(dirty, 0, "what was written before")
    same(end - first, 4, "frames in the capability")
    drop(again)


def frames_by_number() -> None:
    number = need(exo_frame_next_free(0), "a free frame")
    frames = need(exo_frame_alloc(number, 1, 1, 0), "that frame")
    equal(exo_map(0, frames, AREA, 0, 1, READ), 0, "map")
    equal(exo_query(0, AREA), i64(number << 12 | as_mapped(READ)), "what is mapped")
    equal(exo_frame_alloc(number, 1, 1, 0), -EBUSY, "the same frame twice")
    check(exo_frame_next_free(number) > i64(number), "the frame is not free any more")
    drop(frames)
    equal(exo_frame_next_free(number), i64(number), "the frame is free again")


def frames_in_a_taken_run() -> None:
    frames = need(alloc(3), "allocate")
    first, end = frames_of(frames)
    equal(exo_frame_alloc(end - 1, 2, 1, 0), -EBUSY, "a run whose first frame is taken")
    free = exo_info(INFO_FRAMES_FREE, 0)
    equal(exo_frame_alloc(first - 1, 2, 1, 0), -EBUSY, "a run whose second frame is taken")
    equal(exo_info(INFO_FRAMES_FREE, 0), free, "nothing is taken by what fails")
    drop(frames)


def frames_aligned() -> None:
    for shift in range(1, 8):
        frames = need(exo_frame_alloc(ANY_FRAME, 3, u64(1) << shift, 0), "allocate aligned")
        first, _ = frames_of(frames)
        same(first & ((u64(1) << shift) - 1), 0, "alignment")
        drop(frames)
    equal(exo_frame_alloc(ANY_FRAME, 1, 3, 0), -EINVAL, "an alignment that is no power of two")


def frames_low() -> None:
    frames = need(exo_frame_alloc(ANY_FRAME, 8, 1, FRAME_LOW32), "allocate below 4 GiB")
    _, end = frames_of(frames)
    check(end <= 1 << 20, "below 4 GiB")
    drop(frames)


def frames_limits() -> None:
    equal(exo_frame_alloc(ANY_FRAME, 0, 1, 0), -EINVAL, "no frames")
    equal(exo_frame_alloc(ANY_FRAME, 513, 1, 0), -EINVAL, "too many frames")
    equal(exo_frame_alloc(ANY_FRAME, 1, 0, 0), -EINVAL, "alignment 0")
    equal(exo_frame_alloc(ANY_FRAME, 1, 1, 2), -EINVAL, "an unknown flag")
    equal(exo_frame_alloc(0, 1, 1, 0), -EBUSY, "frame 0")
    equal(exo_frame_alloc(NEVER - 1, 2, 1, 0), -EBUSY, "the last numbers")
    equal(exo_frame_alloc(u64(1) << 40, 1, 1, 0), -EBUSY, "no such frame")


def free_list_is_visible() -> None:
    before = exo_frame_next_free(0)
    for _ in range(100):
        after = exo_frame_next_free(u64(before) + 1)
        if after < 0:
            break
        check(after > before, "the free list is in order")
        before = after
    equal(exo_frame_next_free(u64(1) << 40), -ENOENT, "beyond memory")
    equal(exo_frame_next_free(NEVER), -ENOENT, "beyond all numbers")


def two_mappings_of_one_frame() -> None:
    frames = need(alloc_at(AREA, 2), "allocate")
    equal(exo_map(0, frames, AREA + 8 * PAGE, 1, 1, READ), 0, "map the second page again")
    word_at(AREA + PAGE)[5] = 0x1234_5678
    same(word_at(AREA + 8 * PAGE)[5], 0x1234_5678, "through the other mapping")
    drop(frames)


def map_where_something_is() -> None:
    frames = need(alloc_at(AREA + 2 * PAGE, 1), "allocate")
    more = need(alloc(3), "allocate more")
    equal(exo_map(0, more, AREA + PAGE, 0, 3, READ), -EEXIST, "map over a page")
    equal(exo_query(0, AREA + PAGE), -ENOENT, "the page before")
    equal(exo_query(0, AREA + 3 * PAGE), -ENOENT, "the page behind")
    equal(drop(more), 0, "drop")
    drop(frames)


def map_writable_and_executable() -> None:
    frames = need(alloc(1), "allocate")
    equal(exo_map(0, frames, AREA, 0, 1, READ | WRITE | EXEC), -EACCES, "writable and executable")
    equal(exo_map(0, frames, AREA, 0, 1, WRITE), -EACCES, "without READ")
    equal(exo_map(0, frames, AREA, 0, 1, EXEC), -EACCES, "only executable")
    equal(exo_map(0, frames, AREA, 0, 1, 0), -EACCES, "without rights")
    equal(exo_map(0, frames, AREA, 0, 1, 8 | READ), -EINVAL, "an unknown right")
    equal(exo_map(0, frames, AREA, 0, 1, READ | WRITE), 0, "map")
    equal(exo_protect(0, AREA, 1, READ | WRITE | EXEC), -EACCES, "protect to writable and executable")
    equal(exo_protect(0, AREA, 1, READ | EXEC), 1, "protect to executable")
    drop(frames)


def map_beyond_the_capability() -> None:
    frames = need(alloc(4), "allocate")
    equal(exo_map(0, frames, AREA, 4, 1, READ), -ERANGE, "behind the last page")
    equal(exo_map(0, frames, AREA, 3, 2, READ), -ERANGE, "over the last page")
    equal(exo_map(0, frames, AREA, NEVER, 1, READ), -ERANGE, "before the first page")
    equal(exo_map(0, frames, AREA, NEVER, 2, READ), -ERANGE, "around the end of numbers")
    equal(exo_query(0, AREA), -ENOENT, "what is mapped")
    drop(frames)


def map_beyond_the_rights() -> None:
    frames = need(alloc(1), "allocate")
    first, end = frames_of(frames)
    reader = need(exo_cap_derive(frames, first, end, READ), "derive")
    equal(exo_map(0, reader, AREA, 0, 1, READ | WRITE), -EACCES, "write with a capability to read")
    equal(exo_map(0, reader, AREA, 0, 1, READ | EXEC), -EACCES, "execute with a capability to read")
    equal(exo_map(0, reader, AREA, 0, 1, READ), 0, "read")
    equal(exo_protect(0, AREA, 1, READ | WRITE), -EACCES, "protect to more than the capability")
    blind = need(exo_cap_derive(frames, first, end, DERIVE), "derive")
    equal(exo_map(0, blind, AREA + PAGE, 0, 1, READ), -EACCES, "read with a capability to derive")
    drop(frames)


def map_hostile_addresses() -> None:
    frames = need(alloc(2), "allocate")
    equal(exo_map(0, frames, AREA + 1, 0, 1, READ), -EINVAL, "not on a page")
    equal(exo_map(0, frames, USER_END, 0, 1, READ), -EINVAL, "the last page of the lower half")
    equal(exo_map(0, frames, USER_END - PAGE, 0, 2, READ), -EINVAL, "over the end")
    equal(exo_map(0, frames, NOT_CANONICAL, 0, 1, READ), -EINVAL, "no address")
    equal(exo_map(0, frames, KERNEL_TEXT, 0, 1, READ), -EINVAL, "the kernel's text")
    equal(exo_map(0, frames, NEVER - (PAGE - 1), 0, 2, READ), -EINVAL, "around the end of addresses")
    equal(exo_unmap(0, KERNEL_TEXT, 1), -EINVAL, "unmap the kernel's text")
    equal(exo_protect(0, KERNEL_TEXT, 1, READ), -EINVAL, "protect the kernel's text")
    equal(exo_query(0, KERNEL_TEXT), -EINVAL, "query the kernel's text")
    equal(exo_map(0, frames, AREA, 0, 0, READ), -EINVAL, "no pages")
    equal(exo_map(0, frames, AREA, 0, 513, READ), -EINVAL, "too many pages")
    drop(frames)


def unmap_counts() -> None:
    catch_faults()
    frames = need(alloc_at(AREA, 3), "allocate")
    equal(exo_unmap(0, AREA + PAGE, 1), 1, "unmap the page in the middle")
    equal(exo_query(0, AREA + PAGE), -ENOENT, "query it")
    check(read_fails(AREA + PAGE), "reading it faults")
    same(watch.info, AREA + PAGE, "the address of the fault")
    check(not read_fails(AREA), "the page before it is there")
    equal(exo_unmap(0, AREA, 5), 2, "unmap five pages of which two are mapped")
    equal(exo_unmap(0, AREA, 5), 0, "unmap nothing")
    drop(frames)


def protect_takes_write_away() -> None:
    catch_faults()
    frames = need(alloc_at(AREA, 1), "allocate")
    check(not write_fails(AREA, 7), "writing")
    equal(exo_protect(0, AREA, 2, READ), 1, "protect two pages of which one is mapped")
    check(write_fails(AREA, 8), "writing to a page that can be read")
    same(watch.err, 7, "error code: present, write, user")
    same(word_at(AREA)[0], 7, "what was there")
    equal(exo_protect(0, AREA, 1, READ | WRITE), 1, "protect")
    check(not write_fails(AREA, 9), "writing again")
    drop(frames)


def data_is_not_executed() -> None:
    if has_nx() == 0:
        skip("the CPU lacks NX")
        return
    catch_faults()
    frames = need(alloc_at(AREA, 1), "allocate")
    word_at(AREA)[0] = RETURN
    check(call_fails(AREA), "executing data faults")
    same(watch.err, 0x15, "error code: present, user, instruction")
    drop(frames)


def call_fails(address: u64) -> bool:
    """Tell whether calling an address faults there."""
    watch.action = LEAVE
    watch.count = 0
    probe_call(address, 0, 0)
    return watch.count != 0 and watch.rip == address


def code_is_executed() -> None:
    catch_faults()
    frames = need(alloc_at(AREA, 1), "allocate")
    word_at(AREA)[0] = RETURN
    equal(exo_protect(0, AREA, 1, READ | EXEC), 1, "protect")
    check(not call_fails(AREA), "executing what was written before")
    check(write_fails(AREA, 0), "and it cannot be written any more")
    drop(frames)


def the_kernel_is_out_of_reach() -> None:
    catch_faults()
    check(read_fails(KERNEL_TEXT), "reading the kernel's text")
    check(write_fails(KERNEL_TEXT, 0), "writing the kernel's text")
    check(read_fails(KERNEL_RAM), "reading all memory")
    check(write_fails(KERNEL_RAM, 0), "writing all memory")
    same(watch.trapno, 14, "that is a page fault")
    check(read_fails(0), "reading address 0")
    check(read_fails(NOT_CANONICAL), "reading what is no address")
    same(watch.trapno, 13, "that is a general protection fault")


def own_code_is_mapped_as_such() -> None:
    here = addressof(own_code_is_mapped_as_such) & ~u64(PAGE - 1)
    equal(exo_query(0, here) & 4095, READ | EXEC, "rights of code")
    data = addressof(watch) & ~u64(PAGE - 1)
    equal(exo_query(0, data) & 4095, i64(as_mapped(READ | WRITE)), "rights of data")
    constants = symbol_address("probe_start")
    check(exo_query(0, constants & ~u64(PAGE - 1)) > 0, "the probes are mapped")


def a_dropped_root_takes_its_mappings() -> None:
    catch_faults()
    frames = need(alloc_at(AREA, 2), "allocate")
    first, end = frames_of(frames)
    part = need(exo_cap_derive(frames, first + 1, end, READ | WRITE), "derive")
    equal(exo_map(0, part, AREA + 4 * PAGE, 0, 1, READ | WRITE), 0, "map by the derived one")
    drop(frames)
    equal(exo_query(0, AREA), -ENOENT, "its own mapping")
    equal(exo_query(0, AREA + 4 * PAGE), -ENOENT, "the derived one's mapping")
    check(read_fails(AREA) and read_fails(AREA + 4 * PAGE), "reading there faults")
    equal(exo_frame_next_free(first), i64(first), "the frames are free")


def exhausted() -> None:
    first: u64 = 0
    count: u64 = 512
    while count != 0:
        got = exo_frame_alloc(ANY_FRAME, count, 1, 0)
        if got == -ENOSPC:
            skip("more memory than the table of capabilities has slots for")
            break
        if got < 0:
            equal(got, -ENOMEM, "out of memory")
            count >>= 1
        else:
            # The chain of what was allocated is in the memory itself.
            equal(exo_map(0, u64(got), AREA, 0, 1, READ | WRITE), 0, "map while memory is short")
            word_at(AREA)[0] = first
            exo_unmap(0, AREA, 1)
            first = u64(got)
    if count == 0:
        equal(exo_info(INFO_FRAMES_FREE, 0), 0, "free frames")
        equal(exo_env_create(0), -ENOMEM, "an environment without memory")
        equal(exo_map(0, first, 0x5000_0000_0000, 0, 1, READ), -ENOMEM, "a page table without memory")
    while first != 0:
        equal(exo_map(0, first, AREA, 0, 1, READ), 0, "map again")
        next_one = word_at(AREA)[0]
        drop(first)
        first = next_one


def run() -> None:
    """Run these tests."""
    test("memory.zero", frames_are_zero)
    test("memory.by_number", frames_by_number)
    test("memory.taken_run", frames_in_a_taken_run)
    test("memory.aligned", frames_aligned)
    test("memory.low", frames_low)
    test("memory.limits", frames_limits)
    test("memory.free_list", free_list_is_visible)
    test("memory.two_mappings", two_mappings_of_one_frame)
    test("memory.map_exists", map_where_something_is)
    test("memory.write_exec", map_writable_and_executable)
    test("memory.map_range", map_beyond_the_capability)
    test("memory.map_rights", map_beyond_the_rights)
    test("memory.map_hostile", map_hostile_addresses)
    test("memory.unmap", unmap_counts)
    test("memory.protect", protect_takes_write_away)
    test("memory.no_execute", data_is_not_executed)
    test("memory.execute", code_is_executed)
    test("memory.kernel", the_kernel_is_out_of_reach)
    test("memory.own_code", own_code_is_mapped_as_such)
    test("memory.drop_unmaps", a_dropped_root_takes_its_mappings)
    test("memory.exhausted", exhausted)
