"""Simulated memory: pages, rights, faults, devices; pointers into it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.lang.address_space import Memory
from exotool.lang.traps import Fault, KernelTypeError, Reason, Trap

from .conftest import Load


def test_a_stray_access_faults_with_its_address() -> None:
    memory = Memory()
    memory.map(0x5000, 0x1000)
    with pytest.raises(Fault, match=r"read at 0x6000: nothing is mapped there") as caught:
        memory.read(0x6000, 8)
    assert (caught.value.address, caught.value.access) == (0x6000, "read")
    with pytest.raises(Fault) as caught:
        memory.write(0x5FFC, 8, 1)
    assert caught.value.address == 0x6000
    assert memory.read(0x5FFC, 4) == 0, "nothing is written by an access that faults"


def test_rights_of_pages() -> None:
    memory = Memory()
    memory.map(0x1000, 0x2000)
    memory.write(0x1FFE, 4, 0xAABBCCDD)
    memory.protect(0x2000, 0x1000, "r")
    assert memory.read(0x1FFE, 4) == 0xAABBCCDD
    with pytest.raises(Fault, match="write at 0x2000: the page does not allow it"):
        memory.write(0x2000, 1, 0)
    memory.protect(0x2000, 0x1000, "")
    with pytest.raises(Fault, match="read at 0x2000"):
        memory.read(0x1FFE, 4)
    memory.unmap(0x1000, 0x1000)
    memory.map(0x1000, 0x1000)
    assert memory.read(0x1FFE, 2) == 0


@given(st.lists(st.tuples(st.integers(0, 0x2FF0), st.sampled_from([1, 2, 4, 8]), st.integers(0, (1 << 64) - 1))))
def test_memory_is_little_endian_bytes(writes: list[tuple[int, int, int]]) -> None:
    memory, model = Memory(), bytearray(0x3000)
    memory.map(0x10000, 0x3000)
    for offset, size, value in writes:
        value &= (1 << (8 * size)) - 1
        memory.write(0x10000 + offset, size, value)
        model[offset : offset + size] = value.to_bytes(size, "little")
        assert memory.read(0x10000 + offset, size) == value
    assert memory.read_bytes(0x10000, 0x3000) == model


class Recorder:
    """A device that counts up and remembers."""

    def __init__(self) -> None:
        self.log: list[Any] = []

    def read(self, offset: int, size: int) -> int:
        self.log.append((offset, size))
        return len(self.log)

    def write(self, offset: int, size: int, value: int) -> None:
        self.log.append((offset, size, value))


def test_a_device_answers_at_its_addresses(load: Load) -> None:
    module = load(
        """
        class Registers(Struct):
            status: Volatile[u16]
            control: Volatile[u32]
            data: Array[Volatile[u8]] = array(4)

        def use(address: u64) -> u32:
            registers = Registers.at(address)
            registers.control = 7
            registers.data[2] = 9
            return registers.status + registers.control * 10
        """
    )
    from exotool.lang import memory

    device = Recorder()
    with memory.device(0xFEB0_0000, 12, device):
        assert module.use(0xFEB0_0000) == 3 + 40
        assert device.log == [(4, 4, 7), (10, 1, 9), (0, 2), (4, 4)]
        with pytest.raises(Fault, match="not to an access of this size and place"):
            memory.read(0xFEB0_000A, 4)
        with pytest.raises(ValueError, match="another device"):
            memory.map_device(0xFEB0_0008, 4, Recorder())
    with pytest.raises(Fault):
        module.use(0xFEB0_0000)


def test_pointers(load: Load) -> None:
    module = load(
        """
        class Node(Struct):
            value: u32
            next: Ref["Node"] | None

        def fill(address: u64, count: u64) -> i64:
            p = Ptr[u32](address)
            for i in range(count):
                p[i] = u32(i) * 3
            end = p + count
            return end - p

        def second(address: u64) -> u32:
            return (Ptr[u32](address) + 2 - 1)[0]

        def compare(a: u64, b: u64) -> bool:
            return Ptr[u8](a) < Ptr[u8](b) and Ptr[u8](a) != Ptr[u8](b)

        def node(address: u64) -> Node:
            n = Ptr[Node](address)[1]
            n.value = 5
            return n

        def at(address: u64) -> u32:
            return Node.at(address).value
        """
    )
    from exotool.lang import memory

    memory.map(0x4000, 0x1000)
    assert module.fill(0x4000, 5) == 5
    assert memory.read_bytes(0x4000, 12) == bytes([0, 0, 0, 0, 3, 0, 0, 0, 6, 0, 0, 0])
    assert module.second(0x4000) == 3
    assert module.compare(1, 2)
    assert not module.compare(2, 2)
    assert module.node(0x4100).next is None
    assert memory.read(0x4110, 4) == 5
    for call in (module.at, module.second):
        with pytest.raises(Trap) as caught:
            call(0 if call is module.at else (1 << 64) - 4)
        assert caught.value.reason is Reason.NULL


def test_a_user_pointer_is_no_pointer(load: Load) -> None:
    module = load(
        """
        @extern
        def copy_in(destination: Ptr[u8], source: UserPtr[u8], size: u64) -> bool: ...

        def read(p: UserPtr[u8]) -> u8:
            return p[0]

        def number(p: UserPtr[u8]) -> u64:
            return u64(p)

        def pointer(p: UserPtr[u8]) -> Ptr[u8]:
            return Ptr[u8](p)

        def onward(p: UserPtr[u8]) -> bool:
            return copy_in(Ptr[u8](0x1000), p + 4, 3) and p < p + 1

        def make(a: u64) -> UserPtr[u8]:
            return UserPtr[u8](a)
        """
    )
    from exotool.lang import models, user_address

    pointer = module.make(0x7000)
    for name in ("read", "number", "pointer"):
        with pytest.raises(KernelTypeError):
            getattr(module, name)(pointer)
    seen = []

    def model(destination: Any, source: Any, size: Any) -> bool:
        seen.append((user_address(source), size))
        return True

    with models(copy_in=model):
        assert module.onward(pointer)
    assert seen == [(0x7004, 3)]


def test_symbols_and_addresses(load: Load) -> None:
    module = load(
        """
        words: Array[u32] = array(4)
        ticks: u32 = 5

        class Point(Struct):
            x: u32
            y: u32

        point: Point = Point()

        def tick() -> u32:
            global ticks
            ticks += 1
            return ticks

        def scalar() -> u32:
            p = Ptr[u32](addressof(ticks))
            p[0] += 10
            return ticks

        def field() -> u64:
            return addressof(point.y) - addressof(point) + addressof(words[3]) - addressof(words[0])

        def symbol() -> u64:
            return symbol_address("__text_start")

        def element() -> u64:
            return addressof(words[1:]) - addressof(words)

        def local() -> u64:
            here: Array[u8] = array(4)
            return addressof(here)

        def function() -> bool:
            return addressof(symbol) != addressof(local)
        """
    )
    from exotool.lang import memory

    with pytest.raises(LookupError, match="__text_start"):
        module.symbol()
    memory.set_symbol("__text_start", 0x1000)
    assert module.symbol() == 0x1000
    assert module.element() == 4
    assert module.field() == 4 + 12
    assert [module.tick(), module.scalar(), module.ticks] == [6, 16, 16]
    module.ticks = 1
    assert module.scalar() == 11
    with pytest.raises(KernelTypeError):
        module.ticks = 1 << 32
    assert module.function()
    with pytest.raises(KernelTypeError, match="locals have no address"):
        module.local()
