"""Instruction -> canonical form: sizes made explicit, prefixes taken over, symbols replaced by slots.

What GNU as leaves to context is decided here; what Keystone gets wrong is kept from it. One method an instruction
family, found by the mnemonic; a family returns a `Prepared`, or a `Branch` for jumps that may be short.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from exotool.asm.advice import advise
from exotool.asm.families_branch import BranchFamilies
from exotool.asm.families_vector import is_vector
from exotool.asm.families_x87 import X87
from exotool.asm.layout import Branch
from exotool.asm.mnemonics import (
    ADDRESSED,
    CONDITIONS,
    CONVERSIONS,
    DIRECT_STORES,
    EXTENSIONS,
    FAST_CALLS,
    FIXED,
    LOADS_OF_SEGMENTS,
    LOOPS,
    PLAIN,
    PLAIN_ALIASES,
    PREFIXES,
    PROXIES,
    REGISTER_PROXIES,
    REX_PREFIXES,
    SHIFTS,
    SIMPLE,
    SIZE_PREFIXES,
    SIZED,
    STRING_OPERATIONS,
    SUFFIX_BITS,
)
from exotool.asm.operands import Mem, Reg
from exotool.asm.prepared import Prepared
from exotool.asm.registers import VECTOR_KINDS
from exotool.asm.templates import Template


def is_prefix(word: str) -> bool:
    """Tell whether a word is an instruction prefix."""
    return word in PREFIXES or word in SIZE_PREFIXES or word in REX_PREFIXES


def prefix_byte(word: str) -> int:
    """Return the byte of a prefix that stands in a statement of its own, such as `lock;`."""
    if word in SIZE_PREFIXES:
        return 0x66 if word.startswith("data") else 0x67
    return PREFIXES.get(word) or REX_PREFIXES[word]


class Rewriter(BranchFamilies):
    """Finds the family of an instruction and rewrites it."""

    def run(self) -> Prepared | Branch:
        """Return the instruction in canonical form; `AsmError` A04xx when there is none."""
        self.take_prefixes()
        may_be_indirect = any(name in self.insn.mnemonic for name in ("jmp", "call"))
        for operand in self.ops:
            self.check_registers(operand)
            if isinstance(operand, Reg | Mem) and operand.indirect and not (may_be_indirect or self.insn.intel):
                raise self.fault("A0401", "`*` belongs to jumps and calls only", operand)
        name, _, hint = self.insn.mnemonic.partition(",")
        if hint:
            if not (name.startswith("j") and name[1:] in CONDITIONS):
                raise self.fault("A0411", f"`,{hint}` belongs to conditional jumps")
            self.out.prefixes.append(0x3E if hint == "pt" else 0x2E)
        advise(self)
        result = self.dispatch(name)
        if isinstance(result, Prepared) and result.template is not None and result.template.proxy is None:
            self.check_size_prefixes(result.template)
        return result

    def check_size_prefixes(self, template: Template) -> None:
        """Raise `AsmError` A0411 for a prefix that would make other operands of what Keystone encodes."""
        wide = any(item.kind == "r" and item.names[0][0] == "r" for item in template.expect)
        if self.data_bits and not (wide and self.mode == 64):
            raise self.fault(
                "A0411", "a data size prefix changes this instruction", None, "write the size suffix instead"
            )
        written = [word for word in self.insn.prefixes if word in REX_PREFIXES]
        has_immediate = any(item.kind == "i" for item in template.expect)
        if any(REX_PREFIXES[word] & 7 for word in written) or (written and has_immediate):
            help_ = "write the operands that it makes"
            raise self.fault("A0411", f"`{written[0]}` changes this instruction", None, help_)

    def dispatch(self, name: str) -> Prepared | Branch:
        """Find the family: by the whole mnemonic, or without its size suffix."""
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

    def family(self, name: str) -> Prepared | Branch | None:
        """Return the result for a mnemonic without size suffix, None if there is no such mnemonic."""
        vector = any(isinstance(op, Reg) and op.register.kind in VECTOR_KINDS for op in self.ops)
        if is_vector(name) and (vector or name not in ("movsd", "cmpsd", "movq")):
            return self.simd(name)
        if name in X87:
            return self.x87(name)
        if not self.ops and name in ("movsd", "cmpsd"):
            return self.string(name[:-1], 32)
        if not self.ops and name in FIXED:
            return self.fixed(name)
        if name in ADDRESSED and self.ops:
            return self.addressed(name)
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
    "retf": Rewriter.ret,
    "bound": Rewriter.bound,
    "arpl": Rewriter.arpl,
    "hreset": Rewriter.hreset,
    **dict.fromkeys(DIRECT_STORES, Rewriter.direct_store),
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
    **dict.fromkeys(REGISTER_PROXIES, Rewriter.register_proxy),
    **dict.fromkeys(SIMPLE, Rewriter.simple),
    **dict.fromkeys(LOOPS, Rewriter.loop),
    **dict.fromkeys(LOADS_OF_SEGMENTS, Rewriter.segment_load),
    **dict.fromkeys(["movzx", "movsx", "movsxd", "movzb", "movzw", "movsb", "movsw", "movsl"], Rewriter.extend),
}
