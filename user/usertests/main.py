"""usertests: the first program of a machine that is to be tested. Its result is the outcome of the run."""

from typing import Final

from exotool.lang import Array, array, export, u8, u32
from kernel.abi.numbers import READ
from kernel.abi.types import BootPage
from libos.calls import exo_caps_grow, exo_map
from libos.cmdline import BLANK, NOWHERE, number_of, value_of
from libos.console import cprintf
from libos.memory import PAGE_SIZE, alloc, alloc_at, drop, pages_of
from libos.spawn import WINDOWS, close_program, open_program
from user.usertests import caps, devices, envs, faults, hostile, ipc, loading, memory, smp, tables, zones
from user.usertests.harness import COUNT, LIST, RUN, harness, need, wanted
from user.usertests.support import AREA, program, take_rights

TESTS: Final[Array[u8]] = array(b"exotool.tests=")
SPOIL: Final[Array[u8]] = array(b"exov6.spoil=")
LIST_WORD: Final[Array[u8]] = array(b"list")
MODULE: Final = 0x3000_0000
MORE_CAPS: Final = 7  # frames for the table of capabilities


def all_tests() -> None:
    """Go through all tests."""
    harness.number = 0
    memory.run()
    faults.run()
    caps.run()
    tables.run()
    envs.run()
    ipc.run()
    devices.run()
    zones.run()
    loading.run()
    hostile.run()
    smp.run()


def choose(boot: BootPage) -> u32:
    """Read from the command line which tests are wanted."""
    at = value_of(boot.cmdline, TESTS)
    if at == NOWHERE:
        return RUN
    while boot.cmdline[at] != 0 and boot.cmdline[at] != BLANK and wanted.length < len(wanted.text):
        wanted.text[wanted.length] = boot.cmdline[at]
        wanted.length += 1
        at += 1
    if wanted.length == 4 and wanted.text[0] == LIST_WORD[0] and wanted.text[3] == LIST_WORD[3]:
        wanted.length = 0
        return LIST
    return RUN


def prepare(boot: BootPage) -> bool:
    """Make what tests need and what stays: page tables for their areas, a larger table, this program as a file."""
    take_rights(boot)
    for _ in range(MORE_CAPS):
        need(exo_caps_grow(need(alloc(1), "a frame")), "a larger table")
    drop(need(alloc_at(AREA, 1), "an area for tests"))
    drop(need(alloc_at(WINDOWS, 1), "windows"))
    pages = pages_of(boot.module_size)
    for first in range(0, pages, 512):
        count = min(pages - first, 512)
        need(exo_map(0, boot.module, MODULE + first * PAGE_SIZE, first, count, READ), "map the module")
    loading.file.address = MODULE
    loading.file.size = boot.module_size
    need(open_program(program, MODULE, boot.module_size), "read the module")
    return harness.problems == 0


@export
def main(boot: BootPage) -> u32:
    """Run the tests; 1 if one failed."""
    mode = choose(boot)
    if not prepare(boot):
        return 1
    harness.mode = COUNT
    all_tests()
    cprintf(f"KTAP version 1\n1..{harness.number}\n")
    if harness.number == 0:
        cprintf("# no test has this name; exotool.tests=list prints all names\n")
    harness.mode = mode
    harness.spoilt = number_of(boot.cmdline, SPOIL, 0) != 0
    all_tests()
    close_program(program)
    return 1 if harness.failed != 0 or harness.number == 0 else 0
