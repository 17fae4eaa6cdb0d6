"""Arguments that no program would give."""

from typing import Final

from exotool.lang import Array, addressof, array, extern, u64
from kernel.abi.numbers import (
    INFO_CAPS_USED,
    READ,
    SYS_CALLS,
    SYS_CAP_DROP,
    SYS_CLOCK,
    SYS_DOOR_CREATE,
    SYS_EXIT,
    SYS_INFO,
    SYS_NOTIFY,
    SYS_NULL,
    SYS_READ,
    SYS_UPCALL_RETURN,
    SYS_WAIT,
    SYS_YIELD,
)
from kernel.abi.types import CapInfo, Repossession
from kernel.errno import EBADF, EFAULT, EINVAL, ENOSYS
from kernel.trapframe import TrapFrame
from libos.calls import (
    exo_cap_read,
    exo_cap_validate,
    exo_env_get,
    exo_env_set,
    exo_info,
    exo_null,
    exo_protect,
    exo_repossessed,
    exo_write,
)
from libos.memory import alloc_at, drop, word_at
from libos.words import AnyArguments, exo_any
from user.usertests.harness import check, equal, need, same, test
from user.usertests.support import (
    AREA,
    KERNEL_RAM,
    KERNEL_TEXT,
    NEVER,
    NOT_CANONICAL,
    PAGE,
    UNMAPPED,
    catch_faults,
    given,
)

USER_END: Final = 0x7FFF_FFFF_F000
HOSTILE: Final[Array[u64]] = array(
    [0, 1, 2, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 32, USER_END, NOT_CANONICAL, KERNEL_RAM, KERNEL_TEXT, NEVER - 1, NEVER]
)


@extern
def call_keeps_registers(number: u64, a: u64) -> u64:
    """Make a system call with all other registers set; 0 if they are as before."""
    return 0


def unknown_calls() -> None:
    arguments = AnyArguments()
    for number in range(SYS_CALLS, SYS_CALLS + 200):
        equal(exo_any(number, arguments), -ENOSYS, "an unknown number")
    for number in HOSTILE:
        if number >= SYS_CALLS:
            equal(exo_any(number, arguments), -ENOSYS, "an unknown number")
    equal(exo_any((1 << 32) + SYS_NULL, arguments), -ENOSYS, "a number with high bits")


def registers_are_kept() -> None:
    same(call_keeps_registers(SYS_NULL, 0), 0, "null")
    same(call_keeps_registers(SYS_CLOCK, 0), 0, "clock")
    same(call_keeps_registers(SYS_INFO, 0), 0, "info")
    same(call_keeps_registers(SYS_YIELD, 0), 0, "yield, which may switch")
    same(call_keeps_registers(SYS_NOTIFY, 0), 0, "a call that fails")
    same(call_keeps_registers(SYS_CAP_DROP, NEVER), 0, "a slow call that fails")
    same(call_keeps_registers(SYS_CALLS, 0), 0, "an unknown call")


def pointers() -> None:
    catch_faults()
    bad: u64 = 0
    for address in HOSTILE:
        if address > PAGE:
            equal(exo_cap_read(given.env, CapInfo.at(address)), -EFAULT, "written to")
            equal(exo_repossessed(Repossession.at(address)), -EFAULT, "written to")
            equal(exo_write(given.console, address, 8), -EFAULT, "read from")
            bad += 1
    check(bad >= 8, "addresses that are bad")


def pointers_at_edges() -> None:
    frames = need(alloc_at(AREA, 1), "allocate")
    equal(exo_cap_read(given.env, CapInfo.at(AREA + PAGE - 40)), 0, "up to the end of a page")
    equal(exo_cap_read(given.env, CapInfo.at(AREA + PAGE - 39)), -EFAULT, "over the end of the last page")
    equal(exo_write(given.console, AREA + PAGE - 1, 2), -EFAULT, "text over the end")
    equal(exo_write(given.console, USER_END - 1, 2), -EFAULT, "text over the end of user space")
    equal(exo_write(given.console, AREA, NEVER - AREA), -EFAULT, "text to the end of all addresses")
    word_at(AREA)[0] = 77
    equal(exo_protect(0, AREA, 1, READ), 1, "protect")
    equal(exo_cap_read(given.env, CapInfo.at(AREA)), -EFAULT, "into a page that can only be read")
    same(word_at(AREA)[0], 77, "what is there")
    equal(exo_cap_read(given.env, CapInfo.at(addressof(pointers) & ~u64(7))), -EFAULT, "into code")
    drop(frames)


def structs_of_others() -> None:
    equal(exo_env_get(given.env, TrapFrame.at(KERNEL_TEXT)), -EFAULT, "registers to the kernel")
    equal(exo_env_set(given.env, TrapFrame.at(KERNEL_TEXT)), -EFAULT, "registers from the kernel")
    equal(exo_env_set(given.env, TrapFrame.at(UNMAPPED)), -EFAULT, "registers from nowhere")


def every_call_with_hostile_numbers() -> None:
    used = exo_info(INFO_CAPS_USED, 0)
    for number in range(SYS_CALLS):
        if not comes_back(number):
            continue
        for value in HOSTILE:
            if value < 16:
                continue
            arguments = AnyArguments(a0=value, a1=value, a2=value, a3=value, a4=value, a5=value)
            result = exo_any(number, arguments)
            check(result >= -200, "an error number")
            if number == SYS_DOOR_CREATE and result > 0:
                drop(u64(result))  # any address of user space will do for a door
    equal(exo_info(INFO_CAPS_USED, 0), used, "capabilities")


def comes_back(number: u64) -> bool:
    """Tell whether a call comes back whatever its arguments are."""
    return number != SYS_EXIT and number != SYS_WAIT and number != SYS_UPCALL_RETURN


def ids_of_any_number() -> None:
    for value in HOSTILE:
        code = exo_cap_validate(value, 0, 0, 0, 0)
        check(value <= 2 or code == 1, "no capability")
    equal(exo_cap_validate(given.env, 10, 0, 0, 0), -EINVAL, "a type that there is not")
    equal(exo_cap_validate(given.env, 0, 256, 0, 0), -EINVAL, "a right that there is not")
    equal(exo_cap_read(NEVER - 5, CapInfo.at(UNMAPPED)), -EFAULT, "nowhere to write that")
    equal(exo_null(), 0, "and all is well")
    arguments = AnyArguments(a0=NEVER)
    equal(exo_any(SYS_READ, arguments), -EBADF, "a forged console")


def run() -> None:
    """Run these tests."""
    test("hostile.unknown", unknown_calls)
    test("hostile.registers", registers_are_kept)
    test("hostile.pointers", pointers)
    test("hostile.edges", pointers_at_edges)
    test("hostile.structs", structs_of_others)
    test("hostile.every_call", every_call_with_hostile_numbers)
    test("hostile.ids", ids_of_any_number)
