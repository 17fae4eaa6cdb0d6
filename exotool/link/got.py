"""References through the global offset table: turned into direct ones where the psABI allows, else given a slot.

psABI x86-64 version 1.0, appendix B.2 "Optimize GOTPCRELX Relocations". In a static image every address is known,
so that `mov foo@GOTPCREL(%rip), %rax` can be `lea foo(%rip), %rax`; a slot is needed only for an instruction that is
none of those, and where the symbol is out of reach of a direct reference.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from exotool.elf import ObjectFile
from exotool.elf.columns import Ints
from exotool.elf.constants import SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_PROGBITS, I386Reloc, X86Reloc
from exotool.link.assign import GOT_SECTION
from exotool.link.howto import SLOT_KINDS, Kind
from exotool.link.model import LINKER, InputSection
from exotool.link.relocations import Flags, Relocations, contents_at, of_kinds
from exotool.link.symbols import NO_SECTION, Symbols

_RIP_RELATIVE: Final = 0x05
"""ModRM with mod 00 and r/m 101, `disp32(%rip)`; bits 3 to 5 are the register."""

_MOV, _LEA, _TEST, _GROUP5, _CALL, _JMP, _NOP, _ADDR32 = 0x8B, 0x8D, 0x85, 0xFF, 0xE8, 0xE9, 0x90, 0x67
_BINOPS: Final = (0x03, 0x0B, 0x13, 0x1B, 0x23, 0x2B, 0x33, 0x3B)
_REX_W, _REX_R = 0x08, 0x04
_SIB: Final = 4


class Form(IntEnum):
    """What becomes of a reference through the GOT."""

    SLOT = 0
    CALL = 1
    JMP = 2
    LEA = 3
    IMMEDIATE = 4


class Got:
    """The table: its section (None while there is none) and the slots of the entities that have one.

    A slot holds the address of its entity, or for an entity in `offset_of` its distance from the thread pointer.
    """

    def __init__(self, symbols: Symbols, word: int) -> None:
        self.section: InputSection | None = None
        self.symbols, self.word = symbols, word
        self.slot_of: dict[int, int] = {}
        self.offset_of: dict[int, int] = {}
        self.is_wanted = False

    def want(self, entities: Ints) -> None:
        """Give entities slots, in their order."""
        for entity in entities.tolist():
            self.slot_of.setdefault(entity, len(self.slot_of) + len(self.offset_of))

    def want_offset(self, entity: int) -> None:
        """Give the distance of an entity from the thread pointer a slot."""
        self.offset_of.setdefault(entity, len(self.slot_of) + len(self.offset_of))

    def make(self) -> InputSection | None:
        """Return the section if it is needed and not there yet; `grow` makes it as large as the slots."""
        if self.section is not None or not (self.slot_of or self.offset_of or self.is_wanted):
            return None
        # The slots never change at run time, so that the section can lie in read-only memory.
        flags = SHF_ALLOC | SHF_WRITE
        self.section = InputSection(ObjectFile(LINKER), -1, GOT_SECTION, SHT_PROGBITS, flags, self.word, 0)
        self.grow()
        self.symbols.add_section(self.section)
        return self.section

    def grow(self) -> None:
        """Make the section as large as its slots, and not empty."""
        if self.section is not None:
            self.section.size = self.word * max(1, len(self.slot_of) + len(self.offset_of))
            self.section.data = bytes(self.section.size)

    @property
    def address(self) -> int:
        """The address of the table."""
        return self.section.address if self.section is not None else 0

    def fill(self, addresses: Ints, thread_pointer: int) -> bytes:
        """Return the table's contents."""
        data = bytearray(self.section.size if self.section is not None else 0)
        mask = (1 << 8 * self.word) - 1
        for entity, slot in self.slot_of.items():
            value = int(addresses[entity]) & mask
            data[slot * self.word : (slot + 1) * self.word] = value.to_bytes(self.word, "little")
        for entity, slot in self.offset_of.items():
            value = (int(addresses[entity]) - thread_pointer) & mask
            data[slot * self.word : (slot + 1) * self.word] = value.to_bytes(self.word, "little")
        return bytes(data)


class References:
    """The relocations of the link that go through the GOT, and what each can become."""

    def __init__(self, relocations: Relocations, *, relax: bool, absolute: bool) -> None:
        """`absolute` tells whether addresses may stand in immediates: not in an image that can be loaded anywhere."""
        self.relocations = relocations
        self.rows: Ints = np.flatnonzero(of_kinds(relocations, *SLOT_KINDS) & relocations.is_alloc)
        joined, at = contents_at(relocations, self.rows)
        r_type = relocations.type[self.rows]
        offset = relocations.offset[self.rows]
        self.has_rex: Flags = r_type == X86Reloc.R_X86_64_REX_GOTPCRELX
        is_code = np.array([s.sh_flags for s in relocations.sections], np.uint64) & SHF_EXECINSTR != 0
        known = is_code[relocations.section[self.rows]] if len(self.rows) else np.empty(0, np.bool_)
        is_i386 = (relocations.kind[self.rows] == Kind.SLOT_I386) & (r_type == I386Reloc.R_386_GOT32X)
        known = known & (is_i386 | (relocations.kind[self.rows] == Kind.SLOT_PC))
        known &= relocations.addend[self.rows] == np.where(is_i386, 0, -4)
        known &= offset >= 2 + self.has_rex
        if not relax:
            known[:] = False

        opcode, modrm = joined[at - 2], joined[at - 1]
        self.rex = np.where(self.has_rex, joined[at - 3], 0).astype(np.int64)
        known &= ~self.has_rex | (self.rex & 0xF0 == 0x40)
        is_plain = r_type == X86Reloc.R_X86_64_GOTPCREL
        # For i386 the same ModRM is a bare disp32; mod 10 has a register with the table's address besides.
        has_base = is_i386 & (modrm & 0xC0 == 0x80) & (modrm & 7 != _SIB)
        is_rip = (modrm & 0xC7 == _RIP_RELATIVE) | has_base
        # Of a plain GOTPCREL nobody promises where its instruction begins; a wrong guess can only be mov's one byte.
        group5 = known & (opcode == _GROUP5) & is_rip & (is_i386 | (r_type == X86Reloc.R_X86_64_GOTPCRELX))
        operation = modrm & 0x38
        is_mov = known & is_rip & (opcode == _MOV)
        is_binop = known & is_rip & ~is_plain & ((opcode == _TEST) | np.isin(opcode, _BINOPS))
        self.direct: Ints = np.select(
            [group5 & (operation == 0x10), group5 & (operation == 0x20), is_mov & ~is_i386],
            [Form.CALL, Form.JMP, Form.LEA],
            Form.SLOT,
        ).astype(np.int64)
        self.immediate: Flags = ((is_mov & ~is_plain) | is_binop) & absolute
        self.is_wide: Flags = self.has_rex & (self.rex & _REX_W != 0)
        self.entity: Ints = relocations.entity[self.rows]
        self.is_placed = placed(relocations.symbols)[self.entity]

    def forms(self, addresses: Ints) -> Ints:
        """Return what becomes of each reference, now that all addresses are known."""
        target, here = addresses[self.entity], self.relocations.places(self.rows)
        # The field of a jmp begins one byte earlier; all other direct forms keep it where it is.
        distance = target - 4 - here + (self.direct == Form.JMP)
        reaches = (distance >= -(1 << 31)) & (distance < 1 << 31)
        fits = np.where(self.is_wide, (target >= -(1 << 31)) & (target < 1 << 31), (target >= 0) & (target < 1 << 32))
        is_direct = (self.direct != Form.SLOT) & self.is_placed & reaches
        return np.where(is_direct, self.direct, np.where(self.immediate & fits, Form.IMMEDIATE, Form.SLOT))


def placed(symbols: Symbols) -> Flags:
    """Tell which entities have an address that moves with the image, and are not just numbers."""
    own = [d.section is not None or d.boundary is not None or d.home is not None for d in symbols.own]
    return np.concatenate([symbols.section != NO_SECTION, np.array(own, np.bool_)])


def find_slots(references: References, got: Got, place: Callable[[], Ints | None]) -> Ints | None:
    """Give slots to all references that need one; return the form of each, or None when there was no layout.

    `place` lays the image out and returns the addresses of all entities, or None. Slots move what lies behind them, so
    that more references can come out of reach: the search ends because slots only ever come to be.
    """
    needed = references.entity[(references.direct == Form.SLOT) & ~references.immediate]
    got.want(needed)
    while (addresses := place()) is not None:
        forms = references.forms(addresses)
        needed = references.entity[forms == Form.SLOT]
        before = len(got.slot_of)
        got.want(needed)
        if len(got.slot_of) == before:
            return forms
    return None


def rewrite(
    image: npt.NDArray[np.uint8], references: References, forms: Ints, at: Ints, addresses: Ints, places: Ints
) -> None:
    """Rewrite the instructions of all references that became direct.

    `at` is where the field of each is in `image`, `places` its address.
    """
    target, here = addresses[references.entity], places
    for form in (Form.CALL, Form.JMP, Form.LEA):
        chosen = forms == form
        if not chosen.any():
            continue
        p, distance = at[chosen], (target - 4 - here)[chosen]
        if form is Form.CALL:
            # `addr32 call`: one byte more than a call, so that the instruction keeps its length.
            image[p - 2], image[p - 1] = _ADDR32, _CALL
            put(image, p, distance, 4)
        elif form is Form.JMP:
            image[p - 2], image[p + 3] = _JMP, _NOP
            put(image, p - 1, distance + 1, 4)
        else:
            image[p - 2] = _LEA
            put(image, p, distance, 4)
    chosen = forms == Form.IMMEDIATE
    if chosen.any():
        _rewrite_immediates(image, at[chosen], references.has_rex[chosen], target[chosen])


def _rewrite_immediates(image: npt.NDArray[np.uint8], p: Ints, has_rex: Flags, target: Ints) -> None:
    opcode, register = image[p - 2], image[p - 1] >> 3 & 7
    is_mov, is_test = opcode == _MOV, opcode == _TEST
    image[p - 2] = np.select([is_mov, is_test], [0xC7, 0xF7], 0x81)
    image[p - 1] = 0xC0 | register | np.where(is_mov | is_test, 0, opcode & 0x38)
    # The register moves from ModRM.reg to ModRM.rm, and its fourth bit from REX.R to REX.B.
    prefix = p[has_rex] - 3
    rex = image[prefix]
    image[prefix] = rex & (0xFF ^ _REX_R) | (rex & _REX_R) >> 2
    put(image, p, target, 4)


def put(image: npt.NDArray[np.uint8], at: Ints, value: Ints, width: int) -> None:
    """Write the low `width` bytes of numbers, little-endian."""
    dtype = np.dtype(f"<u{width}")
    # Item k of this view is the number that begins at byte k: items overlap, and need not be aligned.
    numbers = np.ndarray(len(image) - width + 1, dtype, image.data, strides=(1,))
    numbers[at] = value.astype(dtype)
