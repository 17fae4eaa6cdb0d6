# ruff: noqa: SIM108 - the forms themselves are what is tested
from collections.abc import Callable
from enum import IntEnum
from typing import Final

from exotool.lang import Array, Bits, Ptr, Struct, addressof, array, bits, i8, i32, i64, stored_as, u8, u16, u32, u64

LIMIT: Final = 1 << 40
MASK: Final[u32] = 0xFFFF_0000
MINUS: Final = i8(-3)


@stored_as(i8)
class Level(IntEnum):
    LOW = -1
    ZERO = 0
    HIGH = 100


class Nibbles(Bits[u16]):
    level: u8 = bits(3, 0)
    wide: u64 = bits(15, 6)


class Cell(Struct):
    level: Level
    value: i32


class Row(Struct):
    cells: Array[Cell] = array(3)
    sums: Array[Array[u8]] = array(2, 2)
    nibbles: Nibbles


def double(x: u64) -> u64:
    return x * 2


def square(x: u64) -> u64:
    return x * x


steps: Array[Callable[[u64], u64]] = array([double, square])
rows: Array[Row] = array(2)
grid: Array[Array[u16]] = array([[1, 2, 3], [4, 5, 6]])


def t_negative_enum(x: i8) -> i64:
    cell = rows[0].cells[1]
    cell.level = Level(x)
    return i64(rows[0].cells[1].level) * 3


def t_enum_in_memory(raw: u8) -> i64:
    row = rows[1]
    place = Ptr[u8](addressof(row.cells[2]))
    place[0] = raw
    return i64(row.cells[2].level)


def t_annotated_later(x: u8) -> u64:
    y: u64
    if x > 50:
        y = x
    else:
        y = 7
    return y * LIMIT


def t_annotated_tuple(x: u8) -> u64:
    both: tuple[u64, i8] = x, -2
    number, sign = both
    return number * 2 + u64(sign) + u64(both[1] == sign)


def t_match_constants(x: i8) -> u64:
    match x:
        case -1 | -2:
            return 1
        case 100:
            return 2
        case _:
            return u64(x) & MASK


def t_negative_constant(x: i8) -> i8:
    return x // MINUS + x % MINUS


def t_steps(which: u8, x: u32) -> u64:
    return steps[which](x)


def t_references() -> i64:
    total: i64 = 0
    for row in rows:
        for i, cell in enumerate(row.cells):
            cell.value += i32(i) + 1
            total = total * 5 + cell.value
    return total


def bump(cells: Array[Cell], by: i32) -> i32:
    for cell in cells:
        cell.value += by
    return cells[0].value


def t_view_of_structs(n: u8) -> i32:
    return bump(rows[0].cells[n:], 7) + rows[0].cells[2].value


def t_rows_of_grid(a: u8, b: u8, v: u16) -> u64:
    part = grid[a:]
    part[0][b] = v
    total: u64 = len(part)
    for row in part:
        for i in range(len(row)):
            total = total * 3 + row[i]
    return total


def t_inner_arrays(i: u8, v: u8) -> u64:
    rows[i].sums[1][i % 2] += v
    return u64(rows[i].sums[1][0]) * 256 + rows[i].sums[1][1]


def t_bits_in_struct(v: u64) -> u64:
    row = rows[1]
    row.nibbles = row.nibbles.replace(wide=v & 0x3FF, level=u8(v & 15))
    return u64(row.nibbles) + row.nibbles.wide


def t_nested_loops(n: u8, m: u8) -> u64:
    found: u64 = 0
    for i in range(n & 15):
        for j in range(m & 15):
            if j == 5:
                break
            if (i + j) % 3 == 0:
                continue
            found += u64(i) * j
        else:
            found += 1000
    return found


def t_while_with_continue(n: u8) -> u64:
    i: u64 = n
    odd: u64 = 0
    while i > 0:
        i -= 1
        if i % 2 == 0:
            continue
        odd += i
    return odd


def t_order_of_store(i: u8) -> u64:
    order: Array[u64] = array(4)
    order[trace(1, i)] = trace(2, 5)
    order[trace(3, i)] += trace(4, 6)
    return log


log: u64 = 0


def trace(what: u64, value: u64) -> u64:
    global log
    log = ((log & 0xFFFF) << 4) | what
    return value


def t_log() -> u64:
    return log
