"""The C preprocessor for `.S` files: C11 6.10 as compilers apply it to assembly.

What differs from C: a `#` that begins no directive begins a comment of the assembler; a lone quote is a character
like any other; columns stay true on lines without macros, so that carets point at what was written. There is no
`__DATE__` and no `__TIME__`: the same input gives the same object on any day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from exotool.asm.conditions import evaluate_condition
from exotool.asm.ctokens import (
    NAME,
    SPACE,
    Token,
    closing,
    skip_space,
    spell,
    stringify,
    tokenize,
    trim,
    without_comments,
    without_hash,
)
from exotool.asm.source import AsmError, Condition, Line, Origin, SourceFile, certain, diagnostic_of
from exotool.diagnostics import Collector, Severity, ToolError, did_you_mean

if TYPE_CHECKING:
    from exotool.asm.sources import Sources

MAX_TOKENS: Final = 500_000
"""Tokens that macro expansions of a file may make."""

MAX_DEPTH: Final = 150
"""Macros within macros."""

MAX_JOINED: Final = 10_000
"""Lines of one macro invocation, or of one line with backslashes."""

_DIRECTIVE: Final = re.compile(r"\s*#\s*([A-Za-z_]+)?")
_DIRECTIVES: Final = [
    "define",
    "undef",
    "include",
    "if",
    "ifdef",
    "ifndef",
    "elif",
    "elifdef",
    "elifndef",
    "else",
    "endif",
    "error",
    "warning",
    "line",
    "pragma",
    "ident",
    "include_next",
]
_CONDITIONALS: Final = ("if", "ifdef", "ifndef", "elif", "elifdef", "elifndef", "else", "endif")
_ARCH: Final = {
    "x86_64": ("__x86_64__", "__x86_64", "__amd64__", "__amd64", "__LP64__", "_LP64"),
    "i386": ("__i386__", "__i386", "__ILP32__", "_ILP32"),
}
_SPECIAL: Final = ("__FILE__", "__LINE__", "__COUNTER__", "__INCLUDE_LEVEL__", "__DATE__", "__TIME__", "__TIMESTAMP__")


@dataclass(slots=True)
class CMacro:
    """A macro; `parameters` is None for one that looks like an object. `rest` names the variadic parameter."""

    name: str
    body: list[Token]
    parameters: list[str] | None = None
    rest: str = ""


@dataclass(slots=True)
class _Logical:
    """A line after splicing and without comments."""

    text: str
    origin: Origin


@dataclass(eq=False)
class Preprocessor:
    """Preprocesses a source and everything that it includes."""

    files: Sources
    collector: Collector
    macros: dict[str, CMacro] = field(default_factory=dict)
    once: set[str] = field(default_factory=set)
    counter: int = 0
    made: int = 0
    level: int = 0
    lines: list[Iterator[_Logical]] = field(default_factory=list)
    failed: bool = False

    def run(self, file: SourceFile) -> Iterator[Line]:
        """Yield the preprocessed lines; errors go to the collector."""
        names = ("__ASSEMBLER__", "__ELF__", *_ARCH[self.files.options.arch])
        for name, text in (*((name, "1") for name in names), *self.files.options.define):
            if not NAME.fullmatch(name):
                error = AsmError("A0101", f"`{name}` cannot be defined: it is not a name")
                self.collector.add(diagnostic_of(error, Origin(file, 0)))
                continue
            self.macros[name] = CMacro(name, trim(tokenize(text)))
        for path in self.files.options.prelude:
            try:
                included = self.files.prelude(path, Origin(file, 0))
            except AsmError as error:
                self.report(error, Origin(file, 0))
            else:
                yield from self.file(included)
        yield from self.file(file)

    def report(self, error: AsmError, origin: Origin, text: str = "", severity: Severity = Severity.ERROR) -> None:
        """Keep an error or warning."""
        self.collector.add(diagnostic_of(error, origin, text, 0, severity))

    # Lines

    def file(self, file: SourceFile) -> Iterator[Line]:
        """Yield the preprocessed lines of one file."""
        conditions: list[Condition] = []
        logical = self.logical(file)
        self.lines.append(logical)
        for line in logical:
            if self.failed:
                break
            directive = _DIRECTIVE.match(line.text)
            active = not conditions or conditions[-1].active
            try:
                if directive:
                    if directive[1] in _CONDITIONALS:
                        self.conditional(directive[1], line, directive.end(), conditions)
                    elif active and directive[1] in _DIRECTIVES:
                        yield from self.directive(directive[1], line, directive.end())
                elif active:
                    yield from self.text(line)
            except AsmError as error:
                self.report(error, line.origin, line.text)
            except ToolError as error:
                for diagnostic in error.diagnostics:
                    self.collector.add(diagnostic)
        self.lines.pop()
        for condition in conditions:
            self.report(AsmError("A0102", "`#if` has no `#endif`"), condition.origin)

    def logical(self, file: SourceFile) -> Iterator[_Logical]:
        """Join lines that end with a backslash, and turn comments into blanks."""
        lines = file.lines
        at = 0
        in_comment: Origin | None = None
        while at < len(lines):
            origin = Origin(file, at + 1)
            text = lines[at]
            at += 1
            joined = 0
            while text.endswith("\\") and at < len(lines) and joined < MAX_JOINED:
                text = text[:-1] + lines[at]
                at += 1
                joined += 1
            if in_comment is not None or "/" in text:
                text, is_open = without_comments(text, in_comment is not None)
                in_comment = (in_comment or origin) if is_open else None
            yield _Logical(text, origin)
        if in_comment is not None:
            self.report(AsmError("A0103", "block comment does not end"), in_comment)

    def text(self, line: _Logical) -> Iterator[Line]:
        """Yield a line of text with its macros expanded."""
        text = line.text
        if not text.strip():
            return
        if not any(name in self.macros or name in _SPECIAL for name in NAME.findall(text)):
            yield Line(text, line.origin)
            return
        tokens = tokenize(without_hash(text))
        joined = 0
        while depth := self.open_calls(tokens):
            while depth > 0:
                more = self.continuation(joined)
                if more is None:
                    depth = 0
                    joined = MAX_JOINED
                    break
                tokens += more
                joined += 1
                depth += sum((token.text == "(") - (token.text == ")") for token in more)
            if joined >= MAX_JOINED:
                break
        yield Line(spell(self.expand(tokens, line.origin)), line.origin)

    def continuation(self, joined: int) -> list[Token] | None:
        """Return the tokens of the next line, for the arguments of a macro that are still open."""
        following = next(self.lines[-1], None) if joined < MAX_JOINED else None
        if following is None:
            return None
        if _DIRECTIVE.match(following.text):
            raise AsmError("A0107", "a directive stands inside the arguments of a macro")
        return [SPACE, *tokenize(without_hash(following.text))]

    def open_calls(self, tokens: list[Token]) -> int:
        """Return how many parentheses of a macro's arguments are still open at the end of some tokens."""
        for at, token in enumerate(tokens):
            macro = self.macros.get(token.text) if token.kind == "name" else None
            if macro is None or macro.parameters is None:
                continue
            begin = skip_space(tokens, at + 1)
            if begin < len(tokens) and tokens[begin].text == "(":
                depth = sum((t.text == "(") - (t.text == ")") for t in tokens[begin:])
                if depth > 0 and closing(tokens, begin) < 0:
                    return depth
        return 0

    # Directives

    def directive(self, name: str, line: _Logical, at: int) -> Iterator[Line]:
        """Carry out a directive that is no condition."""
        rest = line.text[at:]
        if name == "define":
            self.define(rest, at, len(line.text))
        elif name == "undef":
            match = NAME.match(rest.strip())
            if match is None:
                raise AsmError("A0101", "`#undef` needs a name")
            self.macros.pop(match[0], None)
        elif name == "include":
            yield from self.include(rest, line.origin)
        elif name == "error":
            raise AsmError("A0108", rest.strip() or "`#error`")
        elif name == "warning":
            self.report(AsmError("A0109", rest.strip() or "`#warning`"), line.origin, line.text, Severity.WARNING)
        elif name == "pragma" and rest.strip() == "once":
            self.once.add(str(line.origin.file.path))
        elif name == "include_next":
            raise AsmError("A0101", "`#include_next` is not supported")

    def define(self, rest: str, start: int, end: int) -> None:
        """`#define name body` and `#define name(parameters) body`."""
        stripped = rest.lstrip()
        match = NAME.match(stripped)
        if match is None:
            raise AsmError("A0101", "`#define` needs a name", start, end)
        name = match[0]
        if name == "defined" or name == "__VA_ARGS__":
            raise AsmError("A0101", f"`{name}` cannot be a macro", start, end)
        tokens = tokenize(stripped[match.end() :])
        macro = CMacro(name, tokens)
        if tokens and tokens[0].text == "(":
            close = next((number for number, token in enumerate(tokens) if token.text == ")"), -1)
            if close < 0:
                raise AsmError("A0101", f"the parameters of `{name}` have no `)`", start, end)
            macro.parameters = []
            _parameters(macro, [token for token in tokens[1:close] if token.kind != "space"])
            tokens = tokens[close + 1 :]
        macro.body = trim(tokens)
        if macro.body and "##" in (macro.body[0].text, macro.body[-1].text):
            raise AsmError("A0101", "`##` cannot stand at the edge of a macro", start, end)
        self.macros[name] = macro

    def include(self, rest: str, origin: Origin) -> Iterator[Line]:
        """`#include "file"` and `#include <file>`, perhaps by way of a macro."""
        text = rest.strip()
        if text[:1] not in ('"', "<"):
            text = spell(self.expand(tokenize(text), origin)).strip()
        match = re.fullmatch(r'"([^"]+)"|<([^>]+)>', text)
        if match is None:
            raise AsmError("A0101", '`#include` needs "file" or <file>')
        file = self.files.include(match[1] or match[2], origin, system=match[1] is None)
        if str(file.path) in self.once:
            return
        self.level += 1
        yield from self.file(file)
        self.level -= 1

    def conditional(self, name: str, line: _Logical, at: int, conditions: list[Condition]) -> None:
        """Carry out `#if` and its kin."""
        rest = line.text[at:].strip()
        if name in ("if", "ifdef", "ifndef"):
            outer = not conditions or conditions[-1].active
            condition = Condition(False, True, outer, line.origin)
            conditions.append(condition)
            if outer:
                condition.active = condition.taken = self.test(name, rest, line.origin)
            return
        if not conditions:
            raise AsmError("A0102", f"`#{name}` without `#if`")
        condition = conditions[-1]
        if name == "endif":
            conditions.pop()
            return
        if condition.has_else:
            raise AsmError("A0102", f"`#{name}` after `#else`")
        condition.active = False
        if name == "else":
            condition.has_else = True
            condition.active = condition.outer and not condition.taken
            condition.taken = True
        elif condition.outer and not condition.taken:
            condition.taken = True
            condition.active = condition.taken = self.test(name[2:], rest, line.origin)

    def test(self, name: str, rest: str, origin: Origin) -> bool:
        """Return the truth of a condition."""
        if name != "if":
            match = NAME.match(rest)
            if match is None:
                raise AsmError("A0101", f"`#{name}` needs a name")
            return self.is_defined(match[0]) == (name == "ifdef")
        tokens = tokenize(rest)
        resolved: list[Token] = []
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.kind == "name" and token.text in ("defined", "__has_include"):
                at = self.query(tokens, at, resolved, origin)
                continue
            resolved.append(token)
            at += 1
        expanded = self.expand(resolved, origin)
        return evaluate_condition([(t.kind, t.text) for t in expanded if t.kind != "space"]) != 0

    def query(self, tokens: list[Token], at: int, out: list[Token], origin: Origin) -> int:
        """Replace `defined X`, `defined(X)` or `__has_include(...)` by 1 or 0; return the position behind it."""
        what = tokens[at].text
        at = skip_space(tokens, at + 1)
        inside = ""
        if at < len(tokens) and tokens[at].text == "(":
            end = closing(tokens, at)
            if end < 0:
                raise AsmError("A0101", f"`{what}` has no `)`")
            inside = spell(tokens[at + 1 : end]).strip()
            at = end + 1
        elif what == "defined" and at < len(tokens):
            inside = tokens[at].text
            at += 1
        if what == "defined":
            if not NAME.fullmatch(inside):
                raise AsmError("A0101", "`defined` needs a name")
            result = self.is_defined(inside)
        else:
            if len(inside) < 3:
                raise AsmError("A0101", '`__has_include` needs "file" or <file>')
            found = self.files.find(inside[1:-1], origin.file, system=inside[0] == "<")
            result = found is not None
        out.append(Token("number", str(int(result))))
        return at

    def is_defined(self, name: str) -> bool:
        """Tell whether a name is a macro."""
        return name in self.macros or name in _SPECIAL or name == "__has_include"

    # Expansion

    def expand(self, tokens: list[Token], origin: Origin, depth: int = 0) -> list[Token]:
        """Return tokens with all macros expanded; `AsmError` A0106 beyond the limits."""
        if depth > MAX_DEPTH:
            raise AsmError("A0106", f"macros are nested more than {MAX_DEPTH} deep")
        pending = tokens[::-1]
        out: list[Token] = []
        while pending:
            token = pending.pop()
            if token.kind != "name" or token.text in token.hidden:
                out.append(token)
                continue
            if token.text in _SPECIAL:
                out.append(self.special(token.text, origin))
                continue
            macro = self.macros.get(token.text)
            if macro is None:
                out.append(token)
                continue
            arguments: dict[str, list[Token]] = {}
            if macro.parameters is not None:
                found = self.arguments(macro, pending)
                if found is None:
                    out.append(token)
                    continue
                arguments = found
            body = self.replaced(macro, arguments, origin, depth)
            self.made += len(body) + 1
            if self.made > MAX_TOKENS:
                self.failed = True
                raise AsmError("A0106", "macros expand to too much text")
            hidden = token.hidden | {macro.name}
            pending.extend(Token(t.kind, t.text, t.hidden | hidden) for t in reversed(body))
        return out

    def special(self, name: str, origin: Origin) -> Token:
        """Return what a predefined name such as `__LINE__` stands for."""
        if name == "__FILE__":
            return Token("string", '"' + origin.file.name.replace("\\", "\\\\").replace('"', '\\"') + '"')
        if name == "__LINE__":
            return Token("number", str(origin.line))
        if name == "__INCLUDE_LEVEL__":
            return Token("number", str(self.level))
        if name == "__COUNTER__":
            self.counter += 1
            return Token("number", str(self.counter - 1))
        raise AsmError("A0101", f"`{name}` would make the object depend on the time of its making")

    def arguments(self, macro: CMacro, pending: list[Token]) -> dict[str, list[Token]] | None:
        """Take the arguments from reversed tokens; None when no parenthesis follows."""
        at = len(pending) - 1
        while at >= 0 and pending[at].kind == "space":
            at -= 1
        if at < 0 or pending[at].text != "(":
            return None
        groups: list[list[Token]] = [[]]
        depth = 0
        parameters = macro.parameters or []
        while at > 0:
            at -= 1
            token = pending[at]
            if token.text == ")" and not depth:
                del pending[at:]
                return self.bind(macro, parameters, [trim(group) for group in groups])
            depth += (token.text == "(") - (token.text == ")")
            if token.text == "," and not depth and not (macro.rest and len(groups) > len(parameters)):
                groups.append([])
                continue
            groups[-1].append(token)
        raise AsmError("A0107", f"the arguments of `{macro.name}` have no `)`")

    def bind(self, macro: CMacro, parameters: list[str], groups: list[list[Token]]) -> dict[str, list[Token]]:
        """Return the arguments by parameter; `AsmError` A0107 if their number is wrong."""
        if not parameters and not macro.rest and groups == [[]]:
            groups = []
        names = [*parameters, macro.rest] if macro.rest else parameters
        if macro.rest and len(groups) == len(parameters):
            groups = [*groups, []]
        if len(groups) != len(names):
            raise AsmError("A0107", f"`{macro.name}` takes {len(parameters)} arguments, not {len(groups)}")
        return dict(zip(names, groups, strict=True))

    def replaced(self, macro: CMacro, arguments: dict[str, list[Token]], origin: Origin, depth: int) -> list[Token]:
        """Return a macro's body with arguments in place, `#` and `##` applied."""
        out: list[Token] = []
        body = self.optional(macro, arguments)
        expanded: dict[str, list[Token]] = {}
        at = 0
        while at < len(body):
            token = body[at]
            after = skip_space(body, at + 1)
            if (
                token.text == "#"
                and macro.parameters is not None
                and after < len(body)
                and body[after].text in arguments
            ):
                out.append(stringify(arguments[body[after].text]))
                at = after + 1
                continue
            if token.text == "##" and out:
                at = _paste(out, body, at, arguments, macro.rest)
                continue
            if token.text in arguments and token.kind == "name":
                if after < len(body) and body[after].text == "##":
                    out += arguments[token.text] or [Token("placeholder", "")]
                else:
                    if token.text not in expanded:
                        expanded[token.text] = self.expand(arguments[token.text], origin, depth + 1)
                    out += expanded[token.text]
            else:
                out.append(token)
            at += 1
        return [token for token in out if token.kind != "placeholder"]

    def optional(self, macro: CMacro, arguments: dict[str, list[Token]]) -> list[Token]:
        """Resolve `__VA_OPT__(...)`."""
        body = macro.body
        if not macro.rest or all(token.text != "__VA_OPT__" for token in body):
            return body
        out: list[Token] = []
        at = 0
        while at < len(body):
            begin = skip_space(body, at + 1)
            if body[at].text == "__VA_OPT__" and begin < len(body) and body[begin].text == "(":
                end = closing(body, begin)
                if end < 0:
                    raise AsmError("A0107", "`__VA_OPT__` has no `)`")
                out += body[begin + 1 : end] if arguments[macro.rest] else []
                at = end + 1
                continue
            out.append(body[at])
            at += 1
        return out


def _parameters(macro: CMacro, tokens: list[Token]) -> None:
    """Read the parameters of a macro from the tokens between its parentheses."""
    parameters = certain(macro.parameters, "only function-like macros have parameters")
    expect_name = True
    for number, token in enumerate(tokens):
        if not expect_name and token.text == "," and not macro.rest:
            expect_name = True
        elif token.text == "..." and number == len(tokens) - 1:
            macro.rest = "__VA_ARGS__" if expect_name else parameters.pop()
            expect_name = False
        elif expect_name and token.kind == "name" and token.text not in parameters:
            parameters.append(token.text)
            expect_name = False
        else:
            raise AsmError("A0101", f"malformed parameters of `{macro.name}`", help=did_you_mean(token.text, ["..."]))
    if expect_name and tokens:
        raise AsmError("A0101", f"malformed parameters of `{macro.name}`")


def _paste(out: list[Token], body: list[Token], at: int, arguments: dict[str, list[Token]], rest: str) -> int:
    """Apply `##` at `at`: join the last token of `out` with the next of the body; return the position behind it."""
    while out and out[-1].kind == "space":
        out.pop()
    right = skip_space(body, at + 1)
    if right >= len(body):
        return right
    token = body[right]
    following = list(arguments[token.text]) if token.kind == "name" and token.text in arguments else [token]
    left = out.pop() if out else Token("placeholder", "")
    if left.text == "," and token.text == rest and rest:
        # GNU: `, ## __VA_ARGS__` drops the comma when there are no arguments, and pastes nothing.
        out += [left, *following] if following else []
        return right + 1
    first = following[0] if following else Token("placeholder", "")
    joined = left.text + first.text
    pieces = tokenize(joined)
    out += pieces if pieces else [Token("placeholder", "")]
    out += following[1:]
    return right + 1
