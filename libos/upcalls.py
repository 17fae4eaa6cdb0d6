"""What the kernel enters a program for, handed to functions of the program. start.S has the entries.

A handler of an upcall may change the registers in the frame: the program goes on with them.
"""

from collections.abc import Callable

from exotool.lang import Struct, export, extern, u32, u64


class Transfer(Struct):
    """A control transfer: who came, as index << 32 | epoch, and six words. Nobody: a notification, its bits in w0."""

    caller: u64
    w0: u64
    w1: u64
    w2: u64
    w3: u64
    w4: u64
    w5: u64


class DoorCall(Struct):
    """A door call: five words, which the handler makes the answer; the door's cookie; who called."""

    w0: u64
    w1: u64
    w2: u64
    w3: u64
    w4: u64
    cookie: u64
    caller: u64


class Handlers(Struct):
    """The program's functions. The addresses are those of structs."""

    upcall: Callable[[u32, u64], None] | None
    transfer: Callable[[u64], None] | None
    door_call: Callable[[u64], None] | None
    notification: Callable[[u64], None] | None


handlers: Handlers = Handlers()


@extern
def upcall_entry() -> None:
    """Where upcalls go."""


@extern
def pct_entry() -> None:
    """Where control transfers go."""


@extern
def door_entry() -> None:
    """Where door calls go."""


@export
def upcall_arrived(kind: u32, upcall: u64) -> None:
    """Hand an upcall on. Without a handler the program goes on as if there had been none."""
    handler = handlers.upcall
    if handler is not None:
        handler(kind, upcall)


@export
def transfer_arrived(transfer: u64) -> None:
    """Hand a control transfer on, or a notification that came while nothing else was kept."""
    handler = handlers.transfer
    if handler is not None:
        handler(transfer)


@export
def door_call_arrived(call: u64) -> None:
    """Hand a door call on."""
    handler = handlers.door_call
    if handler is not None:
        handler(call)


@export
def notification_arrived(bits: u64) -> None:
    """Hand a notification on."""
    handler = handlers.notification
    if handler is not None:
        handler(bits)
