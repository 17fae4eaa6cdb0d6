"""Loops, ways out, cleanups, branches, recursion: in process, as both profiles lower them."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.compiler.native import NativeProgram
from exotool.compiler.tree import (
    BinaryOperator,
    Break,
    Call,
    CallPointer,
    Case,
    Conditional,
    Continue,
    Element,
    Evaluate,
    ForRange,
    Function,
    FunctionAddress,
    Global,
    GlobalPlace,
    If,
    Let,
    Load,
    Logic,
    MakeTuple,
    Scoped,
    Statement,
    Store,
    Switch,
    TupleItem,
    Unary,
    UnaryOperator,
    Update,
    While,
)
from exotool.compiler.tree import Trap as TrapStatement
from exotool.compiler.types import (
    BOOL,
    I8,
    I64,
    INTEGERS,
    NONE,
    U8,
    U32,
    U64,
    ArrayType,
    EnumType,
    FunctionType,
    IntType,
    TupleType,
)
from exotool.lang.traps import Reason, Trap
from exotool.project import Profile

from .trees import assign, at, binary, compare, const, convert, function, give, local, native, parameter, read

PROFILES: tuple[Profile, ...] = ("dev", "release")
STEPS = (1, -1, 2, -2, 3, -9, 100, 127, -128, 300)
CAPACITY = 600


def trace(kind: IntType = U64) -> tuple[Global, Global]:
    """A place to write down what happens."""
    seen = Global("seen", "seen", "m", ArrayType(kind, CAPACITY), at())
    count = Global("count", "count", "m", U64, at())
    return seen, count


def note(seen: Global, count: Global, value: object) -> list[Statement]:
    place = GlobalPlace(count, at())
    element = Element(GlobalPlace(seen, at()), Load(place, U64, at()), seen.type.element, at())  # type: ignore[union-attr]
    return [
        Store(element, value, at()),  # type: ignore[arg-type]
        Update(place, BinaryOperator.ADD, const(1), U64, at()),
    ]


@functools.cache
def walks(profile: Profile, name: str) -> NativeProgram:
    kind = INTEGERS[name]
    seen, count = trace(kind)
    functions = []
    for step in STEPS:
        for reverse in (False, True):
            start, stop, i = parameter("start", kind), parameter("stop", kind), local("i", kind)
            body = [*note(seen, count, read(i)), assign(i, const(7, kind))]
            ends = note(seen, count, const(42, kind))
            loop = ForRange(i, read(start), read(stop), step, reverse, tuple(body), tuple(ends), at())
            functions.append(function(f"walk{step}{reverse}", [start, stop], NONE, [loop]))
    return native(functions, [seen, count], profile, overflow="wrap")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", ["u8", "i8", "u16", "i64", "u64"])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_range_walks_as_python_does(profile: Profile, name: str, data: st.DataObject) -> None:
    kind = INTEGERS[name]
    made = walks(profile, name)
    near = st.integers(0, 40)
    ends = st.sampled_from([kind.minimum, kind.maximum, 0])
    start = data.draw(st.tuples(ends, near).map(lambda pair: kind.wrap(pair[0] + pair[1])))
    stop = data.draw(st.tuples(ends, near).map(lambda pair: kind.wrap(pair[0] - pair[1])))
    seen, count = made.variable("seen"), made.variable("count")
    for step in STEPS:
        values = range(start, stop, step)
        if abs(stop - start) > CAPACITY * abs(step) or len(values) >= CAPACITY:
            continue
        for reverse in (False, True):
            count.value = 0
            made.function(f"m.walk{step}{reverse}")(start, stop)
            want = [*(reversed(values) if reverse else values), 42]
            assert seen[: count.value] == want, (start, stop, step, reverse)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_constant_range_that_would_step_over_the_end(profile: Profile) -> None:
    seen, count = trace(U8)
    i = local("i", U8)
    body = tuple(note(seen, count, read(i)))
    up = ForRange(i, const(250, U8), const(255, U8), 3, False, body, (), at())
    down = ForRange(i, const(20, U8), const(3, U8), -9, False, body, (), at())
    made = native([function("f", [], NONE, [up, down])], [seen, count], profile)
    made.function("m.f")()
    assert made.variable("seen")[: made.variable("count").value] == [250, 253, 20, 11]


@pytest.mark.parametrize("profile", PROFILES)
def test_cleanups_run_on_every_way_out_from_the_innermost(profile: Profile) -> None:
    seen, count = trace()
    n, i = parameter("n", U64), local("i", U64)

    def when(value: int, way: Statement) -> If:
        return If(compare("==", read(n), const(value)), (way,), (), at())

    def write(value: int) -> tuple[Statement, ...]:
        return tuple(note(seen, count, const(value)))

    inner = Scoped(
        (
            when(0, give(Load(GlobalPlace(count, at()), U64, at()))),
            when(1, Break(at())),
            when(2, Continue(at())),
            *write(5),
        ),
        write(1),
        at(),
    )
    outer = Scoped((inner, *write(6)), write(2), at())
    loop = ForRange(i, const(0), const(2), 1, False, (outer, *write(7)), write(8), at())
    whole = Scoped((loop, *write(9)), write(3), at())
    made = native([function("f", [n], U64, [whole, give(const(99))])], [seen, count], profile)

    def run(n: int) -> tuple[int, list[int]]:
        made.variable("count").value = 0
        result = made.function("m.f")(n)
        return result, made.variable("seen")[: made.variable("count").value]

    assert run(0) == (0, [1, 2, 3])
    assert run(1) == (99, [1, 2, 9, 3])
    assert run(2) == (99, [1, 2, 1, 2, 8, 9, 3])
    assert run(3) == (99, [5, 1, 6, 2, 7] * 2 + [8, 9, 3])


@pytest.mark.parametrize("profile", PROFILES)
def test_while_and_its_else(profile: Profile) -> None:
    n, i = parameter("n", U64), local("i", U64)
    stop = If(compare("==", read(i), const(5)), (Break(at()),), (), at())
    step = assign(i, binary("+", read(i), const(1)))
    loop = While(compare("<", read(i), read(n)), (stop, step), (give(const(1000)),), at())
    made = native([function("f", [n], U64, [assign(i, const(0)), loop, give(read(i))])], profile=profile)
    assert [made.function("m.f")(n) for n in (0, 4, 6)] == [1000, 1000, 5]


@pytest.mark.parametrize("profile", PROFILES)
def test_match(profile: Profile) -> None:
    color = EnumType("Color", "m", I8, {"RED": -1, "GREEN": 0, "BLUE": 100})
    x, c = parameter("x", I64), parameter("c", color)
    cases = (Case((1, 2), (give(const(10)),), at()), Case((-1, 2), (give(const(20)),), at()))
    number = [Switch(read(x), cases, (give(const(30)),), at())]
    members = tuple(Case((value,), (give(const(i)),), at()) for i, value in enumerate(color.members.values()))
    enum = [Switch(read(c), members, None, at())]
    made = native([function("n", [x], U64, number), function("e", [c], U64, enum)], profile=profile)
    assert [made.function("m.n")(x) for x in (1, 2, -1, 0)] == [10, 10, 20, 30]
    assert [made.function("m.e")(c) for c in (-1, 0, 100)] == [0, 1, 2]
    with pytest.raises(ValueError, match="`c` must be a member of Color, and 5 is none"):
        made.function("m.e")(5)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_right_operand_is_evaluated_only_if_it_decides(profile: Profile) -> None:
    seen, count = trace()
    a, b, v = parameter("a", BOOL), parameter("b", BOOL), parameter("v", BOOL)
    tell = function("tell", [v], BOOL, [*note(seen, count, convert(read(v), U64)), give(read(v))])
    functions: list[Function] = [tell]
    for name, conjunction in (("both", True), ("either", False)):
        left, right = Call(tell, (read(a),), at()), Call(tell, (read(b),), at())
        logic = Logic(conjunction, left, right, BOOL, at())
        functions.append(function(name, [a, b], BOOL, [give(logic)]))
        other = Unary(UnaryOperator.NOT, logic, BOOL, at())
        functions.append(function(f"if_{name}", [a, b], U64, [If(other, (give(const(0)),), (give(const(1)),), at())]))
    made = native(functions, [seen, count], profile)
    meanings: dict[str, Callable[[bool, bool], bool]] = {"both": operator.and_, "either": operator.or_}
    for name, python in meanings.items():
        for x in (False, True):
            for y in (False, True):
                for which in (name, f"if_{name}"):
                    made.variable("count").value = 0
                    assert bool(made.function(f"m.{which}")(x, y)) is python(x, y)
                    decides = x if name == "both" else not x
                    assert made.variable("seen")[: made.variable("count").value] == ([x, y] if decides else [x])


@pytest.mark.parametrize("profile", PROFILES)
def test_tuples_cross_calls_in_every_shape(profile: Profile) -> None:
    shapes: list[tuple[tuple[object, ...], TupleType]] = [
        ((1, True), TupleType((U64, BOOL))),
        ((False, True), TupleType((BOOL, BOOL))),
        ((255, -2), TupleType((U8, I8))),
        ((7, 0xFFFF_FFFF), TupleType((U8, U32))),
        ((0xFFFF_FFFF, 1), TupleType((U32, U64))),
        ((1, -1, True, 200), TupleType((U64, I64, BOOL, U8))),
        (((1, False), 3), TupleType((TupleType((U32, BOOL)), I64))),
    ]
    for value, kind in shapes:
        p, q = parameter("p", kind), local("q", kind)
        inner = function("inner", [p], kind, [assign(q, read(p)), give(read(q))])
        outer = function("outer", [p], kind, [give(Call(inner, (read(p),), at()))])
        last = len(kind.items) - 1
        item = function("item", [p], kind.items[last], [give(TupleItem(read(p), last, kind.items[last], at()))])
        made = native([inner, outer, item], profile=profile)
        assert made.function("m.outer")(value) == value
        assert made.function("m.item")(value) == value[last]


@pytest.mark.parametrize("profile", PROFILES)
def test_function_pointers_let_and_conditional(profile: Profile) -> None:
    x, f, hidden = parameter("x", U64), local("f", FunctionType((U64,), U64)), local("h", U64)
    double = function("double", [x], U64, [give(binary("*", read(x), const(2)))])
    triple = function("triple", [x], U64, [give(binary("*", read(x), const(3)))])
    chosen = Conditional(
        compare("<", read(x), const(10)),
        FunctionAddress(double, double.type, at()),
        FunctionAddress(triple, triple.type, at()),
        double.type,
        at(),
    )
    call = CallPointer(read(f), (read(hidden),), U64, at())
    body: list[Statement] = [assign(f, chosen), give(Let(hidden, binary("+", read(x), const(1)), call, at()))]
    made = native([double, triple, function("f", [x], U64, body)], profile=profile)
    assert [made.function("m.f")(x) for x in (1, 10)] == [4, 33]


@pytest.mark.parametrize("profile", PROFILES)
def test_recursion_has_an_end(profile: Profile) -> None:
    n = parameter("n", U64)
    even, odd = function("even", [n], BOOL, []), function("odd", [n], BOOL, [], exported=True)
    for this, other, answer in ((even, odd, True), (odd, even, False)):
        less = binary("-", read(n), const(1))
        done = If(compare("==", read(n), const(0)), (give(const(answer, BOOL)),), (), at())
        this.body = (done, give(Call(other, (less,), at())))
        this.recursion = 5
        this.address_taken = True
    made = native([even, odd], profile=profile)
    assert [made.function("m.even")(n) for n in range(10)] == [n % 2 == 0 for n in range(10)]
    with pytest.raises(Trap) as caught:
        made.function("m.even")(10)
    assert caught.value.reason is Reason.RECURSION
    assert (caught.value.path, caught.value.line) == (even.span.path, even.span.line)
    assert made.function("odd")(9) is True  # counts anew after a trap


@pytest.mark.parametrize("profile", PROFILES)
def test_traps_that_the_program_gives(profile: Profile) -> None:
    x = parameter("x", U64)
    stop = TrapStatement(Reason.ASSERTION, "x must be even: «ü»", at(77, 5))  # type: ignore[arg-type]
    body: list[Statement] = [
        If(compare("==", binary("%", read(x), const(2)), const(1)), (stop,), (), at()),
        give(read(x)),
    ]
    made = native([function("f", [x], U64, body)], profile=profile)
    assert made.function("m.f")(4) == 4
    with pytest.raises(Trap) as caught:
        made.function("m.f")(3)
    assert str(caught.value) == "kernel/m.py:77:5: ASSERTION: x must be even: «ü»"


@pytest.mark.parametrize("profile", PROFILES)
def test_a_function_without_a_result_at_its_end(profile: Profile) -> None:
    x = parameter("x", U64)
    body: list[Statement] = [
        If(compare("==", read(x), const(0)), (give(),), (), at()),
        Evaluate(MakeTuple((), TupleType(()), at()), at()),
    ]
    made = native([function("f", [x], NONE, body)], profile=profile)
    assert made.function("m.f")(0) is None
    assert made.function("m.f")(1) is None
