"""Instructions that no recipe knows: parsed, rewritten, and encoded in batches.

Loaded at the first of them: a source whose instructions are all in the cache needs neither this nor an encoder.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from exotool.asm.expressions import Expr
from exotool.asm.intel import to_att
from exotool.asm.layout import Branch, Data
from exotool.asm.mnemonics import STACK_USERS
from exotool.asm.operands import Insn, Reg
from exotool.asm.operands_att import Cursor, parse_operands
from exotool.asm.operands_intel import parse_operands_intel
from exotool.asm.prepared import Prepared
from exotool.asm.recipes import Recipe, Shape, remember
from exotool.asm.rewrite import Rewriter, is_prefix, prefix_byte
from exotool.asm.source import AsmError, Statement, certain
from exotool.asm.templates import Encoded, encode

if TYPE_CHECKING:
    from exotool.asm.assembler import Assembler

MAX_BATCH: Final = 300
"""Instructions that wait for encoding at most: so many that an encoder's call costs little, and so few that the
recipes of the first serve the rest."""

_WORD: Final = re.compile(r"\s*([^\s,;:=\"'{}\[\]]+)")
_NAME: Final = re.compile(r"[a-z][a-z0-9._]*(,p[tn])?")
_HINT: Final = re.compile(r",p[tn]\b", re.IGNORECASE)


class Instructions:
    """The instructions of an assembly that are not encoded yet."""

    def __init__(self, asm: Assembler) -> None:
        self.asm = asm
        self.pending: list[Prepared] = []

    def new(self, statement: Statement, at: int, shape: Shape | None, symbol: Expr | None) -> None:
        """Parse an instruction and rewrite it; what has a shape becomes a recipe."""
        asm = self.asm
        warnings = len(asm.collector.warnings)
        insn = self.parse(statement, at)
        if insn is None:
            return
        asm.counts["encoded"] += 1
        result = Rewriter(insn, asm.constant, asm.warn).run()
        asm.lines.instruction(asm)
        if len(asm.collector.warnings) != warnings:
            shape = None  # it must be said each time
        if isinstance(result, Branch):
            asm.add(result)
            if shape is not None and result.target == symbol:
                self.keep(shape, Recipe(result.long, (), result.short, result.width, result.marked))
            return
        item = Data(statement, is_code=True)
        result.item, result.shape, result.symbol = item, shape, symbol
        if result.template is None:
            self.finish(result, None)
        else:
            self.pending.append(result)
        asm.add(item)
        if len(self.pending) >= MAX_BATCH:
            self.flush()

    def keep(self, shape: Shape, recipe: Recipe) -> None:
        """Keep a recipe for this process and for later ones."""
        remember(shape.key, recipe)
        self.asm.store.put(shape.key, recipe)

    def finish(self, prepared: Prepared, encoded: Encoded | None) -> None:
        """Give an instruction its bytes, and keep its recipe."""
        prepared.finish(encoded)
        if prepared.shape is not None and (recipe := prepared.recipe()) is not None:
            self.keep(prepared.shape, recipe)

    def parse(self, statement: Statement, at: int) -> Insn | None:
        """Return prefixes, mnemonic and operands; None when prefixes stand alone and become bytes."""
        asm = self.asm
        text = statement.text
        prefixes: list[str] = []
        while True:
            word = _WORD.match(text, at)
            if word is None:
                if prefixes and not text[at:].strip():
                    self.lone_prefixes(statement, prefixes)
                    return None
                raise AsmError("A0202", f"unexpected `{text[at:].strip()[:20]}`", at, len(text))
            name = word[1].lower()
            at = word.end()
            if not is_prefix(name):
                break
            prefixes.append(name)
        hint = _HINT.match(text, at) if name.startswith("j") else None
        if hint:
            name, at = name + hint[0].lower(), hint.end()
        if not _NAME.fullmatch(name):
            raise AsmError("A0202", f"`{word[1][:40]}` is not a statement", word.start(1), word.end(1))
        insn = Insn(statement, asm.mode, name, [], prefixes, asm.intel, word.start(1), word.end(1))
        cursor = Cursor(text, at, asm.names(), asm.aliases, naked=asm.naked)
        if asm.intel:
            insn.operands = parse_operands_intel(cursor, name)
            to_att(insn)
        else:
            insn.operands = parse_operands(cursor)
        general = any(isinstance(operand, Reg) and operand.register.kind == "gpr" for operand in insn.operands)
        if asm.gcc16 and asm.mode == 16 and insn.mnemonic in STACK_USERS and not general:
            insn.mnemonic += "l"
        return insn

    def lone_prefixes(self, statement: Statement, prefixes: list[str]) -> None:
        """Emit prefixes that stand in a statement of their own, such as `lock;`."""
        code = bytes(map(prefix_byte, prefixes))
        self.asm.lines.instruction(self.asm)
        self.asm.add(Data(statement, code, (), len(code), is_code=True))

    def flush(self) -> None:
        """Encode the instructions that wait."""
        if not self.pending:
            return
        waiting, self.pending = self.pending, []
        encoded = encode([prepared.template for prepared in waiting if prepared.template is not None])
        for prepared in waiting:
            found = encoded[certain(prepared.template, "only templates wait")]
            try:
                if isinstance(found, str):
                    mnemonic = prepared.where.text.split()[0]
                    raise AsmError("A0405", f"`{mnemonic}` does not take these operands: {found}")
                self.finish(prepared, found)
            except AsmError as error:
                self.asm.report(error, prepared.where)
