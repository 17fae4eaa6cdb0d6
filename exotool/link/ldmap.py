"""The map of `exotool ld -Map`, in the form of GNU ld, which makefiles and tools read.

Its order and its columns are those of ld's `ldlang.c`; what script statements say is written as ld prints its trees.
"""

from __future__ import annotations

import operator
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Final

from exotool.elf import ObjectFile
from exotool.elf.columns import symbol_table
from exotool.elf.constants import EM_386, PT_TLS, SHN_ABS, SHN_UNDEF, STB_LOCAL, STT_TLS
from exotool.link.inputs import LeftOut
from exotool.link.linker import LinkedImage
from exotool.link.load import Loaded
from exotool.link.model import ADDRESS_MASK, InputSection
from exotool.link.resolve import COMMON_SECTION
from exotool.link.script.layouter import ScriptLayouter
from exotool.link.script.lexer import DISCARD
from exotool.link.script.runs import Run
from exotool.link.script.state import ALLOC, CODE, DATA, LOAD, READONLY, Output, Placed, RegionState
from exotool.link.script.tree import (
    Ascii,
    Assertion,
    Assignment,
    Binary,
    Call,
    Conditional,
    Content,
    Data,
    Expression,
    Fill,
    InputPattern,
    Name,
    Number,
    Sort,
    Unary,
)

_NAME_WIDTH: Final = 16
_UNARY: Final[dict[str, Callable[[int], int]]] = {"-": operator.neg, "~": operator.invert, "!": operator.not_}
_BINARY: Final[dict[str, Callable[[int, int], int]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
}
_DATA_WORDS: Final = {1: "BYTE", 2: "SHORT", 4: "LONG", 8: "QUAD"}
_SORTS: Final = {
    Sort.NAME: "SORT_BY_NAME({})",
    Sort.ALIGNMENT: "SORT_BY_ALIGNMENT({})",
    Sort.INIT_PRIORITY: "SORT_BY_INIT_PRIORITY({})",
    Sort.NAME_ALIGNMENT: "SORT_BY_NAME(SORT_BY_ALIGNMENT({}))",
    Sort.ALIGNMENT_NAME: "SORT_BY_ALIGNMENT(SORT_BY_NAME({}))",
    Sort.KEEP_ORDER: "SORT_NONE({})",
}


def ld_map(image: LinkedImage, layouter: ScriptLayouter, loaded: Loaded, output: str, *, script_first: bool) -> str:
    """Return the map of an image that was laid out by a script; `output` is the name of its file.

    `script_first` tells whether a script stands before the inputs, as a named one does and the default one does not.
    """
    names = _Names(image, loaded.objects)
    files = [f"LOAD {path}" for path in loaded.paths if not path.endswith(")")]
    target = "elf32-i386" if layouter.options.machine == EM_386 else "elf64-x86-64"
    statements = _Statements(layouter, names)
    steps = list(layouter.printed_steps())
    # What no script statement made comes behind all that one did.
    written = [number for number, s in enumerate(steps, 1) if not (isinstance(s, Output) and s.statement.is_orphan)]
    scripted = written[-1] if written else 0
    lines = [
        *_members(loaded),
        *_commons(layouter, names),
        *_discarded(image.inputs.discarded, loaded.objects),
        *_regions(layouter.regions),
        *("", "Linker script and memory map", ""),
        *([] if script_first else files),
        *statements.lines(steps[:scripted]),
        *(files if script_first else []),
        f"OUTPUT({output} {target})",
        *statements.lines(steps[scripted:]),
    ]
    return "\n".join(lines) + "\n"


def _members(loaded: Loaded) -> Iterator[str]:
    """Yield why members of archives are there."""
    if loaded.reasons:
        yield from ("Archive member included to satisfy reference by file (symbol)", "")
    for member, (asker, symbol) in loaded.reasons.items():
        yield from _columns(member, f"{asker} ({symbol})" if asker else f"({symbol})", 30)


def _commons(layouter: ScriptLayouter, names: _Names) -> Iterator[str]:
    found = [s for o in layouter.outputs for s in o.inputs if s.index < 0 and s.name == COMMON_SECTION]
    if found:
        yield from ("", "Allocating common symbols", "Common symbol       size              file", "")
    for section in found:
        yield from _columns(names.first_in(section), f"{section.size:<#18x}{section.obj.path}", 20)


def _discarded(sections: Sequence[LeftOut], objects: Sequence[ObjectFile]) -> Iterator[str]:
    """Yield the sections that are not in the image, object by object."""
    order = {id(obj): number for number, obj in enumerate(objects)}
    if sections:
        yield from ("", "Discarded input sections", "")
    for section in sorted(sections, key=lambda s: (order[id(s.obj)], s.number)):
        yield from _columns(f" {section.name}", f"{_address(0)} {section.size:#10x} {section.obj.path}")


def _regions(regions: Sequence[RegionState]) -> Iterator[str]:
    yield from ("", "Memory Configuration", "", "Name             Origin             Length             Attributes")
    for region in [*regions[1:], *regions[:1]]:
        letters = _letters(region.flags) + (f"!{_letters(region.not_flags)}" if region.not_flags else "")
        start = f"{region.name:<16} {_address(region.origin)} {_address(region.length)}"
        yield f"{start} {letters}" if letters else start


def _letters(flags: int) -> str:
    known = ((ALLOC, "a"), (CODE, "x"), (READONLY, "r"), (DATA, "w"), (LOAD, "l"))
    return "".join(letter for bit, letter in known if flags & bit)


def _columns(name: str, rest: str, width: int = _NAME_WIDTH) -> Iterator[str]:
    """Yield a name and what is told of it, on a line of its own where the name is too long for its column."""
    if len(name) >= width - 1:
        yield name
        name = ""
    yield f"{name:<{width}}{rest}"


def _address(value: int) -> str:
    return f"{value & ADDRESS_MASK:#018x}"


class _Names:
    """The symbols of objects by section and address, for the lines below the input section that each is in."""

    def __init__(self, image: LinkedImage, objects: Iterable[ObjectFile]) -> None:
        defined: set[str] = set()
        for obj in objects:
            table = symbol_table(obj)
            has_place = (table.section[table.globals] != SHN_UNDEF).tolist()
            defined.update(compress(table.global_names(), has_place))
        threads = next((h.p_vaddr for h in image.program_headers if h.p_type == PT_TLS), 0)
        self._rows = sorted(
            (s.shndx, s.st_value + (threads if s.type == STT_TLS else 0), number, s.name)
            for number, s in enumerate(image.symbols)
            if (s.bind != STB_LOCAL or s.visibility) and s.name in defined and s.shndx not in (SHN_UNDEF, SHN_ABS)
        )

    def inside(self, section: InputSection) -> Iterator[tuple[int, str]]:
        """Yield address and name of the symbols in an input section."""
        number = section.output.index if section.output is not None else 0
        stop = section.address + section.size
        for at in range(bisect_left(self._rows, (number, section.address, -1, "")), len(self._rows)):
            shndx, address, _, name = self._rows[at]
            if shndx != number or address >= stop:
                return
            yield address, name

    def first_in(self, section: InputSection) -> str:
        """Return the name of the symbol that a section was made for."""
        return next((name for _, name in self.inside(section)), "")


class _Statements:
    """Writes the statements of a script with what became of them."""

    def __init__(self, layouter: ScriptLayouter, names: _Names) -> None:
        self.layouter, self.names = layouter, names

    def lines(self, steps: Iterable[Output | Assignment | Assertion]) -> Iterator[str]:
        """Yield the lines of some statements."""
        for step in steps:
            if isinstance(step, Output):
                yield from self.output(step)
            else:
                yield self.assignment(step, self.layouter.results.get(id(step)))

    def output(self, output: Output) -> Iterator[str]:
        """Yield the lines of an output section, with a blank one before."""
        yield ""
        if not output.exists or output.is_excluded or output.name == DISCARD:
            yield output.name
        else:
            load = f" load address {_address(output.lma)}" if output.lma != output.vma and output.is_alloc else ""
            yield from _columns(output.name, f"{_address(output.vma)} {output.size:#10x}{load}")
        yield from self.contents(output)

    def contents(self, output: Output) -> Iterator[str]:
        """Yield the lines of what stands in an output section: a pattern before the sections that it took."""
        if not output.placed:
            yield from (f" {_pattern(item)}" for item in output.statement.contents if isinstance(item, InputPattern))
            return
        written = {id(item.span): item for item in output.statement.contents if isinstance(item, Assignment)}
        placed = deque(output.placed)
        took: list[str] = []
        for child in output.children:
            if isinstance(child, list):
                took += self.inputs(output, child, None if output.is_ignored else placed.popleft())
                continue
            if isinstance(child, InputPattern):
                yield f" {_pattern(child)}"
            yield from took
            took = []
            yield from self.content(output, child, placed.popleft(), written)
            if placed and placed[0].item is None:
                yield _gap(output, placed.popleft())
        yield from took

    def content(
        self, output: Output, child: Content, placed: Placed, written: Mapping[int, Assignment]
    ) -> Iterator[str]:
        """Yield the line of anything but input sections."""
        result, at = self.layouter.results.get(id(child)), output.vma + placed.at
        if isinstance(child, Assignment):
            yield self.assignment(child, result)
        elif isinstance(child, Assertion):
            # A PROVIDE for which nobody asks is an assertion that always holds, at the same place.
            yield self.assignment(written.get(id(child.span), child), result if id(child.span) not in written else None)
        elif isinstance(child, Fill):
            yield f" FILL mask 0x{placed.fill.hex()}"
        elif isinstance(child, Data):
            folded = _folded(child.value)
            text = "" if isinstance(folded, Number) else f" {_text(folded)}"
            word = _DATA_WORDS[child.size]
            yield f"{'':16}{_address(at)} {child.size:#10x} {word} {result or 0:#x}{text}"
        elif isinstance(child, Ascii):
            yield f"{'':16}{_address(at)} {len(child.data):#10x} ASCII"

    def inputs(self, output: Output, sections: Sequence[InputSection], placed: Placed | None) -> Iterator[str]:
        """Yield input sections, with the gaps between them and the symbols in them."""
        gaps = dict(placed.item.gaps) if placed is not None and isinstance(placed.item, Run) else {}
        ends = {at + size: (at, size) for at, size in gaps.items()}
        for section in sections:
            gap = ends.pop(section.offset, None)
            if gap is not None and placed is not None:
                yield _gap(output, Placed(None, *gap, placed.fill))
            about = f"{_address(section.address)} {section.size:#10x} {section.obj.path}"
            yield from _columns(f" {section.name}", about)
            yield from (f"{'':16}{_address(at)}{'':16}{name}" for at, name in self.names.inside(section))

    def assignment(self, item: Assignment | Assertion, result: int | None) -> str:
        """Return the line of an assignment or assertion; `result` is None where it was not carried out."""
        if isinstance(item, Assertion):
            text = f"ASSERT ({_text(_folded(item.condition))}, {item.message})"
        else:
            text = f"{item.name} = {_text(_folded(item.value))}"
            text = f"PROVIDE ({text})" if item.visibility.is_provide else text
        if result is not None:
            return f"{'':16}{_address(result)}{'':16}{text}"
        is_provide = isinstance(item, Assignment) and item.visibility.is_provide
        return f"{'':16}{'[!provide]' if is_provide else '*undef*':<18}{'':16}{text}"


def _gap(output: Output, placed: Placed) -> str:
    return f" *fill*         {_address(output.vma + placed.at)} {placed.size:#10x} {placed.fill.hex()}"


def _pattern(pattern: InputPattern) -> str:
    """Return a pattern as ld prints it, which does not say KEEP."""
    file = f"SORT_BY_NAME({pattern.file})" if pattern.sort_files else pattern.file
    excluded = (_excluding(spec.exclude) for spec in pattern.sections)
    names = (_SORTS.get(spec.sort, "{}").format(spec.name) for spec in pattern.sections)
    sections = " ".join(map("".join, zip(excluded, names, strict=True)))
    return f"{_excluding(pattern.exclude)}{file}({sections})"


def _excluding(files: Sequence[str]) -> str:
    return f"EXCLUDE_FILE({' '.join(reversed(files))}) " if files else ""


def _folded(expression: Expression) -> Expression:
    """Return an expression with all that has only numbers as one, as ld keeps it."""
    if isinstance(expression, Unary):
        operand = _folded(expression.operand)
        if isinstance(operand, Number) and expression.operator in _UNARY:
            return Number(expression.span, _UNARY[expression.operator](operand.value) & ADDRESS_MASK)
        return expression._replace(operand=operand)
    if isinstance(expression, Binary):
        left, right = _folded(expression.left), _folded(expression.right)
        if isinstance(left, Number) and isinstance(right, Number) and expression.operator in _BINARY:
            return Number(expression.span, _BINARY[expression.operator](left.value, right.value) & ADDRESS_MASK)
        return expression._replace(left=left, right=right)
    if isinstance(expression, Conditional):
        parts = (_folded(part) for part in (expression.condition, expression.yes, expression.no))
        return Conditional(expression.span, *parts)
    if isinstance(expression, Call):
        return expression._replace(arguments=tuple(map(_folded, expression.arguments)))
    return expression


def _text(expression: Expression) -> str:
    """Return an expression as ld prints its trees."""
    if isinstance(expression, Number):
        return f"{expression.value:#x}"
    if isinstance(expression, Name):
        return expression.name
    if isinstance(expression, Unary):
        return f"{expression.operator} ({_text(expression.operand)})"
    if isinstance(expression, Binary):
        return f"({_text(expression.left)} {expression.operator} {_text(expression.right)})"
    if isinstance(expression, Conditional):
        return f"{_text(expression.condition)}?{_text(expression.yes)}:{_text(expression.no)}"
    word = f'"{expression.word}"' if expression.function == "SEGMENT_START" else expression.word
    inside = ", ".join([*([word] if word else []), *map(_text, expression.arguments)])
    return f"{expression.function} ({inside})" if inside else expression.function
