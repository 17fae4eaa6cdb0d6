"""What the relocations ask for, and what is wrong with them, before anything has an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from exotool.diagnostics import MAX_ERRORS, Collector
from exotool.elf import Relocation
from exotool.elf.columns import Ints
from exotool.elf.constants import SHF_ALLOC, SHT_X86_64_UNWIND, STT_TLS
from exotool.link.explain import SHOWN_REFERENCES, Explainer
from exotool.link.howto import RELATIVE_KINDS, SLOT_KINDS, Kind
from exotool.link.model import InputSection
from exotool.link.relocations import Flags, Relocations, of_kinds
from exotool.link.symbols import LEFT_OUT, UNDEFINED, Symbols


@dataclass(slots=True)
class Undefined:
    """A name that nothing defines: how often it is referred to, and the first references."""

    count: int = 0
    references: list[tuple[InputSection, Relocation]] = field(default_factory=list)


def describing(sections: Sequence[InputSection]) -> Flags:
    """Tell which sections only describe code, so that they may go on describing code that was left out."""
    loaded = np.array([s.sh_flags for s in sections], np.uint64) & SHF_ALLOC != 0
    frames = [s.sh_type == SHT_X86_64_UNWIND or s.name == ".eh_frame" for s in sections]
    found: Flags = ~loaded | np.array(frames, np.bool_)
    return found


def left_out(symbols: Symbols) -> Flags:
    """Tell for each entity whether it is in a section that is left out; the last one, UNDEFINED, is so too."""
    own = [definition.is_discarded for definition in symbols.own]
    return np.concatenate([symbols.section == LEFT_OUT, np.array([*own, True], np.bool_)])


def refers_nowhere(gone: Flags, entity: Ints) -> Flags:
    """Tell which references are to what is left out (`left_out`) or undefined; mostly nothing is."""
    return gone[entity] if gone[:-1].any() else entity == UNDEFINED


def scan(relocations: Relocations, explain: Explainer, errors: Collector) -> dict[str, Undefined]:
    """Check all relocations; return the names that nothing defines, by first use.

    Errors: L0104 a type that a static image has no meaning for, L0105 a reference into a section that is left out,
    L0106 a field outside its section, L0111 an ordinary reference to a thread-local variable or the other way round.
    """
    symbols = relocations.symbols
    sizes = np.array([len(section.data) for section in relocations.sections], np.int64)
    describes = describing(relocations.sections)
    if not len(relocations):
        return {}
    unsupported = (relocations.kind == Kind.UNSUPPORTED) & relocations.is_alloc
    for index in first_rows(unsupported, errors):
        errors.add(explain.unsupported(*relocations.row(index)))
    outside = (relocations.kind != Kind.NONE) & (relocations.offset + relocations.size > sizes[relocations.section])
    for index in first_rows(outside, errors):
        errors.add(explain.outside(*relocations.row(index)))
    relocations.kind[outside | (relocations.kind == Kind.UNSUPPORTED)] = Kind.NONE
    active = (relocations.kind != Kind.NONE) & relocations.is_alloc
    missing = refers_nowhere(left_out(symbols), relocations.entity) & active
    undefined: dict[str, Undefined] = {}
    for index in np.flatnonzero(missing & (relocations.entity == UNDEFINED)).tolist():
        name = symbols.text(int(relocations.symbol[index]))
        found = undefined.setdefault(name, Undefined())
        found.count += 1
        if len(found.references) <= SHOWN_REFERENCES:
            found.references.append(relocations.row(index))
    gone = missing & (relocations.entity != UNDEFINED) & ~describes[relocations.section]
    for index in first_rows(gone, errors):
        meaning = symbols.definition(int(relocations.entity[index]))
        if meaning is not None:
            errors.add(explain.discarded(*relocations.row(index), meaning))
    _check_threads(relocations, active & ~missing, explain, errors)
    return undefined


def _check_threads(relocations: Relocations, active: Flags, explain: Explainer, errors: Collector) -> None:
    """Report code that wants the address of a thread-local variable, which has a distance instead."""
    symbols = relocations.symbols
    own = [d.symbol.type if d.symbol is not None else 0 for d in symbols.own]
    is_tls = np.concatenate([symbols.type == STT_TLS, np.array([t == STT_TLS for t in own], np.bool_)])
    if not is_tls.any():
        return
    wrong = active & is_tls[relocations.entity] & of_kinds(relocations, Kind.ABS, *RELATIVE_KINDS, *SLOT_KINDS)
    for index in first_rows(wrong, errors):
        errors.add(explain.thread_local(*relocations.row(index)))


def first_rows(wrong: Flags, errors: Collector) -> list[int]:
    """Return the first of the wrong rows, as many as are shown, and count the others."""
    rows = np.flatnonzero(wrong)
    errors.dropped += max(0, len(rows) - MAX_ERRORS)
    return [int(row) for row in rows[:MAX_ERRORS]]
