from collections.abc import Callable
from typing import Generic, TypeVar

from exotool.lang import (
    Array,
    Struct,
    array,
    byteswap,
    checked_add,
    checked_mul,
    checked_sub,
    count_leading_zeros,
    count_trailing_zeros,
    fprint,
    i8,
    i32,
    i64,
    popcount,
    recursive,
    rotate_left,
    u8,
    u16,
    u32,
    u64,
    wrapping,
)

T = TypeVar("T")


def largest(a: T, b: T) -> T:
    return a if a > b else b  # type: ignore[operator]


class Queue(Struct, Generic[T]):
    items: Array[T] = array(4)
    head: u64
    count: u64

    def push(self, item: T) -> bool:
        if self.count == len(self.items):
            return False
        self.items[(self.head + self.count) % 4] = item
        self.count += 1
        return True

    def pop(self) -> T:
        assert self.count > 0, "empty"
        item = self.items[self.head]
        self.head = (self.head + 1) % 4
        self.count -= 1
        return item


numbers: Queue[u32] = Queue[u32]()
signs: Queue[i8] = Queue[i8]()


def t_generic(a: u8, b: u8) -> u64:
    return u64(largest(a, b)) + largest(u64(a) * 300, 500)


def t_queue(x: u32) -> u64:
    pushed = numbers.push(x)
    if not pushed:
        return u64(numbers.pop()) + (1 << 40)
    return numbers.count


def t_queue_of_signed(x: i8) -> i8:
    if not signs.push(x):
        return signs.pop() // 2
    return -1


def t_empty() -> u32:
    fresh = Queue[u32]()
    return fresh.pop()


def double(x: u64) -> u64:
    return x * 2


def triple(x: u64) -> u64:
    return x * 3


class Table(Struct):
    run: Callable[[u64], u64] | None


table: Table = Table()


def choose(which: u8) -> None:
    if which == 0:
        table.run = None
    else:
        table.run = double if which & 1 == 0 else triple


def t_function_pointer(which: u8, x: u32) -> u64:
    choose(which)
    run = table.run
    if run is None:
        return 0
    return run(x)


@recursive(depth=12)
def factorial(n: u8) -> u64:
    if n == 0:
        return 1
    return factorial(n - 1) * n


def t_recursion(n: u8) -> u64:
    return factorial(n % 16)


@wrapping
def t_wrapping(a: u32, b: u32) -> u32:
    c = a * b + 7
    c -= b
    return -c


@wrapping
def t_wrapping_signed(a: i64, b: i64) -> i64:
    return a * 31 + b - (a << 3)


def t_count(x: u32, y: i8) -> u32:
    return popcount(x) * 1000 + count_leading_zeros(x) * 100 + count_trailing_zeros(y) + popcount(y)


def t_swap(x: u16, y: u64) -> u64:
    return u64(byteswap(x)) ^ byteswap(y)


def t_rotate(x: u8, n: u8) -> u8:
    return rotate_left(x, n)


def t_checked(a: i32, b: i32) -> u64:
    s, wrapped = checked_add(a, b)
    d, below = checked_sub(a, b)
    p, beyond = checked_mul(a, b)
    return u64(s) ^ (u64(d) << 5) ^ (u64(p) << 9) ^ u64(wrapped) ^ (u64(below) << 1) ^ (u64(beyond) << 2)


def t_checked_unsigned(a: u8, b: u8) -> tuple[u8, bool]:
    return checked_sub(a, b)


def t_minimum(a: u8, b: u16) -> u64:
    return u64(min(a, b)) * 65536 + max(a, 7) + min(b, 100)


def scale(x: u64, factor: u64 = 3) -> u64:
    return x * factor


def t_keywords(x: u8) -> u64:
    return scale(x) + scale(factor=2, x=x) + scale(x, 5)


class Printer(Struct):
    buffer: Array[u8] = array(128)
    length: u64

    def put(self, c: u8) -> None:
        if self.length < len(self.buffer):
            self.buffer[self.length] = c
            self.length += 1

    def write(self, text: Array[u8]) -> None:
        for c in text:
            self.put(c)

    def write_unsigned(self, value: u64, base: u32, width: u32, flags: u32) -> None:
        self.put(u8(base & 0xFF))
        self.put(u8(width & 0xFF))
        self.put(u8(flags & 0xFF))
        for i in range(0, 64, 8):
            self.put(u8(value >> i & 0xFF))

    def write_signed(self, value: i64, width: u32, flags: u32) -> None:
        self.put(99)
        self.write_unsigned(u64(value), 10, width, flags)


def digest(printer: Printer) -> u64:
    total: u64 = printer.length
    for i in range(printer.length):
        total = rotate_left(total, 7) ^ printer.buffer[i]
    return total


def say(printer: Printer, text: str) -> None:
    fprint(printer, text)


def t_text(a: u8, b: i32, c: bool) -> u64:
    printer = Printer()
    say(printer, f"a={a} b={b:+d} {c} {a:#04x} {b:<5} {{}} é\n")
    say(printer, "plain")
    fprint(printer, f"{a:08b}|{u64(a):X}|{u8(65):c}")
    return digest(printer)


def t_static_method(x: u8) -> u64:
    helper = Helper(base=1)
    return Helper.twice(x) + helper.above(x)


class Helper(Struct):
    base: u64

    @staticmethod
    def twice(x: u64) -> u64:
        return x * 2

    def above(self, x: u64) -> u64:
        return self.base + x


def below(a: T, b: T) -> T:
    difference = 0 if a < b else a - b  # type: ignore[operator]
    return difference - 1  # type: ignore[return-value]


def t_literal_in_generic(a: u8, b: u8, c: i8) -> i64:
    return i64(below(a, b)) * 1000 + below(i64(c), -3)
