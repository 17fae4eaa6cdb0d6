"""The layout for `exotool link a.o b.o -o k.elf`, where no project describes one."""

from __future__ import annotations

from typing import Final

from exotool.elf.constants import PF_R, PF_W, PF_X
from exotool.layout import Layout, OutputSection, Segment

LOAD_ADDRESS: Final = 0x100000
"""1 MiB: the first memory that every PC boot protocol leaves to the kernel."""


def default_layout() -> Layout:
    """Return a layout for a kernel that runs where it is loaded, from 1 MiB up.

    `.eh_frame` is kept, with the read-only data: debuggers unwind optimised code with it, and Rust kernels panic
    through it. The compiler's property note is dropped: it speaks to a user-space loader, and its alignment of 8
    would keep QEMU from reading a note that stands in one PT_NOTE with it. Sections of other names are put with those
    of their kind, and reported: there is no layout that the user could have written them into.
    """
    headers = (OutputSection(".multiboot", (".multiboot*",)), OutputSection(".note", (".note", ".note.*"), align=4))
    text = OutputSection(".text", (".text.boot", ".text.boot.*", ".init", ".text", ".text.*", ".fini"))
    rodata = (
        OutputSection(".rodata", (".rodata", ".rodata.*", ".data.rel.ro", ".data.rel.ro.*", ".got", ".got.*")),
        OutputSection(".eh_frame", (".eh_frame", ".eh_frame_hdr", ".gcc_except_table", ".gcc_except_table.*")),
        OutputSection(
            ".init_array", (".init_array.*", ".init_array"), "__init_array_start", "__init_array_end", align=8
        ),
        OutputSection(
            ".fini_array", (".fini_array.*", ".fini_array"), "__fini_array_start", "__fini_array_end", align=8
        ),
    )
    tdata = OutputSection(".tdata", (".tdata", ".tdata.*"))
    tbss = OutputSection(".tbss", (".tbss", ".tbss.*", ".tcommon"))
    data = OutputSection(".data", (".data", ".data.*"))
    bss = OutputSection(".bss", (".bss", ".bss.*", "COMMON"), "__bss_start", "__bss_end")
    return Layout(
        (
            Segment("headers", PF_R, headers, vaddr=LOAD_ADDRESS, paddr=LOAD_ADDRESS),
            Segment("text", PF_R | PF_X, (text,)),
            Segment("rodata", PF_R, rodata),
            Segment("data", PF_R | PF_W, (tdata, tbss, data)),
            Segment("bss", PF_R | PF_W, (bss,), end="_end"),
        ),
        discard=(".note.gnu.property", ".note.GNU-stack"),
        orphans="warn",
    )
