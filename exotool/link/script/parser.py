"""Tokens -> the tree of a script: the commands of GNU ld (binutils manual, chapter 3 "Linker Scripts")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from exotool.diagnostics import Diagnostic, ToolError, did_you_mean
from exotool.link.script.expressions import ExpressionReader
from exotool.link.script.lexer import MAX_SCRIPT, Lexer, Source, Token
from exotool.link.script.sections import SectionReader, is_assignment
from exotool.link.script.tree import (
    Assignment,
    Crossing,
    Expression,
    InputName,
    Insert,
    Name,
    Number,
    Phdr,
    Region,
    Script,
)

MAX_INCLUDES: Final = 10
"""INCLUDE nests no deeper, as in GNU ld."""

REGION_LETTERS: Final = "rwxailRWXAIL"
PT_NAMES: Final = {
    "PT_NULL": 0,
    "PT_LOAD": 1,
    "PT_DYNAMIC": 2,
    "PT_INTERP": 3,
    "PT_NOTE": 4,
    "PT_SHLIB": 5,
    "PT_PHDR": 6,
    "PT_TLS": 7,
    "PT_GNU_EH_FRAME": 0x6474E550,
    "PT_GNU_STACK": 0x6474E551,
    "PT_GNU_RELRO": 0x6474E552,
    "PT_GNU_PROPERTY": 0x6474E553,
}

ReadFile = Callable[[str], tuple[str, str]]
"""Returns the path and the text of a script that INCLUDE names; raises `ToolError` when there is none."""


def parse_script(text: str, path: str, script: Script | None = None, read: ReadFile | None = None) -> Script:
    """Return `script`, or a new one, with what the text says added; `read` finds the files of INCLUDE.

    Raises `ToolError` L0501 for a syntax error, with its place, and L0502 for a script that is too large or includes
    itself.
    """
    script = script if script is not None else Script()
    parser = _Parser(Lexer(_checked(text, path)), script, read)
    parser.commands()
    return script


def parse_expression(text: str, path: str) -> Expression:
    """Return an expression that stands alone, as in an option; errors as `parse_script`."""
    reader = ExpressionReader(Lexer(_checked(text, path)))
    expression = reader.expression()
    token = reader.lexer.peek(words=False)
    if token.kind != "end":
        reader.unexpected(token, "an operator or the end")
    return expression


def parse_assignment(text: str, path: str) -> Assignment:
    """Return the assignment `symbol=expression` of an option such as --defsym."""
    parser = _Parser(Lexer(_checked(text, path)), Script(), None)
    token = parser.lexer.next(words=True)
    if token.kind not in ("name", "string") or not is_assignment(parser.lexer.peek(words=True)):
        parser.unexpected(token, "`symbol=expression`")
    assignment = parser.assignment(token)
    if parser.lexer.peek(words=True).kind != "end":
        parser.unexpected(parser.lexer.peek(words=True), "the end")
    return assignment


def _checked(text: str, path: str) -> Source:
    if len(text) > MAX_SCRIPT:
        raise ToolError(Diagnostic("L0502", f"script `{path}` is larger than {MAX_SCRIPT >> 20} MiB"))
    return Source(path, text.replace("\r\n", "\n"))


class _Parser(SectionReader):
    """Reads the commands outside of SECTIONS; `SectionReader` reads those inside."""

    def __init__(self, lexer: Lexer, script: Script, read: ReadFile | None) -> None:
        super().__init__(lexer, script)
        self.read = read
        self.groups = 0
        self.open = [lexer.source.path]
        self.since_insert = len(script.statements)
        script.files.append(lexer.source.path)

    def include(self, inside: Callable[[], None]) -> None:
        """Read the file that INCLUDE names where it stands; `inside` reads what may stand there."""
        token = self.lexer.peek(words=True)
        name = self.word("the name of a file")
        if self.read is None:
            self.fail("INCLUDE has no folder to look in here", token)
        if len(self.open) > MAX_INCLUDES:
            raise ToolError(
                Diagnostic(
                    "L0502",
                    f"INCLUDE nests more than {MAX_INCLUDES} deep",
                    self.lexer.source.place(token.at, token.end),
                )
            )
        path, text = self.read(name)
        outer = self.lexer
        self.open.append(path)
        self.script.files.append(path)
        self.lexer = Lexer(_checked(text, path))
        inside()
        token = self.lexer.peek(words=True)
        if token.kind != "end":
            self.unexpected(token, "the end of the included file")
        self.lexer = outer
        self.open.pop()

    def commands(self) -> None:
        """Read commands up to the end of the text."""
        while True:
            token = self.lexer.next(words=True)
            if token.kind == "end":
                return
            if token.kind == "mark" and token.text in (";", ","):
                continue
            if token.kind == "mark":
                self.unexpected(token, "a command")
            follows = self.lexer.peek(words=True)
            if is_assignment(follows):
                self.script.statements.append(self.assignment(token))
                continue
            handler = self._HANDLERS.get(token.text)
            if handler is None:
                close = did_you_mean(token.text, self._HANDLERS)
                self.fail(f"there is no command `{token.text}`", token, help_=close[0] if close else "")
            handler(self, token)

    # Commands

    def _sections(self, _: Token) -> None:
        self.take("{")
        self.script.has_sections = True
        self.section_commands()
        self.take("}")

    def _provide(self, token: Token) -> None:
        self.script.statements.append(self.provide(token))

    def _assert(self, token: Token) -> None:
        self.script.statements.append(self.assertion(token))

    def _entry(self, _: Token) -> None:
        self.script.entry = self._one_name("a symbol")

    def _output(self, _: Token) -> None:
        self.script.output = self._one_name("a file name")

    def _format(self, _: Token) -> None:
        names = self.names()
        if names:
            self.script.output_format = names[0]

    def _arch(self, _: Token) -> None:
        self.script.output_arch = self._one_name("an architecture")

    def _search_dir(self, _: Token) -> None:
        self.script.search_dirs.append(self._one_name("a folder"))

    def _startup(self, token: Token) -> None:
        self.script.inputs.insert(0, InputName(self.span(token.at), self._one_name("a file name")))

    def _input(self, token: Token) -> None:
        self._inputs(token, 0)

    def _group(self, token: Token) -> None:
        self.groups += 1
        self._inputs(token, self.groups)

    def _inputs(self, token: Token, group: int, as_needed: bool = False) -> None:
        self.take("(")
        while not self.takes(")"):
            name = self.lexer.peek(words=True)
            word = self.word("a file name")
            if word == "AS_NEEDED" and self.lexer.peek(words=True).text == "(":
                self._inputs(token, group, True)
            else:
                self.script.inputs.append(InputName(self.span(name.at), word, group, as_needed))
            self.takes(",")

    def _extern(self, _: Token) -> None:
        self.script.extern += self.names()

    def _nocrossrefs(self, token: Token) -> None:
        to_first = token.text == "NOCROSSREFS_TO"
        self.script.crossings.append(Crossing(self.span(token.at), tuple(self.names()), to_first))

    def _alias(self, _: Token) -> None:
        self.take("(")
        alias = self.word("a name for the region")
        self.take(",")
        self.script.aliases[alias] = self.word("the name of a region")
        self.take(")")

    def _version(self, token: Token) -> None:
        self.take("{")
        depth = 1
        while depth:
            inner = self.lexer.next(words=True)
            if inner.kind == "end":
                self.fail("VERSION has no end", token)
            depth += (inner.text == "{") - (inner.text == "}") if inner.kind == "mark" else 0
        self.note("VERSION has no effect on a static image", token)

    def _no_effect(self, token: Token) -> None:
        if self.lexer.peek(words=True).text == "(":
            self.names()
        self.note(f"{token.text} has no effect", token)

    def _include(self, _: Token) -> None:
        self.include(self.commands)

    def _insert(self, token: Token) -> None:
        where = self.lexer.peek(words=True)
        word = self.word("AFTER or BEFORE")
        if word not in ("AFTER", "BEFORE"):
            self.unexpected(where, "AFTER or BEFORE")
        section = self.word("the name of an output section")
        count = len(self.script.statements) - self.since_insert
        self.script.statements.append(Insert(self.span(token.at), section, word == "AFTER", count))
        self.since_insert = len(self.script.statements)

    def _memory(self, _: Token) -> None:
        self.take("{")
        self._regions()
        self.take("}")

    def _regions(self) -> None:
        while True:
            token = self.lexer.peek(words=True)
            if token.kind == "end" or token.text == "}":
                return
            self.lexer.next(words=True)
            if token.text == "INCLUDE":
                self.include(self._regions)
            elif token.kind == "name":
                self.script.regions.append(self._region(token))
            elif token.text not in (";", ","):
                self.unexpected(token, "the name of a region")

    def _region(self, token: Token) -> Region:
        flags, not_flags = "", ""
        if self.takes("("):
            inverted = False
            while not self.takes(")"):
                letters = self.lexer.next(words=True)
                if letters.text == "!":
                    inverted = not inverted
                    continue
                if letters.kind != "name" or any(letter not in REGION_LETTERS for letter in letters.text):
                    self.unexpected(letters, "attributes of a region, of `rwxail!`")
                flags, not_flags = (
                    (flags, not_flags + letters.text.lower()) if inverted else (flags + letters.text.lower(), not_flags)
                )
        self.take(":")
        origin = self._property("ORIGIN", "org", "o")
        self.takes(",")
        length = self._property("LENGTH", "len", "l")
        return Region(self.span(token.at), token.text, origin, length, flags, not_flags)

    def _property(self, *names: str) -> Expression:
        token = self.lexer.next(words=True)
        if token.text not in names:
            self.unexpected(token, f"`{names[0]}`")
        self.take("=")
        return self.expression()

    def _phdrs(self, _: Token) -> None:
        self.take("{")
        self.script.has_phdrs = True
        while not self.takes("}"):
            token = self.lexer.next(words=True)
            if token.kind == "mark" and token.text == ";":
                continue
            if token.kind != "name":
                self.unexpected(token, "the name of a segment")
            self.script.phdrs.append(self._phdr(token))

    def _phdr(self, token: Token) -> Phdr:
        kind = self.expression()
        if isinstance(kind, Name):
            if kind.name not in PT_NAMES:
                close = did_you_mean(kind.name, PT_NAMES)
                self.lexer.fail(
                    f"there is no segment type `{kind.name}`", kind.span.at, kind.span.end, help_="".join(close)
                )
            kind = Number(kind.span, PT_NAMES[kind.name])
        filehdr = phdrs = False
        at = flags = None
        while True:
            word = self.lexer.next(words=True)
            if word.text == ";":
                return Phdr(self.span(token.at), token.text, kind, filehdr, phdrs, at, flags)
            if word.text == "FILEHDR":
                filehdr = True
            elif word.text == "PHDRS":
                phdrs = True
            elif word.text in ("AT", "FLAGS"):
                self.take("(")
                value = self.expression()
                self.take(")")
                at, flags = (value, flags) if word.text == "AT" else (at, value)
            else:
                self.unexpected(word, "FILEHDR, PHDRS, AT, FLAGS or `;`")

    def names(self) -> list[str]:
        """Read a list of names in parentheses."""
        self.take("(")
        found = []
        while not self.takes(")"):
            found.append(self.word("a name"))
            self.takes(",")
        return found

    def _one_name(self, what: str) -> str:
        self.take("(")
        name = self.word(what)
        self.take(")")
        return name

    def note(self, message: str, token: Token) -> None:
        """Remember that something was read and has no effect."""
        self.script.notes.append((message, self.span(token.at)))

    _HANDLERS: Final[dict[str, Callable[[_Parser, Token], None]]] = {
        "SECTIONS": _sections,
        "MEMORY": _memory,
        "PHDRS": _phdrs,
        "PROVIDE": _provide,
        "PROVIDE_HIDDEN": _provide,
        "HIDDEN": _provide,
        "ASSERT": _assert,
        "ENTRY": _entry,
        "OUTPUT": _output,
        "OUTPUT_FORMAT": _format,
        "OUTPUT_ARCH": _arch,
        "SEARCH_DIR": _search_dir,
        "STARTUP": _startup,
        "INPUT": _input,
        "GROUP": _group,
        "EXTERN": _extern,
        "INCLUDE": _include,
        "INSERT": _insert,
        "NOCROSSREFS": _nocrossrefs,
        "NOCROSSREFS_TO": _nocrossrefs,
        "REGION_ALIAS": _alias,
        "VERSION": _version,
        "TARGET": _no_effect,
        "LD_FEATURE": _no_effect,
        "FORCE_COMMON_ALLOCATION": _no_effect,
        "INHIBIT_COMMON_ALLOCATION": _no_effect,
        "FORCE_GROUP_ALLOCATION": _no_effect,
    }
