"""CPU time: each CPU has a vector of 64 slices, and an environment runs in those that are bound to it.

A slice lasts one tick of the CPU's timer, which ends it by an upcall if the environment wants to save its own state,
and takes the CPU away at the next tick at the latest. A slice whose owner waits for an answer goes to whom it waits
for: time is donated along the chain, so that a server needs none of its own. Slices of nobody, or of somebody who does
not want to run, cost nothing: the CPU goes on to the next one.
"""

from typing import Final, NoReturn

from exotool.lang import (
    Array,
    Struct,
    addressof,
    array,
    count_trailing_zeros,
    export,
    extern,
    hot,
    rotate_left,
    u32,
    u64,
)
from kernel.biglock import big_lock
from kernel.cpu import idle, interrupts_off, mycpu
from kernel.env import CALLING, KILLED, NO_CPU, NO_ENV, READY, RUNNING, SLEEPING, STOPPED, WAITING, Env, envs, myproc
from kernel.layout import CPUS, ENVS
from kernel.ports import ports_hide, ports_show
from kernel.smp import kick_cpu
from kernel.vm import kernel_pml4_pa

SLICES: Final = 64  # of each CPU
CHAIN: Final = 8  # environments that wait for each other in a row

SLICE_END: Final = 3  # the upcall


class Slices(Struct):
    """The vector of a CPU. Bit n of `owned`: slice n has an owner."""

    owned: u64
    position: u32
    owner: Array[u32] = array(SLICES)
    by: Array[u32] = array(SLICES)  # the capability that bound it


vectors: Array[Slices] = array(CPUS)
idle_cpus: u32 = 0  # bit n: CPU n sleeps until an interrupt


@extern
def swtch(old: u64, new: u64) -> None:
    """Save the context on this stack, its address at `old`, and go on with another."""


@extern
def set_kstack(top: u64) -> None:
    """Enter the kernel on this stack from now on."""


@extern
def write_cr3(cr3: u64) -> None:
    """Change the address space."""


@extern
def read_cr3() -> u64:
    """Return the address space."""
    return 0


def slice_bind(cpu: u32, number: u32, env: u32, by: u32) -> None:
    """Give a slice to an environment, or with NO_ENV to nobody."""
    vector = vectors[cpu]
    vector.owner[number] = env
    vector.by[number] = by
    if env == NO_ENV:
        vector.owned &= ~(u64(1) << number)
    else:
        vector.owned |= u64(1) << number
        kick(envs[env])


def slice_free_for(i: u64, by: u32) -> bool:
    """Tell whether a slice is nobody's, or bound by this capability."""
    vector = vectors[i >> 6]
    return (vector.owned >> (i & 63)) & 1 == 0 or vector.by[i & 63] == by


def slices_forget(env: u32) -> None:
    """Take all slices of an environment away."""
    for cpu in range(CPUS):
        rest = vectors[cpu].owned
        while rest != 0:
            number = count_trailing_zeros(rest)
            rest &= rest - 1
            if vectors[cpu].owner[number] == env:
                slice_bind(u32(cpu), u32(number), NO_ENV, 0)


def slices_unbind(first: u64, end: u64, by: u32) -> None:
    """Take the slices back that a capability for [first, end) has bound."""
    for i in range(first, end):
        vector = vectors[i >> 6]
        if (vector.owned >> (i & 63)) & 1 != 0 and vector.by[i & 63] == by:
            slice_bind(u32(i >> 6), u32(i & 63), NO_ENV, 0)


@hot
def runner(owner: Env) -> Env | None:
    """Return who is to run in a slice of `owner`: itself, or whom it waits for; None if that one cannot run."""
    env = owner
    for _ in range(CHAIN):
        if env.state == READY:
            return env
        if env.donee == NO_ENV or (env.state != CALLING and env.state != WAITING):
            return None
        env = envs[env.donee]
    return None


@hot
def pick(vector: Slices) -> Env | None:
    """Return who runs next on a CPU, by the first slice behind the present one that can be used."""
    start = (vector.position + 1) & (SLICES - 1)
    rest = rotate_left(vector.owned, (SLICES - start) & (SLICES - 1))
    while rest != 0:
        number = (u32(count_trailing_zeros(rest)) + start) & (SLICES - 1)
        rest &= rest - 1
        env = runner(envs[vector.owner[number]])
        if env is not None:
            vector.position = number
            return env
    return None


def kick(env: Env) -> None:
    """Wake the CPUs that have nothing to do: one of them may have a slice for an environment that can run now."""
    rest = idle_cpus
    while rest != 0:
        cpu = u32(count_trailing_zeros(rest))
        rest &= rest - 1
        if vectors[cpu].owned != 0:
            kick_cpu(cpu)


def kick_env(env: Env) -> None:
    """Make an environment enter the kernel soon that runs on another CPU."""
    if env.cpu != NO_CPU and env.cpu != mycpu().index:
        kick_cpu(env.cpu)


def make_ready(env: Env) -> None:
    """Let an environment run that has a context, unless it is held stopped."""
    if env.stops != 0:
        env.state = STOPPED
    else:
        env.state = READY
        kick(env)


@hot
def activate(env: Env) -> None:
    """Make an environment the one that this CPU runs: its stack, its address space."""
    cpu = mycpu()
    env.state = RUNNING
    env.cpu = cpu.index
    cpu.env = addressof(env)
    set_kstack(env.kstack_top)
    if env.port_count != 0:
        ports_show(env)
    if read_cr3() != env.cr3:
        write_cr3(env.cr3)


@hot
def unload(env: Env) -> None:
    """Note that an environment's registers are not this CPU's any more."""
    if env.port_count != 0:
        ports_hide(env)
    env.cpu = NO_CPU


@hot
def sched() -> None:
    """Leave the CPU to others. The caller has changed its environment's state; it goes on when that is READY again."""
    env = myproc()
    swtch(addressof(env) + 16, mycpu().scheduler)


@hot
def switch_to(env: Env) -> None:
    """Hand the CPU over to another environment directly. The caller has changed the state of its own."""
    me = myproc()
    unload(me)
    activate(env)
    swtch(addressof(me) + 16, env.context)


def yield_cpu() -> None:
    """Let the next one run, and go on later."""
    make_ready(myproc())
    sched()


def ksleep(channel: u64) -> None:
    """Wait in the kernel until somebody calls wakeup with the same channel, an address."""
    env = myproc()
    env.channel = channel
    env.state = SLEEPING
    sched()
    env.channel = 0


def wakeup(channel: u64) -> None:
    """Let all go on that sleep on a channel."""
    for i in range(ENVS):
        env = envs[i]
        if env.state == SLEEPING and env.channel == channel:
            make_ready(env)


@export
def scheduler() -> NoReturn:
    """Run environments, for ever, on the stack that this CPU was started on."""
    global idle_cpus
    cpu = mycpu()
    vector = vectors[cpu.index]
    big_lock.acquire()
    while True:
        env = pick(vector)
        if env is not None:
            activate(env)
            swtch(addressof(cpu) + 48, env.context)
            left(Env.at(cpu.env))
        else:
            if read_cr3() != kernel_pml4_pa():
                write_cr3(kernel_pml4_pa())  # the one loaded may be freed while this CPU sleeps
            idle_cpus |= u32(1) << cpu.index
            big_lock.release()
            idle()
            interrupts_off()
            big_lock.acquire()
            idle_cpus &= ~(u32(1) << cpu.index)


def left(env: Env) -> None:
    """Do what is left to do when an environment has given the CPU back."""
    mycpu().env = 0
    unload(env)
    if env.attention & KILLED != 0:
        write_cr3(kernel_pml4_pa())
        bury(env)
        reap_dead()


@extern("env_bury")
def bury(env: Env) -> None:
    """Put a killed environment among those to take apart: kernel/life.py, which stands above this module."""


@extern
def reap_dead() -> None:
    """Take them apart."""
