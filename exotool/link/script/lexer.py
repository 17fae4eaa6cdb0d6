"""The text of a GNU ld script -> tokens.

What a word is depends on where it stands: in expressions `a-b` is a difference and `*` multiplies, elsewhere both are
letters of file and section names (binutils manual, "Symbols" and "Basic Script Concepts"). So the parser asks for the
next token in one of two modes, and nothing is read ahead in the wrong one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple, NoReturn

from exotool.diagnostics import Diagnostic, Place, ToolError

MAX_SCRIPT: Final = 4 << 20
"""A larger script, in characters, is refused: the largest known is a few hundred kilobytes."""

DISCARD: Final = "/DISCARD/"
"""The output section of everything that is left out."""

_BLANK: Final = re.compile(r"(?:\s|/\*.*?\*/|#[^\n]*)*", re.DOTALL)
_EXPRESSION: Final = re.compile(
    r'(?P<string>"[^"\n]*")'
    r"|(?P<number>(?:\$[0-9A-Fa-f]+|0[xX][0-9A-Fa-f]*|[0-9][0-9A-Fa-f]*[hHoObBxXdD]?)[kKmM]?(?![A-Za-z0-9_.]))"
    r"|(?P<name>[A-Za-z_.$\\][A-Za-z0-9_.$\\]*)"
    r"|(?P<mark><<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|/=|&=|\|=|\^=|[-+*/%&|^~!?:;,(){}<>=])"
)
_WORD: Final = re.compile(
    r'(?P<string>"[^"\n]*")'
    r"|(?P<mark><<=|>>=|\+=|-=|\*=|/=|&=|\|=|\^=|[(){};,:<>=!&|])"
    r"|(?P<name>(?:/(?!\*)|[A-Za-z0-9_.$*?\[\]\\~+@-])"
    r"(?:/(?!\*)|[A-Za-z0-9_.$*?\[\]\\~@^%]|[+-](?!=)|:(?=[A-Za-z0-9_.*?/])|(?<=\[)!)*)"
)
_NUMBER: Final = re.compile(
    r"(?:\$(?P<dollar>[0-9A-Fa-f]+)|0[xX](?P<hex>[0-9A-Fa-f]*)|(?P<plain>[0-9][0-9A-Fa-f]*)"
    r"(?P<radix>[hHoObBxXdD]?))(?P<unit>[kKmM]?)"
)


class Token(NamedTuple):
    """One token: `kind` is string, number, name, mark or end; `text` is without quotes; `at` is its offset."""

    kind: str
    text: str
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """A script's text and the name that messages give it."""

    path: str
    text: str

    def place(self, at: int, end: int | None = None) -> Place:
        """Return a range of the text as line and columns; what goes on in the next line is cut."""
        at = min(at, len(self.text))
        line = self.text.count("\n", 0, at) + 1
        start = self.text.rfind("\n", 0, at) + 1
        stop = self.text.find("\n", at)
        stop = len(self.text) if stop < 0 else stop
        column = at - start + 1
        last = min(end if end is not None else at + 1, stop) - start + 1
        return Place(self.path, line, column, max(last, column + 1), self.text[start:stop])


class Lexer:
    """Reads tokens from one source."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.at = 0
        self._memo: tuple[int, bool, Token] | None = None

    def peek(self, *, words: bool) -> Token:
        """Return the next token without taking it; `words` reads it as a name of a file, section or keyword."""
        memo = self._memo
        if memo is not None and memo[0] == self.at and memo[1] is words:
            return memo[2]
        token = self._read(words)
        self._memo = (self.at, words, token)
        return token

    def next(self, *, words: bool) -> Token:
        """Take the next token."""
        token = self.peek(words=words)
        self.at = token.end
        return token

    def _read(self, words: bool) -> Token:
        text = self.source.text
        blank = _BLANK.match(text, self.at)
        at = blank.end() if blank is not None else self.at
        if at >= len(text):
            return Token("end", "", at, at)
        if text.startswith("/*", at):
            self.fail("this comment has no end", at, at + 2, help_="close it with `*/`")
        if text.startswith(DISCARD, at):
            # Behind a fill this is the next output section, not a division.
            return Token("name", DISCARD, at, at + len(DISCARD))
        found = (_WORD if words else _EXPRESSION).match(text, at)
        if found is None:
            if text[at] == '"':
                self.fail("this string has no end", at, at + 1, help_='close it with `"` in the same line')
            self.fail(f"`{text[at]}` has no meaning here", at, at + 1)
        kind = found.lastgroup or "mark"
        word = found[0]
        return Token(kind, word[1:-1] if kind == "string" else word, at, found.end())

    def fail(self, message: str, at: int, end: int, label: str = "", help_: str = "") -> NoReturn:
        """Raise `ToolError` L0501 with the place marked."""
        help_lines = (help_,) if help_ else ()
        raise ToolError(Diagnostic("L0501", message, self.source.place(at, end), label=label, help=help_lines))


def number_value(text: str) -> int | None:
    """Return the value of a number of a script (`0x1F`, `31`, `1Fh`, `$1F`, `037`, `4K`), None if it is none."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    digits, base = found["plain"], 10
    if found["dollar"] is not None:
        digits, base = found["dollar"], 16
    elif found["hex"] is not None:
        digits, base = found["hex"] or "0", 16
    else:
        radix = found["radix"].lower()
        if not radix and digits[-1:].lower() in ("b", "d") and len(digits) > 1:
            digits, radix = digits[:-1], digits[-1].lower()
        base = {"h": 16, "x": 16, "o": 8, "b": 2, "d": 10, "": 8 if digits.startswith("0") else 10}[radix]
    try:
        value = int(digits, base)
    except ValueError:
        return None
    return value * {"": 1, "k": 1 << 10, "m": 1 << 20}[found["unit"].lower()]
