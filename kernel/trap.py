"""Traps from ring 3, and interrupts: what kernel_asm/dispatch.S calls.

An interrupt comes from ring 3 or from a CPU that sleeps in the scheduler; nowhere else is RFLAGS.IF set. So its handler
may take the big lock: this CPU does not hold it.
"""

from typing import Final

from exotool.lang import addressof, export, extern, u8, u32, u64
from kernel.apic import eoi
from kernel.biglock import big_lock
from kernel.cpu import mycpu
from kernel.device import IRQS, irq_arrived
from kernel.env import Env, myproc
from kernel.life import kill, leave_kernel
from kernel.sched import yield_cpu
from kernel.trapframe import T_PGFLT, TrapFrame
from kernel.upcall import EXCEPTION, PAGE_FAULT, SLICE_END, deliver, wanted

T_TIMER: Final = 0x30
T_IRQ: Final = 0x40
T_KICK: Final = 0xF0

STATUS_FAULT: Final = 0x2_0000_0000


@extern
def set_trap_handler(vector: u8, handler: u64) -> None:
    """Have a function of a trap frame called for a vector."""


@extern
def panic_trap(frame: TrapFrame) -> None:
    """Print a trap that nobody handles, and end the machine."""


@export
def user_trap(frame: TrapFrame, address: u64, running: u64) -> None:
    """Hand an exception to the environment that made it; without a handler for it, that one is killed.

    `address` is CR2, `running` the address of the environment. kernel_asm/dispatch.S has taken the big lock.
    """
    if running == 0:
        panic_trap(frame)
    env = Env.at(running)
    page_fault = frame.trapno == T_PGFLT
    if not deliver(env, frame, PAGE_FAULT if page_fault else EXCEPTION, address if page_fault else 0):
        kill(env, STATUS_FAULT + frame.trapno)


def from_user(frame: TrapFrame) -> bool:
    """Tell whether a trap came from ring 3."""
    return frame.cs & 3 != 0


@export
def on_timer(frame: TrapFrame) -> None:
    """End a slice: first by an upcall, if that is wanted; the tick after that takes the CPU away all the same."""
    eoi()
    cpu = mycpu()
    cpu.ticks += 1
    if not from_user(frame):
        return
    with big_lock:
        env = myproc()
        if env.in_grace == 0 and wanted(env, SLICE_END) and env.upcall_depth == 0:
            env.in_grace = 1
            if not deliver(env, frame, SLICE_END, 0):
                yield_cpu()
        else:
            env.in_grace = 0
            yield_cpu()
        leave_kernel(frame)


@export
def on_kick(frame: TrapFrame) -> None:
    """Another CPU has changed something for this one: its environment's life, or there is one to run."""
    eoi()
    if from_user(frame):
        with big_lock:
            leave_kernel(frame)


@export
def on_irq(frame: TrapFrame) -> None:
    """Tell an interrupt to the environment that has bound it."""
    with big_lock:
        irq_arrived(u32(frame.trapno) - T_IRQ)
        eoi()
        if from_user(frame):
            leave_kernel(frame)


def trap_init() -> None:
    """Take over the vectors of interrupts."""
    set_trap_handler(T_TIMER, addressof(on_timer))
    set_trap_handler(T_KICK, addressof(on_kick))
    for irq in range(IRQS):
        set_trap_handler(u8(T_IRQ + irq), addressof(on_irq))
