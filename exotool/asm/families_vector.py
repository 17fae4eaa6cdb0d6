"""Instructions with vector and x87 registers: passed on as they are written."""

from __future__ import annotations

from exotool.asm.mnemonics import BITS_SUFFIX
from exotool.asm.operands import Imm, Mem, Operand, Reg
from exotool.asm.prepared import Prepared
from exotool.asm.rendering import Rendering
from exotool.asm.simd import WAITING, X87_SIZED


class VectorFamilies(Rendering):
    """Rewrites SIMD and x87 instructions."""

    def simd(self, name: str) -> Prepared:
        """Vector instructions."""
        bare = name[1:] if name.startswith("v") else name
        wide = bare in ("pextrq", "pinsrq", "cvtsi2sdq", "cvtsi2ssq") or bare.endswith("2siq")
        if wide and self.mode != 64:
            raise self.fault("A0406", f"`{name}` is available in 64-bit mode only")
        if name.startswith(("vphadd", "vphsub")) and len(self.ops) != 3:
            raise self.bad_operands()  # there are instructions of AMD's XOP with two operands and these names
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
        """x87 instructions."""
        if name in WAITING:
            help_ = f"write `fwait` and `{WAITING[name]}`, or the latter alone"
            raise self.fault("A0404", f"`{name}` is two instructions", None, help_)
        if name in X87_SIZED and any(isinstance(op, Mem) for op in self.ops):
            self.assume(name, 32)
            name += "s"
        return self.emit(name, *(self.passed(op) for op in self.ops))

    def passed(self, operand: Operand) -> str:
        """Render an operand that has no size of its own."""
        if isinstance(operand, Reg):
            if operand.register.kind in ("zmm", "k"):
                raise self.fault("A0404", "AVX-512 is not supported", operand)
            return self.reg(operand)
        if isinstance(operand, Imm):
            text = self.imm(operand, 8, 8)
            # Capstone turns some of these into mnemonics such as cmpleps; they are always the last byte.
            self.expect[-1] = self.expect[-1]._replace(kind="b")
            return text
        if isinstance(operand, Mem):
            return self.mem(operand)
        raise self.bad_operands()
