"""Reading objects: what is in them, and what is said of bytes that are none."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.elf import ObjectFile, Relocation, Section, Symbol, compression, read_object, write_object
from exotool.elf.constants import (
    ELFCOMPRESS_ZSTD,
    SHF_ALLOC,
    SHF_COMPRESSED,
    SHF_EXECINSTR,
    SHN_ABS,
    SHT_NOBITS,
    SHT_PROGBITS,
    STB_GLOBAL,
    STB_LOCAL,
    STT_SECTION,
    X86Reloc,
)


def sample() -> ObjectFile:
    obj = ObjectFile("a.o")
    text = Section(".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, b"\xe8" + bytes(4) + b"\xc3")
    text.relocations.append(Relocation(1, X86Reloc.R_X86_64_PLT32, 4, -4))
    obj.sections += [text, Section(".bss", SHT_NOBITS, 3, 8, b"", 32)]
    obj.symbols += [
        Symbol("", 0, 0, STB_LOCAL, STT_SECTION, 0, 1),
        Symbol("five", 5, 0, STB_LOCAL, 0, 0, SHN_ABS),
        Symbol("f", 0, 6, STB_GLOBAL, 2, 2, 1),
        Symbol("other", 0, 0, STB_GLOBAL),
    ]
    return obj


SAMPLE = write_object(sample())


def fault(data: bytes) -> str:
    with pytest.raises(ToolError) as caught:
        read_object(data, "a.o")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.place is not None and diagnostic.place.path == "a.o"
    return f"{diagnostic.code}: {diagnostic.message}"


def test_what_was_written_is_read() -> None:
    obj = read_object(SAMPLE, "a.o")
    text = obj.sections[1]
    assert (text.name, text.sh_flags, text.sh_addralign, bytes(text.data)) == (".text", 6, 16, b"\xe8\0\0\0\0\xc3")
    assert (obj.sections[2].is_nobits, obj.sections[2].sh_size, len(obj.sections[2].data)) == (True, 32, 0)
    (r,) = text.relocations
    assert (r.r_offset, r.r_type, obj.symbols[r.symbol].name, r.r_addend) == (1, 4, "other", -4)
    assert obj.symbols[1].name == ".text"
    assert (obj.symbols[2].section, obj.symbols[2].st_value) == (SHN_ABS, 5)
    assert (obj.symbols[3].visibility, obj.symbols[3].st_size) == (2, 6)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "O0101: `a.o` is empty, not an ELF object"),
        (b"hello", "O0101: `a.o` is not an ELF object"),
        (b"!<arch>\nfoo", "O0101: `a.o` is an archive of objects"),
        (b"MZ\x90", "O0101: `a.o` is a DOS or PE file"),
        (b"BC\xc0\xde1234", "O0101: `a.o` is LLVM bitcode"),
        (b"#!/bin/sh", "O0101: `a.o` is a script"),
        (b"\x7fELF\x02\x01\x01", "O0103: `a.o` is damaged: it ends inside the ELF header"),
        (SAMPLE[:60], "O0103: `a.o` is damaged: it ends inside the ELF header"),
        (SAMPLE[:-1], "O0103: `a.o` is damaged: the section headers lie behind its end"),
    ],
)
def test_what_is_no_object(data: bytes, message: str) -> None:
    assert fault(data) == message


@pytest.mark.parametrize(
    ("offset", "value", "message"),
    [
        (4, b"\x01", "O0102: `a.o` is ELF32 (x32), not ELF64"),
        (5, b"\x02", "O0102: `a.o` is not little-endian, as x86 objects are"),
        (16, b"\x02\0", "O0102: `a.o` is an ELF executable, not a relocatable object"),
        (16, b"\x03\0", "O0102: `a.o` is an ELF shared object, not a relocatable object"),
        (18, b"\x03\0", "O0102: `a.o` is for i386, but not ELF32"),
        (18, b"\xb7\0", "O0102: `a.o` is for AArch64, not for x86_64 or i386"),
        (18, b"\x99\x99", "O0102: `a.o` is for machine 39321, not for x86_64 or i386"),
        (20, b"\x02", "O0103: `a.o` is damaged: ELF version 2"),
        (40, bytes(8), "O0103: `a.o` is damaged: it has no sections"),
        (58, b"\x20\0", "O0103: `a.o` is damaged: section headers are 32 bytes, not 64"),
        (62, b"\x01\0", "O0103: `a.o` is damaged: the table of section names is missing"),
    ],
)
def test_header_field(offset: int, value: bytes, message: str) -> None:
    assert fault(SAMPLE[:offset] + value + SAMPLE[offset + len(value) :]) == message


def compressed(payload: bytes, *, kind: int = 1, size: int | None = None, flags: int = SHF_COMPRESSED) -> bytes:
    obj = sample()
    header = struct.pack("<IIQQ", kind, 0, len(payload) if size is None else size, 1)
    obj.sections.append(Section(".debug_x", SHT_PROGBITS, flags, 8, header + zlib.compress(payload)))
    return write_object(obj)


def test_compressed_section_is_expanded() -> None:
    section = read_object(compressed(b"debug" * 1000), "a.o").sections[3]
    assert (bytes(section.data), section.sh_size, section.sh_addralign) == (b"debug" * 1000, 5000, 1)
    assert not section.sh_flags & SHF_COMPRESSED


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (compressed(b"x", kind=7), "O0102: compressed section `.debug_x` of `a.o` is compressed in an unknown way (7)"),
        (
            compressed(b"xyz", size=2),
            "O0103: `a.o` is damaged: compressed section `.debug_x` does not expand to 2 bytes",
        ),
        (
            compressed(b"xyz", size=4),
            "O0103: `a.o` is damaged: compressed section `.debug_x` does not expand to 4 bytes",
        ),
        (
            compressed(b"x", size=1 << 60),
            "O0103: `a.o` is damaged: compressed section `.debug_x` expands without measure",
        ),
        (
            compressed(b"x", flags=SHF_COMPRESSED | 2),
            "O0103: `a.o` is damaged: compressed section `.debug_x` is malformed",
        ),
    ],
)
def test_damaged_compression(data: bytes, message: str) -> None:
    assert fault(data) == message


RAW_FRAME = bytes.fromhex("28b52ffd 20 05 290000") + b"debug"
"""Zstandard (RFC 8878): one frame, of 5 bytes, with one block that is not compressed."""


def with_frame(frame: bytes, size: int = 5) -> bytes:
    obj = sample()
    header = struct.pack("<IIQQ", ELFCOMPRESS_ZSTD, 0, size, 1)
    obj.sections.append(Section(".debug_x", SHT_PROGBITS, SHF_COMPRESSED, 8, header + frame))
    return write_object(obj)


@pytest.mark.skipif(compression.zstandard() is None, reason="neither Python 3.14 nor the package zstandard is here")
def test_zstandard() -> None:
    assert bytes(read_object(with_frame(RAW_FRAME), "a.o").sections[3].data) == b"debug"
    damaged = "O0103: `a.o` is damaged: compressed section `.debug_x` does not expand to {} bytes"
    for frame, size in ((RAW_FRAME, 4), (RAW_FRAME, 6), (RAW_FRAME[:-1], 5), (b"no frame", 5), (b"", 5)):
        assert fault(with_frame(frame, size)) == damaged.format(size)


def test_without_zstandard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "zstandard", lambda: None)
    with pytest.raises(ToolError) as caught:
        read_object(with_frame(RAW_FRAME), "a.o")
    found = caught.value.diagnostics[0]
    assert found.message == "compressed section `.debug_x` of `a.o` is compressed with Zstandard"
    assert "pip install zstandard" in found.help[0]


def test_relocations_of_a_compressed_section_count_in_what_it_expands_to() -> None:
    obj = sample()
    header = struct.pack("<IIQQ", 1, 0, 4000, 1)
    section = Section(".debug_x", SHT_PROGBITS, SHF_COMPRESSED, 8, header + zlib.compress(bytes(4000)))
    section.relocations.append(Relocation(3992, X86Reloc.R_X86_64_64, 1, 0))
    obj.sections.append(section)
    assert read_object(write_object(obj), "a.o").sections[3].relocations[0].r_offset == 3992


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_mutated_objects_end_in_an_object_or_an_error(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SAMPLE)
    for at, value in changes:
        data[at] = value
    read_or_refuse(bytes(data))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes(tail: bytes) -> None:
    read_or_refuse(tail)
    read_or_refuse(SAMPLE[:64] + tail)


@settings(deadline=None)
@given(st.integers(0, len(SAMPLE)))
def test_truncated_objects(size: int) -> None:
    read_or_refuse(SAMPLE[:size])


def read_or_refuse(data: bytes) -> None:
    try:
        read_object(data, "a.o")
    except ToolError as error:
        assert error.diagnostics[0].code in ("O0101", "O0102", "O0103")


def test_names_that_overlap_without_measure_are_refused() -> None:
    obj = ObjectFile("a.o")
    obj.symbols += [Symbol("x" * 50_000, 0, 0, STB_GLOBAL, 0, 0, SHN_ABS)]
    obj.symbols += [Symbol("y", 0, 0, STB_GLOBAL, 0, 0, SHN_ABS) for _ in range(3000)]
    data = bytearray(write_object(obj))
    shoff = struct.unpack_from("<Q", data, 40)[0]
    symtab = struct.unpack_from("<Q", data, shoff + 64 + 24)[0]
    for index in range(2, 3002):
        struct.pack_into("<I", data, symtab + 24 * index, 1)
    assert fault(bytes(data)) == "O0103: `a.o` is damaged: its names overlap without measure"


def test_path_in_errors_is_the_one_given() -> None:
    with pytest.raises(ToolError, match=r"`some/where\.o` is not an ELF object"):
        read_object(b"no", "some/where.o")
