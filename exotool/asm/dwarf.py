"""DWARF 5 line information: which source line each instruction comes from.

One compilation unit with its address ranges (.debug_info, .debug_abbrev, .debug_rnglists) and one line number
program (.debug_line), one sequence a section. An instruction out of a macro belongs to the line that invoked the
outermost macro. Names are those of messages, the compilation directory is `.`: no path of the builder is in it.
Numbers in comments are sections of the DWARF 5 standard.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Final

from exotool.asm.layout import AsmSection, Branch, Data
from exotool.asm.leb128 import sleb, uleb
from exotool.asm.source import Origin, SourceFile

_DW_TAG_COMPILE_UNIT: Final = 0x11
_DW_AT_NAME: Final = 0x03
_DW_AT_STMT_LIST: Final = 0x10
_DW_AT_LANGUAGE: Final = 0x13
_DW_AT_COMP_DIR: Final = 0x1B
_DW_AT_PRODUCER: Final = 0x25
_DW_AT_RANGES: Final = 0x55
_DW_FORM_DATA2: Final = 0x05
_DW_FORM_STRING: Final = 0x08
_DW_FORM_UDATA: Final = 0x0F
_DW_FORM_SEC_OFFSET: Final = 0x17
_DW_LANG_MIPS_ASSEMBLER: Final = 0x8001
_DW_UT_COMPILE: Final = 1
_DW_LNCT_PATH: Final = 1
_DW_LNCT_DIRECTORY_INDEX: Final = 2
_DW_LNS_ADVANCE_PC: Final = 2
_DW_LNS_ADVANCE_LINE: Final = 3
_DW_LNS_SET_FILE: Final = 4
_DW_LNE_END_SEQUENCE: Final = 1
_DW_LNE_SET_ADDRESS: Final = 2
_DW_RLE_END_OF_LIST: Final = 0
_DW_RLE_START_LENGTH: Final = 7
_LINE_BASE: Final = -5
_LINE_RANGE: Final = 14
_OPERANDS: Final = (0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1)
_OPCODE_BASE: Final = len(_OPERANDS) + 1


@dataclass(slots=True)
class DebugSection:
    """A section of debug information; `references` are (offset, width, target, addend): fields to relocate."""

    name: str
    data: bytearray = field(default_factory=bytearray)
    references: list[tuple[int, int, AsmSection | str, int]] = field(default_factory=list)

    def refer(self, width: int, target: AsmSection | str, addend: int = 0) -> None:
        """Append a field that will hold an address in another section (a debug section by its name)."""
        self.references.append((len(self.data), width, target, addend))
        self.data += bytes(width)


def _text(text: str) -> bytes:
    return text.encode(errors="replace") + b"\0"


def debug_sections(sections: list[AsmSection], source: SourceFile, address_size: int) -> list[DebugSection]:
    """Return the debug sections of a laid-out assembly, none when it has no instructions."""
    code = [(section, rows) for section in sections if (rows := _rows(section))]
    if not code:
        return []
    abbrev, info = _unit(source, address_size)
    ranges = _ranges([section for section, _ in code], address_size)
    return [info, abbrev, ranges, _Program(source, address_size).build(code)]


def _rows(section: AsmSection) -> list[tuple[int, Origin]]:
    """Return offset and line of every instruction of a section."""
    return [
        (item.offset, item.where.origin.outermost)
        for chunk in section.ordered()
        for item in chunk.items
        if item.size and (isinstance(item, Branch) or (isinstance(item, Data) and item.is_code))
    ]


def _unit(source: SourceFile, address_size: int) -> tuple[DebugSection, DebugSection]:
    """Return .debug_abbrev and .debug_info (7.5)."""
    abbrev = DebugSection(".debug_abbrev")
    abbrev.data += uleb(1) + uleb(_DW_TAG_COMPILE_UNIT) + b"\0"
    for attribute, form in (
        (_DW_AT_STMT_LIST, _DW_FORM_SEC_OFFSET),
        (_DW_AT_RANGES, _DW_FORM_SEC_OFFSET),
        (_DW_AT_NAME, _DW_FORM_STRING),
        (_DW_AT_COMP_DIR, _DW_FORM_STRING),
        (_DW_AT_PRODUCER, _DW_FORM_STRING),
        (_DW_AT_LANGUAGE, _DW_FORM_DATA2),
    ):
        abbrev.data += uleb(attribute) + uleb(form)
    abbrev.data += b"\0\0\0"

    info = DebugSection(".debug_info")
    info.data += bytes(4) + struct.pack("<HBB", 5, _DW_UT_COMPILE, address_size)
    info.refer(4, ".debug_abbrev")
    info.data += uleb(1)
    info.refer(4, ".debug_line")
    info.refer(4, ".debug_rnglists", _RANGES_HEADER.size)
    info.data += _text(source.name) + _text(".") + _text("exotool")
    info.data += struct.pack("<H", _DW_LANG_MIPS_ASSEMBLER)
    struct.pack_into("<I", info.data, 0, len(info.data) - 4)
    return abbrev, info


_RANGES_HEADER: Final = struct.Struct("<IHBBI")


def _ranges(sections: list[AsmSection], address_size: int) -> DebugSection:
    """Return .debug_rnglists (7.28) with one list: every section that has instructions."""
    out = DebugSection(".debug_rnglists", bytearray(_RANGES_HEADER.size))
    for section in sections:
        out.data.append(_DW_RLE_START_LENGTH)
        out.refer(address_size, section)
        out.data += uleb(section.size)
    out.data.append(_DW_RLE_END_OF_LIST)
    _RANGES_HEADER.pack_into(out.data, 0, len(out.data) - 4, 5, address_size, 0, 0)
    return out


class _Program:
    """Builds .debug_line (6.2)."""

    def __init__(self, source: SourceFile, address_size: int) -> None:
        self.address_size = address_size
        self.out = DebugSection(".debug_line")
        # File 0 is the primary source; readers of older versions begin at 1, so it stands there as well (6.2.4).
        self.files = {source.name: 1}

    def build(self, code: list[tuple[AsmSection, list[tuple[int, Origin]]]]) -> DebugSection:
        for _, rows in code:
            for _, origin in rows:
                self.files.setdefault(origin.file.name, len(self.files) + 1)
        out = self.out
        out.data += bytes(4) + struct.pack("<HBB", 5, self.address_size, 0)
        length_at = len(out.data)
        out.data += bytes(4)
        self.header()
        struct.pack_into("<I", out.data, length_at, len(out.data) - length_at - 4)
        for section, rows in code:
            self.sequence(section, rows)
        struct.pack_into("<I", out.data, 0, len(out.data) - 4)
        return out

    def header(self) -> None:
        data = self.out.data
        data += struct.pack("<BBBbBB", 1, 1, 1, _LINE_BASE, _LINE_RANGE, _OPCODE_BASE) + bytes(_OPERANDS)
        data += bytes([1]) + uleb(_DW_LNCT_PATH) + uleb(_DW_FORM_STRING) + uleb(1) + _text(".")
        data += bytes([2]) + uleb(_DW_LNCT_PATH) + uleb(_DW_FORM_STRING)
        data += uleb(_DW_LNCT_DIRECTORY_INDEX) + uleb(_DW_FORM_UDATA)
        names = [next(iter(self.files)), *self.files]
        data += uleb(len(names))
        for name in names:
            data += _text(name) + uleb(0)

    def sequence(self, section: AsmSection, rows: list[tuple[int, Origin]]) -> None:
        """Write the rows of one section, in the order of their addresses."""
        data = self.out.data
        address, line, file = rows[0][0], 1, 1
        data += bytes([0, 1 + self.address_size, _DW_LNE_SET_ADDRESS])
        self.out.refer(self.address_size, section, address)
        for offset, origin in rows:
            number = self.files[origin.file.name]
            if number != file:
                data += bytes([_DW_LNS_SET_FILE]) + uleb(number)
                file = number
            self.row(offset - address, origin.line - line)
            address, line = offset, origin.line
        data += bytes([_DW_LNS_ADVANCE_PC]) + uleb(section.size - address)
        data += bytes([0, 1, _DW_LNE_END_SEQUENCE])

    def row(self, advance: int, lines: int) -> None:
        """Append one row: a special opcode where it fits (6.2.5.1), else its parts."""
        data = self.out.data
        if not _LINE_BASE <= lines < _LINE_BASE + _LINE_RANGE:
            data += bytes([_DW_LNS_ADVANCE_LINE]) + sleb(lines)
            lines = 0
        special = lines - _LINE_BASE + _LINE_RANGE * advance + _OPCODE_BASE
        if special > 255:
            data += bytes([_DW_LNS_ADVANCE_PC]) + uleb(advance)
            special = lines - _LINE_BASE + _OPCODE_BASE
        data.append(special)
