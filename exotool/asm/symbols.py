"""Symbols and the table that finds them: names, numeric labels, `.`, and values given by `.set`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from exotool.asm.source import Origin
from exotool.elf.constants import STT_NOTYPE, STV_DEFAULT

if TYPE_CHECKING:
    from exotool.asm.expressions import Expr
    from exotool.asm.layout import Chunk


@dataclass(slots=True, eq=False)
class Symbol:
    """A symbol: at a place in a chunk of a section, equal to an expression, common, or not (yet) defined.

    A label stands before item `index` of `chunk`, `offset` bytes further. `name` is empty for `.` and numeric labels.
    """

    name: str
    chunk: Chunk | None = None
    index: int = 0
    offset: int = 0
    value: Expr | None = None
    is_global: bool = False
    is_weak: bool = False
    is_local: bool = False
    is_unique: bool = False
    is_equiv: bool = False
    visibility: int = STV_DEFAULT
    type: int = STT_NOTYPE
    size: Expr | None = None
    size_origin: Origin | None = None
    alias: Symbol | None = None
    """What `.weakref` made it stand for."""
    is_weakly_used: bool = False
    common: tuple[int, int] | None = None
    """Size and alignment of a common symbol."""
    defined: Origin | None = None
    used: Origin | None = None

    @property
    def is_defined(self) -> bool:
        """Tell whether the symbol has a place or a value."""
        return self.chunk is not None or self.value is not None

    @property
    def is_temporary(self) -> bool:
        """Tell whether the symbol is left out of the symbol table unless a relocation needs it."""
        return not self.name or self.name.startswith(".L")


MAX_NUMERIC: Final = 1 << 31
"""Numeric labels are below this."""


@dataclass(slots=True)
class SymbolTable:
    """All symbols of an assembly, in the order of their first mention."""

    symbols: list[Symbol] = field(default_factory=list)
    names: dict[str, Symbol] = field(default_factory=dict)
    backward: dict[int, Symbol] = field(default_factory=dict)
    forward: dict[int, Symbol] = field(default_factory=dict)

    def get(self, name: str) -> Symbol:
        """Return the symbol of a name, which is new and undefined at its first mention."""
        symbol = self.names.get(name)
        if symbol is None:
            symbol = self.names[name] = Symbol(name)
            self.symbols.append(symbol)
        return symbol

    def replace(self, old: Symbol) -> Symbol:
        """Return a new symbol for the name of `old`, for a second `.set`; uses until now keep the old one."""
        new = Symbol(old.name, is_global=old.is_global, is_weak=old.is_weak, is_local=old.is_local)
        new.visibility, new.type, new.size, new.size_origin = old.visibility, old.type, old.size, old.size_origin
        self.symbols[self.symbols.index(old)] = new
        self.names[old.name] = new
        old.is_global = old.is_weak = False
        old.name = ""
        return new

    def numeric(self, number: int, direction: str, origin: Origin) -> Symbol | None:
        """Return the target of `1b` or `1f`; None when there is no such label behind."""
        if direction == "b":
            return self.backward.get(number)
        symbol = self.forward.get(number)
        if symbol is None:
            symbol = self.forward[number] = Symbol("", used=origin)
        return symbol

    def define_numeric(self, number: int) -> Symbol:
        """Return the symbol to define for the label `number:`."""
        symbol = self.forward.pop(number, None) or Symbol("")
        self.backward[number] = symbol
        return symbol
