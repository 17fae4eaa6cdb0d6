"""`-r`: objects -> one object, with sections of one name joined and relocations that go on meaning the same.

Nothing has an address yet: common symbols stay common, GOT and thread-local relocations stay what they are, and COMDAT
groups stay groups, each of which is there once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from exotool.diagnostics import Collector, Diagnostic, Place, ToolError
from exotool.elf import ObjectFile, Relocation, Section, Symbol, write_object
from exotool.elf.constants import (
    SHF_EXECINSTR,
    SHF_GROUP,
    SHN_COMMON,
    SHN_UNDEF,
    SHT_PROGBITS,
    STB_GLOBAL,
    STB_WEAK,
    STT_FILE,
    STT_SECTION,
)
from exotool.elf.objects import Group
from exotool.layout import Layout
from exotool.link.ehframe import SECTION as FRAMES
from exotool.link.explain import Explainer
from exotool.link.inputs import Inputs, select
from exotool.link.model import ADDRESS_MASK, InputSection, LinkOptions, align_up
from exotool.link.place import MAX_PADDING
from exotool.link.relocations import gather_relocations
from exotool.link.resolve import resolve
from exotool.link.scan import scan
from exotool.link.symbols import Symbols

STACK_NOTE: Final = ".note.GNU-stack"
_FRAME_ALIGN: Final = 4
_SIGN: Final = 1 << 63
_Key = tuple[str, int, int, int, str, int]


@dataclass(slots=True)
class _Joined:
    """An output section while it grows."""

    section: Section
    data: bytearray = field(default_factory=bytearray)
    symbol: int = 0


def link_relocatable(objects: Sequence[ObjectFile], options: LinkOptions) -> bytes:
    """Return the bytes of the object that stands for all `objects`. Raises `ToolError` with all errors found, L01xx."""
    errors = Collector()
    explain = Explainer(objects, None, None)
    inputs = select(objects, Layout(()), errors, discards=lambda _: False)
    symbols, _ = resolve(inputs, [], explain, errors, allow_multiple=options.allow_multiple_definition)
    scan(gather_relocations(inputs, symbols, explain.e_machine), explain, errors)
    errors.check()
    return write_object(_Joiner(inputs, symbols, explain.e_machine).join())


class _Joiner:
    def __init__(self, inputs: Inputs, symbols: Symbols, e_machine: int) -> None:
        self.inputs, self.symbols = inputs, symbols
        self.out = ObjectFile("", e_machine)
        self.joined: dict[_Key, int] = {}
        self.sections: list[_Joined] = [_Joined(self.out.sections[0])]
        self.place: dict[int, tuple[int, int]] = {}
        """Output section and offset there, by the number of the input section."""
        self.number: dict[int, int] = {}
        """Index in the output of the symbol with a number."""
        self.globals: dict[str, int] = {}

    def join(self) -> ObjectFile:
        """Return the object."""
        self._sections()
        for number in range(len(self.inputs.objects)):
            self._locals(number)
        for index, joined in enumerate(self.sections[1:], 1):
            joined.symbol = len(self.out.symbols)
            self.out.symbols.append(Symbol(joined.section.name, type=STT_SECTION, section=index))
        self._globals()
        for number, obj in enumerate(self.inputs.objects):
            for index, section in self.inputs.live[number].items():
                self._relocations(number, section, obj.sections[index].relocations)
        for joined in self.sections[1:]:
            if not joined.section.is_nobits:
                joined.section.data, joined.section.sh_size = joined.data, len(joined.data)
        self.out.sections = [joined.section for joined in self.sections]
        self._stack_note()
        return self.out

    def _sections(self) -> None:
        for number, obj in enumerate(self.inputs.objects):
            live = self.inputs.live[number]
            signature = {m: group.signature for group in obj.groups for m in group.members}
            order = sorted(live.items(), key=lambda item: obj.sections[item[0]].link != 0)
            for index, section in order:
                source = obj.sections[index]
                linked = live.get(source.link)
                link = self.place.get(linked.number, (0, 0))[0] if linked is not None else 0
                self._append(section, source, signature.get(index, ""), link)
            for group in obj.groups:
                kept = [self.place[live[m].number][0] for m in group.members if m in live]
                if kept:
                    members = tuple(dict.fromkeys(kept))
                    self.out.groups.append(Group(group.signature, group.is_comdat, members))

    def _append(self, section: InputSection, source: Section, signature: str, link: int) -> None:
        key = (section.name, section.sh_type, section.sh_flags, source.sh_entsize, signature, link)
        index = self.joined.get(key)
        if index is None:
            index = self.joined[key] = len(self.sections)
            flags = section.sh_flags if signature else section.sh_flags & ~SHF_GROUP
            made = Section(section.name, section.sh_type, flags, 1, sh_entsize=source.sh_entsize, link=link)
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
            joined.data += bytes(at - len(joined.data))
            joined.data += section.data
        self.place[section.number] = (index, at)

    def _locals(self, number: int) -> None:
        symbols, base = self.symbols, self.symbols.base[number]
        table = symbols.tables[number]
        for index, symbol in enumerate(table.symbols()):
            home = int(symbols.section[base + index])
            if symbol.is_global or not index or symbol.type == STT_SECTION:
                continue
            if symbol.type != STT_FILE and symbol.section > 0:
                if home < 0:
                    continue
                symbol.section, offset = self.place[home]
                symbol.st_value += offset
            self.number[base + index] = len(self.out.symbols)
            self.out.symbols.append(symbol)

    def _globals(self) -> None:
        symbols = self.symbols
        for name, definition in symbols.globals.items():
            symbol, section = definition.symbol, definition.section
            if symbol is None:
                continue
            made = Symbol(name, symbol.st_value, symbol.st_size, symbol.bind, symbol.type, section=symbol.section)
            made.visibility = symbols.visibility_of(name)
            if section is not None and section.index < 0:
                made.section, made.st_value, made.st_size = SHN_COMMON, section.sh_addralign, section.size
            elif section is not None:
                made.section, offset = self.place[section.number]
                made.st_value += offset
            elif definition.is_weak_undefined:
                made.bind, made.section = STB_WEAK, SHN_UNDEF
            self._add_global(made)
        for name in symbols.names.texts():
            if symbols.wants(name) and name not in symbols.globals:
                self._add_global(Symbol(name, bind=STB_GLOBAL, visibility=symbols.visibility_of(name)))

    def _add_global(self, symbol: Symbol) -> None:
        self.globals[symbol.name] = len(self.out.symbols)
        self.out.symbols.append(symbol)

    def _relocations(self, number: int, section: InputSection, relocations: Sequence[Relocation]) -> None:
        symbols, base = self.symbols, self.symbols.base[number]
        table = symbols.tables[number]
        index, shift = self.place[section.number]
        made = self.sections[index].section.relocations
        known: dict[int, tuple[int, int]] = {}
        for r in relocations:
            if r.symbol not in known:
                known[r.symbol] = self._target(table.symbol(r.symbol), base + r.symbol)
            target, addend = known[r.symbol]
            signed = (r.r_addend + addend + _SIGN) % (2 * _SIGN) - _SIGN
            made.append(Relocation(r.r_offset + shift, r.r_type, target, signed))

    def _target(self, symbol: Symbol, number: int) -> tuple[int, int]:
        """Return the output's symbol for one of an object, and what is to be added to addends."""
        if symbol.is_global and symbol.name:
            if symbol.name not in self.globals:
                self._add_global(Symbol(symbol.name, bind=STB_GLOBAL))
            return self.globals[symbol.name], 0
        home = int(self.symbols.section[number])
        if symbol.type == STT_SECTION and home >= 0:
            index, offset = self.place[home]
            return self.sections[index].symbol, symbol.st_value + offset
        # The symbol of a group that is there once already: only debug information refers to it.
        return self.number.get(number, 0), 0

    def _stack_note(self) -> None:
        """Ask for a stack that is not executable if all objects do."""
        notes = [s for obj in self.inputs.objects for s in obj.sections if s.name == STACK_NOTE]
        if notes and all(any(s.name == STACK_NOTE for s in obj.sections) for obj in self.inputs.objects):
            flags = SHF_EXECINSTR if any(s.sh_flags & SHF_EXECINSTR for s in notes) else 0
            self.out.sections.append(Section(STACK_NOTE, SHT_PROGBITS, flags))
