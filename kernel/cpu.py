"""What only machine code can do: the routines of kernel_asm/ that the rest of the kernel calls.

A body here is what the routine does on the simulated machine, where tests run the kernel under CPython.
"""

from typing import Final, NoReturn

from exotool.lang import (
    Array,
    Atomic,
    Struct,
    array,
    extern,
    inline,
    offsetof,
    sizeof,
    symbol_address,
    u8,
    u16,
    u32,
    u64,
)
from kernel.layout import CPUS

FLUSH: Final = 1  # bits of `request`: forget all pages of ring 3
FLUSH_ALL: Final = 2  # forget all pages
ANSWER: Final = 4  # a sum of its control registers
PANIC: Final = 8  # what exov6.fault=panic does, on that CPU
OVERFLOW: Final = 16  # what exov6.fault=stack-overflow does


class Cpu(Struct, align=64):
    """What a CPU has of its own; GS_BASE points to it in ring 0. kernel_asm/trap.h has the offsets."""

    self_: u64
    kstack: u64  # end of the kernel stack of what runs here, as in the TSS
    user_rsp: u64
    tss: u64
    env: u64  # address of the environment that runs here; 0: none
    index: u32
    apic_id: u32
    scheduler: u64  # saved context of the loop that looks for work
    ticks: u64
    spins: u32  # spin locks that it holds
    online: Atomic[u32]  # it is up and answers requests
    request: Atomic[u32]  # what others ask of it
    done: Atomic[u32]  # how often it has answered
    claimed: Atomic[u32]  # 1: the boot CPU waits for it to start; 2: it has started, or nobody waits any more
    stopped: Atomic[u32]  # it has stopped, because another one panicked
    stop_rip: u64  # where, and its frame pointer then
    stop_rbp: u64
    registers: u64  # a sum of its control registers, for the check of all CPUs
    number: u32  # index + 1: what this CPU writes into a lock that it takes
    reserved: Array[u32] = array(35)


assert offsetof(Cpu, "env") == 32
assert offsetof(Cpu, "online") == 68
assert offsetof(Cpu, "claimed") == 80
assert offsetof(Cpu, "stop_rip") == 88
assert offsetof(Cpu, "number") == 112
assert sizeof(Cpu) == 256


@extern
def current_cpu() -> u64:
    """Return the address of this CPU's Cpu."""
    return symbol_address("cpus")


@inline
def mycpu() -> Cpu:
    """Return this CPU; it stays this one as long as interrupts are off."""
    return Cpu.at(current_cpu())


def cpu_at(index: u32) -> Cpu:
    """Return a CPU by its number; 0 is the one that was started first."""
    assert index < CPUS, "no CPU has this number"
    return Cpu.at(symbol_address("cpus") + index * sizeof(Cpu))


@extern
def inb(port: u16) -> u8:
    """Read an I/O port. Here there is no device, so all lines are high."""
    return 0xFF


@extern
def outb(port: u16, value: u8) -> None:
    """Write an I/O port."""


@extern
def inl(port: u16) -> u32:
    """Read 32 bits from an I/O port."""
    return 0xFFFF_FFFF


@extern
def physical_bits() -> u32:
    """Return how many bits a physical address has."""
    return 40


@extern
def cpu_pause() -> None:
    """Tell the CPU that this is a loop that waits."""


@extern
def irq_save() -> u64:
    """Turn interrupts off and return RFLAGS as it was."""
    return 0


@extern
def irq_restore(rflags: u64) -> None:
    """Turn interrupts on if they were on in `rflags`."""


@extern
def machine_exit(value: u32) -> NoReturn:
    """End the run with a value for the emulator."""
    raise SystemExit(value)


@extern
def idle() -> None:
    """Wait for an interrupt."""


@extern("cli")
def interrupts_off() -> None:
    """Turn interrupts off."""
