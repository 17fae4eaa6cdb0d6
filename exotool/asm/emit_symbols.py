"""The symbol table of an object: which symbols it has, in which order, and where the relocations point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exotool.asm.expressions import Ref
from exotool.asm.layout import AsmSection
from exotool.asm.source import AsmError, Origin, Statement, diagnostic_of
from exotool.asm.symbols import Symbol as AsmSymbol
from exotool.elf import ObjectFile, Relocation, Symbol
from exotool.elf.constants import (
    SHF_TLS,
    SHN_ABS,
    SHN_COMMON,
    SHN_UNDEF,
    STB_GLOBAL,
    STB_GNU_UNIQUE,
    STB_LOCAL,
    STB_WEAK,
    STT_FILE,
    STT_SECTION,
    STT_TLS,
)

if TYPE_CHECKING:
    from exotool.asm.emit import Emitter


def add_symbols(emitter: Emitter, obj: ObjectFile) -> None:
    """Add symbols and relocations, with the local symbols first."""
    for name in emitter.asm.file_names:
        obj.symbols.append(Symbol(name, type=STT_FILE, section=SHN_ABS))
    numbers: dict[AsmSymbol | AsmSection | None, int] = {None: 0}
    for section in emitter.sections:
        if section in emitter.section_symbols:
            numbers[section] = len(obj.symbols)
            obj.symbols.append(Symbol(section.name, type=STT_SECTION, section=section.index))
    anonymous = [symbol for symbol in emitter.needed if symbol.name not in emitter.asm.symbols.names]
    made = [(symbol, _entry(emitter, symbol)) for symbol in (*emitter.asm.symbols.symbols, *anonymous)]
    made = [(symbol, entry) for symbol, entry in made if entry is not None]
    for symbol, entry in sorted(made, key=lambda pair: pair[1] is not None and pair[1].bind != STB_LOCAL):
        if entry is not None:
            numbers[symbol] = len(obj.symbols)
            obj.symbols.append(entry)
    for section in emitter.sections:
        obj.sections[section.index].relocations = [
            Relocation(offset, r_type, numbers[target], addend)
            for offset, r_type, target, addend in emitter.relocations[section]
        ]


def _entry(emitter: Emitter, symbol: AsmSymbol) -> Symbol | None:
    """Return a symbol's entry in the table; None when it has none."""
    needed = symbol in emitter.needed
    entry = Symbol(symbol.name, type=symbol.type, visibility=symbol.visibility)
    entry.bind = _binding(symbol)
    where = Statement("", symbol.defined or symbol.used or Origin(emitter.asm.file, 0))
    entry.st_size = _st_size(emitter, symbol, where.origin)
    if symbol.common is not None:
        entry.st_size, entry.st_value = symbol.common
        entry.section = SHN_COMMON
        return entry
    if not symbol.is_defined:
        return _undefined(symbol, entry, needed)
    kept = needed or symbol.is_global or symbol.is_weak or (symbol.name and emitter.asm.options.keep_locals)
    if symbol.is_temporary and not kept:
        return None
    try:
        place = emitter.place(symbol)
    except AsmError as error:
        emitter.asm.collector.add(diagnostic_of(error, where.origin))
        return None
    if place.undefined is not None:
        return None
    entry.st_value = place.offset
    entry.section = SHN_ABS if place.section is None else place.section.index
    if place.section is not None and place.section.sh_flags & SHF_TLS:
        entry.type = STT_TLS
    if place.section is not None and isinstance(symbol.value, Ref):
        original = symbol.value.symbol
        entry.type = symbol.type or original.type
        if symbol.size is None:
            entry.st_size = _st_size(emitter, original, where.origin)
    return entry


def _st_size(emitter: Emitter, symbol: AsmSymbol, origin: Origin) -> int:
    """Return the size of a symbol; one that is no number is reported."""
    try:
        size = 0 if symbol.size is None else emitter.number(symbol.size, f"the size of `{symbol.name}`")
        return size & ((1 << 32) - 1 if emitter.asm.elf32 else (1 << 64) - 1)
    except AsmError as error:
        emitter.asm.collector.add(diagnostic_of(error, symbol.size_origin or origin))
        return 0


def _undefined(symbol: AsmSymbol, entry: Symbol, needed: bool) -> Symbol | None:
    """Return the entry of a symbol without a definition; None when nothing needs it."""
    declared = symbol.is_global or symbol.visibility or symbol.type
    if not needed and not declared:
        return None
    if entry.bind == STB_LOCAL:
        entry.bind = STB_WEAK if symbol.is_weakly_used and symbol.used is None else STB_GLOBAL
    entry.section = SHN_UNDEF
    entry.st_value = 0
    return entry


def _binding(symbol: AsmSymbol) -> int:
    if symbol.is_unique:
        return STB_GNU_UNIQUE
    return STB_WEAK if symbol.is_weak else STB_GLOBAL if symbol.is_global else STB_LOCAL
