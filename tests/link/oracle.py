"""A second opinion on relocations: psABI table 4.10 written down again, in another way than the linker does."""

from __future__ import annotations

from exotool.elf.constants import X86Reloc as R

FORMULA = {
    R.R_X86_64_64: ("S+A", 64, "wrap"),
    R.R_X86_64_PC64: ("S+A-P", 64, "wrap"),
    R.R_X86_64_PC32: ("S+A-P", 32, "signed"),
    R.R_X86_64_PLT32: ("S+A-P", 32, "signed"),
    R.R_X86_64_32: ("S+A", 32, "unsigned"),
    R.R_X86_64_32S: ("S+A", 32, "signed"),
    R.R_X86_64_16: ("S+A", 16, "either"),
    R.R_X86_64_PC16: ("S+A-P", 16, "either"),
    R.R_X86_64_8: ("S+A", 8, "either"),
    R.R_X86_64_PC8: ("S+A-P", 8, "signed"),
}


def field(r_type: int, s: int, a: int, p: int) -> bytes | None:
    """Return the bytes of a relocated field, or None when the value does not fit."""
    formula, bits, reading = FORMULA[R(r_type)]
    full = (s + a - (p if formula.endswith("P") else 0)) % 2**64
    short = full % 2**bits
    zero_extended = short == full
    sign_extended = (short if short < 2 ** (bits - 1) else short + 2**64 - 2**bits) == full
    fits = {"wrap": True, "signed": sign_extended, "unsigned": zero_extended, "either": sign_extended or zero_extended}
    return short.to_bytes(bits // 8, "little") if fits[reading] else None
