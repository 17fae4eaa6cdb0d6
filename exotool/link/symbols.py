"""All symbols of a link as columns, and what each name stands for.

Symbol k of object i has number `base[i]` + k; a definition of the linker's own has a number behind all of these. A
`Definition` is made only for what is looked at one by one: of a large link, few symbols ever are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from exotool.elf import ObjectFile
from exotool.elf.columns import Ints, Names, SymbolTable, Words
from exotool.elf.constants import STV_DEFAULT
from exotool.link.model import ADDRESS_MASK, Definition, InputSection

UNDEFINED: Final = -1
"""The entity of a symbol that nothing defines."""

NO_SECTION: Final = -1
LEFT_OUT: Final = -2
"""In `Symbols.section`: an absolute value or a nameless undefined symbol; a symbol of a section that is left out."""

NAMELESS: Final = -1
"""In `Symbols.name`: a symbol that other objects do not see, or that has no name."""


@dataclass(slots=True, eq=False)
class Symbols:
    """The symbols of the link.

    By number of a symbol: `entity` is the number of the symbol that is meant, or, from the count of symbols on, an
    index into `own` definitions, or UNDEFINED; `section` is the number of the live section that the symbol is in (or
    NO_SECTION or LEFT_OUT), `value` its offset there, `twin` the kept section that stands for one left out, `name` the
    number of its name; `type`, `bind`, `visible` (STV_*) and `index` (of the section) are as the object has them. By
    number of a name: `meaning` is the entity, `is_wanted` tells whether an object refers to it strongly, `visibility`
    is the strictest that an object asks for.
    """

    names: Names
    tables: list[SymbolTable]
    objects: list[ObjectFile]
    sections: list[InputSection]
    base: list[int]
    section: Ints
    value: Words
    size: Words
    twin: Ints
    type: npt.NDArray[np.uint8]
    bind: npt.NDArray[np.uint8]
    index: Ints
    visible: npt.NDArray[np.uint8]
    name: Ints
    entity: Ints = field(init=False)
    meaning: Ints = field(init=False)
    is_wanted: Ints = field(init=False)
    visibility: Ints = field(init=False)
    own: list[Definition] = field(default_factory=list)
    _made: dict[int, Definition] = field(default_factory=dict)
    _places: Words | None = None

    def __post_init__(self) -> None:
        """Let all names be undefined."""
        self.entity = np.arange(self.count, dtype=np.int32)
        self.meaning = np.full(len(self.names), UNDEFINED, np.int32)
        self.is_wanted = np.zeros(len(self.names), np.int8)
        self.visibility = np.full(len(self.names), STV_DEFAULT, np.int8)

    @property
    def count(self) -> int:
        """How many symbols the objects have together."""
        return len(self.section)

    @property
    def globals(self) -> Globals:
        """What names stand for."""
        return Globals(self)

    def add_section(self, section: InputSection) -> None:
        """Count a section of the linker's own among all sections."""
        section.number = len(self.sections)
        self.sections.append(section)
        self.move()

    def move(self) -> None:
        """Forget where sections lie: a layout begins."""
        self._places = None

    def section_addresses(self) -> Words:
        """Return the addresses of all sections, which have their places by now."""
        if self._places is None:
            found = [s.offset if s.output is None else s.output.sh_addr + s.offset for s in self.sections]
            self._places = np.array([address & ADDRESS_MASK for address in found], np.uint64)
        return self._places

    def owner(self, number: int) -> tuple[int, int]:
        """Return the object, and the index there, of a symbol."""
        at = bisect_right(self.base, number) - 1
        return at, number - self.base[at]

    def text(self, number: int) -> str:
        """Return the name of a symbol of an object."""
        at, index = self.owner(number)
        return self.tables[at].name(index)

    def meaning_of(self, name: str) -> int:
        """Return the entity that a name stands for, or UNDEFINED."""
        number = self.names.get(name)
        return UNDEFINED if number is None or number >= len(self.meaning) else int(self.meaning[number])

    def wants(self, name: str) -> bool:
        """Tell whether an object refers to a name, other than weakly."""
        number = self.names.get(name)
        return number is not None and number < len(self.is_wanted) and bool(self.is_wanted[number])

    def lacks(self, name: str) -> bool:
        """Tell whether a name needs a definition: it is referred to weakly without one, or strongly."""
        known = self.globals.get(name)
        return known.is_weak_undefined if known is not None else self.wants(name)

    def known(self) -> list[str]:
        """Return the names that have a definition."""
        return [name for name, definition in self.globals.items() if not definition.is_weak_undefined]

    def visibility_of(self, name: str) -> int:
        """Return the strictest STV_* that an object asks for."""
        number = self.names.get(name)
        return STV_DEFAULT if number is None or number >= len(self.visibility) else int(self.visibility[number])

    def definition(self, entity: int) -> Definition | None:
        """Return what an entity is, for messages and for the few that are treated one by one."""
        if entity == UNDEFINED:
            return None
        if entity >= self.count:
            return self.own[entity - self.count]
        if entity not in self._made:
            at, index = self.owner(entity)
            symbol = self.tables[at].symbol(index)
            made = self._made[entity] = Definition(symbol.name, obj=self.objects[at], symbol=symbol)
            self._update(entity, made)
        return self._made[entity]

    def _update(self, entity: int, definition: Definition) -> None:
        home = int(self.section[entity])
        definition.value = int(self.value[entity])
        definition.section = self.sections[home] if home >= 0 else None
        definition.is_discarded = home == LEFT_OUT

    def update(self) -> None:
        """Let the definitions follow the columns, which a pass has changed."""
        for entity, definition in self._made.items():
            self._update(entity, definition)

    def define(self, definition: Definition) -> None:
        """Let a name stand for a definition of the linker's own, wherever objects refer to it."""
        number = int(self.names.add((definition.name,))[0])
        missing = len(self.names) - len(self.meaning)
        if missing:
            self.meaning = np.append(self.meaning, np.full(missing, UNDEFINED, np.int32))
            self.is_wanted = np.append(self.is_wanted, np.zeros(missing, np.int8))
            self.visibility = np.append(self.visibility, np.full(missing, STV_DEFAULT, np.int8))
        self.meaning[number] = self.count + len(self.own)
        self.entity[self.name == number] = self.meaning[number]
        self.own.append(definition)

    def of_own(self, value: Callable[[Definition], int]) -> Ints:
        """Return a number for each of the linker's own definitions, to stand behind a column of all symbols."""
        return np.fromiter(map(value, self.own), np.int64, len(self.own))

    def addresses(self) -> Words:
        """Return the address of every entity, now that everything has its place; 0 for what is left out."""
        places = np.append(self.section_addresses(), np.zeros(1, np.uint64))
        known = self.value + places[np.maximum(self.section, NO_SECTION)]
        left_out = np.flatnonzero(self.section == LEFT_OUT)
        twin = self.twin[left_out]
        known[left_out] = np.where(twin >= 0, places[twin] + self.value[left_out], 0)
        return np.concatenate([known, np.array([definition.address for definition in self.own], np.uint64)])


class Globals(Mapping[str, Definition]):
    """What names stand for; a definition is made when it is asked for."""

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols

    @property
    def own(self) -> list[Definition]:
        """The definitions of the linker's own, which layouts give their values."""
        return self._symbols.own

    def __getitem__(self, name: str) -> Definition:
        definition = self._symbols.definition(self._symbols.meaning_of(name))
        if definition is None:
            raise KeyError(name)
        return definition

    def __iter__(self) -> Iterator[str]:
        for name, meaning in zip(self._symbols.names.texts(), self._symbols.meaning.tolist(), strict=True):
            if meaning != UNDEFINED:
                yield name

    def __len__(self) -> int:
        return int((self._symbols.meaning != UNDEFINED).sum())
