"""What stands inside of SECTIONS: output sections, what goes into them, overlays and assignments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from exotool.diagnostics import did_you_mean
from exotool.elf.constants import (
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_MERGE,
    SHF_STRINGS,
    SHF_TLS,
    SHF_WRITE,
    SHT_FINI_ARRAY,
    SHT_INIT_ARRAY,
    SHT_NOBITS,
    SHT_NOTE,
    SHT_PREINIT_ARRAY,
    SHT_PROGBITS,
)
from exotool.link.script.expressions import ExpressionReader
from exotool.link.script.lexer import Lexer, Token
from exotool.link.script.tree import (
    Ascii,
    Assertion,
    Assignment,
    Binary,
    Call,
    Content,
    Crossing,
    Data,
    Expression,
    Fill,
    InputPattern,
    Kind,
    Name,
    Number,
    OutputStatement,
    Script,
    SectionPattern,
    Sort,
    Visibility,
)

ASSIGNMENTS: Final = ("=", "+=", "-=", "*=", "/=", "<<=", ">>=", "&=", "|=", "^=")
DATA: Final = {"BYTE": 1, "SHORT": 2, "LONG": 4, "QUAD": 8, "SQUAD": 8}
KINDS: Final = {
    "NOLOAD": Kind.NOLOAD,
    "DSECT": Kind.NOT_ALLOCATED,
    "COPY": Kind.NOT_ALLOCATED,
    "INFO": Kind.NOT_ALLOCATED,
    "OVERLAY": Kind.NOT_ALLOCATED,
    "READONLY": Kind.READONLY,
}
SECTION_TYPES: Final = {
    "SHT_PROGBITS": SHT_PROGBITS,
    "SHT_NOTE": SHT_NOTE,
    "SHT_NOBITS": SHT_NOBITS,
    "SHT_INIT_ARRAY": SHT_INIT_ARRAY,
    "SHT_FINI_ARRAY": SHT_FINI_ARRAY,
    "SHT_PREINIT_ARRAY": SHT_PREINIT_ARRAY,
}
SORTS: Final = {
    "SORT": Sort.NAME,
    "SORT_BY_NAME": Sort.NAME,
    "SORT_BY_ALIGNMENT": Sort.ALIGNMENT,
    "SORT_BY_INIT_PRIORITY": Sort.INIT_PRIORITY,
    "SORT_NONE": Sort.KEEP_ORDER,
}
NESTED_SORTS: Final = {
    (Sort.NAME, Sort.ALIGNMENT): Sort.NAME_ALIGNMENT,
    (Sort.ALIGNMENT, Sort.NAME): Sort.ALIGNMENT_NAME,
    (Sort.NAME, Sort.NAME): Sort.NAME,
    (Sort.ALIGNMENT, Sort.ALIGNMENT): Sort.ALIGNMENT,
}
SECTION_FLAGS: Final = {
    "SHF_WRITE": SHF_WRITE,
    "SHF_ALLOC": SHF_ALLOC,
    "SHF_EXECINSTR": SHF_EXECINSTR,
    "SHF_MERGE": SHF_MERGE,
    "SHF_STRINGS": SHF_STRINGS,
    "SHF_TLS": SHF_TLS,
}
IN_SECTIONS: Final = ("ASSERT", "PROVIDE", "PROVIDE_HIDDEN", "HIDDEN", "ENTRY", "INCLUDE", "OVERLAY")


def is_assignment(token: Token) -> bool:
    """Tell whether a token is `=`, `+=` and so on."""
    return token.kind == "mark" and token.text in ASSIGNMENTS


class SectionReader(ExpressionReader):
    """Reads the inside of SECTIONS into a script."""

    def __init__(self, lexer: Lexer, script: Script) -> None:
        super().__init__(lexer)
        self.script = script

    def include(self, inside: Callable[[], None]) -> None:
        """Read the file that INCLUDE names."""
        raise NotImplementedError

    # Assignments

    def assignment(self, name: Token, visibility: Visibility = Visibility.PLAIN) -> Assignment:
        """Read the rest of an assignment, without its `;`."""
        operator = self.lexer.next(words=True)
        value = self.expression()
        span = self.span(name.at)
        if operator.text != "=":
            value = Binary(span, operator.text[:-1], Name(span, name.text), value)
        return Assignment(span, name.text, value, visibility)

    def provide(self, token: Token) -> Assignment:
        """Read the rest of PROVIDE, PROVIDE_HIDDEN or HIDDEN."""
        self.take("(")
        name = self.lexer.next(words=True)
        if name.kind not in ("name", "string"):
            self.unexpected(name, "a symbol")
        if name.text == "." or self.lexer.peek(words=True).text != "=":
            self.fail(f"{token.text} takes an assignment to a symbol, as in `{token.text}(end = .)`", name)
        assignment = self.assignment(name, Visibility(token.text))
        self.take(")")
        return assignment._replace(span=self.span(token.at))

    def assertion(self, token: Token) -> Assertion:
        """Read the rest of ASSERT."""
        self.take("(", words=False)
        condition = self.expression()
        self.take(",", words=False)
        message = self.word("a message")
        self.take(")", words=False)
        return Assertion(self.span(token.at), condition, message)

    def _end(self, what: str) -> None:
        token = self.lexer.peek(words=True)
        if token.kind == "mark" and token.text in (";", ","):
            self.lexer.next(words=True)
        elif token.text != "}" and token.kind != "end":
            self.unexpected(token, f"`;` behind this {what}")

    # Inside of SECTIONS

    def section_commands(self) -> None:
        """Read statements up to `}` or the end of the text."""
        statements = self.script.statements
        while True:
            token = self.lexer.peek(words=True)
            if token.kind == "end" or (token.kind == "mark" and token.text == "}"):
                return
            self.lexer.next(words=True)
            if token.kind == "mark":
                if token.text in (";", ","):
                    continue
                self.unexpected(token, "an output section or an assignment")
            follows = self.lexer.peek(words=True)
            if is_assignment(follows):
                statements.append(self.assignment(token))
                self._end("assignment")
            elif token.text == "ASSERT":
                statements.append(self.assertion(token))
            elif token.text in ("PROVIDE", "PROVIDE_HIDDEN", "HIDDEN"):
                statements.append(self.provide(token))
                self._end("assignment")
            elif token.text == "ENTRY" and follows.text == "(":
                self.take("(")
                self.script.entry = self.word("a symbol")
                self.take(")")
                self._end("command")
            elif token.text == "INCLUDE":
                self.include(self.section_commands)
            elif token.text == "OVERLAY":
                self._overlay(token)
            else:
                statements.append(self._output_section(token))

    def _output_section(self, token: Token) -> OutputStatement:
        output = OutputStatement(self.span(token.at), token.text)
        if token.text == "GROUP" or self.lexer.peek(words=True).text == ";":
            close = did_you_mean(token.text, IN_SECTIONS)
            self.fail(f"`{token.text}` is no output section and no command", token, help_="".join(close))
        self._head(output)
        self.take("{")
        self._contents(output.contents)
        self.take("}")
        self._tail(output)
        return output

    def _head(self, output: OutputStatement) -> None:
        """Read what stands between an output section's name and its `{`."""
        token = self.lexer.peek(words=False)
        if token.text == "{":
            self.unexpected(token, f"`:` behind the name of output section `{output.name}`")
        if not (token.text == ":" or (token.text == "(" and self._type_follows())):
            output.address = self.expression()
        if self.lexer.peek(words=False).text == "(":
            self._type(output)
        colon = self.lexer.next(words=False)
        if colon.text != ":":
            self.unexpected(colon, f"`:` behind the name of output section `{output.name}`")
        while True:
            word = self.lexer.peek(words=True)
            if word.text == "{" or word.kind == "end":
                return
            self.lexer.next(words=True)
            if word.text in ("AT", "ALIGN", "SUBALIGN", "BLOCK"):
                self.take("(", words=False)
                value = self.expression()
                self.take(")", words=False)
                attribute = {"AT": "load_address", "ALIGN": "align", "SUBALIGN": "subalign", "BLOCK": "align"}
                setattr(output, attribute[word.text], value)
            elif word.text == "ALIGN_WITH_INPUT":
                output.align_with_input = True
            elif word.text in ("ONLY_IF_RO", "ONLY_IF_RW"):
                output.only_if = word.text
            elif word.text == "SPECIAL":
                continue
            else:
                self.unexpected(word, "AT, ALIGN, SUBALIGN, ONLY_IF_RO, ONLY_IF_RW or `{`")

    def _type_follows(self) -> bool:
        at = self.lexer.at
        self.lexer.next(words=True)
        word = self.lexer.next(words=True)
        behind = self.lexer.next(words=True)
        self.lexer.at = at
        return (word.text in KINDS and behind.text in (")", "(")) or (word.text == "TYPE" and behind.text == "=")

    def _type(self, output: OutputStatement) -> None:
        self.take("(")
        token = self.lexer.next(words=True)
        if token.text == "TYPE":
            output.sh_type = self._section_type()
        elif token.text in KINDS:
            output.kind = KINDS[token.text]
            if token.text == "READONLY" and self.takes("("):
                self.lexer.next(words=True)
                output.sh_type = self._section_type()
                self.take(")")
        else:
            self.unexpected(token, f"one of {', '.join(KINDS)} or TYPE")
        self.take(")")

    def _section_type(self) -> int:
        self.take("=")
        value = self.expression()
        if isinstance(value, Number):
            return value.value
        if isinstance(value, Name) and value.name in SECTION_TYPES:
            return SECTION_TYPES[value.name]
        self.lexer.fail(
            "this is no section type", value.span.at, value.span.end, help_=f"known: {', '.join(SECTION_TYPES)}"
        )

    def _tail(self, output: OutputStatement) -> None:
        """Read what stands behind an output section's `}`."""
        segments: list[str] = []
        while True:
            token = self.lexer.peek(words=True)
            if token.kind == "mark" and token.text == ">":
                self.lexer.next(words=True)
                output.region = self.word("the name of a region")
            elif token.text == "AT" and token.kind == "name":
                self.lexer.next(words=True)
                self.take(">")
                output.load_region = self.word("the name of a region")
            elif token.kind == "mark" and token.text == ":":
                self.lexer.next(words=True)
                segments.append(self.word("the name of a segment"))
            elif token.kind == "mark" and token.text == "=":
                self.lexer.next(words=True)
                output.fill = self.expression()
            else:
                if token.kind == "mark" and token.text in (",", ";"):
                    self.lexer.next(words=True)
                output.segments = tuple(segments)
                return

    def _overlay(self, token: Token) -> None:
        address = None if self.lexer.peek(words=False).text == ":" else self.expression()
        self.take(":", words=False)
        load: Expression | None = None
        may_not_cross: Token | None = None
        while (word := self.lexer.next(words=True)).text != "{":
            if word.text == "AT":
                self.take("(")
                load = self.expression()
                self.take(")")
            elif word.text == "NOCROSSREFS":
                may_not_cross = word
            else:
                self.unexpected(word, "NOCROSSREFS, AT or `{`")
        members: list[OutputStatement] = []
        largest: Expression | None = None
        while not self.takes("}"):
            name = self.lexer.next(words=True)
            if name.kind not in ("name", "string"):
                self.unexpected(name, "the name of a section")
            member = OutputStatement(self.span(name.at), name.text, kind=Kind.OVERLAY)
            self.take("{")
            self._contents(member.contents)
            self.take("}")
            self._tail(member)
            span = self.span(name.at)
            size = Call(span, "SIZEOF", name.text)
            largest = size if largest is None else Call(span, "MAX", "", (largest, size))
            if members:
                member.address = Call(span, "ADDR", members[0].name)
            else:
                member.address, member.load_address, member.is_overlay_first = address, load, True
            members.append(member)
        if may_not_cross is not None:
            names = tuple(member.name for member in members)
            self.script.crossings.append(Crossing(self.span(may_not_cross.at), names))
        tail = OutputStatement(self.span(token.at), "")
        self._tail(tail)
        for member in members:
            member.region = member.region or tail.region
            member.load_region = member.load_region or tail.load_region
            member.segments = member.segments or tail.segments
            member.fill = member.fill or tail.fill
            self.script.statements.append(member)
            start = Call(member.span, "LOADADDR", member.name)
            stop = Binary(member.span, "+", start, Call(member.span, "SIZEOF", member.name))
            clean = "".join(c for c in member.name if c.isalnum() or c == "_")
            for prefix, value in (("__load_start_", start), ("__load_stop_", stop)):
                made = Assignment(member.span, prefix + clean, value, Visibility.PROVIDE)
                self.script.statements.append(made)
        if members and largest is not None:
            span = tail.span
            members[-1].dot_after = Binary(span, "+", Call(span, "ADDR", members[0].name), largest)

    # Inside of an output section

    def _contents(self, contents: list[Content]) -> None:
        while True:
            token = self.lexer.peek(words=True)
            if token.kind == "end" or (token.kind == "mark" and token.text == "}"):
                return
            self.lexer.next(words=True)
            if token.kind == "mark" and token.text in (";", ","):
                continue
            follows = self.lexer.peek(words=True)
            if token.kind == "mark":
                self.unexpected(token, "an input section, data or an assignment")
            if is_assignment(follows):
                contents.append(self.assignment(token))
                self._end("assignment")
            elif token.text == "ASSERT":
                contents.append(self.assertion(token))
            elif token.text in ("PROVIDE", "PROVIDE_HIDDEN", "HIDDEN"):
                contents.append(self.provide(token))
                self._end("assignment")
            elif token.text in DATA and follows.text == "(":
                self.take("(", words=False)
                value = self.expression()
                self.take(")", words=False)
                contents.append(Data(self.span(token.at), DATA[token.text], value))
            elif token.text == "FILL":
                self.take("(", words=False)
                value = self.expression()
                self.take(")", words=False)
                contents.append(Fill(self.span(token.at), value))
            elif token.text in ("ASCIZ", "ASCII") and follows.kind == "string":
                text = self.word("a text").encode() + b"\0" * (token.text == "ASCIZ")
                contents.append(Ascii(self.span(token.at), text))
            elif token.text in ("CONSTRUCTORS", "CREATE_OBJECT_SYMBOLS"):
                self.script.notes.append((f"{token.text} has no effect on ELF", self.span(token.at)))
            elif token.text == "INCLUDE":
                self.include(lambda: self._contents(contents))
            else:
                pattern = self._input_pattern(token)
                if pattern is not None:
                    contents.append(pattern)

    def _input_pattern(self, token: Token, keep: bool = False) -> InputPattern | None:
        """Read `file(sections)` and what can stand around it; None for `SORT(CONSTRUCTORS)`."""
        follows = self.lexer.peek(words=True)
        if token.text == "KEEP" and follows.text == "(":
            self.take("(")
            inner = self._input_pattern(self.lexer.next(words=True), True)
            self.take(")")
            return inner
        flags: tuple[tuple[bool, int], ...] = ()
        if token.text == "INPUT_SECTION_FLAGS":
            flags, token = self._flags(), self.lexer.next(words=True)
        exclude: tuple[str, ...] = ()
        if token.text == "EXCLUDE_FILE":
            exclude, token = tuple(self._files()), self.lexer.next(words=True)
        sort_files = False
        file = token.text
        if token.text in ("SORT", "SORT_BY_NAME", "SORT_NONE") and self.lexer.peek(words=True).text == "(":
            self.take("(")
            inner_token = self.lexer.next(words=True)
            sort_files = token.text != "SORT_NONE"
            if inner_token.text == "EXCLUDE_FILE":
                exclude, inner_token = tuple(self._files()), self.lexer.next(words=True)
            file = inner_token.text
            self.take(")")
            if file == "CONSTRUCTORS":
                self.script.notes.append(("CONSTRUCTORS has no effect on ELF", self.span(token.at)))
                return None
        elif token.kind == "mark":
            self.unexpected(token, "a file and sections, as in `*(.text)`")
        if self.lexer.peek(words=True).text == ":":
            self.take(":")
            file += ":"
        sections: list[SectionPattern] = []
        if self.takes("("):
            self._section_list(sections)
        return InputPattern(self.span(token.at), file, tuple(sections), exclude, keep, sort_files, flags)

    def _section_list(self, sections: list[SectionPattern]) -> None:
        while not self.takes(")"):
            token = self.lexer.next(words=True)
            if token.kind == "mark" and token.text == ",":
                continue
            self._section_pattern(token, (), sections)

    def _section_pattern(self, token: Token, sorts: tuple[Sort, ...], sections: list[SectionPattern]) -> None:
        exclude: tuple[str, ...] = ()
        if token.text == "EXCLUDE_FILE":
            exclude, token = tuple(self._files()), self.lexer.next(words=True)
        if token.text in SORTS and self.lexer.peek(words=True).text == "(":
            if len(sorts) > 1:
                self.fail("an order inside of an order inside of an order", token)
            self.take("(")
            while not self.takes(")"):
                inner = self.lexer.next(words=True)
                if inner.text != ",":
                    self._section_pattern(inner, (*sorts, SORTS[token.text]), sections)
            return
        if token.kind not in ("name", "string"):
            self.unexpected(token, "a pattern of section names")
        sort = sorts[0] if sorts else Sort.NONE
        if len(sorts) == 2:
            known = NESTED_SORTS.get((sorts[0], sorts[1]))
            if known is None:
                self.fail("these two orders cannot be combined", token)
            sort = known
        sections.append(SectionPattern(token.text, exclude, sort))

    def _files(self) -> list[str]:
        self.take("(")
        files = []
        while not self.takes(")"):
            files.append(self.word("a pattern of file names"))
            self.takes(",")
        return files

    def _flags(self) -> tuple[tuple[bool, int], ...]:
        self.take("(")
        found: list[tuple[bool, int]] = []
        wanted = True
        while not self.takes(")"):
            token = self.lexer.next(words=True)
            if token.text == "!":
                wanted = False
            elif token.text in SECTION_FLAGS:
                found.append((wanted, SECTION_FLAGS[token.text]))
                wanted = True
            elif token.text != "&":
                self.unexpected(token, "a section flag such as SHF_ALLOC")
        return tuple(found)
