"""Random scripts of the kind that kernels have: exotool and GNU ld make the same image of them, or both make none."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError

from .ldgolden import VERSION
from .ldjobs import facts, gnu_ld, gnu_version, kernel_objects, our_ld, write_objects

pytestmark = pytest.mark.skipif(gnu_version() != VERSION, reason=f"GNU ld {VERSION} is not installed")

SECTIONS = {
    ".text": ("*(.boot)", "KEEP(*(.boot))", "*(.text)", "*(.text.*)", "*(SORT(.text.*))", "*(.text .text.*)"),
    ".rodata": ("*(.rodata*)", "*(.table)", "*(orphan_ro)", "KEEP(*(SORT_NONE(.table)))", "*(.rodata.str)"),
    ".data": (
        "*(.data)",
        "*(.data.*)",
        "*(SORT_BY_ALIGNMENT(.data*))",
        "*(orphan_rw)",
        "*(EXCLUDE_FILE(*main.o) .data*)",
    ),
    ".init": ("*(.init_array*)", "*(SORT_BY_INIT_PRIORITY(.init_array.*))", "KEEP(*(.init_array))"),
    ".bss": ("*(.bss)", "*(.bss.*)", "*(.bss .bss.*)", "*(orphan_bss)", "*(COMMON)"),
}
STARTS = ("0x100000", "0x400000 + SIZEOF_HEADERS", "0x7c00", "0xffffffff80100000", "1M", "0x200123")


class Writer:
    """Writes one script, as a generator of random numbers has it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.symbols: list[str] = []
        self.done: list[str] = []

    def symbol(self) -> str:
        self.symbols.append(f"s{len(self.symbols)}")
        return self.symbols[-1]

    def expression(self, depth: int = 0) -> str:
        r = self.random
        kind = r.randrange(14 if depth < 2 else 6)
        inner = [self.expression(depth + 1) for _ in range(3)] if kind > 5 else []
        if kind == 0:
            return r.choice(("0", "1", "8", "0x10", "0x100", "4K", "037"))
        if kind == 2 and self.symbols:
            return r.choice(self.symbols)
        if kind == 3:
            return r.choice(("_start", "kmain", "table", "boot_data", "message"))
        if kind == 4 and self.done:
            return f"{r.choice(('ADDR', 'SIZEOF', 'ALIGNOF'))}({r.choice(self.done)})"
        if kind == 5:
            return f"ALIGN({r.choice((1, 4, 16, 64))})"
        if kind in (6, 7, 8):
            return f"({inner[0]} {r.choice(('+', '-', '&', '|'))} {inner[1]})"
        if kind == 9:
            return f"ABSOLUTE({inner[0]})"
        if kind == 10:
            return f"{r.choice(('MAX', 'MIN'))}({inner[0]}, {inner[1]})"
        if kind == 11:
            return f"({inner[0]} {r.choice(('<', '>', '==', '!=', '<=', '>='))} {inner[1]} ? {inner[2]} : {inner[0]})"
        if kind == 12:
            return f"DEFINED({r.choice([*self.symbols, 'kmain', 'nobody'])})"
        return "CONSTANT(MAXPAGESIZE)" if kind == 13 else "."

    def contents(self, name: str) -> str:
        r = self.random
        found: list[str] = []
        for _ in range(r.randrange(1, 5)):
            kind = r.randrange(10)
            if kind < 6 or not found:
                found.append(r.choice(SECTIONS[name]))
            elif kind == 6:
                value = self.expression()
                found.append(f"{self.symbol()} = {value};")
            elif kind == 7:
                found.append(f". = ALIGN({r.choice((2, 8, 16, 64))});")
            elif kind == 8:
                found.append(f". {r.choice(('= . +', '+='))} {r.randrange(20)};")
            else:
                found.append(f"{r.choice(('PROVIDE', 'HIDDEN'))}({self.symbol()} = .);")
        return " ".join(found)

    def script(self) -> str:
        r = self.random
        lines = ["ENTRY(_start)", "SECTIONS {", f". = {r.choice(STARTS)};"]
        for name in SECTIONS:
            if r.random() < 0.2:
                continue
            where = r.choice(("", "", "", "ALIGN(64)", "ALIGN(CONSTANT(MAXPAGESIZE))", ". + 0x10"))
            align = r.choice(("", "", "", "ALIGN(32)", "ALIGN(4K)"))
            contents = self.contents(name)
            self.done.append(name)
            fill = r.choice(("", "", "", "=0x90", "=0x90909090", "=0xdeadbeef11"))
            lines.append(f"{name} {where} : {align} {{ {contents} }} {fill}")
            if r.random() < 0.4:
                value = self.expression()
                lines.append(f"{self.symbol()} = {value};")
            if r.random() < 0.3:
                lines.append(f". = {r.choice(('ALIGN(64)', 'ALIGN(4096)', '. + 0x123'))};")
        lines += [".comment 0 : { *(.comment) }", "end = .;"] + ["/DISCARD/ : { *(.note.second) }"] * r.randrange(2)
        return "\n".join([*lines, "}"]) + "\n"


def check(seed: int) -> None:
    script = Writer(seed).script()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        objects = write_objects(folder, kernel_objects())
        (folder / "k.ld").write_text(script)
        theirs = gnu_ld(folder, "-T", "k.ld", *objects)
        try:
            image = our_ld(folder, "-T", "k.ld", "-Map", "k.map", *objects).image
        except ToolError as error:
            assert isinstance(theirs, str), f"{error}\n{script}"
            return
        assert image is not None
        assert isinstance(theirs, bytes), f"{theirs}\n{script}"
        wanted, found = facts(theirs), facts(image.data)
        for key, value in wanted.items():
            assert found[key] == value, f"{key}\n{script}"
        assert (folder / "k.map").read_text().count("\nLOAD ") == len(objects)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1 << 32))
def test_random_scripts_agree(seed: int) -> None:
    check(seed)


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(st.integers(0, 1 << 32))
def test_many_random_scripts_agree(seed: int) -> None:
    check(seed)


def test_a_branch_that_is_not_taken_asks_for_no_symbol() -> None:
    check(174272)
