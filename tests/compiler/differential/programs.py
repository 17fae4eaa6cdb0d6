"""Whole random programs, well typed by construction: control flow, structs, arrays, enums, all integers.

The text comes from choices that a caller makes, so that Hypothesis can shrink it. Everything terminates: loops walk
over constant ranges, functions call only those before them. What may trap does, in every life at the same place; a
result then is the reason, and the statics that later calls read tell how far it went.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Choose = Callable[[int], int]
"""Return a number from 0 to n - 1."""

INTEGERS = ("u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64")
HOLDS = {
    "u8": ("u8",),
    "u16": ("u8", "u16"),
    "u32": ("u8", "u16", "u32"),
    "u64": ("u8", "u16", "u32", "u64"),
    "i8": ("i8",),
    "i16": ("u8", "i8", "i16"),
    "i32": ("u8", "u16", "i8", "i16", "i32"),
    "i64": ("u8", "u16", "u32", "i8", "i16", "i32", "i64"),
}
MEMBERS = ("RED", "GREEN", "BLUE")
FIELDS = {"a": "u8", "b": "i16", "c": "u32", "d": "i64", "e": "u64"}
BIT_FIELDS = {"low": ("u8", 4), "middle": ("u32", 20), "high": ("u16", 9)}
LENGTHS = {"bytes_": ("u8", 5), "words": ("i32", 7), "longs": ("u64", 4)}

PRELUDE = """\
from enum import IntEnum

from exotool.lang import Array, Bits, Struct, array, bit, bits
from exotool.lang import byteswap, checked_add, count_leading_zeros, popcount, rotate_left, wrapping
from exotool.lang import i8, i16, i32, i64, stored_as, u8, u16, u32, u64


@stored_as(u8)
class Colour(IntEnum):
    RED = 0
    GREEN = 3
    BLUE = 200


class Word(Bits[u64]):
    flag: bool = bit(0)
    low: u8 = bits(4, 1)
    middle: u32 = bits(30, 11)
    high: u16 = bits(63, 55)


class Record(Struct):
    a: u8
    b: i16
    colour: Colour
    c: u32
    flag: bool
    d: i64
    word: Word
    e: u64


class Pair(Struct):
    left: Record
    right: Record
    count: u32


class Guard(Struct):
    log: u64

    def __enter__(self) -> None:
        self.log = rotate_left(self.log, 3) ^ 1

    def __exit__(self, *exc: object) -> None:
        self.log = rotate_left(self.log, 3) ^ 2


guard: Guard = Guard()
bytes_: Array[u8] = array(5)
words: Array[i32] = array([1, -2, 3, -4, 5, -6, 7])
longs: Array[u64] = array(4)
pair: Pair = Pair()
tick: u32 = 0
some_u8: u8 = 200
some_u16: u16 = 40000
some_u32: u32 = 3
some_u64: u64 = 0xFEDC_BA98_7654_3210
some_i8: i8 = -100
some_i16: i16 = 7
some_i32: i32 = -2
some_i64: i64 = 0x7FFF_FFFF_FFFF_FFFF


def t_statics() -> tuple[u64, u64, u64, u64]:
    total: u64 = tick ^ guard.log
    for x in bytes_:
        total = rotate_left(total, 5) ^ x
    for y in words:
        total = rotate_left(total, 5) ^ u64(y)
    for z in longs:
        total = rotate_left(total, 5) ^ z
    left = u64(pair.left.a) ^ u64(pair.left.b) ^ pair.left.c ^ u64(pair.left.d) ^ u64(pair.left.word)
    right = u64(pair.right.b) ^ pair.right.e ^ u64(pair.right.flag) ^ u64(pair.right.colour)
    return total, left, right, u64(pair.count)
"""


@dataclass
class Scope:
    """What a function can name: variables by type, and which of them may be assigned."""

    variables: dict[str, str]
    fixed: set[str] = field(default_factory=set)
    records: list[str] = field(default_factory=lambda: ["pair.left", "pair.right"])
    arrays: dict[str, tuple[str, int]] = field(default_factory=lambda: dict(LENGTHS))
    result: str = "u64"
    loops: int = 0

    def of(self, kind: str) -> list[str]:
        """Return the variables of a type."""
        return [name for name, one in self.variables.items() if one == kind]


class Writer:
    """Writes one program."""

    def __init__(self, choose: Choose) -> None:
        self.choose = choose
        self.functions: list[tuple[str, tuple[str, ...], str]] = []
        self._names = 0

    def program(self) -> str:
        """Return the text of a program."""
        text = PRELUDE
        for number in range(1 + self.choose(3)):
            text += self._function(f"t_{number}")
        return text + self._last()

    def _last(self) -> str:
        return "\n\ndef t_after() -> tuple[u64, u64, u64, u64]:\n    return t_statics()\n"

    def pick(self, options: list[str] | tuple[str, ...]) -> str:
        """Return one of some texts."""
        return options[self.choose(len(options))]

    def name(self, prefix: str) -> str:
        """Return a new name."""
        self._names += 1
        return f"{prefix}{self._names}"

    def _function(self, name: str) -> str:
        kinds = tuple(self.pick((*INTEGERS, "bool")) for _ in range(self.choose(4)))
        scope = Scope({f"p{i}": kind for i, kind in enumerate(kinds)}, result=self.pick(INTEGERS))
        lines = [""] * 2
        if self.choose(4) == 0:
            lines.append("@wrapping")
        parameters = ", ".join(f"{n}: {k}" for n, k in scope.variables.items())
        lines.append(f"def {name}({parameters}) -> {scope.result}:")
        lines.append("    global tick")
        lines.append("    tick = (tick & 0xFFFF) + 1")
        lines += self._block(scope, 1, 3)
        lines.append(f"    return {self.number(scope, scope.result, 3)}")
        self.functions.append((name, kinds, scope.result))
        return "\n".join(lines) + "\n"

    # --- statements ----------------------------------------------------------------------------------------------

    def _block(self, scope: Scope, indent: int, depth: int) -> list[str]:
        """Return statements. Names made in a block are not used behind it."""
        inner = Scope(
            dict(scope.variables), set(scope.fixed), list(scope.records), dict(scope.arrays), scope.result, scope.loops
        )
        lines: list[str] = []
        for _ in range(1 + self.choose(4)):
            lines += self._statement(inner, indent, depth)
        if indent == 1:
            scope.variables, scope.fixed = inner.variables, inner.fixed
            scope.records, scope.arrays = inner.records, inner.arrays
        return lines

    def _statement(self, scope: Scope, indent: int, depth: int) -> list[str]:
        choices = [self._declare, self._assign, self._assign, self._store, self._store, self._update, self._update]
        choices += [self._unpack, self._record, self._array, self._leave, self._assert]
        if depth > 0:
            choices += [self._if, self._if, self._for, self._for, self._while, self._match, self._each, self._with]
        pad = "    " * indent
        return [pad + line for line in choices[self.choose(len(choices))](scope, depth)]

    def _nested(self, scope: Scope, depth: int) -> list[str]:
        return self._block(scope, 2, depth - 1)

    def _body(self, scope: Scope, depth: int) -> list[str]:
        return [line[4:] for line in self._nested(scope, depth)]

    def _declare(self, scope: Scope, depth: int) -> list[str]:
        kind, name = self.pick((*INTEGERS, "bool")), self.name("v")
        text = self.value(scope, kind, 3)
        annotated = f"{name}: {kind} = {text}" if self.choose(2) else f"{name} = {kind}({text})"
        if kind == "bool":
            annotated = f"{name}: bool = {text}"
        scope.variables[name] = kind
        return [annotated]

    def _assign(self, scope: Scope, depth: int) -> list[str]:
        names = [name for name in scope.variables if name not in scope.fixed]
        if not names:
            return self._declare(scope, depth)
        name = self.pick(names)
        return [f"{name} = {self.value(scope, scope.variables[name], 3)}"]

    def _store(self, scope: Scope, depth: int) -> list[str]:
        place, kind = self._place(scope)
        return [f"{place} = {self.value(scope, kind, 3)}"]

    def _update(self, scope: Scope, depth: int) -> list[str]:
        names = [n for n, k in scope.variables.items() if n not in scope.fixed and k != "bool"]
        if names and self.choose(2):
            place = self.pick(names)
            kind = scope.variables[place]
        else:
            place, kind = self._place(scope)
        if kind not in INTEGERS:
            return [f"{place} = {self.value(scope, kind, 2)}"]
        operator = self.pick(("+", "-", "*", "//", "%", "&", "|", "^", "<<", ">>"))
        if operator in ("//", "%"):
            return [f"{place} {operator}= {self._typed(scope, self._narrower(kind), 2)}"]
        amount = self._amount(scope) if operator in ("<<", ">>") else self.number(scope, self._narrower(kind), 2)
        return [f"{place} {operator}= {amount}"]

    def _place(self, scope: Scope) -> tuple[str, str]:
        if self.choose(2):
            name = self.pick(list(scope.arrays))
            return f"{name}[{self._index(scope, scope.arrays[name][1])}]", scope.arrays[name][0]
        record = self.pick(scope.records)
        options = [*FIELDS.items(), ("flag", "bool"), ("colour", "Colour"), ("word", "Word")]
        name, kind = options[self.choose(len(options))]
        return f"{record}.{name}", kind

    def _unpack(self, scope: Scope, depth: int) -> list[str]:
        kind, first, second = self.pick(INTEGERS), self.name("v"), self.name("v")
        text = f"{first}, {second} = checked_add({self._typed(scope, kind, 2)}, {self._typed(scope, kind, 2)})"
        scope.variables |= {first: kind, second: "bool"}
        return [text]

    def _record(self, scope: Scope, depth: int) -> list[str]:
        name = self.name("r")
        given = [f for f in FIELDS if self.choose(2)]
        fields = ", ".join(f"{f}={self.number(scope, FIELDS[f], 2)}" for f in given)
        scope.records.append(name)
        return [f"{name} = Record({fields})"]

    def _array(self, scope: Scope, depth: int) -> list[str]:
        name, kind, length = self.name("a"), self.pick(INTEGERS), 1 + self.choose(6)
        scope.arrays[name] = (kind, length)
        return [f"{name}: Array[{kind}] = array({length})"]

    def _leave(self, scope: Scope, depth: int) -> list[str]:
        test = self.condition(scope, 2)
        if scope.loops and self.choose(2):
            return [f"if {test}:", f"    {self.pick(('break', 'continue'))}"]
        return [f"if {test}:", f"    return {self.number(scope, scope.result, 2)}"]

    def _assert(self, scope: Scope, depth: int) -> list[str]:
        return [f'assert {self.condition(scope, 2)} or {self.condition(scope, 1)}, "random"']

    def _if(self, scope: Scope, depth: int) -> list[str]:
        lines = [f"if {self.condition(scope, 3)}:", *self._body(scope, depth)]
        if self.choose(3) == 0:
            lines += [f"elif {self.condition(scope, 2)}:", *self._body(scope, depth)]
        if self.choose(2):
            lines += ["else:", *self._body(scope, depth)]
        return lines

    def _loop(self, scope: Scope, depth: int) -> list[str]:
        scope.loops += 1
        lines = self._body(scope, depth)
        scope.loops -= 1
        return lines

    def _for(self, scope: Scope, depth: int) -> list[str]:
        name, kind = self.name("k"), self.pick(INTEGERS)
        start, length, step = self.choose(5), self.choose(5), 1 + self.choose(3)
        inner = Scope(
            {**scope.variables, name: kind},
            {*scope.fixed, name},
            list(scope.records),
            dict(scope.arrays),
            scope.result,
            scope.loops,
        )
        walk = f"range({kind}({start}), {kind}({start + length}), {step})"
        if self.choose(3) == 0:
            walk = f"reversed({walk})"
        elif self.choose(3) == 0:
            walk = f"range({kind}({start + length}), {kind}({start}), -{step})"
        lines = [f"for {name} in {walk}:", *self._loop(inner, depth)]
        if self.choose(4) == 0:
            lines += ["else:", *self._body(scope, depth)]
        return lines

    def _each(self, scope: Scope, depth: int) -> list[str]:
        array, name = self.pick(list(scope.arrays)), self.name("x")
        kind = scope.arrays[array][0]
        inner = Scope(
            {**scope.variables, name: kind},
            {*scope.fixed, name},
            list(scope.records),
            dict(scope.arrays),
            scope.result,
            scope.loops,
        )
        part = f"{array}[{self.choose(2)}:]" if self.choose(2) else array
        if self.choose(2):
            index = self.name("k")
            inner.variables[index] = "u64"
            inner.fixed.add(index)
            return [f"for {index}, {name} in enumerate({part}):", *self._loop(inner, depth)]
        return [f"for {name} in {part}:", *self._loop(inner, depth)]

    def _with(self, scope: Scope, depth: int) -> list[str]:
        return ["with guard:", *self._body(scope, depth)]

    def _while(self, scope: Scope, depth: int) -> list[str]:
        count = self.name("n")
        lines = [f"{count}: u32 = 0", f"while {count} < {1 + self.choose(4)} and {self.condition(scope, 2)}:"]
        lines += [f"    {count} += 1", *self._loop(scope, depth)]
        return lines

    def _match(self, scope: Scope, depth: int) -> list[str]:
        if self.choose(2):
            lines = [f"match {self.value(scope, 'Colour', 1)}:"]
            for member in MEMBERS:
                lines += [f"    case Colour.{member}:", *("    " + one for one in self._body(scope, depth))]
            return lines
        kind = self.pick(INTEGERS)
        lines = [f"match {self._typed(scope, kind, 2)}:"]
        for low in (0, 2):
            guard = f" if {self.condition(scope, 1)}" if self.choose(3) == 0 else ""
            lines += [f"    case {low} | {low + 1}{guard}:", *("    " + one for one in self._body(scope, depth))]
        return [*lines, "    case _:", *("    " + one for one in self._body(scope, depth))]

    # --- expressions ---------------------------------------------------------------------------------------------

    def value(self, scope: Scope, kind: str, depth: int) -> str:
        """Return an expression of a type."""
        if kind == "bool":
            return self.condition(scope, depth)
        if kind == "Colour":
            return self._colour(scope, depth)
        return self._word(scope, depth) if kind == "Word" else self.number(scope, kind, depth)

    def _colour(self, scope: Scope, depth: int) -> str:
        choice = self.choose(6)
        if choice == 0 and depth:
            return f"Colour({self._typed(scope, self.pick(INTEGERS[:4]), depth - 1)})"
        return f"{self.pick(scope.records)}.colour" if choice < 3 else f"Colour.{self.pick(MEMBERS)}"

    def _word(self, scope: Scope, depth: int) -> str:
        choice = self.choose(4)
        if choice == 0 or depth == 0:
            return f"{self.pick(scope.records)}.word"
        if choice == 1:
            return f"Word({self._typed(scope, 'u64', depth - 1)})"
        name = self.pick(list(BIT_FIELDS))
        kind, width = BIT_FIELDS[name]
        number = f"{self._typed(scope, kind, depth - 1)}"
        if self.choose(3):
            number = f"({number} & {(1 << width) - 1})"
        return f"{self.pick(scope.records)}.word.replace({name}={number}, flag={self.condition(scope, depth - 1)})"

    def number(self, scope: Scope, kind: str, depth: int) -> str:
        """Return an expression that is of an integer type where that type is wanted: a literal may be."""
        return self._literal(kind) if self.choose(4) == 0 else self._typed(scope, self._narrower(kind), depth)

    def _narrower(self, kind: str) -> str:
        return kind if self.choose(3) else self.pick(HOLDS[kind])

    def _literal(self, kind: str) -> str:
        bits, signed = int(kind[1:]), kind[0] == "i"
        top = (1 << (bits - signed)) - 1
        numbers = [0, 1, 2, 3, 7, 10, top, top - 1, top >> 1]
        if signed:
            numbers += [-1, -2, -7, -top - 1]
        return str(numbers[self.choose(len(numbers))])

    def _typed(self, scope: Scope, kind: str, depth: int) -> str:
        """Return an expression that has an integer type by itself."""
        if depth == 0:
            return self._leaf(scope, kind)
        deeper = depth - 1
        choices = [
            lambda: self._leaf(scope, kind),
            lambda: self._arithmetic(scope, kind, deeper),
            lambda: self._arithmetic(scope, kind, deeper),
            lambda: self._arithmetic(scope, kind, deeper),
            lambda: f"({self._typed(scope, kind, deeper)} {self.pick(('<<', '>>'))} {self._amount(scope)})",
            lambda: f"{self.pick(('-', '~'))}{self._typed(scope, kind, deeper)}",
            lambda: f"{kind}({self._typed(scope, self.pick(INTEGERS), deeper)})",
            lambda: self._conditional(scope, kind, deeper),
            lambda: (
                f"{self.pick(('min', 'max'))}({self._typed(scope, kind, deeper)}, {self.number(scope, kind, deeper)})"
            ),
            lambda: self._machine(scope, kind, deeper),
            lambda: self._call(scope, kind, deeper),
            lambda: self._call(scope, kind, deeper),
        ]
        return choices[self.choose(len(choices))]()

    def _arithmetic(self, scope: Scope, kind: str, depth: int) -> str:
        operator = self.pick(("+", "-", "*", "//", "%", "&", "|", "^"))
        left, right = self._typed(scope, kind, depth), self.number(scope, kind, depth)
        if operator in ("//", "%") and right == "0":
            right = "1"
        if self.choose(4) == 0 and right != "0":
            left, right = right, left
        return f"({left} {operator} {right})"

    def _conditional(self, scope: Scope, kind: str, depth: int) -> str:
        then, otherwise = self._typed(scope, kind, depth), self.number(scope, kind, depth)
        if self.choose(2):
            then, otherwise = otherwise, then
        return f"({then} if {self.condition(scope, depth)} else {otherwise})"

    def _machine(self, scope: Scope, kind: str, depth: int) -> str:
        operand = self._typed(scope, kind, depth)
        choice = self.choose(4)
        if choice == 0 and kind != "u8" and kind != "i8":
            return f"byteswap({operand})"
        if choice == 1:
            return f"{kind}({self.pick(('popcount', 'count_leading_zeros'))}({operand}))"
        return f"rotate_left({operand}, {self._literal('u8')})"

    def _call(self, scope: Scope, kind: str, depth: int) -> str:
        if not self.functions or scope.loops:
            return self._leaf(scope, kind)
        name, kinds, result = self.functions[self.choose(len(self.functions))]
        call = f"{name}({', '.join(self.value(scope, k, max(depth - 1, 0)) for k in kinds)})"
        return call if result == kind else f"{kind}({call})"

    def _leaf(self, scope: Scope, kind: str) -> str:
        options = scope.of(kind)
        options += [f"{r}.{f}" for r in scope.records for f, one in FIELDS.items() if one == kind]
        for name, (one, length) in scope.arrays.items():
            if one == kind:
                options += [f"{name}[{self.choose(length)}]", f"{name}[{self._index(scope, length)}]"]
        options += [f"{r}.word.{f}" for r in scope.records for f, (one, _) in BIT_FIELDS.items() if one == kind]
        if kind == "u64":
            options += [f"u64({self.pick(scope.records)}.colour)", f"u64({self.pick(scope.records)}.word)"]
            options += [f"len({self.pick(list(scope.arrays))}[1:])"]
        if kind == "u32":
            options += ["tick", "pair.count"]
        # Constants are folded, and what a folded one traps for is refused: numbers come from statics.
        options += [f"some_{kind}"]
        return self.pick(options)

    def _index(self, scope: Scope, length: int) -> str:
        names = [n for n, k in scope.variables.items() if k != "bool"]
        if names and self.choose(3):
            name = self.pick(names)
            return f"{name} % {length}" if self.choose(5) else name
        return str(self.choose(length))

    def _amount(self, scope: Scope) -> str:
        names = [n for n, k in scope.variables.items() if k != "bool"]
        if names and self.choose(2):
            name = self.pick(names)
            return f"({name} & 7)" if self.choose(4) else name
        return str(self.choose(8))

    def condition(self, scope: Scope, depth: int) -> str:
        """Return an expression of type bool."""
        flags = [*scope.of("bool"), *(f"{r}.flag" for r in scope.records), *(f"{r}.word.flag" for r in scope.records)]
        if depth == 0:
            return self.pick([*flags, "True", "False"])
        deeper = depth - 1
        kind = self.pick(INTEGERS)
        choice = self.choose(9)
        if choice < 4:
            operator = self.pick(("<", "<=", "==", "!=", ">", ">="))
            return f"{self._typed(scope, kind, deeper)} {operator} {self.number(scope, kind, deeper)}"
        if choice == 4:
            middle = self._typed(scope, kind, deeper)
            return f"({self.number(scope, kind, deeper)} <= {middle} < {self.number(scope, kind, deeper)})"
        if choice == 5:
            return f"not ({self.condition(scope, deeper)})"
        if choice == 6:
            return f"({self.condition(scope, deeper)} {self.pick(('and', 'or'))} {self.condition(scope, deeper)})"
        if choice == 7:
            return f"{self._colour(scope, deeper)} {self.pick(('==', '!='))} {self._colour(scope, deeper)}"
        return self.pick(flags)
