"""What LLVM's optimiser is told, seen in what it leaves: volatile accesses, attributes, sections, ABI extension."""

from __future__ import annotations

import re

from exotool.compiler.emit import lower_units, optimise_unit
from exotool.compiler.lower_options import options_for
from exotool.compiler.tree import (
    Call,
    Element,
    Evaluate,
    Field,
    ForRange,
    Function,
    Global,
    GlobalPlace,
    Length,
    Load,
    Statement,
    Store,
    Target,
)
from exotool.compiler.types import (
    BOOL,
    I8,
    NONE,
    U8,
    U16,
    U32,
    U64,
    ArrayType,
    PtrType,
    RefType,
    StructType,
    ViewType,
    VolatileType,
    set_layout,
)

from .trees import assign, at, binary, compare, const, function, give, local, parameter, program, read


def release(functions: list[Function], variables: list[Global] | None = None) -> str:
    options = options_for("release")
    (unit,) = lower_units(program(functions, variables or []), options).units
    compiled = optimise_unit(unit, options)
    assert not compiled.errors
    return compiled.data.decode()


def body(text: str, name: str) -> str:
    match = re.search(rf'^define [^\n]*@"?{re.escape(name)}"?\(.*?^}}', text, re.MULTILINE | re.DOTALL)
    assert match, text
    return match.group(0)


def attributes(text: str, name: str) -> str:
    group = re.search(r"#\d+", body(text, name).splitlines()[0])
    assert group
    found = re.search(rf"^attributes {group.group(0)} = .*$", text, re.MULTILINE)
    assert found
    return found.group(0)


def test_every_volatile_access_happens_once_in_order_at_its_width() -> None:
    device = StructType("Device", "m")
    set_layout(device, [("status", VolatileType(U8)), ("data", VolatileType(U32))])
    d = parameter("d", RefType(device))
    place = Target(read(d), device, at())
    status = Load(Field(place, device.fields["status"], at()), U8, at())
    data = Field(place, device.fields["data"], at())
    steps: list[Statement] = [
        Evaluate(status, at()),
        Evaluate(status, at()),
        Store(data, const(1, U32), at()),
        Store(data, const(1, U32), at()),
    ]
    text = body(release([function("f", [d], NONE, steps, exported=True)]), "f")
    assert re.findall(r"(load|store) volatile (i\d+)", text) == [*[("load", "i8")] * 2, *[("store", "i32")] * 2]


def test_functions_say_what_they_are_for() -> None:
    n = parameter("n", U64)
    plain = [give(binary("*", read(n), const(3)))]
    f, hot, placed = (function(name, [n], U64, plain, exported=True) for name in ("f", "hot", "placed"))
    hot.hot, placed.section, placed.noinline = True, ".text.boot", True
    inner = function("inner", [n], U64, plain)
    inner.noinline = True
    outer = function("outer", [n], U64, [give(Call(inner, (read(n),), at()))], exported=True)
    text = release([f, hot, placed, inner, outer])
    for name in ("f", "hot", "placed", "m.inner", "outer"):
        for word in ("noredzone", '"no-builtins"', "nounwind", "-sse2", '"frame-pointer"="non-leaf"'):
            assert word in attributes(text, name), (name, word)
        assert ("optsize" in attributes(text, name)) is (name != "hot")
    assert 'section ".text.boot"' in body(text, "placed").splitlines()[0]
    assert "define internal" in body(text, "m.inner").splitlines()[0]
    assert "call" in body(text, "outer")


def test_small_integers_are_extended_where_they_are_passed() -> None:
    a, b, c = parameter("a", U8), parameter("b", I8), parameter("c", BOOL)
    outside = function("outside", [a, b, c], U16, None)
    call = Call(outside, (read(a), read(b), read(c)), at())
    text = release([outside, function("f", [a, b, c], U16, [give(call)], exported=True)])
    wanted = r"zeroext i16 @outside\(i8 noundef zeroext[^,]*, i8 noundef signext[^,]*, i1 noundef zeroext"
    assert re.search(r"declare[^\n]*" + wanted, text)
    assert re.search(r"call " + wanted, text)
    assert re.search(r"define[^\n]*" + wanted.replace("outside", "f"), text)


def test_references_are_not_null_and_promise_no_more() -> None:
    point = StructType("Point", "m")
    set_layout(point, [("x", U64)])
    p, q = parameter("p", RefType(point)), parameter("q", RefType(point, nullable=True))
    is_null = give(compare("==", read(p), const(None, RefType(point, nullable=True))))
    same = give(compare("==", read(q), const(None, RefType(point, nullable=True))))
    f = function("f", [p], BOOL, [is_null], exported=True)
    text = release([f, function("g", [q], BOOL, [same], exported=True)])
    assert "ret i1 false" in body(text, "f")
    assert "icmp eq ptr" in body(text, "g")
    assert "dereferenceable" not in text


def test_one_check_of_bounds_does_for_a_loop_over_the_whole_array() -> None:
    v, i, total = parameter("v", ViewType(U32)), local("i", U64), local("total", U32)
    element = Load(Element(read(v), read(i), U32, at()), U32, at())
    loop = ForRange(
        i, const(0), Length(read(v), U64, at()), 1, False, (assign(total, binary("+", read(total), element)),), (), at()
    )
    text = release([function("f", [v], U32, [assign(total, const(0, U32)), loop, give(read(total))], exported=True)])
    assert "__kpy_trap" not in body(text, "f")


def test_constants_and_statics_that_nothing_writes() -> None:
    table = Global("T", "m.T", "m", ArrayType(U8, 3), at(), data=b"abc", read_only=True)
    item = Load(Element(GlobalPlace(table, at()), const(1), U8, at()), U8, at())
    p = parameter("p", PtrType(U64))
    forged = Load(Element(read(p), const(0), U64, at()), U64, at())
    f = function("f", [], U8, [give(item)], exported=True)
    text = release([f, function("g", [p], U64, [give(forged)], exported=True)], [table])
    assert "ret i8 98" in body(text, "f")
    assert "align 1" in body(text, "g")
