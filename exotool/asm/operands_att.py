"""AT&T operands: `$imm`, `%reg`, `%seg:disp(base,index,scale)`, `*target`."""

from __future__ import annotations

import re
from typing import Final

from exotool.asm.expressions import Expr, ExpressionParser, Names, Num
from exotool.asm.operands import Imm, Mem, Operand, Reg
from exotool.asm.registers import REGISTERS, Register
from exotool.asm.source import AsmError
from exotool.diagnostics import did_you_mean

_REGISTER: Final = re.compile(r"\s*%\s*(st\s*\(\s*\d\s*\)|[A-Za-z][A-Za-z0-9]*)", re.IGNORECASE)
_BARE: Final = re.compile(r"\s*([sS][tT]\s*\(\s*\d\s*\)|[A-Za-z_.$][\w.$]*)")
_SUGGESTED: Final = [
    name for name, register in REGISTERS.items() if register.kind in ("gpr", "high", "seg", "cr", "xmm")
]
_NEXT: Final = re.compile(r"\s*(.?)", re.DOTALL)

MAX_OPERANDS: Final = 5


class Cursor:
    """A position in a statement's text, with what operand parsers of both syntaxes need."""

    def __init__(
        self, text: str, position: int, names: Names, aliases: dict[str, Register], *, naked: bool = False
    ) -> None:
        self.text = text
        self.naked = naked
        self.position = position
        self.names = names
        self.aliases = aliases

    def peek(self) -> str:
        """Return the next character that is not blank, without moving, or an empty text at the end."""
        match = _NEXT.match(self.text, self.position)
        return match[1] if match else ""

    def skip(self, char: str) -> bool:
        """Move behind `char` if it is next, and tell whether it was."""
        match = _NEXT.match(self.text, self.position)
        if match is None or match[1] != char:
            return False
        self.position = match.end()
        return True

    def expect(self, char: str, what: str) -> None:
        """Move behind `char`, or raise A0401."""
        if not self.skip(char):
            found = self.peek()
            at = self.text.index(found, self.position) if found else max(0, len(self.text) - 1)
            raise AsmError(
                "A0401", f"expected `{char}` {what}, found {f'`{found}`' if found else 'the end'}", at, at + 1
            )

    def expression(self) -> Expr:
        """Parse an expression."""
        parser = ExpressionParser(self.text, self.position, self.names)
        result = parser.parse()
        self.position = parser.position
        return result


def find_register(name: str, start: int, end: int) -> Register:
    """Return the register of a name, or raise A0402."""
    key = "".join(name.lower().split())
    register = REGISTERS.get(key)
    if register is None:
        raise AsmError("A0402", f"`%{name}` is not a register", start, end, help=did_you_mean(key, _SUGGESTED))
    return register


def parse_operands(cursor: Cursor) -> list[Operand]:
    """Parse the operands up to the end of the statement; `AsmError` A04xx."""
    operands: list[Operand] = []
    if not cursor.peek():
        return operands
    while True:
        operands.append(_operand(cursor))
        if not cursor.peek():
            return operands
        cursor.expect(",", "between operands")
        if len(operands) == MAX_OPERANDS:
            raise AsmError("A0401", "too many operands", cursor.position - 1, len(cursor.text))


def _register(cursor: Cursor) -> tuple[Register, int, int] | None:
    """Parse `%name`, or a name that `.set` has made a register."""
    match = _REGISTER.match(cursor.text, cursor.position)
    if match is None:
        word = _BARE.match(cursor.text, cursor.position) if cursor.aliases or cursor.naked else None
        if word is None:
            return None
        bare = cursor.aliases.get(word[1])
        if bare is None and cursor.naked:
            bare = REGISTERS.get("".join(word[1].lower().split()))
        if bare is None:
            return None
        cursor.position = word.end()
        return bare, word.start(1), word.end()
    cursor.position = match.end()
    start = match.end() - len(match[0].lstrip())
    return find_register(match[1], start, match.end()), start, match.end()


def _operand(cursor: Cursor) -> Operand:
    indirect = cursor.skip("*")
    next_char = _NEXT.match(cursor.text, cursor.position)
    start = next_char.start(1) if next_char else cursor.position
    if cursor.skip("$"):
        expr = cursor.expression()
        return Imm(expr, start, cursor.position)
    found = _register(cursor)
    segment: Register | None = None
    if found is not None:
        register, begin, end = found
        if register.kind != "seg" or not cursor.skip(":"):
            return Reg(register, begin, end, indirect)
        segment = register
    memory = Mem(segment=segment, indirect=indirect, start=start)
    if cursor.peek() != "(" or not _is_base(cursor):
        if cursor.peek() in ("", ","):
            raise AsmError("A0401", "operand is missing", max(0, start - 1), max(1, start))
        memory.disp = cursor.expression()
    if cursor.peek() == "(":
        _base_index_scale(cursor, memory)
    else:
        memory.is_bare = True
    memory.end = cursor.position
    return memory


def _is_base(cursor: Cursor) -> bool:
    """Tell whether the parenthesis at the cursor holds registers and no expression."""
    saved = cursor.position
    cursor.skip("(")
    try:
        return cursor.peek() in ("%", ",") or _register(cursor) is not None
    finally:
        cursor.position = saved


def _base_index_scale(cursor: Cursor, memory: Mem) -> None:
    cursor.expect("(", "before the base register")
    base = _register(cursor)
    if base is not None:
        memory.base = base[0]
    if cursor.skip(","):
        at = cursor.position
        index = _register(cursor)
        if index is not None:
            memory.index = index[0]
        if index is None or cursor.skip(","):
            at = cursor.position
            if cursor.peek() != ")":
                scale = cursor.expression()
                if not isinstance(scale, Num) or scale.value not in (1, 2, 4, 8):
                    raise AsmError("A0403", "scale must be 1, 2, 4 or 8", at, cursor.position)
                memory.scale = scale.value
    cursor.expect(")", "after the address")
