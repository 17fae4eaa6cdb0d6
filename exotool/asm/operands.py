"""An instruction as data: what both syntaxes parse to, with the operands in AT&T order (sources first)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from exotool.asm.expressions import Expr
from exotool.asm.registers import Register
from exotool.asm.source import Statement


@dataclass(slots=True)
class Reg:
    """A register; `indirect` when written `*%reg`."""

    register: Register
    start: int = 0
    end: int = 0
    indirect: bool = False


@dataclass(slots=True)
class Imm:
    """An immediate."""

    expr: Expr
    start: int = 0
    end: int = 0


@dataclass(slots=True)
class Mem:
    """A memory operand; `bits` is the size that Intel syntax gives it, 0 for none.

    In AT&T syntax, `foo` without parentheses is a memory operand or a branch target; `is_bare` marks it, and the
    mnemonic decides.
    """

    segment: Register | None = None
    base: Register | None = None
    index: Register | None = None
    scale: int = 1
    disp: Expr | None = None
    bits: int = 0
    is_bare: bool = False
    indirect: bool = False
    is_far: bool = False
    start: int = 0
    end: int = 0


@dataclass(slots=True)
class Far:
    """The immediate far pointer `$selector, $offset`."""

    selector: Expr
    offset: Expr
    start: int = 0
    end: int = 0


Operand: TypeAlias = Reg | Imm | Mem | Far


@dataclass(slots=True)
class Insn:
    """One instruction: prefixes in the order written, mnemonic in lower case, operands in AT&T order."""

    where: Statement
    mode: int
    mnemonic: str
    operands: list[Operand]
    prefixes: list[str] = field(default_factory=list)
    intel: bool = False
    start: int = 0
    """Columns of the mnemonic in the statement."""
    end: int = 0


def default_segment(operand: Mem) -> str:
    """Return the segment that an address without override is in."""
    base = operand.base
    return "ss" if base is not None and base.number in (4, 5) and base.kind == "gpr" else "ds"


def is_dx(operand: Operand) -> bool:
    """Tell whether an operand is `%dx` or `(%dx)`, the port of IN and OUT."""
    if isinstance(operand, Mem):
        base = operand.base
        return base is not None and base.name == "dx" and operand.index is None and operand.disp is None
    return isinstance(operand, Reg) and operand.register.name == "dx"
