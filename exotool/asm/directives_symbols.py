"""Directives about symbols: binding, visibility, type, size, value, common storage."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from exotool.asm import line_table
from exotool.asm.arguments import Arguments
from exotool.asm.expressions import Num
from exotool.asm.layout import MAX_ALIGNMENT, Align, AsmSection, Data, Fill, Request
from exotool.asm.source import AsmError
from exotool.asm.symbols import Symbol
from exotool.elf.constants import (
    SHF_MERGE,
    SHF_STRINGS,
    SHT_PROGBITS,
    STT_COMMON,
    STT_FUNC,
    STT_GNU_IFUNC,
    STT_NOTYPE,
    STT_OBJECT,
    STT_TLS,
    STV_HIDDEN,
    STV_INTERNAL,
    STV_PROTECTED,
    I386Reloc,
    X86Reloc,
)

if TYPE_CHECKING:
    from exotool.asm.assembler import Assembler

_TYPES: Final = {
    **dict.fromkeys(("function", "STT_FUNC"), STT_FUNC),
    **dict.fromkeys(("object", "STT_OBJECT"), STT_OBJECT),
    **dict.fromkeys(("notype", "STT_NOTYPE"), STT_NOTYPE),
    **dict.fromkeys(("tls_object", "STT_TLS"), STT_TLS),
    **dict.fromkeys(("common", "STT_COMMON"), STT_COMMON),
    **dict.fromkeys(("gnu_indirect_function", "STT_GNU_IFUNC"), STT_GNU_IFUNC),
    "gnu_unique_object": STT_OBJECT,
}


def _names(args: Arguments) -> list[str]:
    names = [args.name("a symbol")]
    while args.comma():
        names.append(args.name("a symbol"))
    args.finish()
    return names


def bind(kind: str, asm: Assembler, args: Arguments) -> None:
    """`.globl`, `.weak`, `.local`."""
    for name in _names(args):
        symbol = asm.symbols.get(name)
        symbol.is_global = kind == "global" or (symbol.is_global and kind != "local")
        symbol.is_weak = kind == "weak" or (symbol.is_weak and kind != "local")
        symbol.is_local = kind == "local"
        if symbol.is_local and symbol.common is not None:
            _allocate(asm, symbol, *symbol.common)
        if symbol.used is None and kind == "global":
            symbol.used = asm.statement.origin


def visibility(value: int, asm: Assembler, args: Arguments) -> None:
    """`.hidden`, `.protected`, `.internal`."""
    for name in _names(args):
        symbol = asm.symbols.get(name)
        symbol.visibility = value
        symbol.used = symbol.used or asm.statement.origin


def symbol_type(asm: Assembler, args: Arguments) -> None:
    """`.type name, @function`; `%function`, `"function"` and `STT_FUNC` are the same."""
    symbol = asm.symbols.get(args.name("a symbol"))
    args.comma()
    args.skip("@") or args.skip("%")
    start = args.position
    word = args.name("a type")
    if word not in _TYPES:
        raise args.fault(f"unknown symbol type `{word}`", start, args.position)
    args.finish()
    symbol.type = _TYPES[word]
    if word == "gnu_unique_object":
        symbol.is_unique = symbol.is_global = True
    symbol.used = symbol.used or asm.statement.origin


def size(asm: Assembler, args: Arguments) -> None:
    """`.size name, expression`."""
    symbol = asm.symbols.get(args.name("a symbol"))
    args.expect(",", "before the size")
    symbol.size, _, _ = args.value()
    symbol.size_origin = asm.statement.origin
    args.finish()


def assign(once: bool, asm: Assembler, args: Arguments) -> None:
    """`.set`, `.equ`; `.equiv` only for a new symbol."""
    name = args.name("a symbol")
    end = args.position
    args.expect(",", "before the value")
    asm.assign(name, end - len(name), end, args, once=once)


def common(asm: Assembler, args: Arguments) -> None:
    """`.comm name, size, alignment`."""
    start = args.position
    name = args.name("a symbol")
    end = args.position
    args.expect(",", "before the size")
    amount = asm.absolute(args, "the size")
    alignment = asm.absolute(args, "the alignment") if args.comma() else _natural(amount, 16)
    args.finish()
    if amount < 0 or alignment <= 0 or alignment & (alignment - 1):
        raise args.fault("the size must not be negative, the alignment a power of two", end, len(args.text))
    if asm.elf32 and max(amount, alignment) >> 32:
        raise args.fault("an i386 object has no symbols of 4 GiB", end, len(args.text), "A0502")
    symbol = asm.symbols.get(name)
    asm.must_be_new(symbol, start, end)
    symbol.common = (amount, alignment)
    if not symbol.is_local:
        symbol.is_global = True
    symbol.type = STT_OBJECT
    symbol.defined = asm.statement.origin
    if symbol.is_local:
        _allocate(asm, symbol, amount, alignment)


def local_common(asm: Assembler, args: Arguments) -> None:
    """`.lcomm name, size`: zeros in .bss."""
    start = args.position
    name = args.name("a symbol")
    end = args.position
    args.expect(",", "before the size")
    amount = asm.absolute(args, "the size")
    args.finish()
    if amount < 0:
        raise AsmError("A0202", "the size is negative", end, len(args.text))
    symbol = asm.symbols.get(name)
    asm.must_be_new(symbol, start, end)
    symbol.type = STT_OBJECT
    symbol.defined = asm.statement.origin
    _allocate(asm, symbol, amount, _natural(amount, 8))


def _natural(size: int, most: int) -> int:
    """Return the largest power of two that is at most `size` and `most`."""
    return max(1, min(most, 1 << max(0, size.bit_length() - 1)))


def _allocate(asm: Assembler, symbol: Symbol, size: int, alignment: int) -> None:
    """Give a symbol zeros in .bss, behind what the source puts there itself."""
    if alignment > MAX_ALIGNMENT:
        raise AsmError("A0502", f"an alignment of more than {MAX_ALIGNMENT >> 20} MiB makes the object as large")
    section = asm.sections[".bss"]
    chunk = section.chunk(1)
    section.alignment = max(section.alignment, alignment)
    chunk.items.append(Align(asm.statement, alignment, b"\0", 0, asm.mode, asm.elf32))
    symbol.chunk, symbol.index, symbol.offset = chunk, len(chunk.items), 0
    symbol.common = None
    symbol.size, symbol.size_origin = Num(size), asm.statement.origin
    chunk.items.append(Fill(asm.statement, Num(size), b"\0", size))


def weak_reference(asm: Assembler, args: Arguments) -> None:
    """`.weakref alias, target`: uses of the alias are weak uses of the target."""
    start = args.position
    alias = args.name("a symbol")
    end = args.position
    args.expect(",", "before the target")
    target = asm.symbols.get(args.name("a symbol"))
    args.finish()
    symbol = asm.symbols.get(alias)
    if symbol.alias is None:
        asm.must_be_new(symbol, start, end)
    if symbol is target or target.alias is not None:
        raise AsmError("A0306", f"`{alias}` cannot stand for `{target.name}`", start, len(args.text))
    symbol.alias = target


def relocation(asm: Assembler, args: Arguments) -> None:
    """`.reloc offset, R_X86_64_..., symbol + addend`."""
    offset, _, end = args.value()
    args.expect(",", "before the type")
    name = args.name("a relocation type")
    expr = args.value()[0] if args.comma() else None
    args.finish()
    known = {kind.name: int(kind) for kind in (I386Reloc if asm.elf32 else X86Reloc)}
    r_type = (known | {"BFD_RELOC_NONE": 0}).get(name)
    if r_type is None:
        raise AsmError("A0308", f"there is no relocation `{name}` for this machine", end, len(args.text))
    asm.relocations.append(Request(asm.statement, asm.chunk.section, offset, r_type, expr))


def ident(asm: Assembler, args: Arguments) -> None:
    """`.ident "text"` adds a string to .comment, which begins with an empty one."""
    text = args.string()
    args.finish()
    section = asm.sections.get(".comment")
    data = text + b"\0"
    if section is None:
        section = AsmSection(".comment", SHT_PROGBITS, SHF_MERGE | SHF_STRINGS, 1)
        asm.sections[".comment"] = section
        data = b"\0" + data
    section.chunk(0).items.append(Data(asm.statement, data, size=len(data)))


_Directive = Callable[["Assembler", Arguments], None]
DIRECTIVES: Final[dict[str, _Directive]] = {
    **dict.fromkeys((".globl", ".global"), partial(bind, "global")),
    ".weak": partial(bind, "weak"),
    ".local": partial(bind, "local"),
    ".hidden": partial(visibility, STV_HIDDEN),
    ".protected": partial(visibility, STV_PROTECTED),
    ".internal": partial(visibility, STV_INTERNAL),
    ".type": symbol_type,
    ".size": size,
    **dict.fromkeys((".set", ".equ"), partial(assign, False)),
    ".equiv": partial(assign, True),
    ".comm": common,
    ".lcomm": local_common,
    ".file": line_table.file,
    ".loc": line_table.loc,
    ".ident": ident,
    ".weakref": weak_reference,
    ".reloc": relocation,
}
