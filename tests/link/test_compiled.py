"""Objects from a C compiler: kernel code as gcc emits it links by both layouts, and as GNU ld links it."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from exotool.elf import ObjectFile, read_object
from exotool.elf.constants import PT_TLS
from exotool.elf.lines import Lines
from exotool.link import default_layout, link

from .objects import HIGH, R_, address, contents, errors_of_objects, kernel_layout, output, segment
from .test_gnu_ld import LAYOUT, LD, compare, gnu_ld

GCC = shutil.which("gcc")
pytestmark = pytest.mark.skipif(GCC is None, reason="gcc is not installed")

KERNEL = """
typedef unsigned long u64;
extern int add(int, int);
extern const char *const names[];
extern void optional(void) __attribute__((weak));
static u64 counters[64];
int state = 7;
static int choose(int n)
{
    switch (n) {
    case 0: return state; case 1: return 11; case 2: return add(n, 3); case 3: return state * n;
    case 4: return n << 3; case 5: return counters[n]; case 6: return 99; default: return names[n & 1][0];
    }
}
int kmain(int n)
{
    counters[n & 63]++;
    if (optional)
        optional();
    return choose(n) + choose(n + 1);
}
void _start(void)
{
    for (int n = 0;; n++)
        kmain(n);
}
"""

LIBRARY = """
const char *const names[] = { "first", "second" };
int shared_zero[100];
__attribute__((section(".table"), used)) int (*const handlers[])(int, int) = { 0 };
inline __attribute__((noinline)) int helper(int a) { return a * 17 + shared_zero[a]; }
int add(int a, int b) { return helper(a) + b; }
extern inline int helper(int a);
"""

FREESTANDING = ["-ffreestanding", "-fno-stack-protector", "-fno-merge-constants", "-mno-red-zone"]


def compile_all(folder: Path, *options: str) -> list[bytes]:
    """Return the objects of the two sources."""
    for name, source in (("kernel.c", KERNEL), ("library.c", LIBRARY)):
        (folder / name).write_text(source)
        command = ["gcc", "-c", *FREESTANDING, *options, name, "-o", f"{name}.o"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return [(folder / f"{name}.o").read_bytes() for name in ("kernel.c", "library.c")]


def read_all(objects: list[bytes]) -> list[ObjectFile]:
    return [read_object(data, f"{number}.o") for number, data in enumerate(objects)]


KERNEL_MODEL = ("-mcmodel=kernel", "-fno-pic", "-fno-asynchronous-unwind-tables")


@pytest.mark.skipif(LD is None, reason="GNU ld is not installed")
@pytest.mark.parametrize(
    "options",
    [
        ("-O0", *KERNEL_MODEL),
        ("-O2", *KERNEL_MODEL),
        ("-Os", "-ffunction-sections", "-fdata-sections", *KERNEL_MODEL),
        ("-O1", "-fcommon", *KERNEL_MODEL),
    ],
    ids=" ".join,
)
def test_kernel_is_that_of_gnu_ld(options: tuple[str, ...], tmp_path: Path) -> None:
    objects = compile_all(tmp_path, *options)
    reference = gnu_ld(list(objects))
    assert reference is not None
    compare(link(read_all(objects), LAYOUT, "_start"), reference)


@pytest.mark.parametrize(
    "options", [("-O2",), ("-O2", "-fPIC"), ("-O2", "-fno-pic"), ("-O0", "-g", "-gz")], ids=" ".join
)
def test_default_layout_links_what_gcc_makes(options: tuple[str, ...], tmp_path: Path) -> None:
    image = link(read_all(compile_all(tmp_path, *options)), default_layout(), "_start")
    # A section that only the program knows is put with those of its kind, and reported.
    assert [w.message for w in image.warnings] == ["section `.table` has no place in the layout"]
    assert next(s.segment.name for s in image.sections if s.name == ".table" and s.segment) == "rodata"


def test_position_independent_code_needs_a_slot_for_the_absent_only(tmp_path: Path) -> None:
    objects = read_all(compile_all(tmp_path, "-O2", "-fPIC", "-fno-asynchronous-unwind-tables"))
    layout = kernel_layout(orphans="place")
    rodata = segment("rodata", R_, output(".rodata"), output(".got"))
    image = link(objects, replace(layout, segments=(layout.segments[0], rodata, *layout.segments[2:])), "_start")
    # `cmpq $0, optional@GOTPCREL(%rip)` has no form without a slot.
    assert contents(image, ".got") == bytes(8)


def test_lines_of_the_image_are_those_of_the_source(tmp_path: Path) -> None:
    image = link(read_all(compile_all(tmp_path, "-O2", "-g", *KERNEL_MODEL)), LAYOUT, "_start")
    line = next(n for n, text in enumerate(KERNEL.splitlines(), 1) if text == "int kmain(int n)") + 1
    assert Lines(image.data).symbolize(address(image, "kmain")) == f"kmain (kernel.c:{line})"
    dwarf = ELFFile(io.BytesIO(image.data)).get_dwarf_info()
    units = [unit.get_top_DIE().attributes["DW_AT_name"].value for unit in dwarf.iter_CUs()]
    assert units == [b"kernel.c", b"library.c"]


def test_compressed_debug_sections_are_the_same(tmp_path: Path) -> None:
    plain, packed = (
        link(read_all(compile_all(tmp_path, "-O1", "-g", option, *KERNEL_MODEL)), LAYOUT, "_start")
        for option in ("-gz=none", "-gz=zlib")
    )
    assert contents(plain, ".debug_line") == contents(packed, ".debug_line")
    assert contents(plain, ".text") == contents(packed, ".text")


def test_small_code_model_in_the_higher_half_is_explained(tmp_path: Path) -> None:
    (tmp_path / "small.c").write_text("int state;\n\nint *_start(void)\n{\n    return &state;\n}\n")
    subprocess.run(["gcc", "-c", "-g", "-O2", "-fno-pic", "small.c", "-o", "s.o"], cwd=tmp_path, check=True)
    shown = errors_of_objects(
        read_all([(tmp_path / "s.o").read_bytes()]), kernel_layout(discard=(".eh_frame",)), tmp_path
    )
    assert "error[L0107]: relocation R_X86_64_32 cannot reach `state`\n  --> small.c:" in shown
    assert "= help: compile with -fno-pic -mcmodel=kernel for the top 2 GiB, or -mcmodel=large" in shown


def test_lto_object_is_explained(tmp_path: Path) -> None:
    objects = read_all(compile_all(tmp_path, "-O2", "-flto", "-fno-fat-lto-objects"))
    shown = errors_of_objects(objects, kernel_layout(HIGH), tmp_path)
    assert "error[L0202]: `0.o` holds only the compiler's intermediate code (LTO), no machine code" in shown
    assert "compile it with -fno-lto" in shown


def test_thread_local_variables_have_their_place(tmp_path: Path) -> None:
    (tmp_path / "t.c").write_text("__thread int t = 1; int _start(void) { return t; }\n")
    subprocess.run(["gcc", "-c", "-O2", "-fno-pic", "t.c", "-o", "t.o"], cwd=tmp_path, check=True)
    image = link(read_all([(tmp_path / "t.o").read_bytes()]), default_layout(), "_start")
    (header,) = [h for h in image.program_headers if h.p_type == PT_TLS]
    assert (header.p_filesz, header.p_memsz, header.p_align) == (4, 4, 4)
    assert image.data[header.p_offset : header.p_offset + 4] == b"\1\0\0\0"
    text = contents(image, ".text")
    assert text[: text.index(b"\xc3")].endswith(b"\xfc\xff\xff\xff")
