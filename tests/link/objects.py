"""Objects made by hand, so that the tests of the linker need no assembler, and small layouts to link them by."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from exotool.diagnostics import ToolError, render
from exotool.elf import ObjectFile, Relocation, Section, Symbol, write_object
from exotool.elf.constants import (
    PF_R,
    PF_W,
    PF_X,
    SHF_ALLOC,
    SHF_EXECINSTR,
    SHF_WRITE,
    SHT_NOBITS,
    SHT_NOTE,
    SHT_PROGBITS,
    STB_GLOBAL,
    STB_LOCAL,
    STB_WEAK,
    STT_NOTYPE,
    STT_SECTION,
    X86Reloc,
)
from exotool.elf.objects import Group
from exotool.layout import Layout, Orphans, OutputSection, Segment
from exotool.link import LinkedImage, link
from exotool.link.explain import FindDefinition

A, W, X = SHF_ALLOC, SHF_WRITE, SHF_EXECINSTR
R_, RX, RW = PF_R, PF_R | PF_X, PF_R | PF_W
HIGH = 0xFFFF_FFFF_8010_0000
LOW = 0x10_0000


class Builder:
    """One object, built up section by section; indices are those of the finished object."""

    def __init__(self, path: str = "a.o") -> None:
        self.obj = ObjectFile(path)
        self.undefined_symbols: dict[str, int] = {}

    def section(
        self,
        name: str,
        data: bytes = b"",
        flags: int = A,
        *,
        sh_type: int = SHT_PROGBITS,
        align: int = 1,
        size: int = 0,
    ) -> int:
        self.obj.sections.append(Section(name, sh_type, flags, align, data, size or len(data)))
        return len(self.obj.sections) - 1

    def text(self, data: bytes, name: str = ".text", align: int = 1) -> int:
        return self.section(name, data, A | X, align=align)

    def data(self, data: bytes, name: str = ".data", align: int = 1) -> int:
        return self.section(name, data, A | W, align=align)

    def bss(self, size: int, name: str = ".bss", align: int = 1) -> int:
        return self.section(name, b"", A | W, sh_type=SHT_NOBITS, align=align, size=size)

    def note(self, data: bytes, name: str = ".note.x", align: int = 4) -> int:
        return self.section(name, data, A, sh_type=SHT_NOTE, align=align)

    def symbol(
        self,
        name: str,
        section: int,
        value: int = 0,
        *,
        bind: int = STB_GLOBAL,
        kind: int = STT_NOTYPE,
        size: int = 0,
        visibility: int = 0,
    ) -> int:
        self.obj.symbols.append(Symbol(name, value, size, bind, kind, visibility, section))
        return len(self.obj.symbols) - 1

    def local(self, name: str, section: int, value: int = 0) -> int:
        return self.symbol(name, section, value, bind=STB_LOCAL)

    def undefined(self, name: str, *, weak: bool = False) -> int:
        if name not in self.undefined_symbols:
            self.undefined_symbols[name] = self.symbol(name, 0, bind=STB_WEAK if weak else STB_GLOBAL)
        return self.undefined_symbols[name]

    def refer(self, section: int, offset: int, r_type: int, symbol: str | int, addend: int = 0) -> None:
        number = symbol if isinstance(symbol, int) else self.undefined(symbol)
        self.obj.sections[section].relocations.append(Relocation(offset, r_type, number, addend))

    def group(self, signature: str, *members: int) -> None:
        self.obj.groups.append(Group(signature, True, members))

    def lines(self, section: int, path: str, rows: Sequence[tuple[int, int]], end: int) -> None:
        """Add a DWARF 4 line table: `rows` are offset and line, ascending."""
        table = line_table(path, rows, end)
        index = self.section(".debug_line", table, 0)
        anchor = self.symbol("", section, bind=STB_LOCAL, kind=STT_SECTION)
        self.refer(index, table.index(b"\0\x09\x02") + 3, X86Reloc.R_X86_64_64, anchor)


def line_table(path: str, rows: Sequence[tuple[int, int]], end: int) -> bytes:
    """Return a DWARF 4 line number program without special opcodes."""
    names = b"\0" + path.encode() + b"\0\0\0\0" + b"\0"
    tail = bytes((1, 1, 1, 0xFB, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1)) + names
    program = b"\0\x09\x02" + bytes(8)
    at, line = 0, 1
    for offset, number in rows:
        program += b"\x02" + uleb(offset - at) + b"\x03" + sleb(number - line) + b"\x01"
        at, line = offset, number
    program += b"\x02" + uleb(end - at) + b"\0\x01\x01"
    unit = struct.pack("<HI", 4, len(tail)) + tail + program
    return struct.pack("<I", len(unit)) + unit


def uleb(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def sleb(value: int) -> bytes:
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value & 0x7F))


def output(name: str, *patterns: str, start: str = "", end: str = "", align: int = 1) -> OutputSection:
    return OutputSection(name, patterns or (name, f"{name}.*"), start, end, align)


def segment(name: str, flags: int, *sections: OutputSection | str, **settings: int | str | None) -> Segment:
    outputs = tuple(output(s) if isinstance(s, str) else s for s in sections)
    return Segment(name, flags, outputs, **settings)  # type: ignore[arg-type]


def kernel_layout(
    vaddr: int = HIGH, paddr: int | None = LOW, *, orphans: Orphans = "error", discard: tuple[str, ...] = ()
) -> Layout:
    """Return text, rodata (with notes), data and bss in segments of their own."""
    return Layout(
        (
            segment("text", RX, ".text", vaddr=vaddr, paddr=paddr),
            segment("rodata", R_, ".rodata", output(".note", ".note.*")),
            segment("data", RW, ".data"),
            segment("bss", RW, ".bss"),
        ),
        discard,
        orphans,
    )


def start(path: str = "start.o", code: bytes = b"\xf4") -> Builder:
    """Return an object that defines the entry, `_start`, at the start of `.text`."""
    builder = Builder(path)
    builder.symbol("_start", builder.text(code))
    return builder


def link_all(*builders: Builder, layout: Layout | None = None, entry: str = "_start") -> LinkedImage:
    return link([builder.obj for builder in builders], layout or kernel_layout(), entry)


def errors_of(*builders: Builder, layout: Layout | None = None, entry: str = "_start", **options: Any) -> str:
    """Return the rendered errors of a link that must fail."""
    return errors_of_objects([b.obj for b in builders], layout or kernel_layout(), entry=entry, **options)


def errors_of_objects(
    objects: list[ObjectFile],
    layout: Layout,
    source_root: Path | None = None,
    entry: str = "_start",
    find_definition: FindDefinition | None = None,
) -> str:
    try:
        link(objects, layout, entry, source_root=source_root, find_definition=find_definition)
    except ToolError as error:
        return "\n".join(render(diagnostic) for diagnostic in error.diagnostics)
    raise AssertionError("the link succeeded")


def contents(image: LinkedImage, name: str) -> bytes:
    """Return the bytes of a section of the image, from the file."""
    section = next(s for s in image.sections if s.name == name)
    return image.data[section.sh_offset : section.sh_offset + section.sh_size]


def address(image: LinkedImage, name: str) -> int:
    return next(s.st_value for s in image.symbols if s.name == name)


def section_table(image: LinkedImage) -> dict[str, tuple[int, int]]:
    return {s.name: (s.sh_addr, s.sh_size) for s in image.sections if s.is_alloc}


def write_archive(path: Path, *builders: Builder) -> None:
    """Write an archive with an index, as GNU ld needs one."""
    members = [(builder.obj.path, write_object(builder.obj)) for builder in builders]
    names = [[s.name for s in b.obj.symbols if s.is_global and s.is_defined] for b in builders]
    strings = b"".join(name.encode() + b"\0" for group in names for name in group)
    index_size = 4 + 4 * sum(map(len, names)) + len(strings)
    at, offsets, body = 8 + 60 + index_size + index_size % 2, b"", b""
    for (name, data), group in zip(members, names, strict=True):
        offsets += struct.pack(">I", at) * len(group)
        member = _member(f"{name}/", data)
        body += member
        at += len(member)
    index = struct.pack(">I", sum(map(len, names))) + offsets + strings
    path.write_bytes(b"!<arch>\n" + _member("/", index) + body)


def _member(name: str, data: bytes) -> bytes:
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'644':<8}{len(data):<10}`\n".encode()
    return header + data + b"\n" * (len(data) % 2)
