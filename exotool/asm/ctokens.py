"""Preprocessing tokens (C11 6.4), comments, and the spelling of tokens as text."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_NAME: Final = r"[^\0-@\[-^`{-\x7f][^\0-/:-@\[-^`{-\x7f]*"
"""A name: `[A-Za-z_][\\w]*`, and all beyond ASCII."""

TOKEN: Final = re.compile(
    r"(?P<space>[ \t\f\v\r]+)"
    rf"|(?P<name>{_NAME})"
    r"|(?P<number>\.?[0-9](?:[eEpP][-+]|[\w.])*)"
    r'|(?P<string>"(?:\\.|[^"\\])*")'
    r"|(?P<char>'(?:\\.|[^'\\])+')"
    r"|(?P<op>##|<<|>>|<=|>=|==|!=|&&|\|\||\.\.\.|.)",
    re.DOTALL,
)
NAME: Final = re.compile(_NAME)
_COMMENTS: Final = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'|(?P<block>/\*)|(?P<line>//)')


class Token(NamedTuple):
    """A preprocessing token; `hidden` are macros that must not expand it any more (C11 6.10.3.4)."""

    kind: str
    text: str
    hidden: frozenset[str] = frozenset()


SPACE: Final = Token("space", " ")


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text."""
    return [Token(match.lastgroup or "op", match[0]) for match in TOKEN.finditer(text)]


def without_comments(text: str, in_comment: bool) -> tuple[str, bool]:
    """Return a line with comments as blanks, and whether a block comment goes on behind it."""
    out: list[str] = []
    at = 0
    if in_comment:
        end = text.find("*/")
        if end < 0:
            return "", True
        out.append(" " * (end + 2))
        at = end + 2
    scan = at
    while match := _COMMENTS.search(text, scan):
        scan = match.end()
        if match["line"]:
            return "".join(out) + text[at : match.start()], False
        if match["block"]:
            out.append(text[at : match.start()])
            end = text.find("*/", match.end())
            if end < 0:
                return "".join(out), True
            out.append(" " * (end + 2 - match.start()))
            at = scan = end + 2
    return "".join(out) + text[at:], False


_HASH: Final = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\\])\'?|(#)')


def without_hash(text: str) -> str:
    """Cut an assembler comment off: macros in it must not be expanded."""
    for match in _HASH.finditer(text):
        if match[1]:
            return text[: match.start()]
    return text


def skip_space(tokens: list[Token], at: int) -> int:
    """Return the position of the first token from `at` on that is not a blank."""
    while at < len(tokens) and tokens[at].kind == "space":
        at += 1
    return at


def closing(tokens: list[Token], at: int) -> int:
    """Return the position of the parenthesis that closes the one at `at`, or -1."""
    depth = 0
    for position in range(at, len(tokens)):
        text = tokens[position].text
        depth += (text == "(") - (text == ")")
        if not depth:
            return position
    return -1


def trim(tokens: list[Token]) -> list[Token]:
    """Return tokens without blanks at the edges."""
    start, end = 0, len(tokens)
    while start < end and tokens[start].kind == "space":
        start += 1
    while end > start and tokens[end - 1].kind == "space":
        end -= 1
    return tokens[start:end]


def spell(tokens: list[Token]) -> str:
    """Return tokens as text, with a blank where two of them would become one name."""
    out: list[str] = []
    for token in tokens:
        if out and out[-1] and token.text and token.kind in ("name", "number") and _is_word(out[-1][-1]):
            out.append(" ")
        if token.text:
            out.append(token.text)
    return "".join(out)


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def stringify(tokens: list[Token]) -> Token:
    """Return the string that `#` makes of an argument."""
    parts = []
    for token in tokens:
        text = " " if token.kind == "space" else token.text
        if token.kind in ("string", "char"):
            text = text.replace("\\", "\\\\").replace('"', '\\"')
        parts.append(text)
    return Token("string", '"' + "".join(parts) + '"')
