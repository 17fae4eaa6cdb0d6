"""Relocation types -> what to compute, how wide, in which range (psABI x86-64 table 4.9, psABI i386 table 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, auto
from typing import Final

import numpy as np

from exotool.elf.columns import Ints
from exotool.elf.constants import EM_386, I386Reloc, X86Reloc


class Kind(IntEnum):
    """What the value of a field is made of: S symbol, A addend, P place, GOT the table, G a slot, TP thread pointer."""

    UNSUPPORTED = 0
    NONE = auto()
    ABS = auto()  # S + A
    PC = auto()  # S + A - P
    SIZE = auto()  # Z + A
    SLOT_PC = auto()  # G + A - P, which may become direct
    SLOT_PC_FIXED = auto()  # G + A - P
    SLOT = auto()  # G - GOT + A
    SLOT_I386 = auto()  # G - GOT + A, or G + A where no register holds the table's address
    GOT_REL = auto()  # S + A - GOT
    GOT_PC = auto()  # GOT + A - P
    TP_REL = auto()  # S + A - TP
    TP_NEG = auto()  # TP - S - A
    DTP_REL = auto()  # S + A - start of the thread's block; S + A - TP once __tls_get_addr is gone
    TLS_GD = auto()
    TLS_LD = auto()
    TLS_IE = auto()
    TLS_DESC = auto()
    TLS_DESC_CALL = auto()
    TLS_IE_I386 = auto()
    TLS_GD_I386 = auto()
    TLS_LD_I386 = auto()


SLOT_KINDS: Final = (Kind.SLOT_PC, Kind.SLOT_PC_FIXED, Kind.SLOT, Kind.SLOT_I386)
TLS_CALL_KINDS: Final = (Kind.TLS_GD, Kind.TLS_LD, Kind.TLS_GD_I386, Kind.TLS_LD_I386)
"""Code that calls `__tls_get_addr`."""

TLS_CODE_KINDS: Final = (*TLS_CALL_KINDS, Kind.TLS_IE, Kind.TLS_DESC, Kind.TLS_DESC_CALL, Kind.TLS_IE_I386)
RELATIVE_KINDS: Final = (Kind.PC, Kind.SLOT_PC, Kind.SLOT_PC_FIXED, Kind.GOT_PC)

_S32: Final = (-(1 << 31), (1 << 31) - 1)
_U32: Final = (0, (1 << 32) - 1)
_ANY32: Final = (-(1 << 31), (1 << 32) - 1)
_ANY64: Final = (-(1 << 63), (1 << 63) - 1)
# 8 and 16 bits may be read as signed or unsigned by the instruction, and a 16-bit jump wraps within its segment:
# both readings are let through, as other linkers do.
_ANY16: Final = (-(1 << 15), (1 << 16) - 1)
_ANY8: Final = (-(1 << 7), (1 << 8) - 1)
_S8: Final = (-(1 << 7), (1 << 7) - 1)

_X, _I = X86Reloc, I386Reloc
_X86_64: Final[dict[int, tuple[Kind, int, tuple[int, int]]]] = {
    _X.R_X86_64_NONE: (Kind.NONE, 0, _ANY64),
    _X.R_X86_64_64: (Kind.ABS, 8, _ANY64),
    _X.R_X86_64_PC64: (Kind.PC, 8, _ANY64),
    _X.R_X86_64_PC32: (Kind.PC, 4, _S32),
    _X.R_X86_64_PLT32: (Kind.PC, 4, _S32),
    _X.R_X86_64_32: (Kind.ABS, 4, _U32),
    _X.R_X86_64_32S: (Kind.ABS, 4, _S32),
    _X.R_X86_64_16: (Kind.ABS, 2, _ANY16),
    _X.R_X86_64_PC16: (Kind.PC, 2, _ANY16),
    _X.R_X86_64_8: (Kind.ABS, 1, _ANY8),
    _X.R_X86_64_PC8: (Kind.PC, 1, _S8),
    _X.R_X86_64_SIZE32: (Kind.SIZE, 4, _U32),
    _X.R_X86_64_SIZE64: (Kind.SIZE, 8, _ANY64),
    _X.R_X86_64_GOTPCREL: (Kind.SLOT_PC, 4, _S32),
    _X.R_X86_64_GOTPCRELX: (Kind.SLOT_PC, 4, _S32),
    _X.R_X86_64_REX_GOTPCRELX: (Kind.SLOT_PC, 4, _S32),
    _X.R_X86_64_GOTPCREL64: (Kind.SLOT_PC_FIXED, 8, _ANY64),
    _X.R_X86_64_GOT32: (Kind.SLOT, 4, _S32),
    _X.R_X86_64_GOT64: (Kind.SLOT, 8, _ANY64),
    _X.R_X86_64_GOTPLT64: (Kind.SLOT, 8, _ANY64),
    _X.R_X86_64_GOTOFF64: (Kind.GOT_REL, 8, _ANY64),
    _X.R_X86_64_PLTOFF64: (Kind.GOT_REL, 8, _ANY64),
    _X.R_X86_64_GOTPC32: (Kind.GOT_PC, 4, _S32),
    _X.R_X86_64_GOTPC64: (Kind.GOT_PC, 8, _ANY64),
    _X.R_X86_64_TPOFF32: (Kind.TP_REL, 4, _S32),
    _X.R_X86_64_TPOFF64: (Kind.TP_REL, 8, _ANY64),
    _X.R_X86_64_DTPOFF32: (Kind.DTP_REL, 4, _S32),
    _X.R_X86_64_DTPOFF64: (Kind.DTP_REL, 8, _ANY64),
    _X.R_X86_64_TLSGD: (Kind.TLS_GD, 4, _S32),
    _X.R_X86_64_TLSLD: (Kind.TLS_LD, 4, _S32),
    _X.R_X86_64_GOTTPOFF: (Kind.TLS_IE, 4, _S32),
    _X.R_X86_64_GOTPC32_TLSDESC: (Kind.TLS_DESC, 4, _S32),
    _X.R_X86_64_TLSDESC_CALL: (Kind.TLS_DESC_CALL, 2, _ANY64),
}
_I386: Final[dict[int, tuple[Kind, int, tuple[int, int]]]] = {
    _I.R_386_NONE: (Kind.NONE, 0, _ANY64),
    _I.R_386_32: (Kind.ABS, 4, _ANY32),
    _I.R_386_PC32: (Kind.PC, 4, _ANY32),
    _I.R_386_PLT32: (Kind.PC, 4, _ANY32),
    _I.R_386_16: (Kind.ABS, 2, _ANY16),
    _I.R_386_PC16: (Kind.PC, 2, _ANY16),
    _I.R_386_8: (Kind.ABS, 1, _ANY8),
    _I.R_386_PC8: (Kind.PC, 1, _S8),
    _I.R_386_SIZE32: (Kind.SIZE, 4, _U32),
    _I.R_386_GOT32: (Kind.SLOT_I386, 4, _ANY32),
    _I.R_386_GOT32X: (Kind.SLOT_I386, 4, _ANY32),
    _I.R_386_GOTOFF: (Kind.GOT_REL, 4, _ANY32),
    _I.R_386_GOTPC: (Kind.GOT_PC, 4, _ANY32),
    _I.R_386_TLS_LE: (Kind.TP_REL, 4, _ANY32),
    _I.R_386_TLS_LE_32: (Kind.TP_NEG, 4, _ANY32),
    _I.R_386_TLS_LDO_32: (Kind.DTP_REL, 4, _ANY32),
    _I.R_386_TLS_GD: (Kind.TLS_GD_I386, 4, _ANY32),
    _I.R_386_TLS_LDM: (Kind.TLS_LD_I386, 4, _ANY32),
    _I.R_386_TLS_IE: (Kind.TLS_IE_I386, 4, _ANY32),
    _I.R_386_TLS_GOTIE: (Kind.TLS_IE_I386, 4, _ANY32),
}


@dataclass(frozen=True, slots=True)
class Howto:
    """The table of one machine as columns, by relocation type; types from its length on are unsupported."""

    kind: Ints
    size: Ints
    low: Ints
    high: Ints

    def rows(self, r_type: Ints) -> Ints:
        """Return relocation types as indices into the columns; the last is that of all types unknown."""
        return np.minimum(r_type, len(self.kind) - 1)


def howto(e_machine: int) -> Howto:
    """Return the table of a machine, EM_X86_64 or EM_386."""
    table = _I386 if e_machine == EM_386 else _X86_64
    length = max(table) + 2
    made = Howto(*(np.zeros(length, np.int64) for _ in range(4)))
    for r_type, (kind, size, (low, high)) in table.items():
        made.kind[r_type], made.size[r_type], made.low[r_type], made.high[r_type] = kind, size, low, high
    return made
