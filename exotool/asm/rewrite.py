"""Instruction -> canonical form: sizes made explicit, prefixes taken over, symbols replaced by slots.

What GNU as leaves to context is decided here; what Keystone gets wrong is kept from it. One method an instruction
family, found by the mnemonic; a family returns a `Prepared`, or a `Branch` for jumps that may be short.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from exotool.asm.expressions import Expr, Num
from exotool.asm.layout import Branch
from exotool.asm.mnemonics import (
    BITS_SUFFIX,
    CONDITIONS,
    CONVERSIONS,
    EXTENSIONS,
    FAST_CALLS,
    FIXED,
    LOADS_OF_SEGMENTS,
    PLAIN,
    PLAIN_ALIASES,
    PREFIXES,
    PROXIES,
    REX_PREFIXES,
    SEGMENT_PREFIX,
    SHIFTS,
    SIZE_PREFIXES,
    SIZED,
    STRING_OPERATIONS,
    SUFFIX_BITS,
    Proxy,
)
from exotool.asm.operands import Far, Imm, Insn, Mem, Operand, Reg
from exotool.asm.prepared import Field, Prepared
from exotool.asm.readback import Expectation, Slot
from exotool.asm.registers import GPR, Register, only_in_64_bit
from exotool.asm.simd import SIMD, WAITING, X87, X87_SIZED
from exotool.asm.source import AsmError
from exotool.asm.templates import Template
from exotool.diagnostics import did_you_mean

Warn = Callable[[AsmError], None]
Constant = Callable[[Expr], int | None]

_VECTOR: Final = ("mm", "xmm", "ymm", "zmm", "k")


def is_prefix(word: str) -> bool:
    """Tell whether a word is an instruction prefix."""
    return word in PREFIXES or word in SIZE_PREFIXES or word in REX_PREFIXES


class Rewriter:
    """Rewrites one instruction; `constant` gives the value of an expression that is a number by now."""

    def __init__(self, insn: Insn, constant: Constant, warn: Warn) -> None:
        self.insn = insn
        self.mode = insn.mode
        self.ops = insn.operands
        self.constant = constant
        self.warn = warn
        self.out = Prepared(insn.where, insn.mode)
        self.slots: list[int] = []
        self.expect: list[Expectation] = []
        self.data_bits = 0
        self.addr_bits = 0
        self.repair = ""

    # Faults

    def fault(self, code: str, message: str, operand: Operand | None = None, *help_: str) -> AsmError:
        """Return an error at an operand, or at the mnemonic."""
        if operand is not None:
            return AsmError(code, message, operand.start, operand.end, help=help_)
        return AsmError(code, message, self.insn.start, self.insn.end, help=help_)

    def bad_operands(self) -> AsmError:
        return self.fault("A0405", f"`{self.insn.mnemonic}` does not take these operands")

    # Entry

    def run(self) -> Prepared | Branch:
        """Return the instruction in canonical form; `AsmError` A04xx when there is none."""
        self.take_prefixes()
        for operand in self.ops:
            self.check_registers(operand)
        return self.dispatch(self.insn.mnemonic)

    def dispatch(self, name: str) -> Prepared | Branch:
        family = self.family(name)
        if family is not None:
            return family
        if len(name) > 1 and name[-1] in SUFFIX_BITS:
            bits = SUFFIX_BITS[name[-1]]
            sized = self.sized_family(name[:-1], bits)
            if sized is not None:
                if bits == 64 and self.mode != 64:
                    raise self.fault("A0406", f"`{name}` is not available in {self.mode}-bit mode")
                return sized
        raise self.unknown(name)

    def unknown(self, name: str) -> AsmError:
        if name.startswith("v") or any(isinstance(op, Reg) and op.register.kind in ("zmm", "k") for op in self.ops):
            return self.fault("A0404", f"`{name}` is not supported; of AVX there are the AVX and AVX2 instructions")
        known = [*SIZED, *FIXED, *PLAIN, *PROXIES, *SHIFTS, *_SPECIAL]
        return self.fault("A0404", f"unknown instruction `{name}`", None, *did_you_mean(name, known))

    def family(self, name: str) -> Prepared | Branch | None:
        """Return the result for a mnemonic without size suffix, None if there is no such mnemonic."""
        vector = any(isinstance(op, Reg) and op.register.kind in _VECTOR for op in self.ops)
        if name in SIMD and (vector or name not in ("movsd", "cmpsd", "movq")):
            return self.simd(name)
        if name in WAITING or name in X87:
            return self.x87(name)
        if not self.ops and name in FIXED:
            return self.fixed(name)
        if name in PLAIN_ALIASES or name in PLAIN:
            return self.plain(PLAIN_ALIASES.get(name, name))
        if name in CONVERSIONS and not self.ops:
            return self.conversion(name)
        if name in EXTENSIONS and self.ops:
            return self.extension(*EXTENSIONS[name])
        if name.startswith("j") and name[1:] in CONDITIONS:
            return self.conditional_jump(CONDITIONS[name[1:]])
        if name.startswith("set") and name[3:] in CONDITIONS:
            return self.setcc(name)
        return self.sized_family(name, 0)

    def sized_family(self, name: str, bits: int) -> Prepared | Branch | None:
        """Return the result for a mnemonic and the size of its suffix (0 for none)."""
        if name in SHIFTS:
            return self.shift(SHIFTS[name], bits)
        special = _SPECIAL.get(name)
        if special is not None:
            return special(self, name, bits)
        if name in SIZED:
            return self.sized(name, self.allowed(name, SIZED[name], bits))
        if name in PROXIES and self.ops:
            return self.proxy(name, PROXIES[name], bits)
        if name in STRING_OPERATIONS:
            return self.string(name, bits)
        if name.startswith("set") and name[3:] in CONDITIONS and bits == 8:
            return self.setcc(name)
        if name in FAST_CALLS and not self.ops and bits != 8 and bits != 16:
            return self.fast_call(name, bits)
        return None

    def allowed(self, name: str, sizes: str, bits: int) -> int:
        """Return the operand size of a suffix, or of the operands."""
        bits = bits or self.size_of(name)
        if BITS_SUFFIX[bits] not in sizes:
            raise self.fault("A0407", f"`{name}` has no {bits}-bit form")
        return bits

    # Prefixes

    def take_prefixes(self) -> None:
        for word in self.insn.prefixes:
            if word in SIZE_PREFIXES:
                self.size_prefix(word)
            elif word in REX_PREFIXES:
                if self.mode != 64:
                    raise self.fault("A0406", f"`{word}` is available in 64-bit mode only")
                self.out.rex |= REX_PREFIXES[word]
            else:
                self.out.prefixes.append(PREFIXES[word])

    def size_prefix(self, word: str) -> None:
        bits = SIZE_PREFIXES[word]
        if word.startswith("data"):
            if bits == 32 if self.mode != 16 else bits == 16:
                raise self.fault("A0411", f"`{word}` has no effect in {self.mode}-bit mode")
            self.data_bits = bits
            self.out.prefixes.append(0x66)
        else:
            if bits == self.mode or (bits == 16 and self.mode == 64):
                raise self.fault("A0411", f"`{word}` has no effect in {self.mode}-bit mode")
            self.addr_bits = bits
            if not any(isinstance(op, Mem) and (op.base or op.index) for op in self.ops):
                self.out.prefixes.append(0x67)

    def add_operand_size(self, bits: int) -> None:
        """Add the operand size prefix where the mode needs it for an operand of 16 or 32 bits."""
        if bits == (32 if self.mode == 16 else 16):
            self.out.prefixes.append(0x66)

    # Operands

    def check_registers(self, operand: Operand) -> None:
        registers: list[Register | None] = []
        if isinstance(operand, Reg):
            registers = [operand.register]
        elif isinstance(operand, Mem):
            registers = [operand.base, operand.index]
        for register in registers:
            if register is not None and self.mode != 64 and only_in_64_bit(register):
                raise self.fault("A0402", f"`%{register.name}` is available in 64-bit mode only", operand)

    @property
    def default_bits(self) -> int:
        return 16 if self.mode == 16 else 32

    def size_of(self, name: str) -> int:
        """Return the operand size that the operands tell: the last general register, Intel's size, the default."""
        for operand in reversed(self.ops):
            if isinstance(operand, Reg) and operand.register.kind in ("gpr", "high"):
                return operand.register.bits
        for operand in self.ops:
            if isinstance(operand, Mem) and operand.bits:
                return operand.bits
        return self.assume(name, self.default_bits)

    def assume(self, name: str, bits: int) -> int:
        """Return the default operand size, with a warning; in Intel syntax the size must be written."""
        if self.insn.intel:
            raise self.fault(
                "A0408", f"the operand size of `{name}` is ambiguous", None, "write `dword ptr` or the like"
            )
        suffix = BITS_SUFFIX[bits]
        self.warn(self.fault("A0409", f"`{name}` has no size suffix and no register; `{name}{suffix}` is assumed"))
        return bits

    def require_bits(self, operand: Operand, bits: int) -> None:
        if isinstance(operand, Reg):
            register = operand.register
            if register.kind not in ("gpr", "high"):
                raise self.bad_operands()
            if register.bits != bits:
                raise self.fault(
                    "A0407", f"`%{register.name}` has {register.bits} bits, the instruction has {bits}", operand
                )
        elif isinstance(operand, Mem) and operand.bits not in (0, bits):
            raise self.fault("A0407", f"the operand has {operand.bits} bits, the instruction has {bits}", operand)

    def reg(self, operand: Reg) -> str:
        self.expect.append(Expectation("r", (operand.register.name,)))
        return f"%{operand.register.name}"

    def named(self, register: Register) -> str:
        self.expect.append(Expectation("r", (register.name,)))
        return f"%{register.name}"

    def slot(self, expr: Expr, bits: int, *, signed: bool = False, relative: bool = False, relax: bool = False) -> Slot:
        number = len(self.slots)
        if number == 2:
            raise self.fault("A0405", "more than two unknown values in one instruction")
        self.slots.append(bits)
        self.out.fields.append(Field(expr, number, signed=signed, relative=relative, may_relax=relax))
        return Slot(number)

    def imm(self, operand: Imm, bits: int, field_bits: int = 0) -> str:
        """Render an immediate of an operand with `bits` bits; the encoded field may be smaller (`field_bits`)."""
        field_bits = field_bits or min(bits, 32)
        value = self.constant(operand.expr)
        if value is None:
            slot = self.slot(operand.expr, field_bits, signed=bits == 64)
            self.expect.append(Expectation("i", (), slot, field_bits))
            return f"${chr(slot.number)}"
        if field_bits < bits or bits < 64:
            value = self.fold(value, field_bits, operand)
        elif not -(1 << 31) <= value < 1 << 31:
            raise self.fault("A0410", f"{hex(value)} does not fit the signed 32-bit immediate", operand)
        self.expect.append(Expectation("i", (), value, field_bits))
        return f"${hex(value)}"

    def fold(self, value: int, bits: int, operand: Operand) -> int:
        """Return the value that the low `bits` of a number have as a signed number; a warning if others are lost."""
        low = value & ((1 << bits) - 1)
        if not -(1 << bits) < value < 1 << bits:
            self.warn(self.fault("A0412", f"{hex(value)} is shortened to {hex(low)}", operand))
        return low - (1 << bits) if low >> (bits - 1) else low

    def byte(self, operand: Operand, *, width: int = 1) -> bytes:
        """Return an immediate of own code: its bytes, or zeros and a field; it stands at the end of `out.code`."""
        if not isinstance(operand, Imm):
            raise self.bad_operands()
        return self.own_field(operand.expr, width, operand)

    def own_field(self, expr: Expr, width: int, operand: Operand) -> bytes:
        value = self.constant(expr)
        if value is None:
            self.out.fields.append(Field(expr, offset=len(self.out.code), width=width))
            return bytes(width)
        limit = 1 << 8 * width
        if not -limit // 2 <= value < limit:
            raise self.fault("A0410", f"{hex(value)} does not fit {8 * width} bits", operand)
        return (value % limit).to_bytes(width, "little")

    def mem(self, operand: Mem, size: int = 0, *, signed: bool = True, relax: bool = True) -> str:
        """Render a memory operand; its segment override becomes a prefix. `size` is what Capstone must read, bytes."""
        base, index = operand.base, operand.index
        bits = self.address_bits(operand)
        self.segment_prefix(operand)
        if base is not None and base.kind == "ip":
            return self.relative(operand, base, index, size, relax)
        value: int | Slot = 0
        text = ""
        if operand.disp is not None:
            known = self.constant(operand.disp)
            if known is None:
                value = self.slot(operand.disp, 16 if bits == 16 else 32, signed=signed and bits == 64)
                text = chr(value.number)
            else:
                value = self.displacement(known, bits, operand)
                text = hex(value) if value or base is None else ""
        if base is None and index is None:
            text = text or "0x0"
            self.expect_mem(operand, "", "", value, bits, size)
            if self.mode == 64:
                if bits == 32:
                    self.out.prefixes.append(0x67)
                return f"{text}(,%riz,1)"
            if not isinstance(value, Slot):
                text = hex(value % (1 << bits))
            return text
        if self.mode == 16 and base is None and bits == 32:
            return self.index_only(operand, text, value, size)
        names = (base.name if base else "", index.name if index and index.kind != "iz" else "")
        self.expect_mem(operand, *names, value, bits, size)
        if base is not None and base.name == "bp" and index is not None and not text:
            self.repair = "disp"  # Keystone writes a displacement of zero here
        inner = f"%{base.name}" if base else ""
        if index is not None:
            inner += f",%{index.name},{hex(operand.scale)}" if bits != 16 else f",%{index.name}"
        return f"{text}({inner})"

    def index_only(self, operand: Mem, text: str, value: int | Slot, size: int) -> str:
        """Render `disp(,%index,scale)` in 16-bit code, where Keystone drops the index: a base of %ebp is removed later.

        A displacement of 32 bits is always there, so a number goes through a slot too.
        """
        assert operand.index is not None, "an address without registers is 16 bits wide here"
        if not isinstance(value, Slot):
            value = self.slot(operand.disp or Num(0), 32)
        self.repair = "base"
        self.expect_mem(operand, "", operand.index.name, value, 32, size)
        return f"{chr(value.number)}(%ebp,%{operand.index.name},{hex(operand.scale)})"

    def expect_mem(self, operand: Mem, base: str, index: str, value: int | Slot, bits: int, size: int) -> None:
        self.expect.append(Expectation("m", (base, index), value, bits, operand.scale if index else 1, size))

    def relative(self, operand: Mem, base: Register, index: Register | None, size: int, relax: bool) -> str:
        """Render `disp(%rip)`: a symbol is reached relative to the instruction's end, a number is the displacement."""
        if index is not None:
            raise self.fault("A0403", f"`%{base.name}` cannot have an index", operand)
        if base.name == "eip":
            self.out.prefixes.append(0x67)
        known = self.constant(operand.disp) if operand.disp is not None else 0
        value: int | Slot
        if known is None:
            assert operand.disp is not None, "only an expression is unknown"
            value = self.slot(operand.disp, 32, signed=True, relative=True, relax=relax)
            text = chr(value.number)
        else:
            value = self.displacement(known, 64, operand)
            text = hex(value)
        self.expect_mem(operand, "rip", "", value, 64, size)
        return f"{text}(%rip)"

    def segment_prefix(self, operand: Mem) -> None:
        if operand.segment is None:
            return
        base = operand.base
        default = "ss" if base is not None and base.number in (4, 5) and base.kind == "gpr" else "ds"
        if operand.segment.name != default:
            self.out.prefixes.append(SEGMENT_PREFIX[operand.segment.name])

    def address_bits(self, operand: Mem) -> int:
        """Return the address size, after checking that the registers can form an address."""
        registers = [register for register in (operand.base, operand.index) if register is not None]
        for register in registers:
            if register.kind not in ("gpr", "ip", "iz") or register.bits == 8:
                raise self.fault("A0403", f"`%{register.name}` cannot be in an address", operand)
        if not registers:
            return self.addr_bits or self.mode
        bits = registers[0].bits
        if len(registers) == 2 and registers[1].bits != bits:
            raise self.fault("A0403", "base and index must have the same width", operand)
        if bits == 16 and self.mode == 64:
            raise self.fault("A0403", "16-bit addresses are not available in 64-bit mode", operand)
        index = operand.index
        if index is not None and index.kind == "gpr" and index.number == 4:
            raise self.fault("A0403", f"`%{index.name}` cannot be an index", operand)
        if bits == 16 and operand.scale != 1:
            raise self.fault("A0403", "16-bit addresses have no scale", operand)
        return bits

    def displacement(self, value: int, bits: int, operand: Mem) -> int:
        """Return a displacement as the signed number that the address arithmetic sees."""
        low, high = (-(1 << 31), 1 << 31) if bits == 64 else (-(1 << bits) // 2, 1 << bits)
        if not low <= value < high:
            raise self.fault("A0410", f"displacement {hex(value)} does not fit {min(bits, 32)} bits", operand)
        return value - (1 << bits) if bits != 64 and value >= 1 << (bits - 1) else value

    def any(self, operand: Operand, bits: int, *, field_bits: int = 0, signed: bool = True) -> str:
        """Render an operand of an instruction with `bits` bits."""
        if isinstance(operand, Far):
            raise self.bad_operands()
        if isinstance(operand, Imm):
            return self.imm(operand, bits, field_bits)
        self.require_bits(operand, bits)
        if operand.indirect:
            raise self.fault("A0401", "`*` belongs to jumps and calls only", operand)
        if isinstance(operand, Mem):
            return self.mem(operand, bits // 8, signed=signed)
        return self.reg(operand)

    # Results

    def emit(self, mnemonic: str, *operands: str) -> Prepared:
        """Return the instruction as a template for Keystone."""
        text = f"{mnemonic} {', '.join(operands)}" if operands else mnemonic
        self.out.template = Template(self.mode, text, tuple(self.slots), tuple(self.expect), self.repair)
        return self.out

    def own(self, code: bytes, *, bits: int = 0, wide: bool = False) -> Prepared:
        """Return the instruction as bytes of our own, with the prefixes for an operand size of `bits`."""
        self.out.code = code
        if bits:
            self.add_operand_size(bits)
        if bits == 64 and wide:
            self.out.rex |= 0x48
        return self.out

    # Families

    def sized(self, name: str, bits: int) -> Prepared:
        if not 1 <= len(self.ops) <= 3 or isinstance(self.ops[-1], Imm):
            raise self.bad_operands()
        byte_field = name in ("bt", "bts", "btr", "btc", "rorx")
        if name == "xchg" and self.is_nop_exchange(bits):
            return self.own(b"\x90", bits=bits)
        rendered = [self.any(op, bits, field_bits=8 if byte_field else 0) for op in self.ops]
        suffix = "" if name.startswith("cmov") and bits == 0 else BITS_SUFFIX[bits]
        return self.emit(name + suffix, *rendered)

    def is_nop_exchange(self, bits: int) -> bool:
        """`xchg %rax,%rax` is a nop; `xchg %eax,%eax` clears the upper half in 64-bit mode."""
        registers = [op.register for op in self.ops if isinstance(op, Reg)]
        same = len(registers) == 2 and all(r.kind == "gpr" and r.number == 0 and r.bits == bits for r in registers)
        return same and bits > 8 and not (bits == 32 and self.mode == 64)

    def fixed(self, name: str) -> Prepared:
        entry = FIXED[name]
        if self.mode not in entry.modes:
            raise self.fault("A0406", f"`{name}` is not available in {self.mode}-bit mode")
        return self.own(entry.code)

    def conversion(self, name: str) -> Prepared:
        opcode, bits = CONVERSIONS[name]
        if bits == 64 and self.mode != 64:
            raise self.fault("A0406", f"`{name}` is available in 64-bit mode only")
        return self.own(bytes([opcode]), bits=bits, wide=True)

    def fast_call(self, name: str, bits: int) -> Prepared:
        if name in ("syscall", "sysenter"):
            if bits:
                raise self.unknown(self.insn.mnemonic)
        elif not bits and self.mode == 64:
            self.assume(name, 32)
        return self.own(bytes([0x0F, FAST_CALLS[name]]), bits=64 if bits == 64 else 0, wide=True)

    def setcc(self, name: str) -> Prepared:
        if len(self.ops) != 1 or isinstance(self.ops[0], Imm):
            raise self.bad_operands()
        return self.emit(name, self.any(self.ops[0], 8))

    def shift(self, name: str, bits: int) -> Prepared:
        if not 1 <= len(self.ops) <= 2:
            raise self.bad_operands()
        target = self.ops[-1]
        if not bits:
            bits = target.register.bits if isinstance(target, Reg) else target.bits if isinstance(target, Mem) else 0
            bits = bits or self.assume(name, self.default_bits)
        rendered = [self.count(self.ops[0])] if len(self.ops) == 2 else []
        if isinstance(target, Imm):
            raise self.bad_operands()
        return self.emit(name + BITS_SUFFIX[bits], *rendered, self.any(target, bits))

    def count(self, operand: Operand) -> str:
        """Render a shift count: an 8-bit immediate or %cl."""
        if isinstance(operand, Imm):
            return self.imm(operand, 8)
        if not isinstance(operand, Reg) or operand.register.name != "cl":
            raise self.fault("A0405", "a shift count is an immediate or `%cl`", operand)
        self.expect.append(Expectation("r", ("cl",)))
        return "%cl"

    def double_shift(self, name: str, bits: int) -> Prepared:
        if not 2 <= len(self.ops) <= 3:
            raise self.bad_operands()
        bits = self.allowed(name, "wlq", bits)
        count = self.count(self.ops[0]) if len(self.ops) == 3 else self.named(GPR[8, 1])
        rendered = [self.any(op, bits) for op in self.ops[-2:]]
        return self.emit(name + BITS_SUFFIX[bits], count, *rendered)

    def imul(self, name: str, bits: int) -> Prepared:
        bits = bits or self.size_of(name)
        if not 1 <= len(self.ops) <= 3 or (len(self.ops) == 1 and isinstance(self.ops[0], Imm)):
            raise self.bad_operands()
        ops = [*self.ops, self.ops[1]] if len(self.ops) == 2 and isinstance(self.ops[0], Imm) else self.ops
        return self.emit(name + BITS_SUFFIX[bits], *(self.any(op, bits) for op in ops))

    def lea(self, name: str, bits: int) -> Prepared:
        if len(self.ops) != 2 or not isinstance(self.ops[0], Mem) or not isinstance(self.ops[1], Reg):
            raise self.bad_operands()
        bits = self.allowed(name, "wlq", bits)
        self.require_bits(self.ops[1], bits)
        address = self.mem(self.ops[0], signed=bits == 64)
        return self.emit(name + BITS_SUFFIX[bits], address, self.reg(self.ops[1]))

    def mov(self, name: str, bits: int) -> Prepared:
        if len(self.ops) != 2 or isinstance(self.ops[1], Imm | Far):
            raise self.bad_operands()
        source, target = self.ops
        kinds = [op.register.kind if isinstance(op, Reg) else "" for op in self.ops]
        if "seg" in kinds:
            return self.move_segment(kinds, bits)
        if "cr" in kinds or "dr" in kinds:
            return self.move_control(kinds, bits)
        if any(kind in _VECTOR for kind in kinds):
            return self.simd(name + BITS_SUFFIX[bits] if bits else name)
        bits = bits or self.size_of(name)
        if bits == 64 and isinstance(source, Imm) and isinstance(target, Reg):
            value = self.constant(source.expr)
            if value is not None and not -(1 << 31) <= value < 1 << 31:
                return self.movabs(name, bits)
        memory = source if isinstance(source, Mem) else target
        if self.mode == 64 and isinstance(memory, Mem) and self.is_far_absolute(memory):
            return self.movabs(name, bits)
        return self.emit(f"mov{BITS_SUFFIX[bits]}", self.any(source, bits), self.any(target, bits))

    def is_far_absolute(self, operand: Mem) -> bool:
        """Tell whether the address is a number beyond signed 32 bits, which only the accumulator can reach."""
        if operand.base or operand.index or operand.disp is None:
            return False
        value = self.constant(operand.disp)
        return value is not None and not -(1 << 31) <= value < 1 << 31

    def movabs(self, name: str, bits: int) -> Prepared:
        if self.mode != 64:
            raise self.fault("A0406", "`movabs` is available in 64-bit mode only")
        if len(self.ops) != 2:
            raise self.bad_operands()
        bits = bits or self.size_of(name)
        source, target = self.ops
        register = target if isinstance(target, Reg) else source
        if not isinstance(register, Reg):
            raise self.bad_operands()
        self.require_bits(register, bits)
        number = register.register.number
        wide = 0x48 if bits == 64 else 0
        if isinstance(source, Imm):
            if bits != 64:
                raise self.fault("A0407", "`movabs` needs a 64-bit register", target)
            self.out.code = bytes([wide | number >> 3, 0xB8 | number & 7])
            return self.own(self.out.code + self.own_field(source.expr, 8, source))
        memory = source if isinstance(source, Mem) else target
        if number or register.register.kind != "gpr" or not isinstance(memory, Mem) or memory.base or memory.index:
            raise self.fault("A0410", "a 64-bit address is available with the accumulator only", memory)
        assert memory.disp is not None, "an address without registers has a displacement"
        self.segment_prefix(memory)
        opcode = (0xA0 if memory is source else 0xA2) | (bits > 8)
        self.out.code = (bytes([wide]) if wide else b"") + bytes([opcode])
        return self.own(self.out.code + self.own_field(memory.disp, 8, memory), bits=bits)

    def move_segment(self, kinds: list[str], bits: int) -> Prepared:
        """8C /r and 8E /r; a store to memory and every load move 16 bits, whatever the operand size."""
        load = kinds[1] == "seg"
        segment, other = (self.ops[1], self.ops[0]) if load else self.ops
        if not isinstance(segment, Reg) or isinstance(other, Imm | Far):
            raise self.bad_operands()
        if load and segment.register.name == "cs":
            raise self.fault("A0405", "`%cs` cannot be loaded by a move", segment, "use a far jump or a far return")
        sizes: tuple[int, ...] = ()
        if isinstance(other, Reg):
            if other.register.kind != "gpr" or other.register.bits == 8 or bits not in (0, other.register.bits, 16):
                raise self.bad_operands()
            if not load:
                sizes = (16, 32)
        elif bits not in (0, 16) or other.bits not in (0, 16):
            raise self.fault("A0407", "a segment register in memory has 16 bits", other)
        proxy = Proxy(b"", b"\x8e" if load else b"\x8c", segment.register.number, sizes, "e")
        size = min(other.register.bits, 32) if isinstance(other, Reg) and sizes else 0
        return self.proxy_of(proxy, other, None, size)

    def move_control(self, kinds: list[str], bits: int) -> Prepared:
        natural = 64 if self.mode == 64 else 32
        if bits not in (0, natural):
            raise self.fault("A0407", f"control and debug registers have {natural} bits")
        rendered = []
        for operand in self.ops:
            if not isinstance(operand, Reg) or kinds.count("") == 2:
                raise self.bad_operands()
            if operand.register.kind == "gpr":
                self.require_bits(operand, natural)
            rendered.append(self.reg(operand))
        if self.mode == 16:
            return self.control_16_bit()
        return self.emit(f"mov{BITS_SUFFIX[natural]}", *rendered)

    def control_16_bit(self) -> Prepared:
        """0F 20..23 /r always move 32 bits outside 64-bit mode."""
        first, second = (op.register for op in self.ops if isinstance(op, Reg))
        load = second.kind in ("cr", "dr")
        special, general = (second, first) if load else (first, second)
        opcode = 0x20 | (special.kind == "dr") | load << 1
        return self.own(bytes([0x0F, opcode, 0xC0 | special.number << 3 | general.number]))

    def extension(self, kind: str, source: int, target: int) -> Prepared:
        if len(self.ops) != 2 or not isinstance(self.ops[1], Reg) or isinstance(self.ops[0], Imm):
            raise self.bad_operands()
        if target == 64 and self.mode != 64:
            raise self.fault("A0406", "64-bit registers are available in 64-bit mode only", self.ops[1])
        name = f"mov{kind}{BITS_SUFFIX[source]}{BITS_SUFFIX[target]}"
        return self.emit(name, self.any(self.ops[0], source), self.any(self.ops[1], target))

    def extend(self, name: str, bits: int) -> Prepared | Branch | None:
        """`movzx`, `movsx`, `movzb`...: the sizes come from the registers, or the suffix."""
        if name in ("movsb", "movsw", "movsl") and not (len(self.ops) == 2 and isinstance(self.ops[1], Reg)):
            return self.string("movs", SUFFIX_BITS[name[-1]]) if not bits else None
        if len(self.ops) != 2 or not isinstance(self.ops[1], Reg) or self.ops[1].register.kind != "gpr":
            raise self.bad_operands()
        source = {"b": 8, "w": 16, "l": 32, "d": 32}.get(name[4] if name[4] != "x" else name[5:], 0)
        first = self.ops[0]
        if not source and isinstance(first, Reg):
            source = first.register.bits
        elif not source and isinstance(first, Mem) and first.bits:
            source = first.bits
        elif not source and bits and not self.insn.intel:
            source, bits = bits, 0
        source = source or (self.assume(name, 8) if self.insn.intel else 8)
        target = bits or self.ops[1].register.bits
        if name == "movsxd" and target == 32:
            return self.own_movsxd()
        if source >= target or (source == 32 and name[3] == "z"):
            raise self.fault("A0407", f"`{name}` cannot extend {source} bits to {target}")
        return self.extension(name[3], source, target)

    def own_movsxd(self) -> Prepared:
        return self.proxy_of(Proxy(b"", b"\x63", -1, (), "er"), self.ops[0], self.ops[1], 32)

    def bswap(self, name: str, bits: int) -> Prepared:
        if len(self.ops) != 1 or not isinstance(self.ops[0], Reg):
            raise self.bad_operands()
        bits = self.allowed(name, "lq", bits)
        return self.emit(name + BITS_SUFFIX[bits], self.any(self.ops[0], bits))

    def crc32(self, name: str, bits: int) -> Prepared:
        if len(self.ops) != 2 or not isinstance(self.ops[1], Reg):
            raise self.bad_operands()
        source = self.ops[0]
        if not bits:
            bits = source.register.bits if isinstance(source, Reg) else source.bits if isinstance(source, Mem) else 0
            bits = bits or self.assume(name, self.default_bits)
        target = self.ops[1].register.bits
        if target not in ((64,) if bits == 64 else (32, 64) if bits == 8 else (32,)):
            raise self.fault("A0407", f"the destination of a {bits}-bit `crc32` cannot have {target} bits", self.ops[1])
        return self.emit(f"crc32{BITS_SUFFIX[bits]}", self.any(source, bits), self.reg(self.ops[1]))

    def stack(self, name: str, bits: int) -> Prepared:
        """`push` and `pop`: 64 or 16 bits in 64-bit mode, else 32 or 16."""
        if len(self.ops) != 1:
            raise self.bad_operands()
        operand = self.ops[0]
        natural = self.mode
        if isinstance(operand, Reg) and operand.register.kind == "seg":
            return self.stack_segment(name, operand, bits or natural)
        if not bits:
            bits = (
                operand.register.bits if isinstance(operand, Reg) else operand.bits if isinstance(operand, Mem) else 0
            )
            bits = bits or natural
        if bits not in ((16, 64) if natural == 64 else (16, 32)):
            raise self.fault("A0407", f"`{name}` has no {bits}-bit form in {self.mode}-bit mode", operand)
        if isinstance(operand, Imm) and name == "pop":
            raise self.bad_operands()
        return self.emit(name + BITS_SUFFIX[bits], self.any(operand, bits))

    def stack_segment(self, name: str, operand: Reg, bits: int) -> Prepared:
        number = operand.register.number
        pop = name == "pop"
        if (pop and number == 1) or (self.mode == 64 and number < 4):
            raise self.fault(
                "A0406", f"`{name} %{operand.register.name}` does not exist in {self.mode}-bit mode", operand
            )
        if bits not in ((16, 64) if self.mode == 64 else (16, 32)):
            raise self.fault("A0407", f"`{name}` has no {bits}-bit form in {self.mode}-bit mode", operand)
        if number < 4:
            return self.own(bytes([0x06 | number << 3 | pop]), bits=bits)
        return self.own(bytes([0x0F, 0xA0 | (number - 4) << 3 | pop]), bits=bits)

    def simple(self, name: str, bits: int) -> Prepared:
        """One-byte instructions with an operand size but no operands: pushf, popf, pusha, popa, leave, iret."""
        if self.ops:
            raise self.bad_operands()
        opcode, modes = _SIMPLE[name]
        if self.mode not in modes:
            raise self.fault("A0406", f"`{name}` is not available in {self.mode}-bit mode")
        if not bits:
            bits = 32 if name == "iret" and self.mode == 64 else self.mode
            if name == "iret" and self.mode == 64:
                self.assume(name, 32)
        if bits == 8 or (bits == 32 and self.mode == 64 and name != "iret"):
            raise self.unknown(self.insn.mnemonic)
        return self.own(bytes([opcode]), bits=bits, wide=name == "iret")

    def ret(self, name: str, bits: int) -> Prepared:
        """Near and far returns, perhaps with the number of bytes to drop."""
        far = name != "ret"
        if not bits:
            bits = (self.assume(name, 32) if self.mode == 64 else self.mode) if far else self.mode
        if len(self.ops) > 1 or bits == 8 or (not far and bits == 32 and self.mode == 64):
            raise self.bad_operands()
        opcode = (0xCA if far else 0xC2) | (not self.ops)
        self.out.code = bytes([opcode])
        code = self.out.code + (self.byte(self.ops[0], width=2) if self.ops else b"")
        return self.own(code, bits=bits, wide=far)

    def enter(self, name: str, bits: int) -> Prepared:
        if len(self.ops) != 2:
            raise self.bad_operands()
        self.out.code = b"\xc8"
        self.out.code += self.byte(self.ops[0], width=2)
        return self.own(self.out.code + self.byte(self.ops[1]), bits=bits or self.mode)

    def interrupt(self, name: str, bits: int) -> Prepared:
        if len(self.ops) != 1 or bits or not isinstance(self.ops[0], Imm):
            raise self.bad_operands()
        if self.constant(self.ops[0].expr) == 3:
            return self.own(b"\xcc")
        self.out.code = b"\xcd"
        return self.own(b"\xcd" + self.byte(self.ops[0]))

    def adjust(self, name: str, bits: int) -> Prepared:
        """AAM and AAD, base ten unless another is given."""
        if self.mode == 64:
            raise self.fault("A0406", f"`{name}` is not available in 64-bit mode")
        if len(self.ops) > 1 or bits:
            raise self.bad_operands()
        self.out.code = b"\xd4" if name == "aam" else b"\xd5"
        return self.own(self.out.code + (self.byte(self.ops[0]) if self.ops else b"\x0a"))

    def port(self, name: str, bits: int) -> Prepared:
        """IN and OUT, with the accumulator written or told by the suffix."""
        ops = self.ops if name == "in" else self.ops[::-1]
        if not 1 <= len(ops) <= 2:
            raise self.bad_operands()
        if len(ops) == 2:
            accumulator = ops[1]
            if not isinstance(accumulator, Reg) or accumulator.register.kind != "gpr" or accumulator.register.number:
                raise self.fault("A0405", f"`{name}` moves the accumulator only", accumulator)
            if bits not in (0, accumulator.register.bits):
                raise self.fault("A0407", f"`%{accumulator.register.name}` does not have {bits} bits", accumulator)
            bits = accumulator.register.bits
        bits = bits or self.assume(name, self.default_bits)
        if bits == 64:
            raise self.fault("A0407", f"`{name}` has no 64-bit form")
        opcode = (0xE4 if name == "in" else 0xE6) | (bits > 8)
        if isinstance(ops[0], Imm):
            self.out.code = bytes([opcode])
            return self.own(self.out.code + self.byte(ops[0]), bits=bits)
        if not _is_dx(ops[0]):
            raise self.fault("A0405", "a port is an 8-bit immediate or `%dx`", ops[0])
        return self.own(bytes([opcode | 8]), bits=bits)

    def string(self, name: str, bits: int) -> Prepared:
        opcode, sizes, *roles = STRING_OPERATIONS[name]
        if self.ops and self.insn.intel is False and len(self.ops) == 1:
            roles = [role for role in roles if role in ("si", "di")]
        if self.ops and len(self.ops) != len(roles):
            raise self.bad_operands()
        address = 0
        for operand, role in zip(self.ops, roles, strict=False):
            if role == "dx":
                if not _is_dx(operand):
                    raise self.bad_operands()
            elif role == "a":
                if not isinstance(operand, Reg) or operand.register.kind != "gpr" or operand.register.number:
                    raise self.bad_operands()
                bits = self.same_size(bits, operand.register.bits, operand)
            else:
                address = self.string_address(operand, role, address)
                if isinstance(operand, Mem) and operand.bits:
                    bits = self.same_size(bits, operand.bits, operand)
        bits = bits or self.assume(name, self.default_bits)
        if BITS_SUFFIX[bits] not in sizes:
            raise self.fault("A0407", f"`{name}` has no {bits}-bit form")
        if address not in (0, self.mode):
            self.out.prefixes.append(0x67)
        return self.own(bytes([opcode | (bits > 8)]), bits=bits, wide=True)

    def same_size(self, bits: int, found: int, operand: Operand) -> int:
        if bits not in (0, found):
            raise self.fault("A0407", f"the operand has {found} bits, the instruction has {bits}", operand)
        return found

    def string_address(self, operand: Operand, role: str, address: int) -> int:
        """Check one address of a string instruction and return its width; only the source's segment can change."""
        number = 6 if role == "si" else 7
        if not isinstance(operand, Mem) or operand.index or not operand.base or operand.base.number != number:
            raise self.fault("A0405", f"this operand must be `(%{GPR[self.mode, number].name})`", operand)
        if operand.base.kind != "gpr" or operand.base.bits == 8 or (operand.base.bits == 16 and self.mode == 64):
            raise self.bad_operands()
        if operand.disp is not None and self.constant(operand.disp) != 0:
            raise self.bad_operands()
        if address not in (0, operand.base.bits):
            raise self.fault("A0403", "both addresses must have the same width", operand)
        if role == "si":
            self.segment_prefix(operand)
        elif operand.segment is not None and operand.segment.name != "es":
            raise self.fault("A0405", "the destination's segment is always `%es`", operand)
        return operand.base.bits

    def xlat(self, name: str, bits: int) -> Prepared:
        if bits not in (0, 8) or len(self.ops) > 1:
            raise self.bad_operands()
        for operand in self.ops:
            if not isinstance(operand, Mem) or operand.index or not operand.base or operand.base.number != 3:
                raise self.fault("A0405", f"this operand must be `(%{GPR[self.mode, 3].name})`", operand)
            self.segment_prefix(operand)
            if operand.base.bits != self.mode:
                self.out.prefixes.append(0x67)
        return self.own(b"\xd7")

    def segment_load(self, name: str, bits: int) -> Prepared:
        if len(self.ops) != 2 or not isinstance(self.ops[0], Mem) or not isinstance(self.ops[1], Reg):
            raise self.bad_operands()
        bits = self.allowed(name, "wl", bits)
        self.require_bits(self.ops[1], bits)
        if name in ("lds", "les"):
            if self.mode == 64:
                raise self.fault("A0406", f"`{name}` is not available in 64-bit mode")
            opcode = b"\xc5" if name == "lds" else b"\xc4"
        else:
            opcode = {"lss": b"\x0f\xb2", "lfs": b"\x0f\xb4", "lgs": b"\x0f\xb5"}[name]
        proxy = Proxy(b"", opcode, -1, (16, 32), "mr")
        return self.proxy_of(proxy, self.ops[0], self.ops[1], bits)

    # Proxies: single-ModRM instructions by way of bsf

    def proxy(self, name: str, proxy: Proxy, bits: int) -> Prepared:
        if self.mode not in proxy.modes or (name in ("lar", "lsl") and len(self.ops) != 2):
            raise self.fault("A0406", f"`{name}` is not available in {self.mode}-bit mode")
        if len(self.ops) != len(proxy.kinds):
            raise self.bad_operands()
        operands = dict(zip(proxy.kinds, self.ops, strict=True))
        rm = operands.get("e", operands.get("m"))
        register = operands.get("r")
        if isinstance(rm, Imm | Far) or rm is None or (isinstance(rm, Reg) and "m" in proxy.kinds):
            raise self.bad_operands()
        if name in ("sgdt", "sidt", "lgdt", "lidt"):
            # The operand size is 64 bits in 64-bit mode, and of the mode unless a suffix says otherwise.
            return self.proxy_of(proxy, rm, None, bits if self.mode != 64 else 0)
        if not proxy.sizes:
            if isinstance(rm, Reg) and rm.register.bits != 16:
                raise self.fault("A0407", f"`{name}` takes a 16-bit register", rm)
            return self.proxy_of(proxy, rm, register, 0)
        if name in ("sldt", "str", "smsw"):
            return self.store_system(name, proxy, rm, bits)
        bits = bits or (proxy.sizes[0] if len(proxy.sizes) == 1 else self.size_of(name))
        if bits not in proxy.sizes:
            raise self.fault("A0407", f"`{name}` has no {bits}-bit form")
        if register is not None:
            self.require_bits(register, bits)
        if name not in ("lar", "lsl"):
            self.require_bits(rm, bits)
        return self.proxy_of(proxy, rm, register, bits)

    def store_system(self, name: str, proxy: Proxy, rm: Operand, bits: int) -> Prepared:
        """SLDT, STR and SMSW: 16 bits to memory; sldt and str need no REX.W for a 64-bit register."""
        if not isinstance(rm, Reg):
            return self.proxy_of(proxy, rm, None, 0)
        self.require_bits(rm, bits or rm.register.bits)
        bits = rm.register.bits
        return self.proxy_of(proxy, rm, None, 32 if bits == 64 and name != "smsw" else bits)

    def proxy_of(self, proxy: Proxy, rm: Operand, register: Operand | None, bits: int) -> Prepared:
        """Encode a proxy with operand size `bits` (0: no prefix whatever the size)."""
        natural = "w" if self.mode == 16 else "l"
        width = 16 if self.mode == 16 else 32
        if bits == 64 and self.mode == 64:
            natural, width = "q", 64
        if bits in (16, 32):
            self.add_operand_size(bits)
        self.out.prefixes += proxy.prefix
        if isinstance(rm, Mem):
            source = self.mem(rm)
        elif isinstance(rm, Reg) and rm.register.kind == "gpr" and rm.register.bits > 8:
            source = self.named(GPR[width, rm.register.number])
        else:
            raise self.bad_operands()
        if proxy.digit >= 0:
            target = self.named(GPR[width, proxy.digit])
        elif isinstance(register, Reg) and register.register.kind == "gpr":
            target = self.named(GPR[width, register.register.number])
        else:
            raise self.bad_operands()
        text = f"bsf{natural} {source}, {target}"
        self.out.template = Template(self.mode, text, tuple(self.slots), tuple(self.expect), self.repair, proxy)
        return self.out

    # Instructions passed on as written

    def plain(self, name: str) -> Prepared:
        kinds = PLAIN[name]
        if len(kinds) != len(self.ops):
            raise self.bad_operands()
        if (kinds in ("M", "B")) and self.mode != 64:
            raise self.fault("A0406", f"`{name}` is available in 64-bit mode only")
        natural = 64 if self.mode == 64 else 32
        rendered = []
        for kind, operand in zip(kinds, self.ops, strict=True):
            if isinstance(operand, Mem) and kind in "mMn" and not operand.indirect:
                rendered.append(self.mem(operand))
            elif isinstance(operand, Reg) and kind in "nBr" and operand.register.kind == "gpr":
                if kind == "n":
                    self.require_bits(operand, natural)
                elif operand.register.bits < (32 if kind == "B" else 16):
                    raise self.bad_operands()
                rendered.append(self.reg(operand))
            else:
                raise self.bad_operands()
        if kinds in ("B", "r") and isinstance(self.ops[0], Reg):
            name += BITS_SUFFIX[self.ops[0].register.bits]
        return self.emit(name, *rendered)

    def simd(self, name: str) -> Prepared:
        bare = name[1:] if name.startswith("v") else name
        if bare.startswith("cvtsi2s") and bare[-1] not in "lq":
            name += self.conversion_suffix(name)
        return self.emit(name, *(self.passed(op) for op in self.ops))

    def conversion_suffix(self, name: str) -> str:
        """Return the suffix of a conversion from an integer: from its register or memory operand."""
        source = self.ops[0] if self.ops else None
        bits = source.register.bits if isinstance(source, Reg) else source.bits if isinstance(source, Mem) else 0
        bits = bits or self.assume(name, 32)
        if bits not in (32, 64):
            raise self.bad_operands()
        return BITS_SUFFIX[bits]

    def x87(self, name: str) -> Prepared:
        if name in WAITING:
            help_ = f"write `fwait` and `{WAITING[name]}`, or the latter alone"
            raise self.fault("A0404", f"`{name}` is two instructions", None, help_)
        if name in X87_SIZED and any(isinstance(op, Mem) for op in self.ops):
            self.assume(name, 32)
            name += "s"
        return self.emit(name, *(self.passed(op) for op in self.ops))

    def monitor(self, name: str, bits: int) -> Prepared | None:
        """MONITOR and MWAIT with their registers written; the first of MONITOR gives the address size."""
        registers = [op.register for op in self.ops if isinstance(op, Reg)]
        wanted = (0, 1, 2) if name.startswith("monitor") else (0, 1)
        if not self.ops:
            return self.fixed(name) if not bits else None
        fits = len(registers) == len(self.ops) == len(wanted)
        if not fits or any(r.kind != "gpr" or r.number != n for r, n in zip(registers, wanted, strict=True)):
            raise self.bad_operands()
        address = registers[0].bits
        if name.startswith("monitor") and address != self.mode:
            if address not in ((32,) if self.mode == 64 else (16, 32)):
                raise self.bad_operands()
            self.out.prefixes.append(0x67)
        return self.own(FIXED[name].code)

    def register_proxy(self, name: str, bits: int) -> Prepared:
        """RDPID, INCSSP and RDSSP: one register, in ModRM.rm."""
        if len(self.ops) != 1 or not isinstance(self.ops[0], Reg):
            raise self.bad_operands()
        proxy, size = _REGISTER_PROXIES[name]
        self.require_bits(self.ops[0], size or (64 if self.mode == 64 else 32))
        if size == 64 and self.mode != 64:
            raise self.fault("A0406", f"`{name}` is available in 64-bit mode only")
        return self.proxy_of(proxy, self.ops[0], None, size)

    def passed(self, operand: Operand) -> str:
        if isinstance(operand, Reg) and not operand.indirect:
            if operand.register.kind in ("zmm", "k"):
                raise self.fault("A0404", "AVX-512 is not supported", operand)
            return self.reg(operand)
        if isinstance(operand, Imm):
            text = self.imm(operand, 8)
            # Capstone turns some of these into mnemonics such as cmpleps; they are always the last byte.
            self.expect[-1] = self.expect[-1]._replace(kind="b")
            return text
        if isinstance(operand, Mem) and not operand.indirect:
            return self.mem(operand)
        raise self.bad_operands()

    # Branches

    def conditional_jump(self, code: int) -> Prepared | Branch:
        if len(self.ops) != 1 or not isinstance(self.ops[0], Mem):
            raise self.bad_operands()
        return self.relaxable(bytes([0x70 | code]), bytes([0x0F, 0x80 | code]), self.ops[0], 0)

    def direct_target(self, operand: Operand) -> Expr | None:
        """Return the target if the operand is the direct target of a branch."""
        if isinstance(operand, Mem) and operand.is_bare and not operand.indirect and not operand.segment:
            return operand.disp
        return None

    def relaxable(self, short: bytes, long: bytes, operand: Mem, bits: int) -> Prepared | Branch:
        target = self.direct_target(operand)
        if target is None:
            raise self.fault("A0405", f"`{self.insn.mnemonic}` needs a label", operand)
        width = self.branch_width(bits)
        prefixes = bytes(self.out.prefixes)
        if self.constant(target) is not None or (self.mode == 16) != (width == 2):
            self.out.code = long
            return self.branch_field(target, width)
        if self.out.rex:
            raise self.fault("A0411", "a REX prefix has no effect on this jump")
        return Branch(self.insn.where, prefixes + short, prefixes + long, target, width, self.mode == 64)

    def branch_width(self, bits: int) -> int:
        """Return the bytes of a long branch displacement: from the suffix, `data32`, or the mode."""
        if self.mode == 64:
            if bits not in (0, 64):
                raise self.fault("A0407", f"`{self.insn.mnemonic}` has no {bits}-bit form in 64-bit mode")
            return 4
        if self.data_bits:
            return self.data_bits // 8
        bits = bits or self.mode
        if bits not in (16, 32):
            raise self.bad_operands()
        self.add_operand_size(bits)
        return bits // 8

    def branch_field(self, target: Expr, width: int) -> Prepared:
        """Finish a branch whose opcode is in `out.code` and whose target always takes `width` bytes."""
        entry = Field(target, offset=len(self.out.code), width=width, relative=True, signed=True, branch=self.mode == 64)
        self.out.fields.append(entry)
        return self.own(self.out.code + bytes(width))

    def jump(self, name: str, bits: int) -> Prepared | Branch:
        """`jmp` and `call`, direct and indirect."""
        if len(self.ops) == 2 or (self.ops and isinstance(self.ops[0], Far)):
            return self.far("ljmp" if name == "jmp" else "lcall", bits)
        if len(self.ops) != 1:
            raise self.bad_operands()
        operand = self.ops[0]
        target = self.direct_target(operand)
        if target is None:
            return self.indirect(name, operand, bits)
        assert isinstance(operand, Mem), "direct targets are parsed as memory operands"
        if name == "jmp":
            return self.relaxable(b"\xeb", b"\xe9", operand, bits)
        width = self.branch_width(bits)
        self.out.code = b"\xe8"
        return self.branch_field(target, width)

    def indirect(self, name: str, operand: Operand, bits: int) -> Prepared:
        if isinstance(operand, Imm | Far):
            raise self.bad_operands()
        if not operand.indirect and not self.insn.intel:
            self.warn(self.fault("A0413", f"indirect `{name}` without `*`", operand))
        if isinstance(operand, Mem) and (operand.is_far or (self.insn.intel and self.mode == 16 and operand.bits == 32)):
            return self.far("ljmp" if name == "jmp" else "lcall", bits)
        operand.indirect = False
        if not bits:
            bits = operand.register.bits if isinstance(operand, Reg) else operand.bits or self.mode
        if bits not in ((16, 64) if self.mode == 64 else (16, 32)):
            raise self.fault("A0407", f"`{name}` has no {bits}-bit form in {self.mode}-bit mode", operand)
        return self.emit(name + BITS_SUFFIX[bits], "*" + self.any(operand, bits))

    def far(self, name: str, bits: int) -> Prepared:
        """Far jumps and calls: `$selector, $offset` outside 64-bit mode, or through memory."""
        operand = self.far_operand()
        if isinstance(operand, Mem):
            bits = bits or self.far_bits(operand)
            if bits == 64:
                raise self.fault("A0407", f"`{name}` has no 64-bit form; a prefix `rex64` makes one", operand)
            proxy = Proxy(b"", b"\xff", 5 if name == "ljmp" else 3, (16, 32), "m")
            return self.proxy_of(proxy, operand, None, bits)
        if self.mode == 64:
            raise self.fault(
                "A0406",
                f"`{name}` with an immediate pointer is not available in 64-bit mode",
                operand,
                "push the selector and the address and use `lretq`, or jump through memory",
            )
        bits = bits or self.data_bits or self.mode
        if bits not in (16, 32):
            raise self.bad_operands()
        if not self.data_bits:
            self.add_operand_size(bits)
        self.out.code = b"\xea" if name == "ljmp" else b"\x9a"
        self.out.code += self.own_field(operand.offset, bits // 8, operand)
        return self.own(self.out.code + self.own_field(operand.selector, 2, operand))

    def far_operand(self) -> Far | Mem:
        if len(self.ops) == 2 and isinstance(self.ops[0], Imm) and isinstance(self.ops[1], Imm):
            selector, offset = self.ops
            return Far(selector.expr, offset.expr, selector.start, offset.end)
        if len(self.ops) == 1 and isinstance(self.ops[0], Mem | Far):
            return self.ops[0]
        raise self.bad_operands()

    def far_bits(self, operand: Mem) -> int:
        """Return the offset size of a far pointer in memory: Intel syntax gives the size of the whole pointer."""
        if operand.bits:
            return operand.bits - 16 if operand.bits in (48, 80) else operand.bits // 2
        return 16 if self.mode == 16 else 32

    def loop(self, name: str, bits: int) -> Prepared:
        """LOOP, LOOPcc, JCXZ and its kin: an 8-bit displacement only; the suffix gives the counter's width."""
        opcode = _LOOPS[name]
        counter = {"jcxz": 16, "jecxz": 32, "jrcxz": 64}.get(name, bits or self.mode)
        if counter == (64 if self.mode != 64 else 16) or counter == 8:
            raise self.fault("A0406", f"`{self.insn.mnemonic}` is not available in {self.mode}-bit mode")
        if len(self.ops) != 1:
            raise self.bad_operands()
        target = self.direct_target(self.ops[0])
        if target is None:
            raise self.fault("A0405", f"`{name}` needs a label", self.ops[0])
        if counter != self.mode:
            self.out.prefixes.append(0x67)
        self.out.code = bytes([opcode])
        return self.branch_field(target, 1)

    def xbegin(self, name: str, bits: int) -> Prepared:
        target = self.direct_target(self.ops[0]) if len(self.ops) == 1 else None
        if target is None:
            raise self.bad_operands()
        width = 2 if self.mode == 16 else 4
        self.out.code = b"\xc7\xf8"
        return self.branch_field(target, width)

    def xabort(self, name: str, bits: int) -> Prepared:
        if len(self.ops) != 1:
            raise self.bad_operands()
        self.out.code = b"\xc6\xf8"
        return self.own(self.out.code + self.byte(self.ops[0]))


def _is_dx(operand: Operand) -> bool:
    if isinstance(operand, Mem):
        base = operand.base
        return base is not None and base.name == "dx" and operand.index is None and operand.disp is None
    return isinstance(operand, Reg) and operand.register.name == "dx"


_REGISTER_PROXIES: Final = {
    "rdpid": (Proxy(b"\xf3", b"\x0f\xc7", 7, (), "e"), 0),
    "incsspd": (Proxy(b"\xf3", b"\x0f\xae", 5, (), "e"), 32),
    "incsspq": (Proxy(b"\xf3", b"\x0f\xae", 5, (), "e"), 64),
    "rdsspd": (Proxy(b"\xf3", b"\x0f\x1e", 1, (), "e"), 32),
    "rdsspq": (Proxy(b"\xf3", b"\x0f\x1e", 1, (), "e"), 64),
}
"""Proxy and register size (0: the mode's)."""

_SIMPLE: Final = {
    "pushf": (0x9C, (16, 32, 64)),
    "popf": (0x9D, (16, 32, 64)),
    "pusha": (0x60, (16, 32)),
    "popa": (0x61, (16, 32)),
    "leave": (0xC9, (16, 32, 64)),
    "iret": (0xCF, (16, 32, 64)),
}
_LOOPS: Final = {
    "loopne": 0xE0,
    "loopnz": 0xE0,
    "loope": 0xE1,
    "loopz": 0xE1,
    "loop": 0xE2,
    "jcxz": 0xE3,
    "jecxz": 0xE3,
    "jrcxz": 0xE3,
}

_Family = Callable[[Rewriter, str, int], Prepared | Branch | None]
_SPECIAL: Final[dict[str, _Family]] = {
    "mov": Rewriter.mov,
    "movabs": Rewriter.movabs,
    "lea": Rewriter.lea,
    "imul": Rewriter.imul,
    "bswap": Rewriter.bswap,
    "crc32": Rewriter.crc32,
    "shld": Rewriter.double_shift,
    "shrd": Rewriter.double_shift,
    "push": Rewriter.stack,
    "pop": Rewriter.stack,
    "ret": Rewriter.ret,
    "lret": Rewriter.ret,
    "enter": Rewriter.enter,
    "int": Rewriter.interrupt,
    "aam": Rewriter.adjust,
    "aad": Rewriter.adjust,
    "in": Rewriter.port,
    "out": Rewriter.port,
    "xlat": Rewriter.xlat,
    "jmp": Rewriter.jump,
    "call": Rewriter.jump,
    "ljmp": Rewriter.far,
    "lcall": Rewriter.far,
    "xbegin": Rewriter.xbegin,
    "xabort": Rewriter.xabort,
    **dict.fromkeys(("monitor", "mwait", "monitorx"), Rewriter.monitor),
    **dict.fromkeys(_REGISTER_PROXIES, Rewriter.register_proxy),
    **dict.fromkeys(_SIMPLE, Rewriter.simple),
    **dict.fromkeys(_LOOPS, Rewriter.loop),
    **dict.fromkeys(LOADS_OF_SEGMENTS, Rewriter.segment_load),
    **dict.fromkeys("movzx movsx movsxd movzb movzw movsb movsw movsl".split(), Rewriter.extend),
}
