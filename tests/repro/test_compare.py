"""Where two images differ is said by section and symbol."""

from __future__ import annotations

import io
import struct

from elftools.elf.elffile import ELFFile

from exotool.elf import ObjectFile, Section, Symbol, write_object
from exotool.elf.constants import SHF_ALLOC, SHF_WRITE, STB_GLOBAL, STT_OBJECT
from exotool.repro.compare import MAX_DETAILS, describe_difference


def image(data: bytes, extra: str = ".extra", address: int = 0x1000) -> bytes:
    """Return an ELF file whose .data has an address, as in a linked image, and a symbol `table` of 8 bytes at 4."""
    obj = ObjectFile("a.o")
    obj.sections.append(Section(".data", sh_flags=SHF_ALLOC | SHF_WRITE, data=data))
    obj.sections.append(Section(extra, data=b"same"))
    obj.symbols.append(Symbol("table", address + 4, 8, STB_GLOBAL, STT_OBJECT, section=1))
    raw = bytearray(write_object(obj))
    offset = ELFFile(io.BytesIO(raw))["e_shoff"] + 64 + 16
    raw[offset : offset + 8] = struct.pack("<Q", address)
    return bytes(raw)


def test_equal_images_have_no_differences() -> None:
    assert describe_difference(image(b"0123456789ab"), image(b"0123456789ab")) == []


def test_a_difference_in_a_symbol_names_it() -> None:
    assert describe_difference(image(b"0123456789ab"), image(b"012345X78Yab")) == [
        "section .data differs in 2 bytes, first at 0x1006 (table+0x2)"
    ]


def test_sections_that_moved_grew_or_are_missing_are_named() -> None:
    details = describe_difference(image(b"0123"), image(b"012345", ".other", 0x2000))
    assert details[:2] == ["section .extra is only in one of them", "section .other is only in one of them"]
    assert "section .data is at 0x1000 and at 0x2000" in details
    assert "section .data has 4 and 6 bytes" in describe_difference(image(b"0123"), image(b"012345"))


def test_other_files_are_compared_by_byte() -> None:
    assert describe_difference(b"a\nb\nc", b"a\nb\nd") == [
        "first different byte at offset 0x4 (line 3 of a text), lengths 5 and 5"
    ]
    damaged = image(b"0123")[:80]
    assert describe_difference(damaged, damaged + b"x") == [
        "first different byte at offset 0x50 (line 1 of a text), lengths 80 and 81"
    ]


def test_many_differences_are_cut() -> None:
    def many(byte: bytes) -> bytes:
        obj = ObjectFile("a.o")
        obj.sections += [Section(f".s{n}", data=byte) for n in range(MAX_DETAILS + 5)]
        return write_object(obj)

    details = describe_difference(many(b"a"), many(b"b"))
    assert len(details) == MAX_DETAILS + 1
    assert details[-1] == "5 more differences"
