"""Relocation types by what a field holds (psABI x86-64, table 4.9; psABI i386, table 4.3)."""

from __future__ import annotations

from typing import Final

from exotool.elf.constants import I386Reloc, X86Reloc

_R: Final = X86Reloc
ABSOLUTE_64: Final = {8: _R.R_X86_64_64, 4: _R.R_X86_64_32, 2: _R.R_X86_64_16, 1: _R.R_X86_64_8}
RELATIVE_64: Final = {8: _R.R_X86_64_PC64, 4: _R.R_X86_64_PC32, 2: _R.R_X86_64_PC16, 1: _R.R_X86_64_PC8}
_I: Final = I386Reloc
ABSOLUTE_32: Final = {4: _I.R_386_32, 2: _I.R_386_16, 1: _I.R_386_8}
RELATIVE_32: Final = {4: _I.R_386_PC32, 2: _I.R_386_PC16, 1: _I.R_386_PC8}
MODIFIERS_64: Final = {
    ("PLT", 4): _R.R_X86_64_PLT32,
    ("GOTPCREL", 4): _R.R_X86_64_GOTPCREL,
    ("GOTPCREL", 8): _R.R_X86_64_GOTPCREL64,
    ("GOT", 4): _R.R_X86_64_GOT32,
    ("GOT", 8): _R.R_X86_64_GOT64,
    ("GOTOFF", 8): _R.R_X86_64_GOTOFF64,
    ("GOTTPOFF", 4): _R.R_X86_64_GOTTPOFF,
    ("TPOFF", 4): _R.R_X86_64_TPOFF32,
    ("TPOFF", 8): _R.R_X86_64_TPOFF64,
    ("DTPOFF", 4): _R.R_X86_64_DTPOFF32,
    ("DTPOFF", 8): _R.R_X86_64_DTPOFF64,
    ("TLSGD", 4): _R.R_X86_64_TLSGD,
    ("TLSLD", 4): _R.R_X86_64_TLSLD,
    ("SIZE", 4): _R.R_X86_64_SIZE32,
    ("SIZE", 8): _R.R_X86_64_SIZE64,
    ("PLTOFF", 8): _R.R_X86_64_PLTOFF64,
}
MODIFIERS_32: Final = {
    ("PLT", 4): _I.R_386_PLT32,
    ("GOT", 4): _I.R_386_GOT32,
    ("GOTOFF", 4): _I.R_386_GOTOFF,
    ("TLSGD", 4): _I.R_386_TLS_GD,
    ("TLSLDM", 4): _I.R_386_TLS_LDM,
    ("DTPOFF", 4): _I.R_386_TLS_LDO_32,
    ("TPOFF", 4): _I.R_386_TLS_LE_32,
    ("NTPOFF", 4): _I.R_386_TLS_LE,
    ("GOTNTPOFF", 4): _I.R_386_TLS_GOTIE,
    ("INDNTPOFF", 4): _I.R_386_TLS_IE,
    ("SIZE", 4): _I.R_386_SIZE32,
}
THREAD_LOCAL: Final = frozenset(
    ["GOTTPOFF", "TPOFF", "DTPOFF", "TLSGD", "TLSLD", "TLSLDM", "NTPOFF", "GOTNTPOFF", "INDNTPOFF"]
)
PLAIN_64: Final = frozenset([*ABSOLUTE_64.values(), *RELATIVE_64.values(), _R.R_X86_64_32S])
PLAIN_32: Final = frozenset([*ABSOLUTE_32.values(), *RELATIVE_32.values()])
