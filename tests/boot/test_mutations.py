"""The boot finds what it is there to find: each protection, taken out of the source, makes it fail.

A mutation replaces one line of `kernel_asm/`; the kernel is built anew and must not report success.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.boot.exov6 import boot_kernel, build

MUTATIONS = {
    "no check of a canonical return address": ("syscall_entry.S", "\tshrq\t$47, %rax\n\tjnz\ttrapret\n", ""),
    "no check of TF": ("syscall_entry.S", "\ttestl\t$FL_RF | FL_TF, %r11d\n\tjnz\ttrapret\n", ""),
    "no check of CS": ("syscall_entry.S", "\tcmpq\t$USER_CS, TF_CS(%rsp)\n\tjne\ttrapret\n", ""),
    "user flags reach the kernel": ("syscall.S", "movl\t$FL_USER_SETTABLE, %eax", "xorl\t%eax, %eax"),
    "AC reaches the system call": ("syscall.S", "$FL_USER_SETTABLE,", "$FL_USER_SETTABLE & ~FL_AC,"),
    "no clac in traps": ("trap.S", "\tclac\n", ""),
    "no cld in traps": ("trap.S", "\tcld\n\tCLEAR_AC\n\ttestb", "\tCLEAR_AC\n\ttestb"),
    "paranoid entry trusts CS": ("trap.S", "\tjs\t2f\n", "\tjmp\t2f\n"),
    "paranoid entry always swaps": ("trap.S", "\tjs\t2f\n", ""),
    "#DB from ring 3 stays on its IST stack": ("trap.S", "\tjnz\t4f\n", ""),
    "registers restored in a wrong order": ("trap.h", "\tpopq\t%r13\n\tpopq\t%r14\n", "\tpopq\t%r14\n\tpopq\t%r13\n"),
    "swtch restores in a wrong order": ("swtch.S", "\tpopq\t%r15\n\tpopq\t%r14\n", "\tpopq\t%r14\n\tpopq\t%r15\n"),
    "CR0.WP off": ("longmode.S", " + CR0_WP", ""),
    "text writable": ("pagetable.S", "__text_end, PTE_P |", "__text_end, PTE_P | PTE_W |"),
    "rodata writable": ("pagetable.S", "__rodata_end, PTE_P |", "__rodata_end, PTE_P | PTE_W |"),
    "data executable": (
        "pagetable.S",
        "__data_end, PTE_P | PTE_W | PTE_G | PTE_NX",
        "__data_end, PTE_P | PTE_W | PTE_G",
    ),
    "guard pages mapped": ("pagetable.S", "\tcall\tunmap_page\n", ""),
    "boot page tables kept": ("pagetable.S", "\tmovq\t%rax, %cr3\n", ""),
    "#DB without a stack of its own": ("vectors.S", "movb\t$4, idt + T_DEBUG", "movb\t$0, idt + T_DEBUG"),
    "NMI on the stack of #DF": ("vectors.S", "movb\t$2, idt + T_NMI", "movb\t$1, idt + T_NMI"),
    "#PF taken for one without error code": ("trap.h", "(v) <= 14", "(v) <= 13"),
    "invlpg does nothing": ("cpu.S", "\tinvlpg\t(%rdi)\n", ""),
    "tlb_flush does nothing": ("cpu.S", "\tmovq\t%cr3, %rax\n\tmovq\t%rax, %cr3\n", ""),
    "tlb_flush_global leaves CR4.PGE": ("cpu.S", "\tandq\t$~CR4_PGE, %rdx\n", ""),
    "tlb_flush_global leaves CR4.PGE off": (
        "cpu.S",
        "\tmovq\t%rdx, %cr4\n\tmovq\t%rax, %cr4\n",
        "\tmovq\t%rdx, %cr4\n",
    ),
    "int3 refused to ring 3": ("vectors.S", "$GATE_INTERRUPT_USER, idt + T_BRKPT", "$GATE_INTERRUPT, idt + T_BRKPT"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_missing_protection_is_found(exov6: Path, tmp_path: Path, name: str) -> None:
    file, right, wrong = MUTATIONS[name]
    folder = tmp_path / "project"
    shutil.copytree(exov6.parents[1], folder)
    source = folder / "kernel_asm" / file
    text = source.read_text()
    assert right in text
    source.write_text(text.replace(right, wrong, 1))
    outcome, lines = boot_kernel(build(folder), timeout=20.0)
    assert outcome.kind in ("tests_failed", "panic"), outcome.render()
    assert not any(line.startswith("exotool: ok") for line in lines)
