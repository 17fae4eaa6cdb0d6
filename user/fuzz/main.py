"""The system-call fuzzer: random calls from a confined environment, and in the end the machine must have all it had.

`exov6.seed=N` and `exov6.calls=N` on the command line say with which numbers and how many calls. The calls are made by
two children in a zone of their own (user/fuzz/child.py), life after life: they are ended when they make no progress,
and each life begins with other numbers. A life is told before it begins, so that the last line says which one it was.
With QEMU counting instructions and one CPU, the same seed makes the same calls.
"""

from typing import Final

from exotool.lang import Array, Struct, array, export, i64, u8, u32, u64, wrapping
from kernel.abi.numbers import (
    ENV_READY,
    ENV_RUNNING,
    ENV_ZOMBIE,
    INFO_CAPS_USED,
    INFO_DOORS_FREE,
    INFO_ENVS_FREE,
    INFO_FRAMES_FREE,
    INFO_ZONE_USED,
    INFO_ZONES_FREE,
    READ,
    WRITE,
)
from kernel.abi.types import BootPage
from kernel.errno import EAGAIN
from libos.calls import (
    exo_cap_derive,
    exo_cap_grant,
    exo_clock,
    exo_env_resume,
    exo_env_state,
    exo_info,
    exo_map,
    exo_notify,
    exo_yield,
    exo_zone_create,
    exo_zone_destroy,
)
from libos.cmdline import number_of
from libos.console import cprintf
from libos.memory import PAGE_SIZE, alloc, alloc_at, drop, frames_of, pages_of, word_at
from libos.spawn import WINDOWS, Child, Gifts, Program, begin, close_program, discard, open_program, prepare
from user.fuzz.child import AREA, CALLS, ENTERED, FAILED, FIRST_ID, LIMIT, OTHER, SEED, SHARED, fuzz

SEED_WORD: Final[Array[u8]] = array(b"exov6.seed=")
CALLS_WORD: Final[Array[u8]] = array(b"exov6.calls=")
DEFAULT_CALLS: Final = 20_000
LIFE: Final = 8_000  # calls of one life
PLAYERS: Final = 2  # children that live together
QUOTA: Final = 1024
SLICES: Final = 64
MODULE: Final = 0x3000_0000
CANARY: Final = 0x4000_0000
CANARY_WORDS: Final = 512
PATIENCE: Final = 1_000_000_000  # nanoseconds without a call until a life is ended
NUDGES: Final = 4  # how often somebody who sleeps is woken
TOYS: Final = 32  # frames to play with
CANARY_VALUE: Final = 0x5AFE_5AFE_5AFE_5AFE
ALL: Final = 255
COUNTERS: Final = 6
WHAT: Final[Array[u64]] = array(
    [INFO_FRAMES_FREE, INFO_ENVS_FREE, INFO_CAPS_USED, INFO_DOORS_FREE, INFO_ZONES_FREE, INFO_ZONE_USED]
)


class Run(Struct):
    """What was done so far."""

    calls: u64
    failed: u64
    entered: u64
    lives: u64
    ended: u64
    problems: u32
    before: Array[i64] = array(COUNTERS)


class Player(Struct):
    """What is known of a child: its calls, and how often it was woken since it made the last."""

    calls: u64
    nudges: u64


run: Run = Run()
players: Array[Child] = array(PLAYERS)
watched: Array[Player] = array(PLAYERS)
program: Program = Program()


def need(result: i64, what: str) -> u64:
    """Return a result that must be no error; 0 if it is one."""
    if result < 0:
        run.problems += 1
        cprintf("fuzz: ")
        cprintf(what)
        cprintf(f": error {-result}\n")
        return 0
    return u64(result)


def give(child: Child, zone: u64, at: u64, cap: u64, first: u64, end: u64) -> u64:
    """Give a child something to play with."""
    granted = need(exo_cap_grant(child.env, cap, first, end, ALL, zone), "grant")
    child.page().words[FIRST_ID + at] = granted
    return granted


def live(boot: BootPage, zone: u64, seed: u64, calls: u64) -> None:
    """Let children make some calls, all at the same time."""
    frames = need(alloc(PLAYERS * TOYS + 1), "frames")
    for number in range(PLAYERS):
        prepare_player(boot, zone, u64(number), frames)
    for number in range(PLAYERS):
        child = players[number]
        other = players[PLAYERS - 1 - u64(number)]
        base, limit = frames_of(other.env)
        if run.problems == 0:
            give(child, zone, OTHER - FIRST_ID, other.env, base, limit)
            page = child.page()
            page.words[SEED] = mix(seed, u64(number))
            page.words[LIMIT] = (calls + u64(number)) // PLAYERS
    for number in range(PLAYERS):
        if run.problems == 0:
            need(begin(program, players[number], fuzz), "start a child")
    if run.problems == 0:
        watch()
    for number in range(PLAYERS):
        discard(players[number])
    drop(frames)


def prepare_player(boot: BootPage, zone: u64, number: u64, frames: u64) -> None:
    """Make a child on a CPU of its own, if there are so many, with frames, slices, interrupts and a port."""
    child = players[number]
    child.number = number
    first = number % boot.cpus * SLICES + 1 + number * 8
    time = need(exo_cap_derive(boot.slices, first, first + 1, ALL), "a slice")
    gifts = Gifts(zone=zone, itself=ALL, slices=time)
    if need(prepare(program, child, gifts), "make a child") != 0 or run.problems != 0:
        return
    base, _ = frames_of(frames)
    toys = give(child, zone, 1, frames, base + number * TOYS, base + (number + 1) * TOYS)
    need(exo_map(child.env, toys, AREA, 0, TOYS, READ | WRITE), "map its frames")
    last = base + PLAYERS * TOYS
    both = need(exo_cap_grant(child.env, frames, last, last + 1, READ | WRITE, zone), "grant")
    need(exo_map(child.env, both, SHARED, 0, 1, READ | WRITE), "map the page that both have")
    give(child, zone, 2, boot.slices, first + 1, first + 5)
    give(child, zone, 3, boot.irqs, 5, 8)
    give(child, zone, 4, boot.ports, 0x80, 0x81)
    child.page().words[FIRST_ID] = child.page().env
    child.page().words[FIRST_ID + 5] = toys


def watch() -> None:
    """Wait until the children have made their calls, or make none any more."""
    for player in watched:
        player.calls = 0
        player.nudges = 0
    since = exo_clock()
    while exo_clock() - since < PATIENCE:
        exo_yield(0)
        alive: u32 = 0
        for number in range(PLAYERS):
            if lives(players[number], watched[number]):
                alive += 1
            if players[number].page().words[CALLS] != watched[number].calls:
                watched[number].calls = players[number].page().words[CALLS]
                watched[number].nudges = 0
                since = exo_clock()
        if alive == 0:
            break
    for number in range(PLAYERS):
        page = players[number].page()
        run.calls += page.words[CALLS]
        run.failed += page.words[FAILED]
        run.entered += page.words[ENTERED]
        if page.words[CALLS] < page.words[LIMIT]:
            run.ended += 1


def lives(child: Child, player: Player) -> bool:
    """Tell whether a child may make calls yet; one that sleeps is woken a few times."""
    state = exo_env_state(child.env)
    if state < 0 or state == ENV_ZOMBIE:
        return False
    if state != ENV_READY and state != ENV_RUNNING:
        player.nudges += 1
        exo_env_resume(child.env)
        exo_notify(child.env, 1)
    return player.nudges < NUDGES


def end_zone(zone: u64) -> None:
    """End a zone and all that a life has left in it."""
    while exo_zone_destroy(zone) == -EAGAIN:
        exo_yield(0)
    drop(zone)


def inspect() -> None:
    """Compare what is free with what was, and look at memory that nobody else has."""
    for i, what in enumerate(WHAT):
        now = exo_info(what, 0)
        if now != run.before[i]:
            cprintf(f"fuzz: leak: info {what} was {run.before[i]}, is {now}\n")
            run.problems += 1
    for i in range(CANARY_WORDS):
        if word_at(CANARY)[i] != CANARY_VALUE ^ u64(i):
            cprintf(f"fuzz: word {i} of memory that was given to nobody is {word_at(CANARY)[i]:#x}\n")
            run.problems += 1


@wrapping
def mix(seed: u64, life: u64) -> u64:
    """Return the seed of a life."""
    return (seed + 1) * 0x9E37_79B9_7F4A_7C15 ^ (life + 1) * 0xD1B5_4A32_D192_ED03


def prepare_all(boot: BootPage) -> bool:
    """Make what stays: this program as a file, the memory to look at, page tables."""
    pages = pages_of(boot.module_size)
    for first in range(0, pages, 512):
        count = min(pages - first, 512)
        need(exo_map(0, boot.module, MODULE + first * PAGE_SIZE, first, count, READ), "map the module")
    need(open_program(program, MODULE, boot.module_size), "read the module")
    need(alloc_at(CANARY, 1), "memory to look at")
    drop(need(alloc_at(WINDOWS, 1), "windows"))
    for i in range(CANARY_WORDS):
        word_at(CANARY)[i] = CANARY_VALUE ^ u64(i)
    return run.problems == 0


@export
def main(boot: BootPage) -> u32:
    """Fuzz; 1 if something leaked or broke."""
    seed = number_of(boot.cmdline, SEED_WORD, 1)
    calls = number_of(boot.cmdline, CALLS_WORD, DEFAULT_CALLS)
    cprintf(f"fuzz: exov6.seed={seed} exov6.calls={calls}\n")
    if not prepare_all(boot):
        return 1
    for i, what in enumerate(WHAT):
        run.before[i] = exo_info(what, 0)
    while run.calls < calls and run.problems == 0:
        zone = need(exo_zone_create(QUOTA), "a zone")
        cprintf(f"fuzz: life {run.lives} from call {run.calls} on\n")
        live(boot, zone, mix(seed, run.lives), min(LIFE, calls - run.calls))
        run.lives += 1
        end_zone(zone)
        inspect()
    cprintf(f"fuzz: {run.calls} calls in {run.lives} lives, {run.ended} children cut short; ")
    cprintf(f"{run.failed} errors, {run.entered} transfers\n")
    close_program(program)
    return 1 if run.problems != 0 else 0
