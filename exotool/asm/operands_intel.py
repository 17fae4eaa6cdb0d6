"""Intel operands: `eax`, `5`, `offset sym`, `dword ptr fs:[rax + 4*rbx + sym]`, `sym[rip]`.

Operands come out in AT&T order, so that all later passes know one form. As GNU as does, a bare symbol is a memory
operand and a bare number an immediate.
"""

from __future__ import annotations

import re
from typing import Final

from exotool.asm.expressions import Expr, ExpressionParser, Num, Op, Ref
from exotool.asm.operands import Far, Imm, Mem, Operand, Reg
from exotool.asm.operands_att import MAX_OPERANDS, Cursor
from exotool.asm.registers import REGISTERS, Register
from exotool.asm.source import AsmError, certain

SIZES: Final = {
    "byte": 8,
    "word": 16,
    "dword": 32,
    "fword": 48,
    "qword": 64,
    "mmword": 64,
    "tbyte": 80,
    "xmmword": 128,
    "oword": 128,
    "ymmword": 256,
}
_SIZE: Final = re.compile(rf"\s*({'|'.join(SIZES)})\s+ptr\b", re.IGNORECASE)
_WORD: Final = re.compile(r"\s*(offset|far|near|short|ptr|flat)\b\s*:?", re.IGNORECASE)
MAX_BRACKETS: Final = 16
"""Brackets within brackets; compilers write two."""

_REGISTER: Final = re.compile(r"\s*(%?)(st\s*\(\s*\d\s*\)|[A-Za-z][A-Za-z0-9]*)(?![\w.$@])", re.IGNORECASE)
_OPERATORS: Final = re.compile(r"\b(and|or|xor|not|shl|shr|mod|eq|ne|lt|le|gt|ge)\b", re.IGNORECASE)
_NUMBER_H: Final = re.compile(r"\b[0-9][0-9A-Fa-f]*[hH]\b")
_SYMBOLS: Final = {
    "and": " & ", "or": " | ", "xor": " ^ ", "not": " ~ ", "shl": " << ", "shr": " >> ", "mod": " % ",
    "eq": " == ", "ne": " != ", "lt": " < ", "le": " <= ", "gt": " > ", "ge": " >= ",
}  # fmt: skip


def parse_operands_intel(cursor: Cursor, mnemonic: str) -> list[Operand]:
    """Parse the operands up to the end of the statement; `AsmError` A04xx."""
    operands: list[Operand] = []
    while cursor.peek():
        if operands:
            cursor.expect(",", "between operands")
            if len(operands) == MAX_OPERANDS:
                raise AsmError("A0401", "too many operands", cursor.position - 1, len(cursor.text))
        operands.append(_Operand(cursor, mnemonic).parse())
    return operands[::-1]


class _Operand:
    """Parses one operand."""

    def __init__(self, cursor: Cursor, mnemonic: str) -> None:
        self.cursor = cursor
        self.is_branch = mnemonic in ("jmp", "call", "xbegin") or mnemonic[0] == "j" or mnemonic.startswith("loop")
        self.memory = Mem(
            start=cursor.position + len(cursor.text[cursor.position :]) - len(cursor.text[cursor.position :].lstrip())
        )
        self.has_brackets = False
        self.open_brackets = 0
        self.is_offset = False
        self.is_far = False
        self.terms: Expr | None = None

    def fault(self, message: str, code: str = "A0401") -> AsmError:
        return AsmError(code, message, self.memory.start, max(self.cursor.position, self.memory.start + 1))

    def parse(self) -> Operand:
        cursor, memory = self.cursor, self.memory
        self.modifiers()
        register = self.register()
        if register is not None and not (register.kind == "seg" and cursor.peek() == ":"):
            if memory.bits or self.is_offset or self.is_far:
                raise self.fault("a register needs no size and no address operator")
            if cursor.peek() not in ("", ","):
                raise self.fault(f"unexpected `{cursor.peek()}` after a register")
            return Reg(register, memory.start, cursor.position)
        if register is not None:
            cursor.skip(":")
            memory.segment = register
            self.modifiers()
        self.address()
        memory.end = cursor.position
        return self.result()

    def modifiers(self) -> None:
        """Take `dword ptr`, `offset`, `far`, `near`, `short` in front of the address."""
        cursor = self.cursor
        while True:
            size = _SIZE.match(cursor.text, cursor.position)
            word = _WORD.match(cursor.text, cursor.position)
            if size:
                self.memory.bits = SIZES[size[1].lower()]
                cursor.position = size.end()
            elif word and word[1].lower() in ("offset", "far", "near", "short", "flat"):
                self.is_offset |= word[1].lower() == "offset"
                self.is_far |= word[1].lower() == "far"
                cursor.position = word.end()
                following = re.compile(r"\s*ptr\b", re.IGNORECASE).match(cursor.text, cursor.position)
                if following:
                    cursor.position = following.end()
            else:
                return

    def register(self) -> Register | None:
        """Take a register's name."""
        match = _REGISTER.match(self.cursor.text, self.cursor.position)
        if match is None:
            return None
        name = "".join(match[2].lower().split())
        bare = not match[1]
        found = REGISTERS.get(name) if self.cursor.naked or not bare else None
        found = found or self.cursor.aliases.get(match[2])
        if found is None:
            return None
        self.cursor.position = match.end()
        return found

    def address(self) -> None:
        """Take expressions and bracketed parts: `sym[rbx+4]`, `[rax][rbx]`, `4[rax]`."""
        cursor = self.cursor
        first = True
        while True:
            if cursor.peek() == "[":
                self.brackets()
            elif first or (cursor.peek() in ("+", "-") and self.has_brackets):
                self.add(self.expression(len(cursor.text)), 1)
            elif cursor.peek() == ":" and not self.has_brackets:
                return
            else:
                return
            first = False

    def brackets(self) -> None:
        cursor = self.cursor
        cursor.skip("[")
        self.has_brackets = True
        self.open_brackets += 1
        if self.open_brackets > MAX_BRACKETS:
            raise self.fault("brackets are nested too deeply")
        inner = Cursor(cursor.text, cursor.position, cursor.names, cursor.aliases, naked=cursor.naked)
        self.cursor = inner
        self.modifiers()
        segment = self.register()
        if segment is not None and segment.kind == "seg" and inner.skip(":"):
            self.memory.segment = segment
        else:
            inner.position = cursor.position
            self.modifiers()
        sign = 1
        while True:
            while inner.peek() in ("+", "-"):
                sign = -sign if inner.peek() == "-" else sign
                inner.skip(inner.peek())
            if inner.peek() != "[":  # gcc writes `[qword ptr [rdi]]` for a call through memory
                self.bracket_term(sign)
            if inner.skip("]"):
                break
            if inner.peek() == "[":
                self.brackets()
                sign = 1
                if inner.skip("]"):
                    break
                continue
            if inner.peek() not in ("+", "-"):
                raise self.fault(f"unexpected `{inner.peek()}` in an address" if inner.peek() else "`]` is missing")
            sign = 1
        self.open_brackets -= 1
        cursor.position = inner.position
        self.cursor = cursor

    def bracket_term(self, sign: int) -> None:
        """Take one term of a bracketed address: a register, perhaps scaled, or a number or symbol."""
        inner = self.cursor
        register = self.register()
        if register is not None:
            scale = self.scale() if inner.skip("*") else 0
            if sign < 0:
                raise self.fault("a register cannot be subtracted", "A0403")
            self.place(register, scale)
            return
        begin = inner.position
        scaled = re.compile(r"\s*(\d+)\s*\*\s*(?=%?[A-Za-z])").match(inner.text, begin)
        if scaled:
            inner.position = scaled.end()
            register = self.register()
            if register is not None:
                if sign < 0:
                    raise self.fault("a register cannot be subtracted", "A0403")
                self.place(register, int(scaled[1]))
                return
            inner.position = begin
        self.add(self.expression(self.term_end()), sign)

    def scale(self) -> int:
        match = re.compile(r"\s*(\d+)").match(self.cursor.text, self.cursor.position)
        if match is None:
            raise self.fault("a scale must be 1, 2, 4 or 8", "A0403")
        self.cursor.position = match.end()
        return int(match[1])

    def place(self, register: Register, scale: int) -> None:
        """Put a register into the address, as base if it has no scale and there is none yet."""
        memory = self.memory
        if scale not in (0, 1, 2, 4, 8):
            raise self.fault("a scale must be 1, 2, 4 or 8", "A0403")
        if register.kind not in ("gpr", "ip", "iz"):
            raise self.fault(f"`{register.name}` cannot be in an address", "A0403")
        if not scale and memory.base is None:
            memory.base = register
        elif memory.index is None:
            memory.index, memory.scale = register, max(1, scale)
            esp = register.kind == "gpr" and register.number == 4
            bp16 = register.bits == 16 and register.number in (3, 5) and memory.base is not None
            if (esp or bp16) and memory.base is not None and scale in (0, 1):
                memory.base, memory.index = register, memory.base
        else:
            raise self.fault("an address has two registers at most", "A0403")

    def term_end(self) -> int:
        """Return where the term at the cursor ends: before an operator in front of a register, or the bracket."""
        text, at = self.cursor.text, self.cursor.position
        depth = 0
        while at < len(text):
            char = text[at]
            if char in "([":
                depth += 1
            elif char in ")]":
                if not depth:
                    break
                depth -= 1
            elif char in "+-" and not depth and at > self.cursor.position:
                rest = _REGISTER.match(text, at + 1)
                scaled = re.compile(r"\s*\d+\s*\*\s*%?([A-Za-z]\w*)").match(text, at + 1)
                if (rest and rest[2].lower() in REGISTERS) or (scaled and scaled[1].lower() in REGISTERS):
                    break
            at += 1
        return at

    def expression(self, end: int) -> Expr:
        """Parse an expression of the text up to `end`; Intel's word operators stand for symbols."""
        cursor = self.cursor
        text = cursor.text[:end]
        if _NUMBER_H.search(text, cursor.position):
            raise self.fault("write hexadecimal numbers as 0x1f")
        words = _OPERATORS.search(text, cursor.position)
        if words is None:
            parser = ExpressionParser(text, cursor.position, cursor.names)
            result = parser.parse()
            cursor.position = parser.position
            return result
        head = text[: cursor.position]
        stop = re.compile(r"[,\[\]]").search(text, cursor.position)
        stop_at = stop.start() if stop else len(text)
        body = _OPERATORS.sub(lambda match: _SYMBOLS[match[1].lower()], text[cursor.position : stop_at])
        parser = ExpressionParser(head + body, cursor.position, cursor.names)
        result = parser.parse()
        if (head + body)[parser.position :].strip():
            raise self.fault("malformed expression")
        cursor.position = stop_at
        return result

    def add(self, expr: Expr, sign: int) -> None:
        if sign < 0:
            expr = Num(-expr.value) if isinstance(expr, Num) else Op("-", (expr,))
        if self.terms is None:
            self.terms = expr
        elif isinstance(self.terms, Num) and isinstance(expr, Num):
            self.terms = Num(self.terms.value + expr.value)
        else:
            self.terms = Op("+", (self.terms, expr))

    def result(self) -> Operand:
        """Decide between memory, immediate, far pointer and branch target."""
        cursor, memory = self.cursor, self.memory
        memory.disp = self.terms
        memory.is_far = self.is_far or (self.is_branch and memory.bits in (48, 80))
        if cursor.peek() == ":" and self.terms is not None and not self.has_brackets:
            cursor.skip(":")
            offset = self.expression(len(cursor.text))
            return Far(self.terms, offset, memory.start, cursor.position)
        has_symbol = self.terms is not None and _has_symbol(self.terms)
        if self.is_offset:
            if memory.base or memory.index:
                if not self.has_brackets:
                    raise self.fault("`offset` gives a number, not an address")
            else:
                return Imm(certain(self.terms, "it has no registers"), memory.start, memory.end)
        if not self.has_brackets and memory.segment is None and self.terms is not None:
            if self.is_branch and not memory.bits and not memory.is_far:
                memory.is_bare = True
                return memory
            if not has_symbol and not memory.is_far:
                return Imm(self.terms, memory.start, memory.end)
        memory.indirect = self.is_branch
        memory.is_bare = False
        return memory


def _has_symbol(expr: Expr) -> bool:
    """Tell whether an expression mentions a symbol; a bare one is then a memory operand."""
    if isinstance(expr, Op):
        return any(_has_symbol(arg) for arg in expr.args)
    return isinstance(expr, Ref)
