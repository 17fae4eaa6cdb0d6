"""The expressions of `#if`: C11 6.10.1, with 64-bit numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from exotool.asm.expressions import wrap
from exotool.asm.source import AsmError

_INTEGER: Final = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)[uUlL]*")
_RANK: Final = {
    **dict.fromkeys(("*", "/", "%"), 10),
    **dict.fromkeys(("+", "-"), 9),
    **dict.fromkeys(("<<", ">>"), 8),
    **dict.fromkeys(("<", ">", "<=", ">="), 7),
    **dict.fromkeys(("==", "!="), 6),
    "&": 5,
    "^": 4,
    "|": 3,
    "&&": 2,
    "||": 1,
}
_APPLY: Final[dict[str, Callable[[int, int], int]]] = {
    "*": lambda a, b: a * b,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "<<": lambda a, b: a << b if 0 <= b < 64 else 0,
    ">>": lambda a, b: a >> b if 0 <= b < 64 else 0,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "&": lambda a, b: a & b,
    "^": lambda a, b: a ^ b,
    "|": lambda a, b: a | b,
    "&&": lambda a, b: bool(a and b),
    "||": lambda a, b: bool(a or b),
}
_ESCAPES: Final = {"n": 10, "t": 9, "r": 13, "b": 8, "f": 12, "v": 11, "a": 7, "0": 0}
MAX_DEPTH: Final = 100


def evaluate_condition(tokens: list[tuple[str, str]]) -> int:
    """Return the value of tokens (kind, text) without blanks; `AsmError` A0110 when they are no expression."""
    parser = _Parser(tokens)
    value = parser.ternary(0, True)
    if parser.at < len(tokens):
        raise AsmError("A0110", f"unexpected `{tokens[parser.at][1]}` in the condition")
    return value


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def ternary(self, depth: int, live: bool) -> int:
        if depth > MAX_DEPTH:
            raise AsmError("A0110", "the condition is nested too deeply")
        value = self.binary(1, depth, live)
        if self.peek() != "?":
            return value
        self.at += 1
        yes = self.ternary(depth + 1, live and bool(value))
        if self.peek() != ":":
            raise AsmError("A0110", "`:` is missing in the condition")
        self.at += 1
        no = self.ternary(depth + 1, live and not value)
        return yes if value else no

    def binary(self, rank: int, depth: int, live: bool) -> int:
        """Return the value of operators that bind at least as tightly as `rank`; dead branches may divide by zero."""
        left = self.unary(depth, live)
        while (op := self.peek()) in _RANK and _RANK[op] >= rank:
            self.at += 1
            needed = live and not (op == "&&" and not left) and not (op == "||" and left)
            right = self.binary(_RANK[op] + 1, depth + 1, needed)
            divides = op in ("/", "%")
            left = self.divide(op, left, right, live) if divides else wrap(int(_APPLY[op](left, right)))
        return left

    def divide(self, op: str, left: int, right: int, live: bool) -> int:
        if not right:
            if live:
                raise AsmError("A0110", "division by zero in the condition")
            return 0
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return wrap(quotient if op == "/" else left - quotient * right)

    def unary(self, depth: int, live: bool) -> int:
        if depth > MAX_DEPTH:
            raise AsmError("A0110", "the condition is nested too deeply")
        if self.at >= len(self.tokens):
            raise AsmError("A0110", "the condition ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if text == "(":
            value = self.ternary(depth + 1, live)
            if self.peek() != ")":
                raise AsmError("A0110", "`)` is missing in the condition")
            self.at += 1
            return value
        if text in ("!", "-", "+", "~"):
            value = self.unary(depth + 1, live)
            return {"!": int(not value), "-": wrap(-value), "+": value, "~": ~value}[text]
        if kind == "name":
            return 0
        if kind == "char":
            inner = text[1:-1]
            return _ESCAPES.get(inner[1], ord(inner[1])) if inner[0] == "\\" else ord(inner[0])
        match = _INTEGER.fullmatch(text)
        if match is None or len(text) > 80:
            raise AsmError("A0110", f"unexpected `{text[:40]}` in the condition")
        digits = match[1]
        octal = len(digits) > 1 and digits.isdigit() and digits[0] == "0"
        return wrap(int(digits, 8) if octal else int(digits, 0))
