"""System calls: frames and pages. docs/syscalls.md."""

from typing import Final

from exotool.lang import i64, u32, u64
from kernel import caps, zone
from kernel.captypes import ALL_RIGHTS, FRAMES, Capability
from kernel.env import ZOMBIE, Env, fill
from kernel.errno import EACCES, EBUSY, EINVAL, ENOENT, ENOMEM, ENOSPC, ERANGE, ESRCH
from kernel.kalloc import FRAMES as FRAMES_END
from kernel.kalloc import LOW_FRAMES, NONE, frames, kalloc_run, kalloc_run_at, kfree_run
from kernel.layout import PAGE_SIZE
from kernel.paging import leaf_frame, leaf_rights, leaf_slot, no_execute, phys, rights_allowed, with_rights
from kernel.space import changed, flush, forget, map_pages
from kernel.vm import user_entry

ANY: Final = u64(0xFFFF_FFFF_FFFF_FFFF)
FRAME_LOW32: Final = 1


def sys_frame_alloc(me: Env, first: u64, count: u64, align: u64, flags: u64) -> i64:
    """Take frames, these or any, for a capability of their own."""
    if align & (align - 1) != 0:
        return -EINVAL
    if caps.table_free(me.index) == 0:
        return -ENOSPC
    if not zone.charge(me.zone, count):
        return -ENOMEM
    got = first
    problem: i64 = 0
    if first != ANY:
        if not kalloc_run_at(first, count):
            problem = -EBUSY
    else:
        got = kalloc_run(count, align, LOW_FRAMES if flags & FRAME_LOW32 != 0 else FRAMES_END)
        if got == NONE:
            problem = -ENOMEM
    if problem != 0:
        zone.credit(me.zone, count)
        return problem
    fill(phys(got << 12), 0, count * PAGE_SIZE)  # nobody sees what was there before
    ident = caps.cap_new(me.index, FRAMES, ALL_RIGHTS, got, got + count, me.zone)
    if ident < 0:
        kfree_run(got, count)
        zone.credit(me.zone, count)
    return ident


def sys_frame_next_free(me: Env, start: u64) -> i64:
    """Tell the lowest free frame from a number on."""
    found = frames.next_free(start)
    return -ENOENT if found == NONE else i64(found)


def is_dead(env: Env) -> bool:
    """Tell whether an environment has no page table any more: only its status is left to be asked for."""
    return env.state == ZOMBIE


def sys_map(
    me: Env, env: Env, frames: Capability, frames_slot: u32, va: u64, page: u64, count: u64, rights: u64
) -> i64:
    """Map frames of a capability."""
    if is_dead(env):
        return -ESRCH
    size = frames.limit - frames.base
    if page >= size or count > size - page:
        return -ERANGE
    problem = map_pages(env, frames, frames_slot, va, frames.base + page, count, rights)
    flush()
    return problem


def sys_unmap(me: Env, env: Env, va: u64, count: u64) -> i64:
    """Unmap what is mapped in a range."""
    if is_dead(env):
        return -ESRCH
    done: i64 = 0
    for i in range(count):
        at = va + i * PAGE_SIZE
        entry = user_entry(env.cr3, at)
        if u64(entry) != 0:
            caps.cap_at(env.index, u32(leaf_slot(entry[0]))).bindings -= 1
            forget(env, entry, at)
            done += 1
    flush()
    return done


def sys_protect(me: Env, env: Env, va: u64, count: u64, rights: u64) -> i64:
    """Change the rights of what is mapped in a range, all or nothing."""
    if is_dead(env):
        return -ESRCH
    if not rights_allowed(rights):
        return -EACCES
    for i in range(count):
        entry = user_entry(env.cr3, va + i * PAGE_SIZE)
        if u64(entry) != 0 and rights & ~u64(caps.cap_at(env.index, u32(leaf_slot(entry[0]))).rights) != 0:
            return -EACCES
    done: i64 = 0
    for i in range(count):
        at = va + i * PAGE_SIZE
        entry = user_entry(env.cr3, at)
        if u64(entry) != 0:
            entry[0] = with_rights(entry[0], rights, no_execute())
            changed(env, at)
            done += 1
    flush()
    return done


def sys_query(me: Env, env: Env, va: u64) -> i64:
    """Tell what is mapped at a page."""
    if is_dead(env):
        return -ESRCH
    entry = user_entry(env.cr3, va)
    if u64(entry) == 0:
        return -ENOENT
    return i64(leaf_frame(entry[0]) << 12 | leaf_rights(entry[0], no_execute()))
