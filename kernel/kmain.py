"""The kernel's main function.

It proves, one line each, that the machine below works as the rest will rely on. Then it starts the first environment
from the module that the boot loader brought; without one, that the checks passed is the outcome of the run.
"""

from collections.abc import Callable
from typing import Final, NoReturn

from exotool.lang import Array, Ptr, Struct, addressof, array, export, extern, sizeof, symbol_address, u8, u64
from kernel import kalloc, vm
from kernel.apic import apic_init
from kernel.bootinfo import cmdline_was_cut, memmap_count, module_count, ram_size, start_info
from kernel.console import kprint, put_text, puts
from kernel.cpu import machine_exit
from kernel.init import env_init, start_init
from kernel.sched import scheduler
from kernel.smp import smp_run
from kernel.sys_misc import count_frames
from kernel.timer import timer_init
from kernel.trap import trap_init
from kernel.zone import zone_init

TICKS_A_SECOND: Final = 100

EXIT_SUCCESS: Final = 0x10
EXIT_FAILED: Final = 0x11

NONCE: Final[Array[u8]] = array(b"exotool.nonce\0")
FAIL: Final[Array[u8]] = array(b"exov6.fail\0")


class Check(Struct):
    """An entry of the table in kernel_asm/checks.S.

    `run` returns 0 if all is well, else what is wrong. With exov6.fail=NAME on the command line its argument is True,
    and the check is spoilt on purpose, to show that it can fail.
    """

    name: Ptr[u8]
    run: Callable[[bool], Ptr[u8]]
    proof: Ptr[u8]


assert sizeof(Check) == 24


@extern
def cmdline_value(name: Ptr[u8]) -> tuple[Ptr[u8], u64]:
    """Return the value of the first `name=value` of the command line and its length; 0 if there is none."""
    return Ptr[u8](0), 0


@extern
def text_equal(text: Ptr[u8], length: u64, word: Ptr[u8]) -> bool:
    """Tell whether a text is just this NUL-terminated word."""
    return False


@extern
def deliberate_fault() -> None:
    """Do what exov6.fault on the command line asks for."""


def banner() -> None:
    """Say who this is, and what the loader said."""
    kprint(f"ExoV6 x86_64, started by PVH: {ram_size() >> 20} MiB RAM\n")
    if cmdline_was_cut():
        kprint("the command line is longer than 4095 bytes; the rest is ignored\n")
    if start_info().memmap_entries != memmap_count():
        kprint("the memory map has more than 128 entries; the rest is ignored\n")
    if start_info().nr_modules != module_count():
        kprint("there are more than 16 modules; the rest is ignored\n")


def run_check(check: Check) -> None:
    """Run one check and print its line. Does not return if it fails."""
    text, length = cmdline_value(Ptr[u8](addressof(FAIL)))
    spoil = u64(text) != 0 and text_equal(text, length, check.name)
    problem = check.run(spoil)
    failed = u64(problem) != 0
    if failed:
        kprint("FAIL: ")
    puts(check.name)
    kprint(": ")
    puts(problem if failed else check.proof)
    kprint("\n")
    if failed:
        machine_exit(EXIT_FAILED)


def succeed() -> NoReturn:
    """End the run as one that went well: the nonce proves that it was this kernel, in this run, that says so."""
    nonce, length = cmdline_value(Ptr[u8](addressof(NONCE)))
    if u64(nonce) != 0:
        kprint("exotool: ok ")
        put_text(nonce, length)
        kprint("\n")
    else:
        kprint("all went well; no exotool.nonce on the command line to report it with\n")
    machine_exit(EXIT_SUCCESS)


@export
def init_ended(status: u64) -> NoReturn:
    """End the run with the status of the first environment. kernel/life.py calls it."""
    if status == 0:
        succeed()
    if status >> 32 != 0:
        kprint(f"FAIL: init was ended, status {status:#x}\n")
    else:
        kprint(f"FAIL: init gave status {status}\n")
    machine_exit(EXIT_FAILED)


@export
def kmain() -> NoReturn:
    """Do it all, on the boot CPU, with interrupts off. kernel_asm/start64.S calls it."""
    banner()
    kalloc.kinit()
    vm.vm_init()
    apic_init()
    timer_init()
    deliberate_fault()
    check = Ptr[Check](symbol_address("checks"))
    while u64(check[0].name) != 0:
        run_check(check[0])
        check = check + 1
    if module_count() == 0:
        succeed()

    count_frames()
    zone_init(kalloc.frames.count)
    env_init()
    trap_init()
    if not start_init():
        machine_exit(EXIT_FAILED)
    smp_run(TICKS_A_SECOND)
    scheduler()
