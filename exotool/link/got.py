"""References through the global offset table: turned into direct ones where the psABI allows, else given a slot.

psABI x86-64 version 1.0, appendix B.2 "Optimize GOTPCRELX Relocations". In a static image every address is known,
so that `mov foo@GOTPCREL(%rip), %rax` can be `lea foo(%rip), %rax`; a slot is needed only for an instruction that is
none of those, and where the symbol is out of reach of a direct reference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, NamedTuple

from exotool.elf import ObjectFile, Relocation
from exotool.elf.constants import SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_PROGBITS, X86Reloc
from exotool.link.assign import GOT_SECTION
from exotool.link.model import LINKER, Definition, InputSection

SLOT_SIZE: Final = 8
GOT_TYPES: Final = frozenset((X86Reloc.R_X86_64_GOTPCREL, X86Reloc.R_X86_64_GOTPCRELX, X86Reloc.R_X86_64_REX_GOTPCRELX))

_RIP_RELATIVE: Final = 0x05
"""ModRM with mod 00 and r/m 101, `disp32(%rip)`; bits 3 to 5 are the register."""

_MOV, _LEA, _TEST, _GROUP5, _CALL, _JMP, _NOP, _ADDR32 = 0x8B, 0x8D, 0x85, 0xFF, 0xE8, 0xE9, 0x90, 0x67
_BINOPS: Final = (0x03, 0x0B, 0x13, 0x1B, 0x23, 0x2B, 0x33, 0x3B)
_REX_W, _REX_R = 0x08, 0x04


class Form(Enum):
    """What becomes of a reference through the GOT."""

    CALL = auto()
    JMP = auto()
    LEA = auto()
    IMMEDIATE = auto()
    SLOT = auto()


class Reference(NamedTuple):
    """A relocation of a GOT type, and the section that it stands in."""

    section: InputSection
    relocation: Relocation
    definition: Definition


@dataclass(slots=True)
class Got:
    """The table: its section (None while it has no slots) and the slot of each definition."""

    section: InputSection | None
    slots: dict[Definition, int]

    def grow(self) -> InputSection | None:
        """Make the section as large as its slots; return it when it was not there before.

        The slots never change at run time, so that the section can lie in read-only memory.
        """
        made = None
        if self.slots and self.section is None:
            flags = SHF_ALLOC | SHF_WRITE
            made = InputSection(ObjectFile(LINKER), -1, GOT_SECTION, SHT_PROGBITS, flags, SLOT_SIZE, 0)
            self.section = made
        if self.section is not None:
            self.section.data = bytes(SLOT_SIZE * len(self.slots))
            self.section.size = len(self.section.data)
        return made

    def address(self, definition: Definition) -> int:
        """Return the address of a definition's slot."""
        if self.section is None:
            raise ValueError("there is no GOT")
        return self.section.address + SLOT_SIZE * self.slots[definition]


def find_slots(references: list[Reference], got: Got, place: Callable[[], bool]) -> bool:
    """Give slots to all references that need one; tell whether the image could be laid out, which `place` does.

    Slots move what lies behind them, so that more references can come out of reach: the search ends because slots
    only ever come to be.
    """
    for reference in references:
        if not _candidates(reference):
            got.slots.setdefault(reference.definition, len(got.slots))
    while place():
        needed = [r.definition for r in references if r.definition not in got.slots and form(r) is Form.SLOT]
        if not needed:
            return True
        for definition in needed:
            got.slots.setdefault(definition, len(got.slots))
    return False


def form(reference: Reference) -> Form:
    """Return what becomes of a reference, now that all addresses are known."""
    section, r, definition = reference
    target, here = definition.address, section.address + r.r_offset
    # The field of a jmp begins one byte earlier; all other direct forms keep it where it is.
    for candidate in _candidates(reference):
        if candidate is Form.IMMEDIATE:
            if _immediate_fits(section, r, target):
                return candidate
        elif definition.section is not None or definition.boundary is not None or definition.home is not None:
            distance = target - 4 - here + (candidate is Form.JMP)
            if -1 << 31 <= distance < 1 << 31:
                return candidate
    return Form.SLOT


def _candidates(reference: Reference) -> tuple[Form, ...]:
    """Return the direct forms that the instruction has, best first; none for an instruction that is not known."""
    section, r, _ = reference
    data, at = section.data, r.r_offset
    has_rex = r.r_type == X86Reloc.R_X86_64_REX_GOTPCRELX
    if r.r_addend != -4 or at < 2 + has_rex or not section.sh_flags & SHF_EXECINSTR:
        return ()
    opcode, modrm = data[at - 2], data[at - 1]
    if has_rex and data[at - 3] & 0xF0 != 0x40:
        return ()
    if opcode == _GROUP5 and modrm in (0x15, 0x25) and r.r_type == X86Reloc.R_X86_64_GOTPCRELX:
        return (Form.CALL,) if modrm == 0x15 else (Form.JMP,)
    if modrm & 0xC7 != _RIP_RELATIVE:
        return ()
    if opcode == _MOV:
        # Of a plain GOTPCREL nobody promises where its instruction begins; a wrong guess can only be this one byte.
        return (Form.LEA,) if r.r_type == X86Reloc.R_X86_64_GOTPCREL else (Form.LEA, Form.IMMEDIATE)
    if r.r_type != X86Reloc.R_X86_64_GOTPCREL and (opcode == _TEST or opcode in _BINOPS):
        return (Form.IMMEDIATE,)
    return ()


def _immediate_fits(section: InputSection, r: Relocation, target: int) -> bool:
    """Tell whether the address is what the instruction makes of a 32-bit immediate (sign-extended with REX.W)."""
    if _is_wide(section, r):
        return target < 1 << 31 or target >= (1 << 64) - (1 << 31)
    return target < 1 << 32


def _is_wide(section: InputSection, r: Relocation) -> bool:
    return r.r_type == X86Reloc.R_X86_64_REX_GOTPCRELX and bool(section.data[r.r_offset - 3] & _REX_W)


def rewrite(data: bytearray, at: int, kind: Form, has_rex: bool, target: int, here: int) -> None:
    """Rewrite the instruction whose displacement is at `data[at]`; `here` is that byte's address."""
    if kind is Form.CALL:
        # `addr32 call`: one byte more than a call, so that the instruction keeps its length.
        data[at - 2 : at] = bytes((_ADDR32, _CALL))
        data[at : at + 4] = _word(target - 4 - here)
    elif kind is Form.JMP:
        data[at - 2] = _JMP
        data[at - 1 : at + 3] = _word(target - 4 - (here - 1))
        data[at + 3] = _NOP
    elif kind is Form.LEA:
        data[at - 2] = _LEA
        data[at : at + 4] = _word(target - 4 - here)
    elif kind is Form.IMMEDIATE:
        opcode, register = data[at - 2], data[at - 1] >> 3 & 7
        if opcode == _MOV:
            data[at - 2], data[at - 1] = 0xC7, 0xC0 | register
        elif opcode == _TEST:
            data[at - 2], data[at - 1] = 0xF7, 0xC0 | register
        else:
            data[at - 2], data[at - 1] = 0x81, 0xC0 | register | (opcode & 0x38)
        if has_rex:
            # The register moves from ModRM.reg to ModRM.rm, and its fourth bit from REX.R to REX.B.
            rex = data[at - 3]
            data[at - 3] = rex & ~_REX_R | (rex & _REX_R) >> 2
        data[at : at + 4] = _word(target)


def _word(value: int) -> bytes:
    return (value & 0xFFFFFFFF).to_bytes(4, "little")
