"""The arguments of a directive, taken from left to right."""

from __future__ import annotations

import re
from typing import Final

from exotool.asm.expressions import Expr, Names
from exotool.asm.operands_att import Cursor
from exotool.asm.registers import Register
from exotool.asm.source import AsmError, Statement

NAME: Final = r"[^\0-#%-\-/-@\[-^`{-\x7f\ud800-\udfff][^\0-#%-\-/:-@\[-^`{-\x7f\ud800-\udfff]*"
"""A name: `[A-Za-z_.$][\\w.$]*`, and all beyond ASCII but the lone surrogates that stand for bytes that are not UTF-8.

By what it is not, because a set of so many characters takes `re` ten milliseconds to compile.
"""

_NAME: Final = re.compile(rf'\s*({NAME}|"[^"]*")')
_WORD: Final = re.compile(r"\s*([^\s,]+)")
_STRING: Final = re.compile(r'\s*"((?:\\.|[^"\\])*)"', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]+)|(.))", re.DOTALL)
_ESCAPES: Final = {"b": 8, "f": 12, "n": 10, "r": 13, "t": 9}


def check_name(name: str, start: int, end: int) -> str:
    """Return a name that can stand in an object's string table; `AsmError` A0203 for others."""
    if not name or not name.isprintable():
        raise AsmError("A0203", "a name must be of printable characters", start, end)
    return name


def unescape(text: str) -> bytes:
    """Return the bytes of a string's inside; escapes are those of GNU as."""
    out = bytearray()
    at = 0
    for match in _ESCAPE.finditer(text):
        out += text[at : match.start()].encode(errors="surrogateescape")
        at = match.end()
        if match[1]:
            out.append(int(match[1], 8) & 0xFF)
        elif match[2]:
            out.append(int(match[2][-2:], 16))
        elif match[3] in _ESCAPES:
            out.append(_ESCAPES[match[3]])
        else:
            out += match[3].encode(errors="surrogateescape")
    return bytes(out + text[at:].encode(errors="surrogateescape"))


class Arguments(Cursor):
    """Takes arguments; every method raises `AsmError` A0202 for what does not fit."""

    def __init__(
        self, statement: Statement, position: int, directive: str, names: Names, aliases: dict[str, Register]
    ) -> None:
        super().__init__(statement.text, position, names, aliases)
        self.statement = statement
        self.directive = directive
        self.start = position

    def fault(self, message: str, start: int = -1, end: int = -1, code: str = "A0202") -> AsmError:
        """Return an error of this directive."""
        return AsmError(code, message, start, end)

    @property
    def at_end(self) -> bool:
        """Tell whether no argument is left."""
        return not self.peek()

    def finish(self) -> None:
        """Require that no argument is left."""
        if not self.at_end:
            rest = self.text[self.position :]
            start = self.position + len(rest) - len(rest.lstrip())
            raise self.fault(f"`{self.directive}` does not take `{rest.strip()[:40]}`", start, len(self.text))

    def rest(self) -> str:
        """Take everything that is left."""
        text = self.text[self.position :].strip()
        self.position = len(self.text)
        return text

    def name(self, what: str = "a name") -> str:
        """Take a name, perhaps in quotes."""
        match = _NAME.match(self.text, self.position)
        if match is None:
            raise self.fault(f"`{self.directive}` needs {what}", self.position, len(self.text))
        self.position = match.end()
        name = match[1][1:-1] if match[1][0] == '"' else match[1]
        return check_name(name, match.start(1), match.end(1))

    def word(self, what: str) -> str:
        """Take characters up to a comma or blank, such as a section name."""
        match = _WORD.match(self.text, self.position)
        if match is None:
            raise self.fault(f"`{self.directive}` needs {what}", self.position, len(self.text))
        if match[1].startswith('"'):
            return self.string(what).decode(errors="replace")
        self.position = match.end()
        return check_name(match[1], match.start(1), match.end(1))

    def string(self, what: str = "a string in quotes") -> bytes:
        """Take a string in quotes, without a terminator."""
        match = _STRING.match(self.text, self.position)
        if match is None:
            raise self.fault(f"`{self.directive}` needs {what}", self.position, len(self.text))
        self.position = match.end()
        return unescape(match[1])

    def has_string(self) -> bool:
        """Tell whether a string in quotes is next."""
        return self.peek() == '"'

    def comma(self) -> bool:
        """Take a comma if one is next, and tell whether it was."""
        return self.skip(",")

    def value(self) -> tuple[Expr, int, int]:
        """Take an expression, with its columns."""
        start = self.position + len(self.text[self.position :]) - len(self.text[self.position :].lstrip())
        return self.expression(), start, self.position
