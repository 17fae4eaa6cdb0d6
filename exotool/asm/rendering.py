"""Operands -> canonical text for Keystone, or bytes of our own, with prefixes and fields taken out.

What an operand means does not depend on the instruction family: sizes, ranges, segment overrides, addresses, and
which values are slots because they are not known yet.
"""

from __future__ import annotations

from collections.abc import Callable

from exotool.asm.expressions import Expr, Num
from exotool.asm.mnemonics import (
    BITS_SUFFIX,
    FIXED,
    LOCKABLE,
    LOOPS,
    OTHERS,
    PLAIN,
    PREFIXES,
    PROXIES,
    REPEATABLE,
    REX_PREFIXES,
    SEGMENT_PREFIX,
    SHIFTS,
    SIMPLE,
    SIZE_PREFIXES,
    SIZED,
    STRING_OPERATIONS,
    Proxy,
)
from exotool.asm.operands import Far, Imm, Insn, Mem, Operand, Reg, default_segment
from exotool.asm.prepared import Field, Prepared
from exotool.asm.readback import Expectation, Slot
from exotool.asm.registers import GPR, Register, only_in_64_bit
from exotool.asm.source import AsmError, certain
from exotool.asm.templates import Template
from exotool.diagnostics import did_you_mean

Warn = Callable[[AsmError], None]
Constant = Callable[[Expr], int | None]


def signed(value: int, bits: int) -> int:
    """Return the signed number in the low `bits` of a value."""
    low = value & ((1 << bits) - 1)
    return low - (1 << bits) if low >> (bits - 1) else low


def _string_name(name: str) -> str:
    """Return a string mnemonic of Intel or AT&T syntax without its size."""
    return name[:-1] if name[-1:] in "bwlqd" else name


def _is_indirect(operand: Operand) -> bool:
    return isinstance(operand, Reg | Mem) and operand.indirect


class Rendering:
    """An instruction being rewritten; `constant` gives the value of an expression that is a number by now."""

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
        self.assumed = False

    def fault(self, code: str, message: str, operand: Operand | None = None, *help_: str) -> AsmError:
        """Return an error at an operand, or at the mnemonic."""
        if operand is not None:
            return AsmError(code, message, operand.start, operand.end, help=help_)
        return AsmError(code, message, self.insn.start, self.insn.end, help=help_)

    def unknown(self, name: str) -> AsmError:
        """Return an error about a mnemonic that there is not."""
        known = [*SIZED, *FIXED, *PLAIN, *PROXIES, *SHIFTS, *LOOPS, *SIMPLE, *OTHERS]
        if name[-1:] in BITS_SUFFIX.values():
            known += [word + name[-1] for word in (*SIZED, *SHIFTS, *OTHERS)]
        known = [word for word in known if word.startswith("cmov") <= name.startswith("cmov")]
        if name.startswith("v") or any(isinstance(op, Reg) and op.register.kind in ("zmm", "k") for op in self.ops):
            return self.fault("A0404", f"`{name}` is not supported; of AVX there are the AVX and AVX2 instructions")
        return self.fault("A0404", f"unknown instruction `{name}`", None, *did_you_mean(name, known))

    def bad_operands(self) -> AsmError:
        """Return an error about operands of the wrong kind."""
        return self.fault("A0405", f"`{self.insn.mnemonic}` does not take these operands")

    def allowed(self, name: str, sizes: str, bits: int) -> int:
        """Return the operand size of a suffix, or of the operands."""
        bits = bits or self.size_of(name)
        if BITS_SUFFIX.get(bits, "?") not in sizes:
            raise self.fault("A0407", f"`{name}` has no {bits}-bit form")
        return bits

    @property
    def default_bits(self) -> int:
        """Return the operand size that the mode implies."""
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

    def assume(self, name: str, bits: int, suffix: str = "") -> int:
        """Return the default operand size, with a warning; in Intel syntax the size must be written.

        `suffix` is what stands for the size where it is not the usual letter.
        """
        if self.insn.intel:
            raise self.fault(
                "A0408", f"the operand size of `{name}` is ambiguous", None, "write `dword ptr` or the like"
            )
        self.assumed = True
        suffix = suffix or BITS_SUFFIX[bits]
        self.warn(self.fault("A0409", f"`{name}` has no size suffix and no register; `{name}{suffix}` is assumed"))
        return bits

    def take_prefixes(self) -> None:
        """Take over the statement's prefixes."""
        for word in self.insn.prefixes:
            if word in SIZE_PREFIXES:
                self.size_prefix(word)
            elif word in REX_PREFIXES:
                if self.mode != 64:
                    raise self.fault("A0406", f"`{word}` is available in 64-bit mode only")
                self.out.rex |= REX_PREFIXES[word]
            else:
                self.check_prefix(word)
                self.out.prefixes.append(PREFIXES[word])

    def check_prefix(self, word: str) -> None:
        """Raise `AsmError` A0411 for a prefix that the instruction must not or cannot have."""
        name = self.insn.mnemonic
        names: tuple[str, ...] = (name, name[:-1] if name[-1] in "bwlq" else name)
        if word in ("lock", "xacquire", "xrelease"):
            in_memory = isinstance(self.ops[-1], Mem) if self.ops else False
            if any(base in ("xchg",) for base in names):
                in_memory = any(isinstance(op, Mem) for op in self.ops)
            released = word == "xrelease" and any(base == "mov" for base in names)
            if not in_memory or not (released or any(base in LOCKABLE for base in names)):
                what = "an instruction that reads and writes memory"
                raise self.fault("A0411", f"`{word}` needs {what}, which `{name}` is not here")
        elif word.startswith("rep"):
            if name.startswith("nop") and self.ops:
                name, names = "nop with an operand", ("",)
            base = any(n in STRING_OPERATIONS or n in REPEATABLE for n in (*names, _string_name(name)))
            if not base:
                raise self.fault("A0411", f"`{word}` has no meaning for `{name}`")
        elif word in ("bnd", "notrack") and not (name.startswith(("j", "call")) or name in ("ret", "retq")):
            raise self.fault("A0411", f"`{word}` belongs to branches, not to `{name}`")

    def size_prefix(self, word: str) -> None:
        """Take over `data16`, `addr32` and so on; `AsmError` A0411 for one without effect."""
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
            absolute = any(isinstance(op, Mem) and not op.base and not op.index for op in self.ops)
            name = self.insn.mnemonic
            if name.startswith("loop"):
                self.out.prefixes.append(0x67)
            elif absolute and name.startswith(("j", "call")) and not any(_is_indirect(op) for op in self.ops):
                raise self.fault("A0411", f"`{word}` has no effect on this branch")
            elif absolute and (self.mode != 64 or name.startswith("movabs")):
                raise self.fault("A0411", f"`{word}` is not supported for an address without registers")
            elif not any(isinstance(op, Mem) for op in self.ops):
                self.out.prefixes.append(0x67)

    def add_operand_size(self, bits: int) -> None:
        """Add the operand size prefix where the mode needs it for an operand of 16 or 32 bits."""
        if bits == (32 if self.mode == 16 else 16):
            self.out.prefixes.append(0x66)

    def check_registers(self, operand: Operand) -> None:
        """Raise `AsmError` A0402 for a register that the mode does not have."""
        registers: list[Register | None] = []
        if isinstance(operand, Reg):
            registers = [operand.register]
        elif isinstance(operand, Mem):
            registers = [operand.base, operand.index]
        for register in registers:
            if register is not None and self.mode != 64 and only_in_64_bit(register):
                raise self.fault("A0402", f"`%{register.name}` is available in 64-bit mode only", operand)

    def require_bits(self, operand: Operand, bits: int) -> None:
        """Raise `AsmError` A0407 for an operand of another size."""
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
        """Render a register operand."""
        self.expect.append(Expectation("r", (operand.register.name,)))
        return f"%{operand.register.name}"

    def named(self, register: Register) -> str:
        """Render a register."""
        self.expect.append(Expectation("r", (register.name,)))
        return f"%{register.name}"

    def slot(self, expr: Expr, bits: int, *, signed: bool = False, relative: bool = False, relax: bool = False) -> Slot:
        """Return a new slot for a value that is not known yet."""
        number = len(self.slots)
        if number == 2:
            raise self.fault("A0405", "more than two unknown values in one instruction")
        self.slots.append(bits)
        self.out.fields.append(Field(expr, number, signed=signed, relative=relative, may_relax=relax))
        return Slot(number)

    def imm(self, operand: Imm, bits: int, field_bits: int = 0) -> str:
        """Render an immediate of an operand with `bits` bits; `field_bits` is 8 where only a byte is encoded."""
        value = self.constant(operand.expr)
        width = field_bits or min(bits, 32)
        if value is None:
            return self.unknown_imm(operand.expr, width, signed=bits == 64)
        if field_bits:
            if not -128 <= value <= 255:
                raise self.fault("A0410", f"{hex(value)} does not fit 8 bits", operand)
            if not 0 <= value < 128:
                return self.unknown_imm(Num(value), 8)  # Keystone refuses some of these
        elif self.assumed and not -(1 << 31) <= value < 1 << 31:
            raise self.fault("A0408", f"with {hex(value)}, the operand size must be written", operand)
        elif bits < 64:
            folded = self.fold(value, bits, operand)
            if not -(1 << bits) < value < 1 << bits and not -128 <= signed(value, 32) <= 127:
                return self.unknown_imm(Num(folded), bits)  # GNU as does not take the short form then
            value = folded
        elif not -(1 << 31) <= value < 1 << 31:
            raise self.fault("A0410", f"{hex(value)} does not fit the signed 32-bit immediate", operand)
        self.expect.append(Expectation("i", (), value, width))
        return f"${hex(value)}"

    def unknown_imm(self, expr: Expr, width: int, *, signed: bool = False) -> str:
        """Render an immediate of full width whose value is filled in later."""
        slot = self.slot(expr, width, signed=signed)
        self.expect.append(Expectation("i", (), slot, width))
        return f"${chr(slot.number)}"

    def fold(self, value: int, bits: int, operand: Operand) -> int:
        """Return the value that the low `bits` of a number have as a signed number; a warning if others are lost."""
        if not -(1 << bits) < value < 1 << bits:
            low = value & ((1 << bits) - 1)
            self.warn(self.fault("A0412", f"{hex(value)} is shortened to {hex(low)}", operand))
        return signed(value, bits)

    def byte(self, operand: Operand, *, width: int = 1) -> bytes:
        """Return an immediate of own code: its bytes, or zeros and a field; it stands at the end of `out.code`."""
        if not isinstance(operand, Imm):
            raise self.bad_operands()
        return self.own_field(operand.expr, width, operand)

    def own_field(self, expr: Expr, width: int, operand: Operand) -> bytes:
        """Return the bytes of a value in own code, or zeros and a field."""
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
                width = 16 if bits == 16 else 32
                value = self.slot(operand.disp, width, signed=signed and bits == 64, relax=relax)
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
            return self.index_only(operand, value, size)
        names = (base.name if base else "", index.name if index and index.kind != "iz" else "")
        self.expect_mem(operand, *names, value, bits, size)
        if base is not None and base.name == "bp" and index is not None and not text:
            self.repair = "disp"  # Keystone writes a displacement of zero here
        inner = f"%{base.name}" if base else ""
        if index is not None:
            inner += f",%{index.name},{hex(operand.scale)}" if bits != 16 else f",%{index.name}"
        return f"{text}({inner})"

    def index_only(self, operand: Mem, value: int | Slot, size: int) -> str:
        """Render `disp(,%index,scale)` in 16-bit code, where Keystone drops the index: a base of %ebp is removed later.

        A displacement of 32 bits is always there, so a number goes through a slot too.
        """
        index = certain(operand.index, "an address without registers is 16 bits wide here").name
        if not isinstance(value, Slot):
            value = self.slot(operand.disp or Num(0), 32)
        self.repair = "base"
        self.expect_mem(operand, "", index, value, 32, size)
        return f"{chr(value.number)}(%ebp,%{index},{hex(operand.scale)})"

    def expect_mem(self, operand: Mem, base: str, index: str, value: int | Slot, bits: int, size: int) -> None:
        """Note the memory operand that Capstone must read."""
        self.expect.append(Expectation("m", (base, index), value, bits, operand.scale if index else 1, size))

    def relative(self, operand: Mem, base: Register, index: Register | None, size: int, relax: bool) -> str:
        """Render `disp(%rip)`: a symbol is reached relative to the instruction's end, a number is the displacement."""
        if index is not None:
            raise self.fault("A0403", f"`%{base.name}` cannot have an index", operand)
        if base.name == "eip":
            self.out.prefixes.append(0x67)
        target = operand.disp if operand.disp is not None else Num(0)
        known = self.constant(target)
        value: int | Slot
        if known is None:
            value = self.slot(target, 32, signed=True, relative=True, relax=relax)
            text = chr(value.number)
        else:
            value = self.displacement(known, 64, operand)
            text = hex(value)
        self.expect_mem(operand, "rip", "", value, 64, size)
        return f"{text}(%rip)"

    def segment_prefix(self, operand: Mem) -> None:
        """Turn a segment override into a prefix, unless it is the base register's own segment."""
        if operand.segment is None:
            return
        if operand.segment.name != default_segment(operand):
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
        if bits == 16 and value >= (1 << 32) - (1 << 15):
            value -= 1 << 32  # a negative number, written with 32 bits
        if not low <= value < high:
            what = "signed 32" if bits == 64 else str(bits)
            raise self.fault("A0410", f"displacement {hex(value)} does not fit {what} bits", operand)
        return value - (1 << bits) if bits != 64 and value >= 1 << (bits - 1) else value

    def any(self, operand: Operand, bits: int, *, field_bits: int = 0, signed: bool = True) -> str:
        """Render an operand of an instruction with `bits` bits."""
        if isinstance(operand, Far):
            raise self.bad_operands()
        if isinstance(operand, Imm):
            return self.imm(operand, bits, field_bits)
        self.require_bits(operand, bits)
        if isinstance(operand, Mem):
            return self.mem(operand, bits // 8, signed=signed)
        return self.reg(operand)

    def emit(self, mnemonic: str, *operands: str) -> Prepared:
        """Return the instruction as a template for Keystone."""
        self.check_high_bytes()
        text = f"{mnemonic} {', '.join(operands)}" if operands else mnemonic
        self.out.template = Template(self.mode, text, tuple(self.slots), tuple(self.expect), self.repair)
        return self.out

    def check_high_bytes(self) -> None:
        """Raise `AsmError` A0405 for ah..bh beside what needs a REX prefix; Keystone would end the process."""
        registers = [op.register for op in self.ops if isinstance(op, Reg)]
        if all(register.kind != "high" for register in registers):
            return
        for op in self.ops:
            if isinstance(op, Mem):
                registers += [part for part in (op.base, op.index) if part is not None and part.number >= 8]
        for register in registers:
            wide = register.bits == 64 and register.kind == "gpr"
            if wide or register.number >= 8 or (register.bits == 8 and register.kind == "gpr" and register.number >= 4):
                raise self.fault("A0405", f"`%ah` to `%bh` cannot stand beside `%{register.name}`")

    def own(self, code: bytes, *, bits: int = 0, wide: bool = False) -> Prepared:
        """Return the instruction as bytes of our own, with the prefixes for an operand size of `bits`."""
        self.out.code = code
        if bits:
            self.add_operand_size(bits)
        if bits == 64 and wide:
            self.out.rex |= 0x48
        return self.out

    def proxy_of(self, proxy: Proxy, rm: Operand, register: Operand | None, bits: int) -> Prepared:
        """Encode a proxy with operand size `bits` (0: no prefix whatever the size)."""
        natural = "w" if self.mode == 16 else "l"
        width = 16 if self.mode == 16 else 32
        if bits == 64 and self.mode == 64:
            natural, width = "q", 64
        if bits in (16, 32) and 16 in proxy.sizes:
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
