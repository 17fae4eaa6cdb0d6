"""The address spaces of environments: what ring 3 has mapped, and by which capability.

A page is mapped by a capability of the environment that sees it; the capability counts its pages, and its end takes all
of them away. Tables are the kernel's frames, charged to the zone, and stay until the environment ends.

A page that was mapped may be in the TLB of every CPU that runs the environment. `flush` sees to it, once for each
operation, before the big lock is given back: until then nobody can be given a frame that somebody still reaches.
"""

from exotool.lang import Ptr, i64, symbol_address, u32, u64
from kernel import zone
from kernel.captypes import Capability
from kernel.cpu import mycpu
from kernel.env import NO_CPU, Env
from kernel.errno import EACCES, EEXIST, EINVAL, ENOMEM
from kernel.kalloc import NONE, kalloc, kfree
from kernel.layout import PAGE_SIZE
from kernel.paging import (
    ENTRIES,
    USER_ENTRIES,
    P,
    U,
    W,
    clear_page,
    find,
    leaf,
    leaf_frame,
    leaf_slot,
    missing_table,
    no_execute,
    rights_allowed,
    table_of,
    user_range,
)
from kernel.smp import tlb_shootdown
from kernel.vm import invlpg

stale_elsewhere: u32 = 0


def charge_frame(env: Env) -> u64:
    """Take a frame for a table of an environment, at the cost of its zone; NONE if there is none or none left to it."""
    if not zone.charge(env.zone, 1):
        return NONE
    frame = kalloc()
    if frame == NONE:
        zone.credit(env.zone, 1)
        return NONE
    env.tables += 1
    return frame


def refund_frame(env: Env, frame: u64) -> None:
    """Give such a frame back."""
    kfree(frame)
    zone.credit(env.zone, 1)
    env.tables -= 1


def make_tables(env: Env, va: u64) -> bool:
    """Make the tables on the way to a page; False, with some of them made, if memory or quota is exhausted."""
    hole = missing_table(env.cr3, va)
    while u64(hole) != 0:
        frame = charge_frame(env)
        if frame == NONE:
            return False
        clear_page(frame << 12)
        hole[0] = frame << 12 | P | W | U
        hole = missing_table(env.cr3, va)
    return True


def map_pages(env: Env, capability: Capability, slot: u64, va: u64, frame: u64, count: u64, rights: u64) -> i64:
    """Map `count` frames from `frame` on at `va`. The frames are in the capability's range, `rights` in its rights.

    Returns 0, or a negative errno and nothing mapped: -EACCES for rights that no page may have, -EINVAL for a range
    that is not ring 3's, -EEXIST if a page of it is mapped, -ENOMEM.
    """
    if not rights_allowed(rights):
        return -EACCES
    if not user_range(va, count):
        return -EINVAL
    for i in range(count):
        at = va + i * PAGE_SIZE
        if not make_tables(env, at):
            unmap_first(env, capability, va, i)
            return -ENOMEM
        entry = find(env.cr3, at)
        if entry[0] & P != 0:
            unmap_first(env, capability, va, i)
            return -EEXIST
        entry[0] = leaf(frame + i, rights, slot, no_execute())
        capability.bindings += 1
    return 0


def unmap_first(env: Env, capability: Capability, va: u64, count: u64) -> None:
    """Undo the first pages of a mapping that failed."""
    for i in range(count):
        forget(env, find(env.cr3, va + i * PAGE_SIZE), va + i * PAGE_SIZE)
        capability.bindings -= 1


def forget(env: Env, entry: Ptr[u64], va: u64) -> None:
    """Take an entry away, and note whose TLB may have it."""
    entry[0] = 0
    changed(env, va)


def changed(env: Env, va: u64) -> None:
    """Note that an entry gives less than it did."""
    global stale_elsewhere
    if env.cpu == NO_CPU:
        return  # its CR3 is loaded before it runs again
    if env.cpu == mycpu().index:
        invlpg(va)
    else:
        stale_elsewhere = 1
        Ptr[u32](symbol_address("kernel_work"))[0] = 1


def flush() -> None:
    """Make sure that no TLB has what this operation took away. Call it before the big lock is given back."""
    global stale_elsewhere
    if stale_elsewhere != 0:
        stale_elsewhere = 0
        tlb_shootdown()


def unmap_slot(env: Env, slot: u64, count: u64) -> None:
    """Take away all pages that a capability has mapped; `count` is their number."""
    left = count
    top = Ptr[u64](u64(table_of(env.cr3)))
    for a in range(USER_ENTRIES):
        if top[a] & P == 0:
            continue
        second = table_of(top[a])
        for b in range(ENTRIES):
            if second[b] & P == 0:
                continue
            third = table_of(second[b])
            for c in range(ENTRIES):
                if third[c] & P == 0:
                    continue
                last = table_of(third[c])
                for d in range(ENTRIES):
                    if last[d] & P != 0 and leaf_slot(last[d]) == slot:
                        forget(env, last + d, u64(a) << 39 | u64(b) << 30 | u64(c) << 21 | u64(d) << 12)
                        left -= 1
                        if left == 0:
                            return


def free_tables(env: Env) -> None:
    """Give the tables of an address space back that nothing is mapped in and no CPU has loaded."""
    top = table_of(env.cr3)
    for a in range(USER_ENTRIES):
        if top[a] & P == 0:
            continue
        second = table_of(top[a])
        for b in range(ENTRIES):
            if second[b] & P == 0:
                continue
            third = table_of(second[b])
            for c in range(ENTRIES):
                if third[c] & P != 0:
                    refund_frame(env, leaf_frame(third[c]))
            refund_frame(env, leaf_frame(second[b]))
        refund_frame(env, leaf_frame(top[a]))
    refund_frame(env, env.cr3 >> 12)
