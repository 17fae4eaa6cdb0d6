"""Relocations -> bytes: every field of the output sections gets its value, checked against its range (psABI 4.4)."""

from __future__ import annotations

from typing import Final

import numpy as np

from exotool.diagnostics import MAX_ERRORS, Collector, Diagnostic
from exotool.elf.columns import Ints
from exotool.elf.constants import EM_386, SHF_EXECINSTR, SHT_NOBITS
from exotool.link.explain import Explainer
from exotool.link.got import Form, Got, References, put, rewrite
from exotool.link.howto import SLOT_KINDS, TLS_CODE_KINDS, Kind
from exotool.link.model import InputSection, OutputPlan
from exotool.link.relocations import Flags, Relocations, contents_at, of_kinds
from exotool.link.scan import describing, left_out, refers_nowhere
from exotool.link.symbols import Symbols
from exotool.link.tls import ThreadBlock, rewrite_threads

CODE_FILL: Final = 0xCC
"""Gaps between code are `int3`: who runs into one stops there."""

LISTS: Final = (".debug_ranges", ".debug_loc")
"""Sections where a pair of zeros would end a list: there 1 stands for the address of code that was left out."""


CHUNK: Final = 1 << 16
"""So many fields are computed at once: their columns stay in the processor's cache, and take little memory."""


class _Image:
    """The contents of all output sections, one behind the other; `start` is where each input section is there."""

    def __init__(self, outputs: list[OutputPlan], sections: list[InputSection]) -> None:
        filled = [output for output in outputs if not output.is_nobits]
        whole = memoryview(bytearray(sum(output.sh_size for output in filled)))
        self.image = np.frombuffer(whole, np.uint8)
        self.start = np.full(len(sections), -1, np.int64)
        base = 0
        for output in filled:
            output.data = whole[base : base + output.sh_size]
            if output.background is not None:
                output.data[:] = output.background
            elif output.sh_flags & SHF_EXECINSTR:
                self.image[base : base + output.sh_size] = CODE_FILL
            # What is in a loop over all sections of a link counts.
            inputs = output.inputs
            starts = [base + section.offset for section in inputs]
            self.start[[section.number for section in inputs]] = starts
            for at, section in zip(starts, inputs, strict=True):
                if section.sh_type != SHT_NOBITS:
                    whole[at : at + section.size] = section.data
                else:
                    whole[at : at + section.size] = bytes(section.size)
            base += output.sh_size


def relocate(
    relocations: Relocations,
    outputs: list[OutputPlan],
    addresses: Ints,
    references: References,
    forms: Ints,
    got: Got,
    block: ThreadBlock,
    explain: Explainer,
    errors: Collector,
) -> None:
    """Fill `data` of all output sections. Error: L0107 a value that its field cannot hold.

    `addresses` are those of all entities, `forms` what becomes of the references through the GOT.
    """
    if got.section is not None:
        got.section.data = got.fill(addresses, block.pointer)
    made = _Image(outputs, relocations.sections)
    fields = _Fields(relocations, addresses, got, block, explain.e_machine)
    active = (relocations.kind != Kind.NONE) & (made.start >= 0)[relocations.section]
    in_threads = of_kinds(relocations, *TLS_CODE_KINDS)
    plain = active & ~in_threads
    plain[references.rows[forms != Form.SLOT]] = False
    rows = np.flatnonzero(plain)
    wrong = 0
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        value = fields.values(chunk)
        fits = fields.fit(chunk, value)
        at = made.start[relocations.section[chunk]] + relocations.offset[chunk]
        for width in (1, 2, 4, 8):
            chosen = fits & (relocations.size[chunk] == width)
            if chosen.any():
                put(made.image, at[chosen], value[chosen], width)
        for k in np.flatnonzero(~fits).tolist():
            wrong += 1
            if wrong <= MAX_ERRORS:
                errors.add(_overflow(relocations, int(chunk[k]), int(value[k]), fields, explain))
    errors.dropped += max(0, wrong - MAX_ERRORS)

    places = relocations.places(references.rows)
    start = made.start[relocations.section[references.rows]]
    where = start + relocations.offset[references.rows]
    rewrite(made.image, references, np.where(start >= 0, forms, Form.SLOT), where, addresses, places)
    rows = np.flatnonzero(active & in_threads & relocations.is_alloc)
    where = made.start[relocations.section[rows]] + relocations.offset[rows]
    rewrite_threads(
        made.image, relocations, rows, where, addresses, relocations.places(rows), block, got, explain, errors
    )


def _overflow(relocations: Relocations, row: int, value: int, fields: _Fields, explain: Explainer) -> Diagnostic:
    low, high = fields.bounds(np.array([row]))
    meaning = relocations.symbols.definition(int(relocations.entity[row]))
    return explain.overflow(*relocations.row(row), meaning, int(low[0]), int(high[0]), value)


class _Fields:
    """What stands in the fields: values, and the ranges that they must be in."""

    def __init__(self, relocations: Relocations, addresses: Ints, got: Got, block: ThreadBlock, e_machine: int) -> None:
        self.relocations, self.got, self.block = relocations, got, block
        self.is_i386 = e_machine == EM_386
        # An undefined symbol, which is the last one, has address 0.
        self.addresses = np.append(addresses, 0)
        self.sections = relocations.section_addresses()
        self.tombs = _tombstones(relocations)

    def values(self, rows: Ints) -> Ints:
        """Return the value of each field, a signed number of 64 bits that may have wrapped."""
        relocations = self.relocations
        section = relocations.section[rows]
        value = self.addresses[relocations.entity[rows]] + relocations.addend[rows]
        kind = relocations.kind[rows]
        relative = np.flatnonzero(kind == Kind.PC)
        value[relative] -= self.sections[section[relative]] + relocations.offset[rows[relative]]
        if (kind > Kind.PC).any():
            _add_special(value, relocations, rows, self.got, self.block)
        if self.tombs is not None:
            self.tombs.put(value, relocations.entity[rows], section)
        return ((value + (1 << 31)) & 0xFFFFFFFF) - (1 << 31) if self.is_i386 else value

    def bounds(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return the least and the greatest value of each field."""
        how, relocations = self.relocations.how, self.relocations
        types = how.rows(relocations.type[rows])
        low, high = how.low[types], how.high[types]
        return low, np.where(relocations.size[rows] == 4, (1 << 31) - 1, high) if self.is_i386 else high

    def fit(self, rows: Ints, value: Ints) -> Flags:
        """Tell which fields can hold their values."""
        low, high = self.bounds(rows)
        fits: Flags = (self.relocations.size[rows] == 8) | ((value >= low) & (value <= high))
        return fits


def _add_special(value: Ints, relocations: Relocations, rows: Ints, got: Got, block: ThreadBlock) -> None:
    """Finish the values that need more than symbol, addend and place (psABI table 4.9)."""
    kind, entity = relocations.kind[rows], relocations.entity[rows]
    chosen = kind == Kind.SIZE
    value[chosen] = _sizes(relocations.symbols)[entity[chosen]] + relocations.addend[rows[chosen]]
    pointer = _signed(block.pointer)
    value[kind == Kind.GOT_REL] -= _signed(got.address)
    value[kind == Kind.TP_REL] -= pointer
    value[kind == Kind.TP_NEG] = pointer - value[kind == Kind.TP_NEG]
    chosen = kind == Kind.DTP_REL
    value[chosen] -= np.where(relocations.is_alloc[rows[chosen]], pointer, _signed(block.start))
    chosen = kind == Kind.GOT_PC
    value[chosen] = _signed(got.address) + relocations.addend[rows[chosen]] - relocations.places(rows[chosen])
    chosen = np.isin(kind, SLOT_KINDS)
    slots = np.array([got.slot_of.get(e, 0) for e in entity[chosen].tolist()], np.int64) * got.word
    slot_rows = rows[chosen]
    base = np.where(
        np.isin(kind[chosen], (Kind.SLOT_PC, Kind.SLOT_PC_FIXED)),
        _signed(got.address) - relocations.places(slot_rows),
        np.where(_has_no_base(relocations, slot_rows), _signed(got.address), 0),
    )
    value[chosen] = slots + base + relocations.addend[slot_rows]


def _has_no_base(relocations: Relocations, rows: Ints) -> Flags:
    """Tell which i386 references name a slot by its address: `mov foo@GOT, %eax` has no register with the table's."""
    if not len(rows):
        return np.empty(0, np.bool_)
    joined, at = contents_at(relocations, rows)
    modrm = joined[at - 1]
    no_base: Flags = (relocations.kind[rows] == Kind.SLOT_I386) & (modrm & 0xC7 == 0x05)
    return no_base


def _sizes(symbols: Symbols) -> Ints:
    own = [definition.symbol.st_size if definition.symbol is not None else 0 for definition in symbols.own]
    return np.concatenate([symbols.size, np.array(own, np.uint64)]).astype(np.int64)


class _Tombstones:
    """What stands for the addresses of code that was left out, in sections that describe it."""

    def __init__(self, relocations: Relocations, gone: Flags) -> None:
        symbols, sections = relocations.symbols, relocations.sections
        has_twin = np.concatenate([symbols.twin >= 0, np.zeros(len(symbols.own) + 1, np.bool_)])
        self.gone, self.replaced = gone, gone & has_twin
        self.describes = describing(sections)
        self.stone = np.array([section.name in LISTS for section in sections], np.int64)

    def put(self, value: Ints, entity: Ints, section: Ints) -> None:
        """Replace the values of what is gone, and for which nothing stands in."""
        tombs = self.gone[entity] & ~(self.describes[section] & self.replaced[entity])
        value[tombs] = self.stone[section[tombs]]


def _tombstones(relocations: Relocations) -> _Tombstones | None:
    gone = left_out(relocations.symbols)
    return _Tombstones(relocations, gone) if refers_nowhere(gone, relocations.entity).any() else None


def _signed(address: int) -> int:
    """Return an address as the signed number of 64 bits that the columns hold."""
    return (address + (1 << 63)) % (1 << 64) - (1 << 63)
