"""Relocations -> bytes: every field of the output sections gets its value, checked against its range (psABI 4.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from exotool.diagnostics import Collector
from exotool.elf import Relocation
from exotool.elf.constants import SHF_EXECINSTR, SHT_X86_64_UNWIND, X86Reloc
from exotool.link.explain import Explainer
from exotool.link.got import GOT_TYPES, SLOT_SIZE, Form, Got, Reference, form, rewrite
from exotool.link.inputs import Inputs
from exotool.link.model import ADDRESS_MASK, Definition, InputSection, OutputPlan
from exotool.link.resolve import Symbols

CODE_FILL: Final = 0xCC
"""Gaps between code are `int3`: who runs into one stops there."""


class Howto(NamedTuple):
    """How to apply a type: bytes of the field, whether the place is subtracted, smallest and largest value."""

    size: int
    is_relative: bool
    low: int
    high: int


def _howto(bits: int, is_relative: bool, low_bits: int, high_bits: int) -> Howto:
    low = -(1 << low_bits) if low_bits else 0
    return Howto(bits // 8, is_relative, low, (1 << high_bits) - 1)


# 8 and 16 bits may be read as signed or unsigned by the instruction, and a 16-bit jump wraps within its segment:
# both readings are let through, as other linkers do. 64 bits hold every value.
HOWTO: Final[dict[int, Howto]] = {
    X86Reloc.R_X86_64_64: _howto(64, False, 64, 64),
    X86Reloc.R_X86_64_PC64: _howto(64, True, 64, 64),
    X86Reloc.R_X86_64_PC32: _howto(32, True, 31, 31),
    X86Reloc.R_X86_64_PLT32: _howto(32, True, 31, 31),
    X86Reloc.R_X86_64_32: _howto(32, False, 0, 32),
    X86Reloc.R_X86_64_32S: _howto(32, False, 31, 31),
    X86Reloc.R_X86_64_16: _howto(16, False, 15, 16),
    X86Reloc.R_X86_64_PC16: _howto(16, True, 15, 16),
    X86Reloc.R_X86_64_8: _howto(8, False, 7, 8),
    X86Reloc.R_X86_64_PC8: _howto(8, True, 7, 7),
}
SIZES: Final[dict[int, Howto]] = {
    X86Reloc.R_X86_64_SIZE32: _howto(32, False, 0, 32),
    X86Reloc.R_X86_64_SIZE64: _howto(64, False, 64, 64),
}
GOT_HOWTO: Final = HOWTO[X86Reloc.R_X86_64_PC32]


@dataclass(slots=True)
class Scan:
    """What the relocations ask for: references through the GOT, and names that nothing defines, by first use."""

    got: list[Reference] = field(default_factory=list)
    undefined: dict[str, list[tuple[InputSection, Relocation]]] = field(default_factory=dict)


def scan(inputs: Inputs, symbols: Symbols, explain: Explainer, errors: Collector) -> Scan:
    """Look at all relocations of sections with memory.

    Errors: L0104 a type that a static image has no meaning for, L0105 a reference into a section that is left out,
    L0106 a field outside its section.
    """
    found = Scan()
    for number, live in enumerate(inputs.live):
        meanings = symbols.of_object[number]
        doubtful = {k for k, meaning in enumerate(meanings) if meaning is None or meaning.is_discarded}
        for section in live.values():
            if section.is_alloc:
                _scan_section(section, meanings, doubtful, found, explain, errors)
    return found


def _scan_section(
    section: InputSection,
    meanings: list[Definition | None],
    doubtful: set[int],
    found: Scan,
    explain: Explainer,
    errors: Collector,
) -> None:
    tombstones = _takes_tombstones(section)
    for r in section.relocations:
        howto = HOWTO.get(r.r_type) or SIZES.get(r.r_type)
        if howto is None:
            if r.r_type == X86Reloc.R_X86_64_NONE:
                continue
            if r.r_type not in GOT_TYPES:
                errors.add(explain.unsupported(section, r))
                continue
            howto = GOT_HOWTO
        if r.r_offset + howto.size > len(section.data):
            errors.add(explain.outside(section, r))
            continue
        meaning = meanings[r.symbol]
        if r.symbol in doubtful:
            if meaning is None:
                found.undefined.setdefault(section.obj.symbols[r.symbol].name, []).append((section, r))
            elif not tombstones:
                errors.add(explain.discarded(section, r, meaning))
        elif r.r_type in GOT_TYPES and meaning is not None:
            found.got.append(Reference(section, r, meaning))


def relocate(
    inputs: Inputs, outputs: list[OutputPlan], symbols: Symbols, got: Got, explain: Explainer, errors: Collector
) -> None:
    """Fill `data` of all output sections. Error: L0107 a value that its field cannot hold."""
    for output in outputs:
        if not output.is_nobits:
            fill = CODE_FILL if output.sh_flags & SHF_EXECINSTR else 0
            output.data = (
                bytearray(bytes((fill,))) * output.sh_size if output.background is None else output.background[:]
            )
            for section in output.inputs:
                contents = section.data if not section.is_nobits else bytes(section.size)
                output.data[section.offset : section.offset + section.size] = contents
    if got.section is not None and got.section.output is not None:
        data = got.section.output.data
        for definition, slot in got.slots.items():
            at = got.section.offset + SLOT_SIZE * slot
            data[at : at + SLOT_SIZE] = definition.address.to_bytes(SLOT_SIZE, "little")
    for number, live in enumerate(inputs.live):
        meanings = symbols.of_object[number]
        addresses = [None if m is None or m.is_discarded else m.address for m in meanings]
        for section in live.values():
            if section.output is None or not section.relocations:
                continue
            if _takes_tombstones(section):
                twins = inputs.kept_twin[number]
                known = [
                    _twin_address(twins, meaning) if address is None else address
                    for address, meaning in zip(addresses, meanings, strict=True)
                ]
            else:
                known = addresses
            _apply(section, section.output.data, known, meanings, got, explain, errors)


def _apply(
    section: InputSection,
    data: bytearray,
    addresses: list[int | None],
    meanings: list[Definition | None],
    got: Got,
    explain: Explainer,
    errors: Collector,
) -> None:
    base, start, limit = section.offset, section.address, len(section.data)
    for r in section.relocations:
        r_offset, r_type, symbol, addend = r
        howto = HOWTO.get(r_type)
        meaning = meanings[symbol]
        if howto is None:
            if r_type in GOT_TYPES and meaning is not None and section.is_alloc:
                _apply_got(Reference(section, r, meaning), data, got, explain, errors)
                continue
            howto = SIZES.get(r_type)
            if howto is None:
                continue
            address: int | None = meaning.symbol.st_size if meaning and meaning.symbol else 0
        else:
            address = addresses[symbol]
        size, at = howto.size, base + r_offset
        if r_offset + size > limit:
            if not section.is_alloc:
                errors.add(explain.outside(section, r))
            continue
        if address is None:
            data[at : at + size] = _tombstone(section).to_bytes(size, "little")
            continue
        value = address + addend
        if howto.is_relative:
            value -= start + r_offset
        if size != 8:
            value = ((value + (1 << 63)) & ADDRESS_MASK) - (1 << 63)
            if not howto.low <= value <= howto.high:
                errors.add(explain.overflow(section, r, meaning, howto.low, howto.high, value))
                continue
        data[at : at + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")


def _apply_got(reference: Reference, data: bytearray, got: Got, explain: Explainer, errors: Collector) -> None:
    section, r, definition = reference
    at, here = section.offset + r.r_offset, section.address + r.r_offset
    kind = form(reference)
    if kind is not Form.SLOT:
        has_rex = r.r_type == X86Reloc.R_X86_64_REX_GOTPCRELX
        rewrite(data, at, kind, has_rex, definition.address, here)
        return
    value = got.address(definition) + r.r_addend - here
    if not GOT_HOWTO.low <= value <= GOT_HOWTO.high:
        errors.add(explain.overflow(section, r, definition, GOT_HOWTO.low, GOT_HOWTO.high, value))
        return
    data[at : at + 4] = (value & 0xFFFFFFFF).to_bytes(4, "little")


def _takes_tombstones(section: InputSection) -> bool:
    """Tell whether the section only describes code, so that it may go on describing code that was left out."""
    return not section.is_alloc or section.name == ".eh_frame" or section.sh_type == SHT_X86_64_UNWIND


def _tombstone(section: InputSection) -> int:
    """Return what stands for the address of code that is not there: 1 where a pair of zeros would end a list."""
    return 1 if section.name in (".debug_ranges", ".debug_loc") else 0


def _twin_address(twins: dict[int, InputSection], meaning: Definition | None) -> int | None:
    """Return where the same symbol lies in the COMDAT group that was kept."""
    if meaning is None or meaning.symbol is None:
        return None
    twin = twins.get(meaning.symbol.section)
    return twin.address + meaning.value if twin is not None else None
