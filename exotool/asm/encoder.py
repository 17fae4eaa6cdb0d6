"""An encoder of our own for the canonical texts of templates: integer and system instructions; vectors are next door.

Keystone encodes where it can be loaded; this one takes its place elsewhere, and for the forms that Keystone lacks. A
canonical text has AT&T syntax, a size suffix where there is a choice, hexadecimal numbers, and no prefixes, symbols or
labels. What is made here is read back by Capstone like all else. Opcodes and fields: SDM volume 2, chapters 2 to 5.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from exotool.asm.machine_code import (
    Encoding,
    Immediate,
    Memory,
    NoFormError,
    Operand,
    Operands,
    little,
    parse_operand,
    read_address,
)
from exotool.asm.mnemonics import CONDITIONS, EXTENSIONS, SHIFTS, SUFFIX_BITS
from exotool.asm.registers import REGISTERS, VECTOR_KINDS, Register

# Families. Each gets the operand size and the operands in AT&T order.

Family: TypeAlias = Callable[[int, int, Operands], Encoding]


def _place(operand: Operand) -> Register | Memory:
    if isinstance(operand, Immediate):
        raise NoFormError
    return operand


def _general(operand: Operand, bits: int) -> Register:
    """Return a general register of the given size."""
    if not isinstance(operand, Register) or operand.kind not in ("gpr", "high") or operand.bits != bits:
        raise NoFormError
    return operand


def _any(operand: Operand, bits: int) -> Register | Memory:
    """Return memory, or a general register of the given size."""
    return operand if isinstance(operand, Memory) else _general(operand, bits)


def _two(operands: Operands) -> tuple[Operand, Operand]:
    if len(operands) != 2:
        raise NoFormError
    return operands[0], operands[1]


def _one(operands: Operands) -> Operand:
    if len(operands) != 1:
        raise NoFormError
    return operands[0]


def _is_accumulator(operand: Operand) -> bool:
    return isinstance(operand, Register) and operand.kind == "gpr" and operand.number == 0


def _byte_or_wide(opcode: int, bits: int) -> bytes:
    """Return the opcode for 8 bits, or the next one."""
    return bytes([opcode | (bits > 8)])


def _immediate(value: int, bits: int) -> bytes:
    return little(value, min(bits, 32) // 8)


def _arithmetic(number: int) -> Family:
    """ADD, OR, ADC, SBB, AND, SUB, XOR, CMP."""

    def family(_mode: int, bits: int, operands: Operands) -> Encoding:
        source, target = _two(operands)
        if isinstance(source, Immediate):
            place = _any(target, bits)
            if bits > 8 and -128 <= source.value <= 127:
                return Encoding(b"\x83", bits, reg=number, rm=place, immediate=little(source.value, 1))
            data = _immediate(source.value, bits)
            if _is_accumulator(target):
                return Encoding(_byte_or_wide(number << 3 | 4, bits), bits, immediate=data)
            return Encoding(_byte_or_wide(0x80, bits), bits, reg=number, rm=place, immediate=data)
        if isinstance(source, Memory):
            return Encoding(_byte_or_wide(number << 3 | 2, bits), bits, reg=_general(target, bits), rm=source)
        return Encoding(_byte_or_wide(number << 3, bits), bits, reg=_general(source, bits), rm=_any(target, bits))

    return family


def _test(_mode: int, bits: int, operands: Operands) -> Encoding:
    source, target = _two(operands)
    if isinstance(source, Immediate):
        data = _immediate(source.value, bits)
        if _is_accumulator(target):
            return Encoding(_byte_or_wide(0xA8, bits), bits, immediate=data)
        return Encoding(_byte_or_wide(0xF6, bits), bits, reg=0, rm=_any(target, bits), immediate=data)
    if isinstance(source, Memory):
        source, target = target, source
    return Encoding(_byte_or_wide(0x84, bits), bits, reg=_general(source, bits), rm=_any(target, bits))


def _step(digit: int) -> Family:
    """INC and DEC."""

    def family(mode: int, bits: int, operands: Operands) -> Encoding:
        place = _any(_one(operands), bits)
        if isinstance(place, Register) and bits > 8 and mode != 64:
            return Encoding(bytes([0x40 | digit << 3]), bits, plus=place)
        return Encoding(_byte_or_wide(0xFE, bits), bits, reg=digit, rm=place)

    return family


def _unary(digit: int) -> Family:
    """NOT, NEG, MUL, DIV, IDIV."""

    def family(_mode: int, bits: int, operands: Operands) -> Encoding:
        return Encoding(_byte_or_wide(0xF6, bits), bits, reg=digit, rm=_any(_one(operands), bits))

    return family


def _imul(_mode: int, bits: int, operands: Operands) -> Encoding:
    if len(operands) == 1:
        return Encoding(_byte_or_wide(0xF6, bits), bits, reg=5, rm=_any(operands[0], bits))
    if len(operands) == 2:
        return Encoding(b"\x0f\xaf", bits, reg=_general(operands[1], bits), rm=_any(operands[0], bits))
    factor, source, target = operands
    if not isinstance(factor, Immediate):
        raise NoFormError
    short = -128 <= factor.value <= 127
    data = little(factor.value, 1) if short else _immediate(factor.value, bits)
    opcode = b"\x6b" if short else b"\x69"
    return Encoding(opcode, bits, reg=_general(target, bits), rm=_any(source, bits), immediate=data)


def _xchg(mode: int, bits: int, operands: Operands) -> Encoding:
    source, target = _two(operands)
    if isinstance(source, Register) and isinstance(target, Register) and bits > 8:
        # 90 alone is a nop, which does not clear the upper half of %rax
        is_nop = mode == 64 and bits == 32 and _is_accumulator(source) and _is_accumulator(target)
        if (_is_accumulator(source) or _is_accumulator(target)) and not is_nop:
            other = target if _is_accumulator(source) else source
            return Encoding(b"\x90", bits, plus=_general(other, bits))
    if isinstance(source, Memory):
        source, target = target, source
    return Encoding(_byte_or_wide(0x86, bits), bits, reg=_general(source, bits), rm=_any(target, bits))


def _to_place(opcode: bytes) -> Family:
    """XADD and CMPXCHG: a register, and memory or a register that is changed."""

    def family(_mode: int, bits: int, operands: Operands) -> Encoding:
        source, target = _two(operands)
        chosen = opcode[:-1] + _byte_or_wide(opcode[-1], bits)
        return Encoding(chosen, bits, reg=_general(source, bits), rm=_any(target, bits))

    return family


def _without_size(family: Family) -> Family:
    """32 or 64 bits in every mode, without a size prefix: ADCX, ADOX, MOVNTI."""

    def chosen(mode: int, bits: int, operands: Operands) -> Encoding:
        encoding = family(mode, bits, operands)
        encoding.bits, encoding.wide = 0, bits == 64
        return encoding

    return chosen


def _to_register(opcode: bytes, prefix: bytes = b"") -> Family:
    """BSF, CMOVcc and their like: memory or a register, and a register that is changed."""

    def family(_mode: int, bits: int, operands: Operands) -> Encoding:
        source, target = _two(operands)
        return Encoding(opcode, bits, prefix, reg=_general(target, bits), rm=_any(source, bits))

    return family


def _bit(digit: int) -> Family:
    """BT, BTS, BTR, BTC."""

    def family(_mode: int, bits: int, operands: Operands) -> Encoding:
        source, target = _two(operands)
        if isinstance(source, Immediate):
            data = little(source.value, 1)
            return Encoding(b"\x0f\xba", bits, reg=digit, rm=_any(target, bits), immediate=data)
        opcode = bytes([0x0F, 0x83 | digit << 3])
        return Encoding(opcode, bits, reg=_general(source, bits), rm=_any(target, bits))

    return family


def _movbe(_mode: int, bits: int, operands: Operands) -> Encoding:
    source, target = _two(operands)
    if isinstance(source, Memory):
        return Encoding(b"\x0f\x38\xf0", bits, reg=_general(target, bits), rm=source)
    if not isinstance(target, Memory):
        raise NoFormError
    return Encoding(b"\x0f\x38\xf1", bits, reg=_general(source, bits), rm=target)


def _movnti(_mode: int, bits: int, operands: Operands) -> Encoding:
    source, target = _two(operands)
    if not isinstance(target, Memory):
        raise NoFormError
    return Encoding(b"\x0f\xc3", bits, reg=_general(source, bits), rm=target)


def _shift(digit: int) -> Family:
    """ROL to SAR: by one, by an immediate, by %cl."""

    def family(_mode: int, bits: int, operands: Operands) -> Encoding:
        place = _any(operands[-1], bits)
        count = operands[0] if len(operands) == 2 else Immediate(1)
        if count == REGISTERS["cl"]:
            return Encoding(_byte_or_wide(0xD2, bits), bits, reg=digit, rm=place)
        if not isinstance(count, Immediate):
            raise NoFormError
        if count.value == 1:
            return Encoding(_byte_or_wide(0xD0, bits), bits, reg=digit, rm=place)
        return Encoding(_byte_or_wide(0xC0, bits), bits, reg=digit, rm=place, immediate=little(count.value, 1))

    return family


def _double_shift(opcode: int) -> Family:
    """SHLD and SHRD."""

    def family(_mode: int, bits: int, operands: Operands) -> Encoding:
        count, source, target = operands
        reg, place = _general(source, bits), _any(target, bits)
        if isinstance(count, Immediate):
            data = little(count.value, 1)
            return Encoding(bytes([0x0F, opcode]), bits, reg=reg, rm=place, immediate=data)
        if count != REGISTERS["cl"]:
            raise NoFormError
        return Encoding(bytes([0x0F, opcode | 1]), bits, reg=reg, rm=place)

    return family


def _lea(_mode: int, bits: int, operands: Operands) -> Encoding:
    source, target = _two(operands)
    if not isinstance(source, Memory):
        raise NoFormError
    return Encoding(b"\x8d", bits, reg=_general(target, bits), rm=source)


def _mov(mode: int, bits: int, operands: Operands) -> Encoding:
    source, target = _two(operands)
    for special, other, opcode in ((source, target, 0x20), (target, source, 0x22)):
        if isinstance(special, Register) and special.kind in ("cr", "dr"):
            general = _general(other, 64 if mode == 64 else 32)
            return Encoding(bytes([0x0F, opcode | (special.kind == "dr")]), reg=special, rm=general)
    if isinstance(source, Immediate):
        data = _immediate(source.value, bits)
        if isinstance(target, Register) and bits < 64:
            opcode = 0xB0 if bits == 8 else 0xB8
            return Encoding(bytes([opcode]), bits, plus=_general(target, bits), immediate=data)
        return Encoding(_byte_or_wide(0xC6, bits), bits, reg=0, rm=_any(target, bits), immediate=data)
    for memory, register, opcode in ((source, target, 0xA0), (target, source, 0xA2)):
        bare = isinstance(memory, Memory) and memory.base is None and memory.indexed is None
        if bare and mode != 64 and _is_accumulator(register):
            tail = read_address(mode, memory).tail if isinstance(memory, Memory) else b""
            return Encoding(_byte_or_wide(opcode, bits), bits, immediate=tail)
    if isinstance(source, Memory):
        return Encoding(_byte_or_wide(0x8A, bits), bits, reg=_general(target, bits), rm=source)
    return Encoding(_byte_or_wide(0x88, bits), bits, reg=_general(source, bits), rm=_any(target, bits))


def _extension(kind: str, source_bits: int) -> Family:
    """MOVZX, MOVSX, MOVSXD."""
    opcode = bytes([0x0F, {"z": 0xB6, "s": 0xBE}[kind] | (source_bits > 8)]) if source_bits < 32 else b"\x63"

    def family(_mode: int, bits: int, operands: Operands) -> Encoding:
        source, target = _two(operands)
        return Encoding(opcode, bits, reg=_general(target, bits), rm=_any(source, source_bits))

    return family


def _bswap(_mode: int, bits: int, operands: Operands) -> Encoding:
    return Encoding(b"\x0f\xc8", bits, plus=_general(_one(operands), bits))


def _crc32(_mode: int, bits: int, operands: Operands) -> Encoding:
    source, target = _two(operands)
    if not isinstance(target, Register) or target.bits < 32:
        raise NoFormError
    opcode = b"\x0f\x38" + _byte_or_wide(0xF0, bits)
    wide = target.bits == 64
    return Encoding(opcode, bits, b"\xf2", reg=target, rm=_any(source, bits), wide=wide)


def _push(_mode: int, bits: int, operands: Operands) -> Encoding:
    operand = _one(operands)
    if isinstance(operand, Immediate):
        if -128 <= operand.value <= 127:
            return Encoding(b"\x6a", bits, immediate=little(operand.value, 1), narrow=True)
        return Encoding(b"\x68", bits, immediate=_immediate(operand.value, bits), narrow=True)
    if isinstance(operand, Register):
        return Encoding(b"\x50", bits, plus=_general(operand, bits), narrow=True)
    return Encoding(b"\xff", bits, reg=6, rm=operand, narrow=True)


def _pop(_mode: int, bits: int, operands: Operands) -> Encoding:
    operand = _one(operands)
    if isinstance(operand, Register):
        return Encoding(b"\x58", bits, plus=_general(operand, bits), narrow=True)
    return Encoding(b"\x8f", bits, reg=0, rm=_any(operand, bits), narrow=True)


def _indirect(digit: int) -> Family:
    """CALL and JMP through a register or memory."""

    def family(_mode: int, bits: int, operands: Operands) -> Encoding:
        return Encoding(b"\xff", bits, reg=digit, rm=_any(_one(operands), bits), narrow=True)

    return family


def _condition(code: int) -> Family:
    """SETcc."""

    def family(_mode: int, _bits: int, operands: Operands) -> Encoding:
        return Encoding(bytes([0x0F, 0x90 | code]), rm=_any(_one(operands), 8))

    return family


def _with_memory(opcode: bytes, digit: int, prefix: bytes = b"", *, wide: bool = False) -> Family:
    """One memory operand."""

    def family(_mode: int, _bits: int, operands: Operands) -> Encoding:
        place = _place(_one(operands))
        if isinstance(place, Register):
            raise NoFormError
        return Encoding(opcode, 0, prefix, reg=digit, rm=place, wide=wide)

    return family


def _with_register(opcode: bytes, digit: int, prefix: bytes = b"") -> Family:
    """One general register."""

    def family(_mode: int, bits: int, operands: Operands) -> Encoding:
        return Encoding(opcode, bits, prefix, reg=digit, rm=_general(_one(operands), bits))

    return family


def _natural(opcode: bytes, *, first: bool = False, prefix: bytes = b"") -> Family:
    """INVEPT, VMREAD and their like: registers of the mode's width; `first` says that ModRM.reg is written first."""

    def family(mode: int, _bits: int, operands: Operands) -> Encoding:
        width = 64 if mode == 64 else 32
        register, place = _two(operands) if first else _two(operands[::-1])
        rm = _any(place, width)
        if prefix and isinstance(rm, Register):
            raise NoFormError
        return Encoding(opcode, 0, prefix, reg=_general(register, width), rm=rm)

    return family


def _words(text: str) -> list[tuple[str, int]]:
    return [(name, number) for number, name in enumerate(text.split())]


def _families() -> dict[str, tuple[Family, str]]:
    """Return the families by mnemonic without suffix, and the suffixes that it has."""
    table: dict[str, tuple[Family, str]] = {}
    for name, number in _words("add or adc sbb and sub xor cmp"):
        table[name] = _arithmetic(number), "bwlq"
    for name, number in _words("rol ror rcl rcr shl shr . sar"):
        if name in SHIFTS:
            table[name] = _shift(number), "bwlq"
    for digit, name in ((2, "not"), (3, "neg"), (4, "mul"), (6, "div"), (7, "idiv")):
        table[name] = _unary(digit), "bwlq"
    for digit, name in ((4, "bt"), (5, "bts"), (6, "btr"), (7, "btc")):
        table[name] = _bit(digit), "wlq"
    for name, number in CONDITIONS.items():
        table[f"cmov{name}"] = _to_register(bytes([0x0F, 0x40 | number])), "wlq"
    for name, opcode, prefix in (("bsf", 0xBC, b""), ("bsr", 0xBD, b""), ("popcnt", 0xB8, b"\xf3"),
                                 ("lzcnt", 0xBD, b"\xf3"), ("tzcnt", 0xBC, b"\xf3")):  # fmt: skip
        table[name] = _to_register(bytes([0x0F, opcode]), prefix), "wlq"
    table |= {
        "test": (_test, "bwlq"),
        "inc": (_step(0), "bwlq"),
        "dec": (_step(1), "bwlq"),
        "imul": (_imul, "bwlq"),
        "xchg": (_xchg, "bwlq"),
        "xadd": (_to_place(b"\x0f\xc0"), "bwlq"),
        "cmpxchg": (_to_place(b"\x0f\xb0"), "bwlq"),
        "adcx": (_without_size(_to_register(b"\x0f\x38\xf6", b"\x66")), "lq"),
        "adox": (_without_size(_to_register(b"\x0f\x38\xf6", b"\xf3")), "lq"),
        "movbe": (_movbe, "wlq"),
        "movnti": (_without_size(_movnti), "lq"),
        "shld": (_double_shift(0xA4), "wlq"),
        "shrd": (_double_shift(0xAC), "wlq"),
        "lea": (_lea, "wlq"),
        "mov": (_mov, "bwlq"),
        "bswap": (_bswap, "lq"),
        "crc32": (_crc32, "bwlq"),
        "push": (_push, "wlq"),
        "pop": (_pop, "wlq"),
        "call": (_indirect(2), "wlq"),
        "jmp": (_indirect(4), "wlq"),
        "rdrand": (_with_register(b"\x0f\xc7", 6), "wlq"),
        "rdseed": (_with_register(b"\x0f\xc7", 7), "wlq"),
    }
    for name, number in _words("rdfsbase rdgsbase wrfsbase wrgsbase"):
        table[name] = _with_register(b"\x0f\xae", number, b"\xf3"), "lq"
    return table


def _alone() -> dict[str, Family]:
    """Return the families of mnemonics that take no suffix."""
    table: dict[str, Family] = {f"set{name}": _condition(number) for name, number in CONDITIONS.items()}
    for name, opcode, digit, prefix in (
        ("invlpg", 0x01, 7, ""), ("fxsave", 0xAE, 0, ""), ("fxrstor", 0xAE, 1, ""), ("ldmxcsr", 0xAE, 2, ""),
        ("stmxcsr", 0xAE, 3, ""), ("xsave", 0xAE, 4, ""), ("xrstor", 0xAE, 5, ""), ("xsaveopt", 0xAE, 6, ""),
        ("clflush", 0xAE, 7, ""), ("clflushopt", 0xAE, 7, "66"), ("clwb", 0xAE, 6, "66"), ("xrstors", 0xC7, 3, ""),
        ("xsavec", 0xC7, 4, ""), ("xsaves", 0xC7, 5, ""), ("prefetch", 0x0D, 0, ""), ("prefetchw", 0x0D, 1, ""),
        ("prefetchnta", 0x18, 0, ""), ("prefetcht0", 0x18, 1, ""), ("prefetcht1", 0x18, 2, ""),
        ("prefetcht2", 0x18, 3, ""), ("cmpxchg8b", 0xC7, 1, ""), ("vmptrld", 0xC7, 6, ""), ("vmptrst", 0xC7, 7, ""),
        ("vmclear", 0xC7, 6, "66"), ("vmxon", 0xC7, 6, "f3"),
    ):  # fmt: skip
        table[name] = _with_memory(bytes([0x0F, opcode]), digit, bytes.fromhex(prefix))
        if name.startswith(("fx", "xs", "xr")):
            table[f"{name}64"] = _with_memory(bytes([0x0F, opcode]), digit, wide=True)
    table["cmpxchg16b"] = _with_memory(b"\x0f\xc7", 1, wide=True)
    for name, number in _words("invept invvpid invpcid"):
        table[name] = _natural(bytes([0x0F, 0x38, 0x80 | number]), prefix=b"\x66")
    table["vmread"] = _natural(b"\x0f\x78", first=True)
    table["vmwrite"] = _natural(b"\x0f\x79")
    return table


@cache
def _table() -> dict[str, tuple[Family, int]]:
    """Return the families and operand sizes by whole mnemonic."""
    table = {name: (family, 0) for name, family in _alone().items()}
    for name, (family, suffixes) in _families().items():
        table |= {name + suffix: (family, SUFFIX_BITS[suffix]) for suffix in suffixes}
    for name, (kind, source, target) in EXTENSIONS.items():
        table[name] = _extension(kind, source), target
    return table


def encode_text(mode: int, text: str) -> bytes | None:
    """Return the bytes of a canonical instruction, None if there is no such form."""
    from exotool.asm.encoder_vector import encode_vector

    mnemonic, _, rest = text.partition(" ")
    try:
        operands = [parse_operand(part.strip()) for part in rest.split(", ")] if rest else []
        found = _table().get(mnemonic)
        if found is None or any(isinstance(part, Register) and part.kind in VECTOR_KINDS for part in operands):
            return encode_vector(mode, mnemonic, operands)
        family, bits = found
        if bits == 64 and mode != 64:
            return None
        return family(mode, bits, operands).encode(mode)
    except (NoFormError, KeyError, ValueError):
        return None
