"""Definitions -> the symbol table of the image: file by file the local names, then the global ones."""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal

import numpy as np

from exotool.elf.columns import Ints
from exotool.elf.constants import (
    SHF_TLS,
    SHN_ABS,
    SHN_UNDEF,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_COMMON,
    STT_FILE,
    STT_NOTYPE,
    STT_OBJECT,
    STT_SECTION,
    STV_DEFAULT,
    STV_HIDDEN,
    STV_INTERNAL,
)
from exotool.link.model import ADDRESS_MASK, Definition, ImageSymbol, InputSection, OutputPlan, SegmentPlan
from exotool.link.resolve import NO_SECTION, Symbols
from exotool.link.tls import ThreadBlock

Locals = Literal["none", "temporary", "merge", "all"]
"""Which local names are left out: none, those that begin with `.L`, or all (GNU ld --discard-none, -X, default, -x)."""


def image_symbols(
    symbols: Symbols, addresses: Ints, block: ThreadBlock, discard_locals: Locals = "temporary"
) -> list[ImageSymbol]:
    """Return the symbols of the image without the null one: all local ones, each object's under its STT_FILE, first.

    Names that begin with `.L` are the assembler's own and left out. A hidden symbol is local to the image (gABI,
    "Symbol Visibility"). The value of a thread-local symbol is its offset in the thread's block.
    """
    made = _Maker(symbols, addresses, block)
    local: list[ImageSymbol] = []
    if discard_locals != "all":
        for number in range(len(symbols.objects)):
            local += made.locals_of(number, keep_temporary=discard_locals == "none")
    objects: list[ImageSymbol] = []
    layout: list[ImageSymbol] = []
    for name, definition in symbols.globals.items():
        if definition.is_discarded:
            continue
        visibility = symbols.visibility.get(name, STV_DEFAULT)
        if definition.boundary is not None or definition.by_script or definition.symbol is None:
            if definition.is_hidden or (definition.by_script and _is_hidden(visibility)):
                local.append(made.entry(definition, STB_LOCAL, STT_NOTYPE, visibility))
            else:
                layout.append(made.entry(definition, STB_GLOBAL, STT_NOTYPE, visibility))
        elif not _is_hidden(visibility):
            bind = STB_WEAK if definition.symbol.bind == STB_WEAK else STB_GLOBAL
            objects.append(made.entry(definition, bind, _type(definition.symbol.type), visibility))
    return [*local, *objects, *layout]


class _Maker:
    def __init__(self, symbols: Symbols, addresses: Ints, block: ThreadBlock) -> None:
        self.symbols, self.addresses, self.block = symbols, addresses, block
        self.loaded = np.array(
            [s.is_alloc and s.output is not None for s in symbols.sections] + [False, True], np.bool_
        )
        self.indices = [_section_index(section) for section in symbols.sections]

    def locals_of(self, number: int, *, keep_temporary: bool) -> list[ImageSymbol]:
        """Return the local symbols of an object, and its hidden ones, which are local to the image."""
        symbols, table, base = self.symbols, self.symbols.tables[number], self.symbols.base[number]
        section = symbols.section[base : base + len(table)]
        is_file = table.type == STT_FILE
        itself = symbols.entity[base : base + len(table)] == np.arange(base, base + len(table))
        chosen = self.loaded[section] & itself & (table.section != SHN_UNDEF) & (table.type != STT_SECTION)
        chosen &= (table.bind == STB_LOCAL) | self._hidden(number)
        chosen[:1] = False
        which = np.flatnonzero(chosen | is_file)
        address = self.addresses[base + which].tolist()
        rows = zip(
            which.tolist(),
            table.names(which.tolist()),
            address,
            table.size[which].tolist(),
            table.type[which].tolist(),
            table.visibility[which].tolist(),
            table.bind[which].tolist(),
            section[which].tolist(),
            strict=True,
        )
        found = []
        for _, name, value, size, kind, visibility, bind, home in rows:
            if kind == STT_FILE:
                found.append(ImageSymbol(name, 0, 0, STB_LOCAL, STT_FILE, STV_DEFAULT, SHN_ABS))
            elif name and (bind != STB_LOCAL or keep_temporary or not name.startswith(".L")):
                shndx = SHN_ABS if home == NO_SECTION else self.indices[home]
                place = value - self.block.start if home >= 0 and self._is_tls(home) else value & ADDRESS_MASK
                if bind != STB_LOCAL:
                    visibility = symbols.visibility.get(name, visibility)
                found.append(ImageSymbol(name, place, size, STB_LOCAL, _type(kind), visibility, shndx))
        if found and not is_file.any():
            name = PurePath(symbols.objects[number].path).name
            found.insert(0, ImageSymbol(name, 0, 0, STB_LOCAL, STT_FILE, STV_DEFAULT, SHN_ABS))
        return found

    def _hidden(self, number: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        table = self.symbols.tables[number]
        hidden = np.zeros(len(table), np.bool_)
        visibility = self.symbols.visibility
        if visibility:
            hidden[table.globals] = [_is_hidden(visibility.get(name, STV_DEFAULT)) for name in table.global_names]
        return hidden

    def _is_tls(self, number: int) -> bool:
        return bool(self.symbols.sections[number].sh_flags & SHF_TLS)

    def entry(self, definition: Definition, bind: int, kind: int, visibility: int) -> ImageSymbol:
        """Return the entry of a definition."""
        if definition.is_weak_undefined:
            return ImageSymbol(definition.name, 0, 0, STB_WEAK, STT_NOTYPE, visibility, SHN_UNDEF)
        size = definition.symbol.st_size if definition.symbol is not None else 0
        value = int(self.addresses[self.symbols.number_of[definition.name]]) & ADDRESS_MASK
        if definition.section is not None and definition.section.sh_flags & SHF_TLS:
            value -= self.block.start
        return ImageSymbol(definition.name, value, size, bind, kind, visibility, _section_number(definition))


def _section_number(definition: Definition) -> int:
    """Return the section of a symbol; a label in an empty section belongs to the one before or behind it."""
    if definition.by_script:
        return definition.home.index or SHN_ABS if definition.home is not None else SHN_ABS
    if definition.boundary is not None:
        of, at_end = definition.boundary.of, definition.boundary.at_end
        if isinstance(of, SegmentPlan):
            numbers = [output.index for output in of.sections if output.index]
            return (numbers[-1] if at_end else numbers[0]) if numbers else SHN_ABS
        return _nearest(of)
    return _section_index(definition.section)


def _section_index(section: InputSection | None) -> int:
    return SHN_ABS if section is None or section.output is None else _nearest(section.output)


def _nearest(output: OutputPlan) -> int:
    if output.index or output.segment is None:
        return output.index or SHN_ABS
    sections = output.segment.sections
    at = sections.index(output)
    return next((o.index for o in [*reversed(sections[:at]), *sections[at:]] if o.index), SHN_ABS)


def _type(kind: int) -> int:
    return STT_OBJECT if kind == STT_COMMON else kind


def _is_hidden(visibility: int) -> bool:
    return visibility in (STV_HIDDEN, STV_INTERNAL)
