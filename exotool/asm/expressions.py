"""Expressions: text -> tree -> `Linear`, a constant plus and minus symbols.

Operators and their ranks are GNU as's ("Infix Operators" in its manual): values are 64-bit and wrap, results are
signed; comparisons give -1 or 0, `&&` and `||` give 1 or 0; `>>` shifts zeros in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from exotool.asm.source import AsmError
from exotool.asm.symbols import Symbol

MAX_DEPTH: Final = 200
"""Deepest nesting of parentheses and unary operators."""

MAX_TERMS: Final = 300
"""Most operators of one expression."""

_NAME: Final = r"[^\0-#%-\-/-@\[-^`{-\x7f][^\0-#%-\-/:-@\[-^`{-\x7f]*"
NAME: Final = re.compile(_NAME)
TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)(?P<direction>[bf](?![\w.$]))?(?P<suffix>[uUlL]*)"
    r"(?P<junk>[\w.]*)"
    rf'|(?P<name>{_NAME}|"(?:\\.|[^"\\])*")(?:\s*@(?P<modifier>[A-Za-z0-9_]+))?'
    r"|'(?P<char>\\.|[^\\])'?"
    r"|(?P<op><<|>>|<>|<=|>=|==|!=|&&|\|\||[-+*/%&|^!~<>()\[\]=])"
    r"|(?P<other>.))",
    re.DOTALL,
)

_RANK: Final = {
    **dict.fromkeys(("*", "/", "%", "<<", "<", ">>"), 6),
    **dict.fromkeys(("|", "&", "^", "!"), 5),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("==", "!=", "<>", "<", ">", ">=", "<="), 3),
    "&&": 2,
    "||": 1,
}
_ESCAPES: Final = {"b": 8, "f": 12, "n": 10, "r": 13, "t": 9}
_MASK: Final = (1 << 64) - 1


def c_number(digits: str) -> int:
    """Return the value of a number as C writes it; `ValueError` for `09` and for what has thousands of digits."""
    return int(digits, 8) if len(digits) > 1 and digits.isdigit() and digits[0] == "0" else int(digits, 0)


class Num(NamedTuple):
    """A number, signed 64-bit."""

    value: int


class Ref(NamedTuple):
    """A symbol, perhaps with a modifier such as `GOTPCREL`."""

    symbol: Symbol
    modifier: str = ""


class Op(NamedTuple):
    """An operator with one or two operands."""

    op: str
    args: tuple[Expr, ...]


Expr: TypeAlias = Num | Ref | Op


class Linear(NamedTuple):
    """The value `const + sum(plus) - sum(minus)`."""

    const: int
    plus: tuple[Symbol, ...] = ()
    minus: tuple[Symbol, ...] = ()
    modifier: str = ""

    @property
    def is_constant(self) -> bool:
        """Tell whether no symbol is left."""
        return not self.plus and not self.minus


Distance: TypeAlias = Callable[[Symbol, Symbol], int | None]
"""Bytes from the second symbol to the first, or None when that is not known (yet)."""


class NotLinearError(Exception):
    """An operator that needs numbers got symbols."""

    def __init__(self, op: str) -> None:
        super().__init__(op)
        self.op = op


def wrap(value: int) -> int:
    """Return the value of the low 64 bits, signed."""
    value &= _MASK
    return value - (1 << 64) if value >> 63 else value


class Names(NamedTuple):
    """How the parser finds what names stand for: symbols, `1b`/`1f`, and `.`."""

    symbol: Callable[[str], Expr]
    numeric: Callable[[int, str], Symbol | None]
    dot: Callable[[], Symbol]


class ExpressionParser:
    """Parses the expression at `position` of a text; `position` is then behind it.

    Faults are `AsmError` A0301 (syntax), A0302 (number) or A0303 (numeric label), with columns in the text.
    """

    def __init__(self, text: str, position: int, names: Names) -> None:
        self.text = text
        self.position = position
        self.names = names
        self.terms = 0

    def parse(self, rank: int = 1, depth: int = 0) -> Expr:
        """Return the tree of an expression whose operators bind at least as tightly as `rank`."""
        left = self.term(depth)
        while True:
            match = TOKEN.match(self.text, self.position)
            op = match["op"] if match else None
            if match is None or op is None or op not in _RANK:
                return left
            binding = 3 if op in ("<", ">") else _RANK[op]
            if binding < rank:
                return left
            self.count(match.start("op"))
            self.position = match.end()
            left = _combine("!=" if op == "<>" else op, left, self.parse(binding + 1, depth + 1))

    def count(self, at: int) -> None:
        """Count an operator, within `MAX_TERMS`."""
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise AsmError("A0301", "expression is too long", at, at + 1)

    def term(self, depth: int) -> Expr:
        """Parse a number, name, character, parenthesis or unary operator."""
        match = TOKEN.match(self.text, self.position)
        if match is None:
            raise AsmError("A0301", "expression is missing", max(0, len(self.text) - 1), len(self.text))
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        if depth > MAX_DEPTH:
            raise AsmError("A0301", "expression is nested too deeply", start, start + 1)
        if match["number"] is not None:
            self.position = match.end()
            return self.number(match, start)
        if match["name"] is not None:
            self.position = match.end()
            return self.name(match)
        if match["char"] is not None:
            self.position = match.end()
            char = match["char"]
            return Num(ord(char) if len(char) == 1 else _ESCAPES.get(char[1], ord(char[1])))
        op = match["op"]
        if op in ("-", "+", "~", "!"):
            self.count(start)
            self.position = match.end()
            return _unary(op, self.term(depth + 1))
        if op in ("(", "["):
            self.count(start)
            self.position = match.end()
            inner = self.parse(1, depth + 1)
            close = TOKEN.match(self.text, self.position)
            wanted = ")" if op == "(" else "]"
            if close is None or close["op"] != wanted:
                raise AsmError("A0301", f"`{wanted}` is missing", start, start + 1, "for this parenthesis")
            self.position = close.end()
            return inner
        raise AsmError("A0301", f"expected an expression, found `{match[0].strip()}`", start, match.end())

    def number(self, match: re.Match[str], start: int) -> Expr:
        """Return a number, or the target of `1b` and `1f`."""
        digits = match["number"]
        if match["direction"] and digits.isdigit():
            target = self.names.numeric(int(digits), match["direction"])
            if target is None:
                raise AsmError("A0303", f"there is no label `{digits}:` before this line", start, match.end())
            return Ref(target)
        if match["junk"] or match["direction"]:
            raise AsmError(
                "A0302",
                f"`{match[0].strip()}` is not a number",
                start,
                match.end(),
                help=("hexadecimal is written 0x1f, binary 0b101, octal 017",),
            )
        try:
            value = c_number(digits)
        except ValueError:
            raise AsmError("A0302", f"`{digits[:40]}` is not a number", start, match.end()) from None
        if value >> 64:
            raise AsmError("A0302", f"{hex(value)[:40]} has more than 64 bits", start, match.end())
        return Num(wrap(value))

    def name(self, match: re.Match[str]) -> Expr:
        """Return what a name stands for."""
        name = match["name"]
        if name == "." and not match["modifier"]:
            return Ref(self.names.dot())
        found = self.names.symbol(name[1:-1] if name[0] == '"' else name)
        if match["modifier"]:
            if not isinstance(found, Ref):
                raise AsmError(
                    "A0301", f"`@{match['modifier']}` needs a symbol", match.start("modifier") - 1, match.end()
                )
            return Ref(found.symbol, match["modifier"].upper())
        return found


def _unary(op: str, value: Expr) -> Expr:
    if op == "+":
        return value
    if isinstance(value, Num):
        return Num(_apply_unary(op, value.value))
    return Op(op, (value,))


def _combine(op: str, left: Expr, right: Expr) -> Expr:
    if isinstance(left, Num) and isinstance(right, Num):
        if op in ("/", "%") and right.value == 0:
            raise AsmError("A0301", "division by zero")
        return Num(_apply(op, left.value, right.value))
    return Op(op, (left, right))


def _apply_unary(op: str, value: int) -> int:
    if op == "-":
        return wrap(-value)
    return ~value if op == "~" else int(value == 0)


def _quotient(left: int, right: int) -> int:
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


_BINARY: Final[dict[str, Callable[[int, int], int]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _quotient,
    "%": lambda a, b: a - _quotient(a, b) * b,
    "<<": lambda a, b: a << b if 0 <= b < 64 else 0,
    ">>": lambda a, b: (a & _MASK) >> b if 0 <= b < 64 else 0,
    "|": lambda a, b: a | b,
    "&": lambda a, b: a & b,
    "^": lambda a, b: a ^ b,
    "!": lambda a, b: a | ~b,
    "==": lambda a, b: -(a == b),
    "!=": lambda a, b: -(a != b),
    "<": lambda a, b: -(a < b),
    ">": lambda a, b: -(a > b),
    "<=": lambda a, b: -(a <= b),
    ">=": lambda a, b: -(a >= b),
    "&&": lambda a, b: int(a != 0 and b != 0),
    "||": lambda a, b: int(a != 0 or b != 0),
}
COMPARISONS: Final = ("==", "!=", "<", ">", "<=", ">=")


def _apply(op: str, left: int, right: int) -> int:
    return wrap(_BINARY[op](left, right))


def evaluate(expr: Expr, distance: Distance, constant: Callable[[Symbol], int | None]) -> Linear:
    """Return the value of a tree.

    `distance` cancels symbols against each other; `constant` gives the value of a symbol that is a number. Raises
    `NotLinearError` for an operator that needs numbers and gets something else.
    """
    if isinstance(expr, Num):
        return Linear(expr.value)
    if isinstance(expr, Ref):
        known = constant(expr.symbol)
        return Linear(0, (expr.symbol,), (), expr.modifier) if known is None else Linear(known)
    args = [evaluate(arg, distance, constant) for arg in expr.args]
    if len(args) == 1:
        (value,) = args
        if expr.op == "-" and not value.modifier:
            return Linear(wrap(-value.const), value.minus, value.plus)
        if not value.is_constant:
            raise NotLinearError(expr.op)
        return Linear(_apply_unary(expr.op, value.const))
    left, right = args
    if left.is_constant and right.is_constant:
        if expr.op in ("/", "%") and right.const == 0:
            raise AsmError("A0301", "division by zero")
        return Linear(_apply(expr.op, left.const, right.const))
    if expr.op in ("+", "-"):
        return _sum(left, right, distance, -1 if expr.op == "-" else 1)
    if expr.op in COMPARISONS:
        difference = _sum(left, right, distance, -1)
        if difference.is_constant:
            return Linear(_apply(expr.op, difference.const, 0))
    raise NotLinearError(expr.op)


def _sum(left: Linear, right: Linear, distance: Distance, sign: int) -> Linear:
    if (left.modifier and right.modifier) or (right.modifier and sign < 0):
        raise NotLinearError("@")
    const = wrap(left.const + sign * right.const)
    plus = [*left.plus, *(right.plus if sign > 0 else right.minus)]
    minus = [*left.minus, *(right.minus if sign > 0 else right.plus)]
    for negative in tuple(minus):
        for positive in tuple(plus):
            bytes_between = 0 if positive is negative else distance(positive, negative)
            if bytes_between is not None:
                const = wrap(const + bytes_between)
                plus.remove(positive)
                minus.remove(negative)
                break
    if len(plus) > 2 or len(minus) > 2:
        raise NotLinearError("+" if sign > 0 else "-")
    return Linear(const, tuple(plus), tuple(minus), left.modifier or right.modifier)
