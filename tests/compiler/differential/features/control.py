# ruff: noqa: B007, RUF021, SIM108 - the forms themselves are what is tested
from enum import IntEnum

from exotool.lang import Struct, i64, stored_as, u8, u32, u64


@stored_as(u8)
class State(IntEnum):
    FREE = 0
    READY = 1
    RUNNING = 5


def t_while_else(n: u8) -> u64:
    i: u64 = 0
    while i < n:
        i += 3
        if i == 9:
            break
    else:
        i += 1000
    return i


def t_for_else(n: u8, stop: u8) -> u64:
    total: u64 = 0
    for i in range(n):
        if i == stop:
            break
        if i & 1 == 0:
            continue
        total += i
    else:
        total |= 1 << 40
    return total


def t_reversed(n: u8) -> u64:
    total: u64 = 0
    for i in reversed(range(n)):
        total = (total * 7 + i) & 0xFFFF_FFFF
    return total


def t_steps(low: i64) -> i64:
    total: i64 = 0
    start = low & 63
    for i in range(start, -20, -7):
        total = total * 3 - i
        if total > 1_000_000 or total < -1_000_000:
            total = i
    for j in range(-5, 6, 2):
        total += j
    return total


def t_last_value(n: u8) -> u64:
    last: u64 = 77
    for i in range(n):
        last = u64(i)
    return last


def t_walk_is_not_changed() -> u64:
    rounds: u64 = 0
    for i in range(5):
        i = i + 10
        rounds += i
    return rounds


def t_near_the_end() -> u64:
    rounds: u64 = 0
    for i in range(u8(250), u8(255), 3):
        rounds += i
    return rounds


def t_match(x: u32) -> u32:
    match x:
        case 0:
            return 10
        case 1 | 2:
            return 20
        case 0xFFFFFFFF:
            return 30
        case _:
            return x & 15


def t_match_guard(x: u8, y: u8) -> u64:
    match x:
        case 0 if y == 0:
            return 1
        case 0 | 1 if y > 100:
            return 2
        case 0:
            return 3
        case _:
            return 4


def t_enum(x: u8) -> u64:
    state = State(x)
    match state:
        case State.FREE:
            return 100
        case State.READY | State.RUNNING:
            return u64(state) + 200


def t_ternary(x: u8) -> u64:
    y = x if x > 7 else 7
    z = u64(1) if x == 0 else 0xFFFF_FFFF_FFFF
    return z - y


def t_ternary_takes_the_other_type(x: u8) -> u64:
    y = 0 if x < 128 else x
    return u64(~y)


def t_later_literal(x: u8) -> u8:
    if x > 100:
        y = x
    else:
        y = 255
    return y - 200


def t_chain(x: i64, y: i64) -> bool:
    return -1 <= x < y <= 0x7F


def t_logic(x: u8, y: u8) -> bool:
    return x != 0 and y // x > 2 or y == 3


class Log(Struct):
    text: u64

    def note(self, what: u64, result: bool) -> bool:
        self.text = (self.text << 4) | what
        return result

    def value(self, what: u64, result: u64) -> u64:
        self.text = (self.text << 4) | what
        return result


def t_order_of_operands(x: u8) -> u64:
    log = Log()
    a = log.value(1, 3) * log.value(2, 5) - log.value(3, 1)
    if log.note(4, x > 1) and log.note(5, x > 2) or log.note(6, x > 3):
        a += 1
    b = log.value(7, 1) if log.note(8, x == 0) else log.value(9, 2)
    return log.text * 16 + a + b


def t_order_of_comparison() -> u64:
    log = Log()
    inside = log.value(1, 1) < log.value(2, 5) < log.value(3, 4) < log.value(4, 9)
    return log.text * 2 + u64(inside)


class Guard(Struct):
    log: u64

    def __enter__(self) -> None:
        self.log = self.log * 10 + 1

    def __exit__(self, *exc: object) -> None:
        self.log = self.log * 10 + 2


guard: Guard = Guard()


def leave(how: u8) -> u64:
    for i in range(3):
        with guard:
            if how == 0:
                return guard.log
            if how == 1:
                break
            if how == 2:
                continue
            guard.log = guard.log * 10 + 3
    return guard.log


def t_with(how: u8) -> u64:
    guard.log = 0
    result = leave(how)
    return guard.log * 1_000_000 + result


def t_with_and_trap(x: u8) -> u64:
    with guard:
        return u64(100 // x)


def t_what_a_trap_left() -> u64:
    return guard.log


def t_assert(x: u8) -> u8:
    assert x < 200, "too large"
    return x


def two(x: u64) -> tuple[u64, bool]:
    return x // 2, x & 1 != 0


def t_tuple(x: u64) -> u64:
    half, odd = two(x)
    both = two(half)
    return both[0] + u64(odd) + u64(both[1]) * 2


def t_swap(a: u32, b: u32) -> tuple[u32, u32]:
    a, b = b, a
    return a, b
