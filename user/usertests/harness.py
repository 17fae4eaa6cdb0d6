"""How the tests run: one line of KTAP each, and after each the machine must have as much of everything as before.

`exotool.tests=list` on the command line prints the names, `exotool.tests=NAME` runs one. With `exov6.spoil=1` every
check is wrong that is right, and the other way round: then all tests must fail, which shows that they can.
"""

from collections.abc import Callable
from typing import Final

from exotool.lang import Array, Struct, array, fprint, i64, u8, u32, u64
from kernel.abi.numbers import (
    INFO_CAPS_FRAMES,
    INFO_CAPS_USED,
    INFO_DOORS_FREE,
    INFO_ENVS_FREE,
    INFO_FRAMES_FREE,
    INFO_ZONE_USED,
    INFO_ZONES_FREE,
)
from libos.calls import exo_info
from libos.console import cprintf

COUNT: Final = 0
LIST: Final = 1
RUN: Final = 2

BLANK: Final = 0x20
COUNTERS: Final = 7
WHAT: Final[Array[u64]] = array(
    [
        INFO_FRAMES_FREE,
        INFO_ENVS_FREE,
        INFO_CAPS_USED,
        INFO_DOORS_FREE,
        INFO_ZONES_FREE,
        INFO_ZONE_USED,
        INFO_CAPS_FRAMES,
    ]
)


class Name(Struct):
    """The test that is asked for; it takes in another name and tells whether they are the same. Empty: all are."""

    length: u64
    seen: u64
    equal: bool
    text: Array[u8] = array(64)

    def write(self, text: Array[u8]) -> None:
        """Compare the next part: `fprint`'s writer."""
        for c in text:
            if self.seen >= self.length or self.text[self.seen] != c:
                self.equal = False
            self.seen += 1

    def write_unsigned(self, value: u64, base: u32, width: u32, flags: u32) -> None:
        """Names have no numbers in them."""
        self.equal = False

    def write_signed(self, value: i64, width: u32, flags: u32) -> None:
        """Names have no numbers in them."""
        self.equal = False


class Harness(Struct):
    """The state of a run."""

    mode: u32
    count: u32
    number: u32
    failed: u32
    problems: u32
    skipped: bool
    spoilt: bool
    before: Array[i64] = array(COUNTERS)


wanted: Name = Name()
harness: Harness = Harness()


def is_wanted(name: str) -> bool:
    """Tell whether a test is to be run."""
    wanted.seen = 0
    wanted.equal = True
    fprint(wanted, name)
    return wanted.length == 0 or (wanted.equal and wanted.seen == wanted.length)


def test(name: str, body: Callable[[], None]) -> None:
    """Run a test, or do what else the mode says."""
    if harness.mode == LIST or is_wanted(name):
        harness.number += 1
        if harness.mode == LIST:
            cprintf(f"ok {harness.number} ")
            cprintf(name)
            cprintf(" # SKIP\n")
        if harness.mode == RUN:
            run(body)
            if harness.problems != 0:
                cprintf("not ")
            cprintf(f"ok {harness.number} ")
            cprintf(name)
            if harness.skipped:
                cprintf(" # SKIP")
            cprintf("\n")


def run(body: Callable[[], None]) -> None:
    """Run a test and compare what is free with what was."""
    harness.problems = 0
    harness.skipped = False
    for i, what in enumerate(WHAT):
        harness.before[i] = exo_info(what, 0)
    body()
    for i, what in enumerate(WHAT):
        now = exo_info(what, 0)
        if now != harness.before[i]:
            cprintf(f"# leak: info {what} was {harness.before[i]}, is {now}\n")
            harness.problems += 1
    if harness.problems != 0:
        harness.failed += 1


def check(condition: bool, what: str) -> None:
    """Note a problem unless a condition holds."""
    if condition == harness.spoilt:
        harness.problems += 1
        cprintf("# wrong: ")
        cprintf(what)
        cprintf("\n")


def equal(got: i64, expected: i64, what: str) -> None:
    """Note a problem unless a number is as expected."""
    if (got == expected) == harness.spoilt:
        harness.problems += 1
        cprintf("# ")
        cprintf(what)
        cprintf(f": expected {expected}, got {got}\n")


def same(got: u64, expected: u64, what: str) -> None:
    """Note a problem unless an unsigned number is as expected."""
    if (got == expected) == harness.spoilt:
        harness.problems += 1
        cprintf("# ")
        cprintf(what)
        cprintf(f": expected {expected:#x}, got {got:#x}\n")


def need(result: i64, what: str) -> u64:
    """Return a result that must be no error; 0, and a problem, if it is one."""
    if result < 0:
        harness.problems += 1
        cprintf("# ")
        cprintf(what)
        cprintf(f": error {-result}\n")
        return 0
    return u64(result)


def skip(why: str) -> None:
    """Say that a test cannot be made on this machine."""
    cprintf("# skipped: ")
    cprintf(why)
    cprintf("\n")
    harness.skipped = True
