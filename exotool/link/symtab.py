"""Definitions -> the symbol table of the image: file by file the local names, then the global ones."""

from __future__ import annotations

from pathlib import PurePath

from exotool.elf import ObjectFile, Symbol
from exotool.elf.constants import (
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
from exotool.link.inputs import Inputs
from exotool.link.model import Definition, ImageSymbol, OutputPlan, SegmentPlan
from exotool.link.resolve import Symbols


def image_symbols(inputs: Inputs, symbols: Symbols) -> list[ImageSymbol]:
    """Return the symbols of the image without the null one: all local ones, each object's under its STT_FILE, first.

    Names that begin with `.L` are the assembler's own and left out. A hidden symbol is local to the image (gABI,
    "Symbol Visibility").
    """
    local: list[ImageSymbol] = []
    for number, obj in enumerate(inputs.objects):
        local += _local_symbols(obj, symbols, symbols.of_object[number])
    objects: list[ImageSymbol] = []
    layout: list[ImageSymbol] = []
    for name, definition in symbols.globals.items():
        visibility = symbols.visibility.get(name, STV_DEFAULT)
        if definition.by_script and (definition.is_hidden or _is_hidden(visibility)):
            local.append(_entry(definition, STB_LOCAL, STT_NOTYPE, visibility))
        elif definition.boundary is not None or definition.by_script:
            layout.append(_entry(definition, STB_GLOBAL, STT_NOTYPE, visibility))
        elif definition.symbol is not None and not _is_hidden(visibility):
            bind = STB_WEAK if definition.symbol.bind == STB_WEAK else STB_GLOBAL
            objects.append(_entry(definition, bind, _type(definition.symbol), visibility))
    return [*local, *objects, *layout]


def _local_symbols(obj: ObjectFile, symbols: Symbols, meanings: list[Definition | None]) -> list[ImageSymbol]:
    found: list[ImageSymbol] = []
    has_file = False
    for symbol, meaning in zip(obj.symbols, meanings, strict=True):
        if symbol.type == STT_FILE:
            has_file = True
            found.append(ImageSymbol(symbol.name, 0, 0, STB_LOCAL, STT_FILE, STV_DEFAULT, SHN_ABS))
        elif meaning is None or meaning.is_discarded or not symbol.is_defined or symbol.type == STT_SECTION:
            continue
        elif not symbol.is_global:
            is_loaded = meaning.section is None or meaning.section.is_alloc
            if symbol.name and not symbol.name.startswith(".L") and is_loaded:
                found.append(_entry(meaning, STB_LOCAL, _type(symbol), symbol.visibility))
        elif meaning.symbol is symbol:
            visibility = symbols.visibility.get(symbol.name, STV_DEFAULT)
            if _is_hidden(visibility):
                found.append(_entry(meaning, STB_LOCAL, _type(symbol), visibility))
    if found and not has_file:
        found.insert(0, ImageSymbol(PurePath(obj.path).name, 0, 0, STB_LOCAL, STT_FILE, STV_DEFAULT, SHN_ABS))
    return found


def _entry(definition: Definition, bind: int, kind: int, visibility: int) -> ImageSymbol:
    size = definition.symbol.st_size if definition.symbol is not None else 0
    if definition.is_weak_undefined:
        return ImageSymbol(definition.name, 0, 0, STB_WEAK, STT_NOTYPE, visibility, SHN_UNDEF)
    return ImageSymbol(definition.name, definition.address, size, bind, kind, visibility, _section_number(definition))


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
    if definition.section is None or definition.section.output is None:
        return SHN_ABS
    return _nearest(definition.section.output)


def _nearest(output: OutputPlan) -> int:
    if output.index or output.segment is None:
        return output.index or SHN_ABS
    sections = output.segment.sections
    at = sections.index(output)
    return next((o.index for o in [*reversed(sections[:at]), *sections[at:]] if o.index), SHN_ABS)


def _type(symbol: Symbol) -> int:
    return STT_OBJECT if symbol.type == STT_COMMON else symbol.type


def _is_hidden(visibility: int) -> bool:
    return visibility in (STV_HIDDEN, STV_INTERNAL)
