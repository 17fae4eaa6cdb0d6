"""Integer instructions: arithmetic, moves, the stack, strings."""

from __future__ import annotations

from exotool.asm.families_system import SystemFamilies
from exotool.asm.layout import Branch
from exotool.asm.mnemonics import BITS_SUFFIX, STRING_OPERATIONS, SUFFIX_BITS, Proxy
from exotool.asm.operands import Far, Imm, Mem, Operand, Reg, is_dx
from exotool.asm.prepared import Prepared
from exotool.asm.readback import Expectation
from exotool.asm.registers import GPR, VECTOR_KINDS


class IntegerFamilies(SystemFamilies):
    """Rewrites integer instructions."""

    def sized(self, name: str, bits: int) -> Prepared:
        """Instructions whose operands all have the operand size."""
        if not 1 <= len(self.ops) <= 3 or isinstance(self.ops[-1], Imm):
            raise self.bad_operands()
        if name in ("div", "idiv") and len(self.ops) == 2:
            self.drop_accumulator(bits)
        byte_field = name in ("bt", "bts", "btr", "btc", "rorx")
        if name == "xchg" and self.is_nop_exchange(bits):
            return self.own(b"\x90", bits=bits)
        rendered = [self.any(op, bits, field_bits=8 if byte_field else 0) for op in self.ops]
        suffix = "" if name.startswith("cmov") and bits == 0 else BITS_SUFFIX[bits]
        return self.emit(name + suffix, *rendered)

    def drop_accumulator(self, bits: int) -> None:
        """Take away the accumulator that DIV and IDIV always use, where it is written."""
        last = self.ops.pop()
        if not isinstance(last, Reg) or last.register != GPR.get((bits, 0)):
            raise self.bad_operands()

    def is_nop_exchange(self, bits: int) -> bool:
        """`xchg %rax,%rax` is a nop; `xchg %eax,%eax` clears the upper half in 64-bit mode."""
        registers = [op.register for op in self.ops if isinstance(op, Reg)]
        same = len(registers) == 2 and all(r.kind == "gpr" and r.number == 0 and r.bits == bits for r in registers)
        return same and bits > 8 and not (bits == 32 and self.mode == 64)

    def setcc(self, name: str) -> Prepared:
        """SETcc: one byte."""
        if len(self.ops) != 1 or isinstance(self.ops[0], Imm):
            raise self.bad_operands()
        return self.emit(name, self.any(self.ops[0], 8))

    def shift(self, name: str, bits: int) -> Prepared:
        """Shifts and rotates: by one, by an immediate, by %cl."""
        if not 1 <= len(self.ops) <= 2:
            raise self.bad_operands()
        target = self.ops[-1]
        if not bits:
            bits = target.register.bits if isinstance(target, Reg) else target.bits if isinstance(target, Mem) else 0
            bits = bits or self.assume(name, self.default_bits)
        bits = self.allowed(name, "bwlq", bits)
        rendered = [self.count(self.ops[0])] if len(self.ops) == 2 else []
        if isinstance(target, Imm):
            raise self.bad_operands()
        return self.emit(name + BITS_SUFFIX[bits], *rendered, self.any(target, bits))

    def count(self, operand: Operand) -> str:
        """Render a shift count: an 8-bit immediate or %cl."""
        if isinstance(operand, Imm):
            return self.imm(operand, 8, 8)
        if not isinstance(operand, Reg) or operand.register.name != "cl":
            raise self.fault("A0405", "a shift count is an immediate or `%cl`", operand)
        self.expect.append(Expectation("r", ("cl",)))
        return "%cl"

    def double_shift(self, name: str, bits: int) -> Prepared:
        """SHLD and SHRD."""
        if not 2 <= len(self.ops) <= 3:
            raise self.bad_operands()
        bits = self.allowed(name, "wlq", bits)
        count = self.count(self.ops[0]) if len(self.ops) == 3 else self.named(GPR[8, 1])
        rendered = [self.any(op, bits) for op in self.ops[-2:]]
        return self.emit(name + BITS_SUFFIX[bits], count, *rendered)

    def imul(self, name: str, bits: int) -> Prepared:
        """IMUL with one, two or three operands."""
        bits = self.allowed(name, "bwlq" if len(self.ops) == 1 else "wlq", bits)
        if not 1 <= len(self.ops) <= 3 or (len(self.ops) == 1 and isinstance(self.ops[0], Imm)):
            raise self.bad_operands()
        ops = [*self.ops, self.ops[1]] if len(self.ops) == 2 and isinstance(self.ops[0], Imm) else self.ops
        return self.emit(name + BITS_SUFFIX[bits], *(self.any(op, bits) for op in ops))

    def lea(self, name: str, bits: int) -> Prepared:
        """LEA: the address, whatever its size, in a register."""
        if len(self.ops) != 2 or not isinstance(self.ops[0], Mem) or not isinstance(self.ops[1], Reg):
            raise self.bad_operands()
        bits = self.allowed(name, "wlq", bits)
        self.require_bits(self.ops[1], bits)
        address = self.mem(self.ops[0], signed=bits == 64)
        return self.emit(name + BITS_SUFFIX[bits], address, self.reg(self.ops[1]))

    def mov(self, name: str, bits: int) -> Prepared:
        """MOV between registers, memory, immediates, and to and from special registers."""
        if len(self.ops) != 2 or isinstance(self.ops[1], Imm | Far):
            raise self.bad_operands()
        source, target = self.ops
        kinds = [op.register.kind if isinstance(op, Reg) else "" for op in self.ops]
        if "seg" in kinds:
            return self.move_segment(kinds, bits)
        if "cr" in kinds or "dr" in kinds:
            return self.move_control(kinds, bits)
        if any(kind in VECTOR_KINDS for kind in kinds):
            return self.simd(name + BITS_SUFFIX[bits] if bits else name)
        bits = self.allowed(name, "bwlq", bits)
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
        """MOV with a 64-bit immediate, or a 64-bit address and the accumulator."""
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
        address = memory.disp
        if address is None:
            raise self.bad_operands()
        self.segment_prefix(memory)
        opcode = (0xA0 if memory is source else 0xA2) | (bits > 8)
        self.out.code = (bytes([wide]) if wide else b"") + bytes([opcode])
        return self.own(self.out.code + self.own_field(address, 8, memory), bits=bits)

    def extension(self, kind: str, source: int, target: int) -> Prepared:
        """MOVSX, MOVZX and MOVSXD with both sizes known."""
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
        if bits and name == "movsxd":
            raise self.unknown(self.insn.mnemonic)
        if not source and bits and not self.insn.intel:
            source, bits = bits, 0
        elif not source and isinstance(first, Reg):
            source = first.register.bits
        elif not source and isinstance(first, Mem) and first.bits:
            source = first.bits
        if not source:
            if self.insn.intel:
                self.assume(name, 8)
            self.warn(self.fault("A0409", f"`{name}` does not tell the size of its memory operand; a byte is assumed"))
            source = 8
        target = bits or self.ops[1].register.bits
        if name == "movsxd" and self.mode != 64:
            raise self.fault("A0406", "`movsxd` is available in 64-bit mode only")
        if name == "movsxd" and target == 32:
            return self.own_movsxd()
        if source not in (8, 16, 32) or source >= target or (source == 32 and name[3] == "z"):
            raise self.fault("A0407", f"`{name}` cannot extend {source} bits to {target}")
        return self.extension(name[3], source, target)

    def own_movsxd(self) -> Prepared:
        """MOVSXD without REX.W: a move of 32 bits."""
        self.require_bits(self.ops[0], 32)
        return self.proxy_of(Proxy(b"", b"\x63", -1, (), "er"), self.ops[0], self.ops[1], 32)

    def bswap(self, name: str, bits: int) -> Prepared:
        """BSWAP of 32 or 64 bits."""
        if len(self.ops) != 1 or not isinstance(self.ops[0], Reg):
            raise self.bad_operands()
        bits = self.allowed(name, "lq", bits)
        return self.emit(name + BITS_SUFFIX[bits], self.any(self.ops[0], bits))

    def crc32(self, name: str, bits: int) -> Prepared:
        """CRC32: the source has the operand size."""
        if len(self.ops) != 2 or not isinstance(self.ops[1], Reg):
            raise self.bad_operands()
        source = self.ops[0]
        if not bits:
            bits = source.register.bits if isinstance(source, Reg) else source.bits if isinstance(source, Mem) else 0
            bits = bits or self.assume(name, self.default_bits)
        bits = self.allowed(name, "bwlq", bits)
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
        """PUSH and POP of a segment register."""
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

    def string(self, name: str, bits: int) -> Prepared:
        """MOVS, STOS and their like: the operands, if written, are fixed but for the source segment."""
        opcode, sizes, *roles = STRING_OPERATIONS[name]
        if self.ops and self.insn.intel is False and len(self.ops) == 1:
            roles = [role for role in roles if role in ("si", "di")]
        if self.ops and len(self.ops) != len(roles):
            raise self.bad_operands()
        address = 0
        for operand, role in zip(self.ops, roles, strict=False):
            if role == "dx":
                if not is_dx(operand):
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
        if BITS_SUFFIX.get(bits, "?") not in sizes:
            raise self.fault("A0407", f"`{name}` has no {bits}-bit form")
        if address not in (0, self.mode):
            self.out.prefixes.append(0x67)
        return self.own(bytes([opcode | (bits > 8)]), bits=bits, wide=True)

    def same_size(self, bits: int, found: int, operand: Operand) -> int:
        """Return the size that an operand tells; `AsmError` A0407 if another is known."""
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

    def xlat(self, _name: str, bits: int) -> Prepared:
        """XLAT, perhaps with its operand for a segment override."""
        if bits not in (0, 8) or len(self.ops) > 1:
            raise self.bad_operands()
        for operand in self.ops:
            if not isinstance(operand, Mem) or operand.index or not operand.base or operand.base.number != 3:
                raise self.fault("A0405", f"this operand must be `(%{GPR[self.mode, 3].name})`", operand)
            self.segment_prefix(operand)
            if operand.base.bits != self.mode:
                self.out.prefixes.append(0x67)
        return self.own(b"\xd7")
