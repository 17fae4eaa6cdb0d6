"""A ring buffer of bytes between one writer and one reader."""

from typing import Final

from exotool.lang import Array, Struct, array, export, u8, u64

SIZE: Final = 1024


class Ring(Struct):
    head: u64
    tail: u64
    data: Array[u8] = array(SIZE)


ring: Ring = Ring()


@export
def ring_put(ring: Ring, value: u8) -> bool:
    if ring.head - ring.tail == SIZE:
        return False
    ring.data[ring.head & (SIZE - 1)] = value
    ring.head += 1
    return True


@export
def ring_get(ring: Ring) -> tuple[u8, bool]:
    if ring.head == ring.tail:
        return 0, False
    value = ring.data[ring.tail & (SIZE - 1)]
    ring.tail += 1
    return value, True


@export
def ring_init(count: u64) -> None:
    ring.head = 0
    ring.tail = 0


@export
def ring_run(rounds: u64) -> u64:
    total: u64 = 0
    for i in range(rounds):
        for j in range(u64(16)):
            ring_put(ring, u8(i + j))
        for _ in range(u64(16)):
            value, found = ring_get(ring)
            if found:
                total += value
    return total
