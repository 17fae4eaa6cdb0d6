"""Structs, arrays, bit records, enums and atomics: layout, access, and what is refused."""

from __future__ import annotations

import ctypes
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.lang.integers import INTEGERS, u8, u16, u32, u64
from exotool.lang.intrinsics import offsetof, sizeof
from exotool.lang.structs import StructMeta
from exotool.lang.traps import Fault, KernelTypeError, Reason, Trap

from .conftest import Load

C_TYPES: dict[str, Any] = {
    name: getattr(ctypes, f"c_{'u' if name[0] == 'u' else ''}int{name[1:]}") for name in INTEGERS
}


@given(st.lists(st.sampled_from(sorted(INTEGERS)), min_size=1, max_size=8), st.booleans())
def test_layout_is_that_of_c(names: list[str], packed: bool) -> None:
    annotations = {f"f{i}": INTEGERS[name] for i, name in enumerate(names)}
    from exotool.lang.structs import Struct

    made = StructMeta("Made", (Struct,), {"__annotations__": annotations, "__module__": __name__}, packed=packed)
    body: dict[str, Any] = {"_fields_": [(f"f{i}", C_TYPES[name]) for i, name in enumerate(names)]}
    if packed:
        body |= {"_pack_": 1, "_layout_": "ms"}
    model = type("Model", (ctypes.Structure,), body)
    assert sizeof(made) == ctypes.sizeof(model)
    assert [offsetof(made, f) for f in annotations] == [getattr(model, f).offset for f in annotations]


SHAPES = """
class Inner(Struct):
    a: u8
    b: u32

class Outer(Struct, align=32):
    flag: bool
    inner: Inner
    many: Array[Inner] = array(3)
    grid: Array[Array[u16]] = array(2, 3)
    next: Ref["Outer"] | None
    run: Callable[[u64], u64] | None

class Both(Struct, union=True):
    whole: u64
    parts: Array[u8] = array(8)

static: Outer = Outer(flag=True)

assert sizeof(Inner) == 8 and sizeof(Outer) == 64
assert offsetof(Outer, "grid") == 36

def nested(x: u32) -> u32:
    static.inner.b = x
    static.many[2].b += static.inner.b
    static.grid[1][2] = 7
    return static.many[2].b + static.grid[1][2]

def linked(o: Outer) -> bool:
    o.next = static
    n = o.next
    return n is not None and n.flag

def double(x: u64) -> u64:
    return x * 2

def through(o: Outer, x: u64) -> u64:
    o.run = double
    run = o.run
    return run(x) if run is not None else 0

def union(x: u64) -> u8:
    both = Both(whole=x)
    return both.parts[1]

def whole(o: Outer) -> None:
    o.inner = static.inner

def unknown(o: Outer) -> None:
    o.nothing = 1

def twice(x: u32) -> u32:
    total: u32 = 0
    for i in range(3):
        inner = Inner()
        total += inner.b
        inner.b = x
    return total

def frames(depth: u8) -> u32:
    inner = Inner(b=u32(depth))
    if depth > 0:
        return frames(depth - 1) + inner.b
    return inner.b
"""


def test_fields(load: Load) -> None:
    module = load(SHAPES)
    assert module.nested(5) == 5 + 7
    assert module.nested(5) == 10 + 7
    assert module.linked(module.Outer())
    assert module.Outer().next is None
    assert module.through(module.Outer(), 21) == 42
    assert module.union(0x1234) == 0x12
    assert repr(module.Inner(a=1, b=2)) == "Inner(a=u8(1), b=u32(2))"


def test_storage_in_the_frame_is_zeroed_each_time_and_each_call_has_its_own(load: Load) -> None:
    module = load(SHAPES)
    assert module.twice(9) == 0
    assert module.frames(10) == 55


def test_what_structs_refuse(load: Load) -> None:
    module = load(SHAPES)
    for call in (module.whole, module.unknown):
        with pytest.raises((KernelTypeError, AttributeError)):
            call(module.Outer())
    with pytest.raises(KernelTypeError, match="no field 'c'"):
        module.Inner(c=1)
    with pytest.raises(KernelTypeError, match="Outer is needed"):
        module.linked(module.Inner())
    with pytest.raises(KernelTypeError, match="Outer is needed"):
        module.linked(None)


def test_arrays(load: Load) -> None:
    module = load(
        """
        TEXT: Final[Array[u8]] = array(b"abc")
        words: Array[u64] = array(8)

        def get(i: i64) -> u8:
            return TEXT[i]

        def part(a: u64, b: u64) -> Array[u8]:
            return TEXT[a:b]

        def total(a: Array[u64]) -> u64:
            s: u64 = 0
            for i, x in enumerate(a):
                s += x + i
            return s + len(a)

        def spoil() -> None:
            TEXT[0] = 1
        """
    )
    assert module.get(2) == ord("c")
    assert module.part(1, 3) == b"bc"
    assert bytes(module.TEXT) == b"abc"
    for index in (-1, 3):
        with pytest.raises(Trap, match="length 3") as caught:
            module.get(index)
        assert caught.value.reason is Reason.BOUNDS
    for ends in ((2, 1), (0, 4)):
        with pytest.raises(Trap) as caught:
            module.part(*ends)
        assert caught.value.reason is Reason.SLICE
    module.words[3] = 10
    assert module.total(module.words) == 10 + 28 + 8
    assert module.total([1, 2]) == 3 + 1 + 2
    with pytest.raises(Fault, match="does not allow"):
        module.spoil()
    with pytest.raises(KernelTypeError):
        module.total(module.TEXT)


def test_generics(load: Load) -> None:
    module = load(
        """
        T = TypeVar("T")

        class Stack(Struct, Generic[T]):
            items: Array[T] = array(4)
            count: u64

            def push(self, item: T) -> None:
                self.items[self.count] = item
                self.count += 1

            def size(self) -> u64:
                return sizeof(T)

            def last(self) -> T:
                found = self.items[self.count - 1] if self.count > 0 else 0
                return found - 1

        bytes_: Stack[u8] = Stack[u8]()
        longs: Stack[u64] = Stack[u64]()

        def less(a: T, b: T) -> T:
            difference = 0 if a < b else a - b
            return difference - 1

        def first(a: Array[T], otherwise: T) -> T:
            return a[0] if len(a) > 0 else otherwise
        """
    )
    assert (sizeof(module.Stack[u8]), sizeof(module.Stack[u64])) == (16, 40)
    with pytest.raises(Trap):
        module.bytes_.last()
    module.bytes_.push(255)
    assert module.bytes_.last() == 254
    module.longs.push(1 << 40)
    assert (module.bytes_.size(), module.longs.size()) == (1, 8)
    assert type(module.bytes_.items[0]) is u8
    with pytest.raises(KernelTypeError):
        module.bytes_.push(256)
    with pytest.raises(Trap):
        module.less(module.bytes_.items[1], module.bytes_.items[0])
    assert type(module.first(module.longs.items, 5)) is u64


def test_bit_records(load: Load) -> None:
    module = load(
        """
        class Kind(IntEnum):
            CODE = 1
            DATA = 2

        class Entry(Bits[u32]):
            present: bool = bit(31)
            kind: Kind = bits(5, 4)
            low: u8 = bits(3, 0)

        table: Array[Entry] = array(2)

        def make(low: u64) -> u32:
            return u32(Entry(present=True, kind=Kind.DATA).replace(low=low))

        def kind(raw: u32) -> Kind:
            return Entry(raw).kind

        def store(raw: u32) -> bool:
            table[1] = Entry(raw)
            return table[1].present
        """
    )
    assert module.make(5) == 0x8000_0025
    assert module.kind(0x10) is module.Kind.CODE
    assert module.store(0x8000_0000)
    with pytest.raises(Trap) as caught:
        module.make(16)
    assert caught.value.reason is Reason.OVERFLOW
    with pytest.raises(Trap) as caught:
        module.kind(0x30)
    assert caught.value.reason is Reason.ENUM
    with pytest.raises(KernelTypeError, match="another field's"):
        load("class Bad(Bits[u8]):\n    a: u8 = bits(3, 0)\n    b: bool = bit(3)\n")
    with pytest.raises(KernelTypeError, match="outside"):
        load("class Bad(Bits[u8]):\n    a: bool = bit(8)\n")


def test_enums(load: Load) -> None:
    module = load(
        """
        @stored_as(u8)
        class State(IntEnum):
            A = 0
            B = 200

        class Holder(Struct):
            state: State

        def convert(x: u32) -> State:
            return State(x)
        """
    )
    assert sizeof(module.Holder) == 1
    assert module.convert(200) is module.State.B
    with pytest.raises(Trap) as caught:
        module.convert(1)
    assert caught.value.reason is Reason.ENUM
    with pytest.raises(KernelTypeError):
        module.Holder(state=0)


def test_atomics(load: Load) -> None:
    module = load(
        """
        class Counter(Struct):
            value: Atomic[u8]

        counter: Counter = Counter()

        def bump(n: u8) -> u8:
            return counter.value.add(n, order=Order.RELAXED)

        def set_if(old: u8, new: u8) -> bool:
            return counter.value.cas(old, new, order=Order.ACQUIRE)

        def wrong_order() -> u8:
            return counter.value.load(order=Order.RELEASE)

        def assign() -> None:
            counter.value = 1
        """
    )
    assert [module.bump(200), module.bump(100), module.bump(0)] == [0, 200, 44]
    assert not module.set_if(0, 1)
    assert module.set_if(44, 1)
    for call in (module.wrong_order, module.assign):
        with pytest.raises(KernelTypeError):
            call()


def test_fields_keep_their_types(load: Load) -> None:
    module = load("class P(Struct):\n    x: u16\n    y: Volatile[u32]\n    z: Array[u64] = array(2)\n")
    p = module.P(x=1)
    assert [type(v) for v in (p.x, p.y, p.z[0])] == [u16, u32, u64]
