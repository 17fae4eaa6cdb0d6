"""Kernels that exotool did not link: ELF32 with Multiboot 1, a flat Multiboot image, a Linux bzImage."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest

from exotool.diagnostics import ToolError
from exotool.expectations import Check
from exotool.launch import BootOptions, Outcome, boot, load_machine
from exotool.launch.image import check_image
from exotool.launch.qemu import PROGRAM
from tests.launch.conftest import Recorder, kernel_bytes

needs_qemu = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"needs {PROGRAM}")

EXIT = bytes.fromhex("b8 31000000 e7f4 faf4")  # movl $0x31, %eax; outl %eax, $0xf4; cli; hlt
BASE = 0x100000


def multiboot_elf32() -> bytes:
    """An ELF32 with a Multiboot 1 header, the code behind it, and one symbol."""
    header = struct.pack("<III", 0x1BADB002, 0, -0x1BADB002 & 0xFFFFFFFF)
    code = header + EXIT
    names = b"\0start\0"
    symtab = bytes(16) + struct.pack("<IIIBBH", 1, BASE + len(header), len(EXIT), 0x12, 0, 1)
    strings = b"\0.text\0.symtab\0.strtab\0"
    at = 52 + 32
    offsets = [at, at + len(code), at + len(code) + len(symtab), at + len(code) + len(symtab) + len(names)]
    sections = bytes(40)
    sections += struct.pack("<10I", 1, 1, 6, BASE, offsets[0], len(code), 0, 0, 4, 0)
    sections += struct.pack("<10I", 7, 2, 0, 0, offsets[1], len(symtab), 3, 1, 4, 16)
    sections += struct.pack("<10I", 15, 3, 0, 0, offsets[2], len(names), 0, 0, 1, 0)
    sections += struct.pack("<10I", 15, 3, 0, 0, offsets[3], len(strings), 0, 0, 1, 0)
    shoff = offsets[3] + len(strings)
    ehdr = struct.pack(
        "<16sHHIIIIIHHHHHH", b"\x7fELF\1\1\1", 2, 3, 1, BASE + len(header), 52, shoff, 0, 52, 32, 1, 40, 5, 4
    )
    phdr = struct.pack("<IIIIIIII", 1, at, BASE, BASE, len(code), len(code), 5, 4)
    return ehdr + phdr + code + symtab + names + strings + sections


def multiboot_flat() -> bytes:
    """No ELF at all: the header has the addresses."""
    flags = 0x10000
    size = 32 + len(EXIT)
    header = struct.pack("<III", 0x1BADB002, flags, -(0x1BADB002 + flags) & 0xFFFFFFFF)
    return header + struct.pack("<5I", BASE, BASE, BASE + size, BASE + size, BASE + 32) + EXIT


def bzimage() -> bytes:
    """A setup sector whose real-mode code ends the guest: Linux never gets to its protected mode."""
    image = bytearray(1024 + 512)
    image[0x1F1] = 1  # setup_sects
    image[0x1FE:0x200] = b"\x55\xaa"
    image[0x200:0x202] = b"\xeb\x6e"  # jmp 0x270
    image[0x202:0x206] = b"HdrS"
    image[0x206:0x208] = struct.pack("<H", 0x0206)
    image[0x211] = 1  # LOADED_HIGH
    image[0x270:0x276] = bytes.fromhex("b031 e6f4 faf4")  # movb $0x31, %al; outb %al, $0xf4; cli; hlt
    return bytes(image)


def run(folder: Path, data: bytes, **options: object) -> Outcome:
    kernel = folder / "kernel"
    kernel.write_bytes(data)
    options.setdefault("check", Check(exit=0x31))
    return boot(BootOptions(kernel, load_machine("pc"), timeout=60.0, **options), Recorder())  # type: ignore[arg-type]


@needs_qemu
@pytest.mark.parametrize("make", [multiboot_elf32, multiboot_flat, bzimage])
def test_it_boots(tmp_path: Path, make: object) -> None:
    assert callable(make)
    outcome = run(tmp_path, make())
    assert outcome.kind == "success", outcome.render()


@needs_qemu
def test_names_from_an_elf32(tmp_path: Path) -> None:
    outcome = run(tmp_path, multiboot_elf32().replace(b"\xe7\xf4", b"\x90\x90"))
    assert outcome.kind == "hang"
    assert outcome.spots[0].where == "start+0x9"
    assert outcome.instructions[-1].endswith("start+0x8  hlt")


@needs_qemu
def test_names_from_another_file(tmp_path: Path) -> None:
    vmlinux = tmp_path / "vmlinux"
    vmlinux.write_bytes(kernel_bytes("halt"))
    outcome = run(tmp_path, kernel_bytes("halt"), symbols=vmlinux)
    assert outcome.spots[0].where.startswith("main+0x2 (")
    vmlinux.write_bytes(b"text")
    with pytest.raises(ToolError, match="not an ELF kernel image"):
        run(tmp_path, kernel_bytes("halt"), symbols=vmlinux)


def test_protocols() -> None:
    protocols = [check_image(make(), "k", 16 << 20).protocol for make in (multiboot_elf32, multiboot_flat, bzimage)]
    assert protocols == ["multiboot", "multiboot", "linux"]
