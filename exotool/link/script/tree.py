"""A GNU ld script as data: expressions, statements, output sections, memory regions and program headers.

`at` is the offset in the script's source where a node begins, for messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from exotool.diagnostics import Place
from exotool.link.script.lexer import Source


class Span(NamedTuple):
    """A range of a source, for messages."""

    source: Source
    at: int
    end: int

    @property
    def place(self) -> Place:
        """The range as file, line and columns."""
        return self.source.place(self.at, self.end)

    @property
    def text(self) -> str:
        """The text itself, blanks joined."""
        return " ".join(self.source.text[self.at : self.end].split())


# Expressions


class Number(NamedTuple):
    """A number; `digits` are those of one that was written `0x...`, for fills."""

    span: Span
    value: int
    digits: str = ""


class Name(NamedTuple):
    """A symbol, or `.`."""

    span: Span
    name: str


class Unary(NamedTuple):
    """`-x`, `~x`, `!x`, `+x`."""

    span: Span
    operator: str
    operand: Expression


class Binary(NamedTuple):
    """`x + y` and all other operators with two sides."""

    span: Span
    operator: str
    left: Expression
    right: Expression


class Conditional(NamedTuple):
    """`condition ? yes : no`."""

    span: Span
    condition: Expression
    yes: Expression
    no: Expression


class Call(NamedTuple):
    """A built-in function: `word` is what stands in place of a section, symbol, region, segment or constant name."""

    span: Span
    function: str
    word: str = ""
    arguments: tuple[Expression, ...] = ()


Expression = Number | Name | Unary | Binary | Conditional | Call


# Statements


class Visibility(Enum):
    """How a symbol assignment was written."""

    PLAIN = "plain"
    HIDDEN = "HIDDEN"
    PROVIDE = "PROVIDE"
    PROVIDE_HIDDEN = "PROVIDE_HIDDEN"

    @property
    def is_provide(self) -> bool:
        """Tell whether the symbol is defined only when it is needed."""
        return self in (Visibility.PROVIDE, Visibility.PROVIDE_HIDDEN)

    @property
    def is_hidden(self) -> bool:
        """Tell whether the symbol is local to the image."""
        return self in (Visibility.HIDDEN, Visibility.PROVIDE_HIDDEN)


class Assignment(NamedTuple):
    """`name = value`; of `name += x` the value is `name + x`."""

    span: Span
    name: str
    value: Expression
    visibility: Visibility = Visibility.PLAIN


class Assertion(NamedTuple):
    """`ASSERT(condition, message)`."""

    span: Span
    condition: Expression
    message: str


class Sort(Enum):
    """An order of input sections."""

    NONE = "none"
    NAME = "name"
    ALIGNMENT = "alignment"
    INIT_PRIORITY = "init priority"
    NAME_ALIGNMENT = "name, then alignment"
    ALIGNMENT_NAME = "alignment, then name"
    KEEP_ORDER = "SORT_NONE"


class SectionPattern(NamedTuple):
    """One pattern of section names, with the files in which it does not hold."""

    name: str
    exclude: tuple[str, ...] = ()
    sort: Sort = Sort.NONE


class InputPattern(NamedTuple):
    """`file(sections)`: `file` is a pattern, `archive:member` for members of archives; without `sections`, all."""

    span: Span
    file: str
    sections: tuple[SectionPattern, ...]
    exclude: tuple[str, ...] = ()
    keep: bool = False
    sort_files: bool = False
    flags: tuple[tuple[bool, int], ...] = ()
    """INPUT_SECTION_FLAGS: whether each flag must be set or must not be."""


class Data(NamedTuple):
    """`BYTE(x)` to `SQUAD(x)`: `size` bytes."""

    span: Span
    size: int
    value: Expression


class Ascii(NamedTuple):
    """`ASCIZ "text"`: bytes as they stand."""

    span: Span
    data: bytes


class Fill(NamedTuple):
    """`FILL(x)`: what gaps behind it hold."""

    span: Span
    value: Expression


Content = Assignment | Assertion | InputPattern | Data | Ascii | Fill


class Kind(Enum):
    """The type that an output section is given in parentheses."""

    NORMAL = ""
    NOLOAD = "NOLOAD"
    NOT_ALLOCATED = "INFO"
    OVERLAY = "OVERLAY"
    READONLY = "READONLY"


@dataclass(slots=True, eq=False)
class OutputStatement:
    """One output section of a script."""

    span: Span
    name: str
    contents: list[Content] = field(default_factory=list)
    address: Expression | None = None
    kind: Kind = Kind.NORMAL
    sh_type: int | None = None
    load_address: Expression | None = None
    align: Expression | None = None
    align_with_input: bool = False
    subalign: Expression | None = None
    only_if: str = ""
    """ONLY_IF_RO or ONLY_IF_RW."""
    region: str = ""
    load_region: str = ""
    segments: tuple[str, ...] = ()
    fill: Expression | None = None
    block: Expression | None = None
    is_orphan: bool = False
    is_overlay_first: bool = False
    dot_after: Expression | None = None
    """Where an OVERLAY goes on behind its last section."""


class SetAddress(NamedTuple):
    """`--section-start` and its kin, which come before every other statement."""

    span: Span
    section: str
    value: Expression
    segment: str = ""


class Insert(NamedTuple):
    """`INSERT AFTER|BEFORE section`: moves the statements of its script there."""

    span: Span
    section: str
    after: bool
    moved: int
    """So many statements before it are moved."""


Statement = Assignment | Assertion | OutputStatement | Insert | SetAddress


class Region(NamedTuple):
    """A region of MEMORY; `flags` and `not_flags` are sets of `rwxali` letters."""

    span: Span
    name: str
    origin: Expression
    length: Expression
    flags: str = ""
    not_flags: str = ""


class Phdr(NamedTuple):
    """An entry of PHDRS."""

    span: Span
    name: str
    p_type: Expression
    filehdr: bool = False
    phdrs: bool = False
    at: Expression | None = None
    flags: Expression | None = None


class InputName(NamedTuple):
    """A file of INPUT or GROUP; `group` is above 0 and the same for those of one GROUP."""

    span: Span
    name: str
    group: int = 0
    as_needed: bool = False


class Crossing(NamedTuple):
    """Output sections that must not refer to each other, or with `to_first` not to the first (NOCROSSREFS_TO)."""

    span: Span
    sections: tuple[str, ...]
    to_first: bool = False


@dataclass(slots=True)
class Script:
    """All that the scripts and options of a link say about the layout."""

    statements: list[Statement] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    phdrs: list[Phdr] = field(default_factory=list)
    has_phdrs: bool = False
    has_sections: bool = False
    entry: str | None = None
    output: str | None = None
    output_format: str | None = None
    output_arch: str | None = None
    search_dirs: list[str] = field(default_factory=list)
    inputs: list[InputName] = field(default_factory=list)
    extern: list[str] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)
    notes: list[tuple[str, Span]] = field(default_factory=list)
    """What was read and has no effect on a static image."""
    asserts: list[Assertion] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """The scripts that were read, as they were named."""


def assignments(script: Script) -> Iterator[Assignment]:
    """Yield all symbol assignments of a script in their order, without those to `.`."""
    for statement in script.statements:
        inner = statement.contents if isinstance(statement, OutputStatement) else [statement]
        for item in inner:
            if isinstance(item, Assignment) and item.name != ".":
                yield item


def names_in(expression: Expression) -> Iterator[str]:
    """Yield the symbols that an expression refers to, without `.`."""
    return (part.name for part in parts_of(expression) if isinstance(part, Name) and part.name != ".")


def parts_of(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and all expressions in it."""
    yield expression
    parts: tuple[Expression, ...] = ()
    if isinstance(expression, Unary):
        parts = (expression.operand,)
    elif isinstance(expression, Binary):
        parts = (expression.left, expression.right)
    elif isinstance(expression, Conditional):
        parts = (expression.condition, expression.yes, expression.no)
    elif isinstance(expression, Call):
        parts = expression.arguments
    for part in parts:
        yield from parts_of(part)
