"""What ends a program that went wrong: a trap of the language, a fault of memory, or a value of the wrong type."""

from __future__ import annotations

from enum import IntEnum


class Reason(IntEnum):
    """Why a program trapped; the same numbers as in the trap record of compiled programs."""

    ASSERTION = 1
    BOUNDS = 2
    SLICE = 3
    NULL = 4
    DIVISION = 5
    SHIFT = 6
    OVERFLOW = 7
    ENUM = 8
    UNREACHABLE = 9
    RECURSION = 10
    PANIC = 11


REASON_TEXT = {
    Reason.ASSERTION: "assertion failed",
    Reason.BOUNDS: "index out of bounds",
    Reason.SLICE: "slice out of bounds",
    Reason.NULL: "address 0 dereferenced",
    Reason.DIVISION: "division by zero",
    Reason.SHIFT: "shift amount not less than the width",
    Reason.OVERFLOW: "integer overflow",
    Reason.ENUM: "no such member of the enum",
    Reason.UNREACHABLE: "unreachable code reached",
    Reason.RECURSION: "recursion deeper than declared",
    Reason.PANIC: "panic",
}


class Trap(Exception):  # noqa: N818 - what it is called in the language
    """A check of the language failed. Compiled programs stop here; under CPython no `with` cleans up behind it.

    `path`, `line` and `column` are known for compiled code; under CPython the traceback says where.
    """

    def __init__(self, reason: Reason, message: str = "", path: str = "", line: int = 0, column: int = 0) -> None:
        self.reason = Reason(reason)
        self.message = message or REASON_TEXT[self.reason]
        self.path = path
        self.line = line
        self.column = column
        super().__init__(self.message)

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}: " if self.path else ""
        return f"{place}{self.reason.name}: {self.message}"


class Fault(Exception):  # noqa: N818 - what the processor calls it
    """An access to simulated memory that the machine would answer with a page fault.

    `access` is "read", "write" or "execute"; `address` the first byte that cannot be had.
    """

    def __init__(self, address: int, access: str, why: str) -> None:
        self.address = address
        self.access = access
        super().__init__(f"{access} at {address:#x}: {why}")


class KernelTypeError(TypeError):
    """What the compiler would refuse: a value of one type where another is needed."""


class LiteralError(KernelTypeError, OverflowError):
    """A number that the type of its context does not have."""
