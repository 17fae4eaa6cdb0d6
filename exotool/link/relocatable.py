"""`-r`: objects -> one object, with sections of one name joined and relocations that go on meaning the same.

Nothing has an address yet: common symbols stay common, GOT and thread-local relocations stay what they are, and COMDAT
groups stay groups, each of which is there once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from exotool.diagnostics import Collector, Diagnostic, Place, ToolError
from exotool.elf import ObjectFile, Section, Symbol, write_object
from exotool.elf.columns import RELOCATION, Ints, RelocationRows
from exotool.elf.constants import (
    SHF_EXECINSTR,
    SHF_GROUP,
    SHN_COMMON,
    SHN_UNDEF,
    SHT_PROGBITS,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_FILE,
    STT_SECTION,
)
from exotool.elf.objects import Group
from exotool.layout import Layout
from exotool.link.ehframe import SECTION as FRAMES
from exotool.link.explain import Explainer
from exotool.link.inputs import Inputs, select
from exotool.link.model import ADDRESS_MASK, Definition, InputSection, LinkOptions, align_up
from exotool.link.place import MAX_PADDING
from exotool.link.relocations import Relocations, gather_relocations
from exotool.link.resolve import resolve
from exotool.link.scan import scan
from exotool.link.script.runs import gap_bytes
from exotool.link.symbols import NO_SECTION, UNDEFINED, Symbols

STACK_NOTE: Final = ".note.GNU-stack"
Octets = npt.NDArray[np.uint8]

_FRAME_ALIGN: Final = 4
_Key = tuple[str, int, int, int, str, int]


@dataclass(slots=True)
class _Joined:
    """An output section while it grows."""

    section: Section
    data: bytearray = field(default_factory=bytearray)


def link_relocatable(objects: Sequence[ObjectFile], options: LinkOptions) -> bytes:
    """Return the bytes of the object that stands for all `objects`. Raises `ToolError` with all errors found, L01xx."""
    errors = Collector()
    explain = Explainer(objects, None, None)
    inputs = select(objects, Layout(()), errors, discards=lambda _: False)
    symbols, _ = resolve(inputs, [], explain, errors, allow_multiple=options.allow_multiple_definition)
    relocations = gather_relocations(inputs, symbols, explain.e_machine)
    scan(relocations, explain, errors)
    errors.check()
    joined = _Joiner(inputs, symbols, relocations, explain.e_machine).join()
    # The file needs as much memory as the tables of relocations and symbols took.
    del inputs, symbols, relocations
    return write_object(joined)


class _Joiner:
    def __init__(self, inputs: Inputs, symbols: Symbols, relocations: Relocations, e_machine: int) -> None:
        self.inputs, self.symbols, self.relocations = inputs, symbols, relocations
        self.out = ObjectFile("", e_machine)
        self.joined: dict[_Key, int] = {}
        self.sections: list[_Joined] = [_Joined(self.out.sections[0])]
        self.index: Ints = np.zeros(len(symbols.sections), np.int64)
        """The output section of each input section, by its number, and in `shift` the offset there."""
        self.shift: Ints = np.zeros(len(symbols.sections), np.int64)
        self.number: Ints = np.zeros(symbols.count, np.int64)
        """The symbol of the output that stands for each symbol, and in `distance` what it adds to addends."""
        self.distance: Ints = np.zeros(symbols.count, np.int64)

    def join(self) -> ObjectFile:
        """Return the object."""
        for number in range(len(self.inputs.objects)):
            self._sections(number)
        for number in range(len(self.inputs.objects)):
            self._locals(number)
        self._section_symbols()
        self._globals()
        for joined in self.sections[1:]:
            if not joined.section.is_nobits:
                joined.section.data, joined.section.sh_size = joined.data, len(joined.data)
        self._relocations()
        self.out.sections = [joined.section for joined in self.sections]
        self._stack_note()
        return self.out

    def _sections(self, number: int) -> None:
        """Place the sections of an object, first those that need no other one's place."""
        groups, live = self.inputs.objects[number].groups, self.inputs.live[number]
        links = self.inputs.tables[number].raw["sh_link"][list(live)].tolist()
        signature = {m: group.signature for group in groups for m in group.members}
        for (index, section), link in sorted(zip(live.items(), links, strict=True), key=lambda item: item[1] != 0):
            linked = live.get(link)
            joined = int(self.index[linked.number]) if linked is not None else 0
            self._append(section, signature.get(index, ""), joined)
        for group in groups:
            kept = [int(self.index[live[m].number]) for m in group.members if m in live]
            if kept:
                self.out.groups.append(Group(group.signature, group.is_comdat, tuple(dict.fromkeys(kept))))

    def _append(self, section: InputSection, signature: str, link: int) -> None:
        key = (section.name, section.sh_type, section.sh_flags, section.sh_entsize, signature, link)
        index = self.joined.get(key)
        if index is None:
            index = self.joined[key] = len(self.sections)
            flags = section.sh_flags if signature else section.sh_flags & ~SHF_GROUP
            made = Section(section.name, section.sh_type, flags, 1, sh_entsize=section.sh_entsize, link=link)
            self.sections.append(_Joined(made))
        joined = self.sections[index]
        align = section.sh_addralign
        if section.name == FRAMES and joined.data:
            # Zeros that only align would end the table.
            align = min(align, _FRAME_ALIGN)
        joined.section.sh_addralign = max(joined.section.sh_addralign, align)
        if section.is_nobits:
            at = align_up(joined.section.sh_size, align)
            joined.section.sh_size = at + section.size
            if joined.section.sh_size > ADDRESS_MASK:
                message = f"section `{section.name}` would take {joined.section.sh_size:#x} bytes"
                raise ToolError(Diagnostic("L0509", message, Place(section.obj.path)))
        else:
            at = align_up(len(joined.data), align)
            if at - len(joined.data) > MAX_PADDING:
                message = f"the file would hold {at - len(joined.data)} bytes of zeros in section `{section.name}`"
                label = f"it is aligned to {align:#x}"
                raise ToolError(Diagnostic("L0407", message, Place(section.obj.path), label=label))
            joined.data += gap_bytes(at - len(joined.data), b"", bool(section.sh_flags & SHF_EXECINSTR))
            joined.data += section.data
        self.index[section.number], self.shift[section.number] = index, at

    def _locals(self, number: int) -> None:
        """Add the local symbols of an object, without those of sections and of what is left out."""
        symbols, base = self.symbols, self.symbols.base[number]
        table = symbols.tables[number]
        part = slice(base, base + len(table))
        home = symbols.section[part]
        is_local = (table.bind == STB_LOCAL) & (table.type != STT_SECTION)
        is_placed = (table.type != STT_FILE) & (table.section > 0)
        is_local &= ~is_placed | (home >= 0)
        is_local[:1] = False
        chosen = np.flatnonzero(is_local)
        homes = np.where(is_placed, home, NO_SECTION)[chosen]
        section = np.where(homes >= 0, self.index[homes], table.section[chosen])
        self._add(base + chosen, table.names(chosen.tolist()), section, homes, STB_LOCAL, table.visibility[chosen])

    def _add(
        self, numbers: Ints, names: list[str], section: Ints, homes: Ints, bind: Octets | int, visibility: Octets
    ) -> None:
        """Add symbols of objects, which stand in `section` of the output, or by value where they have no home."""
        symbols = self.symbols
        value = symbols.value[numbers] + np.where(homes >= 0, self.shift[homes], 0).astype(np.uint64)
        self.number[numbers] = len(self.out.symbols) + np.arange(len(numbers))
        columns = (
            value.tolist(),
            symbols.size[numbers].tolist(),
            np.broadcast_to(bind, numbers.shape).tolist(),
            symbols.type[numbers].tolist(),
            visibility.tolist(),
            section.tolist(),
        )
        self.out.symbols += map(Symbol, names, *columns)

    def _section_symbols(self) -> None:
        first = len(self.out.symbols)
        for index, joined in enumerate(self.sections[1:], 1):
            self.out.symbols.append(Symbol(joined.section.name, type=STT_SECTION, section=index))
        symbols = self.symbols
        which = np.flatnonzero((symbols.type == STT_SECTION) & (symbols.name < 0) & (symbols.section >= 0))
        home = symbols.section[which]
        self.number[which] = first - 1 + self.index[home]
        self.distance[which] = symbols.value[which].view(np.int64) + self.shift[home]

    def _globals(self) -> None:
        """Add what names stand for, in their order, and then those that nobody defines."""
        symbols, texts = self.symbols, self.symbols.names.texts()
        at = np.zeros(len(symbols.meaning), np.int64)
        meaning = symbols.meaning
        own = np.flatnonzero(meaning >= symbols.count)
        for number in own.tolist():
            definition = symbols.own[int(meaning[number]) - symbols.count]
            at[number] = self._add_own(definition, int(symbols.visibility[number]))
        which = np.flatnonzero((meaning >= 0) & (meaning < symbols.count))
        entity = meaning[which]
        home = symbols.section[entity]
        section = np.where(home >= 0, self.index[home], symbols.index[entity])
        at[which] = len(self.out.symbols) + np.arange(len(which))
        names = [texts[number] for number in which.tolist()]
        self._add(entity, names, section, home, symbols.bind[entity], symbols.visibility[which].astype(np.uint8))
        # A symbol that only relocations name is one that stood in what is left out.
        named = np.zeros(len(meaning), np.bool_)
        numbers = symbols.name[self.relocations.symbol]
        named[numbers[numbers >= 0]] = True
        for number in np.flatnonzero((meaning == UNDEFINED) & (named | (symbols.is_wanted != 0))).tolist():
            at[number] = len(self.out.symbols)
            visibility = int(symbols.visibility[number])
            self.out.symbols.append(Symbol(texts[number], bind=STB_GLOBAL, visibility=visibility))
        is_named = symbols.name >= 0
        self.number[is_named] = at[symbols.name[is_named]]
        self.distance[is_named] = 0

    def _add_own(self, definition: Definition, visibility: int) -> int:
        """Add a common symbol, or a weak one that nobody defines; return its index."""
        symbol, section = definition.symbol, definition.section
        if symbol is None:
            return 0
        made = Symbol(definition.name, symbol.st_value, symbol.st_size, symbol.bind, symbol.type, visibility)
        made.section = symbol.section
        if section is not None:
            made.section, made.st_value, made.st_size = SHN_COMMON, section.sh_addralign, section.size
        elif definition.is_weak_undefined:
            made.bind, made.section = STB_WEAK, SHN_UNDEF
        self.out.symbols.append(made)
        return len(self.out.symbols) - 1

    def _relocations(self) -> None:
        """Give the output sections their relocations: those of the objects, moved."""
        found = self.relocations
        rows = np.empty(len(found), RELOCATION)
        rows["r_offset"] = found.offset + self.shift[found.section]
        rows["r_type"] = found.type
        rows["symbol"] = self.number[found.symbol]
        rows["r_addend"] = found.addend + self.distance[found.symbol]
        index = self.index[found.section]
        rows = rows[np.argsort(index, kind="stable")]
        stops = np.cumsum(np.bincount(index, minlength=len(self.sections))).tolist()
        for (start, stop), joined in zip(pairwise([0, *stops]), self.sections, strict=True):
            if stop > start:
                joined.section.map_relocations(RelocationRows(rows, start, stop))

    def _stack_note(self) -> None:
        """Ask for a stack that is not executable if all objects do."""
        notes: list[int] = []
        for table in self.inputs.tables:
            names = table.names(np.arange(len(table)))
            flags = table.raw["sh_flags"].tolist()
            own = [flag for name, flag in zip(names, flags, strict=True) if name == STACK_NOTE]
            if not own:
                return
            notes += own
        flags = SHF_EXECINSTR if any(flag & SHF_EXECINSTR for flag in notes) else 0
        self.out.sections.append(Section(STACK_NOTE, SHT_PROGBITS, flags))
