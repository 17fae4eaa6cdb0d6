from collections.abc import Callable
from enum import IntEnum
from typing import Final, Generic, TypeVar

from exotool.lang import (
    Array,
    Atomic,
    Bits,
    Ptr,
    Ref,
    Struct,
    UserPtr,
    Volatile,
    array,
    bit,
    bits,
    extern,
    offsetof,
    sizeof,
    stored_as,
    u8,
    u32,
    u64,
)

PTE_PRESENT: Final = u64(1)
PTE_ADDRESS: Final = u64(0x000F_FFFF_FFFF_F000)
T = TypeVar("T")


@extern
def cpu_pause() -> None: ...


class SpinLock(Struct):
    held: Atomic[u32]

    def __enter__(self) -> None:
        while not self.held.cas(0, 1):
            cpu_pause()

    def __exit__(self, *exc: object) -> None:
        self.held.store(0)


class Env(Struct):
    lock: SpinLock
    parent: Ref["Env"] | None
    root: u64
    caps: Array[u64] = array(16)
    run: Callable[[u64], None] | None


envs: Array[Env] = array(64)


def walk(root: u64, va: u64) -> tuple[u64, bool]:
    table = Ptr[u64](root)
    for shift in range(39, 11, -9):
        entry = table[(va >> u64(shift)) & 511]
        if (entry & PTE_PRESENT) == 0:
            return 0, False
        table = Ptr[u64](entry & PTE_ADDRESS)
    return u64(table) | (va & 0xFFF), True


class Uart(Struct):
    data: Volatile[u8]
    regs: Array[Volatile[u32]] = array(4)


@stored_as(u8)
class State(IntEnum):
    A = 0
    B = 1


class Pte(Bits[u64]):
    present: bool = bit(0)
    state: State = bits(2, 1)
    frame: u64 = bits(51, 12)


class Queue(Struct, Generic[T]):
    items: Array[T] = array(8)
    n: u64

    def push(self, item: T) -> bool:
        self.items[self.n] = item
        self.n += 1
        return True


q: Queue[u32] = Queue[u32]()


class Big(Struct, packed=True, align=16):
    a: u8


assert sizeof(Env) > 3 and offsetof(Env, "root") > 3


def f(u: Uart, e: Env, p: Pte, up: UserPtr[u8]) -> u64:
    u.data = 5
    u.regs[1] = 3
    x: u32 = u.regs[1] + u.data
    if e.parent is not None:
        e.parent.root = 4
    if e.run is not None:
        e.run(3)
    r = Pte(present=True, frame=3).replace(present=False)
    for i, c in enumerate(e.caps):
        x += i + c
    for env in envs:
        x += env.root
    q.push(x)
    y = up + 1
    return u64(r) + r.frame + x + State(1) if y > up else 0
