"""Tokens -> expressions: C's operators and precedence, and the built-in functions of GNU ld scripts."""

from __future__ import annotations

from typing import Final, NoReturn

from exotool.diagnostics import did_you_mean
from exotool.link.script.lexer import Lexer, Token, number_value
from exotool.link.script.tree import Binary, Call, Conditional, Expression, Name, Number, Span, Unary

MAX_DEPTH: Final = 200
"""Expressions nest no deeper: the reader and all that walk the tree call themselves."""

PRECEDENCE: Final = {
    "||": 1,
    "&&": 2,
    "|": 3,
    "^": 4,
    "&": 5,
    "==": 6,
    "!=": 6,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "<<": 8,
    ">>": 8,
    "+": 9,
    "-": 9,
    "*": 10,
    "/": 10,
    "%": 10,
}

ARGUMENTS: Final = {
    "ABSOLUTE": (1, 1),
    "ALIGN": (1, 2),
    "BLOCK": (1, 1),
    "NEXT": (1, 1),
    "MAX": (2, 2),
    "MIN": (2, 2),
    "LOG2CEIL": (1, 1),
    "DATA_SEGMENT_ALIGN": (2, 2),
    "DATA_SEGMENT_RELRO_END": (2, 2),
    "DATA_SEGMENT_END": (1, 1),
}
"""Functions of expressions: fewest and most arguments."""

OF_A_NAME: Final = ("ADDR", "LOADADDR", "SIZEOF", "ALIGNOF", "ORIGIN", "LENGTH", "DEFINED", "CONSTANT")
"""Functions whose argument is a name and no expression."""

CONSTANTS: Final = ("MAXPAGESIZE", "COMMONPAGESIZE")
FUNCTIONS: Final = (*ARGUMENTS, *OF_A_NAME, "SEGMENT_START", "SIZEOF_HEADERS", "ASSERT")


class ExpressionReader:
    """Reads expressions from a lexer."""

    def __init__(self, lexer: Lexer) -> None:
        self.lexer = lexer
        self._depth = 0

    def span(self, at: int) -> Span:
        """Return the range from `at` to where the reader is."""
        return Span(self.lexer.source, at, self.lexer.at)

    def fail(self, message: str, token: Token, label: str = "", help_: str = "") -> NoReturn:
        """Raise a syntax error at a token."""
        self.lexer.fail(message, token.at, max(token.end, token.at + 1), label, help_)

    def unexpected(self, token: Token, wanted: str, help_: str = "") -> NoReturn:
        """Raise a syntax error that says what was needed and what was found."""
        found = "the end of the script" if token.kind == "end" else f"`{token.text}`"
        self.fail(f"needed {wanted}, found {found}", token, help_=help_)

    def take(self, mark: str, *, words: bool = True) -> Token:
        """Take a mark, or fail."""
        token = self.lexer.next(words=words)
        if token.kind != "mark" or token.text != mark:
            self.unexpected(token, f"`{mark}`")
        return token

    def takes(self, mark: str, *, words: bool = True) -> bool:
        """Take a mark if it is the next token."""
        token = self.lexer.peek(words=words)
        if token.kind == "mark" and token.text == mark:
            self.lexer.next(words=words)
            return True
        return False

    def word(self, what: str) -> str:
        """Take a name of a file, section or the like."""
        token = self.lexer.next(words=True)
        if token.kind not in ("name", "string"):
            self.unexpected(token, what)
        return token.text

    def expression(self) -> Expression:
        """Read one expression."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self.fail("this expression nests too deeply", self.lexer.peek(words=False))
        condition = self._binary(1)
        if self.takes("?", words=False):
            yes = self.expression()
            self.take(":", words=False)
            no = self.expression()
            condition = Conditional(self.span(condition.span.at), condition, yes, no)
        self._depth -= 1
        return condition

    def _binary(self, weakest: int) -> Expression:
        left = self._unary()
        joined = 0
        while True:
            token = self.lexer.peek(words=False)
            strength = PRECEDENCE.get(token.text, 0) if token.kind == "mark" else 0
            if strength < weakest:
                return left
            joined += 1
            if joined > MAX_DEPTH:
                self.fail("this expression has too many parts", token)
            self.lexer.next(words=False)
            right = self._binary(strength + 1)
            left = Binary(self.span(left.span.at), token.text, left, right)

    def _unary(self) -> Expression:
        token = self.lexer.peek(words=False)
        if token.kind == "mark" and token.text in ("-", "~", "!", "+"):
            self.lexer.next(words=False)
            self._depth += 1
            if self._depth > MAX_DEPTH:
                self.fail("this expression nests too deeply", token)
            operand = self._unary()
            self._depth -= 1
            return Unary(self.span(token.at), token.text, operand)
        return self._primary()

    def _primary(self) -> Expression:
        token = self.lexer.next(words=False)
        if token.kind == "mark" and token.text == "(":
            inner = self.expression()
            self.take(")", words=False)
            return inner
        if token.kind == "number":
            value = number_value(token.text)
            if value is None:
                self.fail(f"`{token.text}` is no number", token)
            digits = token.text[2:] if token.text[:2].lower() == "0x" else token.text[1:] * (token.text[0] == "$")
            return Number(self.span(token.at), value & (1 << 64) - 1, digits)
        if token.kind == "string":
            return Name(self.span(token.at), token.text)
        if token.kind != "name":
            self.unexpected(token, "an expression")
        follows = self.lexer.peek(words=False)
        if token.text == "SIZEOF_HEADERS" or token.text == "sizeof_headers":
            return Call(self.span(token.at), "SIZEOF_HEADERS")
        if follows.kind == "mark" and follows.text == "(":
            return self._call(token)
        return Name(self.span(token.at), token.text)

    def _call(self, token: Token) -> Expression:
        function = {"BLOCK": "ALIGN"}.get(token.text, token.text)
        self.take("(", words=False)
        if function in OF_A_NAME:
            name = self.lexer.peek(words=True)
            word = self.word("a name")
            if function == "CONSTANT" and word not in CONSTANTS:
                self.fail(f"CONSTANT knows no `{word}`", name, help_=f"known are {' and '.join(CONSTANTS)}")
            self.take(")")
            return Call(self.span(token.at), function, word)
        if function == "SEGMENT_START":
            word = self.word("the name of a segment")
            self.take(",")
            default = self.expression()
            self.take(")", words=False)
            return Call(self.span(token.at), function, word, (default,))
        if function == "ASSERT":
            condition = self.expression()
            self.take(",", words=False)
            message = self.word("a message")
            self.take(")", words=False)
            return Call(self.span(token.at), function, message, (condition,))
        if function not in ARGUMENTS:
            close = did_you_mean(function, FUNCTIONS)
            self.fail(f"there is no function `{function}`", token, help_=close[0] if close else "")
        arguments = [self.expression()]
        while self.takes(",", words=False):
            arguments.append(self.expression())
        self.take(")", words=False)
        fewest, most = ARGUMENTS[function]
        if not fewest <= len(arguments) <= most:
            wanted = str(fewest) if fewest == most else f"{fewest} or {most}"
            self.fail(f"`{function}` takes {wanted} arguments, not {len(arguments)}", token)
        return Call(self.span(token.at), function, "", tuple(arguments))
