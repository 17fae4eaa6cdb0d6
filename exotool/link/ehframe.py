"""`.eh_frame`: which record describes which function, and tables without the records of what is left out.

LSB Core 5.0, 10.6 "Exception Frames"; records are those of DWARF 4, 6.4.1, with relative CIE pointers.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from exotool.elf import ObjectFile
from exotool.elf.constants import SHF_ALLOC, SHT_PROGBITS, SHT_X86_64_UNWIND
from exotool.link.howto import Kind
from exotool.link.model import ADDRESS_MASK, LINKER, InputSection, OutputPlan
from exotool.link.pieces import GONE, Pieces
from exotool.link.relocations import Flags, Relocations
from exotool.link.scan import left_out
from exotool.link.symbols import UNDEFINED, Symbols

SECTION: Final = ".eh_frame"
_EXTENDED: Final = 0xFFFFFFFF
_ALIGN: Final = 4
HEADER_SECTION: Final = ".eh_frame_hdr"
_HEADER: Final = struct.Struct("<BBBBii")
_UDATA4, _SDATA4, _PCREL, _DATAREL, _OMIT = 0x03, 0x0B, 0x10, 0x30, 0xFF
_POINTERS: Final = {
    0x0: struct.Struct("<Q"),
    0x3: struct.Struct("<I"),
    0x4: struct.Struct("<Q"),
    0xB: struct.Struct("<i"),
    0xC: struct.Struct("<q"),
}


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
    for section in [section for section in symbols.sections if section.name == SECTION]:
        if is_frame_section(section) and len(section.data):
            records = _records(section.data)
            if records is not None:
                tables.append(FrameTable(section, records))
    if not tables:
        return []
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


class FrameHeader:
    """`.eh_frame_hdr`: the functions of all frames, sorted, for unwinders that search (LSB Core 5.0, 10.6.2)."""

    def __init__(self, symbols: Symbols, tables: list[FrameTable]) -> None:
        """Make the section, with room for all frames that are left."""
        records = [_records(table.section.data) or [] for table in tables]
        self.count = sum(record.is_fde for table in records for record in table)
        size = _HEADER.size + 8 * self.count
        obj = ObjectFile(LINKER)
        self.section = InputSection(obj, -1, HEADER_SECTION, SHT_PROGBITS, SHF_ALLOC, 4, size, bytes(size))
        symbols.add_section(self.section)

    def fill(self, outputs: Sequence[OutputPlan]) -> None:
        """Write the header into the output section, now that the frames have their addresses."""
        home = self.section.output
        frames = next((o for o in outputs if o.name == SECTION and o.sh_size), None)
        if home is None or frames is None:
            return
        here = self.section.address
        rows = sorted(
            (start - here, frames.sh_addr + at - here) for at, start in _functions(frames.data, frames.sh_addr)
        )
        reach = all(-1 << 31 <= value < 1 << 31 for row in rows for value in row)
        distance = frames.sh_addr - here - 4
        if len(rows) != self.count or not reach:
            # A header without a table: unwinders then walk the frames.
            data = _HEADER.pack(1, _PCREL | _SDATA4, _OMIT, _OMIT, distance, 0)
        else:
            table = b"".join(struct.pack("<ii", *row) for row in rows)
            data = _HEADER.pack(1, _PCREL | _SDATA4, _UDATA4, _DATAREL | _SDATA4, distance, len(rows)) + table
        home.data[self.section.offset : self.section.offset + len(data)] = data


def _functions(data: bytes | bytearray | memoryview, address: int) -> Iterator[tuple[int, int]]:
    """Yield the offset of each FDE and the address of its function, as far as the encoding is a known one."""
    records = _records(data) or []
    encodings = {index: _encoding(data, r) for index, r in enumerate(records) if not r.is_fde and not r.is_end}
    for record in records:
        encoding = encodings.get(record.cie, _OMIT) if record.is_fde else _OMIT
        layout = _POINTERS.get(encoding & 0x0F)
        if layout is None or encoding & 0x70 not in (0, _PCREL) or record.size < 8 + layout.size:
            continue
        place = record.start + 8
        (value,) = layout.unpack_from(data, place)
        yield record.start, (value + (address + place if encoding & _PCREL else 0)) & ADDRESS_MASK


def _encoding(data: bytes | bytearray | memoryview, record: Record) -> int:
    """Return how the FDEs of a CIE write addresses: `R` of its augmentation, plain words without one."""
    body = bytes(data[record.start + 8 : record.start + record.size])
    end = body.find(b"\0", 1)
    augmentation = body[1:end] if end > 0 else b""
    if not augmentation.startswith(b"z"):
        return 0 if not augmentation else _OMIT
    at = end + 1
    for _ in range(4):  # code and data alignment, return register, size of what follows: all LEB128
        while at < len(body) and body[at] & 0x80:
            at += 1
        at += 1
    for letter in augmentation[1:].decode("latin-1"):
        if at >= len(body):
            return _OMIT
        if letter == "R":
            return body[at]
        if letter == "P":
            at += {0: 9, 2: 3, 3: 5, 4: 9, 10: 3, 11: 5, 12: 9}.get(body[at] & 0x0F, len(body))
        elif letter == "L":
            at += 1
        elif letter not in "SB":
            return _OMIT
    return 0
