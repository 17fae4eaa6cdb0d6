"""Names -> definitions: which of the symbols of a name, in all objects, every reference means (gABI, "Symbol Table").

Strong before common before weak, the first of equals; a common symbol gets memory of its own, as large as the largest.
All symbols of all objects have a number; `Symbols.entity` says which symbol, or which definition of the linker's own,
each of them stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import compress
from typing import Final

import numpy as np

from exotool.diagnostics import Collector, Diagnostic
from exotool.elf import ObjectFile, Symbol
from exotool.elf.columns import Ints, SymbolTable, Words, symbol_table
from exotool.elf.constants import (
    SHF_ALLOC,
    SHF_TLS,
    SHF_WRITE,
    SHN_ABS,
    SHN_COMMON,
    SHN_UNDEF,
    SHT_NOBITS,
    STB_WEAK,
    STT_TLS,
    STV_DEFAULT,
)
from exotool.link.explain import Explainer
from exotool.link.inputs import Inputs
from exotool.link.model import ADDRESS_MASK, Boundary, Definition, InputSection, OutputPlan, SegmentPlan
from exotool.project import OutputSection, Segment

COMMON_SECTION: Final = "COMMON"
"""Name that layouts give to the memory of common symbols, as GNU ld scripts do."""

GOT_SYMBOL: Final = "_GLOBAL_OFFSET_TABLE_"

MAX_COMMON_ALIGN: Final = 1 << 32

UNDEFINED: Final = -1
"""The entity of a symbol that nothing defines."""

NO_SECTION: Final = -1
LEFT_OUT: Final = -2
"""In `Symbols.section`: an absolute value or a nameless undefined symbol; a symbol of a section that is left out."""

Assign = Callable[[Mapping[str, Definition], Collection[str]], Iterable[Definition]]
"""Returns the symbols that a script defines, which stand before those of objects: from the names that objects define
and those that they refer to."""


@dataclass(slots=True)
class Symbols:
    """All symbols of the link. Symbol k of object i has number `base[i]` + k.

    `globals` by name. By number: `entity` is the number of the symbol that is meant, or, from the count of symbols on,
    an index into `own` definitions, or UNDEFINED; `section` is the number of the live section that the symbol is in
    (or NO_SECTION or LEFT_OUT), `value` its offset there, `twin` the kept section that stands for one left out.
    """

    globals: dict[str, Definition] = field(default_factory=dict)
    visibility: dict[str, int] = field(default_factory=dict)
    wanted: dict[str, None] = field(default_factory=dict)
    tables: list[SymbolTable] = field(default_factory=list)
    base: list[int] = field(default_factory=list)
    own: list[Definition] = field(default_factory=list)
    entity: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    section: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    value: Words = field(default_factory=lambda: np.empty(0, np.uint64))
    size: Words = field(default_factory=lambda: np.empty(0, np.uint64))
    twin: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    type: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    objects: list[ObjectFile] = field(default_factory=list)
    sections: list[InputSection] = field(default_factory=list)
    number_of: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many symbols the objects have together."""
        return len(self.section)

    def add_section(self, section: InputSection) -> None:
        """Count a section of the linker's own among all sections."""
        section.number = len(self.sections)
        self.sections.append(section)

    def owner(self, number: int) -> tuple[int, int]:
        """Return the object, and the index there, of a symbol."""
        at = int(np.searchsorted(np.array(self.base), number, "right")) - 1
        return at, number - self.base[at]

    def name(self, number: int) -> str:
        """Return the name of a symbol of an object."""
        at, index = self.owner(number)
        return self.tables[at].name(index)

    def definition(self, entity: int) -> Definition | None:
        """Return what an entity is, for messages and for the few that are treated one by one."""
        if entity == UNDEFINED:
            return None
        if entity >= self.count:
            return self.own[entity - self.count]
        at, index = self.owner(entity)
        symbol = self.tables[at].symbol(index)
        if symbol.is_global and self.number_of.get(symbol.name) == entity:
            return self.globals[symbol.name]
        number = int(self.section[entity])
        section = self.sections[number] if number >= 0 else None
        is_discarded = number == LEFT_OUT
        return Definition(
            symbol.name, int(self.value[entity]), section, self.objects[at], symbol, is_discarded=is_discarded
        )

    def define(self, definition: Definition) -> None:
        """Let a name stand for a definition of the linker's own, wherever objects refer to it."""
        self.globals[definition.name] = definition
        self._renumber(definition.name, self.count + len(self.own))
        self.own.append(definition)

    def _renumber(self, name: str, number: int) -> None:
        self.number_of[name] = number
        for base, table in zip(self.base, self.tables, strict=True):
            for index, other in zip(table.globals.tolist(), table.global_names, strict=True):
                if other == name:
                    self.entity[base + index] = number

    def addresses(self) -> Words:
        """Return the address of every entity, now that everything has its place; 0 for what is left out."""
        places = np.zeros(len(self.sections) + 1, np.uint64)
        places[:-1] = [section.address & ADDRESS_MASK for section in self.sections]
        known = self.value + places[np.where(self.section < 0, NO_SECTION, self.section)]
        left_out = self.section == LEFT_OUT
        if left_out.any():
            known[left_out] = 0
            has_twin = left_out & (self.twin >= 0)
            known[has_twin] = places[self.twin[has_twin]] + self.value[has_twin]
        own = np.array([definition.address for definition in self.own], np.uint64)
        return np.concatenate([known, own])


def resolve(
    inputs: Inputs,
    segments: list[SegmentPlan],
    explain: Explainer,
    errors: Collector,
    assign: Assign | None = None,
    *,
    allow_multiple: bool = False,
    wrap: Collection[str] = (),
) -> tuple[Symbols, list[InputSection]]:
    """Return the symbols, and the sections made for common ones.

    With `allow_multiple` the first of several definitions counts. For a name in `wrap`, undefined references to it mean
    `__wrap_` and the name, and those to `__real_` and the name mean it (GNU ld --wrap). Errors: L0101 defined twice,
    L0103 a common symbol of impossible size.
    """
    symbols = Symbols(objects=list(inputs.objects), sections=inputs.all())
    for number, section in enumerate(symbols.sections):
        section.number = number
    commons: dict[str, _Common] = {}
    duplicates: dict[str, list[Definition]] = {}
    winners: dict[str, int] = {}
    for definition in _boundaries(segments):
        _define(symbols, definition, -1, winners, duplicates)
    count = 0
    for number, obj in enumerate(inputs.objects):
        table = symbol_table(obj)
        symbols.tables.append(table)
        symbols.base.append(count)
        _globals_of(number, obj, table, inputs, symbols, commons, duplicates, winners, allow_multiple)
        count += len(table)
    for name, definitions in duplicates.items():
        errors.add(explain.duplicate(name, definitions))
    if assign is not None:
        known = symbols.globals | {name: Definition(name) for name in commons if name not in symbols.globals}
        for definition in assign(known, symbols.wanted | dict.fromkeys(inputs.weak)):
            symbols.globals[definition.name] = definition
            winners.pop(definition.name, None)
    made = []
    for name, common in commons.items():
        if name not in symbols.globals or _is_weak(symbols.globals[name]):
            winners.pop(name, None)
            made.append(common.allocate(symbols, errors))
    sections = [section for section in made if section is not None]
    for section in sections:
        symbols.add_section(section)
    _number(symbols, inputs, winners, wrap)
    return symbols, sections


def _globals_of(
    number: int,
    obj: ObjectFile,
    table: SymbolTable,
    inputs: Inputs,
    symbols: Symbols,
    commons: dict[str, _Common],
    duplicates: dict[str, list[Definition]],
    winners: dict[str, int],
    allow_multiple: bool,
) -> None:
    """Enter the names that an object defines, and those that it wants (True where a weak reference is content)."""
    is_undefined = table.section[table.globals] == SHN_UNDEF
    is_weak = table.bind[table.globals] == STB_WEAK
    symbols.wanted |= dict.fromkeys(compress(table.global_names, (is_undefined & ~is_weak).tolist()))
    kept = ~is_undefined | is_weak | (table.visibility[table.globals] != STV_DEFAULT)
    which, base = table.globals[kept], symbols.base[number]
    live = inputs.live[number]
    rows = zip(
        which.tolist(),
        compress(table.global_names, kept.tolist()),
        table.value[which].tolist(),
        table.size[which].tolist(),
        table.bind[which].tolist(),
        table.type[which].tolist(),
        table.visibility[which].tolist(),
        table.section[which].tolist(),
        strict=True,
    )
    for index, name, value, size, bind, kind, visibility, section in rows:
        if not name:
            continue
        if visibility != STV_DEFAULT:
            symbols.visibility[name] = min(symbols.visibility.get(name, visibility), visibility)
        if section == SHN_UNDEF:
            if bind == STB_WEAK:
                inputs.weak.setdefault(name, Symbol(name, value, size, bind, kind, visibility, section))
            continue
        symbol = Symbol(name, value, size, bind, kind, visibility, section)
        if section == SHN_COMMON:
            symbols.wanted[name] = None
            commons.setdefault(name, _Common(obj, symbol)).merge(symbol)
            continue
        home = live.get(section)
        if home is not None or section == SHN_ABS:
            definition = Definition(name, value, home, obj, symbol)
            _define(symbols, definition, base + index, winners, duplicates if not allow_multiple else {})


def _number(symbols: Symbols, inputs: Inputs, winners: dict[str, int], wrap: Collection[str]) -> None:
    """Fill the columns of `symbols`."""
    tables = symbols.tables
    symbols.value = np.concatenate([t.value for t in tables]) if tables else symbols.value
    symbols.size = np.concatenate([t.size for t in tables]) if tables else symbols.size
    symbols.type = np.concatenate([t.type for t in tables]).astype(np.int64) if tables else symbols.type
    homes, twins = [], []
    for number, (obj, table) in enumerate(zip(symbols.objects, tables, strict=True)):
        # Reserved indices are negative and small, and count from the end: room is left for them there.
        home = np.full(len(obj.sections) + 0x100, LEFT_OUT, np.int64)
        home[SHN_UNDEF] = home[SHN_ABS] = home[SHN_COMMON] = NO_SECTION
        live = inputs.live[number]
        home[list(live)] = [section.number for section in live.values()]
        twin = np.full(len(home), -1, np.int64)
        for index, section in inputs.kept_twin[number].items():
            twin[index] = section.number
        homes.append(home[table.section])
        twins.append(twin[table.section])
    symbols.section = np.concatenate(homes) if homes else symbols.section
    symbols.twin = np.concatenate(twins) if twins else symbols.twin
    numbers = symbols.number_of = dict(winners)
    for name, symbol in inputs.weak.items():
        if name not in symbols.wanted and name not in symbols.globals:
            symbols.globals[name] = Definition(name, symbol=symbol, is_weak_undefined=True)
    for name, definition in symbols.globals.items():
        if name not in winners:
            numbers[name] = symbols.count + len(symbols.own)
            symbols.own.append(definition)
    symbols.entity = np.arange(symbols.count, dtype=np.int64)
    number_of = numbers.get
    for base, table in zip(symbols.base, tables, strict=True):
        names = table.global_names
        meant = np.array([number_of(name, UNDEFINED) for name in names], np.int64)
        nameless = np.array([not name for name in names], np.bool_)
        symbols.entity[base + table.globals] = np.where(nameless, base + table.globals, meant)
    if wrap:
        _wrap(symbols, wrap)


def _wrap(symbols: Symbols, wrap: Collection[str]) -> None:
    """Redirect undefined references by --wrap; an object's references to its own definition stay (GNU ld)."""
    redirected = {name: f"__wrap_{name}" for name in wrap} | {f"__real_{name}": name for name in wrap}
    for base, table in zip(symbols.base, symbols.tables, strict=True):
        undefined = (table.section[table.globals] == SHN_UNDEF).tolist()
        for index, name, is_undefined in zip(table.globals.tolist(), table.global_names, undefined, strict=True):
            if is_undefined and name in redirected:
                symbols.entity[base + index] = symbols.number_of.get(redirected[name], UNDEFINED)


def add_section_bounds(symbols: Symbols, outputs: list[OutputPlan]) -> None:
    """Define `__start_NAME` and `__stop_NAME` of sections whose name is a C identifier, where objects ask for them."""
    for output in outputs:
        if output.name.isidentifier() and output.name.isascii():
            for prefix, at_end in (("__start_", False), ("__stop_", True)):
                name = prefix + output.name
                known = symbols.globals.get(name)
                if known.is_weak_undefined if known is not None else name in symbols.wanted:
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


def _define(
    symbols: Symbols, new: Definition, number: int, winners: dict[str, int], duplicates: dict[str, list[Definition]]
) -> None:
    old = symbols.globals.get(new.name)
    if old is None or (_is_weak(old) and not _is_weak(new)):
        symbols.globals[new.name] = new
        if number >= 0:
            winners[new.name] = number
    elif not _is_weak(old) and not _is_weak(new):
        duplicates.setdefault(new.name, [old]).append(new)
