"""Jumps, calls, loops and returns; their opcodes are our own, because Keystone does not check their ranges."""

from __future__ import annotations

from exotool.asm.expressions import Expr, Num
from exotool.asm.families_integer import IntegerFamilies
from exotool.asm.layout import Branch
from exotool.asm.mnemonics import BITS_SUFFIX, LOOPS, Proxy
from exotool.asm.operands import Far, Imm, Mem, Operand, Reg
from exotool.asm.prepared import Field, Prepared
from exotool.asm.rendering import signed


class BranchFamilies(IntegerFamilies):
    """Rewrites branches."""

    def conditional_jump(self, code: int) -> Prepared | Branch:
        """Jcc with the condition `code`."""
        if len(self.ops) != 1 or not isinstance(self.ops[0], Mem):
            raise self.bad_operands()
        return self.relaxable(bytes([0x70 | code]), bytes([0x0F, 0x80 | code]), self.ops[0], 0)

    def direct_target(self, operand: Operand) -> Expr | None:
        """Return the target if the operand is the direct target of a branch."""
        if isinstance(operand, Mem) and operand.is_bare and not operand.indirect and not operand.segment:
            return operand.disp
        return None

    def relaxable(self, short: bytes, long: bytes, operand: Mem, bits: int) -> Prepared | Branch:
        """Return a jump that layout makes short or long; one to a number is always long."""
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
            if self.data_bits:
                raise self.fault("A0411", "processors disagree on what a data size prefix makes of this branch")
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
        known = self.constant(target)
        if known is not None and self.mode != 64:
            target = Num(signed(known, 16 if width == 2 else 32))
        marked = self.mode == 64
        entry = Field(target, offset=len(self.out.code), width=width, relative=True, signed=True, branch=marked)
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
        if name == "jmp" and isinstance(operand, Mem):
            return self.relaxable(b"\xeb", b"\xe9", operand, bits)
        width = self.branch_width(bits)
        self.out.code = b"\xe8"
        return self.branch_field(target, width)

    def indirect(self, name: str, operand: Operand, bits: int) -> Prepared:
        """Indirect jumps and calls: through a register or memory."""
        if isinstance(operand, Imm | Far):
            raise self.bad_operands()
        if isinstance(operand, Mem) and operand.is_bare and not operand.indirect:
            raise self.fault("A0405", f"`{name}` through memory needs `*`", operand)
        if not operand.indirect and not self.insn.intel:
            self.warn(self.fault("A0413", f"indirect `{name}` without `*`", operand))
        if isinstance(operand, Mem) and (
            operand.is_far or (self.insn.intel and self.mode == 16 and operand.bits == 32)
        ):
            return self.far("ljmp" if name == "jmp" else "lcall", bits)
        operand.indirect = False
        if not bits:
            bits = operand.register.bits if isinstance(operand, Reg) else operand.bits or self.mode
        if bits == 16 and self.mode == 64:
            message = f"processors disagree on a 16-bit `{name}` in 64-bit mode: some take 64 bits"
            raise self.fault("A0411", message, operand)
        if bits not in ((64,) if self.mode == 64 else (16, 32)):
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
        """Return the far pointer: immediate, or in memory."""
        if len(self.ops) == 2 and isinstance(self.ops[0], Imm) and isinstance(self.ops[1], Imm):
            return Far(self.ops[0].expr, self.ops[1].expr, self.ops[0].start, self.ops[1].end)
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
        opcode = LOOPS[name]
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

    def enter(self, _name: str, bits: int) -> Prepared:
        """ENTER: frame size and nesting level."""
        if len(self.ops) != 2:
            raise self.bad_operands()
        self.out.code = b"\xc8"
        self.out.code += self.byte(self.ops[0], width=2)
        return self.own(self.out.code + self.byte(self.ops[1]), bits=bits or self.mode)

    def xbegin(self, _name: str, _bits: int) -> Prepared:
        """XBEGIN: the displacement of a long jump."""
        target = self.direct_target(self.ops[0]) if len(self.ops) == 1 else None
        if target is None:
            raise self.bad_operands()
        if self.data_bits:
            raise self.fault("A0411", "a data size prefix changes this instruction")
        width = 2 if self.mode == 16 else 4
        self.out.code = b"\xc7\xf8"
        return self.branch_field(target, width)

    def xabort(self, _name: str, _bits: int) -> Prepared:
        """XABORT with its reason."""
        if len(self.ops) != 1:
            raise self.bad_operands()
        self.out.code = b"\xc6\xf8"
        return self.own(self.out.code + self.byte(self.ops[0]))
