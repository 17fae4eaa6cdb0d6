"""`.cfi_*` directives -> .eh_frame and .debug_frame, byte for byte as GNU as writes them.

Every `.cfi_startproc` ... `.cfi_endproc` makes a frame description entry (FDE); entries that begin alike share a common
information entry (CIE), which holds the instructions before the first one at a later address. The tables are
appended as items when all statements are read, because the distances in them depend on the layout. Formats: DWARF 5,
6.4 and 7.24; Linux Standard Base Core 5.0, 10.6 (.eh_frame).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from exotool.asm.arguments import Arguments
from exotool.asm.expressions import Expr, Num, Op, Ref
from exotool.asm.layout import Align, AsmSection, Chunk, Data, Fixup, Number
from exotool.asm.leb128 import sleb, uleb
from exotool.asm.registers import REGISTERS
from exotool.asm.source import AsmError, Statement, certain, diagnostic_of
from exotool.asm.symbols import Symbol
from exotool.elf.constants import SHF_ALLOC, SHT_PROGBITS

if TYPE_CHECKING:
    from exotool.asm.assembler import Assembler

_DW_CFA_ADVANCE_LOC: Final = 0x40
_DW_CFA_ADVANCE_LOC1: Final = 0x02
_DW_CFA_ADVANCE_LOC2: Final = 0x03
_DW_CFA_ADVANCE_LOC4: Final = 0x04
_DW_EH_PE_OMIT: Final = 0xFF
_DW_EH_PE_PCREL_SDATA4: Final = 0x1B
MAX_COMMON: Final = 2_000
"""CIEs of one table; real code has a few."""

_ENCODED_SIZE: Final = {0: 0, 2: 2, 3: 4, 4: 8}
"""Bytes of a pointer by the low three bits of its encoding; 0 stands for an address of the machine."""


def _words(text: str) -> list[str]:
    return text.split()


_CORE_64: Final = _words("rax rdx rcx rbx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip")
_CORE_32: Final = _words("eax ecx edx ebx esp ebp esi edi eip eflags")
_SEGMENTS: Final = _words("es cs ss ds fs gs")


def _numbers(core: list[str], first: dict[str, int]) -> dict[str, int]:
    table = {name: number for number, name in enumerate(core)}
    for prefix, start in first.items():
        if prefix == "seg":
            table |= {name: start + number for number, name in enumerate(_SEGMENTS)}
        elif prefix.isalpha() and prefix in ("xmm", "mm", "k"):
            count = 16 if prefix == "xmm" and "rax" in core else 8
            table |= {f"{prefix}{number}": start + number for number in range(count)}
        elif prefix == "st":
            table |= {f"st({number})": start + number for number in range(8)} | {"st": start}
        else:
            table[prefix] = start
    return table


_REGISTERS_64: Final = _numbers(
    _CORE_64, {"xmm": 17, "st": 33, "mm": 41, "seg": 50, "tr": 62, "ldtr": 63, "mxcsr": 64, "k": 118}
    | {"rflags": 49, "eflags": 49, "flags": 49, "fs.base": 58, "gs.base": 59, "fcw": 65, "fsw": 66}
)  # fmt: skip
_REGISTERS_32: Final = _numbers(
    _CORE_32, {"st": 11, "xmm": 21, "mm": 29, "fcw": 37, "fsw": 38, "mxcsr": 39, "seg": 40, "tr": 48, "ldtr": 49}
    | {"flags": 9, "k": 93}
)  # fmt: skip
"""DWARF register numbers (psABI x86-64, figure 3.36; psABI i386, table 2.14)."""


class Instruction(NamedTuple):
    """A call frame instruction: `kind` is its name in the directives; `label` is the place of an `advance`."""

    kind: str
    first: int = 0
    second: int = 0
    label: Symbol | None = None
    escape: tuple[Expr, ...] = ()

    @property
    def ends_common(self) -> bool:
        """Tell whether a CIE stops before this instruction."""
        return self.kind in ("advance", "remember_state", "escape", "window_save")


@dataclass(slots=True, eq=False)
class Frame:
    """One procedure: what will be an FDE."""

    start: Symbol
    where: Statement
    return_column: int
    instructions: list[Instruction] = field(default_factory=list)
    end: Symbol | None = None
    signal: bool = False
    personality: Expr | None = None
    personality_encoding: int = _DW_EH_PE_OMIT
    lsda: Expr | None = None
    lsda_encoding: int = _DW_EH_PE_OMIT
    cfa_offset: int = 0
    saved_offsets: list[int] = field(default_factory=list)
    last: Symbol | None = None
    """Where the last instruction applies."""

    @property
    def kind(self) -> tuple[object, ...]:
        """What a CIE says besides instructions; .debug_frame has no personality and no LSDA."""
        return self.return_column, self.signal

    @property
    def handlers(self) -> tuple[object, ...]:
        """What a CIE of .eh_frame says besides."""
        return self.personality_encoding, self.personality, self.lsda_encoding

    @property
    def initial(self) -> list[Instruction]:
        """The instructions that a CIE may hold: those before the first at a later address."""
        count = next((n for n, entry in enumerate(self.instructions) if entry.ends_common), len(self.instructions))
        return self.instructions[:count]


@dataclass(slots=True)
class Common:
    """A CIE: where it is, what it says, and its instructions."""

    place: Symbol
    kind: tuple[object, ...]
    instructions: list[Instruction]


@dataclass(slots=True)
class Frames:
    """The procedures of an assembly, and which tables they go to."""

    all: list[Frame] = field(default_factory=list)
    open: dict[Chunk, Frame] = field(default_factory=dict)
    eh_frame: bool = True
    debug_frame: bool = False


# Directives


def start_procedure(asm: Assembler, args: Arguments) -> None:
    """`.cfi_startproc`, with the state at the entry of a function; `simple` leaves that out."""
    word = args.rest()
    if word not in ("", "simple"):
        raise args.fault("`.cfi_startproc` takes `simple` or nothing", args.start, len(args.text))
    if asm.chunk in asm.frames.open:
        raise args.fault("the `.cfi_startproc` before has no `.cfi_endproc`")
    column, alignment = _machine(asm)
    here = asm.dot()
    frame = Frame(here, asm.statement, column, last=here)
    if not word:
        stack = (_REGISTERS_64 if asm.mode == 64 else _REGISTERS_32)["rsp" if asm.mode == 64 else "esp"]
        frame.cfa_offset = -alignment
        frame.instructions = [Instruction("def_cfa", stack, -alignment), Instruction("offset", column, alignment)]
    asm.frames.open[asm.chunk] = frame
    asm.frames.all.append(frame)


def _machine(asm: Assembler) -> tuple[int, int]:
    """Return the column of the return address and the data alignment factor."""
    return (8, -4) if asm.elf32 else (16, -8)


def end_procedure(asm: Assembler, args: Arguments) -> None:
    """`.cfi_endproc`."""
    args.finish()
    _current(asm, args).end = asm.dot()
    del asm.frames.open[asm.chunk]


def _current(asm: Assembler, args: Arguments) -> Frame:
    frame = asm.frames.open.get(asm.chunk)
    if frame is None:
        raise args.fault(f"`{args.directive}` stands outside of `.cfi_startproc` and `.cfi_endproc`")
    return frame


def choose_sections(asm: Assembler, args: Arguments) -> None:
    """`.cfi_sections .eh_frame, .debug_frame`."""
    names = []
    while not args.at_end:
        start = args.position
        names.append(args.word("a section name"))
        if names[-1] not in (".eh_frame", ".debug_frame"):
            raise args.fault("expected `.eh_frame` or `.debug_frame`", start, args.position)
        args.comma()
    wanted = (".eh_frame" in names, ".debug_frame" in names)
    if asm.frames.all and wanted != (asm.frames.eh_frame, asm.frames.debug_frame):
        raise args.fault("`.cfi_sections` must stand before the first `.cfi_startproc`")
    asm.frames.eh_frame, asm.frames.debug_frame = wanted


def _register(asm: Assembler, args: Arguments) -> int:
    """Take a register, by name (with or without `%`) or by its DWARF number."""
    match = re.compile(r"\s*(%?)\s*(st\s*\(\s*\d\s*\)|[A-Za-z][\w.]*)").match(args.text, args.position)
    if match:
        name = "".join(match[2].lower().split())
        number = (_REGISTERS_64 if asm.mode == 64 else _REGISTERS_32).get(name)
        if number is not None:
            args.position = match.end()
            return number
        if match[1] or name in REGISTERS:
            raise AsmError(
                "A0402", f"`{match[0].strip()}` has no DWARF number in this mode", match.start(2), match.end()
            )
    start = args.position
    number = asm.absolute(args, "the register")
    if not 0 <= number < 1 << 32:
        raise args.fault("a register has a number that is not negative", start, args.position)
    return number


def instruction(shape: str, asm: Assembler, args: Arguments) -> None:
    """Carry out a directive that is a call frame instruction; `shape` is its operands: `r` register, `n` number."""
    frame = _current(asm, args)
    values = []
    for number, kind in enumerate(shape):
        if number:
            args.expect(",", "between operands")
        values.append(_register(asm, args) if kind == "r" else asm.absolute(args, "the offset"))
    kind = args.directive.removeprefix(".cfi_")
    if kind in ("restore", "undefined", "same_value"):
        while True:
            _append(asm, frame, Instruction(kind, values[0]))
            if not args.comma():
                break
            values = [_register(asm, args)]
        args.finish()
        return
    args.finish()
    values += [0, 0]
    if kind == "def_cfa":
        frame.cfa_offset = values[1]
    elif kind in ("def_cfa_offset", "adjust_cfa_offset"):
        frame.cfa_offset = values[0] + (frame.cfa_offset if kind == "adjust_cfa_offset" else 0)
        kind, values[0] = "def_cfa_offset", frame.cfa_offset
    elif kind == "rel_offset":
        kind, values[1] = "offset", values[1] - frame.cfa_offset
    elif kind == "remember_state":
        frame.saved_offsets.append(frame.cfa_offset)
    elif kind == "restore_state":
        if not frame.saved_offsets:
            raise args.fault("`.cfi_restore_state` without `.cfi_remember_state`")
        frame.cfa_offset = frame.saved_offsets.pop()
    _append(asm, frame, Instruction(kind, values[0], values[1]))


def _append(asm: Assembler, frame: Frame, instruction: Instruction) -> None:
    """Add an instruction, and before it a step to the current address if that is another than the last one's."""
    here = asm.dot()
    last = certain(frame.last, "a frame begins somewhere")
    if (last.chunk, last.index) != (here.chunk, here.index):
        frame.instructions.append(Instruction("advance", label=here))
        frame.last = here
    frame.instructions.append(instruction)


def escape(asm: Assembler, args: Arguments) -> None:
    """`.cfi_escape byte, ...`."""
    frame = _current(asm, args)
    values = [args.value()[0]]
    while args.comma():
        values.append(args.value()[0])
    args.finish()
    _append(asm, frame, Instruction("escape", escape=tuple(values)))


def return_column(asm: Assembler, args: Arguments) -> None:
    """`.cfi_return_column register`."""
    _current(asm, args).return_column = _register(asm, args)
    args.finish()


def signal_frame(asm: Assembler, args: Arguments) -> None:
    """`.cfi_signal_frame`."""
    args.finish()
    _current(asm, args).signal = True


def pointer(what: str, asm: Assembler, args: Arguments) -> None:
    """`.cfi_personality encoding, symbol` and `.cfi_lsda encoding, symbol`."""
    frame = _current(asm, args)
    start = args.position
    encoding = asm.absolute(args, "the encoding")
    expr: Expr | None = None
    if encoding != _DW_EH_PE_OMIT:
        supported = encoding & 7 in _ENCODED_SIZE and encoding & 0x70 in (0, 0x10) and 0 <= encoding < 0xFF
        if not supported or (encoding & 7 == 0 and encoding & 0x10):
            raise args.fault("this pointer encoding is not supported", start, args.position)
        args.expect(",", "before the symbol")
        expr, _, _ = args.value()
    args.finish()
    if what == "personality":
        frame.personality_encoding, frame.personality = encoding, expr
    else:
        frame.lsda_encoding, frame.lsda = encoding, expr


# Tables


class _Writer:
    """Appends entries to a section as items."""

    def __init__(self, asm: Assembler, name: str, eh_frame: bool) -> None:
        self.asm = asm
        self.eh_frame = eh_frame
        self.address_size = 4 if asm.elf32 else 8
        self.factor = _machine(asm)[1]
        section = asm.sections.get(name)
        if section is None:
            section = asm.sections[name] = AsmSection(name, SHT_PROGBITS, SHF_ALLOC if eh_frame else 0)
        section.alignment = max(section.alignment, self.address_size)
        self.chunk = section.chunk(0)
        self.where = asm.statement
        self.data = bytearray()
        self.fixups: list[Fixup] = []
        self.common: list[Common] = []

    def run(self, frames: list[Frame]) -> None:
        """Write all entries."""
        for frame in frames:
            self.where = frame.where
            common = self.find(frame)
            if common is None:
                if len(self.common) >= MAX_COMMON:
                    raise AsmError("A0202", f"procedures begin in more than {MAX_COMMON} different ways")
                common = Common(self.label(), self.kind(frame), frame.initial)
                self.common.insert(0, common)
                self.entry(partial(self.common_entry, frame), 4)
            last = frame is frames[-1]
            self.entry(partial(self.description, frame, common), self.address_size if last else 4)

    def kind(self, frame: Frame) -> tuple[object, ...]:
        """Return what a frame asks of its CIE besides instructions."""
        return (frame.kind, frame.handlers) if self.eh_frame else frame.kind

    def find(self, frame: Frame) -> Common | None:
        """Return the newest CIE whose instructions are the frame's first ones; GNU as reads the list in this order."""
        for common in self.common:
            count = len(common.instructions)
            if common.kind == self.kind(frame) and common.instructions == frame.initial[:count]:
                return common
        return None

    def flush(self) -> None:
        if self.data:
            self.chunk.items.append(Data(self.where, bytes(self.data), self.fixups, len(self.data)))
            self.data, self.fixups = bytearray(), []

    def label(self) -> Symbol:
        """Return a symbol for the present place."""
        self.flush()
        return Symbol("", self.chunk, len(self.chunk.items))

    def value(self, expr: Expr, width: int, *, pc: int | None = None) -> None:
        """Append a field that layout fills."""
        self.fixups.append(Fixup(len(self.data), width, expr, pc, pc is not None))
        self.data += bytes(width)

    def entry(self, body: Callable[[Symbol], None], alignment: int) -> None:
        """Append an entry: its length, its body, and no-operations up to the alignment."""
        after, end = Symbol(""), Symbol("")
        self.value(Op("-", (Ref(end), Ref(after))), 4)
        self.place(after)
        body(after)
        self.flush()
        alignment = alignment if self.eh_frame else self.address_size
        self.chunk.items.append(Align(self.where, alignment, b"\0", 0, 64, self.asm.elf32))
        self.place(end)

    def place(self, symbol: Symbol) -> None:
        self.flush()
        symbol.chunk, symbol.index = self.chunk, len(self.chunk.items)

    def common_entry(self, frame: Frame, _after: Symbol) -> None:
        """Append the body of a CIE, version 1."""
        data = self.data
        data += bytes(4) if self.eh_frame else b"\xff\xff\xff\xff"
        data.append(1)
        has_personality = frame.personality_encoding != _DW_EH_PE_OMIT
        has_lsda = frame.lsda_encoding != _DW_EH_PE_OMIT
        if self.eh_frame:
            data += b"z" + b"P" * has_personality + b"L" * has_lsda + b"R"
        data += b"S" * frame.signal + b"\0" + uleb(1) + sleb(self.factor)
        if frame.return_column > 255:
            raise AsmError("A0202", "the return column does not fit a byte")
        data.append(frame.return_column)
        if self.eh_frame:
            size = self.pointer_size(frame.personality_encoding)
            data += uleb(1 + has_lsda + (1 + size) * has_personality)
            if has_personality:
                data.append(frame.personality_encoding)
                self.encoded(frame.personality, frame.personality_encoding)
            if has_lsda:
                self.data.append(frame.lsda_encoding)
            self.data.append(_DW_EH_PE_PCREL_SDATA4)
        for instruction in frame.initial:
            self.instruction(instruction)

    def pointer_size(self, encoding: int) -> int:
        if encoding == _DW_EH_PE_OMIT:
            return 0
        return _ENCODED_SIZE[encoding & 7] or self.address_size

    def encoded(self, expr: Expr | None, encoding: int) -> None:
        """Append a pointer in an encoding."""
        if expr is not None:
            self.value(expr, self.pointer_size(encoding), pc=0 if encoding & 0x10 else None)

    def description(self, frame: Frame, common: Common, after: Symbol) -> None:
        """Append the body of an FDE."""
        start, end = Ref(frame.start), Ref(certain(frame.end, "every procedure has ended"))
        if self.eh_frame:
            self.value(Op("-", (Ref(after), Ref(common.place))), 4)
            self.value(start, 4, pc=0)
        else:
            self.value(Ref(common.place), 4)
            self.value(start, self.address_size)
        self.value(Op("-", (end, start)), 4 if self.eh_frame else self.address_size)
        if self.eh_frame:
            self.data += uleb(self.pointer_size(frame.lsda_encoding))
            self.encoded(frame.lsda, frame.lsda_encoding)
        before = frame.start
        for instruction in frame.instructions[len(common.instructions) :]:
            if instruction.label is not None:
                known = self.asm.early_distance(instruction.label, before)
                if known is not None:
                    self.data += advance(known)
                else:
                    self.flush()
                    distance = Op("-", (Ref(instruction.label), Ref(before)))
                    self.chunk.items.append(Number(self.where, distance, advance))
                before = instruction.label
            else:
                self.instruction(instruction)

    def instruction(self, instruction: Instruction) -> None:
        """Append one instruction."""
        kind, first, second, _, escaped = instruction
        factored = _quotient(second, self.factor)
        if kind == "escape":
            for expr in escaped:
                self.byte(expr)
        elif kind in ("offset", "val_offset"):
            short, extended, negative = (0x80, 0x05, 0x11) if kind == "offset" else (0, 0x14, 0x15)
            if factored < 0:
                self.data += bytes([negative]) + uleb(first) + sleb(factored)
            elif short and first < 0x40:
                self.data += bytes([short | first]) + uleb(factored)
            else:
                self.data += bytes([extended]) + uleb(first) + uleb(factored)
        elif kind == "restore":
            self.data += bytes([0xC0 | first]) if first < 0x40 else b"\x06" + uleb(first)
        elif kind == "def_cfa":
            operand = b"\x12" + uleb(first) + sleb(factored) if second < 0 else b"\x0c" + uleb(first) + uleb(second)
            self.data += operand
        elif kind == "def_cfa_offset":
            self.data += b"\x13" + sleb(_quotient(first, self.factor)) if first < 0 else b"\x0e" + uleb(first)
        elif kind == "register":
            self.data += b"\x09" + uleb(first) + uleb(second)
        else:
            self.data += bytes([_OPCODES[kind]]) + (b"" if kind in _ALONE else uleb(first))

    def byte(self, expr: Expr) -> None:
        """Append a byte of `.cfi_escape`."""
        if isinstance(expr, Num):
            self.data.append(expr.value & 0xFF)
        else:
            self.value(expr, 1)


_OPCODES: Final = {
    "def_cfa_register": 0x0D,
    "undefined": 0x07,
    "same_value": 0x08,
    "remember_state": 0x0A,
    "restore_state": 0x0B,
    "window_save": 0x2D,
}
_ALONE: Final = ("remember_state", "restore_state", "window_save")


def _quotient(value: int, factor: int) -> int:
    """Divide towards zero, as C does."""
    return -(value // -factor) if value >= 0 else -value // -factor


def advance(distance: int) -> bytes:
    """Return the shortest instruction that adds a distance to the address; nothing for no distance."""
    if distance <= 0:
        return b""
    if distance < 0x40:
        return bytes([_DW_CFA_ADVANCE_LOC | distance])
    for opcode, width in ((_DW_CFA_ADVANCE_LOC1, 1), (_DW_CFA_ADVANCE_LOC2, 2)):
        if distance < 1 << 8 * width:
            return bytes([opcode]) + distance.to_bytes(width, "little")
    return bytes([_DW_CFA_ADVANCE_LOC4]) + (distance & 0xFFFFFFFF).to_bytes(4, "little")


def write_frames(asm: Assembler) -> None:
    """Append the tables of all procedures; errors go to the assembler's collector."""
    frames = asm.frames
    for frame in frames.open.values():
        asm.collector.add(
            diagnostic_of(AsmError("A0202", "`.cfi_startproc` has no `.cfi_endproc`"), frame.where.origin)
        )
    if frames.open or not frames.all:
        return
    try:
        if frames.eh_frame:
            _Writer(asm, ".eh_frame", True).run(frames.all)
        if frames.debug_frame:
            _Writer(asm, ".debug_frame", False).run(frames.all)
    except AsmError as error:
        asm.report(error, frames.all[0].where)


_Directive = Callable[["Assembler", Arguments], None]
_SHAPES: Final = {
    "def_cfa": "rn",
    "def_cfa_register": "r",
    "def_cfa_offset": "n",
    "adjust_cfa_offset": "n",
    "offset": "rn",
    "rel_offset": "rn",
    "val_offset": "rn",
    "register": "rr",
    "restore": "r",
    "undefined": "r",
    "same_value": "r",
    "remember_state": "",
    "restore_state": "",
    "window_save": "",
}
DIRECTIVES: Final[dict[str, _Directive]] = {
    ".cfi_startproc": start_procedure,
    ".cfi_endproc": end_procedure,
    ".cfi_sections": choose_sections,
    ".cfi_escape": escape,
    ".cfi_return_column": return_column,
    ".cfi_signal_frame": signal_frame,
    ".cfi_personality": partial(pointer, "personality"),
    ".cfi_lsda": partial(pointer, "lsda"),
    **{f".cfi_{name}": partial(instruction, shape) for name, shape in _SHAPES.items()},
}
