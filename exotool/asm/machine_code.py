"""Instructions as the processor reads them: prefixes, REX, ModRM, SIB, displacement (SDM volume 2, chapter 2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from exotool.asm.registers import REGISTERS, Register


class Immediate(NamedTuple):
    """An immediate operand."""

    value: int


class Memory(NamedTuple):
    """A memory operand; `disp` is None where nothing is written."""

    base: Register | None
    indexed: Register | None
    scale: int
    disp: int | None


Operand: TypeAlias = Immediate | Register | Memory
Operands: TypeAlias = list[Operand]

_MEMORY: Final = re.compile(r"(-?0x[0-9a-f]+)?(?:\((?:%(\w+))?(?:,%(\w+)(?:,(?:0x)?([1248]))?)?\))?")
_PAIRS: Final = {("bx", "si"): 0, ("bx", "di"): 1, ("bp", "si"): 2, ("bp", "di"): 3}
_SINGLES: Final = {"si": 4, "di": 5, "bp": 6, "bx": 7}
"""ModRM.rm of 16-bit addresses (SDM volume 2, table 2-1)."""


class NoFormError(Exception):
    """There is no such instruction here."""


def parse_operand(text: str) -> Operand:
    """Parse one canonical operand."""
    text = text.removeprefix("*")
    if text.startswith("$"):
        return Immediate(int(text[1:], 16))
    if text.startswith("%"):
        return REGISTERS[text[1:]]
    match = _MEMORY.fullmatch(text)
    if match is None or not text:
        raise NoFormError
    disp, base, index, scale = match.groups()
    return Memory(
        REGISTERS[base] if base else None,
        REGISTERS[index] if index else None,
        int(scale or "1"),
        int(disp, 16) if disp else None,
    )


class Address(NamedTuple):
    """ModRM without its reg field, and what follows: `rex` holds X and B, `bits` is the address size."""

    mod_rm: int
    tail: bytes
    rex: int
    bits: int


def little(value: int, width: int) -> bytes:
    """Return the low bytes of a number; `NoFormError` if it has more."""
    bits = 8 * width
    if not -(1 << (bits - 1)) <= value < 1 << bits:
        raise NoFormError
    return (value % (1 << bits)).to_bytes(width, "little")


def _displaced(low: int, disp: int | None, wide: int, *, needed: bool) -> tuple[int, bytes]:
    """Return ModRM.mod and the displacement for an address with a base; `needed` if there must be one."""
    value = disp or 0
    if value == 0 and not needed:
        return low, b""
    if -128 <= value <= 127:
        return low | 0x40, little(value, 1)
    return low | 0x80, little(value, wide)


def read_address(mode: int, memory: Memory) -> Address:
    """Encode a memory operand (SDM volume 2, 2.1.5)."""
    base, index, scale, disp = memory
    first = base or index
    bits = mode if first is None else first.bits
    if first is None:
        if mode == 64:
            raise NoFormError
        return Address(0x06 if bits == 16 else 0x05, little(disp or 0, bits // 8), 0, bits)
    if base is not None and base.kind == "ip":
        return Address(0x05, little(disp or 0, 4), 0, 64)
    if bits == 16:
        if base is None or mode == 64:
            raise NoFormError
        rm = _SINGLES.get(base.name) if index is None else _PAIRS.get((base.name, index.name))
        if rm is None:
            raise NoFormError
        mod_rm, tail = _displaced(rm, disp, 2, needed=rm == 6)
        return Address(mod_rm, tail, 0, 16)
    rex = (base.number >> 3 if base else 0) | (index.number >> 3 << 1 if index else 0)
    low_base = base.number & 7 if base else 5
    if index is None and low_base != 4:
        mod_rm, tail = _displaced(low_base, disp, 4, needed=low_base == 5)
        return Address(mod_rm, tail, rex, bits)
    number = 4 if index is None else index.number & 7
    sib = bytes([{1: 0, 2: 0x40, 4: 0x80, 8: 0xC0}[scale] | number << 3 | low_base])
    if base is None:
        return Address(0x04, sib + little(disp or 0, 4), rex, bits)
    mod_rm, tail = _displaced(4, disp, 4, needed=low_base == 5)
    return Address(mod_rm, sib + tail, rex, bits)


def encode_address(mode: int, reg: Register | int, rm: Register | Memory) -> tuple[bytes, int, bytes]:
    """Return the address size prefix, the bits R, X and B of a REX prefix, and ModRM with what follows it."""
    number = reg.number if isinstance(reg, Register) else reg
    rex = number >> 3 << 2
    if isinstance(rm, Register):
        return b"", rex | rm.number >> 3, bytes([0xC0 | (number & 7) << 3 | rm.number & 7])
    address = read_address(mode, rm)
    tail = bytes([address.mod_rm | (number & 7) << 3]) + address.tail
    return b"" if address.bits == mode else b"\x67", rex | address.rex, tail


@dataclass(slots=True)
class Encoding:
    """What an instruction is made of; `bits` is the operand size, 0 where none is encoded.

    `prefix` is the mandatory one, `reg` ModRM.reg (a register, or a digit), `rm` ModRM.rm; `plus` is a register that is
    part of the opcode. `wide` is REX.W beyond what `bits` says; `narrow` says that 64 bits need no REX.W.
    """

    opcode: bytes
    bits: int = 0
    prefix: bytes = b""
    reg: Register | int = 0
    rm: Register | Memory | None = None
    plus: Register | None = None
    immediate: bytes = b""
    wide: bool = False
    narrow: bool = False

    def encode(self, mode: int) -> bytes:
        """Return the bytes; `NoFormError` when the mode or a REX prefix does not allow them."""
        registers = [part for part in (self.reg, self.rm, self.plus) if isinstance(part, Register)]
        rex = 0x48 if self.wide or (self.bits == 64 and not self.narrow) else 0
        for register in registers:
            if register.kind == "gpr" and register.bits == 8 and register.number >= 4:
                rex |= 0x40
        prefixes = self.prefix
        if self.bits == (32 if mode == 16 else 16):
            prefixes = b"\x66" + prefixes
        opcode, tail = self.opcode, b""
        if self.plus is not None:
            opcode = opcode[:-1] + bytes([opcode[-1] | self.plus.number & 7])
            rex |= self.plus.number >> 3
        if self.rm is not None:
            before, more, tail = encode_address(mode, self.reg, self.rm)
            prefixes = before + prefixes
            rex |= more
        if rex:
            if mode != 64 or any(register.kind == "high" for register in registers):
                raise NoFormError
            prefixes += bytes([0x40 | rex])
        return prefixes + opcode + tail + self.immediate
