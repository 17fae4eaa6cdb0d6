"""The part of the fuzzer that is confined: it makes random system calls, by the grammar of user/fuzz_table.py.

Most arguments are what a call wants, as far as the table tells; the others are near that, or hostile. Ids come
from a pool of those that calls have given, most of them dead by now. What a call does to this program is part of the
game: whoever started it sees that it makes no progress any more, and starts it again with the next numbers.
"""

from typing import Final

from exotool.lang import Array, addressof, array, u8, u32, u64, wrapping
from kernel.abi import numbers
from kernel.abi.numbers import SYS_CALLS, SYS_EXIT
from kernel.abi.types import CapInfo
from libos.calls import exo_cap_grant, exo_cap_read, exo_door_create, exo_exit, exo_pct_set, exo_upcall_set
from libos.memory import word_at
from libos.spawn import START_PAGE
from libos.start import StartPage
from libos.upcalls import door_entry, handlers, pct_entry, upcall_entry
from libos.words import AnyArguments, exo_any
from user import fuzz_table
from user.fuzz_table import ARGUMENTS

# Words of the start page.
CALLS: Final = 0  # made so far in this life
LIMIT: Final = 1  # how many to make
SEED: Final = 2
FAILED: Final = 3  # how many gave an error
ENTERED: Final = 4  # how often another one has come in by a transfer
OTHER: Final = 14  # a right to the other child
FIRST_ID: Final = 8  # from here on: ids to begin with, up to a 0

TRIES: Final = 8
NEVER: Final = 0xFFFF_FFFF_FFFF_FFFF
OWN_SLOTS: Final = 3  # the first capabilities: this program's own memory
POOL: Final = 64
AREA: Final = 0x2000_0000
AREA_PAGES: Final = 64
SCRATCH: Final = 1024
UPCALLS: Final = 16384
SHARED: Final = 0x2100_0000  # a page that both children have: ids that one has put into the table of the other
SHARED_IDS: Final = 16
ATTENTION: Final = 0x38  # upcalls that are no faults
HOSTILE: Final[Array[u64]] = array(
    [
        0x7FFF_FFFF_EFFF,
        0x7FFF_FFFF_F000,
        0x7FFF_FFFF_FFFF,
        0x8000_0000_0000,
        0xFFFF_8000_0000_0000,
        0xFFFF_8000_0010_0000,
        0xFFFF_FF00_0000_7000,
        0xFFFF_FFFF_8010_0000,
        0xFFFF_FFFF_C000_0000,
        0x8000_0000_0000_0000,
        0x7FFF_FFFF_FFFF_FFFF,
        0xFFFF_FFFF_FFFF_FFFF,
    ]
)

pool: Array[u64] = array(POOL)
scratch: Array[u8] = array(SCRATCH)
upcall_stack: Array[u8] = array(UPCALLS)
state: u64 = 0
last_id: u64 = 0
last_limit: u64 = 0


@wrapping
def next_random() -> u64:
    """Return the next random number. Vigna: xorshift64*, ACM TOMS 42 (2016)."""
    global state
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state * 0x2545_F491_4F6C_DD1D


def below(limit: u64) -> u64:
    """Return a random number below a small limit."""
    return (next_random() >> 32) % limit


def hostile() -> u64:
    """Return what no call should be given."""
    match below(4):
        case 0:
            return next_random()
        case 1:
            return next_random() >> below(64)
        case _:
            return HOSTILE[below(len(HOSTILE))]


def number_between(first: u64, last: u64) -> u64:
    """Return a number of a range, often one of its ends or one beyond."""
    match below(8):
        case 0:
            return first
        case 1:
            return last
        case 2:
            return last + 1 if last != 0xFFFF_FFFF_FFFF_FFFF else 0
        case 3:
            return hostile()
        case _:
            size = last - first
            return first + (below(16) if size > 15 else below(size + 1))


def any_id(kind: u64) -> u64:
    """Return an id from the pool, if there is one of a type (0: any) mostly such a one; or what is none."""
    global last_id
    last_id = chosen_id(kind)
    return last_id


def chosen_id(kind: u64) -> u64:
    """Choose an id."""
    match below(16):
        case 0:
            return 0
        case 1:
            return hostile()
        case 2:
            return below(64)
        case 3:
            return pool[below(POOL)] ^ (u64(1) << below(40))
        case 4:
            return pool[below(POOL)]
        case 5:
            return word_at(SHARED)[below(SHARED_IDS)]
        case _:
            info = CapInfo()
            for _ in range(TRIES):
                ident = pool[below(POOL)]
                if exo_cap_read(ident, info) == 0 and (kind == 0 or info.kind == kind):
                    return ident
            return pool[below(POOL)]


def range_of_last() -> tuple[u64, u64]:
    """Return a part of the range of the capability that was chosen last, perhaps all of it."""
    info = CapInfo()
    if exo_cap_read(last_id, info) != 0 or info.limit <= info.base:
        return 0, 1
    if below(2) == 0:
        return info.base, info.limit
    base = info.base + below(min(info.limit - info.base, 64))
    return base, min(info.limit, base + 1 + below(4))


def address() -> u64:
    """Return an address of user space, mostly one where something is."""
    match below(4):
        case 0:
            return addressof(upcall_stack) + UPCALLS // 2
        case 1:
            return hostile()
        case _:
            return AREA + below(AREA_PAGES << 12)


def code() -> u64:
    """Return an address of code, mostly of one of the entries."""
    match below(8):
        case 0:
            return address()
        case 1 | 2:
            return addressof(upcall_entry)
        case 3 | 4 | 5:
            return addressof(door_entry)
        case _:
            return addressof(pct_entry)


def argument(kind: u64, first: u64, second: u64) -> u64:
    """Return a value for an argument of a kind."""
    global last_limit
    if below(16) == 0:
        return hostile()
    match kind:
        case fuzz_table.NUMBER:
            return number_between(first, second)
        case fuzz_table.FLAGS:
            return next_random() & first if below(8) != 0 else first
        case fuzz_table.PAGE:
            return AREA + (below(AREA_PAGES) << 12)
        case fuzz_table.PAGES:
            return 1 + below(min(first, 8))
        case fuzz_table.ADDRESS:
            return address()
        case fuzz_table.ID:
            return any_id(0)
        case fuzz_table.CAPABILITY:
            return any_id(first)
        case fuzz_table.ENVIRONMENT:
            return 0 if below(3) == 0 else any_id(numbers.CAP_ENV)
        case fuzz_table.CODE:
            return code()
        case fuzz_table.BASE:
            base, last_limit = range_of_last()
            return base
        case fuzz_table.LIMIT:
            return last_limit
        case fuzz_table.ANY:
            return NEVER if below(4) != 0 else next_random() >> 48
        case fuzz_table.POWER:
            return u64(1) << below(10)
        case fuzz_table.BUFFER:
            return addressof(scratch) + below(SCRATCH - 256) if below(4) != 0 else address()
        case _:
            return 0


def ends_lives(number: u64) -> bool:
    """Tell whether most calls of a number would end this life."""
    match number:
        case numbers.SYS_EXIT | numbers.SYS_ENV_DESTROY | numbers.SYS_UPCALL_RETURN | numbers.SYS_UPCALL_SET:
            return True
        case _:
            return False


def one_call(mine: StartPage) -> None:
    """Make one random call."""
    number = below(SYS_CALLS + 1)
    if ends_lives(number) and below(64) != 0:
        number = below(SYS_EXIT)
    arguments = AnyArguments()
    if number < SYS_CALLS:
        row = number * 18
        arguments.a0 = argument(ARGUMENTS[row], ARGUMENTS[row + 1], ARGUMENTS[row + 2])
        arguments.a1 = argument(ARGUMENTS[row + 3], ARGUMENTS[row + 4], ARGUMENTS[row + 5])
        arguments.a2 = argument(ARGUMENTS[row + 6], ARGUMENTS[row + 7], ARGUMENTS[row + 8])
        arguments.a3 = argument(ARGUMENTS[row + 9], ARGUMENTS[row + 10], ARGUMENTS[row + 11])
        arguments.a4 = argument(ARGUMENTS[row + 12], ARGUMENTS[row + 13], ARGUMENTS[row + 14])
        arguments.a5 = argument(ARGUMENTS[row + 15], ARGUMENTS[row + 16], ARGUMENTS[row + 17])
    if number == numbers.SYS_CAP_DROP and u32(arguments.a0) <= OWN_SLOTS and below(64) != 0:
        arguments.a0 = pool[below(POOL)]
    mine.words[CALLS] += 1
    result = exo_any(number, arguments)
    if result < 0:
        mine.words[FAILED] += 1
    elif result > 0:
        if number == numbers.SYS_CAP_GRANT or number == numbers.SYS_CAP_MOVE:
            word_at(SHARED)[below(SHARED_IDS)] = u64(result)
        pool[below(POOL)] = u64(result)


def fuzz(page: u64) -> u64:
    """Make random calls; exits with 0 after as many as the maker wants."""
    global state
    mine = StartPage.at(page)
    state = mine.words[SEED] | 1
    handlers.transfer = entered
    for _ in range(8):
        next_random()
    for i in range(POOL):
        pool[i] = mine.words[FIRST_ID + u64(i) % 8]
    exo_upcall_set(addressof(upcall_entry), addressof(upcall_stack) + UPCALLS, ATTENTION, 2)
    open_door(mine)
    go_on()
    return 0


def open_door(mine: StartPage) -> None:
    """Let the other child call this one."""
    exo_pct_set(addressof(pct_entry), addressof(upcall_stack) + UPCALLS // 2)
    door = u64(exo_door_create(addressof(door_entry), 1))
    info = CapInfo()
    exo_cap_read(door, info)
    there = exo_cap_grant(mine.words[OTHER], door, info.base, info.limit, 255, 0)
    if there > 0:
        word_at(SHARED)[mine.words[SEED] % SHARED_IDS] = u64(there)


def go_on() -> None:
    """Make the calls that are left."""
    mine = StartPage.at(START_PAGE)
    while mine.words[CALLS] < mine.words[LIMIT]:
        one_call(mine)


def entered(transfer: u64) -> None:
    """Go on where another one has entered: nothing is left of what was done before."""
    StartPage.at(START_PAGE).words[ENTERED] += 1
    go_on()
    exo_exit(0)
