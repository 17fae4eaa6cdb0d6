"""Intel mnemonics -> AT&T mnemonics; the operands are in AT&T order already."""

from __future__ import annotations

import re
from typing import Final

from exotool.asm.operands import Far, Imm, Insn, Mem, Operand, Reg
from exotool.asm.source import AsmError

_RENAMED: Final = {
    "retf": "lret",
    "retfw": "lretw",
    "retfd": "lretl",
    "retfq": "lretq",
    "iretd": "iretl",
    "pushfd": "pushfl",
    "popfd": "popfl",
    "pushad": "pushal",
    "popad": "popal",
    "lodsd": "lodsl",
    "stosd": "stosl",
    "scasd": "scasl",
    "insd": "insl",
    "outsd": "outsl",
}
_NO_OPERANDS: Final = {"movsd": "movsl", "cmpsd": "cmpsl", "iret": "iretw"}
_X87_SIZED: Final = re.compile(r"f(add|sub|subr|mul|div|divr|com|comp|ld|st|stp)")
_X87_INTEGER: Final = re.compile(r"fi(add|sub|subr|mul|div|divr|com|comp|ld|st|stp|sttp)")


def to_att(insn: Insn) -> None:
    """Rename an instruction of Intel syntax in place."""
    name = insn.mnemonic
    has_memory = any(isinstance(op, Mem) for op in insn.operands)
    vector = any(isinstance(op, Reg) and op.register.kind in ("xmm", "ymm", "mm") for op in insn.operands)
    if name in ("movsd", "cmpsd") and vector:
        return
    if name == "iret":
        insn.mnemonic = {16: "iretw", 32: "iretl", 64: "iretl"}[insn.mode]
    elif name in ("lret", "retf") and insn.mode == 64:
        insn.mnemonic = "lretl"
    elif name in ("sysret", "sysexit") and insn.mode == 64:
        insn.mnemonic = name + "l"
    elif name in _NO_OPERANDS:
        insn.mnemonic = _NO_OPERANDS[name]
    elif name in _RENAMED:
        insn.mnemonic = _RENAMED[name]
    elif name in ("jmp", "call"):
        _branch(insn)
    elif name.startswith("f") and has_memory:
        _x87_memory(insn)
    if name == "enter":
        insn.operands.reverse()
    if name in ("ljmp", "lcall") and len(insn.operands) == 2:
        insn.operands = [_immediate(operand) for operand in reversed(insn.operands)]
    for operand in insn.operands:
        if isinstance(operand, Mem) and operand.bits == 64 and insn.mnemonic in ("movd", "vmovd"):
            raise AsmError("A0407", f"`{name}` moves 32 bits", operand.start, operand.end, help=("write `movq`",))
        if isinstance(operand, Mem) and name in _NARROWING and operand.bits in (128, 256):
            insn.mnemonic = name + ("x" if operand.bits == 128 else "y")
        elif isinstance(operand, Mem) and name == "vcvttps2dq" and operand.bits == 256 and not _has_ymm(insn):
            raise AsmError("A0407", f"`{name}` has a source and a target of one size", operand.start, operand.end)
        if isinstance(operand, Mem) and operand.bits == 48 and insn.mnemonic not in _FAR_POINTERS:
            raise AsmError("A0407", f"`{name}` does not take 48 bits", operand.start, operand.end)


def _has_ymm(insn: Insn) -> bool:
    return any(isinstance(op, Reg) and op.register.kind == "ymm" for op in insn.operands)


_NARROWING: Final = ("vcvtpd2dq", "vcvttpd2dq", "vcvtpd2ps")
"""Conversions to half of the length: the size of the source in memory is part of the AT&T mnemonic."""

_FAR_POINTERS: Final = frozenset(
    ["sgdt", "sidt", "lgdt", "lidt", "lds", "les", "lfs", "lgs", "lss", "ljmp", "lcall", "jmp", "call"]
)


def _branch(insn: Insn) -> None:
    """`jmp far ptr`, `jmp fword ptr` and `jmp 8:x` are far."""
    operand = insn.operands[0] if len(insn.operands) == 1 else None
    if isinstance(operand, Far) or (isinstance(operand, Mem) and operand.is_far):
        insn.mnemonic = "l" + insn.mnemonic
    elif isinstance(operand, Imm):
        insn.operands[0] = Mem(disp=operand.expr, is_bare=True, start=operand.start, end=operand.end)


def _immediate(operand: Operand) -> Operand:
    """Return a bare symbol of a far pointer as the immediate that it is there."""
    if isinstance(operand, Mem) and operand.disp is not None and not operand.base and not operand.index:
        return Imm(operand.disp, operand.start, operand.end)
    return operand


def _x87_memory(insn: Insn) -> None:
    """Give an x87 memory operand's size as a suffix."""
    name = insn.mnemonic
    memory = next(op for op in insn.operands if isinstance(op, Mem))
    if _X87_INTEGER.fullmatch(name):
        insn.mnemonic += {16: "s", 32: "l", 64: "ll"}.get(memory.bits, "")
    elif _X87_SIZED.fullmatch(name):
        insn.mnemonic += {32: "s", 64: "l", 80: "t"}.get(memory.bits, "")
    memory.bits = 0
