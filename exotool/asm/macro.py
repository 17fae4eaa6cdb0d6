"""Macros and repetitions: their parameters, the parsing of arguments, and the substitution in the body.

GNU as's rules ("Macro" in its manual, and its behaviour): arguments end at a comma or a blank outside parentheses;
blanks count only between two characters that could belong to names or operands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from exotool.asm.registers import REGISTERS
from exotool.asm.source import AsmError, Expansion, Line, Origin, Statement
from exotool.asm.statements import split_lines

MAX_NESTING: Final = 100
"""Expansions within expansions, as in GNU as."""

MAX_TEXT: Final = 1 << 25
"""Characters that all expansions of a file may make together."""

_INVOCATION: Final = 256
"""An expansion counts as this many characters, for the work that it makes."""

_PARAMETER: Final = re.compile(r"\s*,?\s*\\?([A-Za-z_.$][\w.$]*)\s*(?::\s*(req|vararg)\b)?")
_KEYWORD: Final = re.compile(r"([A-Za-z_.$][\w.$]*)=")
_SUBSTITUTE: Final = re.compile(r"\\(?:(\(\))|(@)|(\+)|([A-Za-z_.$][\w.$]*))")
_ALT_NAME: Final = re.compile(r"\\(?:(\(\))|(@)|(\+)|([A-Za-z_.$][\w.$]*))|&?\b([A-Za-z_$][\w$]*)\b&?")
_SYMBOLIC: Final = frozenset('_.$*%-(["\\')

Evaluate = Callable[[str], int]
"""Value of an expression in a macro argument (`%expr` of .altmacro)."""


@dataclass(slots=True)
class Parameter:
    """One parameter of a macro."""

    name: str
    required: bool = False
    vararg: bool = False
    default: str = ""


@dataclass(slots=True)
class Macro:
    """A macro: parameters and the statements of its body."""

    name: str
    parameters: list[Parameter]
    body: list[Statement] = field(default_factory=list)
    origin: Origin | None = None
    used: int = 0


def parse_header(text: str, start: int, alternate: bool) -> tuple[str, list[Parameter]]:
    """Return name and parameters of what stands behind `.macro`; `AsmError` A0221 if that is malformed."""
    match = re.compile(r"\s*([A-Za-z_.$][\w.$]*)").match(text, start)
    if match is None:
        raise AsmError("A0221", "macro has no name", 0, len(text))
    name = match[1].lower()
    return name, parse_parameters(text, match.end(), alternate)


def parse_parameters(text: str, at: int, alternate: bool) -> list[Parameter]:
    """Return the parameters from position `at` on."""
    parameters: list[Parameter] = []
    if text[at:].strip().startswith("(") and text.rstrip().endswith(")"):
        at, text = text.index("(", at) + 1, text.rstrip()[:-1]
    while text[at:].strip():
        match = _PARAMETER.match(text, at)
        if match is None:
            raise AsmError("A0221", "malformed macro parameter", at, len(text))
        parameter = Parameter(match[1], match[2] == "req", match[2] == "vararg")
        at = match.end()
        equals = re.compile(r"\s*=\s*").match(text, at)
        if equals:
            parameter.default, at = _argument(text, equals.end(), alternate, None)
        if any(other.name == parameter.name for other in parameters):
            raise AsmError("A0221", f"macro parameter `{parameter.name}` is given twice", match.start(1), match.end(1))
        if parameters and parameters[-1].vararg:
            raise AsmError("A0221", "nothing may follow a vararg parameter", match.start(1), match.end(1))
        parameters.append(parameter)
    return parameters


def _is_symbolic(char: str) -> bool:
    return char.isalnum() or char in _SYMBOLIC or ord(char) > 127


def squeeze(text: str) -> str:
    """Remove the blanks that do not separate arguments; strings stay as they are."""
    out: list[str] = []
    for part in re.split(r'("(?:\\.|[^"\\])*")', text):
        if part.startswith('"'):
            out.append(part)
            continue
        words = re.split(r"[ \t\f\v\r]+", part)
        for number, word in enumerate(words):
            if number:
                before = out[-1][-1] if out and out[-1] else ""
                after = word[:1] or ('"' if number == len(words) - 1 else "")
                if before and after and _is_symbolic(before) and _is_symbolic(after):
                    out.append(" ")
            if word:
                out.append(word)
    return "".join(out).strip()


def _argument(text: str, at: int, alternate: bool, evaluate: Evaluate | None) -> tuple[str, int]:
    """Return the argument at `at` and the position behind it."""
    at += len(text[at:]) - len(text[at:].lstrip())
    if text[at : at + 1] == '"':
        return _quoted(text, at)
    if alternate and text[at : at + 1] == "<":
        return _angled(text, at)
    if alternate and evaluate is not None and text[at : at + 1] == "%" and not _is_register(text, at + 1):
        end = at + 1
        while end < len(text) and text[end] not in ", \t":
            end += 1
        return str(evaluate(text[at + 1 : end])), end
    out: list[str] = []
    depth = 0
    while at < len(text):
        char = text[at]
        if char == "," or (char in " \t" and not depth) or (alternate and char == "<"):
            break
        if char in "\"'":
            end = text.find(char, at + 1)
            end = len(text) if end < 0 else end + 1
            out.append(text[at:end])
            at = end
            continue
        depth += (char in "([") - (char in ")]")
        out.append(char)
        at += 1
    return "".join(out), at


def _is_register(text: str, at: int) -> bool:
    word = re.compile(r"[A-Za-z]\w*").match(text, at)
    return word is not None and word[0].lower() in REGISTERS


def _quoted(text: str, at: int) -> tuple[str, int]:
    """Return the inside of a string; `""` in it stands for one quote."""
    out: list[str] = []
    at += 1
    while at < len(text):
        if text[at] == '"':
            if text[at + 1 : at + 2] != '"':
                return "".join(out), at + 1
            at += 1
        elif text[at] == "\\" and at + 1 < len(text):
            out.append(text[at])
            at += 1
        out.append(text[at])
        at += 1
    raise AsmError("A0222", "string does not end", 0, len(text))


def _angled(text: str, at: int) -> tuple[str, int]:
    """Return the inside of `<...>` of .altmacro; `!` takes the next character as it is."""
    out: list[str] = []
    depth = 0
    while at < len(text):
        char = text[at]
        if char == "!" and at + 1 < len(text):
            at += 1
            out.append(text[at])
        elif char == "<":
            depth += 1
            if depth > 1:
                out.append(char)
        elif char == ">":
            depth -= 1
            if not depth:
                return "".join(out), at + 1
            out.append(char)
        else:
            out.append(char)
        at += 1
    raise AsmError("A0222", "`>` is missing", 0, len(text))


def split_arguments(text: str, alternate: bool, evaluate: Evaluate | None) -> list[str]:
    """Return the arguments of `.irp`."""
    text = squeeze(text)
    arguments = []
    at = 0
    while at < len(text):
        value, at = _argument(text, at, alternate, evaluate)
        arguments.append(value)
        at += len(text[at:]) - len(text[at:].lstrip())
        if text[at : at + 1] == ",":
            at += 1
    return arguments


def bind_arguments(macro: Macro, text: str, alternate: bool, evaluate: Evaluate) -> dict[str, str]:
    """Return the values of a macro's parameters for an invocation; `AsmError` A0222 if they do not fit."""
    text = squeeze(text)
    values: dict[str, str] = {}
    known = {parameter.name: parameter for parameter in macro.parameters}
    at = position = 0
    while at < len(text):
        keyword = _KEYWORD.match(text, at)
        if keyword and keyword[1] in known:
            name = keyword[1]
            value, at = _argument(text, keyword.end(), alternate, evaluate)
        elif keyword and not (position < len(macro.parameters) and macro.parameters[position].vararg):
            raise AsmError("A0222", f"macro `{macro.name}` has no parameter `{keyword[1]}`")
        else:
            if position >= len(macro.parameters):
                many = (
                    f"`{macro.name}` takes {len(macro.parameters)}"
                    if macro.parameters
                    else f"`{macro.name}` takes none"
                )
                raise AsmError("A0222", "too many arguments for a macro", -1, -1, many)
            parameter = macro.parameters[position]
            name, position = parameter.name, position + 1
            if parameter.vararg:
                values[name] = text[at:]
                break
            value, at = _argument(text, at, alternate, evaluate)
        values[name] = value
        at += len(text[at:]) - len(text[at:].lstrip())
        if text[at : at + 1] == ",":
            at += 1
    for parameter in macro.parameters:
        if not values.get(parameter.name):
            if parameter.required:
                raise AsmError("A0222", f"macro `{macro.name}` needs a value for `{parameter.name}`")
            values[parameter.name] = parameter.default
    return values


class Expander:
    """Makes statements from bodies, within the limits that keep any input bounded."""

    def __init__(self) -> None:
        self.number = 0
        self.locals = 0
        self.text = 0
        self.alternate = False

    def expand(
        self, body: Iterable[Statement], values: dict[str, str], expansion: Expansion, used: int
    ) -> Iterator[Statement]:
        """Yield the statements of a macro's body with the values of its parameters."""
        self.charge(_INVOCATION)
        number, self.number = self.number, self.number + 1
        return self._statements(body, dict(values), expansion, number, used)

    def repeat(
        self, body: Sequence[Statement], bindings: Iterable[dict[str, str]], expansion: Expansion
    ) -> Iterator[Statement]:
        """Yield the statements of a body once for every binding of its parameter."""
        for values in bindings:
            yield from self._statements(body, dict(values), expansion, self.number, 0)

    def copy(self, body: Sequence[Statement], count: int, expansion: Expansion) -> Iterator[Statement]:
        """Yield the statements of a body `count` times, as they are."""
        placed = [Statement(s.text, Origin(s.origin.file, s.origin.line, expansion), s.column) for s in body]
        for _ in range(count):
            for statement in placed:
                self.charge(len(statement.text))
                yield statement

    def charge(self, characters: int) -> None:
        """Count text that an expansion made; `AsmError` A0223 beyond `MAX_TEXT`."""
        self.text += characters + 16
        if self.text > MAX_TEXT:
            raise AsmError("A0223", "expansions make too much text")

    def _statements(
        self, body: Iterable[Statement], values: dict[str, str], expansion: Expansion, number: int, used: int
    ) -> Iterator[Statement]:
        alternate = self.alternate
        for statement in body:
            origin = Origin(statement.origin.file, statement.origin.line, expansion)
            text = statement.text
            words = text.split(None, 1)
            if alternate and words[0].upper() == "LOCAL":
                for name in words[1].replace(",", " ").split() if len(words) > 1 else ():
                    self.locals += 1
                    values[name] = f".LL{self.locals:04x}"
                continue
            replaced = substitute(text, values, number, used, alternate)
            self.charge(len(replaced))
            if replaced == text:
                yield Statement(text, origin, statement.column)
            else:
                yield from split_lines(Line(line, origin) for line in replaced.split("\n"))


def substitute(text: str, values: dict[str, str], number: int, used: int, alternate: bool) -> str:
    r"""Return the text with `\name`, `\()`, `\@` and `\+` replaced; with `alternate`, bare names too."""

    def value(match: re.Match[str]) -> str:
        if match[1]:
            return ""
        if match[2]:
            return str(number)
        if match[3]:
            return str(used)
        name = match[4]
        if name is None:
            bare = match[5]
            return values.get(bare, match[0])
        return values.get(name, match[0])

    if "\\" not in text and not (alternate and values):
        return text
    return (_ALT_NAME if alternate and values else _SUBSTITUTE).sub(value, text)
