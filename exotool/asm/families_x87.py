"""x87 instructions, all from our own tables (SDM volume 2, appendix B.17)."""

from __future__ import annotations

import re
from typing import Final

from exotool.asm.mnemonics import Proxy
from exotool.asm.operands import Mem, Operand, Reg
from exotool.asm.prepared import Prepared
from exotool.asm.rendering import Rendering


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


_ALONE: Final = {
    name: bytes.fromhex(code)
    for name, code in _pairs(
        "fchs d9e0 fabs d9e1 ftst d9e4 fxam d9e5 fld1 d9e8 fldl2t d9e9 fldl2e d9ea fldpi d9eb fldlg2 d9ec fldln2 d9ed"
        " fldz d9ee f2xm1 d9f0 fyl2x d9f1 fptan d9f2 fpatan d9f3 fxtract d9f4 fprem1 d9f5 fdecstp d9f6 fincstp d9f7"
        " fprem d9f8 fyl2xp1 d9f9 fsqrt d9fa fsincos d9fb frndint d9fc fscale d9fd fsin d9fe fcos d9ff fnop d9d0"
        " fcompp ded9 fucompp dae9 fninit dbe3 fnclex dbe2 fneni dbe0 fndisi dbe1 fnsetpm dbe4 frstpm dbe5"
    ).items()
}
_STACK: Final = {
    name: bytes.fromhex(code)
    for name, code in _pairs(
        "fld d9c0 fxch d9c8 fst ddd0 fstp ddd8 ffree ddc0 ffreep dfc0 fcom d8d0 fcomp d8d8 fucom dde0 fucomp dde8"
        " fcomi dbf0 fucomi dbe8 fcomip dff0 fcompi dff0 fucomip dfe8 fucompi dfe8"
        " fcmovb dac0 fcmovnae dac0 fcmove dac8 fcmovbe dad0 fcmovna dad0 fcmovu dad8"
        " fcmovnb dbc0 fcmovae dbc0 fcmovne dbc8 fcmovnbe dbd0 fcmova dbd0 fcmovnu dbd8"
    ).items()
}
"""Instructions with one stack register, added to the second byte."""

_DEFAULT: Final = frozenset(
    f"f{name}" for name in ("xch", "com", "comp", "ucom", "ucomp", "comi", "ucomi", "comip", "compi")
) | {"fucomip", "fucompi"}
"""Without an operand they take %st(1)."""

_ARITHMETIC: Final = {"fadd": 0, "fmul": 1, "fcom": 2, "fcomp": 3, "fsub": 4, "fsubr": 5, "fdiv": 6, "fdivr": 7}
_REVERSED: Final = {"fsub": "fsubr", "fsubr": "fsub", "fdiv": "fdivr", "fdivr": "fdiv"}
"""AT&T syntax exchanges these names where the destination is not the top of the stack (GNU as manual, "i386-Bugs")."""

_MEMORY: Final = {
    name: (int(code[:2], 16), int(code[2]))
    for name, code in _pairs(
        "flds d90 fldl dd0 fldt db5 fsts d92 fstl dd2 fstps d93 fstpl dd3 fstpt db7"
        " filds df0 fildl db0 fildll df5 fildq df5 fists df2 fistl db2 fistps df3 fistpl db3 fistpll df7 fistpq df7"
        " fisttps df1 fisttpl db1 fisttpll dd1 fisttpq dd1 fbld df4 fbstp df6"
        " fldcw d95 fldenv d94 fnstcw d97 fnstenv d96 fnsave dd6 frstor dd4 fnstsw dd7"
    ).items()
}
"""Opcode and ModRM.reg of instructions with memory."""

for _name, _digit in _ARITHMETIC.items():
    _MEMORY[_name + "s"], _MEMORY[_name + "l"] = (0xD8, _digit), (0xDC, _digit)
    _MEMORY["fi" + _name[1:] + "s"], _MEMORY["fi" + _name[1:] + "l"] = (0xDE, _digit), (0xDA, _digit)

_WAITING: Final = {
    name: "fn" + name[1:] for name in ("fstcw", "fstsw", "fstenv", "fsave", "finit", "fclex", "feni", "fdisi", "fsetpm")
}
"""An FWAIT and the instruction that does not wait."""

_POPPING: Final = re.compile(r"(fadd|fmul|fsubr?|fdivr?)p")

X87: Final = frozenset(
    [*_ALONE, *_STACK, *_MEMORY, *_WAITING, *_ARITHMETIC]
    + [f"{name}p" for name in _ARITHMETIC if not name.startswith("fcom")]
    + [name[:-1] for name in _MEMORY if name[-1] == "s"]
)


class X87Families(Rendering):
    """Rewrites x87 instructions."""

    def x87(self, name: str) -> Prepared:
        """x87 instructions."""
        if name in _WAITING:
            self.out.lead = b"\x9b"
            name = _WAITING[name]
        memory = self.ops[0] if len(self.ops) == 1 and isinstance(self.ops[0], Mem) else None
        if memory is not None:
            return self.x87_memory(name, memory)
        numbers = [self.stack_register(operand) for operand in self.ops]
        if name == "fnstsw" and numbers in ([], [None]):
            return self.own(b"\xdf\xe0")
        if not self.ops and name in _ALONE:
            return self.own(_ALONE[name])
        known = [number for number in numbers if number is not None]
        if len(known) != len(numbers) or len(known) > 2:
            raise self.bad_operands()
        popping = _POPPING.fullmatch(name)
        if popping or (name in _ARITHMETIC and not name.startswith("fcom")):
            return self.x87_arithmetic(popping[1] if popping else name, known, pops=popping is not None)
        if name not in _STACK:
            raise self.bad_operands()
        first, second = _STACK[name]
        if len(known) == 2:
            if known[1] or name[:4] in ("fld", "fst", "fxch"):
                raise self.bad_operands()
            known.pop()
        if not known:
            if name not in _DEFAULT:
                raise self.bad_operands()
            known = [1]
        return self.own(bytes([first, second + known[0]]))

    def stack_register(self, operand: Operand) -> int | None:
        """Return the number of a stack register; None for `%ax`, which FNSTSW takes."""
        if isinstance(operand, Reg) and operand.register.kind == "st":
            return operand.register.number
        if isinstance(operand, Reg) and operand.register.name == "ax":
            return None
        raise self.bad_operands()

    def x87_arithmetic(self, name: str, numbers: list[int], *, pops: bool) -> Prepared:
        """FADD to FDIVR with stack registers; without operands they pop."""
        if not numbers:
            numbers, pops = [0, 1], True
        if pops and len(numbers) == 1:
            numbers = [0, *numbers]
        to_top = len(numbers) == 1 or (numbers[1] == 0 and not pops)
        if len(numbers) == 2 and numbers[0] and numbers[1]:
            raise self.fault("A0405", "one operand must be `%st`")
        if pops and numbers[0]:
            raise self.fault("A0405", f"`{self.insn.mnemonic}` takes `%st` as its source")
        if not to_top and self.insn.intel:
            name = _REVERSED.get(name, name)
        digit = _ARITHMETIC[name]
        opcode = 0xD8 if to_top else 0xDE if pops else 0xDC
        return self.own(bytes([opcode, 0xC0 | digit << 3 | (numbers[0] if to_top else numbers[1])]))

    def x87_memory(self, name: str, memory: Mem) -> Prepared:
        """x87 instructions with memory."""
        if name not in _MEMORY:
            if f"{name}s" not in _MEMORY:
                raise self.bad_operands()
            self.assume(name, 16 if name.startswith("fi") else 32, "s")
            name += "s"
        opcode, digit = _MEMORY[name]
        memory.bits = 0
        return self.proxy_of(Proxy(b"", bytes([opcode]), digit, (), "m"), memory, None, 0)
