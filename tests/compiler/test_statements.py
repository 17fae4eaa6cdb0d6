"""Statements in all three lives: corners of loops, matches, assignments and cleanups that documents do not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import test_language

PROGRAMS = {
    "the_variable_of_a_loop_is_set_anew": """
def f(n: u64) -> u64:
    total: u64 = 0
    for i in range(n):
        total += i
        i = 100
        total += i
    return total

# f(3) == 303
""",
    "limits_are_evaluated_once": """
def f(n: u64) -> u64:
    rounds: u64 = 0
    for _ in range(n):
        n += 1
        rounds += 1
    return rounds * 100 + n

# f(3) == 306
""",
    "ranges_at_the_ends_of_a_type": """
def f(n: u8) -> u64:
    rounds: u64 = 0
    for _ in range(n, 255, 100):
        rounds += 1
    for _ in reversed(range(i8(-128), i8(127), 100)):
        rounds += 10
    for _ in range(10, 0, -3):
        rounds += 100
    return rounds

# f(0) == 433
# f(254) == 431
# f(255) == 430
""",
    "else_of_loops": """
def f(n: u64) -> u64:
    i: u64 = 0
    while i < 5:
        if i == n:
            break
        i += 1
    else:
        i = 50
    for j in range(3):
        if j == n:
            continue
    else:
        i += 100
    return i

# f(2) == 102
# f(9) == 150
""",
    "exchange_and_nested_unpacking": """
def pair(n: u64) -> tuple[u64, tuple[u64, bool]]:
    return n, (n + 1, n > 3)

def f(n: u64) -> u64:
    a, (b, c) = pair(n)
    a, b = b, a
    return a * 100 + b * 10 + u64(c)

# f(3) == 430
# f(4) == 541
""",
    "places_as_targets": """
keys: Array[u32] = array(3)

class Point(Struct):
    x: u8
    y: i16

def f(n: u32) -> i64:
    p = Point()
    keys[1], p.x, p.y = n, 7, -3
    p.x -= 2
    p.y *= 100
    keys[1] //= 2
    keys[2] |= keys[1] << 4
    return i64(p.y) * 10000 + i64(p.x) * 1000 + i64(keys[2])

# f(6) == -2994952
""",
    "the_place_of_an_update_is_evaluated_once": """
calls: u64 = 0
keys: Array[u64] = array(4)

def next() -> u64:
    global calls
    calls += 1
    return calls

def f(n: u64) -> u64:
    keys[next()] += n
    return calls * 100 + keys[1]

# f(5) == 105
""",
    "match_with_guards_falls_on": """
class Op(IntEnum):
    A = 1
    B = 2
    C = 3

def cost(op: Op, n: u64) -> u64:
    match op:
        case Op.A if n > 5:
            return 10
        case Op.A | Op.B if n > 3:
            return 20
        case Op.C:
            return 30
        case _:
            return 40

def f(op: u32, n: u64) -> u64:
    return cost(Op(op), n)

# f(1, 6) == 10
# f(1, 4) == 20
# f(1, 1) == 40
# f(2, 9) == 20
# f(3, 9) == 30
""",
    "match_without_default_goes_on": """
def f(n: i8) -> i64:
    result: i64 = 5
    match n:
        case -1 | -128:
            result = 1
        case 0x7f:
            result = 2
    return result

# f(-1) == 1
# f(-128) == 1
# f(127) == 2
# f(3) == 5
""",
    "cleanups_run_inside_out_on_every_way": """
class Log(Struct):
    text: u64

class Mark(Struct):
    digit: u64

    def __enter__(self) -> u64:
        log.text = log.text * 10 + self.digit
        return self.digit

    def __exit__(self, *exc: object) -> None:
        log.text = log.text * 10 + 9 - self.digit

log: Log = Log()
one: Mark = Mark(digit=1)
two: Mark = Mark(digit=2)

def inner(n: u64) -> u64:
    for i in range(3):
        with one as a, two as b:
            if i == n:
                break
            if n == 7:
                return a * 10 + b
            if i + 1 == n:
                continue
        log.text = log.text * 10
    return log.text

def f(n: u64) -> u64:
    log.text = 0
    result = inner(n)
    return result * 1000000 + log.text

# f(0) == 1278001278
# f(7) == 12001278
# f(1) == 12781290781278
""",
    "a_result_is_computed_before_the_cleanup": """
class Box(Struct):
    value: u64

    def __enter__(self) -> None:
        self.value += 1

    def __exit__(self, *exc: object) -> None:
        self.value = 0

box: Box = Box()

def f(n: u64) -> u64:
    box.value = n
    with box:
        return box.value

# f(4) == 5
""",
    "storage_in_a_loop_is_new_each_time": """
class Point(Struct):
    x: u64
    y: u64

def f(n: u64) -> u64:
    total: u64 = 0
    for i in range(n):
        p = Point(x=i)
        p.y += 5
        total += p.x + p.y
        rows: Array[Array[u8]] = array([[1, 2], [3, 4]])
        rows[1][0] += 1
        total += rows[1][0]
    return total

# f(3) == 30
""",
    "nullable_from_a_constructor": """
class Point(Struct):
    x: u64

def f(n: u64) -> u64:
    p: Point | None = Point(x=n)
    q = Point(x=1)
    if n > 3:
        p = None
    if p is not None:
        q = p
    return q.x

# f(2) == 2
# f(4) == 1
""",
    "walks_of_arrays": """
class Point(Struct):
    x: u64

points: Array[Point] = array(3)

def f(n: u64) -> u64:
    for i, p in enumerate(points):
        p.x = i + n
    total: u64 = 0
    for p in points[1:]:
        total = total * 10 + p.x
        p = points[0]
    for _, _ in enumerate(DATA):
        total += 1000
    return total

DATA: Final[Array[u8]] = array(b"ab")

# f(4) == 2056
""",
    "underscores_of_several_types": """
def three() -> tuple[u64, bool, u8]:
    return 1, True, 2

def f(n: u8) -> u64:
    total: u64 = 0
    for _ in range(n):
        total += 1
    _, _, x = three()
    for _ in range(u16(2)):
        total += x
    return total

# f(3) == 7
""",
    "assertions_with_constants": """
def f(n: u64) -> u64:
    assert True
    assert n < 5, "small"
    if n == 4:
        assert False, "four"
    return n

# f(3) == 3
# f(4) traps ASSERTION
# f(5) traps ASSERTION
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(name: str, tmp_path: Path) -> None:
    test_language.check_lives(test_language.Example(name, 1, PROGRAMS[name].lstrip("\n"), ""), tmp_path)
