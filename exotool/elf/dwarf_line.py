"""`.debug_line` -> address ranges with file, line and column (DWARF 5 section 6.2, and the tables of versions 2 to 4).

The line tables are read by themselves, one unit behind the other: they need nothing of `.debug_info`, and every byte
is looked at once, so that damaged or hostile tables cost time linear in their size. What cannot be read is left out.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MAX_NAME: Final = 4096
"""Bytes of the longest file or directory name that is believed."""

NAME_BUDGET_FACTOR: Final = 16
"""All names together may be this many times the size of the tables: hostile ones name one long string without end."""

MAX_LINE: Final = 1 << 31
"""Line numbers from here on come from a damaged table."""

_ADDRESS_MASK: Final = (1 << 64) - 1

_LNS_COPY, _LNS_ADVANCE_PC, _LNS_ADVANCE_LINE, _LNS_SET_FILE, _LNS_SET_COLUMN = 1, 2, 3, 4, 5
_LNS_CONST_ADD_PC, _LNS_FIXED_ADVANCE_PC = 8, 9
_LNE_END_SEQUENCE, _LNE_SET_ADDRESS = 1, 2
_LNCT_PATH, _LNCT_DIRECTORY_INDEX = 1, 2

_FORM_BLOCK2, _FORM_BLOCK4, _FORM_DATA2, _FORM_DATA4, _FORM_DATA8 = 0x03, 0x04, 0x05, 0x06, 0x07
_FORM_STRING, _FORM_BLOCK, _FORM_BLOCK1, _FORM_DATA1 = 0x08, 0x09, 0x0A, 0x0B
_FORM_STRP, _FORM_UDATA, _FORM_DATA16, _FORM_LINE_STRP = 0x0E, 0x0F, 0x1E, 0x1F
_FIXED_FORMS: Final = {_FORM_DATA1: 1, _FORM_DATA2: 2, _FORM_DATA4: 4, _FORM_DATA8: 8, _FORM_DATA16: 16}
_BLOCK_FORMS: Final = {_FORM_BLOCK1: 1, _FORM_BLOCK2: 2, _FORM_BLOCK4: 4}


class LineRange(NamedTuple):
    """Addresses from `start` up to, not including, `end` that come from one line; `column` is 0 when unknown."""

    start: int
    end: int
    path: str
    line: int
    column: int


class _DamagedError(Exception):
    """The table goes on behind its end, or says something that no table says."""


def decode_lines(debug_line: bytes, debug_line_str: bytes = b"", debug_str: bytes = b"") -> list[LineRange]:
    """Return all ranges of a `.debug_line` section in the order of the table; a damaged unit ends where it broke."""
    ranges: list[LineRange] = []
    names = _Names(NAME_BUDGET_FACTOR * (len(debug_line) + len(debug_line_str) + len(debug_str)))
    offset = 0
    while offset + 4 <= len(debug_line):
        length = int.from_bytes(debug_line[offset : offset + 4], "little")
        offset_size = 4
        offset += 4
        if length == 0xFFFFFFFF:
            length = int.from_bytes(debug_line[offset : offset + 8], "little")
            offset_size = 8
            offset += 8
        end = offset + length
        unit = _Unit(debug_line, offset, min(end, len(debug_line)), offset_size, debug_line_str, debug_str, names)
        try:
            unit.read_header()
            unit.run(ranges)
        except _DamagedError:
            pass
        offset = end
    return ranges


class _Names:
    """Reads names out of the tables, as many as the budget (in bytes) allows."""

    def __init__(self, budget: int) -> None:
        self.budget = budget

    def spend(self, size: int) -> None:
        self.budget -= size
        if self.budget < 0:
            raise _DamagedError

    def read(self, table: bytes, at: int, limit: int) -> str:
        end = table.find(b"\0", at, min(limit, at + MAX_NAME)) if at < limit else -1
        if end < 0:
            raise _DamagedError
        self.spend(end - at)
        return table[at:end].decode("utf-8", "backslashreplace")


class _Unit:
    """One unit: a header with the names of files, and a program that makes rows."""

    def __init__(
        self, data: bytes, at: int, end: int, offset_size: int, line_str: bytes, strings: bytes, names: _Names
    ) -> None:
        self.data, self.at, self.end, self.offset_size = data, at, end, offset_size
        self.line_str, self.strings, self.names = line_str, strings, names
        self.directories: list[str] = []
        self.files: list[tuple[str, int]] = []

    def unsigned(self, size: int) -> int:
        at = self.at
        if at + size > self.end:
            raise _DamagedError
        self.at = at + size
        return int.from_bytes(self.data[at : self.at], "little")

    def uleb(self) -> int:
        value = shift = 0
        while True:
            byte = self.unsigned(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value
            if shift > 63:
                raise _DamagedError

    def sleb(self) -> int:
        start = self.at
        value = self.uleb()
        bits = 7 * (self.at - start)
        return value - (1 << bits) if value >> (bits - 1) & 1 else value

    def string(self) -> str:
        text = self.names.read(self.data, self.at, self.end)
        self.at = self.data.index(b"\0", self.at) + 1
        return text

    def read_header(self) -> None:
        self.version = self.unsigned(2)
        if not 2 <= self.version <= 5:
            raise _DamagedError
        if self.version == 5:
            address_size, segment_size = self.unsigned(1), self.unsigned(1)
            if address_size not in (4, 8) or segment_size:
                raise _DamagedError
        header_length = self.unsigned(self.offset_size)
        program = self.at + header_length
        self.min_instruction = self.unsigned(1)
        if self.version >= 4 and self.unsigned(1) != 1:
            raise _DamagedError  # several operations an instruction: no x86 code
        self.unsigned(1)
        self.line_base = (self.unsigned(1) ^ 0x80) - 0x80
        self.line_range = self.unsigned(1)
        self.opcode_base = self.unsigned(1)
        if not self.line_range or not self.opcode_base:
            raise _DamagedError
        self.operands = [self.unsigned(1) for _ in range(self.opcode_base - 1)]
        if self.version == 5:
            self.directories = [path for path, _ in self.entries()]
            self.files = self.entries()
        else:
            self.directories = [""]
            while path := self.string():
                self.directories.append(path)
            self.files = [("", 0)]
            while path := self.string():
                self.files.append((path, self.uleb()))
                self.uleb()
                self.uleb()
        if not self.at <= program <= self.end:
            raise _DamagedError
        self.at = program

    def entries(self) -> list[tuple[str, int]]:
        """Read a version 5 table of directories or files: paths, each with its directory's index."""
        formats = [(self.uleb(), self.uleb()) for _ in range(self.unsigned(1))]
        count = self.uleb()
        if count > self.end - self.at or (count and not formats):
            raise _DamagedError
        entries = []
        for _ in range(count):
            path, directory = "", 0
            for content, form in formats:
                value = self.form(form)
                if content == _LNCT_PATH and isinstance(value, str):
                    path = value
                elif content == _LNCT_DIRECTORY_INDEX and isinstance(value, int):
                    directory = value
            entries.append((path, directory))
        return entries

    def form(self, form: int) -> int | str:
        if form in _FIXED_FORMS:
            return self.unsigned(_FIXED_FORMS[form])
        if form == _FORM_UDATA:
            return self.uleb()
        if form == _FORM_STRING:
            return self.string()
        if form == _FORM_LINE_STRP:
            return self.names.read(self.line_str, self.unsigned(self.offset_size), len(self.line_str))
        if form == _FORM_STRP:
            return self.names.read(self.strings, self.unsigned(self.offset_size), len(self.strings))
        if form == _FORM_BLOCK or form in _BLOCK_FORMS:
            size = self.uleb() if form == _FORM_BLOCK else self.unsigned(_BLOCK_FORMS[form])
            return self.unsigned(size) & 0
        raise _DamagedError

    def path(self, file: int) -> str:
        """Return a file's path, relative to the directory of the compilation where the table allows that."""
        if not 0 <= file < len(self.files):
            return ""
        name, directory = self.files[file]
        base = f"{self.directories[0]}/" if self.directories and self.directories[0] else ""
        if directory and directory < len(self.directories) and not name.startswith("/"):
            name = f"{self.directories[directory]}/{name}"
        self.names.spend(len(name))
        return name.removeprefix(base).removeprefix("./")

    def run(self, ranges: list[LineRange]) -> None:
        """Run the line number program (section 6.2.5) and add its ranges."""
        paths = [self.path(index) for index in range(len(self.files))]
        address, file, line, column = 0, 1, 1, 0
        row: tuple[int, str, int, int] | None = None
        while self.at < self.end:
            opcode = self.unsigned(1)
            emit = ends = False
            if opcode >= self.opcode_base:
                advance, step = divmod(opcode - self.opcode_base, self.line_range)
                address += advance * self.min_instruction
                line += self.line_base + step
                emit = True
            elif opcode == 0:
                size = self.uleb()
                end = self.at + size
                if not size or end > self.end:
                    raise _DamagedError
                extended = self.unsigned(1)
                if extended == _LNE_SET_ADDRESS:
                    address = self.unsigned(min(8, size - 1))
                emit = ends = extended == _LNE_END_SEQUENCE
                self.at = end
            elif opcode == _LNS_COPY:
                emit = True
            elif opcode == _LNS_ADVANCE_PC:
                address += self.uleb() * self.min_instruction
            elif opcode == _LNS_ADVANCE_LINE:
                line += self.sleb()
            elif opcode == _LNS_SET_FILE:
                file = self.uleb()
            elif opcode == _LNS_SET_COLUMN:
                column = self.uleb()
            elif opcode == _LNS_CONST_ADD_PC:
                address += (255 - self.opcode_base) // self.line_range * self.min_instruction
            elif opcode == _LNS_FIXED_ADVANCE_PC:
                address += self.unsigned(2)
            else:
                for _ in range(self.operands[opcode - 1]):
                    self.uleb()
            address &= _ADDRESS_MASK
            if not emit:
                continue
            if row is not None and row[0] < address and row[1] and 0 < row[2] < MAX_LINE:
                ranges.append(LineRange(row[0], address, *row[1:]))
            row = None if ends else (address, paths[file] if file < len(paths) else "", line, column)
            if ends:
                address, file, line, column = 0, 1, 1, 0
