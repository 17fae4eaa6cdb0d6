"""Names -> definitions: which of the symbols of a name, in all objects, every reference means (gABI, "Symbol Table").

Strong before common before weak, the first of equals; a common symbol gets memory of its own, as large as the largest.
All symbols of all objects have a number; `Symbols.entity` says which symbol, or which definition of the linker's own,
each of them stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from exotool.diagnostics import Collector, Diagnostic
from exotool.elf import ObjectFile, Symbol
from exotool.elf.columns import Ints, Names, joined_symbols, symbol_table
from exotool.elf.constants import (
    SHF_ALLOC,
    SHF_TLS,
    SHF_WRITE,
    SHN_ABS,
    SHN_COMMON,
    SHN_UNDEF,
    SHT_NOBITS,
    STB_LOCAL,
    STB_WEAK,
    STT_TLS,
    STV_DEFAULT,
)
from exotool.layout import OutputSection, Segment
from exotool.link.explain import Explainer
from exotool.link.inputs import Inputs
from exotool.link.model import Boundary, Definition, InputSection, OutputPlan, SegmentPlan
from exotool.link.symbols import LEFT_OUT, NAMELESS, NO_SECTION, Symbols

COMMON_SECTION: Final = "COMMON"
"""Name that layouts give to the memory of common symbols, as GNU ld scripts do."""

GOT_SYMBOL: Final = "_GLOBAL_OFFSET_TABLE_"

_RESERVED: Final = 0x100
"""So many section indices from the end on are reserved (SHN_LORESERVE)."""

_LEAST_STRICT: Final = 4
"""Above all STV_*, of which the lower is the stricter."""

MAX_COMMON_ALIGN: Final = 1 << 32

Asks = Callable[[str], bool]
Assign = Callable[[Asks, Asks], Iterable[Definition]]
"""Returns the symbols that a script defines, which stand before those of objects: it asks whether objects define a
name, and whether they refer to it."""


def resolve(
    inputs: Inputs,
    segments: list[SegmentPlan],
    explain: Explainer,
    errors: Collector,
    assign: Assign | None = None,
    *,
    names: Names | None = None,
    allow_multiple: bool = False,
    wrap: Collection[str] = (),
) -> tuple[Symbols, list[InputSection]]:
    """Return the symbols, and the sections made for common ones.

    With `allow_multiple` the first of several definitions counts. For a name in `wrap`, undefined references to it mean
    `__wrap_` and the name, and those to `__real_` and the name mean it (GNU ld --wrap). `names` are numbers that names
    have already. Errors: L0101 defined twice, L0103 a common symbol of impossible size.
    """
    symbols = _columns(inputs, names if names is not None else Names())
    rows = _Globals(symbols)
    symbols.is_wanted[symbols.name[rows.wanted]] = True
    for definition in _boundaries(segments):
        symbols.define(definition)
    for name, numbers in rows.define(allow_multiple=allow_multiple).items():
        found = [symbols.definition(number) for number in numbers]
        errors.add(explain.duplicate(name, [definition for definition in found if definition is not None]))
    commons = rows.commons()
    if assign is not None:
        weakly = set(rows.weakly_wanted())
        _assign(symbols, assign, commons, weakly)
    made = []
    for name, common in commons.items():
        known = symbols.globals.get(name)
        if known is None or _is_weak(known):
            section = common.allocate(symbols, errors)
            made += [section] if section is not None else []
    for name, symbol in rows.weakly_wanted().items():
        if name not in symbols.globals and not symbols.wants(name):
            symbols.define(Definition(name, symbol=symbol, is_weak_undefined=True))
    rows.refer(wrap)
    return symbols, made


def _assign(symbols: Symbols, assign: Assign, commons: Collection[str], weakly: Collection[str]) -> None:
    known = symbols.globals
    for definition in assign(
        lambda name: name in known or name in commons, lambda name: symbols.wants(name) or name in weakly
    ):
        symbols.define(definition)


def _columns(inputs: Inputs, names: Names) -> Symbols:
    """Return all symbols as columns; nothing is known yet of what they mean."""
    sections = inputs.all()
    for number, section in enumerate(sections):
        section.number = number
    tables = [symbol_table(obj) for obj in inputs.objects]
    counts = np.array([len(table) for table in tables], np.int64)
    raw = joined_symbols(tables)
    index = np.concatenate([table.section for table in tables] or [np.empty(0, np.int64)])
    homes = _Homes(inputs)
    place = homes.places(index, counts)
    bind = (raw["st_info"] >> 4).astype(np.uint8)
    name = np.full(len(raw), NAMELESS, np.int32)
    name[bind != STB_LOCAL] = np.concatenate([names.of(table) for table in tables] or [np.empty(0, np.int64)])
    symbols = Symbols(
        names=names,
        tables=tables,
        objects=list(inputs.objects),
        sections=sections,
        base=(np.cumsum(counts) - counts).tolist(),
        section=homes.live(sections)[place],
        value=raw["st_value"].astype(np.uint64),
        size=raw["st_size"].astype(np.uint64),
        twin=homes.twins()[place],
        type=(raw["st_info"] & 15).astype(np.uint8),
        bind=bind,
        index=index.astype(np.int32),
        visible=(raw["st_other"] & 3).astype(np.uint8),
        name=name,
    )
    empty = names.get("")
    if empty is not None:
        symbols.name[symbols.name == empty] = NAMELESS
    return symbols


class _Homes:
    """The section indices of all objects, one object behind the other.

    Reserved indices are negative and small, and count from the end of an object: room is left for them there.
    """

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        rooms = np.array([len(table) + _RESERVED for table in inputs.tables], np.int64)
        self.end = np.cumsum(rooms)
        self.first = self.end - rooms

    def places(self, index: Ints, counts: Ints) -> Ints:
        """Return the places of the sections of all symbols, of which each object has so many."""
        places: Ints = np.repeat(self.first, counts) + index
        reserved = np.flatnonzero(index < 0)
        places[reserved] = np.repeat(self.end, counts)[reserved] + index[reserved]
        return places

    def live(self, sections: Sequence[InputSection]) -> Ints:
        """Return the number of the live section at each place, or what stands for none."""
        found = np.full(self.end[-1] if len(self.end) else 0, LEFT_OUT, np.int32)
        for base, reserved in ((self.first, SHN_UNDEF), (self.end, SHN_ABS), (self.end, SHN_COMMON)):
            found[base + reserved] = NO_SECTION
        indices = np.array([section.index for section in sections], np.int64)
        found[np.repeat(self.first, [len(live) for live in self.inputs.live]) + indices] = np.arange(len(sections))
        return found

    def twins(self) -> Ints:
        """Return the number of the kept section that stands for the one at each place, or NO_SECTION."""
        found = np.full(self.end[-1] if len(self.end) else 0, NO_SECTION, np.int32)
        for first, twins in zip(self.first.tolist(), self.inputs.kept_twin, strict=True):
            for index, section in twins.items():
                found[first + index] = section.number
        return found


class _Globals:
    """The symbols that other objects see, as rows: their numbers, and what objects say of them."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols
        self.numbers: Ints = np.flatnonzero(symbols.name != NAMELESS)
        section, bind = symbols.index[self.numbers], symbols.bind[self.numbers]
        visibility = symbols.visible[self.numbers]
        is_undefined, is_weak = section == SHN_UNDEF, bind == STB_WEAK
        is_common = section == SHN_COMMON
        self.wanted = self.numbers[(is_undefined & ~is_weak) | is_common]
        self.common = self.numbers[is_common]
        self.undefined = self.numbers[is_undefined]
        self.weakly = self.numbers[is_undefined & is_weak]
        has_place = (symbols.section[self.numbers] >= 0) | (section == SHN_ABS)
        self.strong = self.numbers[has_place & ~is_weak]
        self.weak = self.numbers[has_place & is_weak]
        strict = visibility != STV_DEFAULT
        least = np.full(len(symbols.names), _LEAST_STRICT, np.int8)
        np.minimum.at(least, symbols.name[self.numbers[strict]], visibility[strict].astype(np.int8))
        symbols.visibility = np.where(least == _LEAST_STRICT, STV_DEFAULT, least)

    def define(self, *, allow_multiple: bool) -> dict[str, list[int]]:
        """Let names stand for the first strong definition, else the first weak one; return those with several."""
        symbols = self.symbols
        meaning, is_ours = symbols.meaning, symbols.meaning >= 0
        before = meaning.copy()
        for rows in (self.weak[::-1], self.strong[::-1]):
            # Of several values for one place the last stays.
            meaning[symbols.name[rows]] = rows
        meaning[is_ours] = before[is_ours]
        several: dict[str, list[int]] = {}
        if not allow_multiple:
            for number in self.strong[meaning[symbols.name[self.strong]] != self.strong].tolist():
                first = int(meaning[symbols.name[number]])
                several.setdefault(symbols.text(number), [first]).append(number)
        return several

    def commons(self) -> dict[str, _Common]:
        """Return the common symbols by name, each with the largest size and alignment of all objects."""
        found: dict[str, _Common] = {}
        for number in self.common.tolist():
            obj, symbol = self._symbol(number)
            found.setdefault(symbol.name, _Common(obj, symbol)).merge(symbol)
        return found

    def weakly_wanted(self) -> dict[str, Symbol]:
        """Return the names that objects refer to weakly, each with the first symbol that does."""
        _, first = np.unique(self.symbols.name[self.weakly], return_index=True)
        found = (self._symbol(number)[1] for number in self.weakly[np.sort(first)].tolist())
        return {symbol.name: symbol for symbol in found}

    def _symbol(self, number: int) -> tuple[ObjectFile, Symbol]:
        at, index = self.symbols.owner(number)
        return self.symbols.objects[at], self.symbols.tables[at].symbol(index)

    def refer(self, wrap: Collection[str]) -> None:
        """Let symbols stand for what their names mean; with --wrap, references to an object's own definition stay."""
        symbols = self.symbols
        symbols.entity[self.numbers] = symbols.meaning[symbols.name[self.numbers]]
        renamed = {name: f"__wrap_{name}" for name in wrap} | {f"__real_{name}": name for name in wrap}
        for before, after in renamed.items():
            number = symbols.names.get(before)
            if number is not None:
                symbols.entity[self.undefined[symbols.name[self.undefined] == number]] = symbols.meaning_of(after)


def add_section_bounds(symbols: Symbols, outputs: list[OutputPlan]) -> None:
    """Define `__start_NAME` and `__stop_NAME` of sections whose name is a C identifier, where objects ask for them."""
    for output in outputs:
        if output.name.isidentifier() and output.name.isascii():
            for prefix, at_end in (("__start_", False), ("__stop_", True)):
                name = prefix + output.name
                if symbols.lacks(name):
                    symbols.define(Definition(name, boundary=Boundary(output, at_end)))


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
        is_tls = self.symbol.type == STT_TLS
        flags = SHF_ALLOC | SHF_WRITE | SHF_TLS * is_tls
        section = InputSection(
            self.obj, -1, ".tcommon" if is_tls else COMMON_SECTION, SHT_NOBITS, flags, self.align, self.size
        )
        symbols.add_section(section)
        symbols.define(Definition(name, 0, section, self.obj, self.symbol))
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
