"""The i386 form of swtch, executed: a 32-bit kernel of its own around the source that both architectures share."""

from __future__ import annotations

from pathlib import Path

import pytest

from exotool.asm import Options, assemble
from exotool.elf.constants import PF_R, PF_W, PF_X
from exotool.layout import Layout, OutputSection, Segment
from exotool.link import link
from tests.boot.exov6 import KERNEL_ASM, boot_kernel

SOURCE = Path(__file__).with_name("swtch_i386.S")

LAYOUT = Layout(
    (
        Segment("text", PF_R | PF_X, (OutputSection(".text", (".text",)),), 0x100000, 0x100000),
        Segment("rodata", PF_R, (OutputSection(".rodata", (".rodata",)), OutputSection(".note.Xen", (".note.Xen",)))),
        Segment("data", PF_R | PF_W, (OutputSection(".data", (".data",)),)),
        Segment("bss", PF_R | PF_W, (OutputSection(".bss", (".bss",)),)),
    )
)


def build(output: Path, *include: Path) -> Path:
    options = Options(include=(*include, KERNEL_ASM), define=(("__i386__", "1"),), root=SOURCE.parent)
    assembly = assemble(SOURCE.read_bytes(), SOURCE, options)
    output.write_bytes(link([assembly.object], LAYOUT, "start").data)
    return output


@pytest.mark.parametrize("machine", ["q35", "microvm"])
def test_round_trips(tmp_path: Path, machine: str) -> None:
    outcome, lines = boot_kernel(build(tmp_path / "kernel.elf"), machine, nonce="386")
    assert outcome.kind == "success", outcome.render()
    assert lines == ["exotool: ok 386"]


@pytest.mark.parametrize(("first", "second"), [("edi", "esi"), ("esi", "ebx"), ("ebx", "ebp")])
def test_a_wrong_order_is_found(tmp_path: Path, first: str, second: str) -> None:
    """Two registers restored in each other's place."""
    source = (KERNEL_ASM / "swtch.S").read_text()
    right, wrong = f"\tpopl\t%{first}\n\tpopl\t%{second}\n", f"\tpopl\t%{second}\n\tpopl\t%{first}\n"
    assert right in source
    (tmp_path / "swtch.S").write_text(source.replace(right, wrong))
    outcome, lines = boot_kernel(build(tmp_path / "kernel.elf", tmp_path))
    assert outcome.kind == "tests_failed", outcome.render()
    assert lines == []
