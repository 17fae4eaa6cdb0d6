"""Images that QEMU would answer with silence, and one that it takes."""

from __future__ import annotations

import shutil
import struct
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.launch import BootOptions, boot, load_machine
from exotool.launch.image import check_image, multiboot_flags, pvh_entry
from exotool.launch.qemu import PROGRAM
from tests.launch.conftest import Recorder

MEMORY = 128 << 20
NOTE = struct.pack("<III4sQ", 4, 8, 18, b"Xen\0", 0x100000)
CODE = 0x1000


@dataclass(frozen=True)
class Segment:
    p_type: int = 1
    p_flags: int = 5
    p_offset: int = CODE
    p_vaddr: int = 0xFFFFFFFF80100000
    p_paddr: int = 0x100000
    p_filesz: int = 0x100
    p_memsz: int = 0x100
    p_align: int = 0x1000


LOAD = Segment()
PT_NOTE = Segment(4, 4, 0x800, 0, 0, len(NOTE), len(NOTE), 4)


def image(
    *segments: Segment, e_type: int = 2, e_machine: int = 62, ei_class: int = 2, note: bytes = NOTE, head: bytes = b""
) -> bytes:
    ident = bytes([0x7F, *b"ELF", ei_class, 1, 1]).ljust(16, b"\0")
    data = struct.pack("<16sHHIQQQIHHHHHH", ident, e_type, e_machine, 1, 0, 64, 0, 0, 64, 56, len(segments), 0, 0, 0)
    for s in segments:
        data += struct.pack(
            "<IIQQQQQQ", s.p_type, s.p_flags, s.p_offset, s.p_vaddr, s.p_paddr, s.p_filesz, s.p_memsz, s.p_align
        )
    return ((data + head).ljust(0x800, b"\0") + note).ljust(CODE, b"\0") + bytes(0x200)


GOOD = image(LOAD, PT_NOTE)
MULTIBOOT = struct.pack("<III", 0x1BADB002, 3, -(0x1BADB002 + 3) & 0xFFFFFFFF)
KLUDGE = struct.pack("<III", 0x1BADB002, 0x10003, -(0x1BADB002 + 0x10003) & 0xFFFFFFFF)


def test_good_image() -> None:
    assert check_image(GOOD, "k", MEMORY).protocol == "pvh"
    assert [s.p_paddr for s in check_image(GOOD, "k", MEMORY).segments] == [0x100000]


EXIT_42 = bytes.fromhex("b82a000000 e7f4 f4")  # mov $42, %eax; out %eax, $0xf4; hlt


def image32(head: bytes, note: bytes = b"") -> bytes:
    """Return an ELF32 image with `EXIT_42` at 0x100000."""
    ident = bytes([0x7F, *b"ELF", 1, 1, 1]).ljust(16, b"\0")
    data = struct.pack("<16sHHIIIIIHHHHHH", ident, 2, 3, 1, 0x100000, 52, 0, 0, 52, 32, 2, 0, 0, 0)
    data += struct.pack("<IIIIIIII", 1, CODE, 0x100000, 0x100000, len(EXIT_42), len(EXIT_42), 5, 4096)
    data += struct.pack("<IIIIIIII", 4, 0x800, 0, 0, len(note), len(note), 4, 4)
    return ((data + head).ljust(0x800, b"\0") + note).ljust(CODE, b"\0") + EXIT_42


def flat_multiboot() -> bytes:
    """Return an ELF64 image whose Multiboot header says where the file goes, so that its ELF class does not matter."""
    data = image(LOAD)[: 64 + 56]
    header_at, base = len(data), 0x100000
    addresses = struct.pack("<IIIII", base + header_at, base, base + 0x200, base + 0x200, base + 0x100)
    return (data + KLUDGE + addresses).ljust(0x100, b"\0") + EXIT_42.ljust(CODE, b"\0")


@pytest.mark.parametrize(
    ("data", "protocol"),
    [
        (image(replace(LOAD, p_flags=7), PT_NOTE)[:CODE] + EXIT_42.ljust(0x200, b"\0"), "pvh"),
        (image32(b"", NOTE[:16] + struct.pack("<Q", 0x100000)), "pvh"),
        (image32(MULTIBOOT), "multiboot"),
        (flat_multiboot(), "multiboot"),
    ],
    ids=["ELF64 PVH", "ELF32 PVH", "ELF32 Multiboot", "flat Multiboot"],
)
def test_what_is_taken_boots(data: bytes, protocol: str, tmp_path: Path) -> None:
    assert check_image(data, "k", MEMORY).protocol == protocol
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    (tmp_path / "k").write_bytes(data)
    assert boot(BootOptions(tmp_path / "k", load_machine("q35")), Recorder()).exit_value == 42


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (b"", "R0101", "`k` is empty, not an ELF kernel image"),
        (b"hello", "R0101", "`k` is not an ELF kernel image"),
        (b"MZ" + bytes(64), "R0101", "`k` is a DOS, PE or EFI file, not an ELF kernel image"),
        (b"\x7fELF", "R0103", "`k` is damaged: it ends inside the ELF header"),
        (GOOD[:60], "R0103", "`k` is damaged: it ends inside the ELF header"),
        (GOOD[:100], "R0103", "`k` is damaged: the program headers lie behind its end"),
        (GOOD[:0x1010], "R0103", "`k` is damaged: segment 0 lies behind its end; the file is cut off"),
        (
            image(LOAD, PT_NOTE, e_machine=183),
            "R0102",
            "`k` is ELF64 for AArch64, not ELF64 for x86_64 or ELF32 for i386",
        ),
        (image(LOAD, PT_NOTE, ei_class=1), "R0102", "`k` is ELF32 for x86_64, not ELF64 for x86_64 or ELF32 for i386"),
        (image(LOAD, PT_NOTE, e_type=1), "R0102", "`k` is an ELF relocatable, not an executable"),
        (
            image(LOAD, PT_NOTE, Segment(p_type=3)),
            "R0102",
            "`k` is a program for an operating system (it asks for a dynamic linker)",
        ),
        (image(PT_NOTE), "R0103", "`k` has nothing to load (no PT_LOAD segment)"),
        (image(LOAD, note=bytes(32)), "R0104", "`k` has no PVH note, without which QEMU cannot boot an ELF kernel"),
        (image(LOAD), "R0105", "`k` has a PVH note, but no PT_NOTE segment covers it, so that QEMU does not find it"),
        (
            image(LOAD, replace(PT_NOTE, p_align=8)),
            "R0105",
            "the PVH note stands in a PT_NOTE segment with p_align 8, where QEMU misses it",
        ),
        (
            image(LOAD, replace(PT_NOTE, p_align=0)),
            "R0105",
            "the PT_NOTE segment at 0x0 has p_align 0, on which QEMU crashes (SIGFPE)",
        ),
        (
            image(replace(LOAD, p_paddr=0x200000), PT_NOTE),
            "R0106",
            "the PVH note's entry point 0x100000 is in no executable segment",
        ),
        (
            image(replace(LOAD, p_memsz=0x80), PT_NOTE),
            "R0107",
            "the segment at 0xffffffff80100000 (physical 0x100000..0x100080) takes 0x80 bytes in memory, less than its "
            "0x100 bytes in the file",
        ),
        (
            image(replace(LOAD, p_memsz=200 << 20), PT_NOTE),
            "R0108",
            "the segment at 0xffffffff80100000 (physical 0x100000..0xc900000) does not fit into 128 MiB of RAM",
        ),
        (
            image(replace(LOAD, p_paddr=0xA0000), PT_NOTE),
            "R0109",
            "the segment at 0xffffffff80100000 (physical 0xa0000..0xa0100) lies below 1 MiB, where the firmware "
            "overwrites it",
        ),
        (
            image(LOAD, replace(LOAD, p_vaddr=0x5000, p_paddr=0x1000FF), PT_NOTE),
            "R0110",
            "the segments at 0xffffffff80100000 and 0x5000 overlap in physical memory",
        ),
        (
            image(LOAD, PT_NOTE, head=MULTIBOOT),
            "R0111",
            "`k` is ELF64 and has a Multiboot 1 header, which QEMU refuses",
        ),
    ],
)
def test_bad_images(data: bytes, code: str, message: str) -> None:
    with pytest.raises(ToolError) as caught:
        check_image(data, "k", MEMORY)
    assert (caught.value.diagnostics[0].code, caught.value.diagnostics[0].message) == (code, message)
    assert caught.value.exit_code == 1


def test_all_errors_come_at_once() -> None:
    data = image(replace(LOAD, p_paddr=0x1000), replace(LOAD, p_paddr=1 << 40), note=bytes(32))
    with pytest.raises(ToolError) as caught:
        check_image(data, "k", MEMORY)
    assert [d.code for d in caught.value.diagnostics] == ["R0109", "R0108", "R0104"]


def test_more_memory_is_proposed() -> None:
    with pytest.raises(ToolError) as caught:
        check_image(image(replace(LOAD, p_memsz=200 << 20), PT_NOTE), "k", MEMORY)
    assert caught.value.diagnostics[0].help == ("give the machine more memory: `--memory 202M`",)
    check_image(image(replace(LOAD, p_memsz=200 << 20), PT_NOTE), "k", 202 << 20)


@given(st.binary(max_size=256), st.integers(0, len(GOOD)), st.booleans())
def test_any_bytes_end_in_an_image_or_an_error(noise: bytes, at: int, cut: bool) -> None:
    data = GOOD[:at] + noise + (b"" if cut else GOOD[at + len(noise) :])
    try:
        check_image(data, "k", MEMORY)
    except ToolError as error:
        assert error.diagnostics


@given(st.binary(max_size=128))
def test_notes_of_any_bytes(data: bytes) -> None:
    entry = pvh_entry(data)
    assert entry is None or 0 <= entry < 1 << 64
    multiboot_flags(data)


def test_the_note_behind_others_is_found() -> None:
    other = struct.pack("<III4s4s", 4, 4, 1, b"GNU\0", b"abcd")
    assert pvh_entry(other + NOTE) == 0x100000
    assert pvh_entry(other) is None
