"""The same objects at the same addresses through GNU ld: every byte in memory and every symbol must agree."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings
from hypothesis import strategies as st

from exotool.diagnostics import ToolError
from exotool.elf import ObjectFile, write_object
from exotool.elf.constants import STB_GLOBAL, STB_LOCAL, STB_WEAK, STT_FILE, X86Reloc
from exotool.layout import Layout
from exotool.link import LinkedImage, link

from .objects import HIGH, LOW, R_, RW, RX, Builder, output, segment

LD = shutil.which("ld.bfd") or shutil.which("ld")
pytestmark = pytest.mark.skipif(LD is None, reason="GNU ld is not installed")

LAYOUT = Layout(
    (
        segment(
            "text", RX, output(".text", ".text.boot", ".text", ".text.*", start="ts", end="te"), vaddr=HIGH, paddr=LOW
        ),
        segment("rodata", R_, output(".rodata", align=32), output(".table", start="table", end="table_end")),
        segment("data", RW, output(".data", end="edata"), output(".extra", align=16)),
        segment("bss", RW, output(".bss", ".bss", ".bss.*", "COMMON", start="sbss", end="ebss")),
    )
)
R = X86Reloc


def script(layout: Layout) -> str:
    """Return a layout as a GNU ld script."""
    lines = ["PHDRS {"]
    lines += [f"  {s.name} PT_LOAD FLAGS({s.flags});" for s in layout.segments]
    lines += ["}", "SECTIONS {"]
    distance = 0
    for s in layout.segments:
        where = hex(s.vaddr) if s.vaddr is not None else f"ALIGN({s.align:#x})"
        lines.append(f"  . = {where};")
        if s.vaddr is not None and s.paddr is not None:
            distance = s.vaddr - s.paddr
        for o in s.sections:
            lines.append(f"  {o.name} : AT(ADDR({o.name}) - {distance:#x}) ALIGN({o.align}) {{")
            lines += [f"    {o.start} = .;"] if o.start else []
            lines += [f"    *({pattern})" for pattern in o.input]
            lines += [f"    {o.end} = .;"] if o.end else []
            lines.append(f"  }} :{s.name}" + (" =0xcccccccc" if s.flags == RX else ""))
    lines += ["  /DISCARD/ : { *(.note.GNU-stack) *(.note.gnu.property) *(.comment) }", "}"]
    return "\n".join(lines)


def gnu_ld(objects: list[ObjectFile | bytes]) -> bytes | None:
    """Return GNU ld's image of the objects, or None when it refuses them."""
    assert LD is not None
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for number, obj in enumerate(objects):
            names.append(f"{number}.o")
            (Path(folder) / names[-1]).write_bytes(obj if isinstance(obj, bytes) else write_object(obj))
        (Path(folder) / "layout.ld").write_text(script(LAYOUT))
        command = [LD, "-m", "elf_x86_64", "-static", "-nostdlib", "-z", "noexecstack", "--build-id=none"]
        command += ["-T", "layout.ld", "-e", "_start", "-o", "out", *names]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        return (Path(folder) / "out").read_bytes() if done.returncode == 0 else None


def compare(image: LinkedImage, reference: bytes) -> None:
    ours, theirs = ELFFile(io.BytesIO(image.data)), ELFFile(io.BytesIO(reference))
    assert ours.header["e_entry"] == theirs.header["e_entry"]
    found = {s.name: s for s in theirs.iter_sections() if s["sh_flags"] & 2 and s["sh_size"]}
    mine = {s.name: s for s in ours.iter_sections() if s["sh_flags"] & 2}
    assert mine.keys() == found.keys()
    for name, section in mine.items():
        other = found[name]
        assert (section["sh_addr"], section["sh_size"]) == (other["sh_addr"], other["sh_size"]), name
        assert section["sh_type"] == other["sh_type"]
        if section["sh_type"] != "SHT_NOBITS":
            assert section.data() == other.data(), name
    assert symbols(ours) == symbols(theirs)
    assert loads(ours) == loads(theirs)


def symbols(elf: ELFFile) -> list[tuple[str, int, str]]:
    table = elf.get_section_by_name(".symtab")
    return sorted(
        # Where several objects define a name, GNU ld takes its size from the last that gives one.
        (s.name, s["st_value"], s["st_info"]["bind"])
        for s in table.iter_symbols()
        if s.name and s["st_info"]["type"] not in ("STT_FILE", "STT_SECTION") and s["st_shndx"] != "SHN_UNDEF"
    )


def loads(elf: ELFFile) -> list[tuple[int, int, int, int, int]]:
    return [
        (s["p_vaddr"], s["p_paddr"], s["p_filesz"], s["p_memsz"], s["p_flags"])
        for s in elf.iter_segments()
        if s["p_type"] == "PT_LOAD" and s["p_memsz"]
    ]


NAMES = (".text", ".text.boot", ".text.hot", ".rodata", ".rodata.x", ".table", ".data", ".data.y", ".extra")
PLAIN = (
    (R.R_X86_64_64, 8),
    (R.R_X86_64_PC64, 8),
    (R.R_X86_64_PC32, 4),
    (R.R_X86_64_PLT32, 4),
    (R.R_X86_64_32S, 4),
    (R.R_X86_64_32, 4),
    (R.R_X86_64_16, 2),
    (R.R_X86_64_PC16, 2),
    (R.R_X86_64_8, 1),
    (R.R_X86_64_PC8, 1),
)
GLOBALS = ("f", "g", "h", "ts", "te", "table_end", "edata", "ebss")


@st.composite
def jobs(draw: st.DrawFn, *, may_overflow: bool) -> list[ObjectFile]:
    """Return one to three small objects that refer to each other."""
    builders = [Builder(f"{n}.o") for n in range(draw(st.integers(1, 3)))]
    homes: dict[str, list[tuple[Builder, int]]] = {}
    for b in builders:
        b.symbol(f"{b.obj.path}.c", -15, bind=STB_LOCAL, kind=STT_FILE)
        for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True)):
            size = draw(st.integers(8, 60))
            align = draw(st.sampled_from([1, 2, 4, 8, 16, 64]))
            if name.startswith(".text"):
                index = b.text(b"\x90" * size, name, align)
            elif name.startswith((".rodata", ".table")):
                index = b.section(name, bytes(range(size)), align=align)
            else:
                index = b.data(bytes(range(size)), name, align)
            homes.setdefault(name, []).append((b, index))
        if draw(st.booleans()):
            b.bss(draw(st.integers(1, 5000)), draw(st.sampled_from([".bss", ".bss.z"])), 32)
    first = builders[0]
    if not any(s.name == ".text" for s in first.obj.sections):
        first.text(b"\xf4")
    for name in ("_start", "f", "g", "h"):
        strong = draw(st.integers(0, len(builders) - 1))
        for number, b in enumerate(builders):
            if number == strong or (name != "_start" and draw(st.booleans())):
                section = draw(st.integers(1, len(b.obj.sections) - 1))
                value = draw(st.integers(0, b.obj.sections[section].sh_size))
                bind = STB_GLOBAL if number == strong else STB_WEAK
                b.undefined_symbols[name] = b.symbol(name, section, value, bind=bind, size=draw(st.integers(0, 9)))
    for b in builders:
        b.local("local", 1, 4)
        for index, inside in enumerate(b.obj.sections):
            at = 0
            while index and not inside.is_nobits and at + 8 <= inside.sh_size and draw(st.integers(0, 3)):
                kinds = PLAIN if may_overflow else PLAIN[:5]
                r_type, size = draw(st.sampled_from(kinds))
                target = draw(st.sampled_from((*GLOBALS, "local", "absent")))
                addend = draw(st.integers(-4, 60))
                if target == "absent":
                    # Nothing defines it; 64 bits reach its value, 0, from anywhere.
                    b.refer(index, at, R.R_X86_64_64, b.undefined("absent", weak=True), addend)
                    size = 8
                elif target == "local":
                    b.refer(
                        index, at, r_type, next(k for k, s in enumerate(b.obj.symbols) if s.name == "local"), addend
                    )
                else:
                    b.refer(index, at, r_type, target, addend)
                at += size
    return [b.obj for b in builders]


def check(objects: list[ObjectFile]) -> None:
    reference = gnu_ld(list(objects))
    try:
        image = link(objects, LAYOUT, "_start")
    except ToolError as error:
        assert reference is None, error
        return
    assert reference is not None
    compare(image, reference)


@settings(max_examples=60, deadline=None)
@given(jobs(may_overflow=False))
def test_random_links_agree(objects: list[ObjectFile]) -> None:
    assert gnu_ld(list(objects)) is not None
    check(objects)


@settings(max_examples=60, deadline=None)
@given(jobs(may_overflow=True))
def test_random_links_fail_together(objects: list[ObjectFile]) -> None:
    check(objects)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(st.booleans().flatmap(lambda overflow: jobs(may_overflow=overflow)))
def test_many_random_links_agree(objects: list[ObjectFile]) -> None:
    check(objects)


# Of `mov foo@GOTPCREL(%rip), %reg` GNU ld makes `mov $foo, %reg` where it can, and we `lea`, as lld does.
@pytest.mark.parametrize(
    ("code", "offset", "r_type"),
    [
        ("488b05", 3, R.R_X86_64_GOTPCREL),
        ("ff15", 2, R.R_X86_64_GOTPCRELX),
        ("ff25", 2, R.R_X86_64_GOTPCRELX),
        ("488505", 3, R.R_X86_64_REX_GOTPCRELX),
        ("4c8535", 3, R.R_X86_64_REX_GOTPCRELX),
        ("483b05", 3, R.R_X86_64_REX_GOTPCRELX),
        ("4c0325", 3, R.R_X86_64_REX_GOTPCRELX),
    ],
)
def test_got_relaxation_agrees(code: str, offset: int, r_type: int) -> None:
    b = Builder()
    text = b.text(bytes.fromhex(code) + bytes(4) + b"\xf4")
    b.symbol("_start", text)
    b.refer(text, offset, r_type, b.symbol("f", b.data(bytes(8))), -4)
    check([b.obj])


@pytest.mark.parametrize("code", ["488b05", "4c8b25"])
def test_got_reference_to_nothing_agrees(code: str) -> None:
    b = Builder()
    text = b.text(bytes.fromhex(code) + bytes(4))
    b.symbol("_start", text)
    b.refer(text, 3, R.R_X86_64_REX_GOTPCRELX, b.undefined("absent", weak=True), -4)
    check([b.obj])


# GNU ld lets 8 and 16 bits go down to twice their signed minimum, where the field holds another value: we do not.
@pytest.mark.parametrize(
    ("r_type", "edge"),
    [
        (R.R_X86_64_8, 1 << 8),
        (R.R_X86_64_16, 1 << 16),
        (R.R_X86_64_32, 0),
        (R.R_X86_64_32, 1 << 32),
        (R.R_X86_64_32S, -(1 << 31)),
        (R.R_X86_64_32S, 1 << 31),
        (R.R_X86_64_PC8, -(1 << 7)),
        (R.R_X86_64_PC8, 1 << 7),
        (R.R_X86_64_PC16, 1 << 16),
        (R.R_X86_64_PC32, -(1 << 31)),
        (R.R_X86_64_PC32, 1 << 31),
    ],
)
@pytest.mark.parametrize("step", [-1, 0])
def test_limits_agree(r_type: int, edge: int, step: int) -> None:
    b = Builder()
    text = b.text(bytes(16))
    b.symbol("_start", text)
    place = HIGH if "PC" in X86Reloc(r_type).name else 0
    b.refer(text, 0, r_type, b.local("x", -15, (place + edge + step) % 2**64))
    check([b.obj])
