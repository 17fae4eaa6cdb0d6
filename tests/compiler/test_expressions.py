"""Types of expressions: literals in their context, operators, casts, calls, narrowing, and the tree made of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.compiler.tree import (
    BitsReplace,
    Call,
    Constant,
    Convert,
    Expression,
    If,
    Intrinsic,
    Let,
    Logic,
    Reference,
    Slice,
)
from exotool.compiler.types import U32, U64, ArrayType, RefType, StructType

from .programs import check, errors, function, returned

TYPES = """
class State(IntEnum):
    IDLE = 0
    RUN = 1 << 1

class Pte(Bits[u64]):
    present: bool = bit(0)
    state: State = bits(2, 1)
    frame: u64 = bits(51, 12)

class Point(Struct):
    x: u64
    y: i32
    next: Ref["Point"] | None
    data: Array[u8] = array(4)
    lock: Atomic[u32]
    call: Callable[[u64], u64] | None

    def norm(self, k: u64 = 2, *, z: u64 = 3) -> u64:
        return self.x * k + z

point: Point = Point()
TABLE: Final[Array[u32]] = array([1, 2, 3])
N: Final = 4
WIDE: Final[u64] = 2**40
"""
ARGUMENTS = (
    "a: u64, b: u32, c: u8, i: i64, j: i32, flag: bool, p: Point, q: Point | None, v: Array[u8], r: Ptr[u64],"
    " u: UserPtr[u8], s: State, e: Pte, g: Callable[[u64], u64] | None"
)


def value(folder: Path, text: str, result: str) -> object:
    return returned(check(folder, f"{TYPES}\ndef f({ARGUMENTS}) -> {result}:\n    return {text}\n"))


def wrong(folder: Path, text: str) -> list[str]:
    """Return what is wrong with one statement."""
    before = f"{TYPES}\ndef f({ARGUMENTS}) -> None:\n    "
    line = before.count("\n") + 1
    return [e.replace(f" {line}: ", ": ") for e in errors(folder, f"{before}{text}\n")]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a + b * 2", "u64"),
        ("b + c", "u32"),
        ("j + c", "i32"),
        ("c + 255", "u8"),
        ("5 - a", "u64"),
        ("a << c", "u64"),
        ("a >> N", "u64"),
        ("-i // 2", "i64"),
        ("~b", "u32"),
        ("N * N", "u8"),
        ("WIDE + 1", "u64"),
        ("u8(i)", "u8"),
        ("u64(flag) + u64(s) + u64(e) + u64(r)", "u64"),
        ("State(b)", "State"),
        ("State.RUN", "State"),
        ("e.state", "State"),
        ("e.frame + 1", "u64"),
        ("e.replace(present=flag, frame=a)", "Pte"),
        ("Pte(a)", "Pte"),
        ("a if flag else 0", "u64"),
        ("p if flag else None", "Point | None"),
        ("0 < a < 10 and not flag", "bool"),
        ("s == State.IDLE or e.present", "bool"),
        ("r == r + 1", "bool"),
        ("(r + 1) - r", "i64"),
        ("r[a] + r[3]", "u64"),
        ("v[a]", "u8"),
        ("v[1:a]", "Array[u8]"),
        ("p.data", "Array[u8]"),
        ("len(v) + len(p.data)", "u64"),
        ("p.norm() + p.norm(1) + p.norm(z=a, k=b)", "u64"),
        ("p.lock.add(1, order=Order.RELAXED)", "u32"),
        ("p.lock.cas(0, 1)", "bool"),
        ("q.x if q is not None else 0", "u64"),
        ("q is None or q.x == 1", "bool"),
        ("g(a) if g is not None else 1", "u64"),
        ("TABLE[0]", "u32"),
        ("min(a, 3) + max(b, 1)", "u64"),
        ("popcount(a) + count_leading_zeros(c)", "u32"),
        ("checked_add(a, 1)", "tuple[u64, bool]"),
        ("(1, flag)", "tuple[u8, bool]"),
        ("checked_add(a, b)[0]", "u64"),
        ("addressof(point) + addressof(point.x) + addressof(f)", "u64"),
        ("sizeof(Point) + offsetof(Point, 'y')", "u64"),
        ("Point.at(a).x", "u64"),
        ("Ptr[u8](r)[0]", "u8"),
        ("u + 4", "UserPtr[u8]"),
        ("symbol_address('end')", "u64"),
    ],
)
def test_accepted_with_this_type(tmp_path: Path, text: str, result: str) -> None:
    found = value(tmp_path, text, result)
    assert str(getattr(found, "type")) == result  # noqa: B009


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 5", "C0301: a number alone has no width"),
        ("x: u8 = 256", "C0305: 256 does not fit u8"),
        ("x: u64 = -1", "C0305: -1 does not fit u64"),
        ("x: u32 = a", "C0308: `u64` does not become `u32` by itself"),
        ("x: i64 = a", "C0308: `u64` does not become `i64` by itself"),
        ("x = a + i", "C0328: `+` of `u64` and `i64`"),
        ("x = b + j", "C0328: `+` of `u32` and `i32`"),
        ("x = a < i", "C0328: `<` of `u64` and `i64`"),
        ("x = a + flag", "C0327: `+` on `bool`, which is no number"),
        ("x = s + 1", "C0327: `+` on `State`, which is no number"),
        ("x = 1 << a", "C0326: a number alone has no width to be shifted in"),
        ("x = b << 32", "C0325: a shift by 32"),
        ("x = a / 2", "C0320: `/` is no operator of Kernel Python"),
        ("x = a ** 2", "C0320: `**` is no operator of Kernel Python"),
        ("x = a // 0", "C0323: division by zero"),
        ("x = u8(200) + u8(100)", "C0324: the result 300 overflows u8"),
        ("x = s < State.RUN", "C0335: `<` on `State`, which has no order"),
        ("x = p == p", "C0335: references are not compared"),
        ("x = q.x", "C0307: the value may be None"),
        ("x = g(1)", "C0307: the function may be None"),
        ("x = p is None", "C0332: `Point` is never None"),
        ("x = a is a", "C0331: `is` compares with `None` only"),
        ("x = q == None", "C0334: a comparison with `None`"),
        ("x = u[0]", "C0350: a user pointer cannot be dereferenced"),
        ("x = u64(u)", "C0350: a user pointer cannot become an integer"),
        ("x = Ptr[u8](u)", "C0350: a user pointer cannot become a `Ptr`"),
        ("x = State(1)", "C0364: `State` has no member with the value 1"),
        ("x = e.replace(state=State.RUN, nope=1)", "C0346: bit record `Pte` has no field `nope`"),
        ("x = Pte(frame=2**40)", "C0366: 1099511627776 does not fit field `frame`"),
        ("x = p.z", "C0346: struct `Point` has no field `z`"),
        ("x = p.nrm()", "C0361: struct `Point` has no method `nrm`"),
        ("x = p.norm(1, 2)", "C0359: `norm` takes 1 argument"),
        ("x = p.norm(q=1)", "C0360: `norm` has no parameter `q`"),
        ("x = TABLE[3]", "C0349: index 3 is out of bounds"),
        ("x = v[-1]", "C0349: index -1 is out of bounds"),
        ("TABLE[0] = 1", "C0353: a `Final` static cannot be written"),
        ("e.present = True", "C0352: bit records do not change"),
        ("x = nothing", "C0343: nothing is called `nothing`"),
        ("x = addressof(a)", "C0370: `u64` has no address"),
        ("copy(p, v)", "C0375: `copy` from `Array[u8]` to `Point`"),
        ("x = p.lock.load(order=Order.RELEASE)", "C0373: `load` with the order RELEASE"),
        ("x = lambda: 1", "C0380: `lambda` is no part of Kernel Python"),
        ("x = 1.5", "C0341: a floating-point number"),
        ("x = [a]", "C0381: a list is no part of Kernel Python"),
    ],
)
def test_refused_with_this_message(tmp_path: Path, text: str, message: str) -> None:
    assert wrong(tmp_path, text) == [message]


def test_one_mistake_is_reported_once(tmp_path: Path) -> None:
    assert wrong(tmp_path, "x = nothing + 1; y = x * 2; z = y.field[3](x)") == ["C0343: nothing is called `nothing`"]


def test_widening_is_a_conversion_and_constants_are_folded(tmp_path: Path) -> None:
    found = value(tmp_path, "b", "u64")
    assert isinstance(found, Convert)
    assert (found.operand.type, found.type) == (U32, U64)
    folded = value(tmp_path, "(u64(1) << 12) * N + sizeof(u32) - 5 // 2", "u64")
    assert isinstance(folded, Constant)
    assert folded.value == (1 << 12) * 4 + 4 - 5 // 2


def test_the_middle_of_a_chain_is_evaluated_once(tmp_path: Path) -> None:
    found = value(tmp_path, "a < p.norm() < 10", "bool")
    assert isinstance(found, Let)
    assert isinstance(found.body, Let)
    assert isinstance(found.body.body, Logic)
    assert isinstance(found.body.value, Call)


def test_arguments_by_name_are_evaluated_as_written(tmp_path: Path) -> None:
    """`z` is written before `k` and stands behind it in the call."""
    found = value(tmp_path, "p.norm(z=r[0], k=r[1])", "u64")
    order: list[Expression] = []
    while isinstance(found, Let):
        order.append(found.value)
        found = found.body
    assert isinstance(found, Call)
    assert [e.span.column for e in order] == sorted(e.span.column for e in order)
    assert len(order) == 2


def test_bits_of_constants_are_a_constant(tmp_path: Path) -> None:
    found = value(tmp_path, "Pte(present=True, frame=3, state=State.RUN)", "Pte")
    assert isinstance(found, Constant)
    assert found.value == 1 | 2 << 1 | 3 << 12
    assert isinstance(value(tmp_path, "Pte(present=flag)", "Pte"), BitsReplace)


def test_known_lengths_become_views_where_one_is_needed(tmp_path: Path) -> None:
    found = value(tmp_path, "p.data[1:3]", "Array[u8]")
    assert isinstance(found, Slice)
    assert str(found.view.type) == "Array[u8]"


GENERIC = """
T = TypeVar("T")

class Queue(Struct, Generic[T]):
    head: u64
    items: Array[T] = array(8)

    def push(self, item: T) -> None:
        self.items[self.head] = item
        self.head += 1

queue: Queue[u32] = Queue()
wide: Queue[u64] = Queue()

def biggest(a: T, b: T) -> T:
    return a if a > b else b

def f(a: u64, b: u32) -> u64:
    queue.push(b)
    wide.push(a)
    return biggest(a, 5) + biggest(b, b) + biggest(b, 1)
"""


def test_each_generic_has_one_instance_a_type(tmp_path: Path) -> None:
    program = check(tmp_path, GENERIC)
    assert [f.symbol for f in program.functions] == [
        "program.Queue[u32].push",
        "program.Queue[u64].push",
        "program.biggest[u32]",
        "program.biggest[u64]",
        "program.f",
    ]
    assert {str(s): s.size for s in program.structs} == {"Queue[u32]": 40, "Queue[u64]": 72}


TEXT = """
class Out(Struct):
    n: u64

    def write(self, text: Array[u8]) -> None:
        self.n += len(text)

    def write_unsigned(self, value: u64, base: u32, width: u32, flags: u32) -> None:
        self.n += value

    def write_signed(self, value: i64, width: u32, flags: u32) -> None:
        self.n += u64(value)

out: Out = Out()

def say(text: str) -> None:
    fprint(out, text)

def f(a: u64, b: i32, flag: bool) -> None:
    say(f"a={a:#010x} {b:>5}")
    say(f"a={a:#010x} {b:>5}")
    say("done")
    fprint(out, f"{flag}{u8(a):c}")
"""


def test_a_template_has_one_instance_a_text(tmp_path: Path) -> None:
    program = check(tmp_path, TEXT)
    says = [f for f in program.functions if f.name == "say"]
    assert [[str(p.type) for p in f.parameters] for f in says].count(["u64", "i32"]) == 1
    assert len(says) == 2
    body = next(f.body for f in says if f.parameters)
    assert body is not None
    calls = [getattr(s, "value") for s in body]  # noqa: B009
    assert [c.function.name for c in calls] == ["write", "write_unsigned", "write", "write_signed"]
    assert [a.value for a in calls[1].arguments[2:]] == [16, 10, 1 | 2]
    last = function(program, "f").body
    assert last is not None
    assert any(isinstance(s, If) for s in last)
    data = sorted(g.data for g in program.globals if g.read_only and g.data is not None)
    assert data == [b" ", b"False", b"True", b"a=", b"done"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('f"{a!r}"', "C0310: conversions such as `!r` and `=` need a run-time `repr`"),
        ('f"{a:e}"', "C0312: format `e`"),
        ('f"{flag:5}"', "C0312: a format for a `bool`"),
        ('f"{i:x}"', "C0312: a hexadecimal format for `i64`"),
        ('f"{p}"', "C0311: `Point` cannot be written as text"),
    ],
)
def test_refused_texts(tmp_path: Path, text: str, message: str) -> None:
    out = TEXT[: TEXT.index("def f(")]
    assert [
        e.split(" ", 1)[0] + ": " + e.split(": ", 1)[1]
        for e in errors(tmp_path, f"{TYPES}{out}\ndef f({ARGUMENTS}) -> None:\n    fprint(out, {text})\n")
    ] == [message]


def test_initial_values(tmp_path: Path) -> None:
    program = check(
        tmp_path,
        TYPES
        + (
            "def g(x: u64) -> u64:\n    return x\n"
            "first: Point = Point(x=5, y=-1, data=array([1, 2, 3, N]), call=g, lock=Atomic(7))\n"
            "second: Point = Point(next=first)\n"
        ),
    )
    found = {g.name: g for g in program.globals}
    data = found["first"].data
    assert data is not None
    point = found["first"].type
    assert isinstance(point, StructType)
    offset = {n: f.offset for n, f in point.fields.items()}
    assert data[:8] == (5).to_bytes(8, "little")
    assert data[offset["y"] :][:4] == b"\xff" * 4
    assert data[offset["data"] :][:4] == bytes([1, 2, 3, 4])
    assert data[offset["lock"]] == 7
    assert [(o, t.name, a) for o, t, a in found["first"].relocations] == [(offset["call"], "g", 0)]
    assert [(o, t.name, a) for o, t, a in found["second"].relocations] == [(offset["next"], "first", 0)]
    assert found["point"].data is None
    assert found["TABLE"].read_only
    assert found["TABLE"].type == ArrayType(U32, 3)


def test_references_have_the_type_without_none_behind_a_test(tmp_path: Path) -> None:
    found = value(tmp_path, "q if q is not None else p", "Point")
    assert isinstance(getattr(found, "type"), RefType)  # noqa: B009
    assert not isinstance(found, Reference | Intrinsic)


def test_a_default_is_constant_since_python_evaluates_it_once(tmp_path: Path) -> None:
    text = "ticks: u64 = 0\nK: Final = 3\ndef f(x: u64 = K, y: u64 = ticks) -> u64:\n    return x + y\n"
    assert errors(tmp_path, text) == ["C0230 3: this is not known at compile time"]


def test_a_user_pointer_does_not_get_into_a_union_within_a_struct(tmp_path: Path) -> None:
    text = "class H(Struct):\n    p: UserPtr[u8]\nclass E(Struct, union=True):\n    h: H\n    a: u64\n"
    assert errors(tmp_path, text) == ["C0226 4: a user pointer in a union could be read as another type"]
