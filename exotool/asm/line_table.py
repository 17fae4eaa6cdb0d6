"""`.file` and `.loc` of compilers -> .debug_line, byte for byte as GNU as writes it.

A `.loc` waits for the next instruction, the next `.loc`, or its own `view`, and then becomes a row. The line number
program is appended as items when all statements are read, because the distances between rows depend on the layout.
A view number tells rows of one address apart; its symbol is an expression over the places of the rows.
Formats: DWARF 5, 6.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from exotool.asm.arguments import Arguments
from exotool.asm.expressions import Expr, Num, Op, Ref
from exotool.asm.layout import AsmSection, Branch, Chunk, Data, Fixup, Number
from exotool.asm.leb128 import sleb, uleb
from exotool.asm.source import AsmError, Statement
from exotool.asm.symbols import Symbol
from exotool.diagnostics import Severity
from exotool.elf.constants import SHF_ALLOC, SHF_MERGE, SHF_STRINGS, SHT_PROGBITS

if TYPE_CHECKING:
    from exotool.asm.assembler import Assembler

_LINE_BASE: Final = -5
_LINE_RANGE: Final = 14
_OPERANDS: Final = (0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1)
_OPCODE_BASE: Final = len(_OPERANDS) + 1
_MOST_ADVANCE: Final = (255 - _OPCODE_BASE) // _LINE_RANGE
"""What `DW_LNS_const_add_pc` adds to the address."""

_COPY, _ADVANCE_PC, _ADVANCE_LINE, _SET_FILE, _SET_COLUMN, _NEGATE_STMT = b"\1", b"\2", b"\3", b"\4", b"\5", b"\6"
_BASIC_BLOCK, _CONST_ADD_PC, _PROLOGUE_END, _EPILOGUE_BEGIN, _SET_ISA = b"\7", b"\x08", b"\x0a", b"\x0b", b"\x0c"
_DW_FORM_LINE_STRP: Final = 0x1F
_DW_FORM_UDATA: Final = 0x0F
_DW_FORM_DATA16: Final = 0x1E
_DW_LNCT_PATH, _DW_LNCT_DIRECTORY_INDEX, _DW_LNCT_MD5 = 1, 2, 5
MAX_VIEWS: Final = 50
MAX_FILES: Final = 1 << 16
_FLAGS: Final = {"basic_block": _BASIC_BLOCK, "prologue_end": _PROLOGUE_END, "epilogue_begin": _EPILOGUE_BEGIN}


@dataclass(slots=True)
class Location:
    """What the next row says; `marks` are opcodes for it alone."""

    file: int = 1
    line: int = 0
    column: int = 0
    is_stmt: bool = True
    isa: int = 0
    discriminator: int = 0
    marks: frozenset[str] = frozenset()
    resets_view: bool = False


@dataclass(slots=True)
class Row:
    """A row of the line table, at a place."""

    location: Location
    place: Symbol
    view: Expr
    where: Statement
    sets_address: bool = False
    depth: int = 0
    """How many views the expression of this one is made of."""


@dataclass(slots=True)
class File:
    """A file of the table: its name, and the number of its folder."""

    name: str
    directory: int
    md5: bytes = b""


@dataclass(slots=True)
class LineTable:
    """The files, and the rows by section and subsection."""

    files: dict[int, File] = field(default_factory=dict)
    directories: dict[int, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    following: int = 0
    """The number of the next folder."""
    rows: dict[AsmSection, dict[Chunk, list[Row]]] = field(default_factory=dict)
    location: Location = field(default_factory=Location)
    version: int = 3
    waiting: bool = False
    used: bool = False

    # Files

    def add(self, number: int, folder: str | None, name: str, md5: bytes) -> None:
        """Put a file into a slot; `AsmError` A0209 when another one is there."""
        base = name.rsplit("/", 1)[-1]
        own = name[: len(name) - len(base)] if folder is None or base != name else folder
        file = File(base, self.directory(own, folder, number == 0), md5)
        if self.files.setdefault(number, file) != file:
            raise AsmError("A0209", f"file number {number} is taken by `{self.files[number].name}`")

    def directory(self, folder: str, compilation: str | None, may_be_zero: bool) -> int:
        """Return the number of a folder; 0 is the one of the compilation."""
        folder = folder.removesuffix("/")
        if not folder:
            return 0
        if folder in self.numbers:
            return self.numbers[folder]
        number = self.following
        if may_be_zero and 0 not in self.directories:
            if self.version >= 5 and folder != (compilation or ".").removesuffix("/"):
                self.enter(0, (compilation or ".").removesuffix("/"))
                number = max(1, number)
            else:
                number = 0
        number = number if may_be_zero else max(1, number)
        self.enter(number, folder)
        return number

    def enter(self, number: int, folder: str) -> None:
        """Give a folder its number."""
        self.directories[number] = folder
        self.numbers.setdefault(folder, number)
        self.following = max(self.following, number + 1)

    # Rows

    def instruction(self, asm: Assembler) -> None:
        """Make the waiting location a row at the current place."""
        if not self.waiting:
            return
        self.waiting = False
        location = self.location
        self.location = replace(location, discriminator=0, marks=frozenset(), resets_view=False)
        if location.line:
            self.row(asm, location)

    def row(self, asm: Assembler, location: Location) -> Row:
        """Append a row."""
        rows = self.rows.setdefault(asm.chunk.section, {}).setdefault(asm.chunk, [])
        place = asm.dot()
        view: Expr = Num(0)
        sets_address = not rows
        depth = 0
        if rows:
            last = rows[-1]
            between = asm.chunk.items[last.place.index : place.index]
            moved = any(isinstance(item, Branch) or (isinstance(item, Data) and _has_bytes(item)) for item in between)
            sets_address = location.resets_view and not moved
            if not moved and not location.resets_view:
                step = Num(last.view.value + 1) if isinstance(last.view, Num) else Op("+", (last.view, Num(1)))
                view = step
                if between:
                    depth = last.depth + 1
                    if depth > MAX_VIEWS:
                        rows.append(Row(location, place, Num(0), asm.statement))
                        raise AsmError("A0306", f"more than {MAX_VIEWS} views depend on sizes that are not known yet")
                    later = Op(">", (Ref(place), Ref(last.place)))
                    view = Op("*", (Op("!", (later,)), step))
        rows.append(Row(location, place, view, asm.statement, sets_address, depth))
        return rows[-1]


def _has_bytes(item: Data) -> bool:
    return item.is_code or item.size > 0


def file(asm: Assembler, args: Arguments) -> None:
    """`.file "name"` for the symbol table; `.file 1 "folder" "name" md5 0x...` for the line table."""
    if args.has_string():
        name = args.name("a file name")
        args.finish()
        asm.file_names.append(name)
        return
    start = args.position
    number = asm.absolute(args, "the file number")
    table = asm.lines
    if not 0 <= number < MAX_FILES:
        raise args.fault(f"a file number is between 0 and {MAX_FILES - 1}", start, args.position)
    folder: str | None = None
    name = args.string("a file name in quotes").decode(errors="surrogateescape")
    if args.has_string():
        folder, name = name, args.string().decode(errors="surrogateescape")
    md5 = re.compile(r"\s*md5\s+0[xX]([0-9a-fA-F]{32})\s*$").match(args.text, args.position)
    if md5:
        args.position = md5.end()
    args.finish()
    if not name or "\0" in name or "\0" in (folder or ""):
        raise args.fault("a file needs a name", start, len(args.text))
    if number == 0 or md5:
        table.version = max(5, table.version)
    try:
        table.add(number, folder, name, bytes.fromhex(md5[1])[::-1] if md5 else b"")
    except AsmError as error:
        error.start, error.end = start, len(args.text)
        raise


def loc(asm: Assembler, args: Arguments) -> None:
    """`.loc file line column options`: where the next instruction comes from."""
    table = asm.lines
    start = args.position
    number = asm.absolute(args, "the file number")
    line = asm.absolute(args, "the line")
    if number not in table.files:
        raise args.fault(f"there is no `.file {number}`", start, args.position)
    column = asm.absolute(args, "the column") if args.peek().isdigit() else table.location.column
    if not 0 <= line < 1 << 32 or not 0 <= column < 1 << 32:
        raise args.fault("lines and columns are numbers of 32 bits", start, args.position)
    table.instruction(asm)
    before = table.location
    marks = set(before.marks)
    location = Location(number, line, column, before.is_stmt, before.isa, 0)
    view = ""
    while not args.at_end:
        word = args.word("an option")
        if word in _FLAGS:
            marks.add(word)
        elif word == "is_stmt":
            location.is_stmt = asm.absolute(args, "is_stmt") != 0
        elif word == "isa":
            location.isa = asm.absolute(args, "isa")
        elif word == "discriminator":
            location.discriminator = asm.absolute(args, "the discriminator")
        elif word == "view":
            view = args.word("a view")
        else:
            raise args.fault(f"`.loc` has no option `{word}`", args.position - len(word), args.position)
    if location.isa < 0 or location.discriminator < 0:
        raise args.fault("isa and discriminator are not negative")
    location.marks = frozenset(marks)
    location.resets_view = view == "-0"
    table.location = location
    table.waiting = table.used = True
    if not view:
        return
    if not line:
        raise args.fault("a view needs a line")
    table.waiting = False
    table.location = replace(location, discriminator=0, marks=frozenset(), resets_view=False)
    row = table.row(asm, location)
    if view not in ("0", "-0"):
        symbol = asm.symbols.get(view)
        asm.must_be_new(symbol, args.position - len(view), args.position)
        symbol.value, symbol.defined = row.view, asm.statement.origin


# The table


def step(lines: int | None, distance: int) -> bytes:
    """Return the opcodes that advance line and address and make a row; `None` lines end the sequence."""
    distance = max(distance, 0)
    if lines is None:
        advance = _CONST_ADD_PC if distance == _MOST_ADVANCE else _ADVANCE_PC + uleb(distance) if distance else b""
        return advance + b"\0\1\1"
    head = b""
    if not 0 <= lines - _LINE_BASE < _LINE_RANGE:
        head = _ADVANCE_LINE + sleb(lines)
        lines = 0
    if not lines and not distance:
        return head + _COPY
    special = lines - _LINE_BASE + _OPCODE_BASE
    if distance < 256 + _MOST_ADVANCE:
        if special + distance * _LINE_RANGE <= 255:
            return head + bytes([special + distance * _LINE_RANGE])
        if special + (distance - _MOST_ADVANCE) * _LINE_RANGE <= 255:
            return head + _CONST_ADD_PC + bytes([special + (distance - _MOST_ADVANCE) * _LINE_RANGE])
    return head + _ADVANCE_PC + uleb(distance) + (_COPY if head else bytes([special]))


class _Writer:
    """Appends the line number program to .debug_line."""

    def __init__(self, asm: Assembler) -> None:
        self.asm = asm
        self.table = asm.lines
        self.chunk = _section(asm, ".debug_line", 0, 0).chunk(0)
        self.where = asm.statement
        self.data = bytearray()
        self.fixups: list[Fixup] = []
        self.address_size = 4 if asm.elf32 else 8

    def flush(self) -> None:
        if self.data:
            self.chunk.items.append(Data(self.where, bytes(self.data), self.fixups, len(self.data)))
            self.data, self.fixups = bytearray(), []

    def value(self, expr: Expr, width: int) -> None:
        self.fixups.append(Fixup(len(self.data), width, expr))
        self.data += bytes(width)

    def place(self, symbol: Symbol) -> None:
        self.flush()
        symbol.chunk, symbol.index = self.chunk, len(self.chunk.items)

    def run(self) -> None:
        """Write header, folders, files and one sequence a section."""
        after, header, program, end = (Symbol("") for _ in range(4))
        self.value(Op("-", (Ref(end), Ref(after))), 4)
        self.place(after)
        version = self.table.version
        self.data += version.to_bytes(2, "little") + (bytes([self.address_size, 0]) if version >= 5 else b"")
        self.value(Op("-", (Ref(program), Ref(header))), 4)
        self.place(header)
        self.data += b"\1" + (b"\1" if version >= 4 else b"")
        self.data += bytes([1, _LINE_BASE & 0xFF, _LINE_RANGE, _OPCODE_BASE, *_OPERANDS])
        (self.names if version >= 5 else self.old_names)()
        self.place(program)
        for section, chunks in self.table.rows.items():
            rows = [row for number in sorted(chunks, key=lambda chunk: chunk.number) for row in chunks[number]]
            if section.sh_flags & SHF_ALLOC:
                self.sequence(section, rows)
            else:
                message = f"line information for `{section.name}` is left out: it is not part of the program"
                self.asm.report(AsmError("A0415", message), rows[0].where, Severity.WARNING)
        self.place(end)

    def names(self) -> None:
        """Write folders and files of version 5, whose names stand in .debug_line_str."""
        table = self.table
        strings = _section(self.asm, ".debug_line_str", SHF_MERGE | SHF_STRINGS, 1).chunk(0)
        self.data += bytes([1, _DW_LNCT_PATH, _DW_FORM_LINE_STRP])
        table.directories.setdefault(0, ".")
        self.data += uleb(max(table.directories) + 1)
        for number in range(max(table.directories) + 1):
            self.string(strings, table.directories.get(number, ""))
        has_md5 = any(file.md5 for file in table.files.values())
        self.data += bytes([2 + has_md5, _DW_LNCT_PATH, _DW_FORM_LINE_STRP, _DW_LNCT_DIRECTORY_INDEX, _DW_FORM_UDATA])
        self.data += bytes([_DW_LNCT_MD5, _DW_FORM_DATA16]) * has_md5
        count = max(table.files) + 1
        self.data += uleb(count)
        for number in range(count):
            file = table.files.get(number) or (table.files.get(1) if not number else None) or File("", 0)
            self.string(strings, file.name)
            self.data += uleb(file.directory)
            self.data += (file.md5 or bytes(16)) * has_md5

    def string(self, strings: Chunk, text: str) -> None:
        data = text.encode(errors="surrogateescape") + b"\0"
        self.value(Ref(Symbol("", strings, len(strings.items))), 4)
        strings.items.append(Data(self.where, data, [], len(data)))

    def old_names(self) -> None:
        """Write folders and files of versions 2 to 4."""
        table = self.table
        for number in range(1, max(table.directories, default=0) + 1):
            self.data += table.directories.get(number, "").encode(errors="surrogateescape") + b"\0"
        self.data += b"\0"
        for number in range(1, max(table.files) + 1):
            file = table.files.get(number)
            if file is None:
                raise AsmError("A0209", f"file number {number} is not given, but a higher one is")
            self.data += file.name.encode(errors="surrogateescape") + b"\0" + uleb(file.directory) + b"\0\0"
        self.data += b"\0"

    def sequence(self, section: AsmSection, rows: list[Row]) -> None:
        """Write the rows of one section."""
        now = Location()
        line = 1
        last = rows[0].place
        for row in rows:
            wanted = row.location
            self.registers(now, wanted)
            self.where = row.where
            if row.sets_address and (row is rows[0] or row.location.resets_view):
                self.data += b"\0" + uleb(self.address_size + 1) + b"\2"
                self.value(Ref(row.place), self.address_size)
                self.data += step(wanted.line - line, 0)
            else:
                self.advance(wanted.line - line, row.place, last)
            now, line, last = wanted, wanted.line, row.place
        chunk = section.ordered()[-1]
        self.advance(None, Symbol("", chunk, len(chunk.items)), last)

    def registers(self, now: Location, wanted: Location) -> None:
        """Set the registers of the state machine that change (6.2.2)."""
        if wanted.file != now.file:
            self.data += _SET_FILE + uleb(wanted.file)
        if wanted.column != now.column:
            self.data += _SET_COLUMN + uleb(wanted.column)
        if wanted.discriminator:
            number = uleb(wanted.discriminator)
            self.data += b"\0" + uleb(1 + len(number)) + b"\4" + number
        if wanted.isa != now.isa:
            self.data += _SET_ISA + uleb(wanted.isa)
        if wanted.is_stmt != now.is_stmt:
            self.data += _NEGATE_STMT
        for name, opcode in _FLAGS.items():
            if name in wanted.marks:
                self.data += opcode

    def advance(self, lines: int | None, place: Symbol, last: Symbol) -> None:
        """Go to another address, and line; in opcodes now if the distance is fixed, else when layout knows it."""
        known = self.asm.early_distance(place, last)
        if known is not None:
            self.data += step(lines, known)
            return
        self.flush()
        distance = Op("-", (Ref(place), Ref(last)))
        self.chunk.items.append(Number(self.where, distance, partial(step, lines)))


def _section(asm: Assembler, name: str, flags: int, entsize: int) -> AsmSection:
    found = asm.sections.get(name)
    if found is None:
        found = asm.sections[name] = AsmSection(name, SHT_PROGBITS, flags, entsize)
    return found


def write_lines(asm: Assembler) -> None:
    """Append the line table if the source has `.loc`; errors go to the assembler's collector."""
    table = asm.lines
    table.instruction(asm)
    info = asm.sections.get(".debug_info")
    described = info is not None and any(chunk.items for chunk in info.chunks.values())
    if not table.files or not (table.rows or described):
        return
    try:
        _Writer(asm).run()
    except AsmError as error:
        asm.report(error, asm.statement)
