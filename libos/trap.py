"""What a failed check of the compiler leads to in a program: a line that says where and why, and the end."""

from typing import Final, NoReturn

from exotool.lang import Ptr, Struct, export, sizeof, u8, u32, u64
from libos.calls import exo_exit
from libos.console import cprintf, put_string

HAS_VALUES: Final = 1
STATUS_CHECK_FAILED: Final = 0xC4EC


class TrapRecord(Struct):
    """What the compiler keeps of a check, in read-only data: docs/language.md."""

    file: Ptr[u8]
    message: Ptr[u8]
    line: u32
    column: u32
    reason: u32
    flags: u32


assert sizeof(TrapRecord) == 32

open_traps: u32 = 0


@export("__kpy_trap")
def kpy_trap(record: TrapRecord, value: u64, limit: u64) -> NoReturn:
    """Print the place and the reason, and exit. A check that fails on the way just exits."""
    global open_traps
    open_traps += 1
    if open_traps == 1:
        cprintf("\ntrap: ")
        put_string(record.file)
        cprintf(f":{record.line}:{record.column}: ")
        put_string(record.message)
        if record.flags & HAS_VALUES != 0:
            cprintf(f": {value}, limit {limit}")
        cprintf("\n")
    while True:
        exo_exit(STATUS_CHECK_FAILED)
