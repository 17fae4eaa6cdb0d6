"""A small project that links and boots, for tests of what is around assembler and linker."""

from __future__ import annotations

from pathlib import Path

PROJECT = """\
[image.kernel]
sources = ["src/*.S"]
include = ["include"]
entry = "start"

[[image.kernel.layout.segment]]
flags = "rx"
vaddr = "1M"
sections = [{ name = ".text" }]

[[image.kernel.layout.segment]]
flags = "r"
sections = [{ name = ".note.Xen" }, { name = ".note.gnu.build-id" }, { name = ".rodata" }]

[[image.kernel.layout.segment]]
flags = "rw"
sections = [{ name = ".data" }, { name = ".bss" }]
"""

START = """\
#include "exit.h"
    .section .note.Xen, "a", @note
    .balign 4
    .long 4, 8, 18
    .asciz "Xen"
    .quad start
    .text
    .code32
    .globl start
    .type start, @function
start:
    movl $message, %esi
    movl $0x3f8, %edx
1:  lodsb
    testb %al, %al
    jz 2f
    outb %al, %dx
    jmp 1b
2:  movl $EXIT_VALUE, %eax
    outb %al, $0xf4
    hlt
    .size start, . - start
"""

MESSAGE = """\
    .section .rodata
    .globl message
    .type message, @object
message:
    .asciz "hello\\n"
    .size message, . - message
"""


def make_project(root: Path) -> Path:
    """Write the project into a folder and return it."""
    files = {
        "exotool.toml": PROJECT,
        "src/message.S": MESSAGE,
        "src/start.S": START,
        "include/exit.h": "#define EXIT_VALUE 0x11\n",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root
