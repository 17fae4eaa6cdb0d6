"""An instruction on its way to bytes: what the rewriting decided, and how the pieces become an item of a section."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from exotool.asm.expressions import Expr, Num
from exotool.asm.layout import Data, Fixup
from exotool.asm.recipes import Recipe, Shape
from exotool.asm.source import AsmError, Statement, certain
from exotool.asm.templates import Encoded, Template, split_prefixes

_GROUP: Final = {**dict.fromkeys((0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65), 0), 0x67: 1, 0x66: 2, 0xF2: 3, 0xF3: 3, 0xF0: 4}
"""The order in which GNU as writes prefixes: segment, address size, operand size, repeat, lock."""


@dataclass(slots=True)
class Field:
    """An expression in an instruction: slot `slot` of the template, or `width` bytes at `offset` of own code."""

    expr: Expr
    slot: int = -1
    offset: int = 0
    width: int = 0
    relative: bool = False
    signed: bool = False
    branch: bool = False
    may_relax: bool = False


@dataclass(slots=True)
class Prepared:
    """An instruction that is a template (for Keystone) or `code` of our own, with prefixes to add."""

    where: Statement
    mode: int
    template: Template | None = None
    code: bytes = b""
    lead: bytes = b""
    """What stands before all prefixes: an FWAIT."""
    prefixes: list[int] = field(default_factory=list)
    rex: int = 0
    fields: list[Field] = field(default_factory=list)
    item: Data | None = None
    shape: Shape | None = None
    """The shape of a statement whose recipe is to be kept."""
    symbol: Expr | None = None
    """The expression that stands where the shape has its symbol."""

    def finish(self, encoded: Encoded | None) -> None:
        """Put the bytes and fixups into the item."""
        code = self.code if encoded is None else encoded.code
        legacy, rex, rest = split_prefixes(code, self.mode)
        if self.template is not None and self.template.proxy is not None:
            rest = self.template.proxy.opcode + rest[2:]
        rex |= self.rex
        prefixes = sorted([*self.prefixes, *legacy], key=_GROUP.__getitem__)
        for first, second in pairwise(prefixes):
            # notrack is a prefix of the segment group; bnd, repeat and the like share one too.
            if _GROUP[first] == _GROUP[second]:
                raise AsmError("A0411", "two prefixes of the same kind")
        head = self.lead + bytes(prefixes) + (bytes([rex]) if rex else b"")
        shift = len(head) + len(rest) - len(code)
        code = head + rest
        if len(code) > 15:
            raise AsmError("A0411", f"the instruction has {len(code)} bytes; 15 is the most there can be")
        item = certain(self.item, "the item was placed before its bytes were known")
        item.data, item.size = code, len(code)
        item.fixups = [self.fixup(entry, encoded, shift, len(code), rex, rest) for entry in self.fields]

    def recipe(self) -> Recipe | None:
        """Return the recipe of the finished instruction; None if its field is not the symbol of its shape."""
        item = certain(self.item, "the instruction is finished")
        code = bytearray(item.data)
        fields = []
        for f in item.fixups:
            if isinstance(f.expr, Num) and f.pc is None and not f.signed:
                bits = 8 * f.width
                if not -(1 << (bits - 1)) <= f.expr.value < 1 << bits:
                    return None
                code[f.offset : f.offset + f.width] = (f.expr.value % (1 << bits)).to_bytes(f.width, "little")
            elif f.expr == self.symbol:
                fields.append((f.offset, f.width, f.pc, f.signed, f.branch, f.relax))
            else:
                return None
        return Recipe(bytes(code), tuple(fields)) if len(fields) == (self.symbol is not None) else None

    def fixup(self, entry: Field, encoded: Encoded | None, shift: int, size: int, rex: int, rest: bytes) -> Fixup:
        """Return the fixup of a field in the finished instruction."""
        if entry.slot >= 0:
            offset, width = certain(encoded, "slots belong to templates").fields[entry.slot]
        else:
            offset, width = entry.offset, entry.width
        offset += shift
        relax = ""
        if entry.may_relax and (rest[0] in _RELAXABLE or (rest[0] == 0xFF and rest[1] >> 3 & 7 in (2, 4))):
            relax = "REX_GOTPCRELX" if rex else "GOTPCRELX"
        pc = size - offset if entry.relative else None
        return Fixup(offset, width, entry.expr, pc, entry.signed, entry.branch, relax)


_RELAXABLE: Final = frozenset([0x8B, 0x85, *(0x03 | op << 3 for op in range(8))])
"""Opcodes whose GOTPCREL a linker may relax (psABI x86-64, B.2): mov, test, binary operations; call and jmp are
FF /2 and FF /4."""
