"""System calls with words, and instructions: libos/transfer.S."""

from exotool.lang import Struct, extern, i64, u64


class PctWords(Struct):
    """What a control transfer carries."""

    w0: u64
    w1: u64
    w2: u64
    w3: u64
    w4: u64
    w5: u64


class DoorWords(Struct):
    """What a door call carries, and then what its answer does."""

    w0: u64
    w1: u64
    w2: u64
    w3: u64
    w4: u64


class AnyArguments(Struct):
    """The registers RDI RSI RDX R10 R8 R9 of a system call."""

    a0: u64
    a1: u64
    a2: u64
    a3: u64
    a4: u64
    a5: u64


@extern
def exo_pct(env: u64, words: PctWords) -> i64:
    """Go over into an environment that waits. Returns only an error."""
    return 0


@extern
def exo_door_call(door: u64, words: DoorWords) -> i64:
    """Call a door; the answer takes the place of the words."""
    return 0


@extern
def exo_any(number: u64, arguments: AnyArguments) -> i64:
    """Make any system call."""
    return 0


@extern
def read_tsc() -> u64:
    """Return the time stamp counter."""
    return 0


@extern
def spin_pause() -> None:
    """Tell the CPU that this is a loop that waits."""
