"""What only machine code can do: the routines of kernel_asm/ that the rest of the kernel calls.

A body here is what the routine does on the simulated machine, where tests run the kernel under CPython.
"""

from typing import NoReturn

from exotool.lang import Struct, extern, u8, u16, u32, u64


@extern
def inb(port: u16) -> u8:
    """Read an I/O port. Here there is no device, so all lines are high."""
    return 0xFF


@extern
def outb(port: u16, value: u8) -> None:
    """Write an I/O port."""


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


class Cpu(Struct, align=64):
    """A CPU."""

    self: u64
    kstack: u64
    user_rsp: u64
    tss: u64
    env: u64
    index: u32
    apic_id: u32
    scheduler: u64
    ticks: u64


@extern
def current_cpu() -> u64:
    """This CPU's struct."""
    return 0


def mycpu() -> Cpu:
    """This CPU."""
    return Cpu.at(current_cpu())


@extern
def idle() -> None:
    """Wait for an interrupt."""


@extern("cli")
def interrupts_off() -> None:
    """Interrupts off."""
