"""The other way to boot without a PVH note: an ELF64 kernel with a Multiboot 1 header, wrapped as ELF32."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exotool.asm import assemble
from exotool.elf import write_object
from exotool.launch import BootOptions, boot, load_machine
from exotool.launch.qemu import PROGRAM
from exotool.link.driver import run_ld
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
