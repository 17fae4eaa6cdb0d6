"""Definitions -> the symbol table of the image: file by file the local names, then the global ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import PurePath
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from exotool.elf.columns import Ints
from exotool.elf.constants import (
    SHF_ALLOC,
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
from exotool.link.model import (
    ADDRESS_MASK,
    IMAGE_SYMBOL,
    Definition,
    ImageSymbol,
    ImageSymbols,
    InputSection,
    OutputPlan,
    SegmentPlan,
)
from exotool.link.symbols import LEFT_OUT, Symbols
from exotool.link.tls import ThreadBlock

_NOWHERE: Final = id(None)

Locals = Literal["none", "temporary", "merge", "all"]
"""Which local names are left out: none, those that begin with `.L`, or all (GNU ld --discard-none, -X, default, -x)."""


def image_symbols(
    symbols: Symbols, addresses: Ints, block: ThreadBlock, discard_locals: Locals = "temporary"
) -> ImageSymbols:
    """Return the symbols of the image without the null one: all local ones, each object's under its STT_FILE, first.

    Names that begin with `.L` are the assembler's own and left out. A hidden symbol is local to the image (gABI,
    "Symbol Visibility"). The value of a thread-local symbol is its offset in the thread's block.
    """
    made = _Maker(symbols, addresses, block)
    local = made.locals(keep_temporary=discard_locals == "none") if discard_locals != "all" else []
    objects: list[ImageSymbol] = []
    layout: list[ImageSymbol] = []
    for number, definition in enumerate(symbols.own, symbols.count):
        if definition.is_discarded or symbols.meaning_of(definition.name) != number:
            continue
        visibility = symbols.visibility_of(definition.name)
        if definition.boundary is not None or definition.by_script or definition.symbol is None:
            if definition.is_hidden or (definition.by_script and _is_hidden(visibility)):
                local.append(made.entry(definition, number, STB_LOCAL, STT_NOTYPE, visibility))
            else:
                layout.append(made.entry(definition, number, STB_GLOBAL, STT_NOTYPE, visibility))
        elif not _is_hidden(visibility):
            bind = STB_WEAK if definition.symbol.bind == STB_WEAK else STB_GLOBAL
            objects.append(made.entry(definition, number, bind, _type(definition.symbol.type), visibility))
    return ImageSymbols.of(local) + made.globals() + ImageSymbols.of([*objects, *layout])


class _Maker:
    def __init__(self, symbols: Symbols, addresses: Ints, block: ThreadBlock) -> None:
        self.symbols, self.addresses, self.block = symbols, addresses, block
        # Behind the sections stand what LEFT_OUT and NO_SECTION are as indices.
        flags = np.array([*(s.sh_flags for s in symbols.sections), 0, SHF_ALLOC], np.uint64)
        outputs = [id(s.output) for s in symbols.sections]
        by_id = dict(zip(outputs, symbols.sections, strict=True))
        homes = {number: SHN_ABS if s.output is None else _nearest(s.output) for number, s in by_id.items()}
        self.index = np.array([*map(homes.__getitem__, outputs), SHN_ABS, SHN_ABS], np.int64)
        is_placed = np.array([*(number != _NOWHERE for number in outputs), False, True], np.bool_)
        self.loaded = (flags & SHF_ALLOC != 0) & is_placed
        # The value of a thread-local symbol is its offset in the block.
        self.start = np.where(flags & SHF_TLS != 0, block.start, 0).astype(np.int64)
        visibility = np.append(symbols.visibility, STV_DEFAULT)
        self.visibility = visibility[symbols.name]
        self.is_hidden = (self.visibility == STV_HIDDEN) | (self.visibility == STV_INTERNAL)

    def rows(self, numbers: Ints, bind: Ints | int, visibility: Ints) -> npt.NDArray[np.void]:
        """Return the entries of symbols of objects, of which `bind` and `visibility` are those of the image."""
        symbols = self.symbols
        home, kind = symbols.section[numbers], symbols.type[numbers]
        rows = np.empty(len(numbers), IMAGE_SYMBOL)
        rows["st_value"] = (self.addresses[numbers] - self.start[home]).astype(np.uint64)
        rows["st_size"] = symbols.size[numbers]
        rows["bind"] = bind
        rows["type"] = np.where(kind == STT_COMMON, STT_OBJECT, kind)
        rows["visibility"] = visibility
        rows["shndx"] = self.index[home]
        return rows

    def globals(self) -> ImageSymbols:
        """Return the symbols of objects that names stand for, without those that are local to the image."""
        symbols = self.symbols
        meaning = symbols.meaning[(symbols.meaning >= 0) & (symbols.meaning < symbols.count)]
        numbers = np.sort(meaning[(symbols.section[meaning] != LEFT_OUT) & ~self.is_hidden[meaning]])
        texts = symbols.names.texts()
        names = [texts[name] for name in symbols.name[numbers].tolist()]
        bind = np.where(symbols.bind[numbers] == STB_WEAK, STB_WEAK, STB_GLOBAL)
        return ImageSymbols(names, self.rows(numbers, bind, self.visibility[numbers]))

    def locals(self, *, keep_temporary: bool) -> list[ImageSymbol]:
        """Return the local symbols of all objects, and the hidden ones, which are local to the image."""
        symbols = self.symbols
        is_file, is_local = symbols.type == STT_FILE, symbols.bind == STB_LOCAL
        chosen = self.loaded[symbols.section] & (symbols.entity == np.arange(symbols.count))
        chosen &= (symbols.index != SHN_UNDEF) & (symbols.type != STT_SECTION) & (is_local | self.is_hidden) & ~is_file
        base = np.array(symbols.base, np.int64)
        chosen[base[base < symbols.count]] = False
        which = np.flatnonzero(chosen | is_file)
        if not len(which):
            return []
        visibility = np.where(is_local, symbols.visible, self.visibility)[which]
        rows = self.rows(which, STB_LOCAL, visibility).tolist()
        flags = zip(is_file[which].tolist(), is_local[which].tolist(), strict=True)
        entries = zip(self._texts(which), rows, flags, strict=True)
        found: list[ImageSymbol] = []
        for owner, group in groupby(zip(self._owners(which).tolist(), entries, strict=True), key=itemgetter(0)):
            of_object, has_file = [], False
            for _, (name, row, (names_file, bound)) in group:
                has_file |= names_file
                if names_file:
                    of_object.append(_file_symbol(name))
                elif name and (not bound or keep_temporary or not name.startswith(".L")):
                    of_object.append(ImageSymbol(name, *row))
            if of_object and not has_file:
                found.append(_file_symbol(PurePath(symbols.objects[owner].path).name))
            found += of_object
        return found

    def _texts(self, which: Ints) -> Iterator[str]:
        """Yield the names of some symbols, which are in the order of their numbers."""
        symbols = self.symbols
        owners, first = np.unique(self._owners(which), return_index=True)
        for owner, numbers in zip(owners.tolist(), np.split(which, first[1:]), strict=True):
            yield from symbols.tables[owner].names((numbers - symbols.base[owner]).tolist())

    def _owners(self, which: Ints) -> Ints:
        """Return the objects that some symbols are of."""
        owners: Ints = np.searchsorted(np.array(self.symbols.base, np.int64), which, "right") - 1
        return owners

    def entry(self, definition: Definition, number: int, bind: int, kind: int, visibility: int) -> ImageSymbol:
        """Return the entry of a definition."""
        if definition.is_weak_undefined:
            return ImageSymbol(definition.name, 0, 0, STB_WEAK, STT_NOTYPE, visibility, SHN_UNDEF)
        size = definition.symbol.st_size if definition.symbol is not None else 0
        value = int(self.addresses[number]) & ADDRESS_MASK
        if definition.section is not None and definition.section.sh_flags & SHF_TLS:
            value -= self.block.start
        return ImageSymbol(definition.name, value, size, bind, kind, visibility, _section_number(definition))


def _file_symbol(name: str) -> ImageSymbol:
    return ImageSymbol(name, 0, 0, STB_LOCAL, STT_FILE, STV_DEFAULT, SHN_ABS)


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
