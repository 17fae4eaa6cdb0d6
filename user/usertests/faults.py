"""Faults, and the upcalls that they become."""

from typing import Final

from exotool.lang import addressof, extern, u64
from kernel.abi.numbers import STATUS_FAULT, UPCALL_PAGE_FAULT, UPCALL_SLICE_END
from kernel.errno import EFAULT, EINVAL
from kernel.trapframe import TrapFrame
from libos.calls import exo_clock, exo_unmap, exo_upcall_return, exo_upcall_set
from libos.memory import alloc, drop
from libos.start import StartPage
from libos.upcalls import upcall_entry
from libos.words import spin_pause
from user.usertests.harness import check, equal, need, same, test
from user.usertests.support import (
    AREA,
    CHANGE,
    FAULT_AGAIN,
    FAULTED,
    FAULTS,
    KERNEL_TEXT,
    LEAVE,
    MAP,
    NOT_CANONICAL,
    NOTE,
    PAGE,
    PATIENCE,
    RECOVER,
    UNMAPPED,
    catch,
    catch_faults,
    join,
    probe_call,
    probe_read,
    read_fails,
    start,
    watch,
)

DIVIDE: Final = 0
DEBUG: Final = 1
BREAKPOINT: Final = 3
UNDEFINED: Final = 6
PROTECTION: Final = 13
PAGE_FAULT: Final = 14
MANY: Final = 100


@extern
def probe_undefined() -> u64:
    """Execute an instruction that there is not."""
    return 0


@extern
def probe_breakpoint() -> u64:
    """Execute INT3."""
    return 0


@extern
def probe_divide() -> u64:
    """Divide by 0."""
    return 0


@extern
def probe_cli() -> u64:
    """Turn interrupts off."""
    return 0


@extern
def probe_hlt() -> u64:
    """Halt the CPU."""
    return 0


@extern
def probe_cr3() -> u64:
    """Read the address of the page table."""
    return 0


@extern
def probe_msr() -> u64:
    """Read a model-specific register."""
    return 0


@extern
def probe_step() -> u64:
    """Set the trap flag."""
    return 0


@extern
def probe_ring0() -> u64:
    """Return to a segment of ring 0."""
    return 0


@extern
def touch_with_registers(address: u64) -> u64:
    """Read a byte with all registers and flags set; 0 if they are the same afterwards."""
    return 0


def a_fault_is_handled_and_retried() -> None:
    watch.frames = need(alloc(1), "allocate")
    catch(MAP, FAULTS, 4)
    same(probe_call(addressof(probe_read), AREA + 8, 0), 0, "what is read once the page is mapped")
    equal(watch.count, 1, "upcalls")
    equal(watch.kind, UPCALL_PAGE_FAULT, "type")
    same(watch.trapno, PAGE_FAULT, "trap")
    same(watch.err, 4, "error code: user, not present")
    same(watch.info, AREA + 8, "address")
    same(watch.rip, addressof(probe_read), "instruction")
    drop(watch.frames)


def registers_survive_an_upcall() -> None:
    watch.frames = need(alloc(1), "allocate")
    catch(MAP, FAULTS, 4)
    same(touch_with_registers(AREA), 0, "registers and flags")
    equal(watch.count, 1, "upcalls")
    drop(watch.frames)


def exception(function: u64, trapno: u64, what: str) -> None:
    """Check what trap a probe makes."""
    watch.action = LEAVE
    watch.count = 0
    same(probe_call(function, 0, 0), FAULTED, what)
    equal(watch.count, 1, what)
    same(watch.trapno, trapno, what)


def exceptions_are_upcalls() -> None:
    catch_faults()
    exception(addressof(probe_undefined), UNDEFINED, "undefined")
    exception(addressof(probe_breakpoint), BREAKPOINT, "breakpoint")
    exception(addressof(probe_divide), DIVIDE, "divide")


def privileged_instructions() -> None:
    catch_faults()
    exception(addressof(probe_cli), PROTECTION, "cli")
    exception(addressof(probe_hlt), PROTECTION, "hlt")
    exception(addressof(probe_cr3), PROTECTION, "cr3")
    exception(addressof(probe_msr), PROTECTION, "msr")
    # Not looked at: which trap. QEMU's emulation reads the stack as ring 0 would, which SMAP stops before the check.
    watch.count = 0
    same(probe_call(addressof(probe_ring0), 0, 0), FAULTED, "ring0")
    equal(watch.count, 1, "ring0")


def a_single_step() -> None:
    catch(NOTE, FAULTS, 4)
    watch.action = LEAVE
    same(probe_call(addressof(probe_step), 0, 0), FAULTED, "the probe's result")
    same(watch.trapno, DEBUG, "trap")
    equal(watch.count, 1, "one step")


def a_handler_changes_registers() -> None:
    catch(CHANGE, FAULTS, 4)
    watch.rax = 0x1234_5678_9ABC_DEF0
    same(probe_call(addressof(probe_undefined), 0, 0), 0x1234_5678_9ABC_DEF0, "RAX as the handler left it")


def upcalls_nest() -> None:
    catch(FAULT_AGAIN, FAULTS, 4)
    same(probe_call(addressof(probe_read), UNMAPPED, 0), FAULTED, "the first probe's result")
    equal(watch.count, 2, "upcalls")
    equal(watch.deepest, 2, "open at once")


def many_upcalls() -> None:
    catch_faults()
    for i in range(MANY):
        check(read_fails(UNMAPPED - u64(i) * 8), "reading faults")
    equal(watch.depth, 0, "none is left open")


# What children do that do not survive it. The faults are not caught: a child has no handlers of its own.


def read_nothing(page: u64) -> u64:
    return probe_read(UNMAPPED)


def execute_nothing(page: u64) -> u64:
    return probe_undefined()


def halt(page: u64) -> u64:
    return probe_hlt()


def read_kernel(page: u64) -> u64:
    return probe_read(KERNEL_TEXT)


def read_no_address(page: u64) -> u64:
    return probe_read(NOT_CANONICAL)


def fault_too_deep(page: u64) -> u64:
    catch(FAULT_AGAIN, FAULTS, 1)
    return probe_read(UNMAPPED)


def fault_without_stack(page: u64) -> u64:
    exo_upcall_set(addressof(upcall_entry), UNMAPPED, FAULTS, 4)
    return probe_read(UNMAPPED)


def fault_on_kernel_stack(page: u64) -> u64:
    exo_upcall_set(addressof(upcall_entry), 0, FAULTS, 4)
    return probe_read(UNMAPPED)


def fault_without_code(page: u64) -> u64:
    exo_upcall_set(UNMAPPED, page + PAGE, FAULTS, 4)
    return probe_read(UNMAPPED)


def fault_that_is_masked(page: u64) -> u64:
    catch(RECOVER, 1 << UPCALL_SLICE_END, 4)
    return probe_read(UNMAPPED)


def lose_own_code(page: u64) -> u64:
    exo_unmap(0, addressof(lose_own_code) & ~u64(PAGE - 1), 1)
    return 7


def unhandled_faults_kill() -> None:
    if start(0, read_nothing, 0):
        equal(join(0), STATUS_FAULT + PAGE_FAULT, "a page fault")
    if start(0, execute_nothing, 0):
        equal(join(0), STATUS_FAULT + UNDEFINED, "an undefined instruction")
    if start(0, halt, 0):
        equal(join(0), STATUS_FAULT + PROTECTION, "a privileged instruction")
    if start(0, read_kernel, 0):
        equal(join(0), STATUS_FAULT + PAGE_FAULT, "reading the kernel")
    if start(0, read_no_address, 0):
        equal(join(0), STATUS_FAULT + PROTECTION, "an address that is none")
    if start(0, fault_that_is_masked, 0):
        equal(join(0), STATUS_FAULT + PAGE_FAULT, "a fault that is not in the mask")
    if start(0, lose_own_code, 0):
        equal(join(0), STATUS_FAULT + PAGE_FAULT, "code that is not there any more")


def depth_is_bounded() -> None:
    if start(0, fault_too_deep, 0):
        equal(join(0), STATUS_FAULT + PAGE_FAULT, "a fault in the only handler that may be open")


def bad_stacks_kill() -> None:
    if start(0, fault_without_stack, 0):
        equal(join(0), STATUS_FAULT + PAGE_FAULT, "a stack that is not mapped")
    if start(0, fault_on_kernel_stack, 0):
        equal(join(0), STATUS_FAULT + PAGE_FAULT, "a stack at address 0")
    if start(0, fault_without_code, 0):
        equal(join(0), STATUS_FAULT + PAGE_FAULT, "a handler that is not mapped")


def return_to_kernel(page: u64) -> u64:
    """Try to come back in ring 0 with interrupts off."""
    registers = TrapFrame(
        rip=addressof(in_which_ring), cs=8, ss=16, rflags=0x3002, rsp=page + PAGE - 8, rdi=page, rsi=1
    )
    exo_upcall_return(registers)
    return 1


@extern
def in_which_ring() -> None:
    """Exit with CS and the flags IF and IOPL as the status."""


def return_to_address(page: u64) -> u64:
    """Try to go on at an address of the kernel."""
    registers = TrapFrame(rip=StartPage.at(page).value, rsp=page + PAGE - 8)
    exo_upcall_return(registers)
    return 1


def a_return_is_sanitised() -> None:
    if start(0, return_to_kernel, 0):
        equal(join(0), 0x2B << 16 | 0x200, "CS is ring 3's, IF is set, IOPL is 0")
    if start(0, return_to_address, KERNEL_TEXT):
        check(join(0) >= STATUS_FAULT, "going on in the kernel is a fault")
    if start(0, return_to_address, NOT_CANONICAL):
        check(join(0) >= STATUS_FAULT, "going on nowhere is a fault")


def upcalls_set_hostile() -> None:
    equal(exo_upcall_set(KERNEL_TEXT, AREA, FAULTS, 4), -EINVAL, "an entry in the kernel")
    equal(exo_upcall_set(addressof(upcall_entry), KERNEL_TEXT, FAULTS, 4), -EINVAL, "a stack in the kernel")
    equal(exo_upcall_set(addressof(upcall_entry), AREA, 1, 4), -EINVAL, "a type that there is not")
    equal(exo_upcall_set(addressof(upcall_entry), AREA, FAULTS, 0), -EINVAL, "no depth")
    equal(exo_upcall_set(addressof(upcall_entry), AREA, FAULTS, 17), -EINVAL, "too great a depth")
    equal(exo_upcall_return(TrapFrame.at(KERNEL_TEXT)), -EFAULT, "registers in the kernel")
    equal(exo_upcall_return(TrapFrame.at(UNMAPPED)), -EFAULT, "registers that are not mapped")


def slices_end_in_upcalls() -> None:
    catch(NOTE, 1 << UPCALL_SLICE_END, 2)
    end = exo_clock() + PATIENCE
    while watch.count < 3 and exo_clock() < end:
        spin_pause()
    check(watch.count >= 3, "three ends of a slice in a long time")
    equal(watch.kind, UPCALL_SLICE_END, "type")
    catch_faults()


def run() -> None:
    """Run these tests."""
    test("fault.handled", a_fault_is_handled_and_retried)
    test("fault.registers", registers_survive_an_upcall)
    test("fault.exceptions", exceptions_are_upcalls)
    test("fault.privileged", privileged_instructions)
    test("fault.single_step", a_single_step)
    test("fault.changed_registers", a_handler_changes_registers)
    test("fault.nested", upcalls_nest)
    test("fault.many", many_upcalls)
    test("fault.unhandled", unhandled_faults_kill)
    test("fault.depth", depth_is_bounded)
    test("fault.bad_stack", bad_stacks_kill)
    test("fault.sanitised_return", a_return_is_sanitised)
    test("fault.hostile_set", upcalls_set_hostile)
    test("fault.slice_end", slices_end_in_upcalls)
