"""Structs that the kernel and its programs hand to each other. The registers of a trap: kernel/trapframe.py."""

from typing import Final

from exotool.lang import Array, Struct, array, sizeof, u8, u32, u64
from kernel.trapframe import TrapFrame

BOOT_MAGIC: Final = 0x3656_4F58_45
BOOT_PAGE_VERSION: Final = 1
CMDLINE_MAX: Final = 2048


class Upcall(Struct):
    """What an upcall's handler finds at the address in RSI: the registers, and CR2 or notification bits."""

    frame: TrapFrame
    info: u64
    type: u64


assert sizeof(Upcall) == 192


class Repossession(Struct):
    """What was taken by force: how many capabilities, and the last of them."""

    count: u64
    type: u64
    base: u64
    limit: u64


class BootPage(Struct):
    """What the first environment finds at the address in RDI. Ids are those of its first capabilities, 0 for none.

    `cmdline` ends with a NUL.
    """

    magic: u64
    version: u32
    cpus: u32
    tsc_hz: u64
    env: u64
    console: u64
    irqs: u64
    ports: u64
    slices: u64
    zone: u64
    module: u64
    disk: u64
    module_size: u64
    modules: u32
    index: u32
    cmdline: Array[u8] = array(CMDLINE_MAX)


assert sizeof(BootPage) <= 4096


class CapInfo(Struct):
    """What a capability says: a right to [base, limit) of a resource. `children` tells whether something is derived."""

    base: u64
    limit: u64
    kind: u32
    rights: u32
    zone: u32
    epoch: u32
    bindings: u32
    children: u32


assert sizeof(CapInfo) == 40
