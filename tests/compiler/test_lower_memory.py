"""Structs, arrays, views, pointers, bit records, atomics, enums in memory: in process, as both profiles lower them."""

from __future__ import annotations

import ctypes

import pytest

from exotool.compiler.tree import (
    AtomicOperation,
    AtomicOperator,
    BinaryOperator,
    BitsGet,
    BitsReplace,
    Call,
    Copy,
    CopyView,
    Element,
    Evaluate,
    Expression,
    Field,
    Global,
    GlobalPlace,
    Intrinsic,
    IntrinsicOperator,
    Length,
    Load,
    LocalStorage,
    Order,
    Place,
    PtrDifference,
    PtrOffset,
    Reference,
    Slice,
    Statement,
    StoragePlace,
    Store,
    Target,
    Update,
    View,
    Zero,
)
from exotool.compiler.types import (
    BOOL,
    I8,
    I16,
    I64,
    NONE,
    U8,
    U16,
    U32,
    U64,
    ArrayType,
    AtomicType,
    BitField,
    BitsType,
    EnumType,
    IntType,
    PtrType,
    RefType,
    ResultType,
    StorageType,
    StructType,
    TupleType,
    ViewType,
    VolatileType,
    set_layout,
)
from exotool.lang.traps import Reason, Trap
from exotool.project import Profile

from .trees import assign, at, binary, const, convert, function, give, local, native, parameter, read

PROFILES: tuple[Profile, ...] = ("dev", "release")
pytestmark = pytest.mark.parametrize("profile", PROFILES)


def struct(name: str, *fields: tuple[str, StorageType], packed: bool = False, union: bool = False) -> StructType:
    made = StructType(name, "m", packed=packed, union=union)
    set_layout(made, list(fields))
    return made


def static(name: str, kind: StorageType, data: bytes | None = None) -> Global:
    return Global(name, f"m.{name}", "m", kind, at(), data=data)


def field(base: Place, name: str) -> Field:
    kind = base.type
    assert isinstance(kind, StructType)
    return Field(base, kind.fields[name], at())


def load(place: Place, kind: IntType = U64) -> Load:
    return Load(place, kind, at())


def trapped(work: object, *arguments: object) -> Reason:
    with pytest.raises(Trap) as caught:
        work(*arguments)  # type: ignore[operator]
    return caught.value.reason


def test_fields_through_statics_references_and_the_frame(profile: Profile) -> None:
    inner = struct("Inner", ("a", U8), ("b", I64))
    outer = struct("Outer", ("flag", BOOL), ("inner", inner), ("next", RefType(StructType("?", "m"), nullable=True)))
    packed = struct("Packed", ("a", U8), ("b", U32), packed=True)
    word = struct("Word", ("whole", U64), ("low", U16), union=True)
    g = static("g", outer)
    p, q, w = parameter("p", RefType(outer)), parameter("q", RefType(packed)), parameter("w", RefType(word))
    storage = LocalStorage("s", outer, at())
    frame = StoragePlace(storage, at())

    def bump(place: Place) -> list[Statement]:
        b = field(field(place, "inner"), "b")
        return [
            Store(field(place, "flag"), const(True, BOOL), at()),
            Update(b, BinaryOperator.SUBTRACT, const(3, I64), I64, at()),
            give(load(b, I64)),
        ]

    made = native(
        [
            function("of_static", [], I64, bump(GlobalPlace(g, at()))),
            function("of_reference", [p], I64, bump(Target(read(p), outer, at()))),
            function("of_frame", [], I64, [Zero(frame, at()), *bump(frame)]),
            function("of_packed", [q], U32, [give(load(field(Target(read(q), packed, at()), "b"), U32))]),
            function("of_union", [w], U16, [give(load(field(Target(read(w), word, at()), "low"), U16))]),
        ],
        [g],
        profile,
    )
    seen = made.variable("m.g")
    assert made.function("m.of_static")() == -3
    assert (seen.flag, seen.inner.b, ctypes.sizeof(seen)) == (True, -3, 32)
    seen.inner.b = 100
    assert made.function("m.of_reference")(seen) == 97
    assert made.function("m.of_frame")() == -3
    assert made.function("m.of_packed")(made.memory.type(packed)(1, 0x01020304)) == 0x01020304
    assert made.function("m.of_union")(made.memory.type(word)(0x123456789)) == 0x6789
    with pytest.raises(TypeError, match="`p` must be a ctypes object for Outer, not 5"):
        made.function("m.of_reference")(5)


def test_arrays_views_and_slices_stay_inside(profile: Profile) -> None:
    g = static("g", ArrayType(ArrayType(U16, 3), 4))
    i, j, v = parameter("i", I8), parameter("j", U64), parameter("v", ViewType(U16))
    row = Element(GlobalPlace(g, at()), read(i), ArrayType(U16, 3), at())
    cell = Element(row, read(j), U16, at())
    a, b = parameter("a", I64), parameter("b", U8)
    made = native(
        [
            function("cell", [i, j], U16, [give(load(cell, U16))]),
            function("item", [v, i], U16, [give(load(Element(read(v), read(i), U16, at()), U16))]),
            function("row", [i], ViewType(U16), [give(View(row, ViewType(U16), at()))]),
            function("length", [v], U64, [give(Length(read(v), U64, at()))]),
            function("part", [v, a, b], ViewType(U16), [give(Slice(read(v), read(a), read(b), ViewType(U16), at()))]),
            function("tail", [v, a], ViewType(U16), [give(Slice(read(v), read(a), None, ViewType(U16), at()))]),
            function("head", [v, b], ViewType(U16), [give(Slice(read(v), None, read(b), ViewType(U16), at()))]),
        ],
        [g],
        profile,
    )
    seen = made.variable("m.g")
    for x in range(4):
        for y in range(3):
            seen[x][y] = 10 * x + y
    run = made.function
    assert run("m.cell")(3, 2) == 32
    for x, y in ((4, 0), (-1, 0), (0, 3), (0, 2**64 - 1)):
        assert trapped(run("m.cell"), x, y) is Reason.BOUNDS
    assert list(run("m.row")(2)) == [20, 21, 22]
    words = (ctypes.c_uint16 * 5)(*range(5))
    assert [run("m.item")(words, x) for x in range(5)] == list(range(5))
    assert trapped(run("m.item"), words, 5) is trapped(run("m.item"), words, -1) is Reason.BOUNDS
    assert run("m.length")(words) == 5
    assert list(run("m.part")(words, 1, 4)) == [1, 2, 3]
    assert list(run("m.part")(words, 5, 5)) == []
    assert list(run("m.tail")(words, 3)) == [3, 4]
    assert list(run("m.head")(words, 2)) == [0, 1]
    for x, y in ((3, 2), (-1, 2), (0, 6)):
        assert trapped(run("m.part"), words, x, y) is Reason.SLICE
    assert trapped(run("m.tail"), words, 6) is trapped(run("m.head"), words, 6) is Reason.SLICE


def test_copies(profile: Profile) -> None:
    point = struct("Point", ("x", U64), ("y", U64))
    p, q = parameter("p", RefType(point)), parameter("q", RefType(point))
    v, w = parameter("v", ViewType(U8)), parameter("w", ViewType(U8))
    made = native(
        [
            function("whole", [p, q], NONE, [Copy(Target(read(p), point, at()), Target(read(q), point, at()), at())]),
            function("bytes", [v, w], NONE, [CopyView(read(v), read(w), at())]),
        ],
        profile=profile,
    )
    kind = made.memory.type(point)
    a, b = kind(1, 2), kind(3, 4)
    made.function("m.whole")(a, b)
    made.function("m.whole")(b, b)
    assert (a.x, a.y, b.x, b.y) == (3, 4, 3, 4)
    data = bytearray(b"abcdefgh")
    whole = (ctypes.c_uint8 * 8).from_buffer(data)
    up = (ctypes.c_uint8 * 6).from_buffer(data, 2)
    down = (ctypes.c_uint8 * 6).from_buffer(data)
    made.function("m.bytes")(up, down)
    assert bytes(whole) == b"ababcdef"
    assert trapped(made.function("m.bytes"), whole, up) is Reason.SLICE


def test_pointers(profile: Profile) -> None:
    kind = PtrType(U32)
    p, q, n = parameter("p", kind), parameter("q", kind), parameter("n", I64)
    point = struct("Point", ("x", U32), ("y", U32), ("z", U32))
    o = parameter("o", PtrType(point))
    r = RefType(point)
    z = field(Target(convert(read(o), r), point, at()), "z")
    second = field(Element(read(o), const(1), point, at()), "x")
    made = native(
        [
            function("get", [p, n], U32, [give(load(Element(read(p), read(n), U32, at()), U32))]),
            function("add", [p, n], kind, [give(PtrOffset(read(p), read(n), False, kind, at()))]),
            function("sub", [p, n], kind, [give(PtrOffset(read(p), read(n), True, kind, at()))]),
            function("distance", [p, q], I64, [give(PtrDifference(read(p), read(q), I64, at()))]),
            function("z", [o], U32, [give(load(z, U32))]),
            function("second", [o], U32, [give(load(second, U32))]),
            function("apart", [o], I64, [give(PtrDifference(read(o), convert(const(0), PtrType(point)), I64, at()))]),
            function("address", [p], U16, [give(convert(read(p), U16))]),
        ],
        profile=profile,
    )
    run = made.function
    words = (ctypes.c_uint32 * 6)(*range(1, 7))
    base = ctypes.addressof(words)
    assert (run("m.get")(words, 2), run("m.get")(base + 8, -1)) == (3, 2)
    assert trapped(run("m.get"), 0, 4) is Reason.NULL
    assert (run("m.add")(0, 3), run("m.sub")(4, 2)) == (12, 2**64 - 4)
    assert (run("m.distance")(16, 4), run("m.distance")(4, 10)) == (3, -2)
    assert (run("m.apart")(25), run("m.apart")(2**64 - 1)) == (2, -1)
    assert (run("m.z")(words), run("m.second")(words)) == (3, 4)
    assert trapped(run("m.z"), 0) is trapped(run("m.second"), 0) is Reason.NULL
    assert run("m.address")(0x12345) == 0x2345


def test_enums_in_memory_are_members(profile: Profile) -> None:
    few = EnumType("Few", "m", U8, {"A": 0, "B": 1, "C": 2, "D": 200})
    many = EnumType("Many", "m", I16, {f"M{i}": 3 * i - 9 for i in range(8)})
    a, b = static("a", few), static("b", VolatileType(many))
    x, y = parameter("x", I64), parameter("y", U64)
    made = native(
        [
            function("get_a", [], few, [give(Load(GlobalPlace(a, at()), few, at()))]),
            function("get_b", [], many, [give(Load(GlobalPlace(b, at()), many, at()))]),
            function("of_signed", [x], many, [give(convert(read(x), many))]),
            function("of_unsigned", [y], many, [give(convert(read(y), many))]),
        ],
        [a, b],
        profile,
    )
    for value in range(256):
        made.variable("m.a").value = value
        got = trapped(made.function("m.get_a")) if value not in few.members.values() else made.function("m.get_a")()
        assert got == (value if value in few.members.values() else Reason.ENUM)
    for value in range(-12, 16):
        made.variable("m.b").value = value
        good = value in many.members.values()
        for work, arguments in (("get_b", ()), ("of_signed", (value,)), ("of_unsigned", (value % 2**64,))):
            run = made.function(f"m.{work}")
            if good and (work != "of_unsigned" or value >= 0):
                assert run(*arguments) == value
            else:
                assert trapped(run, *arguments) is Reason.ENUM


def test_bit_records(profile: Profile) -> None:
    level = EnumType("Level", "m", U8, {"LOW": 0, "HIGH": 2})
    pte = BitsType("Pte", "m", U64)
    for made_field in (
        BitField("present", 0, 0, BOOL),
        BitField("frame", 51, 12, U64),
        BitField("level", 53, 52, level),
        BitField("key", 63, 60, U8),
    ):
        pte.fields[made_field.name] = made_field
    e, n, k = parameter("e", pte), parameter("n", U64), parameter("k", U8)

    def get(name: str) -> list[Statement]:
        return [give(BitsGet(read(e), pte.fields[name], pte.fields[name].type, at()))]

    changed = BitsReplace(
        read(e),
        ((pte.fields["frame"], read(n)), (pte.fields["key"], read(k)), (pte.fields["present"], const(True, BOOL))),
        pte,
        at(),
    )
    made = native(
        [
            *(function(name, [e], pte.fields[name].type, get(name)) for name in pte.fields),
            function("change", [e, n, k], pte, [give(changed)]),
        ],
        profile=profile,
    )
    run = made.function
    value = 0xA02A_BCDE_F012_3001
    assert (run("m.present")(value), run("m.frame")(value), run("m.key")(value)) == (True, 0xA_BCDE_F012_3, 0xA)
    assert run("m.level")(value) == 2
    assert trapped(run("m.level"), 1 << 52) is Reason.ENUM
    assert run("m.change")(0xFFF0_0000_0000_0FFE, (1 << 40) - 1, 5) == 0x5FFF_FFFF_FFFF_FFFF
    assert run("m.change")(0, 1, 15) == 0xF000_0000_0000_1001
    assert trapped(run("m.change"), 0, 1 << 40, 0) is trapped(run("m.change"), 0, 0, 16) is Reason.OVERFLOW


def test_atomics(profile: Profile) -> None:
    counter, flag = static("counter", AtomicType(U16)), static("flag", AtomicType(BOOL))
    a, b, f = parameter("a", U16), parameter("b", U16), parameter("f", BOOL)

    def operation(
        operator: AtomicOperator, target: Global, result: ResultType, *arguments: Expression, order: Order
    ) -> AtomicOperation:
        return AtomicOperation(operator, GlobalPlace(target, at()), arguments, order, result, at())

    functions = []
    for order in Order:
        for op in AtomicOperator:
            arguments = {AtomicOperator.LOAD: (), AtomicOperator.CAS: (a, b)}.get(op, (a,))
            result: ResultType = U16
            if op in (AtomicOperator.STORE, AtomicOperator.CAS):
                result = NONE if op is AtomicOperator.STORE else BOOL
            node = operation(op, counter, result, *map(read, arguments), order=order)
            body: list[Statement] = [Evaluate(node, at())] if result == NONE else [give(node)]
            functions.append(function(f"{op.value}_{order.value}", arguments, result, body))
        fence = Intrinsic(IntrinsicOperator.FENCE, (), NONE, at(), order=order)
        functions.append(function(f"fence_{order.value}", [], NONE, [Evaluate(fence, at())]))
    swap = operation(AtomicOperator.SWAP, flag, BOOL, read(f), order=Order.ACQUIRE)
    functions.append(function("swap_flag", [f], BOOL, [give(swap)]))
    made = native(functions, [counter, flag], profile)
    for order in Order:

        def run(name: str, *arguments: int, order: Order = order) -> object:
            return made.function(f"m.{name}_{order.value}")(*arguments)

        run("store", 7)
        assert (run("load"), run("add", 0xFFFF), run("sub", 7), run("or", 0xF0)) == (7, 7, 6, 0xFFFF)
        assert (run("and", 0xFF), run("xor", 1), run("swap", 3)) == (0xFFFF, 0xFF, 0xFE)
        assert (run("cas", 4, 5), run("cas", 3, 5), run("load"), run("fence")) == (False, True, 5, None)
    assert [made.function("m.swap_flag")(x) for x in (True, False, False)] == [False, True, False]


def test_externs_are_python_functions(profile: Profile) -> None:
    a, b, v = parameter("a", U8), parameter("b", BOOL), parameter("v", ViewType(U8))
    pair = TupleType((U64, BOOL))
    outside = function("outside", [a, b, v], pair, None)
    call = Call(outside, (read(a), read(b), read(v)), at())
    result = local("r", pair)
    inside = function("inside", [a, b, v], pair, [assign(result, call), give(read(result))])
    twice = function("twice", [a], U8, [give(binary("+", read(a), read(a)))])
    seen: list[object] = []

    def python(a: int, b: bool, v: ctypes.Array[ctypes.c_uint8]) -> tuple[int, bool]:
        seen.append((a, b, bytes(v)))
        if a == 1:
            raise LookupError("from Python")
        if a == 2:
            seen.append(trapped(made.function("m.twice"), 200))
        v[0] += 1
        return 2**63 + a, not b

    made = native([outside, inside, twice], profile=profile, externs={"outside": python}, overflow="trap")
    data = bytearray(b"xyz")
    assert made.function("m.inside")(255, True, data) == (2**63 + 255, False)
    assert data == b"yyz"
    with pytest.raises(LookupError, match="from Python"):
        made.function("m.inside")(1, False, data)
    assert made.function("m.inside")(2, False, bytearray(b"a")) == (2**63 + 2, True)
    assert seen == [(255, True, b"xyz"), (1, False, b"yyz"), (2, False, b"a"), Reason.OVERFLOW]


def test_addresses_in_initial_data(profile: Profile) -> None:
    a = parameter("a", U64)
    work = function("work", [a], U64, [give(binary("+", read(a), const(1)))])
    target = static("target", ArrayType(U8, 4), b"\x01\x02\x03\x04")
    table = static("table", ArrayType(U64, 3))
    table.data = bytes(8) + b"\xff" * 16
    table.relocations = ((0, work, 0), (16, target, 2))
    made = native([work], [table, target], profile)
    values = made.variable("m.table")
    assert values[1] == 2**64 - 1
    assert values[2] == ctypes.addressof(made.variable("m.target")) + 2
    assert ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint64)(values[0])(41) == 42


def test_a_reference_given_back_is_the_same_memory(profile: Profile) -> None:
    point = struct("Point", ("x", U64), ("y", U64))
    n = parameter("n", U64)
    points = static("points", ArrayType(point, 4))
    element = Element(GlobalPlace(points, at()), read(n), point, at())
    made = native(
        [function("at", [n], RefType(point), [give(Reference(element, RefType(point), at()))])], [points], profile
    )
    made.function("m.at")(2).y = 9
    assert made.variable("m.points")[2].y == 9
