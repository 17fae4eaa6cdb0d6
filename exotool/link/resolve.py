"""Names -> definitions: which of the symbols of a name, in all objects, every reference means (gABI, "Symbol Table").

Strong before common before weak, the first of equals; a common symbol gets memory of its own, as large as the largest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from exotool.diagnostics import Collector, Diagnostic
from exotool.elf import ObjectFile, Symbol
from exotool.elf.constants import (
    SHF_ALLOC,
    SHF_WRITE,
    SHN_ABS,
    SHN_COMMON,
    SHN_UNDEF,
    SHT_NOBITS,
    STB_WEAK,
    STT_GNU_IFUNC,
    STV_DEFAULT,
)
from exotool.link.explain import Explainer
from exotool.link.inputs import Inputs
from exotool.link.model import Boundary, Definition, InputSection, OutputPlan, SegmentPlan
from exotool.project import OutputSection, Segment

COMMON_SECTION: Final = "COMMON"
"""Name that layouts give to the memory of common symbols, as GNU ld scripts do."""

MAX_COMMON_ALIGN: Final = 1 << 32


@dataclass(slots=True)
class Symbols:
    """`globals` by name; `of_object[i][k]` is what symbol k of object i stands for, None when nothing defines it."""

    globals: dict[str, Definition] = field(default_factory=dict)
    visibility: dict[str, int] = field(default_factory=dict)
    of_object: list[list[Definition | None]] = field(default_factory=list)


Assign = Callable[[Mapping[str, Definition], Collection[str]], Iterable[Definition]]
"""Returns the symbols that a script defines, which stand before those of objects: from the names that objects define
and those that they refer to."""


def resolve(
    inputs: Inputs, segments: list[SegmentPlan], explain: Explainer, errors: Collector, assign: Assign | None = None
) -> tuple[Symbols, list[InputSection]]:
    """Return the symbols, and the sections made for common ones.

    Errors: L0101 defined twice, L0102 an indirect function (IFUNC), L0103 a common symbol of impossible size.
    """
    symbols = Symbols()
    commons: dict[str, _Common] = {}
    duplicates: dict[str, list[Definition]] = {}
    for definition in _boundaries(segments):
        _define(symbols, definition, duplicates)
    for number, obj in enumerate(inputs.objects):
        for symbol in obj.symbols:
            if not symbol.is_global or not symbol.name:
                continue
            _merge_visibility(symbols, symbol)
            if symbol.section == SHN_COMMON:
                commons.setdefault(symbol.name, _Common(obj, symbol)).merge(symbol)
            elif symbol.is_defined:
                definition = _definition(inputs, number, obj, symbol)
                if not definition.is_discarded:
                    _define(symbols, definition, duplicates)
    for name, definitions in duplicates.items():
        errors.add(explain.duplicate(name, definitions))
    if assign is not None:
        known = symbols.globals | {name: Definition(name) for name in commons if name not in symbols.globals}
        wanted = {s.name: None for obj in inputs.objects for s in obj.symbols if s.is_global and not s.is_defined}
        for definition in assign(known, wanted):
            symbols.globals[definition.name] = definition
    made = [
        common.allocate(symbols, errors)
        for name, common in commons.items()
        if name not in symbols.globals or _is_weak(symbols.globals[name])
    ]
    _weak_undefined(inputs, symbols)
    for number, obj in enumerate(inputs.objects):
        symbols.of_object.append([_meaning(inputs, symbols, number, obj, symbol) for symbol in obj.symbols])
    for definition in symbols.globals.values():
        if definition.symbol is not None and definition.symbol.type == STT_GNU_IFUNC and definition.obj is not None:
            errors.add(
                Diagnostic(
                    "L0102",
                    f"`{definition.name}` is an indirect function (IFUNC), which needs a loader to choose its code",
                    explain.definition_place(definition),
                    help=("call the wanted function itself, or choose it at run time through a pointer",),
                )
            )
    return symbols, [section for section in made if section is not None]


def add_section_bounds(symbols: Symbols, inputs: Inputs, outputs: list[OutputPlan]) -> None:
    """Define `__start_NAME` and `__stop_NAME` of sections whose name is a C identifier, where objects ask for them."""
    bounds: dict[str, Definition] = {}
    for output in outputs:
        if output.name.isidentifier() and output.name.isascii():
            for prefix, at_end in (("__start_", False), ("__stop_", True)):
                bounds[prefix + output.name] = Definition(prefix + output.name, boundary=Boundary(output, at_end))
    if not bounds:
        return
    for number, obj in enumerate(inputs.objects):
        meanings = symbols.of_object[number]
        for index, symbol in enumerate(obj.symbols):
            found = bounds.get(symbol.name)
            meant = meanings[index]
            if found is not None and symbol.section == SHN_UNDEF and (meant is None or meant.is_weak_undefined):
                symbols.globals[symbol.name] = meanings[index] = found


class _Common:
    """A common symbol: the first of its name, with the largest size and alignment of all."""

    def __init__(self, obj: ObjectFile, symbol: Symbol) -> None:
        self.obj, self.symbol = obj, symbol
        self.size, self.align = 0, 1

    def merge(self, symbol: Symbol) -> None:
        self.size = max(self.size, symbol.st_size)
        self.align = max(self.align, symbol.st_value)

    def allocate(self, symbols: Symbols, errors: Collector) -> InputSection | None:
        name = self.symbol.name
        if self.align & (self.align - 1) or self.align > MAX_COMMON_ALIGN:
            message = f"common symbol `{name}` of `{self.obj.path}` has alignment {self.align}"
            errors.add(Diagnostic("L0103", message, help=("build the object again",)))
            return None
        section = InputSection(self.obj, -1, COMMON_SECTION, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, self.align, self.size)
        symbols.globals[name] = Definition(name, 0, section, self.obj, self.symbol)
        return section


def _boundaries(segments: list[SegmentPlan]) -> Iterator[Definition]:
    for segment in segments:
        yield from _bounds(segment.spec, segment)
        for output in segment.sections:
            if output.spec is not None:
                yield from _bounds(output.spec, output)


def _bounds(spec: Segment | OutputSection, of: SegmentPlan | OutputPlan) -> Iterator[Definition]:
    for name, at_end in ((spec.start, False), (spec.end, True)):
        if name:
            yield Definition(name, boundary=Boundary(of, at_end))


def _is_weak(definition: Definition) -> bool:
    return definition.symbol is not None and definition.symbol.bind == STB_WEAK


def _define(symbols: Symbols, new: Definition, duplicates: dict[str, list[Definition]]) -> None:
    old = symbols.globals.get(new.name)
    if old is None or (_is_weak(old) and not _is_weak(new)):
        symbols.globals[new.name] = new
    elif not _is_weak(old) and not _is_weak(new):
        duplicates.setdefault(new.name, [old]).append(new)


def _definition(inputs: Inputs, number: int, obj: ObjectFile, symbol: Symbol) -> Definition:
    if symbol.section == SHN_ABS:
        return Definition(symbol.name, symbol.st_value, None, obj, symbol)
    section = inputs.live[number].get(symbol.section)
    return Definition(symbol.name, symbol.st_value, section, obj, symbol, is_discarded=section is None)


def _merge_visibility(symbols: Symbols, symbol: Symbol) -> None:
    """Keep the most constraining visibility of all symbols of a name: internal, hidden, protected, default."""
    if symbol.visibility != STV_DEFAULT:
        known = symbols.visibility.get(symbol.name, symbol.visibility)
        symbols.visibility[symbol.name] = min(known, symbol.visibility)


def _weak_undefined(inputs: Inputs, symbols: Symbols) -> None:
    """Give value 0 to names that nothing defines and that only weak references ask for."""
    weak: dict[str, Symbol] = {}
    strong: set[str] = set()
    for obj in inputs.objects:
        for symbol in obj.symbols:
            if symbol.section == SHN_UNDEF and symbol.is_global:
                if symbol.bind == STB_WEAK:
                    weak.setdefault(symbol.name, symbol)
                else:
                    strong.add(symbol.name)
    for name, symbol in weak.items():
        if name not in strong and name not in symbols.globals:
            symbols.globals[name] = Definition(name, symbol=symbol, is_weak_undefined=True)


def _meaning(inputs: Inputs, symbols: Symbols, number: int, obj: ObjectFile, symbol: Symbol) -> Definition | None:
    if symbol.is_global and symbol.name:
        return symbols.globals.get(symbol.name)
    if symbol.section in (SHN_UNDEF, SHN_COMMON):
        # Only the null symbol and nameless ones come here; the psABI gives them value 0.
        return Definition("", 0, symbol=symbol)
    return _definition(inputs, number, obj, symbol)
