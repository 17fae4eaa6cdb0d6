from typing import Final

from exotool.lang import (
    Array,
    Atomic,
    Bits,
    Ptr,
    Ref,
    Struct,
    Volatile,
    addressof,
    array,
    bit,
    bits,
    copy,
    i8,
    i16,
    i32,
    offsetof,
    sizeof,
    u8,
    u16,
    u32,
    u64,
)

PRIMES: Final[Array[u16]] = array([2, 3, 5, 7, 11, 13, 17, 65521])
WORDS: Array[i32] = array([-1, 2, -3, 0x7FFFFFFF])
GRID: Array[Array[u16]] = array(5, 7)
counter: u32 = 3
flag: bool = True


class Point(Struct):
    x: i32
    y: i32


class Mixed(Struct):
    a: u8
    b: u64
    c: u16
    inner: Point
    many: Array[u16] = array(3)
    next: Ref["Mixed"] | None
    done: bool


class Packed(Struct, packed=True):
    a: u8
    b: u32
    c: u16


class View(Struct, union=True):
    whole: u64
    parts: Array[u8] = array(8)
    low: i32


class Device(Struct):
    data: Volatile[u8]
    count: Volatile[i16]
    hits: Atomic[u32]


assert sizeof(Mixed) == 56
assert offsetof(Mixed, "inner") == 20
assert sizeof(Packed) == 7

mixed: Mixed = Mixed(a=7)
points: Array[Point] = array(4)
device: Device = Device()


def t_constant_table(i: u8) -> u16:
    return PRIMES[i]


def t_table(i: i8) -> i32:
    return WORDS[i]


def t_grid(i: u8, j: u8, v: u16) -> u64:
    GRID[i][j] = v
    total: u64 = 0
    for row in GRID:
        for cell in row:
            total += cell
    return total * 100 + len(GRID) * 10 + len(GRID[1])


def t_slice(start: u8, stop: u8) -> u64:
    part = PRIMES[start:stop]
    total = len(part)
    for p in part:
        total = total * 3 + p
    return total


def t_slice_of_slice(a: u8) -> u64:
    part = PRIMES[2:7][a:]
    return len(part) * 1000 + u64(part[0])


def total_of(words: Array[i32]) -> i32:
    total: i32 = 0
    for i, word in enumerate(words):
        total += word // 2 + i32(i)
    return total


def t_view() -> i32:
    return total_of(WORDS) - total_of(WORDS[1:3])


def t_local_array(n: u8) -> u64:
    seen: Array[u8] = array(16)
    for k in range(n):
        seen[k * 5 % 16] += 1
    total: u64 = 0
    for i, s in enumerate(seen):
        total += s * (i + 1)
    return total


def t_zeroed_each_time() -> u64:
    total: u64 = 0
    for i in range(4):
        fresh: Array[u8] = array(4)
        total = total * 10 + fresh[i]
        fresh[i] = 9
        point = Point(x=i32(i))
        total = total * 10 + u64(point.x + point.y)
        point.y = 5
    return total


def t_fields(a: u8, b: u64, c: u16) -> u64:
    mixed.a = a
    mixed.b = b
    mixed.c = c
    mixed.inner.x = i32(c) - 5
    mixed.many[c % 3] = c
    mixed.done = not mixed.done
    return mixed.b ^ (u64(mixed.a) << 56) ^ u64(mixed.inner.x) ^ mixed.many[0] ^ u64(mixed.done)


def t_update(v: u8) -> i32:
    points[v % 4].x += i32(v)
    points[1].y -= 3
    points[2].x ^= points[1].y
    points[3].y //= 2
    points[3].y += 7
    return points[0].x + points[1].x * 2 + points[2].x * 3 + points[3].x * 4 + points[3].y


def t_copy() -> i32:
    here = Point(x=5, y=-6)
    there = Point()
    copy(there, here)
    here.x = 1
    copy(points[0], there)
    return points[0].x * 100 + there.y


def t_copy_overlapping(n: u8) -> u64:
    buffer: Array[u8] = array([1, 2, 3, 4, 5, 6, 7, 8])
    copy(buffer[n:], buffer[: 8 - u64(n)])
    total: u64 = 0
    for c in buffer:
        total = total * 10 + c
    return total


def t_chain() -> u64:
    first = Mixed(b=1)
    second = Mixed(b=2, next=first)
    node: Mixed | None = second
    total: u64 = 0
    while node is not None:
        total = total * 10 + node.b
        node = node.next
    return total


def t_union(x: u64) -> u64:
    view = View(whole=x)
    view.parts[1] = 0xAA
    return view.whole ^ u64(view.low) ^ view.parts[7]


def t_packed(x: u32) -> u64:
    packed = Packed(a=1, b=x, c=3)
    return u64(packed.a) + packed.b + packed.c


def t_volatile(x: u8) -> i16:
    device.data = x
    device.count += i16(device.data)
    return device.count


def t_atomic(x: u32) -> u64:
    old = device.hits.add(x)
    was = device.hits.cas(5, 6)
    device.hits.xor(0xFF)
    seen = device.hits.swap(x)
    device.hits.sub(7)
    device.hits.or_(1)
    device.hits.and_(0xFFFF_FFF3)
    return (u64(old) << 32 | seen) ^ u64(was) ^ device.hits.load()


def t_scalar_static(x: u8) -> u32:
    global counter, flag
    counter += x
    flag = not flag
    if flag:
        counter = 1
    return counter


def t_pointer(i: u8) -> u64:
    p = Ptr[u16](addressof(PRIMES))
    q = p + i % 8
    p2 = Ptr[u8](q)
    return u64(q[0]) + (u64(p2[1]) << 16) + u64(q - p)


def t_null(i: u8) -> u8:
    p = Ptr[u8](0)
    return p[i]


def t_at(a: u64) -> u8:
    if a == 0:
        return Mixed.at(a).a
    return 1


class Pte(Bits[u64]):
    present: bool = bit(0)
    level: u8 = bits(3, 1)
    frame: u64 = bits(51, 12)
    top: u16 = bits(63, 52)


def t_bits(raw: u64) -> u64:
    e = Pte(raw)
    changed = e.replace(present=not e.present, level=5)
    return u64(changed) ^ e.frame ^ changed.level ^ e.top


def t_bits_fit(v: u64) -> u64:
    return u64(Pte(frame=v, present=True))


def t_bits_in_memory(raw: u64) -> bool:
    table: Array[Pte] = array(2)
    table[1] = Pte(raw)
    return table[1].present and table[0] == Pte(0)


hidden: i16 = -5


def t_address_of_scalars(v: i16) -> i16:
    global hidden
    p = Ptr[i16](addressof(hidden))
    p[0] //= 2
    hidden ^= v
    q = Ptr[i32](addressof(mixed.inner.y))
    q[0] = v
    r = Ptr[u16](addressof(mixed.many[1]))
    return hidden ^ i16(mixed.inner.y) ^ i16(r[0])


def t_sizes() -> u64:
    x = sizeof(Mixed)
    return x * 1000 + offsetof(Mixed, "many") * 10 + sizeof(Pte) + sizeof(u16)
