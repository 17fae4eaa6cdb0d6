"""What the kernel's paths cost, in instructions.

`python -m bench.exov6` runs it under `-icount shift=0`, where the time stamp counter counts them. Each line is
`bench: NAME N`: the smallest of several, the first of which fills the TLB.
"""

from typing import Final

from exotool.lang import Array, Ptr, addressof, array, export, extern, symbol_address, u8, u32, u64
from kernel.abi.numbers import (
    DERIVE,
    GRANT,
    READ,
    SYS_CAP_DERIVE,
    SYS_CAP_DROP,
    SYS_CAP_VALIDATE,
    SYS_DOOR_CALL,
    SYS_ENV_CREATE,
    SYS_FRAME_ALLOC,
    SYS_MAP,
    SYS_NULL,
    SYS_UNMAP,
    SYS_YIELD,
    UPCALL_PAGE_FAULT,
    WRITE,
)
from kernel.abi.types import BootPage
from libos.calls import (
    exo_cap_derive,
    exo_cap_drop,
    exo_cap_grant,
    exo_door_create,
    exo_frame_alloc,
    exo_map,
    exo_pct_set,
    exo_unmap,
    exo_upcall_set,
    exo_wait,
    exo_yield,
)
from libos.console import cprintf
from libos.memory import ANY_FRAME, pages_of
from libos.spawn import Child, Gifts, Program, open_program, spawn
from libos.start import StartPage
from libos.words import AnyArguments

ROUNDS: Final = 8
PAGE: Final = 4096
AREA: Final = 0x2000_0000
STACK: Final = 8192
ALL: Final = 255
READY: Final = 1  # words between the two
TARGET: Final = 2
DOOR: Final = 3
MODULE: Final = 0x3000_0000

program: Program = Program()
child: Child = Child()
arguments: AnyArguments = AnyArguments()
stack: Array[u8] = array(STACK)
upcalls: Array[u8] = array(STACK)


@extern
def bench_nothing() -> u64:
    """Measure nothing."""
    return 0


@extern
def bench_call(number: u64, arguments: AnyArguments) -> u64:
    """Measure a system call."""
    return 0


@extern
def bench_fault(address: u64) -> u64:
    """Measure a fault and its upcall."""
    return 0


@extern
def bench_pct(env: u64) -> u64:
    """Measure a control transfer there and back."""
    return 0


@extern
def bench_upcall() -> None:
    """Where upcalls go."""


@extern
def bench_back() -> None:
    """Where transfers come back."""


@extern
def echo_entry() -> None:
    """Where transfers go."""


@extern
def echo_door() -> None:
    """Where door calls go."""


def word(name_address: u64) -> Ptr[u64]:
    """Return a variable of bench.S."""
    return Ptr[u64](name_address)


def result() -> u64:
    """Return what the last measured call gave."""
    return word(symbol_address("bench_result"))[0]


def ask(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> None:
    """Set the arguments of the next call."""
    arguments.a0 = a
    arguments.a1 = b
    arguments.a2 = c
    arguments.a3 = d
    arguments.a4 = e
    arguments.a5 = f


def repeated(name: str, number: u64) -> None:
    """Measure a call that can be made again and again, and print the smallest result."""
    best = bench_call(number, arguments)
    for _ in range(ROUNDS):
        best = min(best, bench_call(number, arguments))
    report(name, best)


def report(name: str, count: u64) -> None:
    """Print a result without what the measurement itself costs."""
    cprintf("bench: ")
    cprintf(name)
    cprintf(f" {count - bench_nothing()}\n")


def pair(first_name: str, first: u64, second_name: str, second: u64, by_result: bool) -> None:
    """Measure a call and the one that takes it back, which gets the result of the first or the arguments at AREA."""
    best_first: u64 = 1 << 40
    best_second: u64 = 1 << 40
    a = arguments.a0
    for _ in range(ROUNDS):
        arguments.a0 = a
        best_first = min(best_first, bench_call(first, arguments))
        if by_result:
            arguments.a0 = result()
            best_second = min(best_second, bench_call(second, arguments))
        else:
            best_second = min(best_second, unmap_once(second))
    report(first_name, best_first)
    report(second_name, best_second)


def unmap_once(number: u64) -> u64:
    """Measure the unmapping of the page at AREA."""
    kept = AnyArguments()
    kept.a1 = AREA
    kept.a2 = 1
    return bench_call(number, kept)


def top(area: Array[u8]) -> u64:
    """Return the end of a stack."""
    return (addressof(area) + STACK) & ~u64(15)


def serve(page: u64) -> u64:
    """Be the other side: wait for transfers and door calls, and yield until the first one has finished with that."""
    start = StartPage.at(page)
    exo_pct_set(addressof(echo_entry), top(stack))
    while start.words[TARGET] == 0:
        exo_yield(0)
    word(symbol_address("echo_target"))[0] = start.words[TARGET]
    door = exo_door_create(addressof(echo_door), 1)
    start.words[DOOR] = u64(exo_cap_grant(start.words[TARGET], u64(door), 0, 1, ALL, 0))
    start.words[READY] = 1
    while start.words[READY] == 1:
        exo_yield(0)
    exo_wait()
    return 0


@export
def main(boot: BootPage) -> u32:
    """Measure everything."""
    ask(0, 0, 0, 0, 0, 0)
    repeated("null call", SYS_NULL)
    ask(boot.console, 9, READ, 0, 1, 0)
    repeated("capability validated", SYS_CAP_VALIDATE)
    ask(boot.slices, 0, 64, READ, 0, 0)
    pair("capability derived", SYS_CAP_DERIVE, "capability dropped", SYS_CAP_DROP, True)
    ask(ANY_FRAME, 1, 1, 0, 0, 0)
    pair("frame allocated and cleared", SYS_FRAME_ALLOC, "frame freed", SYS_CAP_DROP, True)
    frame = u64(exo_frame_alloc(ANY_FRAME, 1, 1, 0))
    exo_map(0, frame, AREA, 0, 1, READ)
    exo_unmap(0, AREA, 1)
    ask(0, frame, AREA, 0, 1, READ)
    pair("page mapped", SYS_MAP, "page unmapped", SYS_UNMAP, False)
    ask(0, 0, 0, 0, 0, 0)
    pair("environment created", SYS_ENV_CREATE, "environment ended", SYS_CAP_DROP, True)

    exo_upcall_set(addressof(bench_upcall), top(upcalls), 1 << UPCALL_PAGE_FAULT, 1)
    best = bench_fault(AREA)
    for _ in range(ROUNDS):
        best = min(best, bench_fault(AREA))
    report("page fault to the handler and back", best - 1)
    return with_another(boot)


def with_another(boot: BootPage) -> u32:
    """Measure what takes two environments."""
    pages = pages_of(boot.module_size)
    if exo_map(0, boot.module, MODULE, 0, pages, READ) != 0 or open_program(program, MODULE, boot.module_size) != 0:
        return 1
    slices = u64(exo_cap_derive(boot.slices, 1, 2, READ | WRITE | DERIVE | GRANT))
    gifts = Gifts(console=boot.console, slices=slices, itself=ALL)
    if spawn(program, child, serve, gifts) != 0:
        return 2
    page = child.page()
    exo_pct_set(addressof(bench_back), top(stack))
    page.words[TARGET] = u64(exo_cap_grant(child.env, boot.env, 0, 1, ALL, 0))
    while page.words[READY] == 0:
        exo_yield(0)
    ask(0, 0, 0, 0, 0, 0)
    repeated("yield to another environment and back", SYS_YIELD)
    page.words[READY] = 2
    exo_yield(0)
    exo_yield(0)

    there: u64 = 1 << 40
    back: u64 = 1 << 40
    for _ in range(ROUNDS):
        back = min(back, bench_pct(child.env))
        there = min(there, word(symbol_address("bench_there"))[0] - word(symbol_address("bench_before"))[0])
    report("control transfer, one way", there - 2)
    report("control transfer and back", back - 5)
    ask(page.words[DOOR], 1, 2, 3, 4, 5)
    repeated("door call and answer", SYS_DOOR_CALL)
    exo_cap_drop(child.env)
    return 0
