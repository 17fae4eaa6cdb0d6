"""What `exotool verify` finds, and how it says it."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("z3", reason="the extra `verify` is not installed")

from exotool.compiler.emit import compile_files
from exotool.compiler.lower_options import options_for
from exotool.diagnostics import ToolError, render
from exotool.verify import terms
from exotool.verify.run import Options

from .programs import outcome, outcomes, said

CAPS = """
class Kind(IntEnum):
    NOTHING = 0
    FRAME = 3

class Cap(Struct):
    base: u64
    limit: u64
    generation: u32
    kind: Kind
    live: bool
    rights: u16

table: Array[Cap] = array(64)
"""


def codes(found: object) -> list[str]:
    return [diagnostic.code for diagnostic in found.diagnostics]  # type: ignore[attr-defined]


# --- what is proved -----------------------------------------------------------------------------------------------


def test_a_law_of_bits(tmp_path: Path) -> None:
    text = """
@proof
def absorption(a: u64, b: u64) -> None:
    assert a & (a | b) == a
"""
    assert outcome(tmp_path, text).proved


def test_one_slot_of_a_table_is_not_another(tmp_path: Path) -> None:
    text = (
        CAPS
        + """
@proof
def separate(i: u64, j: u64, rights: u16) -> None:
    havoc(table)
    assume(i < 64 and j < 64 and i != j)
    before = table[j].rights
    generation = table[i].generation
    table[i].rights = rights
    assert table[i].rights == rights and table[i].generation == generation
    assert table[j].rights == before
"""
    )
    assert outcome(tmp_path, text).proved


def test_arbitrary_content_has_members_of_enums_and_bools(tmp_path: Path) -> None:
    text = (
        CAPS
        + """
@proof
def typed(i: u64) -> None:
    havoc(table)
    assume(i < 64)
    assert table[i].kind == Kind.FRAME or table[i].kind == Kind.NOTHING
    assert not table[i].live or table[i].live
"""
    )
    assert outcome(tmp_path, text).proved


def test_memory_at_an_address(tmp_path: Path) -> None:
    text = (
        CAPS
        + """
BASE: Final = 0xffff_8000_0000_0000

@proof
def through_pointers(slot: u64, rights: u16) -> None:
    provide_memory(BASE, 4096)
    assume(slot < 4096 // sizeof(Cap))
    Cap.at(BASE + slot * sizeof(Cap)).rights = rights
    assert Ptr[u64](BASE)[slot * sizeof(Cap) // 8 + 3] >> 16 == u64(rights)
"""
    )
    assert outcome(tmp_path, text).proved
    assert outcome(tmp_path, text.replace(">> 16", ">> 24")).verdict == "refuted"


def test_narrow_writes_keep_their_neighbours(tmp_path: Path) -> None:
    text = """
class Pair(Struct):
    low: u8
    high: u8
    rest: u16
    wide: u32

@proof
def neighbours(p: Pair, x: u8) -> None:
    high = p.high
    rest = p.rest
    wide = p.wide
    p.low = x
    assert p.low == x and p.high == high and p.rest == rest and p.wide == wide
"""
    assert outcome(tmp_path, text).proved


def test_bytes_of_a_word(tmp_path: Path) -> None:
    text = """
words: Array[u64] = array(4)

@proof
def little_endian(i: u64, x: u64) -> None:
    assume(i < 32)
    words[i // 8] = x
    assert Ptr[u8](addressof(words))[i] == u8(x >> (i % 8 * 8))
"""
    assert outcome(tmp_path, text).proved


def test_loops_to_their_bound(tmp_path: Path) -> None:
    text = """
def total(n: u64) -> u64:
    sum: u64 = 0
    for i in range(n):
        sum += i
    return sum

@proof(unroll=6)
def triangle(n: u64) -> None:
    assume(n <= 6 and n > 0)
    assert total(n) * 2 == n * (n - 1)

@proof(unroll=5)
def too_few_rounds(n: u64) -> None:
    assume(n <= 6)
    total(n)
"""
    found = outcomes(tmp_path, text)
    assert found["triangle"].proved
    assert codes(found["too_few_rounds"]) == ["V0203"]
    assert "the loop can run more than 5 rounds" in said(found["too_few_rounds"])
    assert "with n = 6" in said(found["too_few_rounds"])


def test_expected_traps(tmp_path: Path) -> None:
    text = """
def half(n: u32) -> u32:
    assert n % 2 == 0, "odd"
    return n // 2

@proof(traps=Reason.ASSERTION)
def odd_numbers_trap(n: u32) -> None:
    assume(n & 1 == 1)
    half(n)

@proof(traps=Reason.ASSERTION)
def all_numbers_trap(n: u32) -> None:
    half(n)
"""
    found = outcomes(tmp_path, text)
    assert found["odd_numbers_trap"].proved
    assert codes(found["all_numbers_trap"]) == ["V0204"]
    assert "ends without the trap ASSERTION" in said(found["all_numbers_trap"])
    assert "these values end the same way under CPython" in said(found["all_numbers_trap"])


def test_recursion_to_its_depth(tmp_path: Path) -> None:
    text = """
@recursive(depth=4)
def fib(n: u64) -> u64:
    return n if n < 2 else fib(n - 1) + fib(n - 2)

@proof
def grows(n: u64) -> None:
    assume(n < 5)
    assert fib(n) <= n

@proof
def too_deep(n: u64) -> None:
    assume(n < 6)
    fib(n)
"""
    found = outcomes(tmp_path, text)
    assert found["grows"].proved
    assert "recursion deeper than declared" in said(found["too_deep"])


def test_functions_as_values(tmp_path: Path) -> None:
    text = """
def one(n: u64) -> u64:
    return n & 1

def two(n: u64) -> u64:
    return n & 3

table: Array[Callable[[u64], u64]] = array([one, two])

@proof
def small(i: u64, n: u64) -> None:
    assume(i < 2)
    assert table[i](n) <= 3
"""
    assert outcome(tmp_path, text).proved


def test_a_lock_is_given_back_on_every_way(tmp_path: Path) -> None:
    text = """
class Lock(Struct):
    held: Atomic[u32]

    def __enter__(self) -> None:
        assert self.held.cas(0, 1)

    def __exit__(self, *exc: object) -> None:
        self.held.store(0)

lock: Lock = Lock()

def find(n: u32) -> u32:
    for i in range(u32(5)):
        with lock:
            if i == n:
                return i
            if i > n:
                break
    return 9

@proof
def free_again(n: u32) -> None:
    find(n)
    assert lock.held.load() == 0
"""
    assert outcome(tmp_path, text).proved


# --- what is refuted ----------------------------------------------------------------------------------------------


def test_the_message_has_place_values_and_calls(tmp_path: Path) -> None:
    text = """
def check(a: u16, b: u16) -> bool:
    assert a < b, "not in order"
    return True

@proof
def order(a: u16, b: u16) -> None:
    assume(a == 7 and b < 8 and b > 6)
    check(a, b)
"""
    assert said(outcome(tmp_path, text)) == (
        """\
error[V0201]: `program.order` is refuted: assertion failed: not in order
  --> program.py:13:5
   |
13 |     assert a < b, "not in order"
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = note: called at program.py:19:5
   = note: with a = 7
   = note: with b = 7
   = note: these values end the same way under CPython"""
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("x + y", "integer overflow"),
        ("x - y", "integer overflow"),
        ("x * y", "integer overflow"),
        ("x // y", "division by zero"),
        ("x % y", "division by zero"),
        ("x << y", "shift amount not less than the width"),
        ("data[x]", "index out of bounds"),
        ("len(data[x:y])", "slice out of bounds"),
        ("u32(Color(x))", "no such member of the enum"),
        ("Ptr[u32](u64(x & 0))[0]", "address 0 dereferenced"),
        ("u64(Mode(level=u8(x)))", "integer overflow"),
        ("-i8(x)", "integer overflow"),
        ("i8(x) // i8(y)", "integer overflow"),
    ],
)
def test_traps_nobody_wrote(body: str, reason: str, tmp_path: Path) -> None:
    """Each is found, and CPython traps there too: else the answer would have V0207."""
    nonzero = "    assume(i8(y) != 0)\n" if "// i8" in body else ""
    text = f"""
data: Array[u8] = array(8)

class Color(IntEnum):
    RED = 1
    BLUE = 2

class Mode(Bits[u64]):
    level: u8 = bits(2, 0)

@proof
def trap(x: u32, y: u32) -> None:
    assume(x <= 0xFF or y == 1)
{nonzero}    _ = {body}
"""
    found = outcome(tmp_path, text)
    assert f"is refuted: {reason}" in said(found)
    assert found.diagnostics[0].code in ("V0201", "V0202")
    assert all(code != "V0207" for code in codes(found))


def test_content_of_memory_is_part_of_the_counterexample(tmp_path: Path) -> None:
    text = (
        CAPS
        + """
@proof
def no_rights(i: u64) -> None:
    havoc(table)
    assume(i == 5 and table[i].kind == Kind.FRAME and table[i].generation == 9)
    assert table[i].rights & 4 == 0
"""
    )
    text = said(outcome(tmp_path, text))
    assert "with table[5].generation = 9" in text
    assert "with table[5].kind = Kind.FRAME" in text
    assert "these values end the same way under CPython" in text


def test_an_access_outside_of_all_memory(tmp_path: Path) -> None:
    text = (
        CAPS
        + """
@proof
def stray(i: u64) -> None:
    assume(i < 65)
    Cap.at(addressof(table) + i * sizeof(Cap)).rights = 1
"""
    )
    found = outcome(tmp_path, text)
    assert codes(found) == ["V0202"]
    assert "an access outside of the memory that the proof knows" in said(found)
    assert "with i = 64 (0x40)" in said(found)


def test_a_wild_address_behind_a_condition(tmp_path: Path) -> None:
    text = """
@proof
def never(n: u8) -> None:
    assert not (n > 255 and Ptr[u8](8)[0] == 3)

@proof
def sometimes(n: u8) -> None:
    assert not (n > 254 and Ptr[u8](8)[0] == 3)
"""
    found = outcomes(tmp_path, text)
    assert found["never"].proved
    assert codes(found["sometimes"]) == ["V0202"]


# --- what proves nothing, and what is not decided -----------------------------------------------------------------


def test_contradictions_prove_nothing(tmp_path: Path) -> None:
    text = """
@proof
def contradiction(n: u8) -> None:
    assume(n > 200)
    assume(n < 100)
    assert n == 0

@proof
def dead_assertion(n: u8) -> None:
    if n > 200:
        if n < 100:
            assert n == 0
"""
    found = outcomes(tmp_path, text)
    assert codes(found["contradiction"]) == ["V0205"]
    assert "no execution fulfils what it assumes" in said(found["contradiction"])
    assert "no execution reaches this assertion" in said(found["dead_assertion"])


def test_time_is_up(tmp_path: Path) -> None:
    text = """
@proof
def factors(a: u64, b: u64) -> None:
    assume(a > 1 and b > 1 and a < 1 << 31 and b < 1 << 31)
    assert a * b != 2305843009213693951
"""
    found = outcome(tmp_path, text, Options(seconds=0.2))
    assert found.verdict == "unknown" and codes(found) == ["V0206"]


def test_what_is_not_modelled_is_refused(tmp_path: Path) -> None:
    text = """
class Device(Struct):
    status: Volatile[u32]

device: Device = Device()

@extern
def outside(n: u64) -> u64:
    return n

@proof
def volatile() -> None:
    assert device.status == 0

@proof
def external(n: u64) -> None:
    assert outside(n) == n

@proof
def view(a: Array[u8]) -> None:
    assert len(a) < 100
"""
    found = outcomes(tmp_path, text)
    assert [codes(one) for one in found.values()] == [["V0301"]] * 3
    assert "`Volatile` storage, which changes by itself" in said(found["volatile"])
    assert '@model("outside")' in said(found["external"])


def test_a_model_stands_for_an_extern(tmp_path: Path) -> None:
    text = """
@extern
def random() -> u8:
    return 4

@model("random")
def any_number() -> u8:
    return arbitrary(u8)

@proof
def any(n: u8) -> None:
    assert random() != 77
"""
    found = outcome(tmp_path, text)
    assert "with arbitrary = 77 (0x4d)" in said(found)
    assert "these values end the same way under CPython" in said(found)


def test_nothing_comes_after_what_does_not_return(tmp_path: Path) -> None:
    text = """
@extern
def stop() -> NoReturn:
    assert False

@model("stop")
def stopped() -> None:
    pass

@proof
def after(n: u8) -> None:
    if n > 3:
        stop()
    assert n <= 3
"""
    assert "unreachable code reached: what does not return has returned" in said(outcome(tmp_path, text))


def test_a_wrong_verifier_is_found_by_the_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = """
@proof
def up(n: u8) -> None:
    assume(n < 255 and n > 0)
    assert n + 1 > n
"""
    assert outcome(tmp_path, text).proved
    real = terms.add
    monkeypatch.setattr(
        terms, "add", lambda left, right, bits=64: real(left, left, bits) if bits == 8 else real(left, right, bits)
    )
    found = outcome(tmp_path, text)
    assert codes(found) == ["V0201", "V0207"]
    assert "ends without a trap" in said(found)


def test_the_profile_says_what_traps(tmp_path: Path) -> None:
    text = """
@proof
def wraps(n: u8) -> None:
    assert n + 1 == n - 255
"""
    assert outcome(tmp_path, text).verdict == "refuted"
    assert outcome(tmp_path, text, Options(profile="release")).proved


def test_the_answer_is_the_same_each_time(tmp_path: Path) -> None:
    text = (
        CAPS
        + """
@proof
def wrong(i: u64, a: u16, b: u16) -> None:
    havoc(table)
    assume(i < 64)
    table[i].rights = a & b
    assert table[i].rights & ~a == 1
"""
    )
    assert said(outcome(tmp_path, text)) == said(outcome(tmp_path, text))


# --- what the compiler says ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "@proof\ndef p() -> None:\n    assert True\n",
        "def f(n: u8) -> None:\n    assume(n > 3)\n",
        '@model("x")\ndef f(n: u8) -> None:\n    pass\n',
    ],
)
def test_proofs_are_not_compiled(text: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text("from exotool.lang import assume, export, model, proof, u8\n" + text, "utf-8")
    with pytest.raises(ToolError) as caught:
        compile_files([path], tmp_path, options_for("dev"), text=True)
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["C0703"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("@proof(unroll=0)\ndef p() -> None:\n    pass\n", "the rounds of a loop in a proof are 1 to 65536"),
        ("@proof(depth=3)\ndef p() -> None:\n    pass\n", "`@proof` takes `unroll=N` and `traps=Reason.NAME`"),
        ("@proof\ndef p() -> None:\n    havoc(3)\n", "number"),
        ("lock: Atomic[u32] = Atomic(0)\n@proof\ndef p() -> None:\n    havoc(lock)\n", "`havoc` of"),
        ('T = TypeVar("T")\n@proof\ndef p(a: T) -> None:\n    pass\n', "`p` cannot be a proof"),
        ("@proof\ndef p(text: str) -> None:\n    pass\n", "`p` cannot be a proof"),
        ("class S(Struct):\n    n: u8\n    @proof\n    def p(self) -> None:\n        pass\n", "`p` cannot be a proof"),
        ("@proof\ndef p(n: u8) -> None:\n    assume(n)\n", "`u8` is no condition"),
        ("@proof\ndef p(n: u64) -> None:\n    provide_memory(n, 8)\n", "`provide_memory` takes an address and a size"),
    ],
)
def test_words_of_proofs_are_checked(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ToolError) as caught:
        outcome(tmp_path, text)
    assert message in "\n".join(map(render, caught.value.diagnostics))
