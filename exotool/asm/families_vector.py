"""Instructions with vector registers: passed on as they are written, or encoded from our own table."""

from __future__ import annotations

import re
from typing import Final

from exotool.asm.expressions import Num
from exotool.asm.families_x87 import X87Families
from exotool.asm.mnemonics import BITS_SUFFIX
from exotool.asm.operands import Imm, Mem, Operand, Reg
from exotool.asm.prepared import Prepared
from exotool.asm.readback import Expectation
from exotool.asm.registers import GPR, Register
from exotool.asm.simd import SIMD
from exotool.asm.templates import Template
from exotool.asm.vex import COMPARISONS, MEMORY_FIRST, PRODUCTS, VECTOR, Form, Vector

_COMPARISON: Final = re.compile(r"(v?)cmp([a-z_]+?)(ps|pd|ss|sd)")
_PRODUCT: Final = re.compile(r"(v?)pclmul([lh]q[lh]q)dq")
_IMPLIED: Final = frozenset(["blendvpd", "blendvps", "pblendvb", "sha256rnds2"])
_NARROW: Final = frozenset(["extractps", "movmskpd", "movmskps", "pextrb", "pextrw", "pinsrb", "pinsrw", "pmovmskb"])
"""Instructions that move at most 32 bits to or from a general register, which may be written with 64."""


_NARROWING: Final = ("vcvtpd2dq", "vcvttpd2dq", "vcvtpd2ps")
"""Instructions whose registers do not tell the size of a memory operand."""


def is_vector(name: str) -> bool:
    """Tell whether a mnemonic is a vector instruction."""
    if name in SIMD or name in VECTOR or _PRODUCT.fullmatch(name):
        return True
    compare = _COMPARISON.fullmatch(name)
    return compare is not None and compare[2] in COMPARISONS and (compare[1] != "" or COMPARISONS[compare[2]] < 8)


class VectorFamilies(X87Families):
    """Rewrites SIMD and x87 instructions."""

    def simd(self, name: str) -> Prepared:
        """Vector instructions."""
        name = self.without_alias(name)
        self.implied(name)
        if self.has_vector_form(name):
            return self.vector(name)
        if name in ("movd", "vmovd") and not any(
            isinstance(op, Reg) and op.register.kind in ("xmm", "mm") for op in self.ops
        ):
            raise self.bad_operands()
        wide_move = name in ("movd", "vmovd") and any(
            isinstance(op, Reg) and op.register.kind == "gpr" and op.register.bits == 64 for op in self.ops
        )
        if wide_move:
            name = name[:-1] + "q"
        bare = name[1:] if name.startswith("v") else name
        wide = bare in ("pextrq", "pinsrq", "cvtsi2sdq", "cvtsi2ssq") or bare.endswith("2siq")
        if wide and self.mode != 64:
            raise self.fault("A0406", f"`{name}` is available in 64-bit mode only")
        if name in _NARROWING and self.ops and isinstance(self.ops[0], Mem):
            help_ = f"write `{name}x` or `{name}y`"
            raise self.fault("A0408", f"the operand size of `{name}` is ambiguous", self.ops[0], help_)
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

    def without_alias(self, name: str) -> str:
        """Turn a predicate or selection that is part of a mnemonic into the immediate that it is; return the name."""
        compare = _COMPARISON.fullmatch(name)
        if compare and compare[2] in COMPARISONS and (compare[1] or COMPARISONS[compare[2]] < 8):
            self.ops.insert(0, Imm(Num(COMPARISONS[compare[2]]), self.insn.start, self.insn.end))
            return f"{compare[1]}cmp{compare[3]}"
        product = _PRODUCT.fullmatch(name)
        if product:
            self.ops.insert(0, Imm(Num(PRODUCTS[product[2]]), self.insn.start, self.insn.end))
            return f"{product[1]}pclmulqdq"
        return name

    def implied(self, name: str) -> None:
        """Leave out %xmm0 where it is implied, and the upper half of a general register that gets at most 32 bits."""
        if name in _IMPLIED and len(self.ops) == 3:
            first = self.ops[0]
            if not isinstance(first, Reg) or first.register.name != "xmm0":
                raise self.bad_operands()
            del self.ops[0]
        if name.removeprefix("v") in _NARROW:
            self.ops[:] = [self.narrow(operand) for operand in self.ops]

    def narrow(self, operand: Operand) -> Operand:
        """Return the 32-bit register for a 64-bit one."""
        if isinstance(operand, Reg) and operand.register.kind == "gpr" and operand.register.bits == 64:
            return Reg(GPR[32, operand.register.number], operand.start, operand.end)
        return operand

    def has_vector_form(self, name: str) -> bool:
        """Tell whether our table has the form: its own mnemonics, and what Keystone would encode with EVEX."""
        form = VECTOR.get(name)
        return form is not None and len(form.order) == len(self.ops) and not self.has_high_registers()

    def has_high_registers(self) -> bool:
        """Tell whether a register is one that VEX cannot name, or of MMX."""
        return any(isinstance(op, Reg) and (op.register.number > 15 or op.register.kind == "mm") for op in self.ops)

    def vector(self, name: str) -> Prepared:
        """Encode an instruction of our own table by way of `bsf`."""
        form = VECTOR[name]
        operands = dict(zip(form.order, reversed(self.ops), strict=True))
        kinds = dict(zip(form.order, form.kinds or "x" * len(form.order), strict=True))
        registers = {role: operand.register for role, operand in operands.items() if isinstance(operand, Reg)}
        memory = operands["m"]
        if isinstance(memory, Reg) and name in MEMORY_FIRST:
            raise self.bad_operands()
        for role, operand in operands.items():
            wanted = {"g": ("gpr",), "x": ("xmm", "ymm"), "y": ("ymm",)}[kinds[role]]
            fits = isinstance(operand, Imm) if role == "i" else role in registers and registers[role].kind in wanted
            if not fits and not (role == "m" and isinstance(operand, Mem)):
                raise self.bad_operands()
        length = self.vector_length(form, {role: r for role, r in registers.items() if r.kind != "gpr"})
        if kinds["r"] == "g":
            bits = registers["r"].bits
            if bits < 32:
                raise self.bad_operands()
            form = form._replace(w=int(bits == 64))
        natural, width = ("w", 16) if self.mode == 16 else ("l", 32)
        if isinstance(memory, Mem):
            source = self.mem(memory, self.written_bytes(memory))
        else:
            source = f"%{GPR[width, registers['m'].number].name}"
        self.expect += [Expectation("r", (register.name,)) for register in registers.values()]
        immediate = self.immediate(operands["i"]) if "i" in operands else -1
        vvvv = registers["v"].number if "v" in registers else 0
        chosen = Vector(name, form, length, vvvv, immediate)
        text = f"bsf{natural} {source}, %{GPR[width, registers['r'].number].name}"
        self.out.template = Template(self.mode, text, tuple(self.slots), tuple(self.expect), self.repair, None, chosen)
        return self.out

    def vector_length(self, form: Form, registers: dict[str, Register]) -> int:
        """Return VEX.L; `AsmError` A0405 when the registers do not agree."""
        kinds = {role: register.kind for role, register in registers.items()}
        if form.length == "h":  # the operand of full length is the source of a narrowing, the target of a widening
            full = kinds["r"]
            if "m" in kinds and kinds["m"] != "xmm":
                raise self.bad_operands()
            return int(full == "ymm")
        if form.length == "y":
            if kinds.get("m", "ymm") != "ymm" or kinds["r"] != "xmm":
                raise self.bad_operands()
            return 1
        found = set(kinds.values())
        if len(found) > 1 or (found == {"ymm"} and (form.length == "x" or not form.vex)):
            raise self.bad_operands()
        return int(found == {"ymm"})

    def immediate(self, operand: Operand) -> int:
        """Return an immediate byte that is known here."""
        value = self.constant(operand.expr) if isinstance(operand, Imm) else None
        if value is None or not -128 <= value <= 255:
            raise self.fault("A0410", "the immediate must be a known number of 8 bits", operand)
        return value & 0xFF

    def written_bytes(self, memory: Mem) -> int:
        """Return the size that is written at a memory operand, 0 for none or where it says nothing.

        Capstone reads 128 bits for COMISD, which are 64; GNU as takes any size for VCVTTPS2DQ.
        """
        return 0 if self.insn.mnemonic in ("comisd", "vcvttps2dq") else memory.bits // 8

    def passed(self, operand: Operand) -> str:
        """Render an operand; the size that Intel syntax gives memory is compared with what Capstone reads."""
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
            return self.mem(operand, self.written_bytes(operand))
        raise self.bad_operands()
