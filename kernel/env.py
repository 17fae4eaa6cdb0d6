"""Environments: what the kernel knows of a program: an address space, a table of capabilities, places to enter.

Only the head of Env is known to assembly (kernel_asm/env.h). The state machine is in docs/kernel.md.
"""

from typing import Final

from exotool.lang import Array, Struct, addressof, array, extern, hot, inline, offsetof, sizeof, u32, u64
from kernel.captypes import ENV
from kernel.layout import ENVS
from kernel.objects import is_worn_out
from kernel.trapframe import FL_FIXED, FL_IF, T_SYSCALL, USER_CS, USER_SS, TrapFrame

FREE: Final = 0
NEW: Final = 1  # made, not started
READY: Final = 2
RUNNING: Final = 3
WAITING: Final = 4  # for a control transfer, a door call or a notification; no registers are kept
CALLING: Final = 5  # in a door: `donee` serves it, or it stands in the server's queue
SLEEPING: Final = 6  # in the kernel, for a channel
STOPPED: Final = 7
ZOMBIE: Final = 8  # dead; only the status is left

KILLED: Final = 1  # bits of `attention`; that of an upcall is 1 << its type
STOP: Final = 2  # it runs on another CPU and is to stop at its next entry
UPCALLS: Final = 0xFC

INIT: Final = 0  # the first environment
NO_ENV: Final = 0xFFFF_FFFF
NO_CPU: Final = 0xFFFF_FFFF
NO_DOOR: Final = 0xFFFF_FFFF

PORT_RANGES: Final = 8


class Env(Struct, align=64):
    """An environment. `epoch` counts the lives of the slot."""

    # Known to assembly, down to port_count.
    kstack_top: u64
    cr3: u64
    context: u64
    state: u32
    index: u32
    epoch: u32
    cpu: u32  # where its registers are loaded, or NO_CPU
    pct_entry: u64
    pct_stack: u64
    donee: u32  # who runs on this one's slices while it waits for an answer
    caller: u32  # whose door call it serves
    restarts: u32  # it goes on at its entry: its registers are not kept
    serving: u32  # it was entered by a door call
    attention: u32  # KILLED, STOP, and one bit for each upcall that waits: what to see to before it executes again
    stops: u32  # how many hold it stopped: its own stop, and a lock of its zone
    queue_head: u32  # callers that found it busy, oldest first
    queue_tail: u32
    queue_next: u32
    door: u32  # the door that this one called
    notified: u64  # bits that have come and were not taken
    zone: u32
    port_count: u32
    # Upcalls.
    upcall_entry: u64
    upcall_stack: u64
    upcall_mask: u32
    upcall_limit: u32
    upcall_depth: u32
    in_grace: u32  # its slice is over, and it was told so
    # Life.
    owned: u32  # somebody holds the first capability for it, and can ask for its status
    serves: u32  # the door by which it was called, while it is `serving`
    status: u64
    channel: u64
    tables: u64  # frames that the kernel holds for it
    # What was taken from it by force.
    taken_count: u64
    taken_type: u64
    taken_base: u64
    taken_limit: u64
    # What it has bound.
    ports: Array[u32] = array(PORT_RANGES)  # first << 16 | last
    port_slots: Array[u32] = array(PORT_RANGES)  # by which capability; 0: unused

    def frame(self) -> TrapFrame:
        """Return the registers of ring 3, as its last entry has left them."""
        return TrapFrame.at(self.kstack_top - sizeof(TrapFrame))


assert offsetof(Env, "state") == 24
assert offsetof(Env, "pct_stack") == 48
assert offsetof(Env, "attention") == 72
assert offsetof(Env, "queue_head") == 80
assert offsetof(Env, "notified") == 96
assert offsetof(Env, "port_count") == 108
assert offsetof(Env, "upcall_depth") == 136
assert offsetof(Env, "serves") == 148
assert sizeof(Env) == 320


class Context(Struct):
    """What swtch saves: kernel_asm/swtch.S."""

    r15: u64
    r14: u64
    r13: u64
    r12: u64
    rbx: u64
    rbp: u64
    rip: u64


envs: Array[Env] = array(ENVS)
env_count: u32 = 0  # slots that are not free


@extern
def current_env() -> u64:
    """Return the address of the environment that runs on this CPU."""
    return 0


@extern
def env_first_return() -> None:
    """Where a new context goes: give the big lock back and return to ring 3 by the frame above."""


@inline
def myproc() -> Env:
    """Return the environment that entered the kernel on this CPU."""
    return Env.at(current_env())


@inline
def env_at(index: u32) -> Env:
    """Return an environment by its number."""
    return envs[index]


def env_take() -> Env | None:
    """Return a free slot, or None."""
    global env_count
    for i in range(ENVS):
        env = envs[i]
        if env.state == FREE and not is_worn_out(ENV, u64(i)):
            env_count += 1
            env.index = u32(i)
            env.state = NEW
            return env
    return None


def env_clear(env: Env) -> None:
    """Make a slot as if it had never been used, but for its epoch."""
    env.cpu = NO_CPU
    env.donee = NO_ENV
    env.caller = NO_ENV
    env.queue_head = NO_ENV
    env.queue_tail = NO_ENV
    env.queue_next = NO_ENV
    env.door = NO_DOOR
    env.serving = 0
    env.restarts = 0
    env.pct_entry = 0
    env.pct_stack = 0
    env.upcall_entry = 0
    env.upcall_depth = 0
    env.upcall_mask = 0
    env.notified = 0
    env.attention = 0
    env.stops = 0
    env.owned = 0
    env.status = 0
    env.channel = 0
    env.in_grace = 0
    env.tables = 0
    env.port_count = 0
    env.taken_count = 0
    for i in range(PORT_RANGES):
        env.port_slots[i] = 0


def env_give(env: Env) -> None:
    """Make a slot free."""
    global env_count
    env.state = FREE
    env_count -= 1


@hot
def enter_at(env: Env, rip: u64, rsp: u64, rdi: u64) -> None:
    """Let an environment that has no registers begin at an address of ring 3, all other registers 0."""
    env.upcall_depth = 0
    frame = env.frame()
    clear_frame(frame)
    frame.rip = rip
    frame.rsp = rsp
    frame.rdi = rdi
    frame.trapno = T_SYSCALL  # by SYSRET: nobody minds what it does to RCX and R11
    frame.cs = USER_CS
    frame.ss = USER_SS
    frame.rflags = FL_FIXED | FL_IF
    if addressof(env) != current_env():  # whose kernel stack is in use, and who returns there by itself
        fresh_context(env)


@hot
def clear_frame(frame: TrapFrame) -> None:
    """Set all registers to 0."""
    fill(addressof(frame), 0, sizeof(TrapFrame))


@extern("memset")
def fill(to: u64, value: u32, size: u64) -> u64:
    """Fill memory with a byte."""
    return to


@hot
def fresh_context(env: Env) -> None:
    """Make the kernel stack such that a switch to it returns to ring 3 at once."""
    context = Context.at(env.kstack_top - sizeof(TrapFrame) - sizeof(Context))
    context.rbp = 0
    context.rip = addressof(env_first_return)
    env.context = addressof(context)
