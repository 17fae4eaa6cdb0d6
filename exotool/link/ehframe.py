"""`.eh_frame`: which record describes which function, and tables without the records of what is left out.

LSB Core 5.0, 10.6 "Exception Frames"; records are those of DWARF 4, 6.4.1, with relative CIE pointers.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from exotool.elf.constants import SHT_PROGBITS, SHT_X86_64_UNWIND
from exotool.link.howto import Kind
from exotool.link.model import InputSection
from exotool.link.pieces import GONE, Pieces
from exotool.link.relocations import Flags, Relocations
from exotool.link.resolve import UNDEFINED, Symbols
from exotool.link.scan import left_out

SECTION: Final = ".eh_frame"
_EXTENDED: Final = 0xFFFFFFFF
_ALIGN: Final = 4


@dataclass(slots=True)
class Record:
    """One CIE or FDE, or the zero that ends a table; `cie` is the index of an FDE's CIE, -1 for others."""

    start: int
    size: int
    cie: int = -1
    is_end: bool = False
    rows: list[int] = field(default_factory=list)
    """The relocations in the record; the first of an FDE is the function's address."""

    @property
    def is_fde(self) -> bool:
        """Tell whether the record describes a function."""
        return self.cie >= 0


@dataclass(slots=True)
class FrameTable:
    """One input section of frames, taken apart."""

    section: InputSection
    records: list[Record]


def is_frame_section(section: InputSection) -> bool:
    """Tell whether a section is a table of frames."""
    return section.name == SECTION and section.sh_type in (SHT_PROGBITS, SHT_X86_64_UNWIND)


def read_frames(symbols: Symbols, relocations: Relocations) -> list[FrameTable]:
    """Return the tables of frames that can be taken apart; a malformed one stays as it is."""
    tables = []
    for section in symbols.sections:
        if is_frame_section(section) and len(section.data):
            records = _records(section.data)
            if records is not None:
                tables.append(FrameTable(section, records))
    numbers = np.array([table.section.number for table in tables], np.int64)
    rows = np.flatnonzero(np.isin(relocations.section, numbers) & (relocations.kind != Kind.NONE))
    order = rows[np.lexsort((relocations.offset[rows], relocations.section[rows]))]
    of_section = {table.section.number: table.records for table in tables}
    for row, number, offset in zip(
        order.tolist(), relocations.section[order].tolist(), relocations.offset[order].tolist(), strict=True
    ):
        records = of_section[number]
        records[bisect_right(records, offset, key=lambda record: record.start) - 1].rows.append(row)
    return tables


def _records(data: bytes | bytearray | memoryview) -> list[Record] | None:
    """Return the records of a table, or None where it is malformed."""
    records: list[Record] = []
    cies: dict[int, int] = {}
    at, end = 0, len(data)
    while at < end:
        if at + 4 > end:
            return None
        (length,) = struct.unpack_from("<I", data, at)
        if not length:
            records.append(Record(at, 4, is_end=True))
            at += 4
            continue
        if length == _EXTENDED or length < 4 or at + 4 + length > end:
            return None
        (pointer,) = struct.unpack_from("<I", data, at + 4)
        record = Record(at, 4 + length)
        if pointer:
            cie = cies.get(at + 4 - pointer)
            if cie is None:
                return None
            record.cie = cie
        else:
            cies[at] = len(records)
        records.append(record)
        at += 4 + length
    return records


def drop_frames(tables: list[FrameTable], symbols: Symbols, relocations: Relocations) -> None:
    """Take the records of what is left out, and zeros that would end the table too early, out of the sections."""
    for table in tables[1:]:
        # Zeros that only align the next table would end the one before.
        table.section.sh_addralign = min(table.section.sh_addralign, _ALIGN)
    gone = left_out(symbols)
    made: list[tuple[int, int, int]] = []
    for table in tables:
        is_last = table is tables[-1]
        kept = [_is_kept(record, relocations, gone) and (is_last or not record.is_end) for record in table.records]
        used = {record.cie for record, keep in zip(table.records, kept, strict=True) if keep}
        had = {record.cie for record in table.records}
        for index, record in enumerate(table.records):
            if not record.is_fde and not record.is_end and index in had and index not in used:
                kept[index] = False
        if not all(kept):
            made += _rebuild(table, kept)
    if made:
        section, start, offset = (np.array(column, np.int64) for column in zip(*made, strict=True))
        Pieces(section, start, section, offset).apply(symbols, relocations)


def _is_kept(record: Record, relocations: Relocations, gone: Flags) -> bool:
    if not record.is_fde or not record.rows:
        return True
    entity = int(relocations.entity[record.rows[0]])
    return entity == UNDEFINED or not gone[entity]


def _rebuild(table: FrameTable, kept: list[bool]) -> list[tuple[int, int, int]]:
    """Give the section its kept records only, with the distances to their CIEs; return the pieces."""
    data, old = bytearray(), table.section.data
    places: dict[int, int] = {}
    pieces = []
    for index, (record, keep) in enumerate(zip(table.records, kept, strict=True)):
        at = len(data) if keep else GONE
        pieces.append((table.section.number, record.start, at))
        if not keep:
            continue
        places[index] = at
        data += old[record.start : record.start + record.size]
        if record.is_fde:
            struct.pack_into("<I", data, at + 4, at + 4 - places[record.cie])
    table.section.data, table.section.size = bytes(data), len(data)
    return pieces
