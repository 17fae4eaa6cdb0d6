"""Random link jobs with COMDAT groups, equal strings, weak names and sections that nobody needs: exotool and GNU ld
keep the same sections, and every reference leads to the same bytes, whatever lies where.
"""

from __future__ import annotations

import io
import random
import struct
import tempfile
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.elf import write_object
from exotool.elf.constants import (
    SHF_GROUP,
    SHF_MERGE,
    SHF_STRINGS,
    SHN_COMMON,
    STB_LOCAL,
    STT_OBJECT,
    STT_SECTION,
    X86Reloc,
)

from .ldgolden import VERSION
from .ldjobs import gnu_ld, gnu_version, our_ld
from .objects import A, Builder, W, X

pytestmark = pytest.mark.skipif(gnu_version() != VERSION, reason=f"GNU ld {VERSION} is not installed")

MARK = b"MARK"
SLOT = 8
WORDS = ("", "a", "kernel", "panic: ", "nel", "out of memory", "memory", "x" * 9, "trap")
NAMES = tuple(f"name{number}" for number in range(9))
WEAK, GLOBAL = 2, 1


class Job:
    """The objects of one job. Every section is a mark, a number of its own, and slots with addresses."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.marks = 0
        self.strong: set[str] = set()
        self.builders = [self.build(number) for number in range(self.random.randrange(2, 5))]

    def build(self, number: int) -> Builder:
        r, b = self.random, Builder(f"{number}.o")
        strings = self.strings(b)
        sections = []
        for index in range(r.randrange(1, 7)):
            kind = r.choice((A | X, A | X, A | W, A))
            prefix = {A | X: ".text", A | W: ".data", A: ".rodata"}[kind]
            name = prefix if r.random() < 0.3 else f"{prefix}.s{index}"
            slots = r.randrange(4)
            self.marks += 1
            data = MARK + struct.pack("<I", self.marks << 4 | slots) + bytes(SLOT * slots)
            section = b.section(name, data, kind, align=8)
            group = r.random() < 0.3
            if group:
                b.symbol(f"group{index}", section, bind=WEAK)
                b.group(f"group{index}", section)
                b.obj.sections[section].sh_flags |= SHF_GROUP
            sections.append((section, slots))
            if not group and r.random() < 0.8:
                self.define(b, section)
        if number == 0:
            b.symbol("_start", sections[0][0])
        for name in r.sample(NAMES, 2):
            if name not in self.strong and name not in {s.name for s in b.obj.symbols} and r.random() < 0.3:
                b.symbol(name, SHN_COMMON, 8, kind=STT_OBJECT, size=r.choice((8, 16, 24)))
        for section, slots in sections:
            for slot in range(slots):
                self.refer(b, section, 8 + SLOT * slot, strings)
        return b

    def strings(self, b: Builder) -> tuple[int, list[int]]:
        """Add a section of strings; return its symbol and where each begins."""
        data, starts = bytearray(), []
        for word in self.random.choices(WORDS, k=self.random.randrange(1, 6)):
            starts.append(len(data))
            data += word.encode() + b"\0"
        section = b.section(".rodata.str1.1", bytes(data), A | SHF_MERGE | SHF_STRINGS)
        b.obj.sections[section].sh_entsize = 1
        return b.symbol("", section, bind=STB_LOCAL, kind=STT_SECTION), starts

    def define(self, b: Builder, section: int) -> None:
        r = self.random
        name = r.choice(NAMES)
        if name in {s.name for s in b.obj.symbols}:
            return
        if name not in self.strong and r.random() < 0.6:
            self.strong.add(name)
            b.symbol(name, section)
        else:
            b.symbol(name, section, bind=WEAK)

    def refer(self, b: Builder, section: int, offset: int, strings: tuple[int, list[int]]) -> None:
        r = self.random
        kind = r.randrange(5)
        if kind == 0:
            symbol, starts = strings
            b.refer(section, offset, X86Reloc.R_X86_64_64, symbol, r.choice(starts))
        elif kind == 1:
            groups = [g.signature for g in b.obj.groups]
            if groups:
                name = r.choice(groups)
                b.refer(section, offset, X86Reloc.R_X86_64_64, self.number(b, name))
        else:
            name = r.choice(NAMES)
            weak = name not in self.strong and r.random() < 0.8
            b.refer(section, offset, X86Reloc.R_X86_64_64, self.number(b, name, weak=weak))

    def number(self, b: Builder, name: str, *, weak: bool = False) -> int:
        known = next((n for n, s in enumerate(b.obj.symbols) if s.name == name), None)
        return known if known is not None else b.symbol(name, 0, bind=WEAK if weak else GLOBAL)

    def write(self, folder: Path) -> list[str]:
        for builder in self.builders:
            (folder / builder.obj.path).write_bytes(write_object(builder.obj))
        return [builder.obj.path for builder in self.builders]


def meaning(data: bytes) -> dict[int, list[bytes]]:
    """Return, for the number behind each mark in memory, what each of its slots leads to: a mark's number or a text."""
    elf = ELFFile(io.BytesIO(data))
    loaded = [(s["p_vaddr"], s.data() + bytes(s["p_memsz"] - s["p_filesz"])) for s in elf.iter_segments("PT_LOAD")]

    def at(address: int) -> bytes:
        found = next((d[address - start :] for start, d in loaded if start <= address < start + len(d)), b"nowhere\0")
        return found[:8] if found.startswith(MARK) else found[: found.index(b"\0")]

    found = {}
    for _, content in loaded:
        where = content.find(MARK)
        while where >= 0:
            (number,) = struct.unpack_from("<I", content, where + 4)
            slots = struct.unpack_from(f"<{number & 15}Q", content, where + 8)
            found[number] = [at(slot) if slot else b"null" for slot in slots]
            where = content.find(MARK, where + 4)
    return found


def compare(folder: Path, *arguments: str) -> None:
    theirs = gnu_ld(folder, *arguments)
    try:
        image = our_ld(folder, *arguments).image
    except ToolError as error:
        assert isinstance(theirs, str), f"{error}"
        return
    assert image is not None
    assert isinstance(theirs, bytes), theirs
    assert meaning(image.data) == meaning(theirs)


def check(seed: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        objects = Job(seed).write(folder)
        compare(folder, "-e", "_start", *objects)
        compare(folder, "-e", "_start", "--gc-sections", *objects)
        joined = gnu_ld(folder, "-r", *objects)
        if isinstance(joined, bytes):
            our_ld(folder, "-r", *objects)
            for made in ("ours", "theirs"):
                (folder / made).rename(folder / f"{made}.o")
            for made in ("ours.o", "theirs.o"):
                compare(folder, "-e", "_start", "--gc-sections", made)
                assert meaning_of(folder, made) == meaning_of(folder, *objects)


def meaning_of(folder: Path, *objects: str) -> dict[int, list[bytes]] | None:
    try:
        image = our_ld(folder, "-e", "_start", *objects).image
    except ToolError:
        return None
    return meaning(image.data) if image is not None else None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1 << 32))
def test_random_jobs_agree(seed: int) -> None:
    check(seed)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.integers(0, 1 << 32))
def test_many_random_jobs_agree(seed: int) -> None:
    check(seed)
