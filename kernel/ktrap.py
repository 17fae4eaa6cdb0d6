"""What a failed check of the compiler leads to: a panic that says where and why."""

from typing import Final, NoReturn

from exotool.lang import Ptr, Struct, export, extern, sizeof, u8, u32, u64
from kernel.console import kprint, puts

HAS_VALUES: Final = 1


class TrapRecord(Struct):
    """What the compiler keeps of a check, in read-only data: docs/language.md."""

    file: Ptr[u8]
    message: Ptr[u8]
    line: u32
    column: u32
    reason: u32
    flags: u32


assert sizeof(TrapRecord) == 32


@extern
def panic_begin() -> None:
    """Start the first panic; a second one ends the machine."""


@extern
def panic_where() -> None:
    """Print which CPU it is, and end the line. kernel_asm/stop.S."""


@extern
def panic_end() -> NoReturn:
    """Print the backtrace from the caller's caller on, and end the machine."""
    raise SystemExit(0x12)


@export("__kpy_trap")
def kpy_trap(record: TrapRecord, value: u64, limit: u64) -> NoReturn:
    """Print the place and the reason; `value` and `limit` as the record's flags say. All checks call this."""
    panic_begin()
    puts(record.file)
    kprint(f":{record.line}:{record.column}: ")
    puts(record.message)
    if record.flags & HAS_VALUES != 0:
        kprint(f": {value}, limit {limit}")
    panic_where()
    panic_end()
