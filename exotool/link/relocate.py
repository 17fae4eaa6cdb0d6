"""Relocations -> bytes: every field of the output sections gets its value, checked against its range (psABI 4.4)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from exotool.diagnostics import MAX_ERRORS, Collector
from exotool.elf.columns import Ints
from exotool.elf.constants import EM_386, SHF_EXECINSTR
from exotool.link.explain import Explainer
from exotool.link.got import Form, Got, References, put, rewrite
from exotool.link.howto import SLOT_KINDS, TLS_CODE_KINDS, Kind
from exotool.link.model import OutputPlan
from exotool.link.relocations import Flags, Relocations, contents_at, of_kinds
from exotool.link.scan import left_out, takes_tombstones
from exotool.link.symbols import UNDEFINED, Symbols
from exotool.link.tls import ThreadBlock, rewrite_threads

CODE_FILL: Final = 0xCC
"""Gaps between code are `int3`: who runs into one stops there."""

LISTS: Final = (".debug_ranges", ".debug_loc")
"""Sections where a pair of zeros would end a list: there 1 stands for the address of code that was left out."""


class _Image:
    """The contents of all output sections, one behind the other while the fields are written."""

    def __init__(self, outputs: list[OutputPlan], relocations: Relocations) -> None:
        self.outputs = [output for output in outputs if not output.is_nobits]
        sizes = [output.sh_size for output in self.outputs]
        self.base = dict(zip(map(id, self.outputs), np.cumsum([0, *sizes]).tolist()[:-1], strict=True))
        self.image = np.zeros(sum(sizes), np.uint8)
        whole = memoryview(self.image.data)
        self.start = np.full(len(relocations.sections), -1, np.int64)
        for output in self.outputs:
            base = self.base[id(output)]
            if output.background is not None:
                whole[base : base + output.sh_size] = output.background
            elif output.sh_flags & SHF_EXECINSTR:
                self.image[base : base + output.sh_size] = CODE_FILL
            for section in output.inputs:
                at = base + section.offset
                self.start[section.number] = at
                if section.is_nobits:
                    self.image[at : at + section.size] = 0
                else:
                    whole[at : at + section.size] = section.data

    def finish(self) -> None:
        """Hand the contents to the output sections."""
        whole = memoryview(self.image.data)
        for output in self.outputs:
            base = self.base[id(output)]
            output.data = bytearray(whole[base : base + output.sh_size])


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
    made = _Image(outputs, relocations)
    places = relocations.places()
    start = made.start[relocations.section]
    at = start + relocations.offset
    active = (relocations.kind != Kind.NONE) & (start >= 0)

    is_direct = np.zeros(len(relocations), np.bool_)
    is_direct[references.rows] = forms != Form.SLOT
    special = active & of_kinds(relocations, *TLS_CODE_KINDS) & relocations.is_alloc
    plain = active & ~is_direct & ~of_kinds(relocations, *TLS_CODE_KINDS)
    rows = np.flatnonzero(plain)
    value = _values(relocations, rows, addresses, places, got, block)
    tombs = _tombstones(relocations, rows)
    value[tombs] = _tombstone_values(relocations, rows[tombs])
    if explain.e_machine == EM_386:
        value = ((value + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
    types = relocations.how.rows(relocations.type[rows])
    low, high = relocations.how.low[types], relocations.how.high[types]
    if explain.e_machine == EM_386:
        high = np.where(relocations.size[rows] == 4, (1 << 31) - 1, high)
    fits = (relocations.size[rows] == 8) | ((value >= low) & (value <= high))
    wrong = np.flatnonzero(~fits)
    low, high = low[wrong], high[wrong]
    errors.dropped += max(0, len(wrong) - MAX_ERRORS)
    for number, k in enumerate(wrong[:MAX_ERRORS].tolist()):
        index = int(rows[k])
        meaning = relocations.symbols.definition(int(relocations.entity[index]))
        section, r = relocations.row(index)
        errors.add(explain.overflow(section, r, meaning, int(low[number]), int(high[number]), int(value[k])))
    for width in (1, 2, 4, 8):
        chosen = fits & (relocations.size[rows] == width)
        if chosen.any():
            put(made.image, at[rows[chosen]], value[chosen], width)

    inside = start[references.rows] >= 0
    rewrite(made.image, references, np.where(inside, forms, Form.SLOT), at[references.rows], addresses, places)
    rows = np.flatnonzero(special)
    rewrite_threads(made.image, relocations, rows, at[rows], addresses, places, block, got, explain, errors)
    made.finish()


def _values(relocations: Relocations, rows: Ints, addresses: Ints, places: Ints, got: Got, block: ThreadBlock) -> Ints:
    """Return the value of each field (psABI table 4.9), as a signed number of 64 bits that may have wrapped."""
    kind, entity = relocations.kind[rows], relocations.entity[rows]
    value = np.where(entity == UNDEFINED, 0, addresses[entity]) + relocations.addend[rows]
    relative = kind == Kind.PC
    value[relative] -= places[rows[relative]]
    if (kind <= Kind.PC).all():
        return value
    chosen = kind == Kind.SIZE
    value[chosen] = _sizes(relocations.symbols)[entity[chosen]] + relocations.addend[rows[chosen]]
    pointer = _signed(block.pointer)
    value[kind == Kind.GOT_REL] -= _signed(got.address)
    value[kind == Kind.TP_REL] -= pointer
    value[kind == Kind.TP_NEG] = pointer - value[kind == Kind.TP_NEG]
    chosen = kind == Kind.DTP_REL
    value[chosen] -= np.where(relocations.is_alloc[rows[chosen]], pointer, _signed(block.start))
    chosen = kind == Kind.GOT_PC
    value[chosen] = _signed(got.address) + relocations.addend[rows[chosen]] - places[rows[chosen]]
    chosen = np.isin(kind, SLOT_KINDS)
    slots = np.array([got.slot_of.get(e, 0) for e in entity[chosen].tolist()], np.int64) * got.word
    slot_rows = rows[chosen]
    base = np.where(
        np.isin(kind[chosen], (Kind.SLOT_PC, Kind.SLOT_PC_FIXED)),
        _signed(got.address) - places[slot_rows],
        np.where(_has_no_base(relocations, slot_rows), _signed(got.address), 0),
    )
    value[chosen] = slots + base + relocations.addend[slot_rows]
    return value


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


def _tombstones(relocations: Relocations, rows: Ints) -> Flags:
    """Tell which rows describe code that was left out, and for which nothing stands in."""
    symbols, entity = relocations.symbols, relocations.entity[rows]
    gone = left_out(symbols)[entity]
    if not gone.any():
        return gone
    describes = np.array([takes_tombstones(section) for section in relocations.sections], np.bool_)
    twins = np.concatenate([symbols.twin, np.full(len(symbols.own) + 1, -1, np.int64)])
    return gone & ~(describes[relocations.section[rows]] & (twins[entity] >= 0))


def _tombstone_values(relocations: Relocations, rows: Ints) -> npt.NDArray[np.int64]:
    in_list = np.array([section.name in LISTS for section in relocations.sections], np.int64)
    return in_list[relocations.section[rows]]


def _signed(address: int) -> int:
    """Return an address as the signed number of 64 bits that the columns hold."""
    return (address + (1 << 63)) % (1 << 64) - (1 << 63)
