"""How a program begins: by the page that its maker gives it, it learns what it has."""

from collections.abc import Callable
from typing import Final

from exotool.lang import Array, Struct, array, export, extern, sizeof, u32, u64
from kernel.abi.types import BOOT_MAGIC, BootPage
from libos.console import output

CHILD_MAGIC: Final = 0x444C_4948_43
STATUS_NO_PAGE: Final = 0xBAD


class StartPage(Struct):
    """What a program finds that another one has made: its first capabilities, 0 for none, and what it is to do.

    `entry` is a function of the program, which gets this page's address. `value` and `words` are between maker and
    program; both can write here.
    """

    magic: u64
    entry: Callable[[u64], u64]
    env: u64
    console: u64
    memory: u64
    zone: u64
    value: u64
    words: Array[u64] = array(64)


assert sizeof(StartPage) <= 4096


@extern("main")
def program_main(boot: BootPage) -> u32:
    """Be the first program. Its result is its exit status."""
    return 0


@export
def program_start(page: u64) -> u64:
    """Run the program; `page` is what it was given in RDI. Returns its exit status."""
    boot = BootPage.at(page)
    if boot.magic == BOOT_MAGIC:
        output.console = boot.console
        return program_main(boot)
    start = StartPage.at(page)
    if start.magic != CHILD_MAGIC:
        return STATUS_NO_PAGE
    output.console = start.console
    entry = start.entry
    return entry(page)
