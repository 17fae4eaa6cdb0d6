"""Kernels without a PVH note: Multiboot 2 from boot images, and Multiboot 1, wrapped as ELF32, by QEMU's -kernel."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest

from exotool.asm import Options, assemble
from exotool.diagnostics import ToolError
from exotool.elf import write_object
from exotool.elf.constants import PF_R, PF_X
from exotool.image import Format, Module, make_image
from exotool.launch import BootOptions, boot, load_machine
from exotool.launch.qemu import PROGRAM
from exotool.layout import Layout, OutputSection, Segment
from exotool.link import link
from exotool.link.driver import run_ld
from tests.image.conftest import HERE, MIB, SUCCESS_STATUS, Qemu
from tests.launch.conftest import Recorder

KERNEL = b"""
    .section .text
    .balign 4
    .long 0x1badb002, 0, -0x1badb002    # flags 0
    .code32
    .globl _start
_start:
    cmpl $0x2badb002, %eax              # only Multiboot starts it so
    jne stop
    movl 16(%ebx), %esi                 # the command line: the kernel's name, then what was given
find:                                   # behind the first =: the nonce
    lodsb
    cmpb $0x3d, %al
    jne find
    movl $message, %edi
    movl $12, %ecx
print:
    movb (%edi), %al
    movw $0x3f8, %dx
    outb %al, %dx
    incl %edi
    decl %ecx
    jnz print
nonce:
    lodsb
    cmpb $0x20, %al
    jbe done
    outb %al, %dx
    jmp nonce
done:
    movb $10, %al
    outb %al, %dx
    movw $0x3fd, %dx
drain:
    inb %dx, %al
    testb $0x40, %al
    jz drain
    movl $0x10, %eax
    outl %eax, $0xf4
stop:
    cli
    hlt
    jmp stop
message:
    .ascii "exotool: ok "
"""

SCRIPT = """
ENTRY(_start)
SECTIONS {
    . = 0x100000;
    .text : { *(.text) }
}
"""


@pytest.mark.skipif(shutil.which(PROGRAM) is None, reason=f"needs {PROGRAM}")
@pytest.mark.parametrize("machine", ["q35", "pc"])
def test_an_elf32_wrapper_boots_by_multiboot(tmp_path: Path, machine: str) -> None:
    source = tmp_path / "kernel.s"
    (tmp_path / "kernel.o").write_bytes(write_object(assemble(KERNEL, source).object))
    (tmp_path / "kernel.ld").write_text(SCRIPT)
    run_ld(["-T", "kernel.ld", "--oformat", "elf32-i386", "-o", "kernel", "kernel.o"], tmp_path)
    kernel = tmp_path / "kernel"
    assert kernel.read_bytes()[:20] == b"\x7fELF\1\1\1" + bytes(9) + b"\2\0\3\0"
    outcome = boot(BootOptions(kernel, load_machine(machine), timeout=60.0), Recorder())
    assert outcome.kind == "success", outcome.render()


def multiboot2_kernel(*define: tuple[str, str]) -> bytes:
    layout = Layout((Segment("text", PF_R | PF_X, (OutputSection(".text", (".text",)),), MIB, MIB),))
    source = HERE / "kernels" / "multiboot2.S"
    options = Options(define=(*define, *((("ENTRY", "_start"),) if "ENTRY" not in dict(define) else ())), root=HERE)
    return link([assemble(source.read_bytes(), source, options).object], layout, "_start").data


def tags_of(information: bytes) -> list[tuple[int, bytes]]:
    """Return the tags of boot information, by section 3.6 of the specification."""
    total, reserved = struct.unpack_from("<II", information)
    assert (total, reserved) == (len(information), 0)
    at, tags = 8, []
    while at < total:
        kind, size = struct.unpack_from("<II", information, at)
        tags.append((kind, information[at + 8 : at + size]))
        at += -(-size // 8) * 8
    assert at == total
    assert tags.pop() == (0, b"")
    return tags


def check(text: str, modules: tuple[Module, ...], memory: int) -> None:
    lines = text.split()[-1 - len(modules) :]
    tags = tags_of(bytes.fromhex(lines[0]))
    assert [bytes.fromhex(line) for line in lines[1:]] == [module.data for module in modules]
    found = dict(tags)
    assert sorted(found) in ([1, 2, 3, 4, 6, 14], [1, 2, 3, 4, 6, 15])
    assert found[1] == b"a=b 'c d'\0"
    assert found[2] == b"exotool\0"
    places = [struct.unpack("<IIc", data) for kind, data in tags if kind == 3]
    assert [end - start for start, end, _ in places] == [len(module.data) for module in modules]
    assert all(start % 4096 == 0 and text == b"\0" for start, _, text in places)
    lower, upper = struct.unpack("<II", found[4])
    assert 500 < lower <= 640
    size, version = struct.unpack_from("<II", found[6])
    assert (size, version) == (24, 0)
    rows = list(struct.iter_unpack("<QQII", found[6][8:]))
    ram = [(address, length) for address, length, kind, _ in rows if kind == 1]
    assert memory - 16 * MIB < sum(length for _, length in ram) <= memory
    assert (0, lower << 10) in [(address, length >> 10 << 10) for address, length in ram]
    assert (MIB, upper << 10) in [(address, length >> 10 << 10) for address, length in ram]
    rsdp = found.get(14) or found[15]
    assert rsdp[:8] == b"RSD PTR "
    assert sum(rsdp) & 0xFF == 0


MODULES = (Module("one", b"module one"), Module("two", bytes(range(200))))


@pytest.mark.parametrize(("format_", "medium"), [("disk", "hd"), ("iso", "cd")])
def test_multiboot2(boot_image: Qemu, format_: Format, medium: str) -> None:
    done = boot_image(make_image(multiboot2_kernel(), "k", format_, "a=b 'c d'", MODULES), medium=medium)
    assert done.returncode == SUCCESS_STATUS, done.stdout
    check(done.stdout, MODULES, 128 * MIB)


@pytest.mark.slow
def test_multiboot2_by_uefi(boot_image: Qemu, uefi: list[str]) -> None:
    done = boot_image(make_image(multiboot2_kernel(), "k", "uefi", "a=b 'c d'", MODULES), *uefi)
    assert done.returncode == SUCCESS_STATUS, done.stdout
    check(done.stdout, MODULES, 128 * MIB)


def test_a_wrapped_kernel_is_taken_too(boot_image: Qemu, tmp_path: Path) -> None:
    """As ELF32, and with e_entry instead of an entry address."""
    source = HERE / "kernels" / "multiboot2.S"
    options = Options(define=(("ENTRY", "_start"),), root=HERE)
    text = source.read_bytes().replace(b".word 3, 0 ", b".word 3, 1 ").replace(b".word 3, 1", b".word 4, 1")
    (tmp_path / "kernel.o").write_bytes(write_object(assemble(text, source, options).object))
    (tmp_path / "kernel.ld").write_text(SCRIPT)
    run_ld(["-T", "kernel.ld", "--oformat", "elf32-i386", "-o", "kernel", "kernel.o"], tmp_path)
    done = boot_image(make_image((tmp_path / "kernel").read_bytes(), "k", "disk", "a=b 'c d'", MODULES))
    assert done.returncode == SUCCESS_STATUS, done.stdout
    check(done.stdout, MODULES, 128 * MIB)


@pytest.mark.parametrize(
    ("define", "message"),
    [
        (("REQUIRED", "5"), "requires a framebuffer, which the loaders do not give"),
        (("REQUIRED", "2"), "requires load addresses, which the loaders do not give"),
        (("REQUIRED", "77"), "requires what tag 77 means, which the loaders do not give"),
        (("UNFINISHED", "1"), "has no end tag, or one that is cut off"),
        (("ENTRY", "0x200000"), "starts the kernel at 0x200000, which is in no executable segment"),
    ],
)
def test_headers_that_ask_for_too_much(define: tuple[str, str], message: str) -> None:
    with pytest.raises(ToolError) as caught:
        make_image(multiboot2_kernel(define), "k", "disk")
    assert [d.code for d in caught.value.diagnostics] == ["T0306"]
    assert caught.value.diagnostics[0].message.startswith("the Multiboot 2 header of `k` at offset 0x")
    assert caught.value.diagnostics[0].message.endswith(message)


def test_boot_information_that_the_loaders_do_not_have() -> None:
    request = struct.pack("<HHIII", 1, 0, 16, 6, 3)
    kernel = multiboot2_kernel().replace(request, struct.pack("<HHIII", 1, 0, 16, 6, 17))
    with pytest.raises(ToolError, match="requires boot information of type 17, which the loaders do not give"):
        make_image(kernel, "k", "disk")
