"""The life of an environment: made, stopped and let go, killed, taken apart."""

from typing import Final, NoReturn

from exotool.lang import Array, Ptr, addressof, array, export, extern, i64, symbol_address, u32, u64
from kernel import caps, space, zone
from kernel.abi.numbers import STATUS_KILLED
from kernel.captypes import ENV as CAP_ENV
from kernel.door import forget_env, next_caller, notify_waiting, serve
from kernel.env import (
    FREE,
    INIT,
    KILLED,
    NO_CPU,
    NO_ENV,
    READY,
    RUNNING,
    STOP,
    STOPPED,
    WAITING,
    ZOMBIE,
    Env,
    env_clear,
    env_give,
    env_take,
    envs,
    myproc,
)
from kernel.errno import EINVAL, ENFILE, ENOMEM
from kernel.kalloc import NONE, kfree
from kernel.layout import ENVS, KSTACK_SIZE, PAGE_SIZE, PHYSBASE
from kernel.objects import env_died, env_moved, epoch_of
from kernel.paging import phys
from kernel.sched import kick_env, make_ready, sched, slices_forget, wakeup
from kernel.smp import tlb_shootdown_global
from kernel.trapframe import TrapFrame
from kernel.upcall import deliver_pending
from kernel.vm import kstack_map, kstack_top, kstack_unmap_page, user_table_new

STACK_FRAMES: Final = KSTACK_SIZE >> 12
TABLES: Final = 3  # of an environment without pages: its page table, the directory of its capabilities, and 64 of them
TEARDOWN: Final = 1 << 20

dead: u32 = NO_ENV  # a list by queue_next
stack_frames: Array[u64] = array(STACK_FRAMES)  # while a stack is taken apart


def env_new(zone_index: u32) -> i64:
    """Make an environment without memory or rights, at the cost of a zone. Returns its number, -ENFILE or -ENOMEM."""
    env = env_take()
    if env is None:
        return -ENFILE
    env_clear(env)
    env.zone = zone_index
    env_moved(env.index, zone_index)
    env.kstack_top = kstack_top(env.index)
    if not build(env):
        env_give(env)
        return -ENOMEM
    env.stops = 1 if zone.is_locked(zone_index) else 0
    return i64(env.index)


def build(env: Env) -> bool:
    """Give an environment its kernel stack, page table and capability table; all or, with False, nothing."""
    if not zone.charge(env.zone, STACK_FRAMES):
        return False
    if not kstack_map(env.index):
        zone.credit(env.zone, STACK_FRAMES)
        return False
    top = space.charge_frame(env)
    directory = space.charge_frame(env) if top != NONE else NONE
    first = space.charge_frame(env) if directory != NONE else NONE
    if first == NONE:
        if directory != NONE:
            space.refund_frame(env, directory)
        if top != NONE:
            space.refund_frame(env, top)
        free_kstack(env)
        return False
    env.cr3 = user_table_new(top)
    caps.table_create(env.index, phys(directory << 12), phys(first << 12))
    return True


def free_kstack(env: Env) -> None:
    """Give a kernel stack back that nobody runs on."""
    low = env.kstack_top - KSTACK_SIZE
    for i in range(STACK_FRAMES):
        frame = kstack_unmap_page(low + u64(i) * PAGE_SIZE)
        stack_frames[i] = frame
    tlb_shootdown_global()
    for i in range(STACK_FRAMES):
        kfree(stack_frames[i])
    zone.credit(env.zone, STACK_FRAMES)


def env_stop(env: Env) -> None:
    """Hold an environment until env_resume. On another CPU it stops when that CPU has heard of it."""
    env.stops += 1
    if env.state == READY:
        env.state = STOPPED
    elif env.state == RUNNING:
        env.attention |= STOP
        kick_env(env)


def env_resume(env: Env) -> i64:
    """Take one stop back; the last one lets the environment go on. -EINVAL if it is not stopped."""
    if env.stops == 0:
        return -EINVAL
    env.stops -= 1
    if env.stops != 0:
        return 0
    env.attention &= ~u32(STOP)
    if env.state == STOPPED:
        make_ready(env)
    elif env.state == WAITING:
        following = next_caller(env)
        if following is not None:
            serve(env, following, following.frame())
            make_ready(env)
        elif env.notified != 0:
            notify_waiting(env)
    return 0


def kill(env: Env, status: u64) -> None:
    """End an environment. It executes nothing more, but for one on another CPU until that has heard of it.

    What it had is taken apart by `reap_dead`, not here: the end of one may be the end of others, without a bound on how
    many in a row.
    """
    if env.attention & KILLED != 0 or env.state == ZOMBIE:
        return
    env.attention |= KILLED
    env.status = status
    if env.cpu == NO_CPU:
        bury(env)
    else:
        kick_env(env)


@export("env_bury")
def bury(env: Env) -> None:
    """Put a killed environment that no CPU has loaded among those to take apart."""
    global dead
    forget_env(env)
    env.state = STOPPED
    env.queue_next = dead
    dead = env.index
    Ptr[u32](symbol_address("kernel_work"))[0] = 1


@export
def reap_dead() -> None:
    """Take apart all that was killed. The caller runs on the kernel stack of none of them."""
    global dead
    while dead != NO_ENV:
        env = envs[dead]
        dead = env.queue_next
        env.queue_next = NO_ENV
        reap(env)


@extern("init_ended")
def init_ended(status: u64) -> NoReturn:
    """End the run: the first environment is dead (kernel/kmain.py)."""
    raise SystemExit(status)


def reap(env: Env) -> None:
    """Take a killed environment apart that no CPU has loaded. What is left is its status."""
    if env.index == INIT:
        init_ended(env.status)
    slices_forget(env.index)
    while not caps.table_empty(env.index, TEARDOWN):
        pass
    space.flush()
    free_table(env)
    space.free_tables(env)
    free_kstack(env)
    env.state = ZOMBIE
    wakeup(addressof(env))
    if env.owned == 0:
        env_retire(env)


def free_table(env: Env) -> None:
    """Give the frames of an empty capability table back."""
    for i in range(caps.table_frames(env.index)):
        space.refund_frame(env, (caps.table_frame(env.index, i) - PHYSBASE) >> 12)
    space.refund_frame(env, (caps.tables[env.index].directory - PHYSBASE) >> 12)
    caps.table_forget(env.index)


def env_retire(env: Env) -> None:
    """Forget a dead environment: its slot may be another's, and every capability for it is out of date."""
    env_died(env.index)
    env.epoch = epoch_of(CAP_ENV, env.index)
    env_give(env)


def end_zone_members(zone_index: u32) -> None:
    """Kill all environments of a zone."""
    for i in range(ENVS):
        env = envs[i]
        if env.state == FREE or env.zone != zone_index:
            continue
        env.owned = 0
        if env.state == ZOMBIE:
            env_retire(env)
        else:
            kill(env, STATUS_KILLED)


@export
def leave_kernel(frame: TrapFrame) -> None:
    """Do what comes before the current environment executes again: it may be dead, stopped, or due an upcall."""
    env = myproc()
    Ptr[u32](symbol_address("kernel_work"))[0] = 0
    reap_dead()
    space.flush()
    while env.attention & (KILLED | STOP) != 0:
        if env.attention & KILLED == 0:
            env.attention &= ~u32(STOP)
            env.state = STOPPED
        sched()
    if env.attention != 0:
        deliver_pending(frame)
