"""Warnings about what assembles and cannot work: an instruction as the processor will see it, code that is not loaded.

Only what no program can mean: each is about something that never has the effect that is written. GNU as is silent about
all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from exotool.asm.layout import Branch, Data
from exotool.asm.operands import Imm, Mem, Reg, default_segment
from exotool.asm.source import AsmError
from exotool.diagnostics import Severity
from exotool.elf.constants import SHF_ALLOC

if TYPE_CHECKING:
    from exotool.asm.assembler import Assembler
    from exotool.asm.rendering import Rendering

_CONTROL: Final = (0, 2, 3, 4, 8)
"""The control registers that there are (SDM volume 3, 2.5)."""

_SHIFTS: Final = frozenset(("shl", "sal", "shr", "sar", "shld", "shrd"))
_BIT_TESTS: Final = frozenset(("bt", "bts", "btr", "btc"))
_FLAT: Final = ("es", "cs", "ss", "ds")
"""Segments whose base is always 0 in 64-bit mode."""


def advise(rendering: Rendering) -> None:
    """Warn about an instruction that never does what is written: A0416 in this mode, A0417 with this number."""
    name = rendering.insn.mnemonic
    for operand in rendering.ops:
        if isinstance(operand, Reg) and operand.register.kind in ("cr", "dr"):
            register = operand.register
            if register.number not in _CONTROL if register.kind == "cr" else register.number > 7:
                message = f"no processor has `%{register.name}`: the instruction is an invalid opcode"
                rendering.warn(rendering.fault("A0416", message, operand))
        elif isinstance(operand, Mem) and operand.segment is not None and rendering.mode == 64:
            if _is_destination(operand, name):
                continue
            if operand.segment.name in _FLAT and operand.segment.name != default_segment(operand):
                message = f"in 64-bit mode, `%{operand.segment.name}:` has no effect"
                rendering.warn(rendering.fault("A0416", message, operand))
    if name.startswith("sysret") and rendering.mode != 64:
        message = "`sysret` is an invalid opcode outside 64-bit mode, except on AMD's processors"
        rendering.warn(rendering.fault("A0416", message))
    if rendering.mode == 64 and name == "retw":
        message = "processors disagree on `retw` in 64-bit mode: some take 64 bits, some 16"
        rendering.warn(rendering.fault("A0416", message, None, "write `retq`"))
    _counts(rendering, name)


def _is_destination(operand: Mem, name: str) -> bool:
    """Tell whether an operand is the `%es:(%rdi)` that string instructions are written with."""
    segment, base = operand.segment, operand.base
    strings = ("ins", "movs", "smov", "cmps", "scmp", "stos", "ssto", "scas", "ssca")
    return bool(segment and base and segment.name == "es" and base.number == 7 and name.startswith(strings))


def _counts(rendering: Rendering, name: str) -> None:
    """Warn about a shift count or a bit number that the processor makes another of."""
    base = name if name in _SHIFTS or name in _BIT_TESTS else name[:-1]
    count = rendering.ops[0] if len(rendering.ops) > 1 else None
    if not isinstance(count, Imm) or not (base in _SHIFTS or base in _BIT_TESTS):
        return
    value = rendering.constant(count.expr)
    target = rendering.ops[-1]
    bits = target.register.bits if isinstance(target, Reg) else {"b": 8, "w": 16, "l": 32, "q": 64}.get(name[-1], 0)
    if base == name and isinstance(target, Mem):
        bits = target.bits
    if value is None or not bits or not -128 <= value <= 255:
        return  # what does not fit a byte is an error
    # Shifts of 8 and 16 bits take five bits of the count; a bit number is taken modulo the operand.
    modulus = max(bits, 32) if base in _SHIFTS else bits
    if not 0 <= value < modulus:
        what = "count" if base in _SHIFTS else "bit"
        message = f"{what} {value} of a {bits}-bit operand is {what} {value % modulus}"
        rendering.warn(rendering.fault("A0417", message, count))


def advise_sections(asm: Assembler) -> None:
    """Warn A0418 about sections with instructions that are not part of the program."""
    for section in asm.sections.values():
        if section.sh_flags & SHF_ALLOC:
            continue
        for chunk in section.ordered():
            first = next((i for i in chunk.items if isinstance(i, Branch) or (isinstance(i, Data) and i.is_code)), None)
            if first is not None:
                message = f"section `{section.name}` has instructions and no flag `a`: no program loads it"
                help_ = f'write `.section {section.name}, "ax"`'
                asm.report(AsmError("A0418", message, help=(help_,)), first.where, Severity.WARNING)
                break
