"""Layout -> `ObjectFile`: expressions get their final values, the rest becomes relocations.

The choice of relocation types and of the symbol that a relocation names is GNU as's, so that objects agree with its
objects field by field (psABI x86-64 table 4.9, psABI i386 table 4.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from exotool.asm.dwarf import debug_sections
from exotool.asm.emit_symbols import add_symbols
from exotool.asm.expressions import Expr, Linear, NotLinearError, Ref, evaluate
from exotool.asm.frames import write_frames
from exotool.asm.layout import (
    MAX_BYTES,
    MAX_SECTION,
    Align,
    AnyItem,
    AsmSection,
    Branch,
    Data,
    Fill,
    Fixup,
    Number,
    Org,
    lay_out,
    offset_of,
)
from exotool.asm.line_table import write_lines
from exotool.asm.relocation_types import (
    ABSOLUTE_32,
    ABSOLUTE_64,
    MODIFIERS_32,
    MODIFIERS_64,
    PLAIN_32,
    PLAIN_64,
    RELATIVE_32,
    RELATIVE_64,
    THREAD_LOCAL,
)
from exotool.asm.source import AsmError, Origin, Statement, certain, diagnostic_of
from exotool.asm.symbols import Symbol as AsmSymbol
from exotool.elf import Group, ObjectFile, Section
from exotool.elf.constants import (
    EM_386,
    EM_X86_64,
    SHF_EXECINSTR,
    SHF_MERGE,
    SHT_NOBITS,
    STT_GNU_IFUNC,
    STT_TLS,
    I386Reloc,
    X86Reloc,
)

if TYPE_CHECKING:
    from exotool.asm.assembler import Assembler

GOT: Final = "_GLOBAL_OFFSET_TABLE_"
STACK_NOTE: Final = ".note.GNU-stack"
"""The section whose flags say whether the program needs an executable stack."""

MAX_CHAIN: Final = 100
"""Symbols equal to symbols equal to symbols."""


class Place(NamedTuple):
    """Where a symbol is: in a section, absolute (neither set), or relative to an undefined symbol."""

    section: AsmSection | None
    undefined: AsmSymbol | None
    offset: int


class Emitter:
    """Lays out an assembly and builds its object."""

    def __init__(self, asm: Assembler) -> None:
        self.asm = asm
        self.sections = list(asm.sections.values())
        self.machine = EM_386 if asm.elf32 else EM_X86_64
        self.known: dict[AsmSymbol, Place] = {}
        """Places of symbols that equal expressions, within one evaluation: the layout may change before the next."""
        self.in_code = False
        """Whether the field being filled is part of an instruction."""
        self.needed: dict[AsmSymbol, None] = {}
        self.section_symbols: dict[AsmSection, None] = {}
        self.relocations: dict[AsmSection, list[tuple[int, int, AsmSymbol | AsmSection | None, int]]] = {}

    # Values

    def place(self, symbol: AsmSymbol, depth: int = 0) -> Place:
        """Return where a symbol is, through other symbols that it equals; `AsmError` A0306 for a circle."""
        if symbol.chunk is not None:
            return Place(symbol.chunk.section, None, offset_of(symbol))
        if symbol.value is None:
            return Place(None, symbol, 0)
        if not depth:
            self.known.clear()
        if symbol not in self.known:
            self.known[symbol] = self.equal_place(symbol, symbol.value, depth)
        return self.known[symbol]

    def equal_place(self, symbol: AsmSymbol, expr: Expr, depth: int) -> Place:
        """Return where a symbol is that equals an expression."""
        if depth > MAX_CHAIN:
            raise AsmError("A0306", f"the value of `{symbol.name}` depends on itself")
        value = self.value(expr, depth + 1)
        if value.is_constant:
            return Place(None, None, value.const)
        if value.minus or len(value.plus) != 1 or value.modifier:
            raise AsmError("A0306", f"the value of `{symbol.name}` is neither a number nor an address")
        base = self.place(value.plus[0], depth + 1)
        return Place(base.section, base.undefined, base.offset + value.const)

    def value(self, expr: Expr, depth: int = 0) -> Linear:
        """Return the value of an expression with the current layout; `AsmError` A0301, A0306."""

        def distance(one: AsmSymbol, two: AsmSymbol) -> int | None:
            first, second = self.place(one, depth), self.place(two, depth)
            if first.section is not second.section or first.undefined is not second.undefined:
                return None
            return first.offset - second.offset

        def constant(symbol: AsmSymbol) -> int | None:
            if symbol.value is None:
                return None
            place = self.place(symbol, depth)
            return place.offset if place.section is None and place.undefined is None else None

        try:
            return evaluate(expr, distance, constant)
        except NotLinearError as error:
            raise AsmError("A0307", f"operator `{error.op}` cannot be applied to addresses") from None

    def number(self, expr: Expr, what: str) -> int:
        """Return the value of an expression that must be a number; `AsmError` A0305."""
        value = self.value(expr)
        if not value.is_constant:
            raise AsmError("A0305", f"{what} must be a number, and depends on an address")
        return value.const

    # Layout

    def branch_target(self, item: Branch, section: AsmSection) -> tuple[AsmSymbol, int] | None:
        """See `layout.Sizer`."""
        target = item.target
        if isinstance(target, Ref):
            symbol, add = target.symbol, 0
            if target.modifier:
                return None
        else:
            value = self.guarded(target)
            if value is None or value.minus or len(value.plus) != 1 or value.modifier:
                return None
            symbol, add = value.plus[0], value.const
        if (
            symbol.chunk is None
            or symbol.chunk.section is not section
            or symbol.is_weak
            or symbol.type == STT_GNU_IFUNC
        ):
            return None
        return symbol, add

    def guarded(self, expr: Expr) -> Linear | None:
        """Return a value, or None with the error kept for emission, which meets it again."""
        try:
            return self.value(expr)
        except AsmError:
            return None

    def count(self, item: Fill) -> int:
        """See `layout.Sizer`."""
        value = self.guarded(item.count)
        if value is None or not value.is_constant:
            return 0
        return min(max(0, value.const) * len(item.pattern), MAX_SECTION + 1)

    def org(self, item: Org, section: AsmSection) -> int:
        """See `layout.Sizer`."""
        value = self.guarded(item.target)
        if value is None:
            return 0
        return min(self.org_offset(value, section) or 0, MAX_SECTION + 1)

    def org_offset(self, value: Linear, section: AsmSection) -> int | None:
        """Return the offset in the section that a value stands for, None if it is elsewhere."""
        if value.is_constant:
            return value.const
        if value.minus or len(value.plus) != 1 or value.modifier:
            return None
        place = self.place(value.plus[0])
        return place.offset + value.const if place.section is section else None

    def number_of(self, item: Number) -> int:
        """See `layout.Sizer`."""
        value = self.guarded(item.value)
        return value.const if value is not None else 0

    # Passes

    def run(self) -> ObjectFile:
        """Return the object; errors go to the assembler's collector."""
        lay_out(self.sections, self, self.unstable)
        obj = ObjectFile(self.asm.file.name, self.machine)
        for section in self.sections:
            section.index = len(obj.sections)
            obj.sections.append(self.contents(section))
        for section in self.sections:
            if section.link_order is not None:
                self.link_order(section, obj)
        if self.asm.options.debug and not self.asm.lines.used:
            self.debug(obj)
        self.groups(obj)
        self.requested()
        add_symbols(self, obj)
        return obj

    def groups(self, obj: ObjectFile) -> None:
        """Add section groups; their signatures are symbols, unless nothing else mentions them."""
        found: dict[str, list[AsmSection]] = {}
        for section in self.sections:
            if section.group:
                found.setdefault(section.group, []).append(section)
        for signature, members in found.items():
            symbol = self.asm.symbols.names.get(signature)
            if symbol is not None and (symbol.is_defined or symbol.is_global or symbol.used is not None):
                self.needed[symbol] = None
            numbers = tuple(member.index for member in members)
            obj.groups.append(Group(signature, any(member.is_comdat for member in members), numbers))

    def debug(self, obj: ObjectFile) -> None:
        """Add line information."""
        is_386 = self.machine == EM_386
        made: dict[str, AsmSection] = {}
        parts = debug_sections(self.sections, self.asm.file, 4 if is_386 else 8)
        for part in parts:
            if part.name in self.asm.sections:
                where = Statement("", Origin(self.asm.file, 0))
                self.asm.report(AsmError("A0205", f"the source has its own `{part.name}`"), where)
                return
            section = made[part.name] = AsmSection(part.name, size=len(part.data), index=len(obj.sections))
            obj.sections.append(Section(part.name, data=bytes(part.data), sh_size=len(part.data)))
            self.sections.append(section)
            self.relocations[section] = []
        for part in parts:
            for offset, width, target, addend in part.references:
                home = made[target] if isinstance(target, str) else target
                self.section_symbols[home] = None
                r_type = (ABSOLUTE_32 if is_386 else ABSOLUTE_64)[width]
                self.relocations[made[part.name]].append((offset, r_type, home, addend))

    def unstable(self, item: AnyItem) -> None:
        """Report an item whose size never settles."""
        self.asm.report(AsmError("A0503", "sizes depend on each other and never settle"), item.where)

    def link_order(self, section: AsmSection, obj: ObjectFile) -> None:
        """Set `sh_link` of a section that follows another."""
        target = self.asm.sections.get(section.link_order or "")
        if target is None:
            where = certain(section.link_origin, "a link order has a statement")
            self.asm.report(AsmError("A0205", f"there is no section `{section.link_order}`"), where)
            return
        obj.sections[section.index].link = target.index

    def contents(self, section: AsmSection) -> Section:
        """Return a section with its bytes; its relocations are noted for later, when symbols have numbers."""
        out = Section(section.name, section.sh_type, section.sh_flags, section.alignment, sh_entsize=section.sh_entsize)
        out.sh_size = section.size
        self.relocations[section] = []
        limit = MAX_SECTION if section.sh_type == SHT_NOBITS else MAX_BYTES
        if section.size > limit:
            where = next(item.where for chunk in section.ordered() for item in chunk.items if item.size)
            message = f"section `{section.name}` has more than {limit >> 20} MiB"
            self.asm.report(AsmError("A0502", message), where)
            return out
        data = bytearray()
        for chunk in section.ordered():
            for item in chunk.items:
                try:
                    self.item(section, item, data)
                except AsmError as error:
                    self.asm.report(error, item.where)
                    data += bytes(item.offset + item.size - len(data))
        if section.sh_type == SHT_NOBITS:
            if any(data):
                where = section.ordered()[0].items[0].where
                self.asm.report(AsmError("A0207", f"`{section.name}` holds zeros only"), where)
            return out
        out.data = bytes(data)
        return out

    def item(self, section: AsmSection, item: AnyItem, data: bytearray) -> None:
        """Append the bytes of an item."""
        if isinstance(item, Data) and not item.fixups:
            data += item.data
        elif isinstance(item, Data):
            field = bytearray(item.data)
            for fixup in item.fixups:
                try:
                    self.fixup(section, item, fixup, field)
                except AsmError as error:
                    self.asm.report(error, item.where)
            data += field
        elif isinstance(item, Branch):
            self.branch(section, item, data)
        elif isinstance(item, Align):
            data += item.data()
        elif isinstance(item, Fill):
            if self.number(item.count, "the count") < 0:
                raise AsmError("A0504", "the count is negative")
            data += item.pattern * (item.size // len(item.pattern) if item.pattern else 0)
        elif isinstance(item, Org):
            target = self.org_offset(self.value(item.target), section)
            if target is None:
                raise AsmError("A0305", "the target of `.org` must be in this section")
            if target < item.offset:
                raise AsmError("A0504", f"`.org` goes back from {hex(item.offset)} to {hex(target)}")
            data += bytes([item.fill]) * item.size
        else:
            self.number(item.value, "a value of variable length")
            data += item.data

    def branch(self, section: AsmSection, item: Branch, data: bytearray) -> None:
        """Append a branch, short or long."""
        if item.is_long:
            opcode = item.long
            field = bytearray(item.width)
            fixup = Fixup(len(opcode), item.width, item.target, item.width, True, item.marked)
            whole = bytearray(opcode) + field
            carrier = Data(item.where, bytes(whole), [fixup], len(whole), item.offset)
            self.fixup(section, carrier, fixup, whole, relaxed=True)
            data += whole
            return
        symbol, add = certain(self.branch_target(item, section), "a short branch has its target in the section")
        distance = offset_of(symbol) + add - (item.offset + item.size)
        if not -128 <= distance <= 127:
            raise AssertionError("layout left a short branch that does not reach its target")
        data += item.short + bytes([distance & 0xFF])

    # Fixups

    def fixup(self, section: AsmSection, item: Data, fixup: Fixup, out: bytearray, *, relaxed: bool = False) -> None:
        """Fill a field with its value, or note a relocation."""
        self.in_code = item.is_code
        value = self.value(fixup.expr)
        address = item.offset + fixup.offset
        pc = fixup.pc
        const = value.const
        if value.minus:
            if len(value.minus) > 1 or pc is not None or value.modifier:
                raise AsmError("A0307", "this combination of addresses has no relocation")
            base = self.place(value.minus[0])
            if base.section is not section:
                name = value.minus[0].name or "a label"
                raise AsmError("A0307", f"`{name}` cannot be subtracted: it is not in this section and not a number")
            const += address - base.offset
            pc = 0
        if len(value.plus) > 1:
            raise AsmError("A0307", "the sum of two addresses has no relocation")
        if not value.plus:
            if pc is None:
                self.store(out, fixup, const)
            elif value.minus:
                raise AsmError("A0307", "a negated address has no relocation")
            else:
                self.relocate(section, address, fixup, None, const - pc, pc, "")
            return
        symbol = value.plus[0]
        if symbol.name == GOT and pc is None and fixup.width >= 4 and item.is_code:
            if self.machine != EM_386 and fixup.width == 4:
                raise AsmError("A0307", f"`{GOT}` can only be reached relative to `%rip`, or by movabs")
            const += fixup.offset  # R_386_GOTPC and R_X86_64_GOTPC64 count from the instruction's beginning
        place = self.place(symbol)
        if pc is not None and self.is_resolved(section, symbol, place, value.modifier, relaxed):
            self.store(out, fixup, place.offset + const - (address + pc))
            return
        self.relocate(section, address, fixup, symbol, const - (pc or 0), pc, value.modifier)

    def is_resolved(self, section: AsmSection, symbol: AsmSymbol, place: Place, modifier: str, relaxed: bool) -> bool:
        """Tell whether a pc-relative field needs no relocation."""
        if place.section is not section or symbol.is_weak or symbol.type == STT_GNU_IFUNC:
            return False
        if modifier:
            return modifier == "PLT" and not symbol.is_global
        return relaxed or not symbol.is_global

    def store(self, out: bytearray, fixup: Fixup, value: int) -> None:
        """Put a value into a field; `AsmError` A0501 when it does not fit."""
        bits = 8 * fixup.width
        high = 1 << (bits - 1) if fixup.signed or (fixup.pc is not None) else 1 << bits
        low = -high  # a check sum is written as the negative of numbers beyond the signed ones
        if fixup.width < 8 and not low <= value < high:
            if fixup.pc is not None:
                raise AsmError("A0501", f"the target is {value} bytes away; the field reaches {low}..{high - 1}")
            raise AsmError("A0501", f"{hex(value)} does not fit {bits} bits")
        out[fixup.offset : fixup.offset + fixup.width] = (value & ((1 << bits) - 1)).to_bytes(fixup.width, "little")

    def relocate(
        self,
        section: AsmSection,
        address: int,
        fixup: Fixup,
        symbol: AsmSymbol | None,
        addend: int,
        pc: int | None,
        modifier: str,
    ) -> None:
        """Note a relocation, against the section where GNU as does that."""
        if modifier in THREAD_LOCAL and symbol is not None:
            symbol.type = STT_TLS
        self.note(section, address, self.relocation_type(fixup, symbol, pc, modifier), symbol, addend, pc)

    def note(
        self, section: AsmSection, address: int, r_type: int, symbol: AsmSymbol | None, addend: int, pc: int | None
    ) -> None:
        """Note a relocation of a type; `AsmError` A0207 for a section without contents."""
        target: AsmSymbol | AsmSection | None = symbol
        if symbol is not None:
            place = self.place(symbol)
            if place.undefined is not None and place.undefined is not symbol:
                symbol = target = place.undefined
                addend += place.offset
            elif place.section is not None and self.is_adjustable(symbol, place.section, pc, r_type):
                target = place.section
                addend += place.offset
                self.section_symbols[place.section] = None
            if isinstance(target, AsmSymbol):
                self.needed[target] = None
        if section.sh_type == SHT_NOBITS:
            raise AsmError("A0207", f"`{section.name}` holds zeros only")
        self.relocations[section].append((address, r_type, target, addend))

    def is_adjustable(self, symbol: AsmSymbol, home: AsmSection, pc: int | None, r_type: int) -> bool:
        """Tell whether a relocation may name the symbol's section instead of the symbol."""
        if symbol.is_global or symbol.is_weak or symbol.type == STT_GNU_IFUNC:
            return False
        if home.sh_flags & SHF_MERGE and pc is not None and self.machine == EM_X86_64:
            return False
        if r_type == I386Reloc.R_386_GOTOFF and self.machine == EM_386:
            return self.in_code  # GNU as keeps the symbols of jump tables
        return r_type in (PLAIN_32 if self.machine == EM_386 else PLAIN_64)

    def relocation_type(self, fixup: Fixup, symbol: AsmSymbol | None, pc: int | None, modifier: str) -> int:
        """Return the relocation type of a field; `AsmError` A0308 if there is none."""
        width = fixup.width
        is_386 = self.machine == EM_386
        if modifier:
            if modifier == "GOTPCREL" and pc is not None and self.relaxes(fixup) and not is_386:
                return X86Reloc[f"R_X86_64_{fixup.relax}"]
            if modifier == "GOT" and self.relaxes(fixup) and is_386:
                return I386Reloc.R_386_GOT32X
            found = (MODIFIERS_32 if is_386 else MODIFIERS_64).get((modifier, width))
            if found is None:
                raise AsmError("A0308", f"`@{modifier}` is not available in a {8 * width}-bit field")
            return found
        if symbol is not None and symbol.name == GOT and width >= 4:
            if is_386 or width == 4:
                return I386Reloc.R_386_GOTPC if is_386 else X86Reloc.R_X86_64_GOTPC32
            return X86Reloc.R_X86_64_GOTPC64
        if pc is not None:
            table = RELATIVE_32 if is_386 else RELATIVE_64
            if width == 4 and not is_386 and fixup.branch and symbol is not None and self.wants_plt(symbol, fixup):
                return X86Reloc.R_X86_64_PLT32
        else:
            table = ABSOLUTE_32 if is_386 else ABSOLUTE_64
            if width == 4 and fixup.signed and not is_386:
                return X86Reloc.R_X86_64_32S
        if width not in table:
            raise AsmError("A0308", f"there is no relocation for a {8 * width}-bit field in an i386 object")
        return table[width]

    def relaxes(self, fixup: Fixup) -> bool:
        """Tell whether a linker may turn a load from the GOT into something shorter."""
        return bool(fixup.relax) and self.asm.options.relax_relocations

    def wants_plt(self, symbol: AsmSymbol, fixup: Fixup) -> bool:
        """Tell whether a branch is marked PLT32: to a global or undefined symbol, without an addend."""
        place = self.place(symbol)
        return isinstance(fixup.expr, Ref) and (symbol.is_weak or symbol.is_global or place.undefined is not None)

    def requested(self) -> None:
        """Note the relocations that the source asks for."""
        for request in self.asm.relocations:
            try:
                offset = self.org_offset(self.value(request.offset), request.section)
                if offset is None or not 0 <= offset < max(1, request.section.size):
                    raise AsmError("A0305", "the offset must be in this section")
                value = Linear(0) if request.expr is None else self.value(request.expr)
                if len(value.plus) > 1 or value.minus or value.modifier:
                    raise AsmError("A0307", "this combination of addresses has no relocation")
                symbol = value.plus[0] if value.plus else None
                self.note(request.section, offset, request.r_type, symbol, value.const, None)
            except AsmError as error:
                self.asm.report(error, request.where)


def emit(asm: Assembler) -> ObjectFile:
    """Return the object of an assembly whose instructions are all encoded."""
    for (number, _), symbol in zip(asm.symbols.forward.items(), asm.symbols.forward.values(), strict=True):
        error = AsmError("A0303", f"there is no label `{number}:` after this line")
        asm.collector.add(diagnostic_of(error, symbol.used or Origin(asm.file, 0)))
    asm.collector.check()
    if asm.options.stack is not None:
        note = asm.sections.setdefault(STACK_NOTE, AsmSection(STACK_NOTE))
        note.sh_flags = SHF_EXECINSTR if asm.options.stack else 0
    write_frames(asm)
    write_lines(asm)
    asm.collector.check()
    return Emitter(asm).run()
